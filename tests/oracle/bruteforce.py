"""A prover by plain enumeration: the verdict of one property over one set of manifests, and a witness if it is refuted.

It trusts nothing of the product but the objects and the suite as written. The world it enumerates holds more material
that nobody mentions than the symbolic encoding has (see world), so that a small-model mistake there shows here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty
from netpol_verify.properties.suite import ExternalNamespace

from .addresses import parse_span
from .admin import admin_policies_of
from .domains import Meaning, domains_of
from .endpoints import Endpoint
from .flows import Connection, Ends, Flows, flows_of
from .nodes import declared_nodes
from .policies import policies_of, unmodelled_of
from .raw import mapping
from .readings import HostNetwork, Reading, host_networks, readings_of
from .verbs import DnsVerb, Verb, verbs_of
from .waived import outside
from .workloads import Declared, declared_workloads, dns_servers, external_pods
from .world import Interest, Setting, World, build_world

Verdict = Literal["proved", "refuted", "vacuous", "unknown"]
Way = tuple[list[Reading], list[tuple[Meaning, Flows]]]
"""Readings, and what gets through under each of them."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A connection that violates a property whatever unmodelled objects do and domain names mean."""

    source: Endpoint
    destination: Endpoint
    protocol: str
    port: int
    reading: Reading

    def __str__(self) -> str:
        return f"{self.source} -> {self.destination} on {self.protocol}/{self.port}, {self.reading}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What enumeration found. ``witness`` is None unless a single connection refutes the property."""

    verdict: Verdict
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which world: with ``pods_open`` hypothetical pods exist, with ``namespaces_open`` undeclared namespaces."""

    pods_open: bool
    namespaces_open: bool


DECLARED = Scope(pods_open=False, namespaces_open=False)
DECLARED_NAMESPACES = Scope(pods_open=True, namespaces_open=False)


def scope_of(prop: LoadedProperty) -> Scope:
    """The world that decides the property's verdict; that of `mixed` is the closed one."""
    return Scope(prop.world.pods == "open", prop.world.namespaces == "open")


def open_scope_of(prop: LoadedProperty) -> Scope:
    """The open world that is shown beside the verdict of a `mixed` one."""
    return Scope(True, prop.world.namespaces == "open")


@dataclass(frozen=True, slots=True)
class Case:
    """What exists for certain and the world, with the readings in which they are so; ``places`` by family."""

    setting: Setting
    verbs: tuple[Verb, ...]
    world: World
    places: list[Ends]
    readings: tuple[Reading, ...]


def brute_force(
    manifests: Manifests,
    prop: LoadedProperty,
    scope: Scope | None = None,
    instead: Callable[[Verb], Verb] = lambda verb: verb,
) -> Outcome:
    """The property's verdict in its own world, or in the world given; ``instead`` gives another verb for its own."""
    cases = [_case(manifests, prop, scope or scope_of(prop), host, instead) for host in host_networks(prop.semantics)]
    speaks = any(
        _speaks(verb, ends, source, connection)
        for case in cases
        for verb in case.verbs
        for ends, source, connection in _questions(case.places, case.world)
    )
    places = [ends for case in cases for ends in case.places]
    verbs = cases[0].verbs
    if not speaks or not all(verb.inhabited(places) for verb in verbs):
        return Outcome("vacuous")  # an empty hypothesis is simply vacuous
    decide = _exists if verbs[0].existential else _forall
    found = decide(cases)
    if found.verdict == "proved" and not all(_matches_something(verb, places) for verb in verbs):
        return Outcome("vacuous")
    return found


def _case(
    manifests: Manifests,
    prop: LoadedProperty,
    scope: Scope,
    host_network: HostNetwork,
    instead: Callable[[Verb], Verb],
) -> Case:
    setting, own = question(manifests, prop, host_network)
    verbs = tuple(map(instead, own))
    world = world_of(setting, verbs, scope)
    places = [Ends(ends, world.port_names) for ends in world.endpoints.values()]
    blocks = any(policy.blocks for policy in setting.policies)
    readings = readings_of(prop.semantics, setting.admin, blocks)
    return Case(setting, verbs, world, places, tuple(each for each in readings if each.host_network == host_network))


