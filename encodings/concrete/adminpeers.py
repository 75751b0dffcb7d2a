"""Peers and ports of cluster-wide policies, decided against one connection.

Sources in kubernetes-sigs/network-policy-api: apis/v1alpha1 (AdminNetworkPolicyEgressPeer, AdminNetworkPolicyPort) and
apis/v1alpha2/clusternetworkpolicy_types.go. Selectors match pods of the pod network only; ``networks`` go by address,
whoever has it; ``nodes`` match nodes and the pods in their network; ``domainNames`` match outside addresses.
Trusts that the object has passed the API's validation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from .addresses import Network, family_of, parse_network, within
from .domains import Domains, plain
from .endpoints import ConcreteEndpoint
from .evidence import FALSE, TRUE, Truth, all_of, any_of, known, unknown
from .fields import Field
from .nodes import Nodes
from .selectors import Selector, read_selector
from .traffic import Traffic

DOMAIN = "domain "
"""How the unknown addresses of a domain name are called in dependencies: ``domain *.example.com``."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beyond the policies: the nodes there are, and what domain names mean."""

    nodes: Nodes = field(default_factory=Nodes)
    domains: Domains = field(default_factory=Domains)


class Peer(Protocol):
    """Who a rule is about."""

    @property
    def line(self) -> int:
        """The line on which it is written."""
        ...

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic, around: Surroundings) -> Truth:
        """Whether this end of the connection is the peer."""
        ...


@dataclass(frozen=True, slots=True)
class PodsPeer:
    """Pods of the pod network by the labels of their namespace and their own: a subject too. ``key`` is the field of
    the API, ``namespaces`` or ``pods``."""

    key: str
    namespaces: Selector
    pods: Selector
    line: int = 0

    def selects(self, endpoint: ConcreteEndpoint) -> Truth:
        """Whether it is such a pod; pods in the host's network never are, in no reading."""
        if not endpoint.in_pod_network:
            return FALSE
        return all_of(
            (self.namespaces.matches(endpoint.labels_of_namespace()), self.pods.matches(endpoint.pod_labels()))
        )

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic, around: Surroundings) -> Truth:
        """As ``selects``."""
        return self.selects(endpoint)


@dataclass(frozen=True, slots=True)
class NetworksPeer:
    """Addresses in any of the blocks, whoever has them: pods and nodes too, however ``ipBlock`` is read."""

    networks: tuple[Network, ...]
    line: int = 0

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic, around: Surroundings) -> Truth:
        """Whether a block holds the address of the connection's family."""
        networks = [network for network in self.networks if family_of(network) == traffic.family]
        address = endpoint.address(traffic.family)
        if address is not None:
            return known(any(within(address, network) for network in networks))
        if any(network.prefixlen == 0 for network in networks):
            return TRUE
        return unknown(f"address of {endpoint.name}") if networks else FALSE


@dataclass(frozen=True, slots=True)
class NodesPeer:
    """Nodes by their labels."""

    nodes: Selector
    line: int = 0

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic, around: Surroundings) -> Truth:
        """Whether it is a node, or in a node's network, and the node's labels match."""
        labels = around.nodes.labels_of(endpoint, traffic.family)
        return FALSE if labels is None else self.nodes.matches(labels)


@dataclass(frozen=True, slots=True)
class DomainsPeer:
    """Outside addresses that any of the names, in plain spelling, stands for."""

    names: tuple[str, ...]
    line: int = 0

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic, around: Surroundings) -> Truth:
        """Whether one of the names holds the address; unknown where neither the world nor an assumption says."""
        if around.nodes.labels_of(endpoint, traffic.family) is not None or endpoint.kind != "external":
            return FALSE
        return any_of(self._holds(name, endpoint, traffic, around) for name in self.names)

    @staticmethod
    def _holds(name: str, endpoint: ConcreteEndpoint, traffic: Traffic, around: Surroundings) -> Truth:
        for assumed, held in traffic.assumed:
            if assumed == name:
                return known(held)
        address = endpoint.address(traffic.family)
        held = None if address is None else around.domains.holds(name, address)
        return unknown(f"{DOMAIN}{name}") if held is None else known(held)


