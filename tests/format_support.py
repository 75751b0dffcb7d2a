"""A made-up report for the formats of pipelines, random ones full of hostile texts, and readers that count outcomes."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import yaml
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from netpol_verify.encodings.problems import Notice
from netpol_verify.verify.exit_codes import FAIL_ON_LEVELS
from netpol_verify.verify.reports.findings import outcome
from netpol_verify.verify.results import Because, InputSummary, PropertyResult, Report, WaiverUsed
from test_report_golden import DB, NEVER_ALLOWED, PROVED, REFUTED, STRANGER, report

Counts = Counter[str]

WAIVER = WaiverUsed("legacy", "moves in May, see #4711", "team-web", "2026-12-31", "waivers.yaml", 7)


def full_report() -> Report:
    """Every verdict and status, waivers and a baseline, a matrix, two suites, and places that are no paths."""
    from_git = dataclasses.replace(
        REFUTED,
        id="of-a-commit",
        suite="teams/shop/über uns.yaml",
        because=(Because("ingress", "shop/db", 1, "allows", "main:k8s/db.yaml", 9),),
    )
    rendered = Because("ingress", "shop/db", 1, "allows", "overlays/prod (kustomize, from base/db.yaml)", 9)
    outside = Because("ingress", "shop/db", 1, "allows", "/srv/k8s/d b.yaml", 4)
    more = (
        from_git,
        dataclasses.replace(from_git, id="of-an-overlay", because=(rendered,), severity="medium"),
        dataclasses.replace(from_git, id="of-elsewhere", because=(outside,), severity="low"),
        dataclasses.replace(from_git, id="matrix", variant="eu"),
        dataclasses.replace(from_git, id="matrix", variant="us"),
        dataclasses.replace(from_git, id="legacy", status="waived", waivers=(WAIVER,)),
        dataclasses.replace(from_git, id="recorded", status="waived", baseline="baseline.json"),
    )
    made = report()
    return dataclasses.replace(made, results=(*made.results, *more))


HOSTILE = st.one_of(
    st.text(max_size=30),
    st.text(
        alphabet=st.sampled_from("|`<>&[](){}:,%#@!*_\\\"'\n\r\t\x00\x1b\x85\u2028\ud800\ufffe\uffff-.~ aé😀"),
        max_size=30,
    ),
    st.sampled_from(
        [
            "::error::x",
            "]]>",
            "# SKIP waived",
            "\n...\nok 1 - all is well",
            "[x](http://evil.example)",
            "![x](http://evil.example/p.png)",
            "</details><script>x</script>",
            "<!--",
            "```",
            "a | b",
            "%0A::error::x",
            "&amp;&#64;",
            "{0} {{1}}",
        ]
    ),
)
SLUGS = st.from_regex(r"\A[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?\Z")
SEVERITIES = st.sampled_from(FAIL_ON_LEVELS[:-1])
FAIL_ON = st.sampled_from(FAIL_ON_LEVELS)
FILES = st.one_of(
    st.sampled_from(["k8s/db.yaml", "main:k8s/db.yaml", "overlays/prod (helm)", "live:prod", "<stdin>", "/a/b.yaml"]),
    HOSTILE.filter(bool),
)


@st.composite
def results(draw: st.DrawFn) -> PropertyResult:
    """Any verdict with any status, and hostile text wherever a text can stand."""
    policy = Because("ingress", draw(HOSTILE), 0, "allows", draw(FILES), draw(st.integers(1, 9)), detail=draw(HOSTILE))
    waiver = dataclasses.replace(WAIVER, reason=draw(HOSTILE), owner=draw(HOSTILE), file=draw(FILES))
    end = dataclasses.replace(draw(st.sampled_from([DB, STRANGER])), labels={draw(HOSTILE): draw(HOSTILE)})
    example = dataclasses.replace(NEVER_ALLOWED, source=end, depends_on=(draw(HOSTILE),))
    return dataclasses.replace(
        draw(st.sampled_from([PROVED, REFUTED])),
        verdict=draw(st.sampled_from(["proved", "refuted", "vacuous", "unknown"])),
        status=draw(st.sampled_from(["pass", "fail", "unknown", "waived"])),
        expected=draw(st.sampled_from([None, "refuted", "vacuous"])),
        severity=draw(SEVERITIES),
        suite=draw(HOSTILE.filter(bool)),
        description=draw(st.none() | HOSTILE),
        owner=draw(st.none() | HOSTILE),
        tags=tuple(draw(st.lists(HOSTILE, max_size=3))),
        reason=draw(st.none() | HOSTILE),
        notices=(Notice(draw(HOSTILE), draw(st.none() | FILES), 3),),
        class_=draw(st.none() | HOSTILE),
        counterexample=draw(st.none() | st.just(example)),
        because=tuple([policy] * draw(st.integers(0, 2))),
        waivers=draw(st.sampled_from([(), (waiver,)])),
        variant=draw(st.none() | HOSTILE),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Results with unique ids, as suites have them, and hostile notices."""
    found = draw(st.lists(results(), max_size=14))
    names = draw(st.lists(SLUGS, min_size=len(found), max_size=len(found), unique=True))
    named = tuple(dataclasses.replace(result, id=name) for result, name in zip(found, names, strict=True))
    notices = (Notice(draw(HOSTILE), draw(st.none() | FILES), 1),)
    return Report("1", "4", InputSummary(1, {}, {}, (), ()), (draw(HOSTILE),), notices, named)


