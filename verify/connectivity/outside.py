"""Which addresses are outside: no declared pod's or node's, and in neither podCIDRs nor nodeCIDRs.

Pods that fold into their owner keep their addresses here; pods in the host's network have their node's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ...encodings.addresses import FAMILIES, Family, Network, parse_address, parse_network
from ...encodings.manifests import Manifests
from ...encodings.nodes import declared_nodes
from ...properties.suite import World
from ..settings import nodes_of
from .intervals import Intervals
from .ranges import outside

_OVER = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Addresses:
    """``families`` a connection may use; where pods and nodes live; every known address of a pod, and of a node; the
    rest."""

    families: tuple[Family, ...]
    pod_networks: tuple[Network, ...]
    node_networks: tuple[Network, ...]
    of_pods: tuple[tuple[Family, int], ...]
    of_nodes: tuple[tuple[Family, int], ...]
    outside: dict[Family, Intervals]

    def in_networks(self, family: Family, number: int, networks: Iterable[Network]) -> bool:
        """Is the address in one of the networks?"""
        return any(each.family == family and each.base <= number <= each.last for each in networks)

    def stray_pods(self) -> int:
        """How many pods' addresses lie in neither podCIDRs nor nodeCIDRs, and so cut the outside ranges."""
        networks = (*self.pod_networks, *self.node_networks)
        return sum(not self.in_networks(family, number, networks) for family, number in self.of_pods)


def addresses_of(manifests: Manifests, world: World) -> Addresses:
    """The addresses as the manifests and the world's CIDRs say. The families are those of podCIDRs, else both."""
    pods, nodes = _networks(world.pod_cidrs), _networks(world.node_cidrs)
    families: tuple[Family, ...] = tuple(f for f in FAMILIES if not pods or any(net.family == f for net in pods))
    taken = tuple(sorted(set(_pod_addresses(manifests))))
    declared = (*declared_nodes(manifests.modelled), *nodes_of(world))
    hosts = tuple(sorted({address for node in declared for address in node.addresses}))
    free: dict[Family, Intervals] = {family: outside(family, (*pods, *nodes), (*taken, *hosts)) for family in families}
    return Addresses(families, pods, nodes, taken, hosts, free)


def _networks(texts: Sequence[str] | None) -> tuple[Network, ...]:
    return tuple(parse_network(text) for text in texts or ())


def _pod_addresses(manifests: Manifests) -> Iterator[tuple[Family, int]]:
    for written in manifests.modelled:
        if written.kind != "Pod" or written.group or "status" not in written.fields:
            continue
        status, spec = _mapping(written.fields.get("status")), _mapping(written.fields.get("spec"))
        if status.get("phase") in _OVER or spec.get("hostNetwork") is True:
            continue
        listed = cast("list[Any]", status.get("podIPs") or [])
        texts = [_mapping(item).get("ip") for item in listed] or [status.get("podIP")]
        yield from (parse_address(text) for text in texts if isinstance(text, str) and text)


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
