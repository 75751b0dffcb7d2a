"""Verbs for the oracle: of each connection, whether the property speaks about it and whether it violates it.

A verb answers for one source and port about all destinations at once: sets of destinations are integers (see flows).
Every rule quotes the contract's *Exact meaning*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netpol_verify.properties.suite import Endpoints, Group, OnlyEntry, Property

from .admin import AdminPolicy
from .endpoints import Endpoint
from .flows import Connection, Ends, Flows
from .groups import Carve, Elements, carves, elements, ports
from .override_verb import OverrideVerb
from .pod_verbs import DefaultDenyVerb, DnsVerb
from .policies import DIRECTIONS, Policy, PortEntry
from .verb import Verb, carved, elements_of, holds, ports_of
from .workloads import Declared, dns_servers
from .world import NAME_LABEL

Entry = tuple[Elements, tuple[PortEntry, ...] | None]


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
        if not holds(self.sources, source):
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
        return ends.everything & ~ends.nodes if holds(self.protected, source) else 0

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        ends, listed = flows.ends, 0
        for who, entries in self.entries:
            if not self.protects_destination:
                listed |= ends.among(who) & ends.at_ports(entries, connection)
            elif holds(who, source):
                listed |= ends.at_ports(entries, connection)
        return among & flows.through(source, connection) & ~listed


@dataclass(frozen=True, eq=False)
class IsolateGroups(Verb):
    """`isolate: {groups}`: "`never` holds for every ordered pair of different groups"."""

    members: tuple[Elements, ...]
    exceptions: tuple[Carve, ...]

    @property
    def groups(self) -> Elements:
        return tuple(e for group in self.members for e in group) + elements_of(self.exceptions)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return ports_of(self.exceptions)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        result = 0
        for i, own in enumerate(self.members):
            if holds(own, source):
                for j, other in enumerate(self.members):
                    result |= ends.among(other) if i != j else 0
        return result & ~carved(self.exceptions, ends, source, connection)

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
        return elements_of(self.exceptions)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return ports_of(self.exceptions)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        if source.pod is None:
            return 0
        value = source.pod.namespace.labels.get(self.key)
        others = ends.once(
            ("by", value),
            lambda end: end.pod is not None and not end.pod.assumed and end.pod.namespace.labels.get(self.key) != value,
        )
        return others & ~carved(self.exceptions, ends, source, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        return among & flows.through(source, connection)


def verbs_of(
    written: Property,
    groups: Mapping[str, Group],
    policies: Sequence[Policy | AdminPolicy],
    declared: Sequence[Declared],
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
    if (override := written.cannot_override) is not None:
        ends = (elements(override.from_, groups), elements(override.to, groups))
        return (OverrideVerb(*ends, ports(override.ports), override.outcome),)
    raise ValueError("a property without a verb")


def _entries(side: Endpoints | list[OnlyEntry]) -> list[OnlyEntry]:
    return [item for item in side if isinstance(item, OnlyEntry)] if isinstance(side, list) else []


def _group(side: Endpoints | list[OnlyEntry]) -> Endpoints:
    if isinstance(side, list):
        return [item for item in side if not isinstance(item, OnlyEntry)]
    return side
