"""Boundaries of policies and rules: whom and what they govern, and what a rule's peers and ports do together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from .boundary import Boundary, Whole, inside, outside
from .forms import NO_RULE, Mutant, Policy, Rule, may_share
from .outline import Outline
from .peer_boundaries import peer_boundaries
from .port_boundaries import port_boundaries
from .selector_boundaries import selector_boundaries

_PEERS = {"ingress": "from", "egress": "to"}
ANYTHING = Rule(None, None)


def policy_boundaries(outline: Outline) -> Iterator[Boundary]:
    """The boundaries of every policy by itself, in the order of the policies."""
    whole = Whole(outline.policies, outline.tiers)
    for number, policy in enumerate(outline.policies):
        yield from _whom(outline, whole, number, policy)
        for position in range(len(policy.rules)):
            yield from _rule(outline, whole, number, position)
        yield from _crossed(whole, number)
    for policy in outline.dormant:
        yield from _dormant(whole, policy)


def _place(policy: Policy) -> str:
    return f"{policy.reference} {policy.direction}"


def _whom(outline: Outline, whole: Whole, number: int, policy: Policy) -> Iterator[Boundary]:
    place, gone = _place(policy), inside(whole.without(number))

    def having(policy: Policy) -> Mutant:
        return whole.having(number, policy)

    everywhere = outside(having(replace(policy, subject=replace(policy.subject, namespace=None))))
    yield Boundary(f"{place} namespace", "the policy's namespace, and every other one", (gone, everywhere))
    yield from selector_boundaries(outline, place, policy.subject, lambda each: having(replace(policy, subject=each)))
    if not policy.rules:
        yield Boundary(
            f"{place} no rule", "isolated, and no rule", (outside(having(replace(policy, rules=(ANYTHING,)))),)
        )


def _rule(outline: Outline, whole: Whole, number: int, position: int) -> Iterator[Boundary]:
    policy = whole.policies[number]
    place = f"{_place(policy)}[{position}]"

    def having(rule: Rule) -> Mutant:
        return whole.having(number, policy.with_rule(position, rule))

    gone = inside(having(NO_RULE))
    yield Boundary(place, "the rule as a whole", (gone, outside(having(ANYTHING))))
    for part in _parts(outline, policy, position, having):
        yield replace(part, within=place)


def _parts(outline: Outline, policy: Policy, position: int, having: Callable[[Rule], Mutant]) -> Iterator[Boundary]:
    rule, place = policy.rules[position], f"{_place(policy)}[{position}]"
    gone = inside(having(NO_RULE))
    if rule.peers is not None and rule.ports is not None:
        by_peer, by_port = outside(having(replace(rule, ports=None))), outside(having(replace(rule, peers=None)))
        yield Boundary(f"{place} together: ports", "its peers on ports that are not its own", (gone, by_peer))
        yield Boundary(f"{place} together: peers", "its ports for peers that are not its own", (gone, by_port))
    yield from peer_boundaries(
        outline, f"{place}.{_PEERS[policy.direction]}", policy.subject.namespace or "", rule, having
    )
    yield from port_boundaries(outline, f"{place}.ports", rule, having)


def _crossed(whole: Whole, number: int) -> Iterator[Boundary]:
    """Peers of one rule with ports of another, of this policy or another one that may select the same pod."""
    policy = whole.policies[number]
    place = policy.direction, policy.subject.namespace
    beside = [
        other
        for other in whole.policies
        if (other.direction, other.subject.namespace) == place
        and may_share((*policy.subject.labels, *other.subject.labels))
    ]
    for position, rule in enumerate(policy.rules):
        for other in beside:
            for there, donor in enumerate(other.rules):
                if rule.peers is None or donor.ports is None or donor.ports == rule.ports or donor.peers == rule.peers:
                    continue
                mixed = replace(policy, rules=(*policy.rules, Rule(rule.peers, donor.ports)))
                yield Boundary(
                    f"{_place(policy)}[{position}] with ports of {_place(other)}[{there}]",
                    "the peers of one rule on the ports of another",
                    (outside(whole.having(number, mixed)),),
                )


def _dormant(whole: Whole, policy: Policy) -> Iterator[Boundary]:
    """A direction that the policy does not govern."""
    place = _place(policy)
    isolated = outside(whole.adding(replace(policy, rules=())))
    yield Boundary(f"{place} not governed", "a direction that the policy does not govern", (isolated,))
    if policy.rules:
        sides = (outside(whole.adding(policy)),)
        yield Boundary(f"{place} rules not in force", "rules for a direction that the policy does not govern", sides)