@dataclass(frozen=True, slots=True)
class AnyonePeer:
    """What a rule that denies or passes is about if one of its peers is of a kind nobody knows: it denies everyone."""

    line: int = 0

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic, around: Surroundings) -> Truth:
        """True."""
        return TRUE


@dataclass(frozen=True, slots=True)
class AdminPort:
    """One item of ``ports`` or ``protocols``: numbers of a protocol; or a name, whatever the protocol."""

    protocol: str | None
    first: int = 1
    last: int = 65535
    name: str | None = None
    line: int = 0

    def matches(self, traffic: Traffic) -> Truth:
        """Whether the destination port matches. A name is one that the destination pod gives to this very port and
        protocol; an address, a node and a pod in its node's network name no ports."""
        if self.name is None:
            return known(traffic.protocol == self.protocol and self.first <= traffic.port <= self.last)
        destination = traffic.destination
        if not destination.in_pod_network:
            return FALSE
        if destination.ports is None:
            return unknown(f"container ports of {destination.name}")
        wanted = (self.name, traffic.protocol, traffic.port)
        return known(any((own.name, own.protocol, own.number) == wanted for own in destination.ports))


def read_pods(field: Field, key: str) -> PodsPeer:
    """The pods that ``namespaces`` or ``pods`` (the ``key``) at ``field`` select; without a selector: all."""
    value = field.child(key)
    if key == "namespaces":
        return PodsPeer(key, read_selector(value), Selector(), field.line)
    spaces, pods = read_selector(value.child("namespaceSelector")), read_selector(value.child("podSelector"))
    return PodsPeer(key, spaces, pods, field.line)


def read_peer(field: Field) -> Peer | None:
    """The peer written at ``field``; None if it has none of the fields that the API knows."""
    for key in ("namespaces", "pods"):
        if field.child(key).value is not None:
            return read_pods(field, key)
    if field.child("nodes").value is not None:
        return NodesPeer(read_selector(field.child("nodes")), field.line)
    if field.child("networks").value is not None:
        return NetworksPeer(tuple(_network(item) for item in field.child("networks").items()), field.line)
    if field.child("domainNames").value is not None:
        return DomainsPeer(tuple(plain(item.text()) for item in field.child("domainNames").items()), field.line)
    return None


def _network(field: Field) -> Network:
    try:
        return parse_network(field.text())
    except ValueError:
        raise field.mistake("must be a valid CIDR value") from None


def read_alpha1_port(field: Field) -> AdminPort:
    """The AdminNetworkPolicyPort written at ``field``. InputErrors if it has none of the fields that the API knows."""
    number, numbers, name = (field.child(key) for key in ("portNumber", "portRange", "namedPort"))
    if number.value is not None:
        port = _whole(number.child("port"))
        return AdminPort(number.child("protocol").text() or "TCP", port, port, line=field.line)
    if numbers.value is not None:
        protocol = numbers.child("protocol").text() or "TCP"
        return AdminPort(protocol, _whole(numbers.child("start")), _whole(numbers.child("end")), line=field.line)
    if name.value is not None:
        return AdminPort(None, name=name.text(), line=field.line)
    raise field.mistake("must be one of portNumber, portRange, namedPort")


def read_alpha2_protocol(field: Field) -> AdminPort:
    """The ClusterNetworkPolicyProtocol written at ``field``. InputErrors as above."""
    for protocol in ("TCP", "UDP", "SCTP"):
        if field.child(protocol.lower()).value is not None:
            port = field.child(protocol.lower()).child("destinationPort")
            if port.value is None:
                return AdminPort(protocol, line=field.line)
            numbers = port.child("range")
            if numbers.value is not None:
                return AdminPort(
                    protocol, _whole(numbers.child("start")), _whole(numbers.child("end")), line=field.line
                )
            number = _whole(port.child("number"))
            return AdminPort(protocol, number, number, line=field.line)
    if field.child("destinationNamedPort").value is not None:
        return AdminPort(None, name=field.child("destinationNamedPort").text(), line=field.line)
    raise field.mistake("must be one of tcp, udp, sctp, destinationNamedPort")


def _whole(field: Field) -> int:
    number = field.whole()
    if number is None:
        raise field.mistake("is missing")
    return number
