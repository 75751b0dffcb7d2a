"""Readings of tiers as a whole that a program may take by mistake, each as a mutant of all cluster-wide policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby

from ....encodings.policy import DIRECTIONS, Action
from .boundary import Boundary, outside
from .forms import Blocks, Mutant, Peer, TierName, TierPolicy, TierRule
from .outline import Outline

_Change = Callable[[tuple[TierPolicy, ...]], tuple[TierPolicy, ...]]


def tier_reading_boundaries(outline: Outline) -> Iterator[Boundary]:
    """One boundary for each reading under which the cluster-wide policies say something else."""
    for name, change in _CHANGES.items():
        tiers = change(outline.tiers)
        if tiers != outline.tiers:
            mutant = Mutant(outline.policies, tiers)
            yield Boundary(f"reading of tiers: {name}", name, (outside(mutant),))


def _each(change: Callable[[TierPolicy], TierPolicy]) -> _Change:
    """Every policy changed by itself; the same object where nothing is."""

    def changed(tiers: tuple[TierPolicy, ...]) -> tuple[TierPolicy, ...]:
        found = ((old, change(old)) for old in tiers)
        return tuple(old if old == new else new for old, new in found)

    return changed


def _rules(change: Callable[[TierRule], tuple[TierRule, ...]]) -> _Change:
    """Every rule changed, or left out."""
    return _each(lambda policy: replace(policy, rules=tuple(new for rule in policy.rules for new in change(rule))))


def _as(action: Action, other: Action) -> _Change:
    return _rules(lambda rule: (replace(rule, action=other) if rule.action == action else rule,))


def _within_tiers(change: Callable[[list[TierPolicy]], list[TierPolicy]]) -> _Change:
    """Each tier in another order."""
    return lambda tiers: tuple(each for _, tier in groupby(tiers, lambda each: each.tier) for each in change([*tier]))


def _moved(name: TierName, to: TierName) -> _Change:
    """The policies of one tier as part of the other."""

    def moved(tiers: tuple[TierPolicy, ...]) -> tuple[TierPolicy, ...]:
        own = [replace(each, tier=to) for each in tiers if each.tier == name]
        rest = [each for each in tiers if each.tier != name]
        return tuple((*rest, *own) if to == "Admin" else (*own, *rest))

    return moved


def _sparing_pods(peer: Peer) -> Peer:
    return replace(peer, pods="never") if isinstance(peer, Blocks) else peer


def _networks_spare_pods(rule: TierRule) -> tuple[TierRule, ...]:
    peers = None if rule.match.peers is None else tuple(map(_sparing_pods, rule.match.peers))
    return (replace(rule, match=replace(rule.match, peers=peers)),)


def _without(tiers: tuple[TierPolicy, ...], gone: Callable[[TierPolicy], bool]) -> tuple[TierPolicy, ...]:
    return tuple(replace(each, rules=()) if gone(each) and each.rules else each for each in tiers)


_CHANGES: dict[str, _Change] = {
    "Pass allows": _as("pass", "allow"),
    "Pass denies": _as("pass", "deny"),
    "Pass goes on with the next rule": _rules(lambda rule: () if rule.action == "pass" else (rule,)),
    "Allow passes": _as("allow", "pass"),
    "Deny passes": _as("deny", "pass"),
    "the last rule that matches counts": _each(lambda policy: replace(policy, rules=policy.rules[::-1])),
    "only the first rule counts": _each(lambda policy: replace(policy, rules=policy.rules[:1])),
    "the higher number goes first": _within_tiers(
        lambda tier: sorted(tier, key=lambda each: each.priority if isinstance(each.priority, int) else 0, reverse=True)
    ),
    "only the first policy counts": lambda tiers: _without(tiers, lambda each: each.reference != tiers[0].reference),
    "the Baseline tier goes before NetworkPolicies": _moved("Baseline", "Admin"),
    "the Admin tier goes after NetworkPolicies": _moved("Admin", "Baseline"),
    "there is no Admin tier": lambda tiers: _without(tiers, lambda each: each.tier == "Admin"),
    "there is no Baseline tier": lambda tiers: _without(tiers, lambda each: each.tier == "Baseline"),
    "networks spare pods": _rules(_networks_spare_pods),
    **{
        f"cluster-wide policies do not govern {direction}": lambda tiers, own=direction: _without(
            tiers, lambda each: each.direction == own
        )
        for direction in DIRECTIONS
    },
}
