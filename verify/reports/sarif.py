"""SARIF 2.1.0 (OASIS), for code scanning and editors: a rule per property, a result per property that does not pass.

A property without a result passed: the rules list all that were asked. Levels agree with the exit code: ``error`` is a
failure that counts (1), ``warning`` is unknown (3), ``note`` is waived or below ``--fail-on``. Results have the kind
``fail`` throughout, also unknown ones: SARIF allows other kinds no level but ``none``, and viewers hide those.
"""

from __future__ import annotations

from urllib.parse import quote

from ...encodings.problems import Notice
from ..exit_codes import FAILED, OK, FailOn, exit_code
from ..results import PropertyResult, Report
from .findings import (
    Outcome,
    Spot,
    deciding,
    details,
    fingerprint,
    headline,
    is_path,
    name,
    notice_text,
    outcome,
    printable,
    spots,
    suite_spot,
    summary,
    waived_because,
    waiver_text,
)
from .json_report import Json, dump_json
from .lines import Look

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"
_LEVELS: dict[Outcome, str] = {"fail": "error", "unknown": "warning", "spared": "note", "waived": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
_MOST_TAGS = 20  # GitHub refuses a rule with more
_VERBS = {
    "never": "No pod of one group reaches the other.",
    "only": "Nobody but the named sources reaches the group.",
    "always": "Every pod of one group reaches every pod of the other.",
    "can": "Some pod of one group reaches some pod of the other.",
    "isolate": "The groups do not reach one another.",
    "defaultDeny": "A pod that no other policy selects is closed.",
    "dns": "The pods can resolve names.",
    "cannotOverride": "No NetworkPolicy changes what cluster-wide policies decide.",
    "noNewAccess": "A change allows nothing that was refused before.",
    "noLostAccess": "A change refuses nothing that was allowed before.",
    "equivalent": "Both sides allow the same connections.",
}


def render_sarif(report: Report, look: Look, fail_on: FailOn) -> str:
    """The report as a SARIF log with one run."""
    del look
    return dump_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, fail_on)]})


def _run(report: Report, fail_on: FailOn) -> Json:
    of_rule: dict[str, PropertyResult] = {}
    for result in report.results:
        of_rule.setdefault(result.id, result)
    numbers = {each: number for number, each in enumerate(of_rule)}
    found = [result for result in report.results if result.status != "pass"]
    return {
        "tool": {
            "driver": {
                "name": "netpol-verify",
                "version": report.version,
                "rules": [_rule(result) for result in of_rule.values()],
            }
        },
        "invocations": [_invocation(report, numbers, fail_on)],
        "originalUriBaseIds": {_ROOT: {"description": _message("The folder in which netpol-verify ran.")}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, numbers[result.id], fail_on) for result in found],
        "properties": {"summary": summary(report, fail_on), "assumptions": list(report.assumptions)},
    }


def _rule(result: PropertyResult) -> Json:
    meaning = _VERBS.get(result.verb, result.verb)
    described = printable(" ".join((result.description or meaning).split()))
    text = f"{result.verb}: {meaning} The suite asks for it at {result.suite}:{result.line}; docs/suite.md explains it."
    return {
        "id": result.id,
        "shortDescription": _message(f"{result.id} ({result.verb})"),
        "fullDescription": _message(described),
        "help": _message(text),
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": list[Json](dict.fromkeys(["security", result.verb, *result.tags]))[:_MOST_TAGS],
            "precision": "very-high",
            "security-severity": _SCORES.get(result.severity, _SCORES["critical"]),
            "severity": result.severity,
        },
    }


def _result(result: PropertyResult, number: int, fail_on: FailOn) -> Json:
    places = spots(result)
    made: dict[str, Json] = {
        "ruleId": result.id,
        "ruleIndex": number,
        "kind": "fail",
        "level": _LEVELS[outcome(result, fail_on)],
        "message": _message("\n".join([_titled(result, fail_on), *details(result)])),
        "locations": [_location(each) for each in (*deciding(result)[:1], suite_spot(result))],
        "relatedLocations": [{"id": index, **_location(each, said=True)} for index, each in enumerate(places)],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint(result)}:1",
            "propertyAndPolicies/v1": fingerprint(result),
        },
        "properties": {
            "status": result.status,
            "verdict": result.verdict,
            "severity": result.severity,
            "variant": result.variant,
        },
    }
    if result.status == "waived":
        made["suppressions"] = _suppressions(result)
    return made


def _titled(result: PropertyResult, fail_on: FailOn) -> str:
    """The sentence; of a matrix, with the variant before it."""
    told = headline(result, fail_on)
    return told if result.variant is None else f"{name(result)}: {told}"


def _suppressions(result: PropertyResult) -> list[Json]:
    base: dict[str, Json] = {"kind": "external", "status": "accepted"}
    made: list[Json] = []
    for waiver in result.waivers:
        where = Spot(waiver.file, waiver.line, "the waiver")
        made.append({**base, "justification": waiver_text(waiver), "location": _location(where)})
    return made or [{**base, "justification": waived_because(result)}]


def _invocation(report: Report, numbers: dict[str, int], fail_on: FailOn) -> Json:
    code = exit_code(report, fail_on)
    words = {OK: "every property passes", FAILED: "a property fails"}
    told: list[Json] = [_notification(notice) for notice in report.notices]
    for result in report.results:
        rule: dict[str, Json] = {"id": result.id, "index": numbers[result.id]}
        for notice in result.notices:
            told.append({**_notification(notice), "associatedRule": rule})
    return {
        "executionSuccessful": True,
        "exitCode": code,
        "exitCodeDescription": words.get(code, "nothing fails, but something is unknown"),
        "toolExecutionNotifications": told,
    }


def _notification(notice: Notice) -> dict[str, Json]:
    made: dict[str, Json] = {"level": "note", "message": _message(printable(notice.message))}
    if notice.file is not None and is_path(notice.file):
        made["locations"] = [_location(Spot(notice.file, notice.line or 1, ""))]
    elif notice.file is not None:
        made["message"] = _message(notice_text(notice))
    return made


def _location(spot: Spot, said: bool = False) -> dict[str, Json]:
    made: dict[str, Json] = {
        "physicalLocation": {"artifactLocation": _artifact(spot.file), "region": {"startLine": max(spot.line, 1)}}
    }
    if said:
        made["message"] = _message(printable(spot.text))
    return made


def _artifact(file: str) -> dict[str, Json]:
    """A path as a URI: relative ones to the folder of the run, absolute ones by themselves.

    Percent-encoded byte by byte, so that names that are no UTF-8 survive, and a colon is no scheme.
    """
    uri = quote(file.encode("utf-8", "surrogateescape")) if _encodable(file) else quote(printable(file))
    return {"uri": f"file://{uri}"} if file.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _encodable(file: str) -> bool:
    try:
        file.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _message(text: str) -> dict[str, Json]:
    """A text that SARIF shows as it is: braces doubled, since they mark arguments, and no ``[…](…)``, a link."""
    shown = text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
    return {"text": shown}
