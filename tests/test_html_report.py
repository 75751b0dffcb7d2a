"""The HTML report as text: it loads nothing, runs only its own script, says what the exit code says, and no name of a
user's becomes markup. What it does in a browser is for ``test_html_in_browser``."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from format_support import FAIL_ON, HOSTILE, full_report, reports
from html_support import RAW, Page, html_of, parsed
from hypothesis import given, settings
from netpol_verify import ProveRequest, run_prove
from netpol_verify.encodings.problems import Notice
from netpol_verify.verify.exit_codes import exit_code
from netpol_verify.verify.reports.findings import outcome
from netpol_verify.verify.results import Because, InputSummary, Report
from netpol_verify.verify.run import ManifestsRequest
from test_report_golden import DB, NEVER_ALLOWED, REFUTED, WEB, report

ROOT = Path(__file__).resolve().parent.parent
WORDS = {0: "PASS", 1: "FAIL", 3: "UNKNOWN"}


def proved_report(*suites: str, **rest: Any) -> Report:
    return run_prove(ProveRequest(suites=tuple(suites), **rest))


@pytest.fixture(scope="module")
def tiers() -> Report:
    """A real run, with manifests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return proved_report("examples/1-three-tiers/properties.yaml")


def sha256(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy_of(page: Page) -> dict[str, list[str]]:
    (meta,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    directives = (part.split() for part in (meta.attributes["content"] or "").split(";"))
    return {name: values for name, *values in directives}


def check_harmless(text: str) -> Page:
    """That a page can load nothing, and run nothing but its own script."""
    page = parsed(text)
    allowed = {"html", "head", "meta", "title", "link", "style", "body", "a", "header", "p", "span", "div", "h1", "h2"}
    allowed |= {"h3", "svg", "rect", "nav", "main", "section", "form", "fieldset", "legend", "label", "input", "b"}
    allowed |= {"select", "option", "output", "ol", "ul", "li", "details", "summary", "noscript", "code", "footer"}
    assert {each.tag for each in page.elements} <= allowed | {"script"}
    for each in page.elements:
        for name, value in each.attributes.items():
            assert not name.startswith("on"), "an event handler"
            assert name not in ("style", "src", "srcset", "action", "formaction", "data", "background", "ping")
            if name == "href":
                assert re.fullmatch(r"#[a-z]+|data:image/svg\+xml,[\w%.'/:-]*", value or ""), value
    assert page.comments == []
    (style,) = page.all("style")
    assert not re.search(r"url\(|@import|expression", style.text)
    code = [each for each in page.all("script") if each.attributes.get("type") != "application/json"]
    assert [each.attributes for each in code] == [{}]
    assert set(re.findall(r"\w+://[^\"'\s]*", code[0].text)) == {"http://www.w3.org/2000/svg"}
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|fetch\(|XMLHttp|import\("
    assert not re.search(forbidden, code[0].text)
    assert policy_of(page) == {
        "default-src": ["'none'"],
        "script-src": [sha256(code[0].text)],
        "style-src": [sha256(style.text)],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "require-trusted-types-for": ["'script'"],
    }
    return page


def test_the_page_loads_nothing_and_runs_only_what_its_policy_names(tiers: Report) -> None:
    page = check_harmless(html_of(tiers))
    before = [each.tag for each in page.elements[: page.elements.index(page.all("style")[0])]]
    assert before == ["html", "head", "meta", "meta", "meta", "meta", "meta", "title", "link"], "the policy comes first"
    assert list(page.elements[2].attributes) == ["charset"]
    assert "http-equiv" in page.elements[3].attributes


def test_no_text_of_the_style_or_script_ends_its_element(tiers: Report) -> None:
    for each in parsed(html_of(tiers)).elements:
        if each.tag in RAW:
            assert "</" not in each.text.replace("</wbr", "")
            assert "<!--" not in each.text
            assert "\r" not in each.text


@settings(deadline=None, max_examples=60)
@given(made=reports(), fail_on=FAIL_ON)
def test_whatever_users_write_the_page_is_harmless_and_complete(made: Report, fail_on: Any) -> None:
    page = check_harmless(html_of(made, fail_on))
    assert len(page.all("li", class_="row")) == len(made.results) == len(page.data("drawings"))


def named(text: str) -> Report:
    """A report with one text wherever users' texts can stand."""
    end = dataclasses.replace(
        WEB, labels={text: text}, namespace=text, namespace_labels={text: text}, ips=(text,), workload=text
    )
    made = dataclasses.replace(
        REFUTED,
        id=text,
        description=text,
        suite=text,
        class_=text,
        owner=text,
        severity=text,
        tags=(text,),
        world={text: text},
        semantics={text: text},
        members={text: 1},
        variant=text,
        counterexample=dataclasses.replace(NEVER_ALLOWED, source=end, port_name=text, depends_on=(text,)),
        because=(Because("ingress", text, 0, "allows", text, 1),),
        notices=(Notice(text, text, 1),),
        reproduce=(text,),
    )
    unknown = dataclasses.replace(made, verdict="unknown", status="unknown", reason=text, counterexample=None)
    return Report(
        text, text, InputSummary(1, {text: 1}, {}, (text,), (text,)), (text,), (Notice(text),), (made, unknown)
    )


@settings(deadline=None, max_examples=150)
@given(HOSTILE)
def test_no_text_changes_the_elements_of_the_page(text: str) -> None:
    """A text that is more than one line when shown keeps a letter, so that it is never empty."""
    page = parsed(html_of(named(f"x{text}")))
    assert page.shape() == parsed(html_of(named("x"))).shape()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "\"><svg onload='alert(1)'>",
        "'; alert(1); '",
        "<!-- <script>",
        "{{ 7 * 7 }}{% raw %}",
        "javascript:alert(1)",
        "&lt;b&gt;",
    ],
)
def test_a_hostile_name_is_shown_as_it_is_written(text: str) -> None:
    page = parsed(html_of(named(text)))
    assert page.shape() == parsed(html_of(named("x"))).shape()
    assert page.all("span", class_="name")[0].text == f"{text} [{text}]"
    assert page.data("drawings")[0]["facts"][2] == ["owner", text]


def test_controls_that_turn_text_around_are_written_out() -> None:
    page = html_of(named("a\u202eb\x1b[31m\u2066c\x00"))
    assert not [character for character in page if not character.isprintable() and character != "\n"]
    assert "a\\u202eb\\x1b[31m" in page


HOSTILE_MANIFEST = """\
# </script><script>alert(1)</script> <!-- \u202e
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny
  namespace: shop
  annotations: {note: "</style><img src=//evil.example/x>"}
spec:
  podSelector: {}
"""
SUITE = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
properties:
- {id: closed, defaultDeny: {for: {namespace: shop}, directions: [ingress]}}
"""


def test_the_text_of_manifests_is_data_and_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = "<img src=x onerror=alert(1)>.yaml"
    Path(file).write_text(HOSTILE_MANIFEST, "utf-8")
    Path("properties.yaml").write_text(SUITE)
    page = check_harmless(html_of(proved_report("properties.yaml", manifests=ManifestsRequest((file,)))))
    (text,) = page.data("texts")
    assert (text["title"], text["file"], text["first"]) == ("NetworkPolicy shop/deny", file, 1)
    assert text["lines"] == HOSTILE_MANIFEST.replace("\u202e", "\\u202e").splitlines()


def test_the_evidence_points_into_the_text(tiers: Report) -> None:
    page = parsed(html_of(tiers))
    refuted = next(each for each in page.data("drawings") if each["example"] and each["example"]["allowed"])
    (number,) = refuted["example"]["ingress"]["lines"]
    text, note, place, shown, first, last = page.data("evidence")[number]
    assert (text, note) == ("ingress: allowed by hollow/hollowdb, ingress[0]", "allows")
    assert place == "examples/1-three-tiers/policies/db.yaml:13"
    lines = page.data("texts")[shown]["lines"]
    assert page.data("texts")[shown]["first"] + first == 13
    assert lines[first].strip() == "- from:"
    assert "port: 3306" in lines[last]


def test_evidence_about_a_policy_points_to_whom_it_selects(tiers: Report) -> None:
    page = parsed(html_of(tiers))
    isolating = [each for each in page.data("evidence") if each[1] == "isolates"]
    assert isolating
    for _, _, _, shown, first, _ in isolating:
        assert page.data("texts")[shown]["lines"][first].strip().startswith("podSelector:")


def test_equal_runs_give_equal_pages() -> None:
    """Whatever the order in which this Python keeps sets."""
    pages: set[bytes] = set()
    command = [sys.executable, "-m", "netpol_verify", "prove", "docs/shop/properties.yaml", "-o", "html"]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        assert done.returncode == 1, done.stderr.decode()
        pages.add(done.stdout)
    assert len(pages) == 1


@settings(deadline=None, max_examples=60)
@given(made=reports(), fail_on=FAIL_ON)
def test_banner_title_and_list_agree_with_the_exit_code(made: Report, fail_on: Any) -> None:
    page = parsed(html_of(made, fail_on))
    word = WORDS[exit_code(made, fail_on)]
    assert page.all("p", class_="word")[0].text.strip() == word
    assert page.all("header", class_=word)
    assert page.all("title")[0].text.startswith(f"{word}: ")
    shown = [each.attributes["data-status"] for each in page.all("li", class_="row")]
    assert sorted(map(str, shown)) == sorted(outcome(result, fail_on) for result in made.results)
    order = ("fail", "unknown", "spared", "waived", "pass")
    assert shown == sorted(shown, key=lambda each: order.index(str(each))), "the gravest first"


def test_what_fails_says_why_without_a_script() -> None:
    page = parsed(html_of(report()))
    text = " ".join(each.text for each in page.elements if each.tag not in RAW)
    for result in report().results:
        assert result.id in text
        if result.status == "fail" and result.description:
            assert " ".join(result.description.split()) in text
    assert "ingress: allowed by shop/db-allow, ingress[0] (k8s/db.yaml:14)" in text


def test_a_report_without_manifests_has_no_picture() -> None:
    page = check_harmless(html_of(full_report()))
    assert page.data("pictures") == []
    assert not page.all("section", id="picture")


def test_two_pods_in_a_counterexample_are_two_cards() -> None:
    example = dataclasses.replace(NEVER_ALLOWED, source=DB, destination=DB)
    made = dataclasses.replace(report(), results=(dataclasses.replace(REFUTED, counterexample=example),))
    (drawn,) = parsed(html_of(made)).data("drawings")
    assert drawn["example"]["source"] == drawn["example"]["destination"]
    assert drawn["example"]["source"]["title"] == "shop/StatefulSet/db"
