"""Where a part of a suite is written: a file, its document, and a path into it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..encodings.problems import Problem
from ..encodings.written import Map, Path, line_of, render_path, spelling_of
from .notation import NotationError


@dataclass(frozen=True, slots=True)
class Place:
    """The field at ``path`` of the document read from ``file``."""

    file: str
    document: Map = field(compare=False)
    path: Path = ()

    def at(self, *steps: str | int) -> Place:
        """The field that ``steps`` lead to from here."""
        return replace(self, path=(*self.path, *steps))

    @property
    def line(self) -> int:
        """The line of this field, or of the nearest enclosing one that is written."""
        return line_of(self.document, self.path, self.document.line)

    @property
    def spelling(self) -> str | None:
        """How the number or boolean of this field is written, where its value does not tell."""
        return spelling_of(self.document, self.path)

    def problem(self, message: str, hint: str = "") -> Problem:
        """The problem ``message`` with this field."""
        return Problem(self.file, self.line, render_path(self.path), message, hint)

    def notation(self, error: NotationError) -> Problem:
        """The problem that bad notation of this field's value is."""
        return self.at(*error.path).problem(error.message, error.hint)
