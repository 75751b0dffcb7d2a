"""``requirements`` for cluster-wide policies: what each of their peers and ports asks of a connection, in words.

The truths are the evaluator's own; nothing is decided here a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from .adminpeers import AdminPort, AnyonePeer, DomainsPeer, NetworksPeer, NodesPeer, Peer, PodsPeer, Surroundings
from .endpoints import ConcreteEndpoint
from .evidence import FALSE, TRUE
from .requirements import (
    End,
    Requirement,
    agreed,
    declared_ports,
    kind_of,
    selector_requirements,
    shown_numbers,
    shown_selector,
)
from .traffic import Traffic

ANYONE = "a peer of a kind that nobody knows"


def shown_admin_peer(peer: Peer) -> str:
    """A peer, or a subject, as one reads it: ``namespaces env=prod``, ``networks 10.0.0.0/8``."""
    match peer:
        case PodsPeer(key="namespaces"):
            return f"namespaces {shown_selector(peer.namespaces)}"
        case PodsPeer():
            spaces = f", namespaceSelector {shown_selector(peer.namespaces)}" if peer.namespaces.requirements else ""
            return f"pods {shown_selector(peer.pods)}{spaces}"
        case NetworksPeer():
            return f"networks {', '.join(map(str, peer.networks))}"
        case NodesPeer():
            return f"nodes {shown_selector(peer.nodes)}"
        case DomainsPeer():
            return f"domainNames {', '.join(peer.names)}"
        case _:
            return ANYONE


def pods_requirements(peer: PodsPeer, of: ConcreteEndpoint, end: End) -> tuple[Requirement, ...]:
    """Everything that a selector of pods asks of one end."""
    if not of.in_pod_network:
        found = f"the {end} is {kind_of(of)}; {peer.key} are pods with an address of their own"
        weight = max(1, len(peer.pods.requirements) + len(peer.namespaces.requirements))
        return (Requirement("pod", shown_admin_peer(peer), found, FALSE, 1 + weight),)
    labels = of.labels_of_namespace()
    return (
        *selector_requirements("namespaceSelector", peer.namespaces, labels, labels.about),
        *selector_requirements("podSelector", peer.pods, of.pod_labels(), f"the {end}"),
    )


def admin_peer_requirements(
    peer: Peer, cases: Sequence[Traffic], other: ConcreteEndpoint, end: End, around: Surroundings
) -> tuple[Requirement, ...]:
    """Everything that a peer asks of the other end of the connection."""
    truth = agreed([(case, peer.matches(other, case, around)) for case in cases])
    match peer:
        case PodsPeer():
            return pods_requirements(peer, other, end)
        case NetworksPeer():
            return (Requirement("networks", shown_admin_peer(peer), _addresses(cases, other, end), truth),)
        case NodesPeer():
            found = around.nodes.labels_of(other, cases[0].family)
            if found is None:
                missed = f"the {end} is {'a pod' if other.kind == 'pod' else kind_of(other)}, not a node"
                return (Requirement("nodes", shown_admin_peer(peer), missed, FALSE, 2),)
            return selector_requirements("nodes", peer.nodes, found, found.about)
        case DomainsPeer():
            return (Requirement("domainNames", shown_admin_peer(peer), _resolved(peer, cases, other, end), truth),)
        case AnyonePeer():
            return (Requirement("peer", ANYONE, "a rule with such a peer denies everything", TRUE),)
        case _:
            return ()


def _addresses(cases: Sequence[Traffic], other: ConcreteEndpoint, end: End) -> str:
    """Which addresses the connection may use."""
    addresses = [other.address(case.family) for case in cases]
    known = dict.fromkeys(str(address) for address in addresses if address is not None)
    return f"the {end} is at {' or '.join(known)}" if known else f"nobody knows the address of the {end}"


def _resolved(peer: DomainsPeer, cases: Sequence[Traffic], other: ConcreteEndpoint, end: End) -> str:
    if other.kind != "external":
        return f"the {end} is {'a pod' if other.kind == 'pod' else 'a node'}; domain names are outside addresses"
    names = "that name" if len(peer.names) == 1 else "these names"
    return f"{_addresses(cases, other, end)}, and what {names} resolve{'s' if len(peer.names) == 1 else ''} to changes"


def shown_admin_port(entry: AdminPort) -> str:
    """A port entry as one reads it: ``port TCP 5432``, ``port name http``."""
    if entry.name is not None or entry.protocol is None:
        return f"port name {entry.name}"
    return shown_numbers(entry.protocol, entry.first, entry.last, whole=(1, 65535))


def admin_port_requirement(entry: AdminPort, traffic: Traffic, asked: str) -> Requirement:
    """What a port entry asks; ``asked`` is the port in words, "TCP 5432"."""
    truth = entry.matches(traffic)
    found, destination = f"asked for {asked}", traffic.destination
    if entry.name is not None:
        if not destination.in_pod_network:
            found = f"the destination is {kind_of(destination)}; it declares no ports"
        elif destination.ports is None:
            found = "nobody knows the container ports of the destination"
        else:
            found = f"asked for {asked}; of the destination, {declared_ports(destination)}"
    return Requirement("port", shown_admin_port(entry), found, truth)
