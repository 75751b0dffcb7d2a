"""The properties as the page lists them, gravest first: what is readable without a script.

Nothing is decided here: outcome, order and sentences are those of every format for pipelines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...exit_codes import FailOn
from ...results import PropertyResult, Report
from ..findings import Outcome, details, headline, name, outcome, printable, waived_because
from ..text import verdict_words
from ..words import place

_MOST_LINES = 6
WORDS: dict[Outcome, str] = {
    "fail": "fails",
    "unknown": "unknown",
    "spared": "fails, not counted",
    "waived": "waived",
    "pass": "passes",
}
MARKS: dict[Outcome, str] = {"fail": "✗", "unknown": "?", "spared": "!", "waived": "~", "pass": "✓"}


@dataclass(frozen=True, slots=True)
class Row:
    """A property in the list. ``lines`` say why; ``more`` of them are left to the script."""

    number: int
    name: str
    outcome: Outcome
    word: str
    mark: str
    verdict: str
    severity: str
    place: str
    sentence: str
    description: str
    lines: tuple[str, ...]
    more: int
    is_open: bool


def rows(results: list[PropertyResult], fail_on: FailOn) -> Iterator[Row]:
    """The list. The first property that does not pass lies open."""
    for number, result in enumerate(results):
        found = outcome(result, fail_on)
        lines = [line for line in details(result) if not line.startswith("meant: ")]
        yield Row(
            number=number,
            name=name(result),
            outcome=found,
            word=WORDS[found],
            mark=MARKS[found],
            verdict=printable(verdict_words(result)),
            severity=printable(result.severity),
            place=place(result.suite, result.line),
            sentence=_sentence(result, fail_on),
            description=printable(" ".join((result.description or "").split())),
            lines=tuple(lines[:_MOST_LINES]),
            more=max(0, len(lines) - _MOST_LINES),
            is_open=number == 0 and found in ("fail", "unknown"),
        )


def _sentence(result: PropertyResult, fail_on: FailOn) -> str:
    """What happened; nothing where the verdict says it all."""
    said = headline(result, fail_on)
    if result.status == "waived":
        said = f"{said} ({waived_because(result)})"
    return "" if said == "proved" else said


def counted(report: Report, fail_on: FailOn) -> list[tuple[Outcome, int]]:
    """How many properties have each outcome, gravest first; those that none has are left out."""
    found = [outcome(result, fail_on) for result in report.results]
    return [(each, found.count(each)) for each in WORDS if each in found]
