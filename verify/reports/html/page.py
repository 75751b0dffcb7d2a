"""The page as text: the template filled in, its scripts and style inside it, and the policy that allows nothing else.

The page's Content-Security-Policy names its one script and its one style by their hashes and forbids everything else,
requests of any kind included. Texts of users reach the page through the template, which escapes them, or as JSON that
the script sets as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from ...exit_codes import FailOn
from ...results import Report
from ..findings import gravest_first, notice_text, printable, summary, verdict_of_run
from ..json_report import Json
from ..lines import Look, clean
from ..text import input_words
from .drawing import Evidence, drawing
from .picture import picture
from .rows import MARKS, WORDS, counted, rows
from .texts import Texts

_SCRIPTS = ("page.js", "details.js", "curves.js", "picture.js")
_COLOURS = {"PASS": "#1a7f37", "FAIL": "#cf222e", "UNKNOWN": "#9a6700"}
_SIGNS = {"PASS": "✓", "FAIL": "✗", "UNKNOWN": "?"}


def render_html(report: Report, look: Look, fail_on: FailOn) -> str:
    """The whole page. It looks the same wherever it goes."""
    del look
    ordered = gravest_first(report, fail_on)
    texts = Texts(report.sources)
    evidence = Evidence(texts)
    word = verdict_of_run(report, fail_on)
    data: dict[str, Json] = {
        "drawings": [drawing(result, evidence) for result in ordered],
        "evidence": evidence.shown,
        "pictures": [picture(source, texts) for source in report.sources],
        "texts": texts.shown,
    }
    script, style = "".join(map(_asset, _SCRIPTS)), _asset("page.css")
    numbers = counted(report, fail_on)
    filled = _template().render(
        policy=_policy(script, style),
        icon=_icon(word),
        script=Markup(script),
        style=Markup(style),
        data=[(name, _json(value)) for name, value in data.items()],
        word=word,
        sign=_SIGNS[word],
        sentence=_sentence(len(report.results), dict(numbers)),
        summary=summary(report, fail_on),
        suites=list(dict.fromkeys(clean(result.suite) for result in report.results)),
        bars=_bars(numbers),
        outcomes=[(outcome, WORDS[outcome], MARKS[outcome], number) for outcome, number in numbers],
        severities=list(dict.fromkeys(printable(result.severity) for result in ordered)),
        rows=list(rows(ordered, fail_on)),
        pictured=bool(report.sources),
        notices=[notice_text(notice) for notice in report.notices],
        assumptions=[printable(text) for text in report.assumptions],
        inputs=[printable(text) for text in input_words(report)],
        version=clean(report.version),
        z3=clean(report.z3),
    )
    return filled.rstrip("\n") + "\n"


def _sentence(total: int, numbers: dict[str, int]) -> str:
    """``2 of 8 properties fail``: the gravest outcome there is."""
    properties = "property" if total == 1 else "properties"
    for outcome, one, many in (
        ("fail", "fails", "fail"),
        ("unknown", "is unknown", "are unknown"),
        ("spared", "fails, which is not counted", "fail, which is not counted"),
    ):
        number = numbers.get(outcome, 0)
        if number:
            return f"{number} of {total} {properties} {one if number == 1 else many}"
    waived = numbers.get("waived", 0)
    if waived:
        return f"nothing else fails, {waived} of {total} {properties} {'is' if waived == 1 else 'are'} waived"
    return f"all {total} {properties} pass" if total > 1 else "the one property passes" if total else "no property"


def _bars(numbers: Iterable[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Outcome, start and width of each part of the bar, of a thousand."""
    found = list(numbers)
    total = sum(number for _, number in found)
    bars: list[tuple[str, int, int]] = []
    before = 0
    for outcome, number in found:
        start, end = before * 1000 // total, (before + number) * 1000 // total
        bars.append((outcome, start, end - start))
        before += number
    return bars


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_asset("page.html.jinja"))


@cache
def _asset(name: str) -> str:
    return (files(__name__.rpartition(".")[0]) / name).read_text("utf-8")


def _json(value: Json) -> Markup:
    """JSON that ends no element of the page and begins none."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _policy(script: str, style: str) -> str:
    """What the page may do: run this script, use this style, show an icon that it holds itself."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _icon(word: str) -> str:
    """The outcome as the tab's icon: without one, a browser would ask for a file."""
    drawn = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
        f"<rect width='32' height='32' rx='6' fill='{_COLOURS[word]}'/>"
        "<text x='16' y='24' font-size='24' font-family='sans-serif' fill='#fff' text-anchor='middle'>"
        f"{_SIGNS[word]}</text></svg>"
    )
    return f"data:image/svg+xml,{quote(drawn)}"
