"""Verbs of a suite, decided for one concrete connection: does it really refute the property?

The second opinion on every counterexample (``contract``: *Exact meaning*), written apart from the symbolic
verbs. It trusts the concrete evaluator's endpoints and answers; it never asks the symbolic encoding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..encodings.concrete.addresses import Family
from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Direction
from ..encodings.concrete.reading import Reading
from .concrete_arrivals import on_ports_at
from .concrete_case import Case, must
from .concrete_default_deny import unprotected
from .concrete_groups import Connection, Groups, members, on_ports
from .concrete_override import held
from .suite import (
    Always,
    Can,
    CannotOverride,
    DefaultDeny,
    Dns,
    Endpoints,
    Exception_,
    Group,
    Isolate,
    Never,
    Only,
    OnlyEntry,
    Property,
    World,
)

__all__ = ["Case", "Groups", "members", "violates"]

DNS_PORT_NAMES = ("dns", "dns-tcp")
DNS_NAMESPACE, DNS_LABEL, DNS_VALUE = "kube-system", "k8s-app", "kube-dns"


def violates(
    prop: Property,
    groups: Mapping[str, Group],
    world: World,
    source: ConcreteEndpoint,
    destination: ConcreteEndpoint,
    *,
    protocol: str,
    port: int,
    family: Family,
    allowed: bool,
    cluster: Cluster,
    reading: Reading,
    subject: str | None = None,
    direction: Direction | None = None,
    carved: Sequence[Exception_] = (),
) -> list[str]:
    """Why this connection does not refute the property outside the traffic ``carved`` out of it; empty if it does.

    For ``can``, a connection of the hypothesis that is blocked is what one witness can show. ValueError if a
    group or selector of the property cannot be read.
    """
    connection = Connection(source, destination, protocol, port, family, reading)
    case = Case(Groups(groups, world, cluster.services), connection, allowed, cluster, subject, direction)
    return _not_a_connection(connection) + _not_refuted(case, prop) + _excepted(case, carved, "waiver")


def _not_refuted(case: Case, prop: Property) -> list[str]:
    if prop.never is not None:
        return _hypothesis(case, prop.never, allowed=True)
    if prop.always is not None:
        return _hypothesis(case, prop.always, allowed=False)
    if prop.can is not None:
        return _hypothesis(case, prop.can, allowed=False)
    if prop.only is not None:
        return _only(case, prop.only)
    if prop.isolate is not None:
        return _isolate(case, prop.isolate)
    if prop.default_deny is not None:
        return _default_deny(case, prop.default_deny)
    if prop.dns is not None:
        return _dns(case, prop.dns)
    if prop.cannot_override is not None:
        return _cannot_override(case, prop.cannot_override)
    raise ValueError(f"property {prop.id!r} has no verb")


def _not_a_connection(connection: Connection) -> list[str]:
    source, destination = connection.source, connection.destination
    reasons: list[str] = []
    if not (connection.is_pod(source) or connection.is_pod(destination)):
        reasons.append("neither end is a pod")
    if connection.protocol not in ("TCP", "UDP", "SCTP"):
        reasons.append(f"{connection.protocol} is not one of the three protocols")
    if not 1 <= connection.port <= 65535:
        reasons.append(f"{connection.port} is not a port")
    for end, endpoint in (("source", source), ("destination", destination)):
        if endpoint.address(connection.family) is None:
            reasons.append(f"the {end} has no {connection.family} address")
    return reasons


def _hypothesis(case: Case, verb: Never | Always | Can, allowed: bool) -> list[str]:
    """The connection is in from × to × ports, and allowed or blocked as said."""
    reasons = _spoken_of(case, verb)
    must(reasons, case.allowed is allowed, f"the connection is {'allowed' if case.allowed else 'blocked'}")
    return reasons


def _spoken_of(case: Case, verb: Never | Always | Can | CannotOverride) -> list[str]:
    """Why the connection is not in from × to × ports."""
    reasons: list[str] = []
    must(reasons, case.source_in(verb.from_), "the source is not in `from`")
    inside = case.destination_in(verb.to)
    must(reasons, inside, "the destination is not in `to`")
    at_port = case.arrives if inside.value is True else case.on_ports_of
    must(reasons, at_port(verb.to, verb.ports), "the port is not among `ports`")
    return reasons


def _cannot_override(case: Case, verb: CannotOverride) -> list[str]:
    return _spoken_of(case, verb) + held(case.cluster, case.traffic, verb.outcome)


def _excepted(case: Case, exceptions: Sequence[Exception_] | None, key: str = "except") -> list[str]:
    """One reason for each exception that the connection matches in full, or may match; ``key``: where they stand."""
    reasons: list[str] = []
    for index, entry in enumerate(exceptions or ()):
        outside = (
            (entry.from_ is not None and case.source_in(entry.from_).value is False)
            or (entry.to is not None and case.arrives(entry.to, entry.ports).value is False)
            or (entry.to is None and not on_ports(entry.ports, case.connection))
        )
        if not outside:
            reasons.append(f"the connection is left out by {key}[{index}]")
    return reasons


def _entries(side: Endpoints | list[OnlyEntry]) -> list[OnlyEntry] | None:
    """The entries of ``only``'s open side; None if this side is the protected one."""
    if not isinstance(side, list):
        return None
    entries = [entry for entry in side if isinstance(entry, OnlyEntry)]
    return entries if len(entries) == len(side) else None


