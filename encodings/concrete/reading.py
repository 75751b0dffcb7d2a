"""What the APIs leave open and one cluster decides once for all: a reading, and which readings are possible.

Trusts nothing; knows endpoints only to tell whom a reading takes for a pod.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .endpoints import ConcreteEndpoint

HiddenBy = Literal["direction", "pod"]
HostNetworkPods = Literal["excluded", "ordinary"]
HIDDEN_BY: tuple[HiddenBy, ...] = ("direction", "pod")
HOST_NETWORK: tuple[HostNetworkPods, ...] = ("excluded", "ordinary")

IP_BLOCK_KEY = "ipBlockMatchesPods"
HIDDEN_BY_KEY = "baselineHiddenBy"
HOST_NETWORK_KEY = "hostNetworkPods"
ORDER_KEY = "order"


@dataclass(frozen=True, slots=True)
class Reading:
    """One cluster's choice.

    ``order``: references of tied policies, the first wins; tied policies that are not in it come after those that are,
    as they were read. ``baseline_hidden_by``: what keeps a pod's direction from the Baseline tier: a NetworkPolicy that
    governs that direction, or one that selects the pod at all. ``host_network_pods``: whether NetworkPolicies see pods
    in the host's network as pods (``ordinary``) or as their node; cluster-wide policies never see a pod there.
    """

    ip_block_matches_pods: bool
    order: tuple[str, ...] = ()
    baseline_hidden_by: HiddenBy = "direction"
    host_network_pods: HostNetworkPods = "excluded"

    def is_pod(self, endpoint: ConcreteEndpoint) -> bool:
        """Whether NetworkPolicies see a pod in this endpoint."""
        if endpoint.kind == "pod" and endpoint.host_network:
            return self.host_network_pods == "ordinary"
        return endpoint.kind == "pod"


@dataclass(frozen=True, slots=True)
class Readings:
    """All readings that are possible: each choice is made, or open (None)."""

    ip_block_matches_pods: bool | None = None
    order: tuple[str, ...] | None = None
    baseline_hidden_by: HiddenBy | None = "direction"
    host_network_pods: HostNetworkPods | None = "excluded"

    def first(self) -> Reading:
        """The first of them: the declared order, and of each open choice the first value."""
        return Reading(
            self.ip_block_matches_pods is True,
            self.order or (),
            self.baseline_hidden_by or "direction",
            self.host_network_pods or "excluded",
        )


def only(reading: Reading) -> Readings:
    """That one reading and no other."""
    return Readings(reading.ip_block_matches_pods, reading.order, reading.baseline_hidden_by, reading.host_network_pods)
