"""GitLab's Code Quality report: a list of findings with a fingerprint, a severity and a line.

It gates nothing by itself: the exit code does. What passes is left out; waived and uncounted failures are ``info``.
"""

from __future__ import annotations

from ..exit_codes import FailOn
from ..results import PropertyResult, Report
from .findings import details, fingerprint, headline, name, outcome, printable, spots
from .json_report import Json, dump_json
from .lines import Look

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def render_gitlab(report: Report, look: Look, fail_on: FailOn) -> str:
    """The findings in suite order, as a JSON list."""
    del look
    return dump_json([_finding(result, fail_on) for result in report.results if result.status != "pass"])


def _finding(result: PropertyResult, fail_on: FailOn) -> Json:
    where = spots(result)[0]
    told = f"{name(result)}: {headline(result, fail_on)}"
    return {
        "description": told,
        "check_name": result.id,
        "fingerprint": fingerprint(result),
        "severity": _severity(result, fail_on),
        "location": {"path": printable(where.file), "lines": {"begin": max(where.line, 1)}},
        "content": {"body": "\n".join(details(result))},
    }


def _severity(result: PropertyResult, fail_on: FailOn) -> str:
    if outcome(result, fail_on) in ("spared", "waived"):
        return "info"
    return _SEVERITIES.get(result.severity, "blocker")
