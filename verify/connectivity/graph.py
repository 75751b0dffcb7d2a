"""Connectivity as a graph for people: workloads of equal reach are one node, and so are ranges reached alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .nodes import by_reach, nodes_by_class, reached_by
from .portmaps import Ports, by_knowledge
from .ranges import AddressRange, whole
from .reach import Connectivity, Ranges
from .truths import EndName


@dataclass(frozen=True, slots=True)
class GraphNode:
    """``namespace`` None: outside the cluster. ``members``: names of workloads, or ranges of addresses, sorted."""

    namespace: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """From node to node by number, with the ports that are open, or, with ``depends_on``, undetermined."""

    source: int
    destination: int
    ports: Ports
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, those outside the cluster first; edges in their order."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[Edge, ...]


def graph_of(found: Connectivity) -> Graph:
    """The graph. A node outside stands for all the ranges that a workload talks to in one way, and may be part of
    another such node."""
    pods = by_reach(found)
    outside = sorted(
        {
            members
            for node in pods
            for members, _ in (*_sets(found.into[node.number]), *_sets(found.out_of[node.number]))
        }
    )
    numbers = {members: number for number, members in enumerate(outside)}
    number_of = {node: number for number, node in enumerate(pods, len(outside))}
    nodes = (
        *(GraphNode(None, tuple(map(range_name, members))) for members in outside),
        *(GraphNode(node.end.namespace, tuple(workload.name for workload in node.members)) for node in pods),
    )
    edges = _Edges(found)
    by_class = nodes_by_class(pods)
    for node in pods:
        for members, ports in _sets(found.into[node.number]):
            edges.add(numbers[members], _end(members), number_of[node], node.end, ports)
        for members, ports in _sets(found.out_of[node.number]):
            edges.add(number_of[node], node.end, numbers[members], _end(members), ports)
        for other, ports in reached_by(found, node, by_class):
            if other is not node or len(node.members) > 1:
                edges.add(number_of[node], node.end, number_of[other], other.end, ports)
    return Graph(nodes, tuple(sorted(edges.found, key=lambda edge: (edge.source, edge.destination))))


def _sets(ranges: Ranges) -> Iterable[tuple[tuple[AddressRange, ...], int]]:
    """The ranges with the same port map, together."""
    found: dict[int, list[AddressRange]] = {}
    for each, ports in ranges:
        found.setdefault(ports, []).append(each)
    return [(tuple(members), ports) for ports, members in found.items()]


def range_name(each: AddressRange) -> str:
    """The range, or short for all addresses of a family."""
    return f"all {each.family} addresses" if ((each.first, each.last),) == whole(each.family) else str(each)


def _end(members: Sequence[AddressRange]) -> EndName:
    return EndName(str(members[0]))


class _Edges:
    def __init__(self, found: Connectivity) -> None:
        self._maps = found.maps
        self.found: list[Edge] = []

    def add(self, source: int, source_end: EndName, destination: int, destination_end: EndName, ports: int) -> None:
        """An edge for what is open, and one for each kind of undetermined ports."""
        for unknowns, part in by_knowledge(self._maps[ports]):
            depends_on = sorted({each.words(source_end, destination_end) for each in unknowns})
            self.found.append(Edge(source, destination, part, tuple(depends_on)))
