"""The manifests' text for the page: every object that something refers to once, its lines cleaned, by number.

A place is ``file`` and ``line`` as evidence has them. An object whose text is not at hand (made in code, or too long)
has none, and its place is shown without it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from ....encodings.reading.excerpts import Excerpt, Excerpts
from ....encodings.written import Map, WrittenObject
from ...sources import Source
from ..json_report import Json
from ..lines import clean

Place = tuple[int, int, int]
"""The number of an object's text, and the first and last line that are meant, counted from 0 within it."""
_TAB = 2


class Texts:
    """The texts that were asked for so far."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.shown: list[Json] = []
        self._excerpts = Excerpts()
        self._numbers: dict[int, tuple[int, Excerpt] | None] = {}
        self._objects: dict[str, tuple[list[int], list[WrittenObject]]] = {}
        placed: dict[str, list[WrittenObject]] = {}
        for manifests in (each for source in sources for each in (source.manifests, *source.compared)):
            for written in (*manifests.modelled, *manifests.unmodelled):
                placed.setdefault(written.file, []).append(written)
        for file, objects in placed.items():
            objects.sort(key=lambda written: written.line)
            self._objects[file] = ([written.line for written in objects], objects)

    def place(self, file: str | None, line: int | None) -> Place | None:
        """The text around a line, and all of the field or item in it that begins there. Of an object as a whole it is
        the field that says whom it selects. None if no text is at hand."""
        lines, objects = self._objects.get(file or "", ([], []))
        at = bisect_right(lines, line or 0) - 1
        if line is None or at < 0:
            return None
        number, excerpt = self._known(objects[at]) or (0, None)
        if excerpt is None or not excerpt.holds(line):
            return None
        meant = _selecting(objects[at]) if line == objects[at].line else line
        first = (meant if excerpt.holds(meant) else line) - excerpt.first
        return number, first, _last(excerpt.lines, first)

    def _known(self, written: WrittenObject) -> tuple[int, Excerpt] | None:
        key = id(written)
        if key not in self._numbers:
            excerpt = self._excerpts.of(written)
            self._numbers[key] = None
            if excerpt is not None:
                self._numbers[key] = (len(self.shown), excerpt)
                title = f"{clean(written.kind)} {clean(written.reference)}"
                shown: list[Json] = [clean(line.expandtabs(_TAB)) for line in excerpt.lines]
                self.shown.append({"title": title, "file": clean(written.file), "first": excerpt.first, "lines": shown})
        return self._numbers[key]


def _selecting(written: WrittenObject) -> int:
    """The line of a policy's selector; else the object's first."""
    spec = written.fields.get("spec")
    if isinstance(spec, Map):
        for key in ("podSelector", "subject"):
            if key in spec:
                return spec.lines[key]
    return written.line


def _last(lines: tuple[str, ...], first: int) -> int:
    """The last line of the field or item that begins on a line: what follows and is indented more."""
    own, last = _indentation(lines[first]), first
    for number in range(first + 1, len(lines)):
        if lines[number].strip():
            if _indentation(lines[number]) <= own:
                break
            last = number
    return last


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
