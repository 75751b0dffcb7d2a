"""The concrete evaluator: is one connection allowed by these manifests, and why?

Written apart from the symbolic encoding, as a second opinion on it: it starts from the objects as written,
applies the API's defaults itself, and decides one connection at a time. It trusts the reader (each object is
what the file says) and, for objects nobody models, the reader's word on how far they reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..manifests import Manifests
from .addresses import Family
from .endpoints import ConcreteEndpoint
from .evidence import (
    Decision,
    Direction,
    Reason,
    Side,
    Truth,
    any_of,
    ordered,
)
from .networkpolicy import NetworkPolicy, Rule, Traffic, read_network_policy
from .unmodelled import Unmodelled, read_unmodelled

NETWORKING_GROUP = "networking.k8s.io"
READING = "ipBlockMatchesPods"


class Cluster:
    """The policies of a set of manifests, ready to decide connections."""

    def __init__(self, policies: Iterable[NetworkPolicy], unmodelled: Iterable[Unmodelled] = ()) -> None:
        self.policies: dict[str, list[NetworkPolicy]] = {}
        for policy in policies:
            self.policies.setdefault(policy.namespace, []).append(policy)
        self.unmodelled = tuple(unmodelled)

    @classmethod
    def of(cls, manifests: Manifests) -> Cluster:
        """The cluster that the manifests describe. InputErrors if a policy cannot be what the API accepts."""
        policies = [
            read_network_policy(item)
            for item in manifests.modelled
            if item.kind == "NetworkPolicy" and item.group == NETWORKING_GROUP
        ]
        return cls(policies, [read_unmodelled(item) for item in manifests.unmodelled])

    def decide(
        self,
        source: ConcreteEndpoint,
        destination: ConcreteEndpoint,
        protocol: str,
        port: int,
        family: Family,
        *,
        ip_block_matches_pods: bool | None,
    ) -> Decision:
        """Whether the connection is allowed: the source's egress and the destination's ingress both allow it.

        ``ip_block_matches_pods`` None tries both readings; if they differ the answer depends on the reading.
        Who the two ends are does not matter here: a pod to itself is decided like any pair.
        """
        if ip_block_matches_pods is not None:
            return self._decide(Traffic(source, destination, protocol, port, family, ip_block_matches_pods))
        without, with_pods = (
            self._decide(Traffic(source, destination, protocol, port, family, reading)) for reading in (False, True)
        )
        if without.allowed == with_pods.allowed:
            depends_on = ordered((*without.depends_on, *with_pods.depends_on))
            return Decision(without.allowed, without.because, depends_on)
        depends_on = ordered((*without.depends_on, *with_pods.depends_on, READING))
        return Decision(None, _common(without.because, with_pods.because), depends_on)

    def decide_side(self, direction: Direction, traffic: Traffic) -> Side:
        """What one end alone says: the source's egress, or the destination's ingress."""
        subject = traffic.subject(direction)
        if not subject.in_pod_network:
            return Side(direction, True, False)
        candidates = [
            (policy, policy.selects(subject, direction)) for policy in self.policies.get(subject.namespace or "", ())
        ]
        governing = [(policy, selects) for policy, selects in candidates if selects.value is not False]
        side = _union(direction, traffic, governing)
        free = [item.title for item in self.unmodelled if item.governs(subject.namespace, direction)]
        if not free:
            return side
        depends_on = ordered((*side.depends_on, *free))
        return Side(direction, None, side.isolated or None, side.because, depends_on)

    def port_breaks(self, source: ConcreteEndpoint, destination: ConcreteEndpoint) -> tuple[int, ...]:
        """Ports, ascending, at which the answer may change: between two of them every rule gives one
        answer."""
        breaks = {number for own in destination.ports or () for number in (own.number, own.number + 1)}
        for namespace in (source.namespace, destination.namespace):
            for policy in self.policies.get(namespace or "", ()):
                for rules in policy.rules.values():
                    for rule in rules:
                        breaks.update(edge for port in rule.ports for edge in (port.first, port.last + 1))
        return tuple(sorted(breaks))

    def _decide(self, traffic: Traffic) -> Decision:
        sides = (self.decide_side("egress", traffic), self.decide_side("ingress", traffic))
        blocked = [side for side in sides if side.allowed is False]
        if blocked:
            return Decision(False, _reasons(blocked))
        depends_on = ordered(name for side in sides for name in side.depends_on)
        return Decision(None if depends_on else True, _reasons(sides), depends_on)


class _Grant:
    """A policy that selects or may select a pod, and which of its rules allow the connection."""

    def __init__(self, policy: NetworkPolicy, selects: Truth, rules: list[tuple[Rule, Truth]]) -> None:
        self.policy, self.selects, self.rules = policy, selects, rules
        self.allows = any_of(truth for _, truth in rules)


def _allows(grants: Iterable[_Grant], direction: Direction) -> tuple[Reason, ...]:
    """The evidence of every rule that surely matches."""
    return tuple(
        grant.policy.allows(direction, rule) for grant in grants for rule, truth in grant.rules if truth.value is True
    )


def _union(direction: Direction, traffic: Traffic, governing: Sequence[tuple[NetworkPolicy, Truth]]) -> Side:
    """NetworkPolicy's own rule: a pod that no policy selects is open, else some rule must allow.

    Where a selection is unknown, the answer is what holds however the unknown selections turn out: open if a
    policy that surely selects allows, or if none surely selects and each that may select allows; closed if
    one surely selects and none that may select could allow.
    """
    if not governing:
        return Side(direction, True, False, (Reason(direction, None, None, "not-isolated", None, None),))
    sure = [policy for policy, selects in governing if selects.value is True]
    isolated = True if sure else None
    grants = [
        _Grant(policy, selects, [(rule, traffic.matches(rule, direction)) for rule in policy.rules[direction]])
        for policy, selects in governing
    ]
    allowing = [grant for grant in grants if grant.allows.value is True]
    surely_allowing = [grant for grant in allowing if grant.selects.value is True]
    if surely_allowing or (not sure and len(allowing) == len(grants)):
        return Side(direction, True, isolated, _allows(surely_allowing or allowing, direction))
    isolating = tuple(policy.isolates(direction) for policy in sure)
    if sure and all(grant.allows.value is False for grant in grants):
        return Side(direction, False, isolated, isolating)
    depends_on = ordered(
        name for grant in grants for truth in (grant.selects, grant.allows) for name in truth.depends_on
    )
    return Side(direction, None, isolated, (*isolating, *_allows(allowing, direction)), depends_on)


def _reasons(sides: Iterable[Side]) -> tuple[Reason, ...]:
    return tuple(reason for side in sides for reason in side.because)


def _common(left: Sequence[Reason], right: Sequence[Reason]) -> tuple[Reason, ...]:
    """The evidence that holds under both readings."""
    return tuple(reason for reason in left if reason in right)
