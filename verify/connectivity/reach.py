"""For every class of workloads: which classes and which ranges of addresses it talks to, on which ports.

A pair of classes is decided by the source's egress and the destination's ingress. Groups of subjects meet in
rectangles, so that the work grows with what policies tell apart, not with the number of workloads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...encodings.addresses import Family
from ...encodings.cluster import Cluster
from ...encodings.policy import BlockPeer, NetworkPeer
from .agreements import Agreements
from .classes import WorkloadClass, workload_classes
from .parts import ADDRESS, Parts
from .portmaps import PortMap
from .ranges import AddressRange, AddressSpace
from .scope import Chosen, Scope
from .sides import Answer, PortMaps, Side, SubjectGroup
from .truths import bits

Ranges = tuple[tuple[AddressRange, int], ...]
"""Ranges of outside addresses, sorted, each with the number of its port map."""


@dataclass(frozen=True, slots=True)
class Connectivity:
    """Who talks to whom. ``maps``: port maps, elsewhere given by their number; number 0, closed, occurs nowhere.

    ``classes`` are sorted by first member. ``pods[i]`` maps port maps to the classes (bits) that class i reaches with
    them; to reach itself means that one of its pods reaches another. ``into[i]``: the outside addresses that reach
    class i; ``out_of[i]``: those that it reaches.
    """

    classes: tuple[WorkloadClass, ...]
    maps: tuple[PortMap, ...]
    pods: tuple[Mapping[int, int], ...]
    into: tuple[Ranges, ...]
    out_of: tuple[Ranges, ...]

    def hangs_on_addresses(self) -> bool:
        """Is something undetermined because a pod's address is unknown?"""
        alone = [1 << number if len(each.members) == 1 else 0 for number, each in enumerate(self.classes)]
        rows = zip(self.pods, alone, strict=True)
        used = {ports for row, itself in rows for ports, reached in row.items() if reached & ~itself}
        unknowns = {each for ports in used for _, _, unknowns in self.maps[ports] for each in unknowns}
        return any(each.text == ADDRESS for each in unknowns)


def connectivity(cluster: Cluster, scope: Scope) -> Connectivity:
    """Who talks to whom in this cluster, as far as the scope asks."""
    return reach(cluster, parts_of(cluster, scope))


def reach(cluster: Cluster, parts: Parts) -> Connectivity:
    """Who talks to whom, of parts made of the same cluster."""
    return _Reach(cluster, parts).whole()


def parts_of(cluster: Cluster, scope: Scope) -> Parts:
    """Everything that can be an end of a connection, as far as the scope asks."""
    cuts = [chosen.addresses for chosen in (scope.sources, scope.destinations) if chosen is not None]
    space = AddressSpace(_blocks(cluster, scope), scope.outside, cuts)
    return Parts(cluster, workload_classes(cluster, space, scope), space, scope)


def _blocks(cluster: Cluster, scope: Scope) -> list[BlockPeer]:
    """Every block of addresses that the cluster's policies or bound domain names mean, once."""
    policies = (policy for layer in cluster.layers for tier in layer.tiers for policy in tier.policies)
    peers = [peer for policy in policies for rule in policy.rules for peer in rule.peers or ()]
    blocks = [BlockPeer(peer.network) if isinstance(peer, NetworkPeer) else peer for peer in peers]
    bound = [BlockPeer(network) for networks in scope.domains.values() for network in networks]
    return list(dict.fromkeys(block for block in (*blocks, *bound) if isinstance(block, BlockPeer)))


