"""A prover by plain enumeration: the verdict of one property over one set of manifests, and a witness if it is refuted.

It trusts nothing of the product but the objects and the suite as written. The world it enumerates holds more material
that nobody mentions than the symbolic encoding has (see world), so that a small-model mistake there shows here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty
from netpol_verify.properties.suite import ExternalNamespace

from .addresses import parse_span
from .endpoints import Endpoint
from .flows import Connection, Ends, Flows
from .policies import policies_of, unmodelled_of
from .raw import mapping
from .verbs import DnsVerb, Verb, verbs_of
from .waived import outside
from .workloads import Declared, declared_workloads, dns_servers, external_pods
from .world import Interest, Setting, World, build_world

Verdict = Literal["proved", "refuted", "vacuous", "unknown"]


@dataclass(frozen=True, slots=True)
class Witness:
    """A connection that violates a property whatever unmodelled objects do."""

    source: Endpoint
    destination: Endpoint
    protocol: str
    port: int
    blocks_match_pods: bool

    def __str__(self) -> str:
        reading = f"ipBlockMatchesPods={self.blocks_match_pods}"
        return f"{self.source} -> {self.destination} on {self.protocol}/{self.port}, {reading}"


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


def brute_force(manifests: Manifests, prop: LoadedProperty, scope: Scope | None = None) -> Outcome:
    """The property's verdict in its own world, or in the world given."""
    setting, verbs = question(manifests, prop)
    world = world_of(setting, verbs, scope or scope_of(prop))
    places = [Ends(ends, world.port_names) for ends in world.endpoints.values()]
    readings = _readings(prop, setting)
    speaks = any(
        _speaks(verb, ends, source, connection)
        for verb in verbs
        for ends, source, connection in _questions(places, world)
    )
    if not speaks or not all(verb.inhabited(places) for verb in verbs):
        return Outcome("vacuous")  # an empty hypothesis is simply vacuous
    decide = _exists if verbs[0].existential else _forall
    found = decide(setting, verbs, world, places, readings)
    if found.verdict == "proved" and not all(_matches_something(verb, places) for verb in verbs):
        return Outcome("vacuous")
    return found


def question(manifests: Manifests, prop: LoadedProperty) -> tuple[Setting, tuple[Verb, ...]]:
    """What exists for certain, and the property with its groups resolved."""
    policies = policies_of(manifests)
    external = prop.world.external or []
    declared: tuple[Declared, ...] = (*declared_workloads(manifests), *external_pods(external))
    verbs = verbs_of(prop.written, prop.groups, policies, declared)
    servers: tuple[Declared, ...] = ()
    if any(isinstance(verb, DnsVerb) and verb.servers is None for verb in verbs):
        servers = tuple(server for server in dns_servers(declared) if server.assumed)
    namespaces = namespaces_of(manifests, external)
    for server in servers:  # assumed, so its namespace exists
        namespaces.setdefault(server.namespace, None)
    setting = Setting(
        policies=policies,
        unmodelled=unmodelled_of(manifests),
        declared=(*declared, *servers),
        namespaces=namespaces,
        pod_cidrs=tuple(parse_span(text) for text in prop.world.pod_cidrs or ()),
        node_cidrs=tuple(parse_span(text) for text in prop.world.node_cidrs or ()),
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


def _readings(prop: LoadedProperty, setting: Setting) -> tuple[bool, ...]:
    """The readings to try: `either` is both, unless no policy has a block that could tell them apart."""
    chosen = prop.semantics.ip_block_matches_pods
    if isinstance(chosen, bool):
        return (chosen,)
    has_blocks = any(policy.blocks for policy in setting.policies)
    return (True, False) if has_blocks else (True,)


def _questions(places: list[Ends], world: World) -> Iterator[tuple[Ends, Endpoint, Connection]]:
    return (
        (ends, source, connection) for ends in places for source in ends.sources for connection in world.connections
    )


def _speaks(verb: Verb, ends: Ends, source: Endpoint, connection: Connection) -> int:
    """The destinations of the connections that can be and that the property speaks about."""
    about = verb.hypothesis(ends, source, connection)
    return about & ends.partners(source) if about else 0


def _matches_something(verb: Verb, places: list[Ends]) -> bool:
    """Whether each element of the property's lists holds some endpoint that exists."""
    return all(any(element.matches(end) for ends in places for end in ends.sources) for element in verb.required)


def _forall(
    setting: Setting, verbs: tuple[Verb, ...], world: World, places: list[Ends], readings: tuple[bool, ...]
) -> Outcome:
    """Every verb but `can`: refuted if some connection violates it under some reading, whatever is unmodelled does;
    unknown if one does only for some behaviour of the unmodelled; proved otherwise."""
    unsure = False
    for ends in places:
        for reading in readings:
            both = _both(setting, ends, reading)
            for source in ends.sources:
                for connection in world.connections:
                    for verb in verbs:
                        among = _speaks(verb, ends, source, connection)
                        if not among:
                            continue
                        found = [verb.violated(flows, source, connection, among) for flows in both]
                        surely = found[0] & found[-1]
                        if surely:
                            destination = ends.destinations[surely.bit_length() - 1]
                            return Outcome("refuted", Witness(source, destination, *connection, reading))
                        unsure = unsure or any(found)
    return Outcome("unknown" if unsure else "proved")


def _exists(
    setting: Setting, verbs: tuple[Verb, ...], world: World, places: list[Ends], readings: tuple[bool, ...]
) -> Outcome:
    """`can`: proved if under every reading some connection is allowed whatever is unmodelled does; refuted if under
    some reading none is, even where the unmodelled allows all it can."""
    (verb,) = verbs
    always, never = True, False
    for reading in readings:
        surely = possibly = False
        for ends in places:
            both = _both(setting, ends, reading)
            for source in ends.sources:
                for connection in world.connections:
                    among = _speaks(verb, ends, source, connection)
                    if among and not surely:
                        allowed = [among & ~verb.violated(flows, source, connection, among) for flows in both]
                        surely = bool(allowed[0] & allowed[-1])
                        possibly = possibly or any(allowed)
        always, never = always and surely, never or not possibly
    return Outcome("refuted" if never else "proved" if always else "unknown")


def _both(setting: Setting, ends: Ends, reading: bool) -> tuple[Flows, ...]:
    """What gets through if the unmodelled refuses all it can, and if it allows all it can."""
    behaviours = (False, True) if setting.unmodelled else (False,)
    return tuple(Flows(setting, ends, blocks_match_pods=reading, free_allows=allows) for allows in behaviours)
