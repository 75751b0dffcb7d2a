"""Faults of ports: protocols, numbers and ranges.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go (NetworkPolicyPort).
"""

from __future__ import annotations

from dataclasses import replace

from netpol_verify.encodings.concrete import networkpolicy
from netpol_verify.encodings.concrete.evidence import FALSE, TRUE, Direction, Truth, known
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.networkpolicy import Rule
from netpol_verify.encodings.concrete.ports import PortEntry, read_port
from netpol_verify.encodings.concrete.traffic import Traffic

from .fault import Area

PORTS = Area("ports")
RANGES = Area("endPort")

_ENTRY = PortEntry.matches
_RULE = Rule.matches
LAST = 65535


def _is_number(entry: PortEntry) -> bool:
    return entry.name is None and not _is_protocol_only(entry)


def _is_protocol_only(entry: PortEntry) -> bool:
    return entry.name is None and (entry.first, entry.last) == (0, LAST)


def with_any_protocol(entry: PortEntry, traffic: Traffic) -> Truth:
    """Whether the entry would match if it were for the connection's protocol."""
    return _ENTRY(replace(entry, protocol=traffic.protocol), traffic)


# Protocols and numbers


class _AnyProtocol(PortEntry):
    """An entry for every protocol."""

    def matches(self, traffic: Traffic) -> Truth:
        return _ENTRY(PortEntry(traffic.protocol, self.first, self.last, self.name), traffic)


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
        def matches(self, traffic: Traffic) -> Truth:
            return FALSE if traffic.protocol == "SCTP" else with_any_protocol(_plain(self), traffic)

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
def protocol_only_is_any(self: PortEntry, traffic: Traffic) -> Truth:
    return TRUE if _is_protocol_only(self) else _ENTRY(self, traffic)


@PORTS.seeded(
    PortEntry, "matches", "an entry with a protocol alone is for no port", "Azure/azure-container-networking#269"
)
def protocol_only_is_none(self: PortEntry, traffic: Traffic) -> Truth:
    return FALSE if _is_protocol_only(self) else _ENTRY(self, traffic)


@PORTS.seeded(PortEntry, "matches", "the protocol of a number is not asked for")
def protocol_of_number_is_not_asked(self: PortEntry, traffic: Traffic) -> Truth:
    return (with_any_protocol if _is_number(self) else _ENTRY)(self, traffic)


@PORTS.seeded(PortEntry, "matches", "SCTP is taken for TCP")
def sctp_is_tcp(self: PortEntry, traffic: Traffic) -> Truth:
    entry = replace(self, protocol="TCP") if self.protocol == "SCTP" else self
    return _ENTRY(entry, replace(traffic, protocol="TCP") if traffic.protocol == "SCTP" else traffic)


@PORTS.seeded(PortEntry, "matches", "an entry for SCTP matches nothing")
def sctp_is_none(self: PortEntry, traffic: Traffic) -> Truth:
    return FALSE if self.protocol == "SCTP" else _ENTRY(self, traffic)


@PORTS.seeded(PortEntry, "matches", "a number must be declared by the destination's containers")
def number_must_be_declared(self: PortEntry, traffic: Traffic) -> Truth:
    destination, asked = traffic.destination, (traffic.port, traffic.protocol)
    served = destination.kind != "pod" or any((own.number, own.protocol) == asked for own in destination.ports or ())
    return _ENTRY(self, traffic) if served or not _is_number(self) else FALSE


@PORTS.seeded(PortEntry, "matches", "numbers above 32767 are negative")
def high_numbers_are_negative(self: PortEntry, traffic: Traffic) -> Truth:
    if not _is_number(self):
        return _ENTRY(self, traffic)
    first, last, asked = (
        number - 65536 if number > 32767 else number for number in (self.first, self.last, traffic.port)
    )
    return known(traffic.protocol == self.protocol and first <= asked <= last)


