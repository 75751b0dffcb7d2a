"""Tiers of cluster-wide policies in order: which rule of a tier decides, and what follows where none does.

Source: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go (Tier, Priority): lower numbers
first, inside a policy the rules as written; the first rule that matches decides, and Pass leaves the tier. Knowledge
may lack: then several rules may be the first, and the answer is what they have in common. Trusts the policies for
matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .adminpeers import Surroundings
from .adminpolicy import Action, AdminPolicy, AdminRule
from .evidence import Direction, Reason, Side, Truth, all_of, ordered
from .traffic import Traffic


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that may be the first of its tier to match (``truth`` unknown), or surely is unless one before it does."""

    policy: AdminPolicy
    rule: AdminRule
    truth: Truth


def in_order(policies: Sequence[AdminPolicy], order: Sequence[str]) -> tuple[AdminPolicy, ...]:
    """One tier's policies, declared in this order, as they are asked: ascending priority, ties as ``order`` says.

    A policy without a priority (BaselineAdminNetworkPolicy) is tied with every other of its tier.
    """
    named = {policy.reference: policy for policy in policies}
    listed = [reference for reference in dict.fromkeys(order) if reference in named]
    ranks = {reference: rank for rank, reference in enumerate(dict.fromkeys((*listed, *named)))}
    found = sorted(
        (policy for policy in policies if policy.priority is not None),
        key=lambda policy: (policy.priority, ranks[policy.reference]),
    )
    for policy in sorted(
        (policy for policy in policies if policy.priority is None), key=lambda policy: ranks[policy.reference]
    ):
        before = [place for place, other in enumerate(found) if ranks[other.reference] < ranks[policy.reference]]
        found.insert(max(before, default=-1) + 1, policy)
    return tuple(found)


def matches_of(
    policies: Iterable[AdminPolicy], direction: Direction, traffic: Traffic, around: Surroundings
) -> tuple[Match, ...]:
    """The rules that may be the first to match, in order; only the last of them may surely match."""
    found: list[Match] = []
    subject = traffic.subject(direction)
    for policy in policies:
        selects = policy.selects(subject) if policy.rules[direction] else None
        if selects is None or selects.value is False:
            continue
        for rule in policy.rules[direction]:
            matches = rule.matches(traffic, direction, around)
            truth = all_of((selects, matches))
            if truth.value is not False:
                found.append(Match(policy, rule, truth))
            if truth.value is True:
                return tuple(found)
            if matches.value is True:  # of what comes after it in the policy, nothing is asked, if the policy counts
                break
    return tuple(found)


def actions_of(
    policy: AdminPolicy, direction: Direction, traffic: Traffic, around: Surroundings
) -> frozenset[Action | None]:
    """What a policy by itself may do to the connection; None: nothing, no rule of it matches."""
    matches = matches_of((policy,), direction, traffic, around)
    end = () if matches and matches[-1].truth.value is True else (None,)
    return frozenset((*(match.rule.action for match in matches), *end))


def decided(matches: Sequence[Match], direction: Direction, following: Callable[[], Side]) -> Side:
    """What a tier says, and, where it does not, what follows: ``following`` is asked only if the tier may be left."""
    after: list[Side] = []

    def rest() -> Side:
        if not after:
            after.append(following())
        return after[0]

    sides = [_by(match, direction, rest) for match in matches]
    if not matches or matches[-1].truth.value is not True:
        sides.append(rest())
    unsure = [name for match in matches for name in match.truth.depends_on]
    return common(sides, unsure)


def _by(match: Match, direction: Direction, rest: Callable[[], Side]) -> Side:
    """What follows if this rule is the first to match."""
    reason = match.policy.reason(direction, match.rule)
    if match.rule.action == "pass":
        side = rest()
        return replace(side, because=(reason, *side.because))
    allowed = match.rule.action == "allow"
    return Side(direction, allowed, None, (reason,), (), allowed or None)


def common(sides: Sequence[Side], depends_on: Iterable[str] = ()) -> Side:
    """What holds whichever of these sides it is; which one depends on ``depends_on``. Where they agree, the last is the
    evidence: nothing unknown need be the case for it."""
    last = sides[-1]
    if len(sides) == 1:
        return last
    admitted = last.admitted if all(side.admitted is last.admitted for side in sides) else None
    isolated = last.isolated if all(side.isolated is last.isolated for side in sides) else None
    if last.allowed is not None and all(side.allowed is last.allowed for side in sides):
        return Side(last.direction, last.allowed, isolated, last.because, (), admitted)
    names = ordered((*depends_on, *(name for side in sides for name in side.depends_on)))
    return Side(last.direction, None, isolated, shared(side.because for side in sides), names, admitted)


def shared(evidence: Iterable[tuple[Reason, ...]]) -> tuple[Reason, ...]:
    """The lines that are in all of them, in the order of the first."""
    first, *others = evidence
    return tuple(reason for reason in first if all(reason in other for other in others))
