"""Whether a property that fails got worse since a baseline recorded it.

It did not if nothing outside the recorded classes refutes it. The solver is asked that, in today's world and for
today's policies; what the classes mean is in ``classes/model``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from ..encodings.policy import DIRECTIONS, Direction
from ..properties.question import outside
from .answer import Answer
from .classes.membership import class_term
from .recorded import Recorded
from .reports.json_report import counterexample_object
from .results import PropertyResult


def excused(answer: Answer, result: PropertyResult) -> PropertyResult:
    """The result with what a baseline records taken into account; ``answer`` is the one that the result shows.

    Raises InternalError for a counterexample that is not confirmed.
    """
    recorded = answer.task.recorded
    if recorded is None or result.status != "fail":
        return result
    result = replace(result, baseline=recorded.file)
    accepted = replace(result, status="waived")
    if result.verdict != recorded.verdict:
        return _worse(result, f"{recorded.file} records it as {recorded.verdict}, and now it is {result.verdict}")
    if result.verdict != "refuted" or answer.task.question.existential:
        return accepted
    if not recorded.complete:
        example = result.counterexample
        if example is not None and _same(counterexample_object(example), recorded.counterexample):
            return accepted
        return _worse(result, f"{recorded.file} records another counterexample, and not every one there was")
    for rest in _rests(answer, recorded):
        finding = rest.judged()
        if finding.verdict == "refuted":
            worse = _worse(result, f"it got worse: this is in no class that {recorded.file} records")
            return rest.with_refutation(worse, finding)
        if finding.verdict == "unknown":
            reason = f"outside the classes that {recorded.file} records, {rest.why(finding)}"
            return replace(result, status="unknown", reason=reason)
    return accepted


_YOUNGER: dict[str, object] = {
    "nodeLabels": None,
    "baselineHiddenBy": "direction",
    "hostNetworkPods": "excluded",
    "override": None,
}
"""Keys of a counterexample that older baselines lack, with what they meant."""


def _same(one: object, other: object) -> bool:
    """Are two printed counterexamples the same, whichever release wrote them?"""
    return _without_younger(one) == _without_younger(other)


def _without_younger(value: object) -> object:
    if not isinstance(value, dict):
        return value
    items = cast("dict[str, object]", value).items()
    kept = {key: each for key, each in items if key not in _YOUNGER or each != _YOUNGER[key]}
    return {key: _without_younger(each) for key, each in kept.items()}


def _worse(result: PropertyResult, text: str) -> PropertyResult:
    return replace(result, reason=text if result.reason is None else f"{result.reason}; {text}")


def _rests(answer: Answer, recorded: Recorded) -> Iterator[Answer]:
    """The property outside the recorded classes; of a ``defaultDeny``, direction by direction, as classes are."""
    task = answer.task
    connection = task.evaluation.connection
    terms = connection.world.terms
    verb = task.loaded.written.default_deny
    directions: tuple[Direction | None, ...] = (None,) if verb is None else tuple(verb.directions or DIRECTIONS)
    for direction in directions:
        loaded, question = task.loaded, task.question
        if verb is not None and direction is not None:
            one = verb.model_copy(update={"directions": [direction]})
            loaded = replace(loaded, written=loaded.written.model_copy(update={"default_deny": one}))
            question = task.ask(loaded)
        known = [each.condition for each in recorded.classes if each.direction == direction]
        inside = terms.any_of(class_term(condition, connection) for condition in known)
        rest = answer.about(loaded, outside(question, inside, terms))
        yield replace(rest, task=replace(rest.task, left_out=tuple(known)))