def _groups_of(side: Endpoints | list[OnlyEntry]) -> Endpoints:
    """The groups of ``only``'s protected side."""
    if not isinstance(side, list):
        return side
    return [entry for entry in side if not isinstance(entry, OnlyEntry)]


def _only(case: Case, verb: Only) -> list[str]:
    reasons: list[str] = []
    entries = _entries(verb.from_)
    if entries is not None:
        other, protected = case.connection.source, case.arrives(_groups_of(verb.to), None)
        admitting = _admitting_sources(case, _groups_of(verb.to), entries)
    else:
        other, protected = case.connection.destination, case.source_in(_groups_of(verb.from_))
        listed = enumerate(_entries(verb.to) or [])
        admitting = [index for index, entry in listed if case.arrives(entry.who, entry.ports).value is not False]
    must(reasons, protected, "the protected end is not in the protected group")
    must(reasons, case.allowed, "the connection is blocked")
    is_node = other.kind == "node" or (other.host_network and not case.connection.is_pod(other))
    must(reasons, not is_node, "the other end is a node")
    return reasons + [f"entry {index} admits the connection" for index in admitting]


def _admitting_sources(case: Case, protected: Endpoints, entries: Sequence[OnlyEntry]) -> list[int]:
    """The entries that admit the connection. Each protected group reads ports in its own way, so where it lies in
    several, one that admits it at some of them alone does not."""
    groups = protected if isinstance(protected, list) else [protected]
    by_group = [
        [
            index
            for index, entry in enumerate(entries)
            if case.source_in(entry.who).value is not False
            and on_ports_at(group, entry.ports, case.connection, case.groups).value is not False
        ]
        for group in groups
        if case.arrives(group, None).value is True
    ]
    return min(by_group, key=len, default=list[int]())


def _isolate(case: Case, verb: Isolate) -> list[str]:
    reasons = _excepted(case, verb.except_)
    must(reasons, case.allowed, "the connection is blocked")
    if verb.by is not None:
        return reasons + _same_tenant(case, verb.by.namespace_label)
    groups = verb.groups or []
    source = [case.source_in(group).value is True for group in groups]
    destination = [case.destination_in(group).value is True for group in groups]
    pairs = ((i, j) for i in range(len(groups)) for j in range(len(groups)) if i != j)
    must(reasons, any(source[i] and destination[j] for i, j in pairs), "the ends are not in different groups")
    return reasons


def _same_tenant(case: Case, key: str) -> list[str]:
    """An absent label is a group of its own, of which ``None`` is the value here."""
    ends = (case.connection.source, case.connection.destination)
    if not all(case.connection.is_pod(end) for end in ends):
        return ["one end is not a pod"]
    labels = [end.labels_of_namespace() for end in ends]
    if not all(each.complete for each in labels):
        return ["a namespace's labels are unknown"]
    source, destination = (each.known.get(key) for each in labels)
    return [f"both namespaces have the same {key}"] if source == destination else []


def _default_deny(case: Case, verb: DefaultDeny) -> list[str]:
    reasons = _excepted(case, verb.except_)
    expected = {"egress": "source", "ingress": "destination"}
    if case.direction is None or case.subject != expected[case.direction]:
        return [*reasons, f"direction {case.direction} does not fit subject {case.subject}"]
    if verb.directions is not None:
        must(reasons, case.direction in verb.directions, f"{case.direction} is not among `directions`")
    belongs = case.source_in if case.subject == "source" else case.destination_in
    must(reasons, belongs(verb.for_), "the subject is not in `for`")
    return reasons + unprotected(case.cluster, case.traffic, case.direction, case.groups, verb)


def _dns(case: Case, verb: Dns) -> list[str]:
    reasons: list[str] = []
    server = case.connection.destination
    must(reasons, case.source_in(verb.for_), "the source is not in `for`")
    must(reasons, case.connection.is_pod(case.connection.source), "the source is not a pod")
    if verb.servers is not None:
        must(reasons, case.destination_in(verb.servers), "the destination is not in `servers`")
    else:
        must(
            reasons,
            case.connection.is_pod(server)
            and server.namespace == DNS_NAMESPACE
            and server.labels.get(DNS_LABEL) == DNS_VALUE,
            f"the destination is no {DNS_LABEL}={DNS_VALUE} pod of {DNS_NAMESPACE}",
        )
    must(reasons, _is_real_server(case), "the destination is a hypothetical pod, never a server")
    named = {own.number for own in server.ports or () if own.name in DNS_PORT_NAMES}
    must(reasons, case.connection.port in named, "the port is not one that the server names dns or dns-tcp")
    must(reasons, case.connection.protocol in ("UDP", "TCP"), "DNS is asked over UDP and TCP only")
    must(reasons, not case.allowed, "the connection is allowed")
    return reasons


def _is_real_server(case: Case) -> bool:
    """Whether the destination is declared, external, or the pod assumed where nothing else is known."""
    server, world = case.connection.destination, case.groups.world
    if server.workload is not None:
        return True
    external = [
        pod
        for namespace in world.external or ()
        if namespace.name == server.namespace
        for pod in namespace.pods
        if pod.labels == dict(server.labels)
    ]
    return bool(external) or dict(server.labels) == {DNS_LABEL: DNS_VALUE}
