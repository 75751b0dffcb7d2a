"""Baselines: what fails on one day, so that from then on only what is new or worse fails.

The file is JSON without a timestamp, sorted, the same for the same report. What its classes mean for a later run is
decided in ``recorded``; here they are only written and read. What is read is as strict as any input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from ..encodings.problems import InputErrors, Notice, Problem
from .baseline_models import BaselineFile, Entry
from .json_input import JsonError, load_json, read_text
from .recorded import Recorded
from .reports.json_report import class_object, counterexample_object, dump_json
from .results import PropertyResult, Report

FORMAT = "netpol-verify/v1"
Key = tuple[str, str | None]
"""A property's id, and the variant of its manifests."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline as read from ``file``."""

    file: str
    entries: Mapping[Key, Entry]

    def recorded(self, name: str, variant: str | None) -> Recorded | None:
        """What it holds of a property."""
        entry = self.entries.get((name, variant))
        return None if entry is None else entry.recorded(self.file)


def baseline_text(report: Report) -> str:
    """What fails in the report, as the text of a baseline. The report must list all classes of counterexamples."""
    failing = sorted((each for each in report.results if each.status == "fail"), key=_key)
    return _text([_written(each) for each in failing])


def _key(result: PropertyResult) -> tuple[str, str]:
    return result.id, result.variant or ""


def _text(entries: list[object]) -> str:
    return dump_json({"baseline": FORMAT, "properties": entries})


def _written(result: PropertyResult) -> object:
    """One property. A ``can`` has no classes: it holds or it does not."""
    complete = result.classes_complete is True or result.counterexample is None or result.verb == "can"
    classes = result.classes if complete and result.verb != "can" else None
    example = None if complete else result.counterexample
    return {
        "id": result.id,
        "variant": result.variant,
        "verdict": result.verdict,
        "complete": complete,
        "classes": [class_object(each) for each in classes or ()],
        "counterexample": None if example is None else counterexample_object(example),
    }


def read_baseline(path: str) -> Baseline:
    """The baseline in a file. Raises InputErrors for a file that is none."""
    file = Path(path).as_posix()
    try:
        value = load_json(read_text(Path(path)))
    except JsonError as error:
        raise InputErrors([Problem(file, error.line, "", f"is not JSON: {error}")]) from None
    try:
        found = BaselineFile.model_validate(value)
    except ValidationError as error:
        raise InputErrors(_problem(file, error)) from None
    entries: dict[Key, Entry] = {}
    for number, each in enumerate(found.properties):
        if (each.id, each.variant) in entries:
            raise InputErrors([Problem(file, 0, f"properties[{number}]", f'"{each.id}" is listed twice')])
        entries[each.id, each.variant] = each
    return Baseline(file, entries)


def _problem(file: str, error: ValidationError) -> Iterable[Problem]:
    hint = "write one with: netpol-verify prove --create-baseline FILE"
    for item in error.errors(include_url=False):
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in item["loc"]).lstrip(".")
        yield Problem(file, 0, steps, item["msg"].lower(), hint)


def settled(report: Report, baseline: Baseline, known: Iterable[str]) -> Report:
    """The report with notices about what the baseline lists and need not. ``known``: the ids of all properties, also of
    those that the run does not ask."""
    better = _better(report, baseline)
    results = (
        replace(each, notices=(*each.notices, _removable(each, baseline)))
        if (each.id, each.variant) in better
        else each
        for each in report.results
    )
    strangers = sorted({name for name, _ in baseline.entries} - set(known))
    notices = (Notice(f'no property of this run has the id "{name}"', baseline.file) for name in strangers)
    return replace(report, results=tuple(results), notices=(*report.notices, *notices))


def trimmed(report: Report, baseline: Baseline) -> str | None:
    """The baseline's text without what holds now; None if nothing is to be removed. Nothing is ever added."""
    better = _better(report, baseline)
    if not better:
        return None
    left = [entry for key, entry in baseline.entries.items() if key not in better]
    return _text([entry.model_dump(mode="json", by_alias=True) for entry in left])


def _better(report: Report, baseline: Baseline) -> set[Key]:
    """The properties that the baseline lists and that do not fail any more."""
    return {
        (each.id, each.variant)
        for each in report.results
        if (each.id, each.variant) in baseline.entries and (each.status == "pass" or _by_waiver_alone(each))
    }


def _by_waiver_alone(result: PropertyResult) -> bool:
    return result.status == "waived" and result.baseline is None


def _removable(result: PropertyResult, baseline: Baseline) -> Notice:
    return Notice(f"{result.id} does not need the baseline any more: remove it (--update-baseline)", baseline.file)
