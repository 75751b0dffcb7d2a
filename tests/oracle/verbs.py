"""Verbs for the oracle: of each connection, whether the property speaks about it and whether it violates it.

A verb answers for one source and port about all destinations at once: sets of destinations are integers (see flows).
Every rule quotes the contract's *Exact meaning*.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from netpol_verify.properties.suite import Endpoints, Group, OnlyEntry, Property

from .endpoints import Endpoint, Pod
from .flows import Connection, Ends, Flows
from .groups import Carve, Element, Elements, carves, elements, ports
from .policies import DIRECTIONS, Direction, Policy, PortEntry
from .workloads import Declared, dns_servers
from .world import NAME_LABEL

Entry = tuple[Elements, tuple[PortEntry, ...] | None]


class Verb:
    """A property's verb, its groups resolved."""

    existential: bool = False
    """Whether one allowed connection is enough (``can``)."""

    @property
    def required(self) -> Elements:
        """Each of these must hold some endpoint of the world, else the property is vacuous: "one element of a
        `from`/`to`/`for` list matches nothing"."""
        return ()

    @property
    def groups(self) -> Elements:
        """Every element of a group in the property."""
        return self.required

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        """Every port in the property."""
        return ()

    @property
    def namespace_keys(self) -> tuple[str, ...]:
        """Namespace labels whose very values matter."""
        return ()

    def observe(self, pod: Pod) -> Hashable:
        """What this verb sees of a pod beside its groups."""
        return None

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        """The destinations for which the property speaks about the connection."""
        raise NotImplementedError

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        """Those ``among`` the destinations for which the connection violates the property."""
        raise NotImplementedError

    def inhabited(self, worlds: Sequence[Ends]) -> bool:
        """Whether the property's groups have the members its hypothesis needs."""
        return True


def _holds(wanted: Elements, end: Endpoint) -> bool:
    return any(element.matches(end) for element in wanted)


def _carved(exceptions: Sequence[Carve], ends: Ends, source: Endpoint, connection: Connection) -> int:
    """ "A connection matching one entry in full is left out." """
    result = 0
    for carve in exceptions:
        if carve.sources is None or _holds(carve.sources, source):
            matching = ends.everything if carve.destinations is None else ends.among(carve.destinations)
            result |= matching & ends.at_ports(carve.ports, connection)
    return result


