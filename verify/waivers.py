"""Which waivers are in force on a day, and what there is to say about the others.

Everything about dates is decided here: ``today`` is the one place that reads the clock, and ``state`` the one rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from ..encodings.problems import InputErrors, Notice, Problem
from .results import Report

if TYPE_CHECKING:
    from ..properties.loading import LoadedProperty, LoadedSuite
    from ..properties.waivers import LoadedWaiver

WARNING_DAYS = 14
"""How long before its end a waiver is announced to end."""


def today(now: str | None) -> date:
    """The day that ``--now`` names, else that of the clock, in UTC. Raises InputErrors for a text that is no day."""
    if now is None:
        return datetime.now(UTC).date()
    from ..properties.waivers import parse_day  # noqa: PLC0415

    day = parse_day(now)
    if day is None:
        raise InputErrors([Problem("--now", 0, "", f'"{now}" is no day', "write YYYY-MM-DD, such as 2026-12-31")])
    return day


def state(expires: date, day: date) -> Literal["expired", "ending", "in force"]:
    """A waiver is in force through the whole day of ``expires``, in UTC."""
    left = (expires - day).days
    return "expired" if left < 0 else "ending" if left <= WARNING_DAYS else "in force"


@dataclass(frozen=True, slots=True)
class Waived:
    """The suites with the waivers that are in force alone; ``said`` are notices by the id of their property."""

    suites: tuple[LoadedSuite, ...]
    said: Mapping[str, tuple[Notice, ...]]


def in_force(suites: Iterable[LoadedSuite], now: str | None) -> Waived:
    """Leave out what has expired. The day is looked up only where there is a waiver. Raises InputErrors."""
    suites = tuple(suites)
    day = today(now) if now is not None or any(each.waivers for suite in suites for each in suite.properties) else None
    said: dict[str, tuple[Notice, ...]] = {}

    def kept(loaded: LoadedProperty) -> LoadedProperty:
        if day is None or not loaded.waivers:
            return loaded
        said[loaded.written.id] = tuple(notice for each in loaded.waivers for notice in _dated(each, day))
        return replace(loaded, waivers=tuple(each for each in loaded.waivers if state(each.expires, day) != "expired"))

    result = tuple(replace(suite, properties=tuple(map(kept, suite.properties))) for suite in suites)
    return Waived(result, said)


def _dated(waiver: LoadedWaiver, day: date) -> Iterable[Notice]:
    found = state(waiver.expires, day)
    if found == "expired":
        yield Notice(
            f"this waiver of {waiver.owner} expired on {waiver.expires} and is ignored", waiver.file, waiver.line
        )
    elif found == "ending":
        yield Notice(f"this waiver of {waiver.owner} ends on {waiver.expires}", waiver.file, waiver.line)


def not_asked(suites: Iterable[LoadedSuite], asked: Iterable[LoadedSuite]) -> tuple[Notice, ...]:
    """A notice for each waiver of a property that the run does not ask."""
    ids = {each.written.id for suite in asked for each in suite.properties}
    return tuple(
        Notice(f"this waiver is not used: {each.written.id} is not asked", waiver.file, waiver.line)
        for suite in suites
        for each in suite.properties
        if each.written.id not in ids
        for waiver in each.waivers
    )


def with_notices(report: Report, said: Mapping[str, tuple[Notice, ...]]) -> Report:
    """The report with these notices beside their properties."""
    results = (replace(each, notices=(*each.notices, *said.get(each.id, ()))) for each in report.results)
    return replace(report, results=tuple(results))