def question(
    manifests: Manifests, prop: LoadedProperty, host_network: HostNetwork = "excluded"
) -> tuple[Setting, tuple[Verb, ...]]:
    """What exists for certain, and the property with its groups resolved."""
    policies, admin = policies_of(manifests), admin_policies_of(manifests)
    external = prop.world.external or []
    declared: tuple[Declared, ...] = (*declared_workloads(manifests, host_network), *external_pods(external))
    verbs = verbs_of(prop.written, prop.groups, (*policies, *admin), declared)
    servers: tuple[Declared, ...] = ()
    if any(isinstance(verb, DnsVerb) and verb.servers is None for verb in verbs):
        servers = tuple(server for server in dns_servers(declared) if server.assumed)
    namespaces = namespaces_of(manifests, external)
    for server in servers:  # assumed, so its namespace exists
        namespaces.setdefault(server.namespace, None)
    bound = {name: [parse_span(text) for text in texts] for name, texts in (prop.world.domains or {}).items()}
    setting = Setting(
        policies=policies,
        unmodelled=unmodelled_of(manifests),
        declared=(*declared, *servers),
        namespaces=namespaces,
        pod_cidrs=tuple(parse_span(text) for text in prop.world.pod_cidrs or ()),
        node_cidrs=tuple(parse_span(text) for text in prop.world.node_cidrs or ()),
        admin=admin,
        nodes=declared_nodes(manifests, prop.world.nodes or ()),
        domains=domains_of([name for policy in admin for name in policy.domains], bound),
    )
    return setting, outside(verbs, prop)


def namespaces_of(manifests: Manifests, external: Sequence[ExternalNamespace]) -> dict[str, dict[str, str] | None]:
    """Each existing namespace with its labels: declared, in ``external``, or only named by some metadata.namespace
    (labels unknown)."""
    items = (*manifests.modelled, *manifests.unmodelled, *manifests.exposing)
    named = {item.namespace for item in items if item.namespace is not None} | set(manifests.named_namespaces)
    namespaces: dict[str, dict[str, str] | None] = dict.fromkeys(sorted(named))
    namespaces |= {space.name: space.labels for space in external}
    for item in manifests.modelled:
        if item.kind == "Namespace":
            namespaces[item.name] = dict(mapping(item.fields, "metadata", "labels"))
    return namespaces


def world_of(setting: Setting, verbs: tuple[Verb, ...], scope: Scope) -> World:
    """The world in which everything that the verbs tell apart is told apart."""
    interest = Interest(
        elements=tuple(dict.fromkeys(element for verb in verbs for element in verb.groups)),
        ports=tuple(entry for verb in verbs for entry in verb.port_entries),
        namespace_keys=tuple(key for verb in verbs for key in verb.namespace_keys),
        observe=lambda pod: tuple(verb.observe(pod) for verb in verbs),
    )
    return build_world(setting, interest, pods_open=scope.pods_open, namespaces_open=scope.namespaces_open)


def _questions(places: list[Ends], world: World) -> Iterator[tuple[Ends, Endpoint, Connection]]:
    return (
        (ends, source, connection) for ends in places for source in ends.sources for connection in world.connections
    )


def _speaks(verb: Verb, ends: Ends, source: Endpoint, connection: Connection) -> int:
    """The destinations of the connections that can be and that the property speaks about."""
    about = verb.hypothesis(ends, source, connection)
    return about & ends.partners(source) if about else 0


def _matches_something(verb: Verb, places: list[Ends]) -> bool:
    """Whether each element of the property's lists holds some endpoint that can be an end of a connection."""
    return all(
        any(element.matches(end) and ends.partners(end) for ends in places for end in ends.sources)
        for element in verb.required
    )