@dataclass(frozen=True, eq=False)
class Between(Verb):
    """`never`, `always` and `can`: the connections of F×T×Q."""

    sources: Elements
    destinations: Elements
    ports: tuple[PortEntry, ...] | None
    allowed_is_bad: bool
    existential: bool = False

    @property
    def required(self) -> Elements:
        return (*self.sources, *self.destinations)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return self.ports or ()

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        if not _holds(self.sources, source):
            return 0
        return ends.among(self.destinations) & ends.at_ports(self.ports, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        """`never`: "every connection in F×T×Q is refused"; `always`: "is allowed"."""
        through = flows.through(source, connection)
        return among & (through if self.allowed_is_bad else ~through)


@dataclass(frozen=True, eq=False)
class OnlyVerb(Verb):
    """`only`: "each allowed connection from any pod or outside address (not nodes) to T has an entry with source ∈
    `who` and port ∈ its `ports`", and mirrored."""

    protected: Elements
    entries: tuple[Entry, ...]
    protects_destination: bool

    @property
    def required(self) -> Elements:
        who = tuple(element for elements_, _ in self.entries for element in elements_)
        return (*self.protected, *who)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return tuple(p for _, entries in self.entries for p in entries or ())

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        if self.protects_destination:
            return 0 if source.kind == "node" else ends.among(self.protected)
        return ends.everything & ~ends.nodes if _holds(self.protected, source) else 0

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        ends, listed = flows.ends, 0
        for who, entries in self.entries:
            if not self.protects_destination:
                listed |= ends.among(who) & ends.at_ports(entries, connection)
            elif _holds(who, source):
                listed |= ends.at_ports(entries, connection)
        return among & flows.through(source, connection) & ~listed


@dataclass(frozen=True, eq=False)
class IsolateGroups(Verb):
    """`isolate: {groups}`: "`never` holds for every ordered pair of different groups"."""

    members: tuple[Elements, ...]
    exceptions: tuple[Carve, ...]

    @property
    def groups(self) -> Elements:
        return tuple(e for group in self.members for e in group) + _of(self.exceptions)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return _ports_of(self.exceptions)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        result = 0
        for i, own in enumerate(self.members):
            if _holds(own, source):
                for j, other in enumerate(self.members):
                    result |= ends.among(other) if i != j else 0
        return result & ~_carved(self.exceptions, ends, source, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        return among & flows.through(source, connection)

    def inhabited(self, worlds: Sequence[Ends]) -> bool:
        """Vacuous with "fewer than two inhabited groups"."""
        return sum(any(ends.among(group) for ends in worlds) for group in self.members) >= 2


@dataclass(frozen=True, eq=False)
class IsolateBy(Verb):
    """`isolate: {by}`: "pods whose namespaces' values of k differ never talk, either way; all namespaces without k
    together are one further group; `k: ""` is a value"."""

    key: str
    exceptions: tuple[Carve, ...]

    @property
    def namespace_keys(self) -> tuple[str, ...]:
        return () if self.key == NAME_LABEL else (self.key,)

    @property
    def groups(self) -> Elements:
        return _of(self.exceptions)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return _ports_of(self.exceptions)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        if source.pod is None:
            return 0
        value = source.pod.namespace.labels.get(self.key)
        others = ends.once(
            ("by", value),
            lambda end: end.pod is not None and not end.pod.assumed and end.pod.namespace.labels.get(self.key) != value,
        )
        return others & ~_carved(self.exceptions, ends, source, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        return among & flows.through(source, connection)


@dataclass(frozen=True, eq=False)
class DefaultDenyVerb(Verb):
    """`defaultDeny`: "no connection of a pod in `for` gets through in those directions at its own end unless an allow
    rule of a policy selecting it matches (NetworkPolicy alone: some policy governing the direction selects it)".
    `strict`: "a pod in `for` that has no label any policy's rules or subjects single out beyond what `for` says has no
    connection at all in that direction"."""

    subjects: Elements
    direction: Direction
    strict: bool
    exceptions: tuple[Carve, ...]
    policies: tuple[Policy, ...]

    @property
    def required(self) -> Elements:
        return self.subjects

    @property
    def groups(self) -> Elements:
        return (*self.subjects, *_of(self.exceptions))

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return _ports_of(self.exceptions)

    def observe(self, pod: Pod) -> Hashable:
        return self.strict and self._plain(pod)

    def _plain(self, pod: Pod) -> bool:
        """Whether the pod has no label that a policy singles out, keys that `for` constrains left aside."""
        said = {r.key for element in self.subjects for s in element.pod_selectors for r in s.requirements}
        requirements = [r for policy in self.policies for s in policy.pod_selectors for r in s.requirements]
        return not any(
            requirement.singles_out(key, value)
            for key, value in pod.labels.items()
            if key not in said
            for requirement in requirements
        )

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        if self.direction == "ingress":
            own = ends.among(self.subjects)
        else:
            own = ends.everything if _holds(self.subjects, source) else 0
        return own & ~_carved(self.exceptions, ends, source, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        if self.direction == "ingress":
            through, admitted = flows.through_in(source, connection), flows.admitted_in(source, connection)
            plain = flows.ends.once(("plain", self), lambda end: end.pod is not None and self._plain(end.pod))
        else:
            through, admitted = flows.through_out(source, connection), flows.admitted_out(source, connection)
            plain = flows.ends.everything if source.pod is not None and self._plain(source.pod) else 0
        return among & through & ((plain | ~admitted) if self.strict else ~admitted)


@dataclass(frozen=True, eq=False)
class DnsVerb(Verb):
    """`dns`: "each pod in `for` reaches every DNS server pod over UDP and over TCP on each container port it names
    `dns`, `dns-tcp`"; "hypothetical pods are never servers"."""

    subjects: Elements
    servers: Elements | None
    defaults: frozenset[str]

    @property
    def required(self) -> Elements:
        return self.subjects

    @property
    def groups(self) -> Elements:
        return (*self.subjects, *(self.servers or ()))

    def _is_server(self, end: Endpoint) -> bool:
        if end.pod is None or not end.pod.references:
            return False
        if self.servers is None:
            return end.pod.references[0] in self.defaults
        return _holds(self.servers, end)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        protocol, number = connection
        if protocol == "SCTP" or not _holds(self.subjects, source):
            return 0
        return ends.once(
            ("dns", number),
            lambda end: (
                self._is_server(end)
                and end.pod is not None
                and any(name in ("dns", "dns-tcp") and port == number for name, _, port in end.pod.ports)
            ),
        )

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        return among & ~flows.through(source, connection)


def _of(exceptions: Sequence[Carve]) -> tuple[Element, ...]:
    return tuple(element for carve in exceptions for element in (*(carve.sources or ()), *(carve.destinations or ())))


def _ports_of(exceptions: Sequence[Carve]) -> tuple[PortEntry, ...]:
    return tuple(entry for carve in exceptions for entry in carve.ports or ())


def verbs_of(
    written: Property, groups: Mapping[str, Group], policies: tuple[Policy, ...], declared: Sequence[Declared]
) -> tuple[Verb, ...]:
    """The property as verbs that must all hold: one, or for `defaultDeny` one a direction."""
    if (never := written.never) is not None:
        return (Between(elements(never.from_, groups), elements(never.to, groups), ports(never.ports), True),)
    if (always := written.always) is not None:
        return (Between(elements(always.from_, groups), elements(always.to, groups), ports(always.ports), False),)
    if (can := written.can) is not None:
        return (Between(elements(can.from_, groups), elements(can.to, groups), ports(can.ports), False, True),)
    if (only := written.only) is not None:
        listed, protected = (only.from_, only.to) if _entries(only.from_) else (only.to, only.from_)
        entries = tuple((elements(entry.who, groups), ports(entry.ports)) for entry in _entries(listed))
        return (OnlyVerb(elements(_group(protected), groups), entries, bool(_entries(only.from_))),)
    if (isolate := written.isolate) is not None:
        exceptions = carves(isolate.except_, groups)
        if isolate.by is not None:
            return (IsolateBy(isolate.by.namespace_label, exceptions),)
        return (IsolateGroups(tuple(elements(group, groups) for group in isolate.groups or ()), exceptions),)
    if (deny := written.default_deny) is not None:
        subjects, exceptions = elements(deny.for_, groups), carves(deny.except_, groups)
        directions = deny.directions or DIRECTIONS
        return tuple(DefaultDenyVerb(subjects, d, deny.strict, exceptions, policies) for d in directions)
    if (dns := written.dns) is not None:
        servers = None if dns.servers is None else elements(dns.servers, groups)
        defaults = frozenset(server.references[0] for server in dns_servers(declared))
        return (DnsVerb(elements(dns.for_, groups), servers, defaults),)
    raise ValueError("a property without a verb")


def _entries(side: Endpoints | list[OnlyEntry]) -> list[OnlyEntry]:
    return [item for item in side if isinstance(item, OnlyEntry)] if isinstance(side, list) else []


def _group(side: Endpoints | list[OnlyEntry]) -> Endpoints:
    if isinstance(side, list):
        return [item for item in side if not isinstance(item, OnlyEntry)]
    return side
