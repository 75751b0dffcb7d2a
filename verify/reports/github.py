"""GitHub's workflow commands: annotations at the deciding lines, the gravest first, and the summary as a last line.

``error``: a failure that counts; ``warning``: unknown; ``notice``: waived, or below ``--fail-on``. Escapes are those of
``actions/toolkit:packages/core/src/command.ts``: a message must not end its command, a property must not begin another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..exit_codes import FailOn
from ..results import PropertyResult, Report
from .findings import Outcome, details, gravest_first, headline, name, outcome, printable, spots, summary
from .lines import Look

MOST = 10
"""So many annotations of a kind GitHub shows of one step; it drops the rest without a word."""
_LONGEST = 16_000
_COMMANDS: tuple[tuple[str, tuple[Outcome, ...]], ...] = (
    ("error", ("fail",)),
    ("warning", ("unknown",)),
    ("notice", ("spared", "waived")),
)
_WORDS: dict[Outcome, str] = {
    "fail": "fails",
    "unknown": "is unknown",
    "spared": "fails, not counted",
    "waived": "is waived",
}


def render_github(report: Report, look: Look, fail_on: FailOn) -> str:
    """One command a line, then the summary."""
    del look
    ordered = gravest_first(report, fail_on)
    lines: list[str] = []
    for command, outcomes in _COMMANDS:
        lines += _commands(command, [each for each in ordered if outcome(each, fail_on) in outcomes], fail_on)
    return "\n".join([*lines, summary(report, fail_on), ""])


def _commands(command: str, results: Sequence[PropertyResult], fail_on: FailOn) -> Iterator[str]:
    """All if GitHub shows all, else nine and a tenth that names the others."""
    shown = results if len(results) <= MOST else results[: MOST - 1]
    for result in shown:
        where = spots(result)[0]
        title = f"{name(result)} {_WORDS[outcome(result, fail_on)]} ({result.severity})"
        message = "\n".join([headline(result, fail_on), *details(result)])[:_LONGEST]
        places = f"file={_property(printable(where.file))},line={max(where.line, 1)}"
        yield f"::{command} {places},title={_property(title)}::{_data(message)}"
    if len(shown) < len(results):
        rest = results[len(shown) :]
        message = f"not shown above: {', '.join(map(name, rest))}"
        yield f"::{command} title={len(rest)} more::{_data(printable(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