def _forall(cases: Sequence[Case]) -> Outcome:
    """Every verb but `can`: refuted if some connection violates it under some reading, whatever is unmodelled does and
    domain names mean; unknown if one does only for some of that; proved otherwise."""
    unsure = False
    for case in cases:
        for ends in case.places:
            for source, ways in _ways(case, ends):
                for connection in case.world.connections:
                    for verb in case.verbs:
                        among = _speaks(verb, ends, source, connection)
                        if not among:
                            continue
                        for (reading, *_), flows in ways:
                            surely, possibly = _violated(verb, flows, source, connection, among)
                            if surely:
                                destination = ends.destinations[surely.bit_length() - 1]
                                return Outcome("refuted", Witness(source, destination, *connection, reading))
                            unsure = unsure or bool(possibly)
    return Outcome("unknown" if unsure else "proved")


def _exists(cases: Sequence[Case]) -> Outcome:
    """`can`: proved if under every reading some connection is allowed whatever is unmodelled does and domain names
    mean; refuted if under some reading none is, even where all of that allows what it can, and there is one to show;
    vacuous if there is a reading in which none is what the property speaks of."""
    surely: dict[Reading, int] = {reading: 0 for case in cases for reading in case.readings}
    possibly, spoken = dict(surely), dict(surely)
    for case in cases:
        (verb,) = case.verbs
        for ends in case.places:
            for source, ways in _ways(case, ends):
                for connection in case.world.connections:
                    among = _speaks(verb, ends, source, connection)
                    for readings, flows in ways if among else ():
                        if not all(surely[reading] for reading in readings):
                            refused, perhaps_refused = _violated(verb, flows, source, connection, among)
                            for reading in readings:
                                spoken[reading] |= among
                                surely[reading] |= among & ~perhaps_refused
                                possibly[reading] |= among & ~refused
    if any(spoken[reading] and not possibly[reading] for reading in spoken):
        return Outcome("refuted")
    if not all(spoken.values()):
        return Outcome("vacuous")
    return Outcome("proved" if all(surely.values()) else "unknown")


def _ways(case: Case, ends: Ends) -> Iterator[tuple[Endpoint, list[Way]]]:
    """Every source but those that nothing tells apart from another, each with the readings that may make a difference
    to what it reaches: all that treat it alike together."""
    by_reading = flows_of(case.setting, ends, case.readings)
    every = {flows.blocks_match_pods: flows for each in by_reading.values() for _, flows in each}.values()
    elements = tuple(element for verb in case.verbs for element in verb.groups)
    known = set[Hashable]()
    for source in ends.sources:
        # Pods of one namespace carry its labels, so that these need no mention.
        about = (
            None if source.pod is None else (source.pod.namespace, *(verb.observe(source.pod) for verb in case.verbs))
        )
        matched = tuple(element.matches(source) for element in elements)
        sight = tuple(flows.seen(source) for flows in every)
        key = (source.kind, about, matched, sight, ends.partners(source))
        if key not in known:
            known.add(key)
            ways: dict[Hashable, Way] = {}
            for reading, flows in by_reading.items():
                way = tuple(each.way(source) for _, each in flows)
                ways.setdefault(way, ([], flows))[0].append(reading)
            yield source, list(ways.values())


def _violated(
    verb: Verb, flows: Sequence[tuple[Meaning, Flows]], source: Endpoint, connection: Connection, among: int
) -> tuple[int, int]:
    """The destinations for which the connection violates the property whatever is unmodelled does and domain names
    mean, and those for which it may. A meaning that contradicts what is known of an address says nothing of it."""
    surely, possibly = among, 0
    for meaning, each in flows:
        real = among & each.ends.possible(each.setting.domains, meaning)
        found = verb.violated(each, source, connection, real)
        surely &= found | ~real
        possibly |= found & real
    return surely, possibly
