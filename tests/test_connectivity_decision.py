"""Layers, tiers and actions of the intermediate form, three-valued: exactly what holds however the unknown turns out.

Compared with brute force over every way in which the unknown things can turn out, each decided by the plain rule of the
intermediate form.
"""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
from hypothesis import given, settings
from netpol_verify.encodings.policy import Action, DirectedPolicy, PodPeer, Rule
from netpol_verify.encodings.written import Origin
from netpol_verify.verify.connectivity.decision import (
    End,
    PolicyBook,
    SelectedLayers,
    SelectedTier,
    policy_book,
    side_value,
)
from netpol_verify.verify.connectivity.truths import NOTHING, Dependency, Unknowns

NOWHERE = Origin("drawn.yaml", 1)
ACTIONS: tuple[Action, ...] = ("allow", "deny", "pass")
ENDS: tuple[End, ...] = ("deny-if-selected", "pass")
Hits = dict[int, Unknowns]
UNMODELLED = Dependency("unmodelled")


def unknown(text: str) -> Unknowns:
    return frozenset({Dependency(text)})


@st.composite
def sides(draw: st.DrawFn) -> tuple[SelectedLayers, Hits]:
    """Layers of policies that select or may select, and which of their rules match or may match."""
    hits: Hits = {}
    layers: list[tuple[SelectedTier, ...]] = []
    for layer in range(draw(st.integers(1, 2))):
        tiers: list[SelectedTier] = []
        for tier in range(draw(st.integers(0, 2))):
            policies: list[tuple[PolicyBook, Unknowns]] = []
            for _ in range(draw(st.integers(0, 2))):
                actions = draw(st.lists(st.sampled_from(ACTIONS), max_size=3))
                rules = tuple(Rule(action, None, None, NOWHERE) for action in actions)
                reference = f"{layer}.{tier}.{len(policies)}"
                policy = DirectedPolicy(reference, "ingress", PodPeer(), rules, NOWHERE)
                first = 100 * layer + 10 * tier + 3 * len(policies)
                policies.append((policy_book(policy, first), draw(st.sampled_from((NOTHING, unknown(reference))))))
                for number in range(first, first + len(rules)):
                    match = draw(st.sampled_from((None, NOTHING, unknown(f"rule {number}"))))
                    if match is not None:
                        hits[number] = match
            tiers.append(SelectedTier(draw(st.sampled_from(ENDS)), tuple(policies)))
        layers.append(tuple(tiers))
    return tuple(layers), hits


def allows(layers: SelectedLayers, hits: Hits, true: frozenset[Dependency]) -> bool:
    """The rule of the intermediate form where everything is known: what is in ``true`` holds, other unknowns do not."""

    def layer_allows(tiers: tuple[SelectedTier, ...]) -> bool:
        for tier in tiers:
            chosen = [book for book, selects in tier.policies if selects <= true]
            matching = (
                rule for book in chosen for number, rule in book.rules if number in hits and hits[number] <= true
            )
            first = next(matching, None)
            if first is not None and first.action != "pass":
                return first.action == "allow"
            if first is None and chosen and tier.end == "deny-if-selected":
                return False
        return True

    return all(map(layer_allows, layers))


@settings(max_examples=400, deadline=None)
@given(sides())
def test_known_exactly_if_it_is_the_same_however_the_unknown_turns_out(drawn: tuple[SelectedLayers, Hits]) -> None:
    layers, hits = drawn
    selects = [each for tiers in layers for tier in tiers for _, unknowns in tier.policies for each in unknowns]
    unknowns = [*selects, *(each for match in hits.values() for each in match)]
    worlds = product((False, True), repeat=len(unknowns))
    outcomes = {
        allows(layers, hits, frozenset(each for each, holds in zip(unknowns, world, strict=True) if holds))
        for world in worlds
    }
    value = side_value(layers, NOTHING, hits)
    if len(outcomes) == 1:
        assert value == (NOTHING if outcomes == {True} else None)
    else:
        assert value, "unknown, and it says what that depends on"


@settings(max_examples=100, deadline=None)
@given(sides())
def test_an_unmodelled_policy_decides_freely_whatever_the_others_say(drawn: tuple[SelectedLayers, Hits]) -> None:
    layers, hits = drawn
    value = side_value(layers, frozenset({UNMODELLED}), hits)
    assert value == (side_value(layers, NOTHING, hits) or NOTHING) | {UNMODELLED}