@PORTS.seeded(Rule, "matches", "only the first port of a rule counts")
def first_port_only(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _RULE(replace(rule, ports=rule.ports[:1]), traffic, direction)


@PORTS.seeded(Rule, "matches", "only the last port of a rule counts")
def last_port_only(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _RULE(replace(rule, ports=rule.ports[-1:]), traffic, direction)


@PORTS.seeded(Rule, "matches", "ports of egress rules are not asked for")
def egress_ports_are_not_asked(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _RULE(replace(rule, ports=()) if direction == "egress" else rule, traffic, direction)


@PORTS.seeded(Rule, "matches", "ports of rules without peers are not asked for")
def ports_without_peers_are_not_asked(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _RULE(rule if rule.peers else replace(rule, ports=()), traffic, direction)


@PORTS.seeded(Rule, "matches", "protocols and numbers of a rule's entries are mixed")
def entries_of_a_rule_mix(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    numbers = [entry for entry in rule.ports if _is_number(entry)]
    mixed = tuple(replace(each, protocol=other.protocol) for each in numbers for other in numbers)
    return _RULE(replace(rule, ports=(*rule.ports, *mixed)), traffic, direction)


# endPort


def _ranged(entry: PortEntry, first: int, last: int) -> PortEntry:
    """The entry with other ends if it is a range."""
    return replace(entry, first=first, last=last) if _is_number(entry) and entry.first < entry.last else entry


@RANGES.seeded(PortEntry, "matches", "endPort is passed over")
def end_port_is_ignored(self: PortEntry, traffic: Traffic) -> Truth:
    return _ENTRY(_ranged(self, self.first, self.first), traffic)


@RANGES.seeded(PortEntry, "matches", "endPort itself is not in the range")
def end_port_is_exclusive(self: PortEntry, traffic: Traffic) -> Truth:
    return _ENTRY(_ranged(self, self.first, self.last - 1), traffic)


@RANGES.seeded(PortEntry, "matches", "the port after endPort is in the range")
def end_port_is_one_more(self: PortEntry, traffic: Traffic) -> Truth:
    return _ENTRY(_ranged(self, self.first, self.last + 1), traffic)


@RANGES.seeded(PortEntry, "matches", "the first port is not in the range")
def first_of_range_is_exclusive(self: PortEntry, traffic: Traffic) -> Truth:
    return _ENTRY(_ranged(self, self.first + 1, self.last), traffic)


@RANGES.seeded(PortEntry, "matches", "the port before the first one is in the range")
def first_of_range_is_one_less(self: PortEntry, traffic: Traffic) -> Truth:
    return _ENTRY(_ranged(self, self.first - 1, self.last), traffic)


@RANGES.seeded(PortEntry, "matches", "a range is only its two ends")
def range_is_its_ends(self: PortEntry, traffic: Traffic) -> Truth:
    inner = _is_number(self) and self.first < traffic.port < self.last
    return FALSE if inner else _ENTRY(self, traffic)


@RANGES.seeded(PortEntry, "matches", "a range is for every protocol")
def range_isfor_any_protocol(self: PortEntry, traffic: Traffic) -> Truth:
    is_range = _is_number(self) and self.first < self.last
    return (with_any_protocol if is_range else _ENTRY)(self, traffic)


@RANGES.seeded(networkpolicy, "read_port", "a range of one port is empty")
def range_of_one_is_empty(field: Field) -> PortEntry:
    entry = read_port(field)
    is_range = field.child("endPort").value is not None and entry.first == entry.last
    return replace(entry, last=entry.first - 1) if is_range else entry


@RANGES.seeded(networkpolicy, "read_port", "an endPort that is null is 0")
def null_end_port_is_zero(field: Field) -> PortEntry:
    is_null = "endPort" in field.mapping() and field.child("endPort").value is None
    return replace(read_port(field), last=0) if is_null else read_port(field)


@RANGES.seeded(Rule, "matches", "the ranges of a rule are joined to one")
def ranges_of_a_rule_are_joined(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    numbers = [entry for entry in rule.ports if _is_number(entry) and entry.protocol == traffic.protocol]
    if numbers:
        hull = PortEntry(traffic.protocol, min(each.first for each in numbers), max(each.last for each in numbers))
        return _RULE(replace(rule, ports=(*rule.ports, hull)), traffic, direction)
    return _RULE(rule, traffic, direction)
