"""Legal values with marks on what reads them, and every way to put something else at every place of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mark:
    """A value whose place takes other types than that of the value alone. ``types`` empty: nobody reads it."""

    value: Any
    types: frozenset[str] = frozenset()


def either(value: Any, *types: str) -> Mark:
    """A value at a place that takes these types."""
    return Mark(value, frozenset(types))


def unread(value: Any) -> Mark:
    """A value at a place that nobody reads."""
    return Mark(value)


class Raw(str):
    """Text that stands in the file as it is."""

    __slots__ = ()


@dataclass(frozen=True)
class Wrong:
    """Something to put at a place: its text, and the type it arrives as ("none": the file is refused)."""

    text: str
    type: str


_STRINGS = ("", "text", "80", "a=b", "{{ .Values.x }}", " ", "x" * 70, "\ud83d\ude00", "10.0.0.0/8", "TCP/80", "-")
_YAML = {
    "~": "null", "yes": "boolean", "No": "boolean", "y": "boolean", "012": "integer", "1:20": "string", "=": "string",
    "1e3": "integer", "1.0": "integer", "1e400": "string", "0x1F": "integer", ".5": "number", "2001-01-01": "string",
    "!!binary aGk=": "string", "!!str 5": "string", "!!int 5": "integer", "! 5": "string", "<<": "string",
    ".inf": "none", ".nan": "none", "!!python/object:os.system x": "none", "!custom x": "none", "!!set {a}": "none",
    "{? [a] : b}": "none", "{? {a: b} : b}": "none", "{~: 1}": "none", "{a: 1, a: 2}": "none", "*nowhere": "none",
    "{1: 2}": "map", "{yes: 2}": "map", "{<<: {a: b}}": "map", "[[a]]": "list",
}  # fmt: skip
"""Unquoted YAML by what it arrives as."""
_JSON: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 80, 65536, 2**31, 2**63, -(2**63), 10**30, 1.5, -0.25,
    [], ["a"], [None], [[]], [{}], {}, {"a": "b"}, {"a": None}, {"": ""}, {"a": {"b": {}}},
)  # fmt: skip


_CORE = ("null", "true", "-1", "80", str(10**30), "1.5", ".nan", '""', '"text"', "[]", '["a"]', "[[]]", "{}")
_CORE_MAPS = ('{"a": "b"}', "{1: 2}", "{? [a] : b}")


def type_of(value: Any) -> str:
    """The JSON type of a value; numbers beyond 64 bits are no integers to Go."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer" if -(2**63) <= value < 2**64 else "number"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "map"


WRONG: tuple[Wrong, ...] = (
    *(Wrong(json.dumps(value), type_of(value)) for value in (*_JSON, *_STRINGS)),
    *(Wrong(text, type_) for text, type_ in _YAML.items()),
)


CORE: tuple[Wrong, ...] = tuple(each for each in WRONG if each.text in (*_CORE, *_CORE_MAPS))
"""One of each type and size, for every place; the others stand at places drawn by lot."""


def entries(tree: Any) -> list[tuple[str | int, Any]]:
    """The steps into a map or list with what stands there; none into anything else."""
    if isinstance(tree, dict):
        return list(cast("dict[str | int, Any]", tree).items())
    return list(enumerate(cast("list[Any]", tree))) if isinstance(tree, list) else []


def changed(tree: Any, values: Iterable[Any]) -> Any:
    """A map or list like this one with other values."""
    if isinstance(tree, dict):
        return dict(zip(cast("dict[str, Any]", tree), values, strict=True))
    return list(values)


def bare(tree: Any) -> Any:
    """The tree without marks."""
    if isinstance(tree, Mark):
        return bare(tree.value)
    if isinstance(tree, dict | list):
        return changed(tree, [bare(value) for _, value in entries(tree)])
    return tree


@dataclass(frozen=True)
class Spot:
    """A place of a tree: its path, the types it takes (empty: any), and whether all of it is free of readers."""

    path: Path
    types: frozenset[str]
    is_unread: bool
    is_map: bool


def spots(tree: Any, path: Path = (), free: bool = False) -> Iterator[Spot]:
    """Every place of a marked tree, its root left out."""
    types = frozenset((type_of(bare(tree)),))
    if isinstance(tree, Mark):
        types, free = tree.types, free or not tree.types
        tree = tree.value
    if path:
        yield Spot(path, types, free, isinstance(tree, dict))
    for step, value in entries(tree):
        yield from spots(value, (*path, step), free)


def replaced(tree: Any, path: Path, text: str) -> Any:
    """The bare tree with ``text`` at ``path``, as it stands in a file."""
    if not path:
        return Raw(text)
    values = [replaced(value, path[1:], text) if step == path[0] else value for step, value in entries(tree)]
    return changed(tree, values)


def with_key(tree: Any, path: Path, key: str, text: str) -> Any:
    """The bare tree with one more key in the map at ``path``."""
    if not path:
        return {**tree, key: Raw(text)}
    values = [with_key(value, path[1:], key, text) if step == path[0] else value for step, value in entries(tree)]
    return changed(tree, values)


def dump(tree: Any) -> str:
    """The tree as YAML in flow style, a line for each entry: JSON but for the raw texts in it."""
    if isinstance(tree, Raw):
        return str(tree)
    if isinstance(tree, dict):
        return "{" + ",\n".join(f"{json.dumps(step)}: {dump(value)}" for step, value in entries(tree)) + "}"
    if isinstance(tree, list):
        return "[" + ",\n".join(dump(value) for _, value in entries(tree)) + "]"
    return json.dumps(tree)


def block(tree: Any, indent: str = "") -> str:
    """The tree as YAML in block style."""
    inner = indent + "  "
    if isinstance(tree, dict) and tree:
        return "".join(f"\n{indent}{json.dumps(step)}: {block(value, inner)}" for step, value in entries(tree))
    if isinstance(tree, list) and tree:
        return "".join(f"\n{indent}- {block(value, inner)}" for _, value in entries(tree))
    return dump(tree)


def rendered(path: Sequence[str | int]) -> str:
    """A path as messages write it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("-", "").replace("_", "").isalnum():
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text
