"""Who talks to whom, with what it takes to say why: ends, what they reach, and what every policy selects and admits.

Ends are numbered and sets of ends are integers, one bit an end, so that the reasons of every pair are here without any
pair being written down. Policies and rules are those that decided: nothing is decided a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...encodings.addresses import Family
from ...encodings.cluster import Cluster, Unmodelled
from ...encodings.policy import DirectedPolicy, PodPeer, Rule, Tier
from .graph import range_name
from .nodes import Node, by_reach
from .parts import Parts
from .portmaps import PortMap
from .ranges import AddressRange
from .reach import Connectivity
from .truths import Role, bits

MOST_ENDS = 1000
"""More are no picture; what is left out is counted."""


@dataclass(frozen=True, slots=True)
class End:
    """``namespace`` None: outside the cluster. ``members``: names of workloads, or ranges of addresses, sorted.
    ``title``: what reasons call it. ``labels`` are those that policies mention, of the first workload."""

    namespace: str | None
    title: str
    members: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Matched:
    """The ends that are surely matched, and all that may be, the former included."""

    surely: int
    possibly: int


@dataclass(frozen=True, slots=True)
class RuleReach:
    """A rule, and whom its peers match as the other end; its ports stand in the rule."""

    rule: Rule
    peers: Matched


@dataclass(frozen=True, slots=True)
class PolicyReach:
    """One direction of a policy of a tier, whom it selects, and its rules in order."""

    policy: DirectedPolicy
    tier: Tier
    subjects: Matched
    rules: tuple[RuleReach, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """``reached[i]`` maps the numbers of port maps to the ends that end i reaches with them; what it does not hold is
    refused. ``left_out``: so many ends are not among them. ``unmodelled``: policies that nobody understands, with whom
    they may decide for."""

    ends: tuple[End, ...]
    maps: tuple[PortMap, ...]
    reached: tuple[Mapping[int, int], ...]
    policies: tuple[PolicyReach, ...]
    unmodelled: tuple[tuple[Unmodelled, int], ...]
    left_out: int


def reasons(cluster: Cluster, parts: Parts, found: Connectivity) -> Reasons:
    """The reasons for what was found, of the same cluster and parts."""
    return _Reasons(cluster, parts, found).whole()


class _Reasons:
    def __init__(self, cluster: Cluster, parts: Parts, found: Connectivity) -> None:
        self._cluster, self._parts, self._found = cluster, parts, found
        nodes = by_reach(found, silent=True)
        self._nodes = nodes[:MOST_ENDS]
        self._left_out = len(nodes) - len(self._nodes)
        self._outside = _outside(parts, found, self._nodes)
        self._end_of: dict[int, int] = {}
        """By part, the end that it is, or one of which it speaks for."""
        for number, own in enumerate(self._outside):
            self._end_of |= dict.fromkeys(bits(parts.ranges(own)), number)
        for number, node in enumerate(self._nodes, len(self._outside)):
            self._end_of[node.number] = number
        self._shown = sum(1 << part for part in self._end_of)
        self._families: dict[Family, int] = {family: _of_family(parts, family) for family in parts.scope.families}
        self._known: dict[int, int] = {}
        self._matched: dict[object, Matched] = {}

    def whole(self) -> Reasons:
        return Reasons(
            (*map(self._addresses, self._outside), *map(self._pods, self._nodes)),
            self._found.maps,
            (*self._into(), *map(self._out_of, self._nodes)),
            tuple(self._policies()),
            tuple((each, self._governed(each)) for each in self._cluster.unmodelled),
            self._left_out,
        )

    def _addresses(self, own: int) -> End:
        names = tuple(map(range_name, self._parts.space.merged(own)))
        return End(None, names[0] + ("" if len(names) == 1 else f" and {len(names) - 1} more"), names, {})

    def _pods(self, node: Node) -> End:
        own = self._found.classes[node.number]
        return End(own.namespace, node.end.title, tuple(each.name for each in node.members), own.labels)

    def _into(self) -> Iterator[Mapping[int, int]]:
        """For each end outside the cluster, what it reaches."""
        rows: list[dict[int, int]] = [{} for _ in self._outside]
        for end, node in enumerate(self._nodes, len(self._outside)):
            for each, ports in self._found.into[node.number]:
                for number in bits(self._ends(self._parts.ranges(_atoms(self._parts, each)))):
                    rows[number][ports] = rows[number].get(ports, 0) | 1 << end
        yield from rows

    def _out_of(self, node: Node) -> Mapping[int, int]:
        """What a node reaches."""
        row: dict[int, int] = {}
        for each, ports in self._found.out_of[node.number]:
            row[ports] = row.get(ports, 0) | self._ends(self._parts.ranges(_atoms(self._parts, each)))
        for ports, reached in self._found.pods[node.number].items():
            row[ports] = row.get(ports, 0) | self._ends(reached)
        return {ports: ends for ports, ends in row.items() if ends}

    def _policies(self) -> Iterator[PolicyReach]:
        tiers = [tier for layer in self._cluster.layers for tier in layer.tiers]
        for tier, policy in ((own, policy) for own in tiers for policy in own.policies):
            ends: tuple[Role, Role] = ("source", "destination")
            subject, peer = ends if policy.direction == "egress" else ends[::-1]
            rules = tuple(RuleReach(rule, self._peers(rule, peer)) for rule in policy.rules)
            yield PolicyReach(policy, tier, self._selected(policy.subject, subject), rules)

    def _selected(self, subject: PodPeer, end: Role) -> Matched:
        truths = self._parts.of_peer(subject, end)
        return Matched(self._ends(truths.surely), self._ends(truths.possibly()))

    def _peers(self, rule: Rule, end: Role) -> Matched:
        """Whom the peers match in every family and reading, and whom in some."""
        key = (rule.peers, end)
        if key not in self._matched:
            surely, possibly, scope = self._shown, 0, self._parts.scope
            for family, having in self._families.items():
                for reading in scope.readings:
                    truths = self._parts.of_peers(rule.peers, family, reading, end)
                    surely &= truths.surely | ~having
                    possibly |= truths.possibly() & having
            missing = self._ends(self._shown & ~surely)
            self._matched[key] = Matched(self._ends(surely) & ~missing, self._ends(possibly))
        return self._matched[key]

    def _governed(self, policy: Unmodelled) -> int:
        """The ends for which an unmodelled policy may decide."""
        nodes = enumerate(self._nodes, len(self._outside))
        return sum(1 << end for end, node in nodes if policy.namespace in (None, node.end.namespace))

    def _ends(self, parts: int) -> int:
        """The ends that are, or have one of, these parts."""
        parts &= self._shown
        if parts not in self._known:
            ends = 0
            for part in bits(parts):
                ends |= 1 << self._end_of[part]
            self._known[parts] = ends
        return self._known[parts]


def _of_family(parts: Parts, family: Family) -> int:
    """The parts that have an address of the family."""
    pods = sum(1 << number for number, each in enumerate(parts.classes) if each.has_family(family))
    own = sum(1 << number for number, each in enumerate(parts.space.ranges) if each.family == family)
    return pods | parts.ranges(own)


def _atoms(parts: Parts, of: AddressRange) -> int:
    """The ranges of the address space in a range made of them."""
    return parts.space.among(of.family, ((of.first, of.last),))


def _outside(parts: Parts, found: Connectivity, nodes: Iterable[Node]) -> list[int]:
    """The outside addresses that talk to one of the nodes, those together that talk alike to all; as ranges of the
    address space."""
    seen: dict[int, list[tuple[int, bool, int]]] = {}
    for node in nodes:
        for inward, ranges in ((True, found.into[node.number]), (False, found.out_of[node.number])):
            for each, ports in ranges:
                for atom in bits(_atoms(parts, each)):
                    seen.setdefault(atom, []).append((node.number, inward, ports))
    groups: dict[object, int] = {}
    for atom, talk in sorted(seen.items()):
        key = (parts.space.ranges[atom].family, tuple(talk))
        groups[key] = groups.get(key, 0) | 1 << atom
    return list(groups.values())
