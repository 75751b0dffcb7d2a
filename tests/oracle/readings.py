"""Readings for the oracle: what the APIs leave open and one cluster decides once for all, tried one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Literal

from netpol_verify.properties.suite import Semantics

from .admin import TIERS, AdminPolicy

HiddenBy = Literal["direction", "pod"]
HostNetwork = Literal["excluded", "ordinary"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One choice of everything. ``order``: every cluster-wide policy, the first wins, tier after tier."""

    blocks_match_pods: bool
    order: tuple[str, ...] = ()
    hidden_by: HiddenBy = "direction"
    host_network: HostNetwork = "excluded"


def goes_first(one: AdminPolicy, other: AdminPolicy) -> bool:
    """Whether the API says that ``one`` of a tier comes before ``other``: its number is lower. Where one has none,
    it says nothing."""
    return one.priority is not None and other.priority is not None and one.priority < other.priority


def orders_of(policies: Sequence[AdminPolicy]) -> Iterator[tuple[str, ...]]:
    """Every order of all cluster-wide policies that their tiers and numbers allow, that of reading first."""
    by_tier = [list(_orders([policy for policy in policies if policy.tier == tier])) for tier in TIERS]
    for both in product(*by_tier):
        yield tuple(policy.reference for line in both for policy in line)


def _orders(tier: Sequence[AdminPolicy]) -> Iterator[tuple[AdminPolicy, ...]]:
    # Sorting first keeps the order of reading where the numbers say nothing, and is an order even beside one without.
    numbered = sorted(tier, key=lambda policy: -1 if policy.priority is None else policy.priority)
    for line in permutations(numbered):
        if not any(goes_first(line[j], line[i]) for j in range(len(line)) for i in range(j)):
            yield line


def readings_of(semantics: Semantics, policies: Sequence[AdminPolicy], blocks: bool) -> tuple[Reading, ...]:
    """Every reading that the semantics leave; ``blocks``: whether some NetworkPolicy has an ipBlock to read."""
    match = semantics.ip_block_matches_pods
    matching = (match,) if isinstance(match, bool) else (True, False) if blocks else (True,)
    hidden: tuple[HiddenBy, ...] = ("direction",)
    if semantics.baseline_hidden_by is not None:
        hidden = ("direction", "pod") if semantics.baseline_hidden_by == "either" else (semantics.baseline_hidden_by,)
    return tuple(
        Reading(matches, order, by, host)
        for order in orders_of(policies)
        for host in host_networks(semantics)
        for by in (hidden if any(policy.tier == "Baseline" for policy in policies) else hidden[:1])
        for matches in matching
    )


def host_networks(semantics: Semantics) -> tuple[HostNetwork, ...]:
    """What pods in the host's network may be."""
    if semantics.host_network_pods == "either":
        return ("excluded", "ordinary")
    return (semantics.host_network_pods or "excluded",)
