"""Connectivity as lines: one entry for the open ports of a pair of ends, others for what is undetermined between them.

Entries come one by one and in order: sources sorted, then destinations; address ranges before workloads, IPv4 before
IPv6. A pair's open ports come first. The work is in proportion to the entries, whatever the number of workloads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .nodes import Node, nodes_by_class, reached_by
from .portmaps import Ports, by_knowledge
from .ranges import AddressRange
from .reach import Connectivity
from .truths import EndName, Unknowns


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair of ends with ports that are open, or, with something in ``depends_on``, undetermined."""

    source: str
    destination: str
    ports: Ports
    depends_on: tuple[str, ...] = ()


class Entries:
    """The entries of connectivity between these nodes and outside addresses."""

    def __init__(self, found: Connectivity, nodes: tuple[Node, ...]) -> None:
        self._found, self._nodes = found, nodes
        self._known: dict[int, list[tuple[Unknowns, Ports]]] = {}

    def __iter__(self) -> Iterator[Entry]:
        for each, node, ports in self._into:
            yield from self._entries(str(each), EndName(str(each)), node.name, node.end, ports)
        namespace, reached = "", dict[int, list[tuple[Node, int]]]()
        for node in self._nodes:
            name, end = node.name, node.end
            for each, ports in self._found.out_of[node.number]:
                yield from self._entries(name, end, str(each), EndName(str(each)), ports)
            if end.namespace != namespace:  # nodes of a class stand in one namespace, one after another
                namespace, reached = end.namespace, {}
            if node.number not in reached:
                reached[node.number] = reached_by(self._found, node, self._by_class)
            for other, ports in reached[node.number]:
                if other is not node or len(node.members) > 1:
                    yield from self._entries(name, end, other.name, other.end, ports)

    @cached_property
    def _by_class(self) -> dict[int, tuple[Node, ...]]:
        return nodes_by_class(self._nodes)

    @cached_property
    def _into(self) -> list[tuple[AddressRange, Node, int]]:
        """Who is reached from outside, sorted by range and then by name."""
        into = ((each, node, ports) for node in self._nodes for each, ports in self._found.into[node.number])
        return sorted(into, key=lambda item: (item[0], item[1].members[0]))

    def _entries(
        self, source: str, source_end: EndName, destination: str, destination_end: EndName, ports: int
    ) -> Iterator[Entry]:
        known = self._known.get(ports)
        if known is None:
            known = self._known[ports] = by_knowledge(self._found.maps[ports])
        for unknowns, part in known:
            depends_on = sorted({each.words(source_end, destination_end) for each in unknowns})
            yield Entry(source, destination, part, tuple(depends_on))
