"""What waivers do to a property that does not pass: it is judged once more, outside the traffic that they allow.

The verdict stays that of the property as written. The status becomes ``waived`` only where the rest is proved: a waiver
carves traffic out of a property, it never silences it. Whether a waiver is in force is decided before (``waivers``).
"""

from __future__ import annotations

from dataclasses import replace

from ..encodings.problems import Notice
from ..properties.loading import LoadedProperty
from ..properties.waivers import LoadedWaiver
from .answer import Answer
from .results import PropertyResult, WaiverUsed

_OUTSIDE = "outside the traffic that its waivers allow"


def without_waived(loaded: LoadedProperty, waivers: tuple[LoadedWaiver, ...] | None = None) -> LoadedProperty:
    """The property outside what these of its waivers allow, or all of them."""
    chosen = loaded.waivers if waivers is None else waivers
    return replace(loaded, carved=tuple(part for each in chosen for part in each.allow))


def waived(answer: Answer, result: PropertyResult) -> tuple[PropertyResult, Answer]:
    """The result with the property's waivers applied, and the answer whose counterexample it shows.

    Raises InternalError for a counterexample that is not confirmed, or that lies in what a waiver allows.
    """
    loaded = answer.task.loaded
    used = tuple(each for each in loaded.waivers if _matters(answer, result, each))
    result = replace(
        result,
        notices=(*result.notices, *(_unused(each, result) for each in loaded.waivers if each not in used)),
        waivers=tuple(map(_shown, used)),
    )
    if not used:
        return result, answer
    rest_of = without_waived(loaded, used)
    rest = answer.about(rest_of, answer.task.ask(rest_of))
    finding = rest.judged()
    if finding.verdict == "proved":
        return replace(result, status="waived"), answer
    if finding.verdict == "vacuous":
        return replace(result, reason=f"{_OUTSIDE} nothing is left to prove: {finding.reason}"), answer
    if finding.verdict == "unknown":
        return replace(result, status="unknown", reason=f"{_OUTSIDE}, {rest.why(finding)}"), answer
    shown = rest.with_refutation(result, finding)
    if shown.status == "unknown":
        return replace(shown, reason=f"{_OUTSIDE}, {shown.reason}"), answer
    return replace(shown, verdict="refuted", status="fail", reason=f"it is refuted {_OUTSIDE}, too"), rest


def _matters(answer: Answer, result: PropertyResult, waiver: LoadedWaiver) -> bool:
    """Does the waiver allow something that stands in the property's way?"""
    if result.verdict not in ("refuted", "unknown") or result.expected not in (None, "proved"):
        return False
    part = answer.task.ask(without_waived(answer.task.loaded, (waiver,)))
    return answer.violable(answer.task.question.perhaps, -part.hypothesis)


def _unused(waiver: LoadedWaiver, result: PropertyResult) -> Notice:
    if result.expected not in (None, "proved"):
        why = f"the property is expected to be {result.expected}"
    elif result.verdict == "proved":
        why = "the property holds without it"
    else:
        why = "nothing that it allows refutes the property"
    return Notice(f"this waiver is not used: {why}", waiver.file, waiver.line)


def _shown(waiver: LoadedWaiver) -> WaiverUsed:
    return WaiverUsed(
        property=waiver.property,
        reason=waiver.reason,
        owner=waiver.owner,
        expires=waiver.expires.isoformat(),
        file=waiver.file,
        line=waiver.line,
        allow=tuple(part.model_dump(mode="json", by_alias=True, exclude_unset=True) for part in waiver.allow),
    )
