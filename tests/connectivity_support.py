"""Connectivity of manifests made in code, and what it says of one connection, for comparison with other evaluators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from netpol_verify.encodings.addresses import Family, parse_address
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.policy import PROTOCOLS, Protocol
from netpol_verify.properties.suite import Semantics, World
from netpol_verify.verify.connectivity.asking import scope_of
from netpol_verify.verify.connectivity.nodes import Node, by_workload
from netpol_verify.verify.connectivity.outside import addresses_of
from netpol_verify.verify.connectivity.portmaps import PortMap, by_knowledge
from netpol_verify.verify.connectivity.reach import Connectivity, connectivity
from netpol_verify.verify.connectivity.truths import EndName

Known = tuple[str, ...] | None
"""What is known of a connection: refused (None), open (()), or what it depends on."""


def connectivity_of(
    manifests: Manifests,
    reading: bool | None = None,
    world: World | None = None,
    hidden_by: Literal["direction", "pod", "either"] = "direction",
) -> Connectivity:
    """Who talks to whom, under one reading of ipBlock or either."""
    given = world or World()
    semantics = Semantics(ip_block_matches_pods="either" if reading is None else reading, baseline_hidden_by=hidden_by)
    scope = scope_of(addresses_of(manifests, given), given, semantics)
    return connectivity(build_cluster(manifests), scope)


class Answers:
    """Connectivity, asked about single connections."""

    def __init__(self, found: Connectivity) -> None:
        self.found = found
        self.nodes: dict[str, Node] = {node.members[0].reference: node for node in by_workload(found)}

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every pair of different workloads."""
        yield from ((source, other) for source in self.nodes for other in self.nodes if source != other)

    def between(self, source: str, destination: str) -> list[tuple[PortMap, EndName, EndName]]:
        """The port map between two workloads, with the names of both; none if there is no connection."""
        here, there = self.nodes[source], self.nodes[destination]
        found = [
            (self.found.maps[ports], here.end, there.end)
            for ports, reached in self.found.pods[here.number].items()
            if reached >> there.number & 1
        ]
        assert len(found) <= 1, "a pair has one answer"
        return found

    def with_address(self, workload: str, address: str, *, into: bool) -> list[tuple[PortMap, EndName, EndName]]:
        """As ``between``, for an outside address as the source (``into``) or the destination."""
        family, number = parse_address(address)
        node = self.nodes[workload]
        ranges = (self.found.into if into else self.found.out_of)[node.number]
        found: list[tuple[PortMap, EndName, EndName]] = []
        for each, ports in ranges:
            if each.family == family and each.first <= number <= each.last:
                outside = EndName(str(each))
                source, destination = (outside, node.end) if into else (node.end, outside)
                found.append((self.found.maps[ports], source, destination))
        assert len(found) <= 1, "ranges of one workload do not overlap"
        return found


def known(found: Sequence[tuple[PortMap, EndName, EndName]], protocol: str, port: int) -> Known:
    """What an answer says of one port."""
    for ports, source, destination in found:
        for unknowns, part in by_knowledge(ports):
            if any(own == protocol and first <= port <= last for own, first, last in part):
                return tuple(sorted({each.words(source, destination) for each in unknowns}))
    return None


def sample_ports(breaks: Sequence[int]) -> list[tuple[Protocol, int]]:
    """A port of every piece between breaks, of each protocol."""
    numbers = sorted({1, 65535, *(each for each in breaks if 1 <= each <= 65535)})
    return [(protocol, number) for protocol in PROTOCOLS for number in numbers]


def families_of(found: Connectivity) -> set[Family]:
    """The families of the outside addresses that anybody talks to."""
    return {each.family for ranges in (*found.into, *found.out_of) for each, _ in ranges}
