"""What gets through, for the oracle: the decision function over sets of destinations, each set one Python integer.

Bit i of every integer stands for destination i of the family at hand. Source: the semantics' decision function: a side
that no policy of its direction selects is open, otherwise some rule of a selecting policy must match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from .endpoints import Endpoint
from .groups import Elements
from .policies import Direction, Peer, Policy, PortEntry
from .world import Setting, own_port_choices, pod_is_peer, selects

Connection = tuple[str, int]


class Ends:
    """The sources and destinations of one family, and sets of destinations."""

    def __init__(self, endpoints: Sequence[Endpoint], port_names: Sequence[str]) -> None:
        self.sources = tuple(endpoints)
        self.destinations = tuple(d for end in endpoints for d in own_port_choices(end, port_names))
        self.everything = (1 << len(self.destinations)) - 1
        self._cache: dict[object, int] = {}

    def where(self, condition: Callable[[Endpoint], bool]) -> int:
        """The destinations that satisfy a condition."""
        return sum(1 << i for i, end in enumerate(self.destinations) if condition(end))

    def among(self, elements: Elements) -> int:
        """The destinations that some element of a list matches."""
        return self.once(("among", elements), lambda end: any(element.matches(end) for element in elements))

    @cached_property
    def pods(self) -> int:
        """The destinations that are pods."""
        return self.where(lambda end: end.kind == "pod")

    @cached_property
    def variants(self) -> tuple[int, ...]:
        """For each hypothetical pod at an address, its destinations: one for each set of named ports of its own."""
        found: dict[object, int] = {}
        for i, end in enumerate(self.destinations):
            if end.pod is not None and not end.pod.references:
                key = (end.pod, end.region)
                found[key] = found.get(key, 0) | 1 << i
        return tuple(found.values())

    @cached_property
    def nodes(self) -> int:
        """The destinations that are nodes."""
        return self.where(lambda end: end.kind == "node")

    def at_ports(self, entries: Sequence[PortEntry] | None, connection: Connection) -> int:
        """The destinations for which the connection's port is among the entries (None: every port)."""
        if entries is None:
            return self.everything
        result = 0
        for entry in entries:
            if entry.name is None:
                result |= self.everything if entry.matches(*connection, ()) else 0
            elif entry.protocol == connection[0]:
                result |= self.named(entry.name, connection)
        return result

    def named(self, name: str, connection: Connection) -> int:
        """The destinations that declare a container port of this name at the connection's protocol and port."""
        return self.once(("named", name, connection), lambda end: name in end.names_at(*connection))

    def partners(self, source: Endpoint) -> int:
        """The destinations that a connection from this source can have at all."""
        pod = source.pod
        if pod is None:
            return self.pods  # at least one end is a pod
        space = pod.namespace
        # Equal namespaces carry equal labels.
        elsewhere = self.once(
            ("other", space), lambda d: d.pod is None or d.pod.namespace is space or d.pod.namespace.name != space.name
        )
        result = self.everything & elsewhere
        if pod.single:  # the ends are different endpoints
            result &= ~self.once(
                ("one", pod.references), lambda d: d.pod is not None and d.pod.references == pod.references
            )
        if source.region.alone:  # two different pods have different addresses
            result &= ~self.once(("at", source.region), lambda d: d.pod is not None and d.region is source.region)
        return result

    def once(self, key: object, condition: Callable[[Endpoint], bool]) -> int:
        if key not in self._cache:
            self._cache[key] = self.where(condition)
        return self._cache[key]


