"""Kustomizations: rendered with kustomize itself or the one in kubectl, as they are and without further flags.

Trusts the tool for the rendering. Where an object came from is looked up afterwards in the resources that the
kustomization names, by group, kind and name, and only said if there is exactly one such place: patches may have changed
it since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..problems import InputErrors, Problem
from ..written import Map, Seq, WrittenObject
from .documents import parse_documents
from .entries import Entry
from .kinds import group_of
from .programs import Call, locate
from .rendering import Folder, rendered
from .sources import SourceFile

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
TOOL = "kustomize"
_WITHOUT_PREFIX = ("Namespace", "CustomResourceDefinition", "APIService")
"""Kinds whose names kustomize leaves alone (kubernetes-sigs/kustomize:api/internal/builtins/PrefixTransformer.go)."""

_Identity = tuple[str, str, str]


def render_kustomization(folder: Folder, entry: Entry) -> SourceFile:
    """What kustomize makes of a folder. Raises InputErrors, with its own words, if it makes nothing of it."""
    if not folder.path.is_dir():
        raise InputErrors([Problem(entry.path, 0, "", "is no folder, so there is nothing to render", "check the path")])
    otherwise = f"read the files as they are: plain:{entry.path.removeprefix('kustomize:')}"
    if locate("kustomize") is None and locate("kubectl") is not None:
        call = Call(entry.path, "kubectl", ("kustomize", str(folder.path)), hidden=folder.hidden)
    else:
        call = Call(entry.path, "kustomize", ("build", str(folder.path)), hidden=folder.hidden)
    content = call.run(otherwise)
    places = _Places(folder)
    places.visit(folder.path)
    shown = rendered(folder, TOOL, None)

    def placed(written: WrittenObject) -> WrittenObject:
        source = places.of(written)
        return written if source is None else replace(written, file=rendered(folder, TOOL, source))

    return SourceFile(None, shown, f"{TOOL}:{shown}", content, placed=placed)


@dataclass(slots=True)
class _Places:
    """Where the resources of a kustomization are written, those of its bases and components included."""

    folder: Folder
    places: dict[_Identity, list[str]] = field(default_factory=dict[_Identity, list[str]])

    def of(self, written: WrittenObject) -> str | None:
        """``file:line`` of the one resource that an object can come from."""
        found = self.places.get((written.group, written.kind, written.name), [])
        return found[0] if len(found) == 1 else None

    def visit(self, path: Path, prefix: str = "", suffix: str = "", trail: tuple[Path, ...] = ()) -> None:
        """Looks at the kustomization in a folder, whose resources get this prefix and suffix from those above it."""
        file = next((path / name for name in KUSTOMIZATION_FILES if (path / name).is_file()), None)
        if file is None or path.resolve() in trail:
            return
        for value, _ in self._documents(file):
            if not isinstance(value, Map):
                continue
            before, after = f"{prefix}{_text(value, 'namePrefix')}", f"{_text(value, 'nameSuffix')}{suffix}"
            for key in ("resources", "bases", "components"):
                for item in _texts(value.get(key)):
                    self._resource(path / item, before, after, (*trail, path.resolve()))

    def _resource(self, path: Path, prefix: str, suffix: str, trail: tuple[Path, ...]) -> None:
        try:
            is_folder, is_file = path.is_dir(), path.is_file()
        except (OSError, ValueError):  # no path, but an address
            return
        if is_folder:
            self.visit(path, prefix, suffix, trail)
        elif is_file:
            name = self.folder.name_of(path.resolve())
            for value, line in self._documents(path):
                for identity, at in _identities(value, line):
                    group, kind, own = identity
                    full = own if kind in _WITHOUT_PREFIX else f"{prefix}{own}{suffix}"
                    self.places.setdefault((group, kind, full), []).append(f"{name}:{at}")

    def _documents(self, file: Path) -> Iterator[tuple[Any, int]]:
        """The documents of a file; nothing of one that cannot be read, for the tool has read it."""
        try:
            for document in parse_documents(file.read_bytes(), str(file)):
                yield document.value, document.line
        except (InputErrors, OSError):
            return


def _identities(value: object, line: int) -> Iterator[tuple[_Identity, int]]:
    """Group, kind and name of the objects in a document, with their lines."""
    if not isinstance(value, Map):
        return
    items = value.get("items")
    if isinstance(items, Seq) and _text(value, "kind") == "List":
        for index, item in enumerate(items):
            yield from _identities(item, items.lines[index])
        return
    metadata = value.get("metadata")
    if isinstance(metadata, Map) and _text(value, "kind") and _text(metadata, "name"):
        yield (group_of(_text(value, "apiVersion")), _text(value, "kind"), _text(metadata, "name")), line


def _text(value: Map, key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""


def _texts(value: object) -> Iterator[str]:
    for item in value if isinstance(value, Seq) else ():
        if isinstance(item, str):
            yield item
