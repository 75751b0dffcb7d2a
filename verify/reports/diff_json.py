"""The JSON of ``diff``: every key always present, in a fixed order, without a timestamp."""

from __future__ import annotations

from ..changes.results import ChangedClass, ChangeList, Changes, DiffReport
from .json_report import (
    Json,
    cause_object,
    class_object,
    counterexample_object,
    dump_json,
    input_object,
    notice_object,
    plain,
    reason_object,
)

FORMAT = "netpol-verify-diff/v1"


def render_diff_json(report: DiffReport) -> str:
    """The report as one object."""
    return dump_json(diff_object(report))


def diff_object(report: DiffReport) -> dict[str, Json]:
    """The report as JSON values."""
    return {
        "report": FORMAT,
        "tool": {"version": report.version, "z3": report.z3},
        "base": {"input": input_object(report.base)},
        "head": {"input": input_object(report.head)},
        "world": dict[str, Json](report.world),
        "semantics": {key: plain(value) for key, value in report.semantics.items()},
        "assumptions": list(report.assumptions),
        "notices": [notice_object(notice) for notice in report.notices],
        **_changes(report.changes),
        "declared": dict[str, Json](_changes(report.declared)),
    }


def _changes(changes: Changes) -> dict[str, Json]:
    return {"gained": _list(changes.gained), "lost": _list(changes.lost)}


def _list(changes: ChangeList) -> Json:
    return {
        "complete": changes.complete,
        "limited": changes.limited,
        "dependsOn": list(changes.depends_on),
        "classes": [_class(each) for each in changes.classes],
    }


def _class(changed: ChangedClass) -> Json:
    condition = class_object(changed.condition)
    del condition["direction"]  # a matter of defaultDeny alone
    return {
        **condition,
        "witness": counterexample_object(changed.witness),
        "because": [reason_object(line) for line in changed.because],
        "causes": [cause_object(cause) for cause in changed.causes],
        "pairs": None if changed.pairs is None else [_pair(*pair) for pair in changed.pairs],
        "pairsComplete": changed.pairs_complete,
    }


def _pair(source: str, destination: str) -> Json:
    return {"source": source, "destination": destination}
