"""The tier of NetworkPolicies, for one end of a connection: those that select a pod isolate it, and their rules allow.

Source: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go. Trusts the policies for matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .evidence import Direction, Reason, Side, Truth, any_of, ordered
from .networkpolicy import NetworkPolicy, Rule
from .traffic import Traffic


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


def union(
    direction: Direction, traffic: Traffic, policies: Sequence[NetworkPolicy], otherwise: Callable[[], Side]
) -> Side:
    """What the policies of the subject's namespace say: some rule of those that select it must allow; ``otherwise`` is
    what holds for a pod that none selects.

    Where a selection is unknown, the answer is what holds however the unknown selections turn out.
    """
    subject = traffic.subject(direction)
    candidates = [(policy, policy.selects(subject, direction, traffic.reading)) for policy in policies]
    governing = [(policy, selects) for policy, selects in candidates if selects.value is not False]
    if not governing:
        rest = otherwise()
        return rest if rest.isolated is False else replace(rest, isolated=False)
    grants = [
        _Grant(policy, selects, [(rule, rule.matches(traffic, direction)) for rule in policy.rules[direction]])
        for policy, selects in governing
    ]
    sure = [grant.policy for grant in grants if grant.selects.value is True]
    allowing = [grant for grant in grants if grant.allows.value is True]
    surely_allowing = [grant for grant in allowing if grant.selects.value is True]
    isolating = tuple(policy.isolates(direction) for policy in sure)
    refused = all(grant.allows.value is False for grant in grants)
    if surely_allowing:
        return Side(direction, True, True, _allows(surely_allowing, direction), (), True)
    if sure and refused:
        return Side(direction, False, True, isolating)
    names = [name for grant in grants for truth in (grant.selects, grant.allows) for name in truth.depends_on]
    if not sure:
        rest = otherwise()
        if rest.allowed is True and len(allowing) == len(grants):
            return Side(direction, True, None, _allows(allowing, direction), (), rest.admitted or None)
        if rest.allowed is False and refused:
            return Side(direction, False, None, rest.because)
        names.extend(rest.depends_on)
    because = (*isolating, *_allows(allowing, direction))
    return Side(direction, None, True if sure else None, because, ordered(names))
