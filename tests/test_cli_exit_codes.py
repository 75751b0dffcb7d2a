"""Exit codes follow the statuses of the report, whatever the format, and their precedence is fixed."""

import dataclasses
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.verify import commands
from netpol_verify.verify.exit_codes import (
    BAD_INPUT,
    FAIL_ON_LEVELS,
    FAILED,
    INTERNAL_ERROR,
    OK,
    UNKNOWN,
    FailOn,
    counts,
    exit_code,
    expectation_code,
    worst,
)
from netpol_verify.verify.reports import FORMATS
from netpol_verify.verify.results import InputSummary, PropertyResult, Report
from typer.testing import CliRunner

EMPTY = InputSummary(1, {}, {}, (), ())


def result(severity: str, status: str, verdict: str = "refuted") -> PropertyResult:
    base = PropertyResult(
        id="p",
        verb="never",
        verdict="refuted",
        expected=None,
        status="fail",
        severity=severity,
        suite="properties.yaml",
        line=1,
        description=None,
        owner=None,
        tags=(),
        world={},
        semantics={},
        holds_for_declared=None,
        holds_for_declared_namespaces=None,
        open_world=None,
        members={},
        reason=None,
        notices=(),
        class_=None,
        counterexample=None,
        because=(),
    )
    return dataclasses.replace(base, status=status, verdict=verdict)  # type: ignore[arg-type]


def report(*results: PropertyResult) -> Report:
    return Report("0", "0", EMPTY, (), (), results)


severities = st.sampled_from(["critical", "high", "medium", "low"])
statuses = st.sampled_from(["pass", "fail", "unknown", "waived"])
verdicts = st.sampled_from(["proved", "refuted", "vacuous", "unknown"])
reports = st.lists(st.builds(result, severities, statuses, verdicts), min_size=1, max_size=6).map(
    lambda results: report(*results)
)
levels = st.sampled_from(FAIL_ON_LEVELS)


@given(reports, levels)
def test_exit_code_is_what_the_statuses_say(found: Report, fail_on: FailOn) -> None:
    """An independent statement of the contract's rule."""
    rank = {"critical": 4, "high": 3, "medium": 2, "low": 1, "none": 5}
    failing = [each for each in found.results if each.status == "fail" and rank[each.severity] >= rank[fail_on]]
    expected = 1 if failing else 3 if "unknown" in [each.status for each in found.results] else 0
    assert exit_code(found, fail_on) == expected


def proving(found: Report) -> Callable[..., Report]:
    def run(*_: object) -> Report:
        return found

    return run


@settings(deadline=None)
@given(reports, levels, st.sampled_from(sorted(FORMATS)), st.booleans())
def test_command_exits_with_the_same_code_in_every_format(
    found: Report, fail_on: FailOn, output: str, to_file: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(commands, "run_prove", proving(found))
        file = os.path.join(folder, "out")  # noqa: PTH118
        where = f"{output}:{file}" if to_file else output
        ran = CliRunner().invoke(commands.app, ["prove", "--fail-on", fail_on, "-o", where])
        assert ran.exit_code == exit_code(found, fail_on), ran.output
        text = Path(file).read_text("utf-8") if to_file else ran.stdout
    if output == "json":
        assert [each["status"] for each in json.loads(text)["results"]] == [each.status for each in found.results]
    elif output == "text":
        word = {OK: "PASS", FAILED: "FAIL", UNKNOWN: "UNKNOWN"}[ran.exit_code]
        assert f"— {word}" in text.splitlines()[-1]


def test_a_waived_failure_does_not_fail_the_run() -> None:
    assert exit_code(report(result("critical", "waived"))) == OK


def test_unknown_counts_even_where_no_failure_does() -> None:
    assert exit_code(report(result("low", "unknown"), result("critical", "fail")), "none") == UNKNOWN


def test_a_severity_nobody_knows_counts() -> None:
    assert counts(result("catastrophic", "fail"), "critical")
    assert not counts(result("catastrophic", "fail"), "none")


def test_precedence_is_two_four_one_three_zero() -> None:
    order = [BAD_INPUT, INTERNAL_ERROR, FAILED, UNKNOWN, OK]
    for index, code in enumerate(order):
        assert worst(order[index:]) == worst(reversed(order[index:])) == code


@pytest.mark.parametrize(
    ("answers", "expected", "code"),
    [
        ([True], True, 0),
        ([True], False, 1),
        ([False], False, 0),
        ([None], True, 3),
        ([None, False], True, 1),
        ([None, False], False, 3),
        ([], True, 0),
    ],
)
def test_expectation_of_evaluate(answers: list[bool | None], expected: bool, code: int) -> None:
    assert expectation_code(answers, expected) == code