def meant(made: Report, fail_on: Any) -> Counts:
    """How many results have each outcome."""
    return Counter(outcome(result, fail_on) for result in made.results)


def of_sarif(text: str) -> Counts:
    run = json.loads(text)["runs"][0]
    words = {"error": "fail", "warning": "unknown"}
    counts = Counter(
        words.get(each["level"], "waived" if "suppressions" in each else "spared") for each in run["results"]
    )
    passing = len(run["tool"]["driver"]["rules"]) - len(run["results"])
    return counts + Counter({"pass": passing})


def of_junit(text: str) -> Counts:
    counts: Counts = Counter()
    for case in ET.fromstring(text.encode("utf-8")).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None:
            counts["fail"] += 1
        elif case.find("error") is not None:
            counts["unknown"] += 1
        elif skipped is not None:
            counts["waived" if skipped.attrib["message"].startswith("waived: ") else "spared"] += 1
        else:
            counts["pass"] += 1
    return counts


@dataclasses.dataclass(frozen=True)
class Command:
    """A workflow command as GitHub's runner reads it."""

    name: str
    properties: dict[str, str]
    message: str


def commands_of(text: str) -> list[Command]:
    """The runner's reading: a line that begins with ``::``, properties up to the next ``::``, then the data."""
    found: list[Command] = []
    for line in text.split("\n"):
        if not line.startswith("::"):
            continue
        head, _, data = line[2:].partition("::")
        name, _, rest = head.partition(" ")
        pairs = (pair.split("=", 1) for pair in rest.split(","))
        found.append(Command(name, {key: _decoded(value) for key, value in pairs}, _decoded(data)))
    return found


def _decoded(text: str) -> str:
    for escape, letter in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escape, letter)
    return text


def of_github(text: str) -> Counts:
    """Of a report in which GitHub shows everything; what passes stands in the last line only."""
    words = {"error": "fail", "warning": "unknown"}
    counts: Counts = Counter()
    for command in commands_of(text):
        notice = "waived" if command.message.startswith("waived: ") else "spared"
        counts[words.get(command.name, notice)] += 1
    passing = re.search(r"^(\d+) pass\b", text, re.MULTILINE)
    return counts + Counter({"pass": int(passing[1]) if passing else 0})


def of_gitlab(text: str) -> Counts:
    """What passes is not there, and what is ``info`` gates nothing."""
    return Counter("light" if each["severity"] == "info" else "grave" for each in json.loads(text))


def markdown_tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)


def of_markdown(text: str) -> Counts:
    marks = {"❌": "fail", "❔": "unknown", "⚠️": "spared", "🟡": "waived", "✅": "pass"}
    rows = re.findall(r"^\| (\S+) \| .* \|$", text, re.MULTILINE)
    return Counter(marks[mark] for mark in rows if mark in marks)


@dataclasses.dataclass(frozen=True)
class Point:
    """A test point of TAP 14."""

    ok: bool
    number: int
    description: str
    directive: str
    diagnostic: dict[str, Any]


_POINT = re.compile(r"^(not )?ok (\d+) - ((?:[^\\#]|\\.)*?)(?: # (.*))?$")


def points_of(text: str) -> list[Point]:
    """A reader of TAP 14 that refuses every line it does not expect."""
    lines = text.split("\n")
    assert lines.pop() == ""
    assert lines.pop(0) == "TAP version 14"
    plan = re.match(r"^1\.\.(\d+)( # SKIP .*)?$", lines.pop(0))
    assert plan is not None
    assert lines.pop().startswith("# ")
    points: list[Point] = []
    while lines:
        found = _POINT.match(lines.pop(0))
        assert found is not None
        assert lines.pop(0) == "  ---"
        end = lines.index("  ...")
        diagnostic = yaml.safe_load("\n".join(lines[:end]))
        del lines[: end + 1]
        description = re.sub(r"\\(.)", r"\1", found[3])
        points.append(Point(found[1] is None, int(found[2]), description, found[4] or "", diagnostic))
    assert [point.number for point in points] == list(range(1, int(plan[1]) + 1))
    return points


def of_tap(text: str) -> Counts:
    counts: Counts = Counter()
    for point in points_of(text):
        if point.directive.startswith("SKIP"):
            counts["waived"] += 1
        elif point.directive.startswith("TODO"):
            counts["spared"] += 1
        elif point.ok:
            counts["pass"] += 1
        else:
            counts["unknown" if point.diagnostic["status"] == "unknown" else "fail"] += 1
    return counts
