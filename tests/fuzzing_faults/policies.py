"""Faults of whole policies: isolation, the union of policies and rules, and the two ends of a connection.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import Decision, Direction, Side, Truth, all_of
from netpol_verify.encodings.concrete.networkpolicy import NetworkPolicy, Rule
from netpol_verify.encodings.concrete.traffic import Traffic

from .fault import Area
from .originals import NETWORK_TIER
from .policy_types import BOTH

ISOLATION = Area("isolation")
UNION = Area("union")
ENDS = Area("both ends")

_SIDE = Cluster.decide_side
_Answer = Callable[[Cluster, Traffic], bool]


# Isolation


def _governing(cluster: Cluster, direction: Direction, traffic: Traffic) -> list[NetworkPolicy]:
    subject = traffic.subject(direction)
    policies = cluster.policies.get(subject.namespace or "", ())
    return [policy for policy in policies if policy.selects(subject, direction, traffic.reading).value]


def _side_of(policies: Sequence[NetworkPolicy], direction: Direction, traffic: Traffic) -> Side:
    """What one end says if these are all policies."""
    return NETWORK_TIER(Cluster(policies), direction, traffic)


def _open(direction: Direction) -> Side:
    return Side(direction, True, False)


def _closed(direction: Direction) -> Side:
    return Side(direction, False, True)


@ISOLATION.seeded(
    Cluster,
    "_network_tier",
    "a policy without rules for a direction does not isolate",
    "kubernetes-sigs/kube-network-policies:pkg/networkpolicy/networkpolicy.go",
)
def no_rules_do_not_isolate(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    policies = [policy for policy in _governing(self, direction, traffic) if policy.rules[direction]]
    return _side_of(policies, direction, traffic)


@ISOLATION.seeded(Cluster, "_network_tier", "a policy closes its namespace's other pods, too")
def unselected_pods_are_closed(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    here = self.policies.get(traffic.subject(direction).namespace or "", ())
    if any(direction in policy.rules for policy in here) and not _governing(self, direction, traffic):
        return _closed(direction)
    return NETWORK_TIER(self, direction, traffic)


@ISOLATION.seeded(Cluster, "_network_tier", "a policy closes only the ports that its rules mention")
def only_mentioned_ports_are_closed(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    rules = [rule for policy in _governing(self, direction, traffic) for rule in policy.rules[direction]]
    entries = [entry for rule in rules for entry in rule.ports]
    if entries and all(rule.ports for rule in rules) and not any(entry.matches(traffic).value for entry in entries):
        return _open(direction)
    return NETWORK_TIER(self, direction, traffic)


@ISOLATION.seeded(Cluster, "_network_tier", "policies do not govern SCTP")
def sctp_is_not_governed(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    return _open(direction) if traffic.protocol == "SCTP" else NETWORK_TIER(self, direction, traffic)


@ISOLATION.seeded(Cluster, "_network_tier", "policies do not govern IPv6")
def ipv6_is_not_governed(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    return _open(direction) if traffic.family == "IPv6" else NETWORK_TIER(self, direction, traffic)


# Union


def _keeping_rules(
    policy: NetworkPolicy, direction: Direction, keep: Callable[[tuple[Rule, ...]], tuple[Rule, ...]]
) -> NetworkPolicy:
    return replace(policy, rules={direction: keep(policy.rules[direction])})


@UNION.seeded(Cluster, "_network_tier", "only the first policy that selects a pod counts")
def first_policy_only(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    return _side_of(_governing(self, direction, traffic)[:1], direction, traffic)


@UNION.seeded(Cluster, "_network_tier", "only the last policy that selects a pod counts")
def last_policy_only(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    return _side_of(_governing(self, direction, traffic)[-1:], direction, traffic)


@UNION.seeded(Cluster, "_network_tier", "every policy that selects a pod must allow")
def every_policy_must_allow(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    sides = [_side_of([policy], direction, traffic) for policy in _governing(self, direction, traffic)]
    return next((side for side in sides if not side.allowed), _open(direction))


@UNION.seeded(Cluster, "_network_tier", "a policy without rules denies, whatever others allow")
def deny_all_wins(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    if any(not policy.rules[direction] for policy in _governing(self, direction, traffic)):
        return _closed(direction)
    return NETWORK_TIER(self, direction, traffic)


@UNION.seeded(Cluster, "_network_tier", "only the first rule of a policy counts")
def first_rule_only(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    policies = _governing(self, direction, traffic)
    kept = [_keeping_rules(each, direction, lambda rules: rules[:1]) for each in policies]
    return _side_of(kept, direction, traffic)


@UNION.seeded(Cluster, "_network_tier", "only the last rule of a policy counts")
def last_rule_only(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    policies = _governing(self, direction, traffic)
    return _side_of(
        [_keeping_rules(each, direction, lambda rules: rules[-1:]) for each in policies], direction, traffic
    )


@UNION.seeded(Cluster, "_network_tier", "every rule of a policy must match")
def every_rule_must_match(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    policies = _governing(self, direction, traffic)
    if not policies:
        return NETWORK_TIER(self, direction, traffic)
    allows: list[Truth] = [
        all_of(rule.matches(traffic, direction) for rule in policy.rules[direction])
        for policy in policies
        if policy.rules[direction]
    ]
    return _open(direction) if any(truth.value for truth in allows) else _closed(direction)


# Both ends


def _allows(cluster: Cluster, direction: Direction, traffic: Traffic) -> bool:
    return bool(_SIDE(cluster, direction, traffic).allowed)


def _allowed(cluster: Cluster, traffic: Traffic) -> bool:
    return _allows(cluster, "egress", traffic) and _allows(cluster, "ingress", traffic)


def _ends(what: str) -> Callable[[_Answer], _Answer]:
    """The function below says whether a connection is allowed."""

    def note(answer: _Answer) -> _Answer:
        def decide(self: Cluster, traffic: Traffic) -> Decision:
            return Decision(answer(self, traffic))

        decide.__name__ = answer.__name__
        ENDS.seeded(Cluster, "_decide", what)(decide)
        return answer

    return note


@_ends("the source's egress policies are not asked")
def egress_is_not_asked(cluster: Cluster, traffic: Traffic) -> bool:
    return _allows(cluster, "ingress", traffic)


@_ends("the destination's ingress policies are not asked")
def ingress_is_not_asked(cluster: Cluster, traffic: Traffic) -> bool:
    return _allows(cluster, "egress", traffic)


@_ends("an ingress rule that allows a connection overrides the source's egress policies")
def either_end_is_enough(cluster: Cluster, traffic: Traffic) -> bool:
    sides = [_SIDE(cluster, direction, traffic) for direction in BOTH]
    return any(side.allowed and side.isolated for side in sides) or all(side.allowed for side in sides)


@_ends("connections within a namespace are always allowed")
def own_namespace_is_open(cluster: Cluster, traffic: Traffic) -> bool:
    source, destination = traffic.source, traffic.destination
    inside = source.in_pod_network and destination.in_pod_network and source.namespace == destination.namespace
    return inside or _allowed(cluster, traffic)


@_ends("connections from outside are always allowed")
def outside_sources_are_allowed(cluster: Cluster, traffic: Traffic) -> bool:
    return traffic.source.kind == "external" or _allowed(cluster, traffic)


@_ends("connections to the outside are always allowed")
def outside_destinations_are_allowed(cluster: Cluster, traffic: Traffic) -> bool:
    return traffic.destination.kind == "external" or _allowed(cluster, traffic)


@_ends("connections from outside to an isolated pod are never allowed")
def outside_sources_are_refused(cluster: Cluster, traffic: Traffic) -> bool:
    isolated = _SIDE(cluster, "ingress", traffic).isolated
    return _allowed(cluster, traffic) and not (isolated and traffic.source.kind == "external")


@_ends("connections of an isolated pod to the outside are never allowed")
def outside_destinations_are_refused(cluster: Cluster, traffic: Traffic) -> bool:
    isolated = _SIDE(cluster, "egress", traffic).isolated
    return _allowed(cluster, traffic) and not (isolated and traffic.destination.kind == "external")


@_ends("a connection is allowed if the one the other way round is")
def replies_open_connections(cluster: Cluster, traffic: Traffic) -> bool:
    back = replace(traffic, source=traffic.destination, destination=traffic.source)
    return _allowed(cluster, traffic) or _allowed(cluster, back)
