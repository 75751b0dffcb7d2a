"""A connection that is said to have changed, judged by the concrete evaluator on both sides before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

from ...encodings.concrete.endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint
from ...properties.concrete_changes import unchanged
from ...properties.concrete_world import unreal
from ...properties.suite import ChangeVerb, World
from ..replay import InternalError
from ..reports.json_report import counterexample_object
from ..results import Because, Counterexample, InBase
from .pair import Pair, Side


def confirmed(
    pair: Pair, example: Counterexample, world: World, verb: ChangeVerb | None, objections: Sequence[str] = ()
) -> Counterexample:
    """The connection with both sides' answers; ``verb`` None asks only that they differ.

    Raises InternalError if they do not differ as the verb forbids, if no such connection can exist in the world, or if
    there are other ``objections``.
    """
    before, after = pair.base.decide(example), pair.head.decide(example)
    gained = after.allowed is True
    found = [*objections, *unchanged(verb, before, after, gained=gained)]
    for side in (pair.base, pair.head):
        found += [f"{side.name}: {text}" for text in unreal(side.connection(example), side.inventory, world)]
    if found:
        raise InternalError(f"a change is not confirmed: {'; '.join(found)}; it was {counterexample_object(example)}")
    seen = pair.base.connection(example)
    in_base = InBase(before.allowed is True, _labels(seen.source), _labels(seen.destination))
    return replace(example, allowed=gained, in_base=in_base)


def evidence(pair: Pair, example: Counterexample) -> tuple[Because, ...]:
    """What lets the connection through on one side, and what stops it on the other; the allowing side first."""
    sides = (pair.head, pair.base) if example.allowed else (pair.base, pair.head)
    return tuple(line for side in sides for line in _lines(side, example))


def _lines(side: Side, example: Counterexample) -> list[Because]:
    return [replace(Because(*astuple(reason)), side=side.name) for reason in side.decide(example).because]


def _labels(end: ConcreteEndpoint) -> dict[str, str]:
    labels = end.namespace_labels or {}
    return {key: value for key, value in sorted(labels.items()) if key != NAMESPACE_NAME_LABEL}
