"""What the APIs leave open, and how it may be read.

One cluster reads it one way for all connections. What a user fixes is fixed; anything else may be read either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HostNetwork = Literal["excluded", "ordinary"]
HOST_NETWORK: tuple[HostNetwork, ...] = ("excluded", "ordinary")
HiddenBy = Literal["direction", "pod"]
HIDDEN_BY: tuple[HiddenBy, ...] = ("direction", "pod")
Order = Literal["declared", "reversed"]
ORDERS: tuple[Order, ...] = ("declared", "reversed")
"""Of policies of one priority. There may be others; these are enough to name what lies behind an answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the API: whether an ipBlock matches a pod by its address, and what a pod in its host's network
    is: its node, of which policies see no pod (``excluded``), or a pod like any other (``ordinary``). What keeps a pod
    from the Baseline tier: a NetworkPolicy for the direction, or any that selects the ``pod``. And in which ``order``
    cluster-wide policies of one priority are asked."""

    ip_block_matches_pods: bool
    host_network_pods: HostNetwork
    baseline_hidden_by: HiddenBy = "direction"
    order: Order = "declared"


DEFAULT_READING = Reading(ip_block_matches_pods=True, host_network_pods="excluded")


@dataclass(frozen=True, slots=True)
class Readings:
    """What is fixed of them; None is open."""

    ip_block_matches_pods: bool | None = None
    host_network_pods: HostNetwork | None = None

    def each(self, *, on_host: bool = True, baseline: bool = False, tied: bool = False) -> tuple[Reading, ...]:
        """Every reading that these allow, the default one first if it is among them.

        ``on_host`` False: no pod is in its host's network, so that one way to read such pods stands for both. Likewise
        ``baseline``: whether there is a policy of that tier; ``tied``: whether policies of one priority are there.
        """
        blocks = (True, False) if self.ip_block_matches_pods is None else (self.ip_block_matches_pods,)
        hosts = HOST_NETWORK if self.host_network_pods is None else (self.host_network_pods,)
        hosts = hosts if on_host else hosts[:1]
        hidden, orders = HIDDEN_BY if baseline else HIDDEN_BY[:1], ORDERS if tied else ORDERS[:1]
        return tuple(
            Reading(block, host, by, order) for order in orders for by in hidden for host in hosts for block in blocks
        )


OPEN = Readings()
