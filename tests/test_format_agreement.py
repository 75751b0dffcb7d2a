"""Random reports full of hostile texts: every format is well-formed and says what the exit code says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from format_support import (
    FAIL_ON,
    Counts,
    commands_of,
    markdown_tokens,
    meant,
    of_github,
    of_gitlab,
    of_junit,
    of_markdown,
    of_sarif,
    of_tap,
    points_of,
    reports,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netpol_verify.verify.exit_codes import exit_code
from netpol_verify.verify.reports import FORMATS
from netpol_verify.verify.reports.findings import details, gravest_first, headline, name
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.results import Report

RUNS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
READERS: dict[str, Callable[[str], Counts]] = {
    "sarif": of_sarif,
    "junit": of_junit,
    "markdown": of_markdown,
    "tap": of_tap,
}


def written(format_: str, made: Report, fail_on: Any) -> str:
    """As it reaches a file: UTF-8, with escapes for what that lacks."""
    return FORMATS[format_](made, Look(), fail_on).encode("utf-8", "backslashreplace").decode("utf-8")


def code_of(counts: Counts) -> int:
    return 1 if counts["fail"] else 3 if counts["unknown"] else 0


@pytest.mark.parametrize("format_", READERS)
@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_a_format_counts_what_the_run_counts(format_: str, made: Report, fail_on: Any) -> None:
    counts = READERS[format_](written(format_, made, fail_on))
    assert counts == meant(made, fail_on)
    assert code_of(counts) == exit_code(made, fail_on)


@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_githubs_annotations_agree_with_the_run_and_carry_their_texts_unchanged(made: Report, fail_on: Any) -> None:
    text = written("github", made, fail_on)
    wanted = meant(made, fail_on)
    notices = wanted["waived"] + wanted["spared"]
    if max(wanted["fail"], wanted["unknown"], notices) > 10:
        return
    counts = of_github(text)
    assert code_of(counts) == exit_code(made, fail_on)
    assert (counts["fail"], counts["unknown"], counts["pass"]) == (wanted["fail"], wanted["unknown"], wanted["pass"])
    assert counts["waived"] + counts["spared"] == notices
    shown = [each for each in gravest_first(made, fail_on) if each.status != "pass"]
    for result, command in zip(shown, commands_of(text), strict=True):
        assert command.message == "\n".join([headline(result, fail_on), *details(result)])
        assert command.properties["title"].startswith(name(result))


@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_gitlab_lists_all_that_does_not_pass_with_a_fingerprint_of_its_own(made: Report, fail_on: Any) -> None:
    text = written("gitlab", made, fail_on)
    wanted = meant(made, fail_on)
    counts = of_gitlab(text)
    assert counts["grave"] == wanted["fail"] + wanted["unknown"]
    assert counts["light"] == wanted["waived"] + wanted["spared"]
    assert bool(counts["grave"]) == (exit_code(made, fail_on) != 0)


@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_nothing_of_users_becomes_markdown_or_html(made: Report, fail_on: Any) -> None:
    for token in markdown_tokens(written("markdown", made, fail_on)):
        inside = [child.type for child in token.children or ()]
        assert not {"link_open", "image", "html_inline", "em_open", "strong_open", "s_open"} & set(inside)
        if token.type == "heading_open":
            assert token.tag == "h3"
        if token.type == "html_block":
            shape = token.content.strip()
            assert shape in ("</details>", "<!-- netpol-verify -->") or shape.startswith("<details><summary>")
            assert shape.count("<") == shape.count(">")
            assert "script" not in shape.replace("&lt;script", "").replace("&lt;/script", "")


@given(made=reports(), fail_on=FAIL_ON)
@RUNS
def test_tap_keeps_names_and_sentences(made: Report, fail_on: Any) -> None:
    points = points_of(written("tap", made, fail_on))
    for result, point in zip(made.results, points, strict=True):
        assert point.description == name(result)
        assert point.diagnostic["message"] == headline(result, fail_on)
        assert point.diagnostic.get("details", []) == details(result)


@given(
    made=reports(),
    fail_on=FAIL_ON,
    format_=st.sampled_from(["json", "sarif", "junit", "github", "gitlab", "markdown", "tap"]),
)
@RUNS
def test_every_format_is_text_for_people_and_ends_in_a_newline(made: Report, fail_on: Any, format_: str) -> None:
    """No character that acts on a terminal leaves a format, since it may be printed to one."""
    text = written(format_, made, fail_on)
    assert text.endswith("\n")
    assert not [letter for letter in text if letter != "\n" and (ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0)]
