"""What one end says of a connection of which it is known which rules match: layers, tiers and policies in order.

Three-valued: an answer is known if it is the same however the unknown things turn out, each by itself. For the tier
that NetworkPolicies form this is the concrete evaluator's rule, down to what an unknown answer depends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...encodings.policy import Action, DirectedPolicy, Rule, tied
from .portmaps import Value
from .truths import NOTHING, Dependency, Unknowns

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


Selected = tuple[tuple[PolicyBook, Unknowns], ...]


@dataclass(frozen=True, slots=True)
class SelectedTier:
    """The policies of a tier that select a subject, in order, each with what that depends on.

    ``hidden``: the tier is not asked; what that depends on (None: it is asked).
    """

    end: End
    policies: Selected
    hidden: Unknowns | None = None


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
        if tier.hidden is not None and not tier.hidden:
            continue
        found, depends_on = _tier(tier, hits)
        if tier.hidden:
            found.add("pass")
            depends_on |= tier.hidden
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
    for group in _tied_groups(tier.policies):
        asked = [_Asked(book.policy, selects, *_policy(book, hits)) for book, selects in group]
        found, depends_on = _any_first(asked)
        outcomes |= found
        unknowns |= depends_on
        may_match_nothing |= any(each.may_miss for each in asked)
        surely_selected |= any(not each.selects for each in asked)
        if any(each.decides for each in asked):
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A policy that selects the subject (which depends on ``selects``), and what it may say if it is asked first."""

    policy: DirectedPolicy
    selects: Unknowns
    outcomes: set[Outcome]
    unknowns: Unknowns
    may_miss: bool

    @property
    def decides(self) -> bool:
        """Does it surely say something?"""
        return not self.selects and not self.may_miss


def _tied_groups(policies: Selected) -> Iterator[Selected]:
    """Policies of which nothing says which is asked first, together; every other one by itself."""
    if any(book.policy.priority == "any" for book, _ in policies):
        yield policies
        return
    start = 0
    for number in range(1, len(policies) + 1):
        members = [book.policy for book, _ in policies[start : number + 1]]
        if len(members) < number + 1 - start or not any(tied(members[-1], each) for each in members[:-1]):
            yield policies[start:number]
            start = number


def _any_first(asked: Sequence[_Asked]) -> tuple[set[Outcome], Unknowns]:
    """What policies say, whichever of them is asked first, and what that depends on if it is more than one thing."""
    acting = [each for each in asked if each.outcomes]
    first = [each for each in acting if not any(_surely_before(other, each) for other in acting)]
    outcomes = set[Outcome]().union(*(each.outcomes for each in first))
    unknowns = NOTHING.union(*(each.selects | each.unknowns for each in asked))
    if len(first) > 1 and len(outcomes) > 1:
        *others, last = (each.policy.reference for each in first)
        unknowns |= {Dependency(f"order of {', '.join(others)} and {last}")}
    return outcomes, unknowns


def _surely_before(one: _Asked, other: _Asked) -> bool:
    """Does the one decide before the other is asked, in every order?"""
    first, second = one.policy.priority, other.policy.priority
    return one.decides and isinstance(first, int) and isinstance(second, int) and first < second


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
