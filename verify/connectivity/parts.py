"""Everything that can be an end of a connection, and which of it a rule's peers match.

Parts are classes of workloads, then ranges of outside addresses; a set of them is an integer, one bit a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from ...encodings.addresses import FAMILIES, Family, Network
from ...encodings.cluster import NAME_LABEL, Cluster
from ...encodings.domains import covers
from ...encodings.policy import BlockPeer, DomainPeer, NetworkPeer, NodePeer, Peer, PodPeer
from ...encodings.selectors import Selector
from .classes import WorkloadClass
from .intervals import Intervals, intersect
from .labels import LabelIndex
from .ranges import AddressSpace, block_of, networks_of, whole
from .scope import Scope
from .truths import NEVER, Dependency, Role, Truths, any_of, both

Key = TypeVar("Key")
ADDRESS = "address of "
"""Begins the dependency on an address that nobody knows."""
DOMAIN = "domain "
"""Begins the dependency on what a domain name stands for."""


class Parts:
    """``classes`` and then the ranges of ``space``, numbered from 0."""

    def __init__(self, cluster: Cluster, classes: Sequence[WorkloadClass], space: AddressSpace, scope: Scope) -> None:
        self.classes, self.space, self.scope = classes, space, scope
        self.pods = (1 << len(classes)) - 1
        self._by_namespace = _gathered(each.namespace for each in classes)
        self._pod_labels = LabelIndex((each.labels, each.unknown, False) for each in classes)
        written = [cluster.namespaces.get(each.namespace) for each in classes]
        self._namespace_labels = LabelIndex(
            ({**(labels or {}), NAME_LABEL: each.namespace}, (), labels is None)
            for each, labels in zip(classes, written, strict=True)
        )
        self._pods_selected: dict[object, Truths] = {}
        self._namespaces_selected: dict[object, Truths] = {}
        self._peers: dict[object, Truths] = {}
        self._universe: dict[Family, Intervals] = {
            family: networks_of(scope.pod_networks, family) if scope.pod_networks else whole(family)
            for family in FAMILIES
        }
        self._known_addresses = {
            family: [(number, at) for number, each in enumerate(classes) for own, at in each.addresses if own == family]
            for family in FAMILIES
        }
        self._unknown_address = _bits(not each.addresses for each in classes)
        self.by_ports = _gathered(each.ports for each in classes)

    def ranges(self, chosen: int) -> int:
        """Ranges of the address space, as parts."""
        return chosen << len(self.classes)

    def ranges_among(self, parts: int) -> int:
        """The ranges of the address space among parts."""
        return parts >> len(self.classes)

    def everything(self) -> int:
        """All parts."""
        return (1 << (len(self.classes) + len(self.space.ranges))) - 1

    def of_peers(self, peers: tuple[Peer, ...] | None, family: Family, reading: bool, end: Role) -> Truths:
        """The parts that some peer matches, as ``end`` of a connection of the family; None matches every part."""
        if peers is None:
            return Truths(self.everything())
        key = (peers, family, reading, end)
        if key not in self._peers:
            self._peers[key] = any_of(self._of(peer, family, reading, end) for peer in peers)
        return self._peers[key]

    def _of(self, peer: Peer, family: Family, reading: bool, end: Role) -> Truths:
        match peer:
            case BlockPeer():
                return self._in_block(peer, family, reading, end)
            case NetworkPeer():
                return self._in_block(BlockPeer(peer.network), family, True, end)
            case NodePeer():
                return NEVER  # neither pods of the pod network nor outside addresses are nodes
            case DomainPeer():
                return self._in_domain(peer.name)
            case PodPeer():
                return self.of_peer(peer, end)

    def of_peer(self, peer: PodPeer, end: Role) -> Truths:
        """The classes that a peer or a policy's subject selects."""
        truths = Truths(self.pods)
        if peer.namespace is not None:
            truths = Truths(self._by_namespace.get(peer.namespace, 0))
        if peer.namespace_selector:
            truths = both(truths, self._in_namespaces(peer.namespace_selector, end))
        if peer.pod_selector and truths != NEVER:
            truths = both(truths, self._with_labels(peer.pod_selector, end))
        return truths

    def _in_namespaces(self, selector: Selector, end: Role) -> Truths:
        key = (selector, end)
        if key not in self._namespaces_selected:
            unknown = Dependency("labels of namespace ", end, of_namespace=True)
            self._namespaces_selected[key] = self._namespace_labels.selected(selector, lambda _: unknown)
        return self._namespaces_selected[key]

    def _with_labels(self, selector: Selector, end: Role) -> Truths:
        key = (selector, end)
        if key not in self._pods_selected:
            self._pods_selected[key] = self._pod_labels.selected(
                selector, lambda label: Dependency(f"label {label} of ", end)
            )
        return self._pods_selected[key]

    def _in_domain(self, name: str) -> Truths:
        """The ranges that a domain name stands for. One that is bound stands for its networks; any other for what
        nobody knows, but for bound names that it covers, and within bound ones that cover it."""
        bound = self.scope.domains
        if name in bound:
            return Truths(self._in_networks(bound[name]))
        surely = self._in_networks(net for other, its in bound.items() if covers(name, other) for net in its)
        perhaps = self.ranges((1 << len(self.space.ranges)) - 1)
        for other, its in bound.items():
            if covers(other, name):
                perhaps &= self._in_networks(its)
        unsure = perhaps & ~surely
        return Truths(surely, ((frozenset({Dependency(f"{DOMAIN}{name}")}), unsure),) if unsure else ())

    def _in_networks(self, networks: Iterable[Network]) -> int:
        found = 0
        for network in networks:
            found |= self.space.in_block(BlockPeer(network))
        return self.ranges(found)

    def _in_block(self, block: BlockPeer, family: Family, reading: bool, end: Role) -> Truths:
        """The parts whose address of the family a block holds; those of pods count if the reading says so."""
        if block.network.family != family:
            return NEVER
        surely = self.ranges(self.space.in_block(block))
        if not reading:
            return Truths(surely)
        addresses = block_of(block)
        for number, at in self._known_addresses[family]:
            if intersect(((at, at),), addresses):
                surely |= 1 << number
        possible = intersect(self._universe[family], addresses)
        if possible == self._universe[family]:
            return Truths(surely | self._unknown_address)
        if not possible or not self._unknown_address:
            return Truths(surely)
        return Truths(surely, ((frozenset({Dependency(ADDRESS, end)}), self._unknown_address),))


def _gathered(keys: Iterable[Key]) -> dict[Key, int]:
    """The numbers of equal keys, as bits."""
    found: dict[Key, int] = {}
    for number, key in enumerate(keys):
        found[key] = found.get(key, 0) | 1 << number
    return found


def _bits(holds: Iterable[bool]) -> int:
    return sum(1 << number for number, held in enumerate(holds) if held)
