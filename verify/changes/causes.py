"""Which lines made a connection allowed on one side and refused on the other.

Read off the concrete evaluator's evidence: a rule that lets the connection through on one side and is not the same on
the other; a policy that isolates an end on one side only; a cluster-wide policy that decides on one side and is not the
same on the other; the labels of a namespace or a node. Evidence for people: no verdict rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...encodings.adminpolicy import is_cluster_policy, reference_of
from ...encodings.concrete.evidence import Direction, Reason
from ...encodings.concrete.evidence import Side as Judged
from ...encodings.networkpolicy import GROUP, KIND
from ...encodings.nodes import is_node
from ...encodings.written import Map, Path, Seq, WrittenObject, render_path
from ..results import Cause, Counterexample
from .pair import Pair, Side
from .texts import Edit, edits

_DIRECTIONS: tuple[Direction, ...] = ("egress", "ingress")
_MOST = 6


def causes_of(pair: Pair, example: Counterexample) -> tuple[Cause, ...]:
    """The changed lines behind a connection that one side allows and the other does not; those in head first."""
    found: list[Cause] = []
    for direction in _DIRECTIONS:
        sides = (pair.base, pair.head)
        judged = {side.name: side.concrete.decide_side(direction, side.traffic(example)) for side in sides}
        for passing, blocking in (sides, reversed(sides)):
            one, other = judged[passing.name], judged[blocking.name]
            if one.allowed is True and other.allowed is False:
                found += _Finder(pair, passing, blocking, example).find(direction, one, other)
    distinct = dict.fromkeys(found)
    return tuple(sorted(distinct, key=lambda cause: cause.side != "head"))[:_MOST]


@dataclass(frozen=True, slots=True)
class _Finder:
    pair: Pair
    passing: Side
    blocking: Side
    example: Counterexample

    def find(self, direction: Direction, one: Judged, other: Judged) -> list[Cause]:
        """Why the passing side passes where the blocking side does not."""
        found = [*self._of_cluster_policies(direction, one, other)]
        granting = [reason for reason in one.because if reason.effect == "allows"]
        found += [cause for reason in granting for cause in self._of_rule(direction, reason)]
        by_cluster = [reason for reason in granting if _cluster_policy(self.passing, reason.policy) is not None]
        if not found and len(granting) == len(by_cluster):
            isolating = [reason for reason in other.because if reason.effect == "isolates"]
            found = [cause for reason in isolating for cause in self._of_selection(reason)]
        return found or [*self._of_labels(), *self._of_hiding(direction)]

    def _of_cluster_policies(self, direction: Direction, one: Judged, other: Judged) -> Iterator[Cause]:
        """Cluster-wide policies that say something on one side only."""
        sides = [(self.passing, one.because), (self.blocking, other.because)]
        said = [{(each.policy, self._rule_of(side, each)) for each in because} for side, because in sides]
        for side, because in sides:
            for reason in because:
                if all((reason.policy, self._rule_of(side, reason)) in each for each in said):
                    continue
                base, head = (_cluster_policy(each, reason.policy) for each in (self.pair.base, self.pair.head))
                if base is not None and head is not None:
                    yield from self._edits(base, head, ("tier", "priority", "subject", direction))
                else:
                    written = base or head
                    if written is not None and reason.rule is not None:
                        yield self._cause(written, side, _one_sided(side), ("spec", direction, reason.rule))

    def _rule_of(self, side: Side, reason: Reason) -> str | None:
        """The rule of a cluster-wide policy as text, to be compared."""
        written = _cluster_policy(side, reason.policy)
        if written is None or reason.rule is None:
            return None
        return repr(_rules(written, reason.direction)[reason.rule])

    def _of_hiding(self, direction: Direction) -> Iterator[Cause]:
        """NetworkPolicies of the subject's namespace that hide the Baseline tier from it on one side."""
        if self.example.reading.baseline_hidden_by != "pod":
            return
        subject = self.example.source if direction == "egress" else self.example.destination
        for side, other in ((self.pair.base, self.pair.head), (self.pair.head, self.pair.base)):
            for written in side.manifests.modelled:
                if (written.kind, written.group, written.namespace) != (KIND, GROUP, subject.namespace):
                    continue
                twin = _policy(other, written.reference)
                if twin is None:
                    yield self._cause(written, side, _one_sided(side), ())
                elif side is self.pair.base:
                    yield from self._edits(written, twin, ("podSelector", "policyTypes", "egress"))

    def _of_rule(self, direction: Direction, reason: Reason) -> Iterator[Cause]:
        """A rule that lets the connection through on one side, if the other has none like it."""
        own, other = _policy(self.passing, reason.policy), _policy(self.blocking, reason.policy)
        if own is None or reason.rule is None:
            return
        path: Path = ("spec", direction, reason.rule)
        if other is None:
            yield self._cause(own, self.passing, _one_sided(self.passing), path)
            return
        rules, others = _rules(own, direction), _rules(other, direction)
        rule = rules[reason.rule]
        if rule in others:
            # The rule stands on both sides: what differs is whom the policy selects.
            yield from self._edits(other, own, ("podSelector", "policyTypes"))
            return
        counterpart = others[reason.rule] if reason.rule < len(others) else None
        if counterpart is None or counterpart in rules:
            yield self._cause(own, self.passing, _one_sided(self.passing), path)
        elif self.passing is self.pair.head:
            yield from self._shown(edits(counterpart, rule, path), other, own)
        else:
            yield from self._shown(edits(rule, counterpart, path), own, other)

    def _of_selection(self, reason: Reason) -> Iterator[Cause]:
        """A policy that isolates the end on the blocking side only."""
        own, other = _policy(self.blocking, reason.policy), _policy(self.passing, reason.policy)
        if own is None:
            return
        if other is None:
            yield self._cause(own, self.blocking, _one_sided(self.blocking), ())
            return
        found = [*self._edits(own, other, ("podSelector", "policyTypes"))]
        yield from found or self._edits(own, other, ("egress",))

    def _edits(self, one: WrittenObject, other: WrittenObject, keys: Iterable[str]) -> Iterator[Cause]:
        """The differences of two versions of a policy, given in any order, under some keys of ``spec``."""
        own = _spec(one), _spec(other)
        old, new = (one, other) if one in self.pair.base.manifests.modelled else (other, one)
        before, after = own if old is one else (own[1], own[0])
        for key in keys:
            if before.get(key) != after.get(key):
                if key in before and key in after:
                    yield from self._shown(edits(before[key], after[key], ("spec", key)), old, new)
                else:
                    change = Edit("added" if key in after else "removed", ("spec", key))
                    yield from self._shown([change], old, new)

    def _shown(self, found: Iterable[Edit], old: WrittenObject, new: WrittenObject) -> Iterator[Cause]:
        for edit in found:
            side, written = (self.pair.base, old) if edit.change == "removed" else (self.pair.head, new)
            yield self._cause(written, side, edit.change, edit.path)

    def _of_labels(self) -> Iterator[Cause]:
        """The labels of the ends' namespaces and nodes."""
        for end in (self.example.source, self.example.destination):
            old, new = (_node(side, end.node) for side in (self.pair.base, self.pair.head))
            if old is not None and new is not None:
                yield from self._shown(edits(_labels(old), _labels(new), ("metadata", "labels")), old, new)
        for name in self.pair.relabelled:
            if name not in (self.example.source.namespace, self.example.destination.namespace):
                continue
            old, new = (_namespace(side, name) for side in (self.pair.base, self.pair.head))
            if old is not None and new is not None:
                yield from self._shown(edits(_labels(old), _labels(new), ("metadata", "labels")), old, new)

    def _cause(self, written: WrittenObject, side: Side, change: str, path: Path) -> Cause:
        origin = written.origin(path)
        name = f"{written.kind} {written.reference}"
        return Cause(side.name, name, change, render_path(path), origin.file, origin.line)


