"""What hides the Baseline tier from a pod: a NetworkPolicy that governs the direction, or any that selects the pod.

The former is what tiers in order say anyhow; here is the latter, the reading ``baselineHiddenBy: pod``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from ...encodings.cluster import Cluster
from ...encodings.policy import DirectedPolicy, Direction, Tier
from .decision import SelectedLayers, SelectedTier
from .parts import Parts
from .portmaps import Value
from .truths import NOTHING, Role, bits


class Hiding:
    """Which classes a NetworkPolicy of the other direction selects. ``considered``: whether the Baseline tier is hidden
    by pod, as far as that matters in the cluster and the scope asks."""

    def __init__(self, cluster: Cluster, parts: Parts, direction: Direction, end: Role) -> None:
        has_baseline = any(below.policies for _, below in _neighbours(cluster))
        self.considered = parts.scope.hidden_by_pod if has_baseline else (False,)
        self._selected: dict[int, Value] = {}
        for policy in _hiding(cluster, direction) if any(self.considered) else ():
            for unknowns, classes in parts.of_peer(policy.subject, end).cases():
                for number in bits(classes):
                    known = self._selected.get(number)
                    surely = not unknowns or known == NOTHING
                    self._selected[number] = NOTHING if surely else unknowns | (known or NOTHING)

    def of(self, number: int) -> Value:
        """What it depends on that a policy of the other direction selects a class; None if none does."""
        return self._selected.get(number)


def below_hidden(layers: SelectedLayers, hidden: Value) -> SelectedLayers:
    """The layers for a pod that a NetworkPolicy of the other direction selects, which depends on ``hidden``."""
    return tuple(tuple(_hidden(tiers, hidden)) for tiers in layers)


def _hidden(tiers: tuple[SelectedTier, ...], hidden: Value) -> Iterator[SelectedTier]:
    below = False
    for tier in tiers:
        yield replace(tier, hidden=hidden) if below else tier
        below |= tier.end == "deny-if-selected"


def _neighbours(cluster: Cluster) -> Iterator[tuple[Tier, Tier]]:
    """The tiers that end with a denial, each with the one below it."""
    for layer in cluster.layers:
        yield from ((tier, below) for tier, below in pairwise(layer.tiers) if tier.end == "deny-if-selected")


def _hiding(cluster: Cluster, direction: Direction) -> Iterator[DirectedPolicy]:
    for tier, _ in _neighbours(cluster):
        yield from (policy for policy in tier.policies if policy.direction != direction)