class _Reach:
    def __init__(self, cluster: Cluster, parts: Parts) -> None:
        self._parts, self._scope, self._maps = parts, parts.scope, PortMaps()
        self._egress = Side("egress", cluster, parts, self._maps)
        self._ingress = Side("ingress", cluster, parts, self._maps)
        self._agreements = Agreements(parts, self._maps, self._egress.cases)
        self._by_families: dict[tuple[Family, ...], int] = {}
        for number, each in enumerate(parts.classes):
            families: tuple[Family, ...] = tuple(f for f in self._scope.families if each.has_family(f))
            self._by_families[families] = self._by_families.get(families, 0) | 1 << number

    def whole(self) -> Connectivity:
        """The answer for all classes."""
        classes = self._parts.classes
        sources = sum(1 << number for number, each in enumerate(classes) if each.is_source)
        destinations = sum(1 << number for number, each in enumerate(classes) if each.is_destination)
        outgoing, incoming = self._egress.groups(sources), self._ingress.groups(destinations)
        pods = self._pods(outgoing, incoming)
        into, out_of = self._into(incoming), self._out_of(outgoing)
        return Connectivity(tuple(classes), tuple(self._maps.maps), pods, into, out_of)

    def _pods(
        self, outgoing: Sequence[SubjectGroup], incoming: Sequence[SubjectGroup]
    ) -> tuple[Mapping[int, int], ...]:
        rows: list[dict[int, int]] = [{} for _ in self._parts.classes]
        group_of = {number: group for group in outgoing for number in bits(group.classes)}
        for destination in incoming:
            for sources, in_answer in destination.answers:
                for source in _meeting(sources & self._parts.pods, outgoing, group_of):
                    for destinations, out_answer in source.answers:
                        reached = destination.classes & destinations
                        if reached:
                            self._connect(rows, source.classes & sources, reached, out_answer, in_answer)
        return tuple(rows)

    def _connect(
        self, rows: list[dict[int, int]], sources: int, destinations: int, out_answer: Answer, in_answer: Answer
    ) -> None:
        """Note the connections of classes whose ends answer so."""
        for own, having_own in self._by_families.items():
            for others, having_others in self._by_families.items() if sources & having_own else ():
                families: tuple[Family, ...] = tuple(family for family in own if family in others)
                reached = destinations & having_others
                if not families or not reached:
                    continue
                agreed = self._agreements.of(out_answer, in_answer, families)
                for wanted, parts in self._agreements.wanted:
                    ports = self._agreements.kept(agreed, wanted)
                    for number in bits(sources & having_own) if ports and reached & parts else ():
                        rows[number][ports] = rows[number].get(ports, 0) | (reached & parts)

    def _into(self, incoming: Sequence[SubjectGroup]) -> tuple[Ranges, ...]:
        """For each class the outside addresses that reach it."""
        found: list[Ranges] = [()] * len(self._parts.classes)
        agreements, kept = self._agreements, self._kept(self._scope.sources)
        for group in incoming:
            # The members of a group of destinations agree on the ports that are asked about.
            wanted = next(ports for ports, parts in agreements.wanted if parts & group.classes)
            by_ports: dict[int, int] = {}
            for family, ranges, answer in self._met(group, kept):
                ports = agreements.kept(agreements.of(agreements.anything, answer, (family,)), wanted)
                by_ports[ports] = by_ports.get(ports, 0) | ranges
            self._spread(found, group, by_ports)
        return tuple(found)

    def _out_of(self, outgoing: Sequence[SubjectGroup]) -> tuple[Ranges, ...]:
        """For each class the outside addresses that it reaches."""
        found: list[Ranges] = [()] * len(self._parts.classes)
        agreements, kept = self._agreements, self._kept(self._scope.destinations)
        wanted, _ = agreements.wanted[0]
        for group in outgoing:
            by_ports: dict[int, int] = {}
            for family, ranges, answer in self._met(group, kept):
                ports = agreements.kept(agreements.of(answer, agreements.anything, (family,)), wanted)
                by_ports[ports] = by_ports.get(ports, 0) | ranges
            self._spread(found, group, by_ports)
        return tuple(found)

    def _kept(self, chosen: Chosen | None) -> list[tuple[Family, int]]:
        """The ranges of addresses of each family that a filter keeps as the other end."""
        addresses = self._scope.outside if chosen is None else chosen.addresses
        return [(family, self._parts.space.among(family, addresses.get(family, ()))) for family in self._scope.families]

    def _met(self, group: SubjectGroup, kept: Iterable[tuple[Family, int]]) -> Iterable[tuple[Family, int, Answer]]:
        """The kept ranges of addresses with the group's answers."""
        for family, among in kept:
            for parts, answer in group.answers:
                ranges = self._parts.ranges_among(parts) & among
                if ranges:
                    yield family, ranges, answer

    def _spread(self, found: list[Ranges], group: SubjectGroup, by_ports: Mapping[int, int]) -> None:
        """Give each class of the group the ranges of the families that it has."""
        space = self._parts.space
        merged = sorted((each, ports) for ports, kept in by_ports.items() if ports for each in space.merged(kept))
        for number in bits(group.classes):
            own = self._parts.classes[number]
            found[number] = tuple((each, ports) for each, ports in merged if own.has_family(each.family))


def _meeting(
    classes: int, groups: Sequence[SubjectGroup], group_of: Mapping[int, SubjectGroup]
) -> Iterable[SubjectGroup]:
    """The groups with one of the classes, found in the shorter of two ways."""
    if classes.bit_count() >= len(groups):
        return [group for group in groups if group.classes & classes]
    numbers = [number for number in bits(classes) if number in group_of]
    return {id(group_of[number]): group_of[number] for number in numbers}.values()
