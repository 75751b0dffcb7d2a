"""What the formats for pipelines share: how grave a result is, where to look, and what to say, as plain text.

Everything follows ``status`` and what ``--fail-on`` counts, as the exit code does, and never the verdict alone. Texts
are on one line each and hold only characters that XML and YAML allow; each format escapes them in its own way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ...encodings.problems import Notice
from ..exit_codes import FAIL_ON_LEVELS, FAILED, OK, FailOn, counts, exit_code
from ..results import PropertyResult, Report, WaiverUsed
from .lines import clean
from .override_words import change_sentences, evidence
from .words import cause, place, proof, reading, reason, sentence

Outcome = Literal["fail", "unknown", "spared", "waived", "pass"]
"""A status; ``spared`` is a failure below ``--fail-on``, which does not count. The gravest comes first."""

OUTCOMES: tuple[Outcome, ...] = ("fail", "unknown", "spared", "waived", "pass")
_ENDS = {OK: "PASS", FAILED: "FAIL"}
_LONGEST = 2000
_NO_CHARACTERS = {"\ufffe": "\\ufffe", "\uffff": "\\uffff"}


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a file, and what stands there."""

    file: str
    line: int
    text: str


def printable(text: str) -> str:
    """``text`` on one line, of characters that every format may hold; a very long one is cut."""
    shown = clean(text[: _LONGEST + 1])
    for character, escape in _NO_CHARACTERS.items():
        shown = shown.replace(character, escape)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"


def outcome(result: PropertyResult, fail_on: FailOn) -> Outcome:
    """What a result means for the run."""
    if result.status == "fail":
        return "fail" if counts(result, fail_on) else "spared"
    return result.status


def gravest_first(report: Report, fail_on: FailOn) -> list[PropertyResult]:
    """The results by outcome, then by severity, then as in the suite."""
    severities = {level: number for number, level in enumerate(FAIL_ON_LEVELS)}

    def gravity(result: PropertyResult) -> tuple[int, int]:
        return OUTCOMES.index(outcome(result, fail_on)), severities.get(result.severity, -1)

    return sorted(report.results, key=gravity)


def summary(report: Report, fail_on: FailOn) -> str:
    """``3 pass, 1 fail, 1 unknown — FAIL``: statuses, and the word that agrees with the exit code."""
    statuses = [result.status for result in report.results]
    named = [f"{statuses.count(each)} {each}" for each in ("pass", "fail", "unknown", "waived") if each in statuses]
    spared = sum(outcome(result, fail_on) == "spared" for result in report.results)
    note = f" ({spared} failing, not counted: --fail-on {fail_on})" if spared else ""
    return f"{', '.join(named) or 'no property'} — {verdict_of_run(report, fail_on)}{note}"


def verdict_of_run(report: Report, fail_on: FailOn) -> str:
    """PASS, FAIL or UNKNOWN, as the exit code."""
    return _ENDS.get(exit_code(report, fail_on), "UNKNOWN")


def name(result: PropertyResult) -> str:
    """The property's id, with the variant if there is one."""
    return printable(result.id if result.variant is None else f"{result.id} [{result.variant}]")


def headline(result: PropertyResult, fail_on: FailOn) -> str:
    """What happened, in one sentence; whatever does not simply fail or pass says first what it is."""
    return printable(_PREFIXES[outcome(result, fail_on)].format(fail_on) + _happened(result))


_PREFIXES: dict[Outcome, str] = {
    "fail": "",
    "unknown": "unknown: ",
    "spared": "fails, but is not counted (--fail-on {}): ",
    "waived": "waived: ",
    "pass": "",
}


def _happened(result: PropertyResult) -> str:
    wanted = "" if result.expected is None else f" ({result.expected} was expected)"
    if result.expected == result.verdict:
        wanted = f" ({result.verdict} as expected)"
    if result.verdict == "proved":
        return f"proved{wanted}"
    if result.verdict == "refuted":
        if result.counterexample is not None:
            return sentence(result.counterexample) + wanted
        return (clean(result.reason) if result.reason else "no connection that it asks for is allowed") + wanted
    why = clean(result.reason) if result.reason else result.verdict
    return f"{why}{wanted}" if result.verdict == "unknown" else f"vacuous: {why}{wanted}"


