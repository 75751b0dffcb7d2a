"""Sets of destinations for the oracle, each set one Python integer: bit i stands for destination i of a family."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from .addresses import Family, Region
from .domains import Domains, Meaning
from .endpoints import Endpoint, Pod
from .groups import Elements
from .policies import PortEntry
from .world import own_port_choices

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

    def where_pod(self, condition: Callable[[Pod], bool]) -> int:
        """The destinations that are pods that satisfy a condition, each pod asked once."""
        return self._union(found for pod, found in self._by_pod.items() if condition(pod))

    def where_address(self, condition: Callable[[Family, int], bool], *, pods: bool = True) -> int:
        """The destinations whose address satisfies a condition, each region asked once; only if ``pods`` those that
        are pods."""
        found = self._union(
            found for region, found in self._by_region.items() if condition(region.family, region.first)
        )
        return found if pods else found & ~self.pods

    def _union(self, sets: Iterable[int]) -> int:
        result = 0
        for each in sets:
            result |= each
        return result

    @cached_property
    def _by_pod(self) -> dict[Pod, int]:
        found: dict[Pod, int] = {}
        for i, end in enumerate(self.destinations):
            if end.pod is not None:
                found[end.pod] = found.get(end.pod, 0) | 1 << i
        return found

    @cached_property
    def _by_region(self) -> dict[Region, int]:
        found: dict[Region, int] = {}
        for i, end in enumerate(self.destinations):
            found[end.region] = found.get(end.region, 0) | 1 << i
        return found

    def among(self, elements: Elements) -> int:
        """The destinations that some element of a list matches."""
        return self.once(("among", elements), lambda end: any(element.matches(end) for element in elements))

    @cached_property
    def pods(self) -> int:
        """The destinations that are pods."""
        return self.where_pod(lambda _: True)

    @cached_property
    def hosted(self) -> int:
        """The destinations that are pods in the host's network."""
        return self.where_pod(lambda pod: pod.host_network)

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

    def at_ports(self, entries: Sequence[PortEntry] | None, connection: Connection, *, hosted: bool = True) -> int:
        """The destinations for which the connection's port is among the entries (None: every port). ``hosted``: the
        names that pods in the host's network give count."""
        if entries is None:
            return self.everything
        result = 0
        for entry in entries:
            if entry.name is None:
                result |= self.everything if entry.matches(*connection, ()) else 0
            elif entry.protocol == connection[0]:
                named = self.named(entry.name, connection)
                result |= named if hosted else named & ~self.hosted
        return result

    def named(self, name: str, connection: Connection) -> int:
        """The destinations that declare a container port of this name at the connection's protocol and port."""
        return self.once(("named", name, connection), lambda end: name in end.names_at(*connection))

    def possible(self, domains: Domains, meaning: Meaning) -> int:
        """The destinations of which the meaning of the domain names can be true."""
        if not meaning:
            return self.everything
        key = ("possible", tuple(meaning.items()))
        return self.once(key, lambda end: domains.possible(end, meaning))

    def partners(self, source: Endpoint) -> int:
        """The destinations that a connection from this source can have at all."""
        pod = source.pod
        if pod is None:
            # At least one end is a pod. A node is another node than that of the pod.
            return self.pods & ~self._own(source)
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
        # Two different pods have different addresses; those in one node's network that have the same are to each other
        # what their own node is: outside.
        if source.region.alone:
            result &= ~self.once(("at", source.region), lambda d: d.pod is not None and d.region is source.region)
        return result & ~self._own(source)

    def _own(self, source: Endpoint) -> int:
        """Nodes that are the source's own, or pods whose own node the source is: the names are equal, or the only
        address that there is."""
        name, region = source.node_name, source.region

        def own(end: Endpoint) -> bool:
            if (source.kind == "node") == (end.kind == "node"):
                return False
            same_name = name is not None and end.node_name == name
            pod = end.pod if source.pod is None else source.pod
            return same_name or (pod is not None and pod.host_network and region.alone and end.region is region)

        if source.pod is None and source.kind != "node":
            return 0
        hosted = source.pod is not None and source.pod.host_network
        key = ("own", name, source.kind == "node", hosted, region if region.alone else None)
        return self.once(key, own)

    def once(self, key: object, condition: Callable[[Endpoint], bool]) -> int:
        if key not in self._cache:
            self._cache[key] = self.where(condition)
        return self._cache[key]
