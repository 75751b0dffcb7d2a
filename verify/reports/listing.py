"""The list that ``prove --list`` prints: what the suites state, without a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .json_report import dump_json
from .lines import Line, Look, clean, clean_lines, render_lines
from .words import place

LIST_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Listed:
    """One property of a suite, and where it is written."""

    id: str
    verb: str
    severity: str
    suite: str
    line: int
    description: str | None
    tags: tuple[str, ...] = ()


def render_listing(properties: Sequence[Listed], format_: str, look: Look) -> str:
    """The list as ``text`` or ``json`` (an array of objects)."""
    return _json(properties) if format_ == "json" else _text(properties, look)


def _text(properties: Sequence[Listed], look: Look) -> str:
    lines: list[Line] = []
    for listed in properties:
        where = place(listed.suite, listed.line)
        line: Line = [(clean(listed.id), "bold"), (f"  {clean(listed.verb)}  {clean(listed.severity)}", "")]
        lines.append([*line, (f"  {where}", "dim")])
        lines.extend([("    ", ""), (text, "dim")] for text in clean_lines(listed.description or "") if text)
    return render_lines(lines, look)


def _json(properties: Sequence[Listed]) -> str:
    return dump_json(
        [
            {
                "id": listed.id,
                "verb": listed.verb,
                "severity": listed.severity,
                "suite": listed.suite,
                "line": listed.line,
                "description": listed.description,
                "tags": list(listed.tags),
            }
            for listed in properties
        ]
    )