def details(result: PropertyResult) -> list[str]:
    """What a reader needs besides the sentence: how far it reaches, the deciding lines, notices, waivers."""
    return [printable(text) for text in _details(result)]


def _details(result: PropertyResult) -> Iterator[str]:
    if result.verdict == "refuted":
        yield from _refuted(result)
    elif result.verdict == "proved":
        yield from dict.fromkeys(f"because {proof(line)}" for line in result.because)
    if result.open_world is not None:
        example = result.open_world.counterexample
        yield f"in the open world: {result.open_world.verdict}" + (f": {sentence(example)}" if example else "")
    if result.description:
        yield f"meant: {' '.join(result.description.split())}"
    if result.owner:
        yield f"owner: {result.owner}"
    for notice in result.notices:
        yield f"notice: {notice_text(notice)}"
    if result.status in ("fail", "unknown"):
        yield from (f"waived in part: {waiver_text(waiver)}" for waiver in result.waivers)
        if result.verdict == "refuted" and result.counterexample is not None and result.reason:
            yield result.reason
    elif result.status == "waived":
        yield f"waived: {waived_because(result)}"


def _refuted(result: PropertyResult) -> Iterator[str]:
    if result.holds_for_declared_namespaces:
        yield "only namespaces that nobody declared refute this"
    elif result.holds_for_declared:
        yield "every declared pod keeps this; only a pod that nobody declared refutes it"
    example = result.counterexample
    if example is not None and example.in_base is not None:
        yield "new: base refuses this connection" if example.allowed else "lost: base allows this connection"
    yield from (f"changed: {cause(found)}" for found in result.causes)
    yield from evidence(result)
    yield from () if example is None else change_sentences(example)
    if example is not None and not example.reading.usual:
        yield f"under the reading {reading(example.reading)}"
    if example is not None and example.depends_on:
        yield f"depends on {', '.join(map(clean, example.depends_on))}"
    if result.class_:
        yield f"stands for {result.class_}"


def notice_text(notice: Notice) -> str:
    """A notice with its place."""
    where = place(notice.file, notice.line)
    return printable((f"{where}: " if where else "") + notice.message)


def waiver_text(waiver: WaiverUsed) -> str:
    """Why, by whom and until when."""
    return printable(f"{waiver.reason} (owner {waiver.owner}, until {waiver.expires})")


def waived_because(result: PropertyResult) -> str:
    """Why a waived result is: the reasons of its waivers, or the baseline that records it."""
    reasons = [waiver_text(waiver) for waiver in result.waivers]
    if result.baseline is not None:
        reasons.append(printable(f"recorded in the baseline {result.baseline}"))
    return "; ".join(reasons) or "waived"


def is_path(file: str) -> bool:
    """Whether a shown file name is a path: a commit's, a cluster's and a rendered one's are not, nor is ``<stdin>``.

    A path that looks like one of those counts as none; then the suite's line stands for it, which is always true.
    """
    return bool(file) and ":" not in file and not file.startswith("<") and not file.endswith(")")


def deciding(result: PropertyResult) -> list[Spot]:
    """The lines that decided a refutation, where files have them: changed lines first, then rules and policies."""
    if result.verdict != "refuted":
        return []
    found = [Spot(each.file, each.line, cause(each)) for each in result.causes if each.side == "head"]
    found += [
        Spot(line.file, line.line or 1, reason(line))
        for line in result.because
        if line.file is not None and line.side != "base"
    ]
    first: dict[tuple[str, int], Spot] = {}
    for each in found:
        if is_path(each.file):
            first.setdefault((each.file, each.line), each)
    return list(first.values())


def suite_spot(result: PropertyResult) -> Spot:
    """The property's own line."""
    return Spot(result.suite, result.line, f"property {result.id}")


def spots(result: PropertyResult) -> Sequence[Spot]:
    """Where to look, the best place first; the suite's line is always among them."""
    return (*deciding(result), suite_spot(result))


def fingerprint(result: PropertyResult) -> str:
    """The same for the same finding in every run: made of the property, its variant and the deciding policies'
    names, not of lines or files. No two results of a report share one, since ids are unique."""
    policies = sorted({line.policy for line in result.because if line.policy is not None})
    identity = json.dumps([result.id, result.variant, policies])
    return hashlib.sha256(identity.encode()).hexdigest()[:32]
