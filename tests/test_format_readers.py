"""Readers that are not ours read the formats as meant: SARIF's schema as models, a JUnit and a TAP reader.

No package on PyPI carries the SARIF schema itself; ``pydantic-sarif`` is generated from it, forbids unknown keys, and
knows its enumerations, patterns and bounds. It is made of an early edition, in which a suppression's ``status`` was
called ``state``; that key is renamed for it. GitLab publishes no schema as a package: its documented fields are listed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from format_support import FAIL_ON, full_report, meant, reports
from hypothesis import HealthCheck, given, settings
from junitparser import Error, Failure, JUnitXml, Skipped
from netpol_verify.verify.reports import FORMATS
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.results import Report
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from tap.parser import Parser

RUNS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def text_of(format_: str, made: Report, fail_on: Any) -> str:
    return FORMATS[format_](made, Look(), fail_on).encode("utf-8", "backslashreplace").decode("utf-8")


def for_models(text: str) -> Any:
    """The log with ``suppressions[].status`` under its early name."""
    log = json.loads(text)
    for result in log["runs"][0]["results"]:
        for suppression in result.get("suppressions", ()):
            suppression["state"] = suppression.pop("status")
    return log


def test_sarif_of_the_full_report_fits_the_schemas_models() -> None:
    log = Sarif.model_validate(for_models(text_of("sarif", full_report(), "medium")))
    (run,) = log.runs
    assert run.invocations is not None
    assert run.invocations[0].exitCode == 1


@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_sarif_fits_the_schemas_models(made: Report, fail_on: Any) -> None:
    log = for_models(text_of("sarif", made, fail_on))
    Sarif.model_validate(log)
    for result in log["runs"][0]["results"]:
        assert result["kind"] == "fail", "SARIF allows a level beside none only for this kind"
        assert log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert len({each["id"] for each in result["relatedLocations"]}) == len(result["relatedLocations"])


def test_a_key_that_sarif_does_not_know_is_refused_by_these_models() -> None:
    log = for_models(text_of("sarif", full_report(), "low"))
    log["runs"][0]["results"][0]["colour"] = "red"
    with pytest.raises(ValueError, match="colour"):
        Sarif.model_validate(log)


@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_a_junit_reader_finds_every_property_with_its_outcome(made: Report, fail_on: Any) -> None:
    read: Any = JUnitXml.fromstring(text_of("junit", made, fail_on).encode())
    wanted = meant(made, fail_on)
    cases = [case for suite in read for case in suite]
    kinds: list[object] = [type(case.result[0]) if case.result else None for case in cases]
    assert len(cases) == len(made.results)
    assert kinds.count(Failure) == wanted["fail"] == read.failures
    assert kinds.count(Error) == wanted["unknown"] == read.errors
    assert kinds.count(Skipped) == wanted["waived"] + wanted["spared"] == read.skipped


def test_a_tap_reader_finds_every_property_with_its_outcome() -> None:
    made = full_report()
    wanted = meant(made, "medium")
    reader: Any = Parser()
    lines: list[Any] = list(reader.parse_text(text_of("tap", made, "medium")))
    points = [line for line in lines if line.category == "test"]
    assert [line.category for line in lines[:2]] == ["version", "plan"]
    assert "unknown" not in {line.category for line in lines}
    assert len(points) == len(made.results)
    assert sum(point.skip for point in points) == wanted["waived"]
    assert sum(point.todo for point in points) == wanted["spared"]
    assert sum(not point.ok and not point.todo for point in points) == wanted["fail"] + wanted["unknown"]
    assert all(point.yaml_block["status"] for point in points)


@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_gitlabs_documented_fields_are_there_and_fingerprints_are_unique(made: Report, fail_on: Any) -> None:
    findings = json.loads(text_of("gitlab", made, fail_on))
    for each in findings:
        assert all(isinstance(each[key], str) for key in ("description", "check_name", "fingerprint"))
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert each["location"]["lines"]["begin"] >= 1
        assert each["location"]["path"]
    assert len({each["fingerprint"] for each in findings}) == len(findings)
