"""Verbs of a suite, decided for one concrete connection: does it really refute the property?

The second opinion on every counterexample (``contract``: *Exact meaning*), written apart from the symbolic
verbs. It trusts the concrete evaluator's endpoints and answers; it never asks the symbolic encoding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..encodings.concrete.addresses import Family
from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Direction, Truth
from ..encodings.concrete.networkpolicy import Traffic
from .concrete_default_deny import unprotected
from .concrete_groups import Connection, Groups, members, on_ports
from .suite import (
    Always,
    Can,
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


@dataclass(frozen=True, slots=True)
class Case:
    """A connection said to refute a property, with what is needed to judge that.

    ``allowed`` is the concrete evaluator's verdict; ``world`` the property's effective world (suite and
    property merged). ``subject`` and ``direction`` are those of a ``defaultDeny``.
    """

    groups: Groups
    connection: Connection
    allowed: bool
    cluster: Cluster
    ip_block_matches_pods: bool
    subject: str | None = None
    direction: Direction | None = None

    def source_in(self, endpoints: Endpoints) -> Truth:
        """Whether the source belongs to one of these groups."""
        return self.groups.holds(endpoints, self.connection.source, self.connection.family)

    def destination_in(self, endpoints: Endpoints) -> Truth:
        """Whether the destination belongs to one of these groups."""
        return self.groups.holds(endpoints, self.connection.destination, self.connection.family)


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
    ip_block_matches_pods: bool,
    subject: str | None = None,
    direction: Direction | None = None,
    carved: Sequence[Exception_] = (),
) -> list[str]:
    """Why this connection does not refute the property outside the traffic ``carved`` out of it; empty if it does.

    For ``can``, a connection of the hypothesis that is blocked is what one witness can show. ValueError if a
    group or selector of the property cannot be read.
    """
    connection = Connection(source, destination, protocol, port, family)
    case = Case(Groups(groups, world), connection, allowed, cluster, ip_block_matches_pods, subject, direction)
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
    raise ValueError(f"property {prop.id!r} has no verb")


def _not_a_connection(connection: Connection) -> list[str]:
    source, destination = connection.source, connection.destination
    reasons: list[str] = []
    if not (source.in_pod_network or destination.in_pod_network):
        reasons.append("neither end is a pod")
    if connection.protocol not in ("TCP", "UDP", "SCTP"):
        reasons.append(f"{connection.protocol} is not one of the three protocols")
    if not 1 <= connection.port <= 65535:
        reasons.append(f"{connection.port} is not a port")
    for end, endpoint in (("source", source), ("destination", destination)):
        if endpoint.address(connection.family) is None:
            reasons.append(f"the {end} has no {connection.family} address")
    return reasons


def _must(reasons: list[str], truth: Truth | bool, otherwise: str) -> None:
    """Adds ``otherwise`` unless the truth is surely true."""
    if (truth.value if isinstance(truth, Truth) else truth) is not True:
        reasons.append(otherwise)


def _hypothesis(case: Case, verb: Never | Always | Can, allowed: bool) -> list[str]:
    """The connection is in from × to × ports, and allowed or blocked as said."""
    reasons: list[str] = []
    _must(reasons, case.source_in(verb.from_), "the source is not in `from`")
    _must(reasons, case.destination_in(verb.to), "the destination is not in `to`")
    _must(reasons, on_ports(verb.ports, case.connection), "the port is not among `ports`")
    _must(reasons, case.allowed is allowed, f"the connection is {'allowed' if case.allowed else 'blocked'}")
    return reasons


def _excepted(case: Case, exceptions: Sequence[Exception_] | None, key: str = "except") -> list[str]:
    """One reason for each exception that the connection matches in full, or may match; ``key``: where they stand."""
    reasons: list[str] = []
    for index, entry in enumerate(exceptions or ()):
        outside = (
            (entry.from_ is not None and case.source_in(entry.from_).value is False)
            or (entry.to is not None and case.destination_in(entry.to).value is False)
            or not on_ports(entry.ports, case.connection)
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
        other, belongs, protected = case.connection.source, case.source_in, case.destination_in(_groups_of(verb.to))
    else:
        entries = _entries(verb.to) or []
        other, belongs, protected = (
            case.connection.destination,
            case.destination_in,
            case.source_in(_groups_of(verb.from_)),
        )
    _must(reasons, protected, "the protected end is not in the protected group")
    _must(reasons, case.allowed, "the connection is blocked")
    _must(reasons, other.in_pod_network or other.kind == "external", "the other end is a node")
    for index, entry in enumerate(entries):
        if on_ports(entry.ports, case.connection) and belongs(entry.who).value is not False:
            reasons.append(f"entry {index} admits the connection")
    return reasons


def _isolate(case: Case, verb: Isolate) -> list[str]:
    reasons = _excepted(case, verb.except_)
    _must(reasons, case.allowed, "the connection is blocked")
    if verb.by is not None:
        return reasons + _same_tenant(case, verb.by.namespace_label)
    groups = verb.groups or []
    source = [case.source_in(group).value is True for group in groups]
    destination = [case.destination_in(group).value is True for group in groups]
    pairs = ((i, j) for i in range(len(groups)) for j in range(len(groups)) if i != j)
    _must(reasons, any(source[i] and destination[j] for i, j in pairs), "the ends are not in different groups")
    return reasons


def _same_tenant(case: Case, key: str) -> list[str]:
    """An absent label is a group of its own, of which ``None`` is the value here."""
    ends = (case.connection.source, case.connection.destination)
    if not all(end.in_pod_network for end in ends):
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
        _must(reasons, case.direction in verb.directions, f"{case.direction} is not among `directions`")
    belongs = case.source_in if case.subject == "source" else case.destination_in
    _must(reasons, belongs(verb.for_), "the subject is not in `for`")
    connection = case.connection
    traffic = Traffic(
        connection.source,
        connection.destination,
        connection.protocol,
        connection.port,
        connection.family,
        case.ip_block_matches_pods,
    )
    return reasons + unprotected(case.cluster, traffic, case.direction, case.groups, verb)


def _dns(case: Case, verb: Dns) -> list[str]:
    reasons: list[str] = []
    server = case.connection.destination
    _must(reasons, case.source_in(verb.for_), "the source is not in `for`")
    _must(reasons, case.connection.source.in_pod_network, "the source is not a pod")
    if verb.servers is not None:
        _must(reasons, case.destination_in(verb.servers), "the destination is not in `servers`")
    else:
        _must(
            reasons,
            server.in_pod_network and server.namespace == DNS_NAMESPACE and server.labels.get(DNS_LABEL) == DNS_VALUE,
            f"the destination is no {DNS_LABEL}={DNS_VALUE} pod of {DNS_NAMESPACE}",
        )
    _must(reasons, _is_real_server(case), "the destination is a hypothetical pod, never a server")
    named = {own.number for own in server.ports or () if own.name in DNS_PORT_NAMES}
    _must(reasons, case.connection.port in named, "the port is not one that the server names dns or dns-tcp")
    _must(reasons, case.connection.protocol in ("UDP", "TCP"), "DNS is asked over UDP and TCP only")
    _must(reasons, not case.allowed, "the connection is allowed")
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
