"""Faults of ports: protocols, numbers and ranges.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go (NetworkPolicyPort).
"""

from __future__ import annotations

from dataclasses import replace

from netpol_verify.encodings.concrete import networkpolicy
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evidence import FALSE, TRUE, Direction, Truth, known
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.networkpolicy import Rule, Traffic
from netpol_verify.encodings.concrete.ports import PortEntry, read_port

from .fault import Area

PORTS = Area("ports")
RANGES = Area("endPort")

_ENTRY = PortEntry.matches
_RULE = Traffic.matches
LAST = 65535


def _is_number(entry: PortEntry) -> bool:
    return entry.name is None and not _is_protocol_only(entry)


def _is_protocol_only(entry: PortEntry) -> bool:
    return entry.name is None and (entry.first, entry.last) == (0, LAST)


def with_any_protocol(entry: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    """Whether the entry would match if it were for the connection's protocol."""
    return _ENTRY(replace(entry, protocol=protocol), destination, protocol, port)


# Protocols and numbers


class _AnyProtocol(PortEntry):
    """An entry for every protocol."""

    def matches(self, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
        return _ENTRY(PortEntry(protocol, self.first, self.last, self.name), destination, protocol, port)


def for_any(entry: PortEntry) -> PortEntry:
    return _AnyProtocol(entry.protocol, entry.first, entry.last, entry.name)


@PORTS.seeded(
    networkpolicy, "read_port", "an entry without protocol is for every protocol", "projectcalico/libcalico-go#1373"
)
def missing_protocol_is_any(field: Field) -> PortEntry:
    return read_port(field) if field.child("protocol").value else for_any(read_port(field))


@PORTS.seeded(networkpolicy, "read_port", "an entry without protocol is for TCP and UDP")
def missing_protocol_is_tcp_and_udp(field: Field) -> PortEntry:
    class TcpAndUdp(PortEntry):
        def matches(self, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
            return FALSE if protocol == "SCTP" else with_any_protocol(_plain(self), destination, protocol, port)

    entry = read_port(field)
    return entry if field.child("protocol").value else TcpAndUdp(entry.protocol, entry.first, entry.last, entry.name)


def _plain(entry: PortEntry) -> PortEntry:
    return PortEntry(entry.protocol, entry.first, entry.last, entry.name, entry.line)


@PORTS.seeded(networkpolicy, "read_port", "an entry whose protocol is null is for every protocol")
def null_protocol_is_any(field: Field) -> PortEntry:
    is_null = "protocol" in field.mapping() and field.child("protocol").value is None
    return for_any(read_port(field)) if is_null else read_port(field)


@PORTS.seeded(networkpolicy, "read_port", "an entry that is null or {} is for every protocol")
def empty_entry_is_any(field: Field) -> PortEntry:
    return read_port(field) if field.mapping() else for_any(read_port(field))


@PORTS.seeded(networkpolicy, "read_port", "an entry that is null or {} is for no port")
def empty_entry_is_none(field: Field) -> PortEntry:
    return read_port(field) if field.mapping() else PortEntry("TCP", 1, 0)


@PORTS.seeded(PortEntry, "matches", "an entry with a protocol alone is for every protocol", "cilium/cilium#14678")
def protocol_only_is_any(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return TRUE if _is_protocol_only(self) else _ENTRY(self, destination, protocol, port)


@PORTS.seeded(
    PortEntry, "matches", "an entry with a protocol alone is for no port", "Azure/azure-container-networking#269"
)
def protocol_only_is_none(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return FALSE if _is_protocol_only(self) else _ENTRY(self, destination, protocol, port)


@PORTS.seeded(PortEntry, "matches", "the protocol of a number is not asked for")
def protocol_of_number_is_not_asked(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return (with_any_protocol if _is_number(self) else _ENTRY)(self, destination, protocol, port)


@PORTS.seeded(PortEntry, "matches", "SCTP is taken for TCP")
def sctp_is_tcp(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    entry = replace(self, protocol="TCP") if self.protocol == "SCTP" else self
    return _ENTRY(entry, destination, "TCP" if protocol == "SCTP" else protocol, port)


@PORTS.seeded(PortEntry, "matches", "an entry for SCTP matches nothing")
def sctp_is_none(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return FALSE if self.protocol == "SCTP" else _ENTRY(self, destination, protocol, port)


@PORTS.seeded(PortEntry, "matches", "a number must be declared by the destination's containers")
def number_must_be_declared(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    served = destination.kind != "pod" or any(
        (own.number, own.protocol) == (port, protocol) for own in destination.ports or ()
    )
    return _ENTRY(self, destination, protocol, port) if served or not _is_number(self) else FALSE


@PORTS.seeded(PortEntry, "matches", "numbers above 32767 are negative")
def high_numbers_are_negative(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    if not _is_number(self):
        return _ENTRY(self, destination, protocol, port)
    first, last, asked = (number - 65536 if number > 32767 else number for number in (self.first, self.last, port))
    return known(protocol == self.protocol and first <= asked <= last)


@PORTS.seeded(Traffic, "matches", "only the first port of a rule counts")
def first_port_only(self: Traffic, rule: Rule, direction: Direction) -> Truth:
    return _RULE(self, replace(rule, ports=rule.ports[:1]), direction)


@PORTS.seeded(Traffic, "matches", "only the last port of a rule counts")
def last_port_only(self: Traffic, rule: Rule, direction: Direction) -> Truth:
    return _RULE(self, replace(rule, ports=rule.ports[-1:]), direction)


@PORTS.seeded(Traffic, "matches", "ports of egress rules are not asked for")
def egress_ports_are_not_asked(self: Traffic, rule: Rule, direction: Direction) -> Truth:
    return _RULE(self, replace(rule, ports=()) if direction == "egress" else rule, direction)


@PORTS.seeded(Traffic, "matches", "ports of rules without peers are not asked for")
def ports_without_peers_are_not_asked(self: Traffic, rule: Rule, direction: Direction) -> Truth:
    return _RULE(self, rule if rule.peers else replace(rule, ports=()), direction)


@PORTS.seeded(Traffic, "matches", "protocols and numbers of a rule's entries are mixed")
def entries_of_a_rule_mix(self: Traffic, rule: Rule, direction: Direction) -> Truth:
    numbers = [entry for entry in rule.ports if _is_number(entry)]
    mixed = tuple(replace(each, protocol=other.protocol) for each in numbers for other in numbers)
    return _RULE(self, replace(rule, ports=(*rule.ports, *mixed)), direction)


# endPort


def _ranged(entry: PortEntry, first: int, last: int) -> PortEntry:
    """The entry with other ends if it is a range."""
    return replace(entry, first=first, last=last) if _is_number(entry) and entry.first < entry.last else entry


@RANGES.seeded(PortEntry, "matches", "endPort is passed over")
def end_port_is_ignored(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return _ENTRY(_ranged(self, self.first, self.first), destination, protocol, port)


@RANGES.seeded(PortEntry, "matches", "endPort itself is not in the range")
def end_port_is_exclusive(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return _ENTRY(_ranged(self, self.first, self.last - 1), destination, protocol, port)


@RANGES.seeded(PortEntry, "matches", "the port after endPort is in the range")
def end_port_is_one_more(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return _ENTRY(_ranged(self, self.first, self.last + 1), destination, protocol, port)


@RANGES.seeded(PortEntry, "matches", "the first port is not in the range")
def first_of_range_is_exclusive(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return _ENTRY(_ranged(self, self.first + 1, self.last), destination, protocol, port)


@RANGES.seeded(PortEntry, "matches", "the port before the first one is in the range")
def first_of_range_is_one_less(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    return _ENTRY(_ranged(self, self.first - 1, self.last), destination, protocol, port)


@RANGES.seeded(PortEntry, "matches", "a range is only its two ends")
def range_is_its_ends(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    inner = _is_number(self) and self.first < port < self.last
    return FALSE if inner else _ENTRY(self, destination, protocol, port)


@RANGES.seeded(PortEntry, "matches", "a range is for every protocol")
def range_isfor_any_protocol(self: PortEntry, destination: ConcreteEndpoint, protocol: str, port: int) -> Truth:
    is_range = _is_number(self) and self.first < self.last
    return (with_any_protocol if is_range else _ENTRY)(self, destination, protocol, port)


@RANGES.seeded(networkpolicy, "read_port", "a range of one port is empty")
def range_of_one_is_empty(field: Field) -> PortEntry:
    entry = read_port(field)
    is_range = field.child("endPort").value is not None and entry.first == entry.last
    return replace(entry, last=entry.first - 1) if is_range else entry


@RANGES.seeded(networkpolicy, "read_port", "an endPort that is null is 0")
def null_end_port_is_zero(field: Field) -> PortEntry:
    is_null = "endPort" in field.mapping() and field.child("endPort").value is None
    return replace(read_port(field), last=0) if is_null else read_port(field)


@RANGES.seeded(Traffic, "matches", "the ranges of a rule are joined to one")
def ranges_of_a_rule_are_joined(self: Traffic, rule: Rule, direction: Direction) -> Truth:
    numbers = [entry for entry in rule.ports if _is_number(entry) and entry.protocol == self.protocol]
    if numbers:
        hull = PortEntry(self.protocol, min(each.first for each in numbers), max(each.last for each in numbers))
        return _RULE(self, replace(rule, ports=(*rule.ports, hull)), direction)
    return _RULE(self, rule, direction)
