"""Objects as written: the raw fields of a manifest with the lines they stand on, and nothing else.

This is the one form that the symbolic encoding and the concrete evaluator share. It holds no default and no
interpretation: each evaluator applies the API's defaults itself, so that one mistake cannot hide in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""A field's path inside an object, such as ``("spec", "ingress", 0, "from")``."""


class Map(dict[str, Any]):
    """A mapping of a manifest: a dict that knows its lines (lines count from 1).

    ``line`` is where the mapping starts; ``lines[key]`` is the line of that key. ``spellings[key]`` is how a number or
    boolean was written, where its value does not tell (``yes``, ``012``); None if there is nothing of the kind.
    Values are ``None | bool | int | float | str | Map | Seq``, as kubectl would hand them to the API server.
    """

    __slots__ = ("line", "lines", "spellings")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        self.spellings: dict[str, str] | None = None


class Seq(list[Any]):
    """A sequence of a manifest: a list that knows its lines; ``lines[i]`` is the line of item i, ``spellings`` as of a
    Map."""

    __slots__ = ("line", "lines", "spellings")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []
        self.spellings: dict[int, str] | None = None


def written(value: Any, line: int = 0) -> Any:
    """Plain dicts and lists as Map and Seq, all on one line: for objects made in code rather than read."""
    if isinstance(value, dict):
        result = Map(line)
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            result[str(key)] = written(item, line)  # pyright: ignore[reportUnknownArgumentType]
            result.lines[str(key)] = line  # pyright: ignore[reportUnknownArgumentType]
        return result
    if isinstance(value, list):
        items = Seq(line)
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            items.append(written(item, line))
            items.lines.append(line)
        return items
    return value


def render_path(path: Path) -> str:
    """``("spec", "ingress", 0, "from")`` as ``spec.ingress[0].from``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("-", "").replace("_", "").isalnum():
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text


def line_of(value: Any, path: Path, line: int = 0) -> int:
    """The line of the field at ``path`` in a Map or Seq, or of its nearest enclosing field that exists."""
    for step in path:
        if isinstance(value, Map) and isinstance(step, str) and step in value:
            line, value = value.lines.get(step, line), value[step]
        elif isinstance(value, Seq) and isinstance(step, int) and step < len(value):
            line, value = value.lines[step], value[step]
        else:
            break
    return line


def spelling_of(value: Any, path: Path) -> str | None:
    """How the number or boolean at ``path`` of a Map or Seq was written, where its value does not tell."""
    for step in path[:-1]:
        if isinstance(value, Map) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, Seq) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    last = path[-1] if path else None
    if isinstance(value, Map) and isinstance(last, str):
        return (value.spellings or {}).get(last)
    return (value.spellings or {}).get(last) if isinstance(value, Seq) and isinstance(last, int) else None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was written: ``file`` (relative, with ``/``), ``line`` (from 1), and the field's path."""

    file: str
    line: int
    path: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WrittenObject:
    """One Kubernetes object as read.

    ``api_version`` is verbatim (``networking.k8s.io/v1``); ``group`` is its part before the slash ("" for core).
    ``namespace`` is ``metadata.namespace``, or what ``--namespace`` says for an object without one, or None for a
    cluster-scoped kind. ``name`` is ``metadata.name`` (or ``metadata.generateName`` followed by ``*``).
    ``fields`` is the whole object, apiVersion and kind included. ``content`` is what was read, if it was read, and
    ``content_line`` the line of it on which the object starts, wherever ``file`` and ``line`` say that users find it.
    """

    file: str
    line: int
    api_version: str
    kind: str
    namespace: str | None
    name: str
    fields: Map
    content: str | bytes | None = field(default=None, repr=False)
    content_line: int = 0

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def reference(self) -> str:
        """``namespace/name``, or the name alone for a cluster-scoped object."""
        return f"{self.namespace}/{self.name}" if self.namespace is not None else self.name

    def origin(self, path: Sequence[str | int] = ()) -> Origin:
        """The origin of the field at ``path`` (of the nearest enclosing field that is written)."""
        steps = tuple(path)
        return Origin(self.file, line_of(self.fields, steps, self.line), render_path(steps))
