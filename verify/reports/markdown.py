"""Markdown for a comment on a pull request and for GitHub's step summary: what fails first, all else folded.

What comes from suites and manifests is never Markdown or HTML here: it is escaped. The text stays below the 65,536
characters that GitHub takes: what does not fit is left out, from the least grave on, and a line says how much.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import accumulate

from ..exit_codes import FailOn
from ..results import PropertyResult, Report
from .explain_markdown import escaped
from .findings import (
    Outcome,
    details,
    gravest_first,
    headline,
    name,
    notice_text,
    outcome,
    printable,
    spots,
    summary,
    verdict_of_run,
    waived_because,
)
from .lines import Look

MARKER = "<!-- netpol-verify -->"
"""The first line, which nobody sees: by it a later run finds the comment that it replaces."""
LONGEST = 65_000
"""In bytes, which are never fewer than characters."""
_TABLE = 30_000
_MARKS: dict[Outcome, str] = {"fail": "❌", "unknown": "❔", "spared": "⚠️", "waived": "🟡", "pass": "✅"}
_RUNS = {"PASS": "✅", "FAIL": "❌", "UNKNOWN": "❔"}
_MOST_LINES = 12
_LONGEST_LINE = 400
_HEAD = ["| | property | verdict | severity | where |", "|---|---|---|---|---|"]


def render_markdown(report: Report, look: Look, fail_on: FailOn) -> str:
    """The whole comment; ``quiet`` leaves out what passes, and the notices of the run."""
    ordered = gravest_first(report, fail_on)
    open_ones = [each for each in ordered if outcome(each, fail_on) in ("fail", "unknown", "spared")]
    word = verdict_of_run(report, fail_on)
    room = _Room([MARKER, "", f"### {_RUNS[word]} netpol-verify: {word}", "", summary(report, fail_on), ""])
    if open_ones:
        room.add_table("", open_ones, fail_on)
    for result in open_ones:
        room.add(_details(result, fail_on))
    room.add_table("Waived", [each for each in ordered if each.status == "waived"], fail_on)
    if not look.quiet:
        room.add_table("Passing", [each for each in ordered if each.status == "pass"], fail_on)
        room.add(_folded("Notices", [f"- {_text(notice_text(notice))}" for notice in report.notices]))
        room.add(_folded("Assumptions", [f"- {_text(text)}" for text in report.assumptions]))
    return room.text()


class _Room:
    """Text that takes what fits, and counts what does not."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)
        self._size = _size(lines)
        self._left_out = 0

    def add(self, lines: Sequence[str]) -> None:
        """Add lines that belong together."""
        if self._size + _size(lines) > LONGEST - 200:
            self._left_out += 1
            return
        self._lines += lines
        self._size += _size(lines)

    def add_table(self, title: str, results: Sequence[PropertyResult], fail_on: FailOn) -> None:
        """Add as many rows as fit in half of the text; a titled table is folded."""
        if not results:
            return
        rows = [_row(result, fail_on) for result in results]
        free = min(_TABLE, LONGEST - 1000 - self._size)
        sizes = accumulate(_size([row]) for row in rows)
        shown = [row for row, size in zip(rows, sizes, strict=True) if size <= free]
        lines = [*_HEAD, *shown]
        if len(shown) < len(rows):
            lines += ["", f"… and {len(rows) - len(shown)} more."]
        self.add(_folded(f"{title} ({len(rows)})", lines) if title else [*lines, ""])

    def text(self) -> str:
        """All that fitted, and a word on the rest."""
        if self._left_out:
            self._lines.append(f"{self._left_out} more parts are left out: a comment has limits, `-o json` has none.")
        return "\n".join(self._lines).rstrip("\n") + "\n"


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def _row(result: PropertyResult, fail_on: FailOn) -> str:
    where = spots(result)[0]
    cells = [
        _MARKS[outcome(result, fail_on)],
        _text(name(result)),
        result.verdict,
        _text(result.severity),
        _text(f"{where.file}:{where.line}" if result.status != "waived" else waived_because(result)),
    ]
    return f"| {' | '.join(cells)} |"


def _details(result: PropertyResult, fail_on: FailOn) -> list[str]:
    told = [f"- {_text(line)}" for line in details(result)]
    if len(told) > _MOST_LINES:
        told = [*told[:_MOST_LINES], f"- … and {len(told) - _MOST_LINES} more"]
    return _folded("", [_text(headline(result, fail_on)), "", *told], result, fail_on)


def _folded(
    title: str, lines: Sequence[str], result: PropertyResult | None = None, fail_on: FailOn = "low"
) -> list[str]:
    """A part that opens at a click. Its title is HTML, in which names stand as code."""
    if not lines:
        return []
    if result is not None:
        title = f"{_MARKS[outcome(result, fail_on)]} <code>{html.escape(name(result))}</code> {result.verdict}"
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _text(text: str) -> str:
    shown = printable(text[: _LONGEST_LINE + 1])
    return escaped(shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]} …")
