"""What one end of a connection says: the source's egress or the destination's ingress, for all other ends at once.

Ends that the same policies select, with the same knowledge, form one group of subjects; its policies' rules cut the
parts of the cluster into sets that they do not tell apart; each set is decided once, for all ports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...encodings.addresses import Family
from ...encodings.cluster import Cluster
from ...encodings.policy import BlockPeer, Direction, NamedPort, NetworkPeer, Protocol, Rule
from .decision import End, PolicyBook, SelectedLayers, SelectedTier, policy_book, side_value
from .hiding import Hiding, below_hidden
from .parts import Parts
from .portmaps import CLOSED, EVERY, PortMap, Value, pointwise, port_map
from .truths import Dependency, Role, Unknowns, bits


class Case(NamedTuple):
    """A family, a reading of ipBlock and what hides the Baseline tier, which both ends of a connection share."""

    family: Family
    blocks_match_pods: bool
    hidden_by_pod: bool


Answer = tuple[int, ...]
"""For each case the number of a port map."""
Declared = tuple[tuple[str, Protocol, int], ...]
_Hit = tuple[int, Unknowns, int]
"""A rule by its number, what its match depends on, and the ports on which it matches, as the number of a port map."""
_Variant = tuple[_Hit, int]
"""A hit, and the parts for which it is one."""


class PortMaps:
    """Port maps by number, equal ones once; number 0 is closed throughout."""

    def __init__(self) -> None:
        self.maps: list[PortMap] = [CLOSED]
        self._numbers: dict[PortMap, int] = {CLOSED: 0}

    def number(self, ports: PortMap) -> int:
        """The number of a map."""
        found = self._numbers.setdefault(ports, len(self.maps))
        if found == len(self.maps):
            self.maps.append(ports)
        return found


@dataclass(frozen=True, slots=True)
class SubjectGroup:
    """Classes (bits) of which a direction's policies say the same, with the same named ports where these matter.

    ``answers``: disjoint sets of parts, as the other end, each with its answer; parts in none are surely refused.
    """

    classes: int
    answers: tuple[tuple[int, Answer], ...]


class Side:
    """One direction at one end. ``cases`` are those that matter, in a fixed order."""

    def __init__(self, direction: Direction, cluster: Cluster, parts: Parts, maps: PortMaps) -> None:
        self.direction: Direction = direction
        self.parts, self.maps = parts, maps
        self.end: Role = "source" if direction == "egress" else "destination"
        self.peer: Role = "destination" if direction == "egress" else "source"
        self._hiding = Hiding(cluster, parts, direction, self.end)
        self.cases = [
            Case(family, reading, by_pod)
            for family in parts.scope.families
            for reading in parts.scope.readings
            for by_pod in self._hiding.considered
        ]
        self._unmodelled = [each for each in cluster.unmodelled if direction in each.directions]
        self._ends: list[list[End]] = [[tier.end for tier in layer.tiers] for layer in cluster.layers]
        self._books: list[tuple[int, int, PolicyBook]] = []
        first = 0
        for layer_number, layer in enumerate(cluster.layers):
            for tier_number, tier in enumerate(layer.tiers):
                for policy in tier.policies:
                    if policy.direction == direction:
                        self._books.append((layer_number, tier_number, policy_book(policy, first)))
                        first += len(policy.rules)
        self._variants: dict[object, list[_Variant]] = {}
        self._rule_ports: dict[tuple[int, Declared], list[tuple[int, int]]] = {}

    def groups(self, subjects: int) -> list[SubjectGroup]:
        """The subjects (classes, as bits) in groups, each with its answers for all parts."""
        selecting: dict[int, list[tuple[int, Unknowns]]] = {number: [] for number in bits(subjects)}
        for index, (_, _, book) in enumerate(self._books):
            for unknowns, classes in self.parts.of_peer(book.policy.subject, self.end).cases():
                for number in bits(classes & subjects):
                    selecting[number].append((index, unknowns))
        members: dict[tuple[tuple[tuple[int, Unknowns], ...], Unknowns, Declared, Value], int] = {}
        for number, selected in selecting.items():
            own = self.parts.classes[number]
            # Ingress rules name ports of the subject itself, egress rules those of the other end.
            ports = own.ports if self.direction == "ingress" else ()
            key = (tuple(selected), self._free(own.namespace), ports, self._hiding.of(number))
            members[key] = members.get(key, 0) | 1 << number
        return [
            SubjectGroup(classes, self._answers(self._layers(selected), free, ports, hidden))
            for (selected, free, ports, hidden), classes in members.items()
        ]

    def _free(self, namespace: str) -> Unknowns:
        """The unmodelled policies that may decide for pods of the namespace."""
        governing = [each for each in self._unmodelled if each.namespace in (None, namespace)]
        return frozenset(Dependency(f"unmodelled {each.reference}") for each in governing)

    def _layers(self, selected: Iterable[tuple[int, Unknowns]]) -> SelectedLayers:
        placed: list[list[list[tuple[PolicyBook, Unknowns]]]] = [[[] for _ in ends] for ends in self._ends]
        for index, unknowns in selected:
            layer, tier, book = self._books[index]
            placed[layer][tier].append((book, unknowns))
        return tuple(
            tuple(SelectedTier(end, tuple(policies)) for end, policies in zip(ends, tiers, strict=True))
            for ends, tiers in zip(self._ends, placed, strict=True)
        )

    def _answers(
        self, layers: SelectedLayers, free: Unknowns, ports: Declared, hidden: Value
    ) -> tuple[tuple[int, Answer], ...]:
        """Every set of parts that is not refused in all cases, with its answer."""
        rules = [numbered for tiers in layers for tier in tiers for book, _ in tier.policies for numbered in book.rules]
        by_address = any(isinstance(peer, BlockPeer | NetworkPeer) for _, rule in rules for peer in rule.peers or ())
        first = self.cases[0]
        told_apart = [
            Case(*(case[:2] if by_address else first[:2]), case.hidden_by_pod and hidden is not None)
            for case in self.cases
        ]
        found: list[tuple[int, Answer]] = [(self.parts.everything(), ())]
        cases = list(dict.fromkeys(told_apart))
        for case in cases:
            asked = below_hidden(layers, hidden) if case.hidden_by_pod else layers
            partition = self._partition(asked, free, rules, ports, case)
            found = [
                (parts & own, (*answer, number))
                for parts, answer in found
                for number, own in partition.items()
                if parts & own
            ]
        places = [cases.index(case) for case in told_apart]
        return tuple((parts, tuple(answer[place] for place in places)) for parts, answer in found if any(answer))

    def _partition(
        self,
        layers: SelectedLayers,
        free: Unknowns,
        rules: Sequence[tuple[int, Rule]],
        ports: Declared,
        case: Case,
    ) -> dict[int, int]:
        """All parts by the number of the port map that the subject's policies give them in one case."""
        sets: dict[tuple[_Hit, ...], int] = {(): self.parts.everything()}
        for number, rule in rules:
            variants = self._matching(number, rule, ports, case)
            cut: dict[tuple[_Hit, ...], int] = {}
            for hits, parts in sets.items():
                left = parts
                for hit, matched in variants:
                    if left & matched:
                        cut[(*hits, hit)] = left & matched
                        left &= ~matched
                if left:
                    cut[hits] = left
            sets = cut
        found: dict[int, int] = {}
        for hits, parts in sets.items():
            decided = self.maps.number(self._decided(layers, free, hits))
            found[decided] = found.get(decided, 0) | parts
        return found

    def _matching(self, number: int, rule: Rule, ports: Declared, case: Case) -> list[_Variant]:
        """The parts that the rule matches or may match, apart by ports and by what the match depends on."""
        named = any(isinstance(port, NamedPort) for port in rule.ports or ())
        key = (number, case, ports if named else ())
        found = self._variants.get(key)
        if found is None:
            peers = self.parts.of_peers(rule.peers, case.family, case.blocks_match_pods, self.peer)
            hits: dict[_Hit, int] = {}
            for own_ports, own in self._destinations(number, rule, ports, named):
                for unknowns, matched in peers.cases() if own_ports else ():
                    hit = (number, unknowns, own_ports)
                    hits[hit] = hits.get(hit, 0) | (matched & own)
            found = self._variants[key] = [(hit, matched) for hit, matched in hits.items() if matched]
        return found

    def _destinations(self, number: int, rule: Rule, ports: Declared, named: bool) -> list[tuple[int, int]]:
        """The ports that the rule's entries mean, as the number of a port map, with the parts for which they do."""
        key = (number, ports if named else ())
        found = self._rule_ports.get(key)
        if found is None:
            declared = [(ports, self.parts.everything())]
            if named and self.direction == "egress":
                declared = [((), self.parts.everything() & ~self.parts.pods), *self.parts.by_ports.items()]
            found = [(self.maps.number(port_map(rule.ports, own)), parts) for own, parts in declared]
            self._rule_ports[key] = found
        return found

    def _decided(self, layers: SelectedLayers, free: Unknowns, hits: tuple[_Hit, ...]) -> PortMap:
        def decide(values: tuple[Value, ...]) -> Value:
            matching = {
                number: unknowns for (number, unknowns, _), value in zip(hits, values, strict=True) if value is not None
            }
            return side_value(layers, free, matching)

        if not hits:
            value = side_value(layers, free, {})
            return CLOSED if value is None else tuple((first, last, value) for first, last, _ in EVERY)
        return pointwise([self.maps.maps[ports] for _, _, ports in hits], decide)