class Flows:
    """Which connections the policies let through, under one reading and one behaviour of everything unmodelled."""

    def __init__(self, setting: Setting, ends: Ends, *, blocks_match_pods: bool, free_allows: bool) -> None:
        self.setting, self.ends, self.free_allows = setting, ends, free_allows
        self.blocks_match_pods = blocks_match_pods
        self._sets: dict[object, int] = {}
        self._rows: dict[object, int] = {}
        self._sources: dict[Endpoint, tuple[tuple[int, ...], ...]] = {}
        self.rules = {
            direction: [
                (index, policy, rule)
                for index, policy in enumerate(setting.policies)
                for rule in policy.rules.get(direction, ())
            ]
            for direction in ("ingress", "egress")
        }
        self.unselected = ends.where(lambda end: not self.selected(end, "ingress"))
        self.free = ends.where(lambda end: self.is_free(end, "ingress"))

    def selected(self, end: Endpoint, direction: Direction) -> bool:
        """Whether a policy that governs the direction selects it."""
        pod = end.pod
        return pod is not None and any(direction in p.rules and selects(p, pod) for p in self.setting.policies)

    def is_free(self, end: Endpoint, direction: Direction) -> bool:
        """Whether something unmodelled decides there."""
        return end.pod is not None and any(
            direction in unknown.directions and unknown.namespace in (None, end.pod.namespace.name)
            for unknown in self.setting.unmodelled
        )

    def is_peer(self, policy: Policy, peer: Peer, end: Endpoint) -> bool:
        """Whether a peer of a rule matches an endpoint: a block by address, a selector only pods."""
        if peer.block is not None:
            countable = end.pod is None or self.blocks_match_pods
            return countable and peer.block.contains(end.family, end.address)
        return end.pod is not None and pod_is_peer(policy, end.pod, peer.pods, peer.namespaces)

    def _any_peer(self, policy: Policy, peers: Iterable[Peer] | None, end: Endpoint) -> bool:
        return peers is None or any(self.is_peer(policy, peer, end) for peer in peers)

    def admitted_in(self, source: Endpoint, connection: Connection) -> int:
        """The destinations of which an ingress rule of a policy that selects them admits the connection."""
        matching, _ = self._of_source(source)
        key = ("in", matching, connection)
        if key not in self._rows:
            result = 0
            for number in matching:
                index, policy, rule = self.rules["ingress"][number]
                subjects = self._set(("subjects", index), lambda d, p=policy: d.pod is not None and selects(p, d.pod))
                result |= subjects & self.ends.at_ports(rule.ports, connection)
            self._rows[key] = result
        return self._rows[key]

    def admitted_out(self, source: Endpoint, connection: Connection) -> int:
        """The destinations to which an egress rule of a policy that selects the source admits the connection."""
        _, applying = self._of_source(source)
        key = ("out", applying, connection)
        if key not in self._rows:
            result = 0
            for number in applying:
                _, policy, rule = self.rules["egress"][number]
                peers = self._set(("peers", number), lambda d, p=policy, r=rule: self._any_peer(p, r.peers, d))
                result |= peers & self.ends.at_ports(rule.ports, connection)
            self._rows[key] = result
        return self._rows[key]

    def _of_source(self, source: Endpoint) -> tuple[tuple[int, ...], ...]:
        """The numbers of the ingress rules whose peers match a source, and of the egress rules that apply to it."""
        if source not in self._sources:
            matching = tuple(
                n for n, (_, p, rule) in enumerate(self.rules["ingress"]) if self._any_peer(p, rule.peers, source)
            )
            applying = tuple(
                n
                for n, (_, p, _) in enumerate(self.rules["egress"])
                if source.pod is not None and selects(p, source.pod)
            )
            self._sources[source] = (matching, applying)
        return self._sources[source]

    def through_in(self, source: Endpoint, connection: Connection) -> int:
        """The destinations whose own side lets the connection in."""
        decided = self.unselected | self.admitted_in(source, connection)
        return decided | self.free if self.free_allows else decided & ~self.free

    def through_out(self, source: Endpoint, connection: Connection) -> int:
        """The destinations to which the source's own side lets the connection out."""
        if self.is_free(source, "egress"):
            return self.ends.everything if self.free_allows else 0
        if not self.selected(source, "egress"):
            return self.ends.everything
        return self.admitted_out(source, connection)

    def through(self, source: Endpoint, connection: Connection) -> int:
        """The destinations that the source reaches: its egress and their ingress both allow."""
        return self.through_out(source, connection) & self.through_in(source, connection)

    def _set(self, key: object, condition: Callable[[Endpoint], bool]) -> int:
        if key not in self._sets:
            self._sets[key] = self.ends.where(condition)
        return self._sets[key]
