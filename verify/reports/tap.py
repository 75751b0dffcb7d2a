"""TAP 14 (testanything.org): a test point per property in suite order, each with a YAML block.

Unknown is ``not ok``. A waived property is ``ok`` with SKIP, and a failure below ``--fail-on`` is ``not ok`` with TODO:
the two that a harness does not count. So a harness passes exactly where the exit code is 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..exit_codes import FailOn
from ..results import PropertyResult, Report
from .findings import Outcome, details, headline, name, outcome, printable, summary, waived_because
from .lines import Look

_OK: dict[Outcome, str] = {"fail": "not ok", "unknown": "not ok", "spared": "not ok", "waived": "ok", "pass": "ok"}


def render_tap(report: Report, look: Look, fail_on: FailOn) -> str:
    """The whole stream."""
    del look
    lines = ["TAP version 14", f"1..{len(report.results)}"]
    if not report.results:
        lines[1] += " # SKIP no property"
    for number, result in enumerate(report.results, 1):
        lines += _point(number, result, fail_on)
    return "\n".join([*lines, f"# {_escaped(summary(report, fail_on))}", ""])


def _point(number: int, result: PropertyResult, fail_on: FailOn) -> Iterator[str]:
    meant = outcome(result, fail_on)
    yield f"{_OK[meant]} {number} - {_escaped(name(result))}{_directive(result, meant, fail_on)}"
    yield "  ---"
    yield f"  status: {result.status}"
    yield f"  verdict: {result.verdict}"
    yield f"  severity: {_quoted(printable(result.severity))}"
    yield f"  message: {_quoted(headline(result, fail_on))}"
    yield f"  at: {_quoted(f'{printable(result.suite)}:{result.line}')}"
    lines = details(result)
    if lines:
        yield "  details:"
    for line in lines:
        yield f"    - {_quoted(line)}"
    yield "  ..."


def _directive(result: PropertyResult, meant: Outcome, fail_on: FailOn) -> str:
    if meant == "waived":
        return f" # SKIP waived: {_escaped(waived_because(result))}"
    return f" # TODO not counted: --fail-on {fail_on}" if meant == "spared" else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")


def _quoted(text: str) -> str:
    """A double-quoted scalar of YAML; the text is printable, so JSON's is the same."""
    return json.dumps(text, ensure_ascii=False)
