"""The formats for pipelines of one made-up run that has everything, byte for byte, and what they say where it matters.

``NETPOL_VERIFY_UPDATE_GOLDEN=1 pytest tests/test_format_golden.py`` writes the files anew; read the difference.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from format_support import commands_of, full_report
from netpol_verify.encodings.problems import Notice
from netpol_verify.verify.reports import FORMATS
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.reports.markdown import render_markdown
from test_report_golden import REFUTED, check

SUFFIXES = {
    "sarif": "sarif.json",
    "junit": "junit.xml",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "markdown": "comment.md",
    "tap": "tap",
}


def rendered(name: str, fail_on: Any = "medium") -> str:
    return FORMATS[name](full_report(), Look(), fail_on)


@pytest.mark.parametrize("name", SUFFIXES)
def test_a_format_is_as_kept(name: str) -> None:
    check(f"format_{SUFFIXES[name]}", rendered(name))


def sarif_results() -> dict[str, Any]:
    results = json.loads(rendered("sarif"))["runs"][0]["results"]
    return {each["ruleId"]: each for each in results}


def places(result: Any) -> list[tuple[str, str | None, int]]:
    found = (each["physicalLocation"] for each in result["locations"])
    return [
        (each["artifactLocation"]["uri"], each["artifactLocation"].get("uriBaseId"), each["region"]["startLine"])
        for each in found
    ]


def test_sarif_points_at_the_deciding_line_and_at_the_property() -> None:
    results = sarif_results()
    assert places(results["web-never-reaches-db"]) == [
        ("k8s/db.yaml", "SRCROOT", 14),
        ("properties.yaml", "SRCROOT", 21),
    ]
    assert places(results["nothing-is-new"])[0] == ("k8s/db.yaml", "SRCROOT", 17), "the changed line comes first"


@pytest.mark.parametrize("name", ["of-a-commit", "of-an-overlay"])
def test_sarif_names_a_source_that_is_no_path_in_words_only(name: str) -> None:
    result = sarif_results()[name]
    assert places(result) == [("teams/shop/%C3%BCber%20uns.yaml", "SRCROOT", 21)]
    assert "db.yaml" in result["message"]["text"]


def test_sarif_gives_an_absolute_path_as_a_file_uri() -> None:
    assert places(sarif_results()["of-elsewhere"])[0] == ("file:///srv/k8s/d%20b.yaml", None, 4)


def test_sarif_suppresses_what_is_waived_and_says_why() -> None:
    results = sarif_results()
    waived = {key: each["suppressions"] for key, each in results.items() if "suppressions" in each}
    assert sorted(waived) == ["default-deny-egress", "legacy", "recorded"]
    assert [each["status"] for all_ in waived.values() for each in all_] == ["accepted"] * 3
    assert "moves in May" in waived["legacy"][0]["justification"]
    assert "baseline.json" in waived["recorded"][0]["justification"]


def test_fingerprints_do_not_hang_on_lines_or_files_but_on_property_variant_and_policy() -> None:
    def fingerprints(result: Any) -> tuple[str, str]:
        made = dataclasses.replace(full_report(), results=(result,))
        sarif = json.loads(FORMATS["sarif"](made, Look(), "low"))["runs"][0]["results"][0]["partialFingerprints"]
        return json.dumps(sarif), json.loads(FORMATS["gitlab"](made, Look(), "low"))[0]["fingerprint"]

    because = tuple(dataclasses.replace(each, line=99, file="moved.yaml") for each in REFUTED.because)
    moved = dataclasses.replace(REFUTED, line=3, suite="other.yaml", because=because, description="new")
    other = tuple(dataclasses.replace(each, policy="shop/other") for each in REFUTED.because)
    assert fingerprints(moved) == fingerprints(REFUTED)
    for change in ({"id": "x"}, {"variant": "eu"}, {"because": other}):
        changed = dataclasses.replace(REFUTED, **change)
        assert all(a != b for a, b in zip(fingerprints(changed), fingerprints(REFUTED), strict=True))


def test_github_shows_ten_of_a_kind_the_gravest_first_and_counts_the_rest() -> None:
    severities = ("low", "medium", "high", "critical")
    many = tuple(dataclasses.replace(REFUTED, id=f"p{n}", severity=severities[n % 4]) for n in range(25))
    made = dataclasses.replace(full_report(), results=many)
    commands = commands_of(FORMATS["github"](made, Look(), "low"))
    assert len(commands) == 10
    assert ["critical" in each.properties["title"] for each in commands[:6]] == [True] * 6
    assert commands[-1].properties == {"title": "16 more"}
    assert "p24" in commands[-1].message
    ten = dataclasses.replace(made, results=many[:10])
    assert all("file" in each.properties for each in commands_of(FORMATS["github"](ten, Look(), "low")))


def test_a_comment_of_a_huge_report_stays_below_githubs_limit_and_says_what_is_missing() -> None:
    long = dataclasses.replace(REFUTED, description="*é😀" * 5000, notices=(Notice("|" * 5000),) * 20)
    made = dataclasses.replace(
        full_report(), results=tuple(dataclasses.replace(long, id=f"p{n}-{'x' * 90}") for n in range(500))
    )
    text = render_markdown(made, Look(), "low")
    assert len(text.encode()) < 65_536
    assert text.count("<details>") == text.count("</details>") > 5
    assert "… and " in text
    assert "more parts are left out" in text
    assert "500 fail — FAIL" in text


def test_a_quiet_comment_leaves_out_what_passes() -> None:
    assert "Passing (" in rendered("markdown")
    quiet = render_markdown(full_report(), Look(quiet=True), "low")
    assert "Passing (" not in quiet
    assert "Waived (3)" in quiet
