"""JUnit XML, as CI servers read it: a test suite per suite file, a test case per property and variant.

A failure that counts is a ``failure``, an unknown property an ``error``; what is waived or below ``--fail-on`` is
``skipped`` with the reason. So a report without failures and errors is one that ends with exit code 0. There is no
timestamp, and all times are 0: equal input gives equal files.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ..exit_codes import FailOn
from ..results import PropertyResult, Report
from .findings import Outcome, details, headline, name, outcome, printable, waived_because
from .lines import Look

_ELEMENTS: dict[Outcome, str] = {"fail": "failure", "unknown": "error", "spared": "skipped", "waived": "skipped"}


def render_junit(report: Report, look: Look, fail_on: FailOn) -> str:
    """The report as one XML document."""
    del look
    root = ET.Element("testsuites", {"name": "netpol-verify", **_counts(report.results, fail_on)})
    by_suite: dict[str, list[PropertyResult]] = {}
    for result in report.results:
        by_suite.setdefault(result.suite, []).append(result)
    for suite, results in by_suite.items():
        element = ET.SubElement(root, "testsuite", {"name": printable(suite), **_counts(results, fail_on)})
        properties = ET.SubElement(element, "properties")
        for key, value in (("version", report.version), ("z3", report.z3), ("fail-on", fail_on)):
            ET.SubElement(properties, "property", {"name": key, "value": printable(value)})
        for result in results:
            _case(element, result, fail_on)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _counts(results: Sequence[PropertyResult], fail_on: FailOn) -> dict[str, str]:
    found = [_ELEMENTS.get(outcome(result, fail_on)) for result in results]
    return {
        "tests": str(len(found)),
        "failures": str(found.count("failure")),
        "errors": str(found.count("error")),
        "skipped": str(found.count("skipped")),
        "time": "0",
    }


def _case(suite: ET.Element, result: PropertyResult, fail_on: FailOn) -> None:
    attributes = {
        "classname": _class_name(result.suite),
        "name": name(result),
        "file": printable(result.suite),
        "line": str(result.line),
        "time": "0",
    }
    case = ET.SubElement(suite, "testcase", attributes)
    told, lines = headline(result, fail_on), details(result)
    found = _ELEMENTS.get(outcome(result, fail_on))
    if found == "skipped":
        because = f"waived: {waived_because(result)}" if result.status == "waived" else told
        ET.SubElement(case, "skipped", {"message": printable(because)})
    elif found is not None:
        element = ET.SubElement(case, found, {"message": told, "type": f"{result.verdict} ({result.severity})"})
        element.text = "\n".join([told, *lines, f"suite: {printable(result.suite)}:{result.line}"])
        return
    ET.SubElement(case, "system-out").text = "\n".join([told, *lines])


def _class_name(suite: str) -> str:
    """``docs.shop.properties``: servers part class names at dots and show them as a tree."""
    return printable(suite.removesuffix(".yaml").removesuffix(".yml").strip("./").replace("/", ".")) or "properties"
