"""Faults of named ports: whose containers are asked, and for which number and protocol.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go (NetworkPolicyPort).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from netpol_verify.encodings.concrete import inventory, networkpolicy
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evidence import FALSE, TRUE, Direction, Truth, any_of, known
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.inventory import Inventory, Workload
from netpol_verify.encodings.concrete.networkpolicy import Rule
from netpol_verify.encodings.concrete.ports import PortEntry, read_port
from netpol_verify.encodings.concrete.traffic import Traffic

from .fault import Area
from .ports import for_any, with_any_protocol

NAMES = Area("named ports")
_ENTRY = PortEntry.matches
_RULE = Rule.matches
_ENDPOINT = Inventory.endpoint


def _named(entry: PortEntry, destination: ConcreteEndpoint) -> Iterator[NamedPort]:
    """The destination's ports of the entry's name."""
    ports = destination.ports if destination.in_pod_network else ()
    return (own for own in ports or () if own.name == entry.name)


@NAMES.seeded(PortEntry, "matches", "the protocol of the container's port is not asked for")
def declared_protocol_is_not_asked(self: PortEntry, traffic: Traffic) -> Truth:
    if self.name is None:
        return _ENTRY(self, traffic)
    return known(
        traffic.protocol == self.protocol
        and any(own.number == traffic.port for own in _named(self, traffic.destination))
    )


@NAMES.seeded(PortEntry, "matches", "the protocol of a named entry is not asked for, only the container's")
def written_protocol_is_not_asked(self: PortEntry, traffic: Traffic) -> Truth:
    return (_ENTRY if self.name is None else with_any_protocol)(self, traffic)


@NAMES.seeded(networkpolicy, "read_port", "a name without protocol takes the container's")
def name_brings_its_protocol(field: Field) -> PortEntry:
    entry = read_port(field)
    return for_any(entry) if entry.name is not None and not field.child("protocol").value else entry


@NAMES.seeded(PortEntry, "matches", "a name opens every port of the protocol", "ovn-org/ovn-kubernetes#2117")
def name_opens_its_protocol(self: PortEntry, traffic: Traffic) -> Truth:
    if self.name is None:
        return _ENTRY(self, traffic)
    return known(
        traffic.protocol == self.protocol
        and any(own.protocol == traffic.protocol for own in _named(self, traffic.destination))
    )


@NAMES.seeded(PortEntry, "matches", "a name opens every port", "antrea-io/antrea#241")
def name_opens_everything(self: PortEntry, traffic: Traffic) -> Truth:
    return TRUE if self.name is not None else _ENTRY(self, traffic)


@NAMES.seeded(PortEntry, "matches", "a name matches nothing", "kubernetes-sigs/network-policy-api:cmd/policy-assistant")
def name_matches_nothing(self: PortEntry, traffic: Traffic) -> Truth:
    return FALSE if self.name is not None else _ENTRY(self, traffic)


@NAMES.seeded(
    PortEntry,
    "matches",
    "a name matches every port of an address outside",
    "aws/amazon-network-policy-controller-k8s#81",
)
def name_matches_outside(self: PortEntry, traffic: Traffic) -> Truth:
    if self.name is not None and traffic.destination.kind == "external":
        return known(traffic.protocol == self.protocol)
    return _ENTRY(self, traffic)


@NAMES.seeded(
    Rule, "matches", "a name in an egress rule without peers matches nothing", "cloudnativelabs/kube-router#1036"
)
def egress_name_needs_peers(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    if direction == "egress" and not rule.peers and rule.ports:
        return any_of(entry.matches(traffic) for entry in _numbered(rule))
    return _RULE(rule, traffic, direction)


def _numbered(rule: Rule) -> tuple[PortEntry, ...]:
    return tuple(entry for entry in rule.ports if entry.name is None)


def _resolved_on(traffic: Traffic, rule: Rule, direction: Direction, end: ConcreteEndpoint) -> Truth:
    """Whether a rule matches if names are those of the containers of ``end``."""
    seen = replace(traffic, destination=end)
    kept = [entry for entry in rule.ports if entry.matches(seen).value]
    return _RULE(replace(rule, ports=(PortEntry(traffic.protocol),)), traffic, direction) if kept else FALSE


@NAMES.seeded(Rule, "matches", "a name in an egress rule is looked up in the source")
def egress_name_is_the_sources(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    if direction == "egress" and rule.ports:
        return _resolved_on(traffic, rule, direction, traffic.source)
    return _RULE(rule, traffic, direction)


@NAMES.seeded(Rule, "matches", "a name in an ingress rule is looked up in the source")
def ingress_name_is_the_sources(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    if direction == "ingress" and rule.ports:
        return _resolved_on(traffic, rule, direction, traffic.source)
    return _RULE(rule, traffic, direction)


@NAMES.seeded(PortEntry, "matches", "only the first port of a name counts", "cilium/cilium#30003")
def first_port_of_a_name_only(self: PortEntry, traffic: Traffic) -> Truth:
    if self.name is None:
        return _ENTRY(self, traffic)
    seen = replace(traffic.destination, ports=tuple(_named(self, traffic.destination))[:1])
    return _ENTRY(self, replace(traffic, destination=seen))


@NAMES.seeded(
    PortEntry,
    "matches",
    "a number's name is that of the first container port with the number",
    "mattfenwick/cyclonus:connectivity/probe/jobbuilder.go",
)
def name_of_the_first_with_the_number(self: PortEntry, traffic: Traffic) -> Truth:
    if self.name is None or not traffic.destination.in_pod_network:
        return _ENTRY(self, traffic)
    name = next((own.name for own in traffic.destination.ports or () if own.number == traffic.port), None)
    return known(traffic.protocol == self.protocol and name == self.name)


@NAMES.seeded(inventory, "_named_ports", "only the first container's names are known")
def names_of_the_first_container_only(spec: Field) -> Iterator[NamedPort]:
    return _names_in(list(spec.child("containers").items())[:1])


@NAMES.seeded(inventory, "_named_ports", "only the last container's names are known")
def names_of_the_last_container_only(spec: Field) -> Iterator[NamedPort]:
    return _names_in(list(spec.child("containers").items())[-1:])


def _names_in(containers: Sequence[Field]) -> Iterator[NamedPort]:
    for port in (each for container in containers for each in container.child("ports").items()):
        name, number = port.child("name").text(), port.child("containerPort").whole()
        if name and number is not None:
            yield NamedPort(name, port.child("protocol").text() or "TCP", number)


@NAMES.seeded(Inventory, "endpoint", "a name has one number in the whole cluster: the first pod's that declares it")
def name_has_one_number(self: Inventory, workload: Workload) -> ConcreteEndpoint:
    end = _ENDPOINT(self, workload)
    numbers = {own.name: own.number for each in reversed(self.workloads) for own in reversed(each.ports)}
    return replace(end, ports=tuple(replace(own, number=numbers[own.name]) for own in end.ports or ()))
