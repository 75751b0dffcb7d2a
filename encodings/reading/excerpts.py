"""The text of an object as it was read, with the numbers that its lines have in reports.

For showing to people only: no verdict depends on it. Trusts the lines that reading gave to an object's fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..written import Map, Seq, WrittenObject
from .documents import decode
from .mistakes import UnreadableError

_YAML_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_CLOSING = re.compile(r"[\s\]},]*[\]}][\s\]},]*")
_END = re.compile(r"(---|\.\.\.)(\s|$)")
LONGEST = 40_000
"""Characters of an object's text; what is longer (a whole cluster on one line) is not for people."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file, the first of which has the number ``first``."""

    file: str
    first: int
    lines: tuple[str, ...]

    def holds(self, line: int) -> bool:
        """Is the line one of these?"""
        return self.first <= line < self.first + len(self.lines)


class Excerpts:
    """Excerpts of objects; each file is split into lines once."""

    def __init__(self) -> None:
        self._lines: dict[int, tuple[str | bytes, tuple[str, ...]]] = {}

    def of(self, written: WrittenObject) -> Excerpt | None:
        """The object's text, with the comment above it. None if it was not read from text, or is too long."""
        if written.content is None:
            return None
        lines = self._split(written.content)
        start = written.content_line - 1
        if not 0 <= start < len(lines):
            return None
        shift = written.line - written.content_line
        end = _end(lines, start, _last_line(written.fields) - shift)
        while start > 0 and start + shift > 0 and lines[start - 1].lstrip().startswith("#"):
            start -= 1
        found = lines[start:end]
        if sum(map(len, found)) > LONGEST:
            return None
        return Excerpt(written.file, start + 1 + shift, found)

    def _split(self, content: str | bytes) -> tuple[str, ...]:
        known = self._lines.get(id(content))
        if known is None:
            # The content is kept beside its lines: an identity may be used again once its owner is gone.
            known = self._lines[id(content)] = (content, tuple(_lines(content)))
        return known[1]


def _lines(content: str | bytes) -> list[str]:
    """The lines as reading counted them: JSON knows one line break, YAML six."""
    try:
        text = decode(content)
    except UnreadableError:  # it was read, so this cannot be; and nothing depends on it
        return []
    return text.split("\n") if text.lstrip(" \t\r\n")[:1] in ("{", "[") else _YAML_BREAK.split(text)


def _last_line(fields: Map) -> int:
    """The last line on which a field or an item begins."""
    last, stack = fields.line, list[Any]([fields])
    while stack:
        value = stack.pop()
        if isinstance(value, Map):
            last = max(last, max(value.lines.values(), default=0))
            stack.extend(value.values())
        elif isinstance(value, Seq):
            last = max(last, max(value.lines, default=0))
            stack.extend(value)
    return last


def _end(lines: tuple[str, ...], start: int, last: int) -> int:
    """Where the object ends that starts at ``start`` and whose last field begins on line ``last``: behind what is
    indented more than its first line, and the brackets that close it."""
    own, end = _indentation(lines[start]), last
    for number in range(last, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        closes = _CLOSING.fullmatch(line) is not None and _indentation(line) == own
        if _END.match(line) or not (closes or _indentation(line) > own):
            break
        end = number + 1
        if closes:
            break
    return min(end, len(lines))


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
