"""Boundaries of cluster-wide policies: whom they govern, what a rule matches and does, and what comes before what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import get_args

from ....encodings.policy import Action
from .boundary import Boundary, Whole, inside, outside
from .forms import NO_RULE, Mutant, Pods, Rule, TierPolicy, TierRule
from .outline import Outline
from .peer_boundaries import peer_boundaries
from .policy_boundaries import ANYTHING
from .port_boundaries import port_boundaries
from .selector_boundaries import selector_boundaries

_PEERS = {"ingress": "from", "egress": "to"}
_DENIES = TierRule("deny", ANYTHING)


def tier_boundaries(outline: Outline) -> Iterator[Boundary]:
    """The boundaries of every cluster-wide policy by itself, in the order of precedence."""
    whole = Whole(outline.policies, outline.tiers)
    for number, policy in enumerate(outline.tiers):
        place = f"{policy.reference} {policy.direction}"
        if not policy.rules:
            mutant = whole.having_tier(number, replace(policy, rules=(_DENIES,)))
            yield Boundary(f"{place} no rule", "a policy without rules isolates nobody", (outside(mutant),))
            continue
        yield from selector_boundaries(outline, place, policy.subject, _with_subject(whole, number, policy))
        for position in range(len(policy.rules)):
            yield from _rule(outline, whole, number, position)


def _with_subject(whole: Whole, number: int, policy: TierPolicy) -> Callable[[Pods], Mutant]:
    def having(subject: Pods) -> Mutant:
        return whole.having_tier(number, replace(policy, subject=subject))

    return having


def _rule(outline: Outline, whole: Whole, number: int, position: int) -> Iterator[Boundary]:
    policy = whole.tiers[number]
    rule, place = policy.rules[position], f"{policy.reference} {policy.direction}[{position}]"

    def having(changed: TierRule) -> Mutant:
        return whole.having_tier(number, policy.with_rule(position, changed))

    def matching(match: Rule) -> Mutant:
        return having(replace(rule, match=match))

    gone = inside(matching(NO_RULE))
    yield Boundary(place, "the rule as a whole", (gone, outside(matching(ANYTHING))))
    others: list[Action] = [each for each in get_args(Action) if each != rule.action]
    for action in others:
        sides = (inside(having(replace(rule, action=action))),)
        yield Boundary(f"{place} not {action}", f"{rule.action}, not {action}", sides, within=place)
    for later in range(position + 1, len(policy.rules)):
        rules = [*policy.rules]
        rules[position], rules[later] = rules[later], rules[position]
        sides = (inside(whole.having_tier(number, replace(policy, rules=tuple(rules)))),)
        yield Boundary(f"{place} before [{later}]", "the first rule that matches counts", sides, within=place)
    for part in _parts(outline, policy, position, matching):
        yield replace(part, within=place)


def _parts(
    outline: Outline, policy: TierPolicy, position: int, matching: Callable[[Rule], Mutant]
) -> Iterator[Boundary]:
    match, place = policy.rules[position].match, f"{policy.reference} {policy.direction}[{position}]"
    gone = inside(matching(NO_RULE))
    if match.peers is not None and match.ports is not None:
        by_peer, by_port = outside(matching(replace(match, ports=None))), outside(matching(replace(match, peers=None)))
        yield Boundary(f"{place} together: ports", "its peers on ports that are not its own", (gone, by_peer))
        yield Boundary(f"{place} together: peers", "its ports for peers that are not its own", (gone, by_port))
    yield from peer_boundaries(outline, f"{place}.{_PEERS[policy.direction]}", "", match, matching)
    yield from port_boundaries(outline, f"{place}.ports", match, matching)
