"""The HTML report as a parser sees it: elements with attributes and texts, and the data inside it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from netpol_verify.verify.exit_codes import FailOn
from netpol_verify.verify.reports import FORMATS
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.results import Report

RAW = ("script", "style")
"""Elements whose content is no markup."""


@dataclass(slots=True)
class Element:
    """An element, with the text directly in it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass(slots=True)
class Page(HTMLParser):
    """A page, read leniently, as browsers do: what is not meant to be markup and is, shows."""

    elements: list[Element] = field(default_factory=list[Element])
    comments: list[str] = field(default_factory=list[str])
    _open: list[Element] = field(default_factory=list[Element])

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), "an attribute twice"
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in ("meta", "link", "input"):
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def finished(self) -> bool:
        """Is every element closed?"""
        return not self._open

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of this tag with these attributes; ``class_`` is one class of several."""
        wanted = attributes.pop("class_", None)
        return [
            each
            for each in self.elements
            if each.tag == tag
            and (wanted is None or wanted in (each.attributes.get("class") or "").split())
            and all(each.attributes.get(name) == value for name, value in attributes.items())
        ]

    def data(self, name: str) -> Any:
        """The data block of this name."""
        return json.loads(self.all("script", id=f"data-{name}")[0].text)

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every element with the names of its attributes, in order."""
        return [(each.tag, tuple(each.attributes)) for each in self.elements]


def html_of(report: Report, fail_on: FailOn = "low") -> str:
    """The report as HTML, as it is written to a file."""
    text = FORMATS["html"](report, Look(), fail_on)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def parsed(text: str) -> Page:
    """A page that has to be well-formed."""
    page = Page()
    page.feed(text)
    page.close()
    assert page.finished()
    return page
