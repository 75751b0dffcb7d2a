"""The named groups of a suite, its own and those of the files it includes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath

from ..encodings.problems import InputErrors, Problem
from ..encodings.written import Map, Seq
from .files import beside, read_mapping
from .group_checks import NamedGroup, check_group
from .places import Place
from .shapes import describe, known_keys, shaped
from .suite import Group, GroupFile


@dataclass(slots=True)
class GroupReader:
    """Collects groups and problems of a suite and, depth first, of the files it includes, each read once."""

    groups: dict[str, NamedGroup] = field(default_factory=dict[str, NamedGroup])
    problems: list[Problem] = field(default_factory=list[Problem])
    read: set[str] = field(default_factory=set[str])

    def visit(self, root: Place, trail: tuple[str, ...] = ()) -> None:
        """Read the groups of the document at ``root`` and of its ``include`` list; ``trail`` leads here."""
        self.read.add(_identity(root.file))
        if "groups" in root.document:
            self._own(root.at("groups"), root.document["groups"])
        include = root.document.get("include")
        for index, path in enumerate(include if isinstance(include, Seq) else ()):
            if isinstance(path, str):  # another type is reported where the document's shape is checked
                self._include(root.at("include", index), beside(root.file, path), (*trail, root.file))

    def _own(self, place: Place, groups: object) -> None:
        if groups is None:
            self.problems.append(place.problem("has no value", "give it one, or remove it"))
            return
        if not isinstance(groups, Map):
            self.problems.append(place.problem(f"expected a mapping of groups, got {describe(groups)}"))
            return
        for name, value in groups.items():
            self._group(place.at(name), name, value)

    def _group(self, place: Place, name: str, value: object) -> None:
        if not name.strip():
            self.problems.append(place.problem("a group needs a name"))
        if name in self.groups:
            first = self.groups[name].place
            message = f'the group "{name}" is defined twice, first in {first.file} on line {first.line}'
            self.problems.append(place.problem(message, "rename one of them"))
            return
        group, problems = shaped(Group, value, place)
        self.groups[name] = NamedGroup(group, place)
        self.problems += problems
        if group is not None:
            self.problems += check_group(place, group)

    def _include(self, place: Place, file: str, trail: tuple[str, ...]) -> None:
        if _identity(file) in map(_identity, trail):
            self.problems.append(place.problem(f"includes itself: {' → '.join((*trail, file))}"))
        elif not FilePath(file).is_file():
            self.problems.append(place.problem(f"there is no file {file}", "paths are relative to the including file"))
        elif _identity(file) not in self.read:
            try:
                root = read_mapping(file)
            except InputErrors as error:
                self.problems += error.problems
                return
            self.problems += _check_file(root)
            self.visit(root, trail)


def _check_file(root: Place) -> list[Problem]:
    """What is wrong with an included file besides its groups."""
    allowed = known_keys(GroupFile, ())
    problems = [
        root.at(key).problem(f'unknown key "{key}" in an included file', "it may hold groups and include only")
        for key in root.document
        if key not in allowed
    ]
    return problems + shaped(GroupFile, without(root.document, set(root.document) - set(allowed) | {"groups"}), root)[1]


def without(document: Map, keys: set[str]) -> Map:
    """``document`` less ``keys``."""
    rest = Map(document.line)
    for key, value in document.items():
        if key not in keys:
            rest[key], rest.lines[key] = value, document.lines[key]
    return rest


def _identity(file: str) -> str:
    return str(FilePath(file).resolve())
