"""Raw fields of an object as written, narrowed to the type the API gives them.

Objects have passed the API's validation before they come here; a field of another type is an error all the
same, never skipped. ``null`` decodes as Go's JSON decoder does: a field that is null counts as missing, a
null string is "".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..problems import InputErrors, Problem
from ..written import Map, Path, Seq, WrittenObject


@dataclass(frozen=True, slots=True)
class Field:
    """A value inside a written object, with the way to it."""

    owner: WrittenObject
    path: Path
    value: Any

    @property
    def line(self) -> int:
        """The line the value stands on, or that of its nearest enclosing field."""
        return self.owner.origin(self.path).line

    def mistake(self, message: str) -> InputErrors:
        """The error to raise about this field."""
        origin = self.owner.origin(self.path)
        return InputErrors([Problem(origin.file, origin.line, origin.path, message)])

    def child(self, key: str) -> Field:
        """The field ``key`` of this mapping; its value is None if it is missing or null."""
        return Field(self.owner, (*self.path, key), self.mapping().get(key))

    def mapping(self) -> Map:
        """This value as a mapping; empty if missing or null."""
        if self.value is None:
            return Map(self.line)
        if not isinstance(self.value, Map):
            raise self.mistake("must be a mapping")
        return self.value

    def items(self) -> Iterator[Field]:
        """The items of this list; none if it is missing or null."""
        if self.value is None:
            return
        if not isinstance(self.value, Seq):
            raise self.mistake("must be a list")
        for index in range(len(self.value)):
            yield Field(self.owner, (*self.path, index), self.value[index])

    def length(self) -> int:
        """The number of items of this list; 0 if it is missing or null."""
        return sum(1 for _ in self.items())

    def text(self) -> str:
        """This value as a string; "" if missing or null."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.mistake("must be a string")
        return self.value

    def whole(self) -> int | None:
        """This value as a whole number; None if missing or null."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.mistake("must be a whole number")
        return self.value

    def flag(self) -> bool:
        """This value as a boolean; false if missing or null."""
        if self.value is None:
            return False
        if not isinstance(self.value, bool):
            raise self.mistake("must be true or false")
        return self.value

    def strings(self) -> dict[str, str]:
        """This value as a map of strings, such as labels; a null value is ""."""
        return {key: self.child(key).text() for key in self.mapping()}


def root(owner: WrittenObject) -> Field:
    """The whole object as a field."""
    return Field(owner, (), owner.fields)
