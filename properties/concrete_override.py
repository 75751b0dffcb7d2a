"""``cannotOverride`` for one concrete connection: do Admin rules really leave it to NetworkPolicies?

Written apart from the symbolic verb. Trusts the concrete evaluator's tiers.
"""

from __future__ import annotations

from typing import Literal

from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.settled import Settled, settled
from ..encodings.concrete.traffic import Traffic


def ends_of(cluster: Cluster, traffic: Traffic) -> tuple[Settled, ...]:
    """What Admin rules say at each end that is a pod, egress before ingress."""
    found = (settled(cluster, "egress", traffic), settled(cluster, "ingress", traffic))
    return tuple(each for each in found if each is not None)


def held(cluster: Cluster, traffic: Traffic, outcome: Literal["closed", "open", "any"]) -> list[str]:
    """Why the connection does not refute the property; empty if it surely does."""
    ends = ends_of(cluster, traffic)
    reasons: list[str] = []
    if outcome != "open":
        for each in ends:
            if "deny" in each.said:
                reasons.append(f"an Admin rule denies it, or may, at the {each.direction}")
    if outcome != "closed" and all("allow" in each.said for each in ends):
        reasons.append("Admin rules accept it, or may, at every end that is a pod")
    return reasons
