"""What one end says of a connection of which it is known which rules match: layers, tiers and policies in order.

Three-valued: an answer is known if it is the same however the unknown things turn out, each by itself. For the tier
that NetworkPolicies form this is the concrete evaluator's rule, down to what an unknown answer depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...encodings.policy import Action, DirectedPolicy, Rule
from .portmaps import Value
from .truths import NOTHING, Unknowns

Outcome = Action
"""A tier that passes leads on to the next one."""
End = Literal["deny-if-selected", "pass"]
"""What a tier does where none of its rules matches."""
Hits = Mapping[int, Unknowns]
"""The rules that match, or may match, by number; what that depends on, if the policy selects the subject."""


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """A policy whose rules have numbers; ``runs`` are neighbouring rules of one action."""

    policy: DirectedPolicy
    rules: tuple[tuple[int, Rule], ...]
    runs: tuple[tuple[Action, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class SelectedTier:
    """The policies of a tier that select a subject, in order, each with what that depends on."""

    end: End
    policies: tuple[tuple[PolicyBook, Unknowns], ...]


SelectedLayers = tuple[tuple[SelectedTier, ...], ...]


def policy_book(policy: DirectedPolicy, first: int) -> PolicyBook:
    """The policy with its rules numbered from ``first``."""
    runs: list[tuple[Action, tuple[int, ...]]] = []
    for number, rule in enumerate(policy.rules, first):
        if runs and runs[-1][0] == rule.action:
            runs[-1] = (rule.action, (*runs[-1][1], number))
        else:
            runs.append((rule.action, (number,)))
    return PolicyBook(policy, tuple(enumerate(policy.rules, first)), tuple(runs))


def side_value(layers: SelectedLayers, free: Unknowns, hits: Hits) -> Value:
    """Whether every layer lets the connection through. ``free``: unmodelled policies, which may decide otherwise."""
    value = _all_layers(layers, hits)
    return free | (value or NOTHING) if free else value


def _all_layers(layers: SelectedLayers, hits: Hits) -> Value:
    unknowns = NOTHING
    for layer in layers:
        value = _layer(layer, hits)
        if value is None:
            return None
        unknowns |= value
    return unknowns


def _layer(tiers: tuple[SelectedTier, ...], hits: Hits) -> Value:
    outcomes: set[Outcome] = set()
    unknowns = NOTHING
    for tier in tiers:
        found, depends_on = _tier(tier, hits)
        if len(found) > 1:
            unknowns |= depends_on
        outcomes |= found - {"pass"}
        if "pass" not in found:
            break
    else:
        outcomes.add("allow")
    if "allow" not in outcomes:
        return None
    return unknowns if "deny" in outcomes else NOTHING


def _tier(tier: SelectedTier, hits: Hits) -> tuple[set[Outcome], Unknowns]:
    """What the tier may say, and what that depends on if it is more than one thing."""
    outcomes: set[Outcome] = set()
    unknowns = NOTHING
    surely_selected = may_match_nothing = False
    for book, selects in tier.policies:
        found, depends_on, may_miss = _policy(book, hits)
        outcomes |= found
        unknowns |= selects | depends_on
        may_match_nothing |= may_miss
        surely_selected |= not selects
        if not selects and not may_miss:
            return outcomes, unknowns
    if tier.end == "pass":
        outcomes.add("pass")
        return outcomes, unknowns
    # Denied if a policy selects the subject of which no rule matches; passed on only if none selects it.
    if may_match_nothing:
        outcomes.add("deny")
    if not surely_selected:
        outcomes.add("pass")
    return outcomes, unknowns


def _policy(book: PolicyBook, hits: Hits) -> tuple[set[Outcome], Unknowns, bool]:
    """What a policy that selects the subject may say, what that depends on, and whether it may say nothing."""
    outcomes: set[Outcome] = set()
    unknowns = NOTHING
    for action, numbers in book.runs:
        found = [hits[number] for number in numbers if number in hits]
        if found:
            outcomes.add(action)
        if not all(found):
            return outcomes, unknowns, False
        unknowns = unknowns.union(*found)
    return outcomes, unknowns, True
