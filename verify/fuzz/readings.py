"""What NetworkPolicy leaves open, and how it may be read.

One cluster reads it one way for all connections. What a user fixes is fixed; anything else may be read either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HostNetwork = Literal["excluded", "ordinary"]
HOST_NETWORK: tuple[HostNetwork, ...] = ("excluded", "ordinary")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the API: whether an ipBlock matches a pod by its address, and what a pod in its host's network
    is: its node, of which policies see no pod (``excluded``), or a pod like any other (``ordinary``)."""

    ip_block_matches_pods: bool
    host_network_pods: HostNetwork


DEFAULT_READING = Reading(ip_block_matches_pods=True, host_network_pods="excluded")


@dataclass(frozen=True, slots=True)
class Readings:
    """What is fixed of them; None is open."""

    ip_block_matches_pods: bool | None = None
    host_network_pods: HostNetwork | None = None

    def each(self, *, on_host: bool = True) -> tuple[Reading, ...]:
        """Every reading that these allow, the default one first if it is among them.

        ``on_host`` False: no pod is in its host's network, so that one way to read such pods stands for both.
        """
        blocks = (True, False) if self.ip_block_matches_pods is None else (self.ip_block_matches_pods,)
        hosts = HOST_NETWORK if self.host_network_pods is None else (self.host_network_pods,)
        hosts = hosts if on_host else hosts[:1]
        return tuple(Reading(block, host) for host in hosts for block in blocks)


OPEN = Readings()