def _one_sided(side: Side) -> str:
    return "added" if side.name == "head" else "removed"


def _policy(side: Side, reference: str | None) -> WrittenObject | None:
    """The NetworkPolicy called ``namespace/name`` on this side."""
    return next(
        (
            each
            for each in side.manifests.modelled
            if each.kind == KIND and each.group == GROUP and each.reference == reference
        ),
        None,
    )


def _cluster_policy(side: Side, reference: str | None) -> WrittenObject | None:
    """The cluster-wide policy called ``Kind/name`` on this side."""
    modelled = side.manifests.modelled
    return next((each for each in modelled if is_cluster_policy(each) and reference_of(each) == reference), None)


def _node(side: Side, name: str | None) -> WrittenObject | None:
    return next((each for each in side.manifests.modelled if is_node(each) and each.name == name), None)


def _namespace(side: Side, name: str) -> WrittenObject | None:
    return next(
        (each for each in side.manifests.modelled if each.kind == "Namespace" and not each.group and each.name == name),
        None,
    )


def _labels(written: WrittenObject) -> Map:
    metadata = written.fields.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Map) else None
    return labels if isinstance(labels, Map) else Map()


def _spec(written: WrittenObject) -> Map:
    spec = written.fields.get("spec")
    return spec if isinstance(spec, Map) else Map()


def _rules(written: WrittenObject, direction: Direction) -> Seq:
    rules = _spec(written).get(direction)
    return rules if isinstance(rules, Seq) else Seq()
