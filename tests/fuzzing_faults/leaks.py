"""Faults of ports and peers together: what leaks from one rule into another.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go (NetworkPolicyIngressRule).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import Direction, Side, Truth, any_of
from netpol_verify.encodings.concrete.networkpolicy import NetworkPolicy, Peer, Rule
from netpol_verify.encodings.concrete.traffic import Traffic

from .fault import Area
from .originals import NETWORK_TIER

LEAKS = Area("ports and peers")
_RULE = Rule.matches


def _with_rules(policy: NetworkPolicy, direction: Direction, rules: Sequence[Rule]) -> NetworkPolicy:
    return replace(policy, rules={**policy.rules, direction: tuple(rules)})


def _here(cluster: Cluster, direction: Direction, traffic: Traffic) -> list[NetworkPolicy]:
    """The policies of the subject's namespace that govern the direction."""
    policies = cluster.policies.get(traffic.subject(direction).namespace or "", ())
    return [policy for policy in policies if direction in policy.rules]


def _crossed(rules: Sequence[Rule]) -> list[Rule]:
    """The rules, and every rule's peers with every other rule's ports."""
    return [*rules, *(replace(each, ports=other.ports) for each in rules for other in rules)]


@LEAKS.seeded(Cluster, "_network_tier", "the ports of a policy's rules are for the peers of all of them")
def rules_of_a_policy_mix(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    policies = _here(self, direction, traffic)
    return NETWORK_TIER(
        Cluster(_with_rules(each, direction, _crossed(each.rules[direction])) for each in policies), direction, traffic
    )


@LEAKS.seeded(Cluster, "_network_tier", "the ports of policies with one podSelector are for the peers of all of them")
def policies_of_a_subject_mix(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    policies = _here(self, direction, traffic)
    mixed = [
        _with_rules(one, direction, _crossed([*one.rules[direction], *other.rules[direction]]))
        for one in policies
        for other in policies
        if one.subject == other.subject
    ]
    return NETWORK_TIER(Cluster(mixed), direction, traffic)


@LEAKS.seeded(Rule, "matches", "a rule's peers and ports are alternatives")
def peers_and_ports_are_alternatives(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    if not rule.peers or not rule.ports:
        return _RULE(rule, traffic, direction)
    return any_of(_RULE(alone, traffic, direction) for alone in (replace(rule, peers=()), replace(rule, ports=())))


@LEAKS.seeded(Rule, "matches", "the nth port of a rule is for its nth peer")
def ports_and_peers_are_paired(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    if len(rule.peers) < 2 or len(rule.ports) < 2:
        return _RULE(rule, traffic, direction)
    pairs = zip(rule.peers, rule.ports, strict=False)
    return any_of(_RULE(replace(rule, peers=(peer,), ports=(port,)), traffic, direction) for peer, port in pairs)


@LEAKS.seeded(
    Cluster,
    "_network_tier",
    "a range added for one of two peers that share three overwrites the other's",
    "mattfenwick/cyclonus:pkg/matcher/portmatcher.go",
)
def shared_ranges_leak(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    policies = _here(self, direction, traffic)
    return NETWORK_TIER(Cluster(_leaking(policy, direction) for policy in policies), direction, traffic)


def _leaking(policy: NetworkPolicy, direction: Direction) -> NetworkPolicy:
    """Go's append writes what two peers add to the slice that they share into the same place: the later one stays."""
    rules = policy.rules[direction]
    shared = next((rule for rule in rules if len(rule.ports) == 3 and len(rule.peers) == 2), None)
    if shared is None:
        return policy
    added = [rule for rule in rules if len(rule.peers) == 1 and _is_one_of(rule.peers[0], shared.peers)]
    if len(added) < 2:
        return policy
    spilt = [replace(rule, ports=added[-1].ports) if rule in added else rule for rule in rules]
    return _with_rules(policy, direction, spilt)


def _is_one_of(peer: Peer, peers: Sequence[Peer]) -> bool:
    return any(replace(peer, line=0) == replace(each, line=0) for each in peers)


@LEAKS.seeded(Rule, "matches", "the ports of a rule with peers are asked for only between pods")
def ports_are_not_asked_of_outside_ends(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    spared = rule.peers and traffic.other(direction).kind == "external"
    return _RULE(replace(rule, ports=()) if spared else rule, traffic, direction)
