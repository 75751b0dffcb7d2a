"""Exit codes: what a run's statuses mean to the shell, decided here and nowhere else.

The codes are the same for every output format (``contract``: *Commands*). Trusts the statuses of the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from .changes.results import DiffReport
    from .fuzz.hunt import Tally
    from .results import PropertyResult, Report

OK = 0
FAILED = 1
BAD_INPUT = 2
UNKNOWN = 3
INTERNAL_ERROR = 4
INTERRUPTED = 130

FAIL_ON_CHANGE = ("added", "removed", "any", "none")
"""What ``diff --fail-on-change`` takes."""
FailOn = Literal["critical", "high", "medium", "low", "none"]
FAIL_ON_LEVELS: tuple[FailOn, ...] = get_args(FailOn)
"""The levels of ``--fail-on``, gravest first; each includes those before it, ``none`` includes nothing."""


def counts(result: PropertyResult, fail_on: FailOn) -> bool:
    """Whether this property fails the run: its status is ``fail`` and its severity is at or above the level.

    A severity that is no level (which the suite's schema excludes) counts, unless nothing does.
    """
    if result.status != "fail" or fail_on == "none":
        return False
    included = FAIL_ON_LEVELS[: FAIL_ON_LEVELS.index(fail_on) + 1]
    return result.severity in included or result.severity not in FAIL_ON_LEVELS


def exit_code(report: Report, fail_on: FailOn = "low") -> int:
    """0 all pass, 1 a property at or above the level fails, 3 nothing fails but something is unknown.

    An unknown property counts at every severity and level: nobody knows that it is harmless.
    """
    if any(counts(result, fail_on) for result in report.results):
        return FAILED
    if any(result.status == "unknown" for result in report.results):
        return UNKNOWN
    return OK


def worst(codes: Iterable[int]) -> int:
    """The code of several outcomes together, by the precedence 2, 4, 1, 3, 0; an interrupt ends all."""
    precedence = (INTERRUPTED, BAD_INPUT, INTERNAL_ERROR, FAILED, UNKNOWN, OK)
    return min(codes, key=precedence.index, default=OK)


def expectation_code(answers: Iterable[bool | None], expected: bool) -> int:
    """The code of ``evaluate --expect``: 1 if an answer differs, 3 if one is undetermined (None), else 0."""
    return worst(UNKNOWN if answer is None else OK if answer == expected else FAILED for answer in answers)


def exit_code_of_diff(report: DiffReport, fail_on: str) -> int:
    """1 for a change of the kind that ``fail_on`` names, else 3 if one may be there and nobody knows, else 0."""
    lists = (report.changes.gained, report.changes.lost)
    counted = {"added": lists[:1], "removed": lists[1:], "any": lists, "none": ()}[fail_on]
    if any(each.classes for each in counted):
        return FAILED
    return UNKNOWN if any(each.limited or each.depends_on for each in counted) else OK


def exit_code_of_fuzz(tally: Tally) -> int:
    """1 for a finding that is not declared known, else 3 if no answer could be compared, else 0."""
    if any(not finding.known for finding in tally.findings):
        return FAILED
    return OK if tally.compared else UNKNOWN
