"""The ``ports`` of a rule over a connection."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Raw
from .connection import Connection
from .kept import Kept, is_null_list, items
from .manifest import ContainerPort, Pod


def ports_match(rule: Raw, connection: Connection, direction: str, pods: Sequence[Pod], keeps: Kept) -> bool:
    """Whether one of the rule's port entries covers the connection, or it has none. ``pods`` are all of the cluster."""
    entries = items(rule.get("ports"))
    if not entries:
        return _any_port(rule, connection, keeps)
    if not keeps("later-port-entries-count"):
        entries = entries[:1]
    resolver = _Resolver(connection, direction, pods, not rule.get("from") and not rule.get("to"), keeps)
    answers = [_covers(entry, connection, resolver, keeps) for entry in entries]
    return any(answers) if keeps("port-entries-are-ored") else all(answers)


def _any_port(rule: Raw, connection: Connection, keeps: Kept) -> bool:
    if is_null_list(rule, "ports") and not keeps("null-list-is-absent"):
        return False
    if rule.get("ports") is not None and not keeps("empty-ports-list-is-absent"):
        return False
    if not keeps("absent-ports-mean-every-port"):
        return False
    return connection.protocol == "TCP" or keeps("absent-ports-mean-every-protocol")


def _covers(entry: Raw | None, connection: Connection, resolver: _Resolver, keeps: Kept) -> bool:
    if entry is None:
        if not keeps("null-port-entry-is-every-tcp-port"):
            return False
        entry = {}
    protocol: str = entry.get("protocol") or "TCP"
    agrees = protocol == connection.protocol
    if entry.get("protocol") is None:
        if not keeps("entry-without-protocol-covers-tcp"):
            return False
        agrees = agrees or not keeps("entry-without-protocol-covers-only-tcp")
    if protocol == "SCTP" and not keeps("rules-can-allow-sctp"):
        return False
    port: int | str | None = entry.get("port")
    if port is None:
        if not keeps("entry-without-port-covers-every-port"):
            return False
        return agrees or not keeps("entry-without-port-keeps-its-protocol")
    if isinstance(port, str):
        return resolver.covers(port, agrees=agrees)
    agrees = agrees or not keeps("entry-with-number-keeps-its-protocol")
    if not keeps("numbered-entry-needs-no-declaration") and not is_declared(connection):
        return False
    return agrees and _in_range(connection.port, port, entry.get("endPort"), keeps)


def is_declared(connection: Connection) -> bool:
    """Whether the connection's port is one that a container of the destination declares; outside, every port is."""
    pod = connection.destination.pod
    return pod is None or any(
        (each.number, each.protocol or "TCP") == (connection.port, connection.protocol) for each in pod.ports
    )


def _in_range(number: int, first: int, last: int | None, keeps: Kept) -> bool:
    if last is None:
        return number == first or not keeps("entry-with-number-covers-only-it")
    if not keeps("end-port-counts"):
        return number == first
    if number == first and not keeps("range-includes-its-first-port"):
        return False
    if number == last and not keeps("range-includes-its-last-port"):
        return False
    if number < first:
        return not keeps("range-begins-at-its-first-port")
    return number <= last or not keeps("range-ends-at-its-last-port")


class _Resolver:
    """Named ports of one connection, in a rule of one direction with or without peers."""

    def __init__(
        self, connection: Connection, direction: str, pods: Sequence[Pod], no_peers: bool, keeps: Kept
    ) -> None:
        self._connection, self._direction, self._pods = connection, direction, pods
        self._no_peers, self._keeps = no_peers, keeps

    def covers(self, name: str, *, agrees: bool) -> bool:
        """Whether an entry of that name covers the connection; ``agrees``: its protocol is the connection's."""
        keeps, destination = self._keeps, self._connection.destination
        if not keeps("named-port-is-resolved"):
            return False
        if self._no_peers and self._direction == "egress" and not keeps("named-port-needs-no-peers"):
            return False
        if destination.pod is None:
            return agrees and not keeps("named-port-never-matches-addresses")
        if not keeps("named-port-covers-only-what-it-names"):
            return agrees
        declared = [each for each in self._declared() if each.name == name]
        if not keeps("named-port-may-be-several-ports"):
            declared = declared[:1]
        return any(self._is_meant(each, agrees) for each in declared)

    def _declared(self) -> Sequence[ContainerPort]:
        """The container ports among which a name is looked up."""
        keeps, end = self._keeps, self._connection.destination
        rule = (
            "ingress-named-port-is-the-subjects" if self._direction == "ingress" else "egress-named-port-is-the-peers"
        )
        if not keeps(rule):
            end = self._connection.source
        found = end.pod.ports if end.pod is not None else ()
        if not keeps("named-port-is-resolved-for-each-pod"):
            found = tuple(port for pod in self._pods for port in pod.ports)
        if not keeps("named-port-may-be-of-any-container"):
            found = tuple(port for port in found if port.container == 0)
        return found

    def _is_meant(self, declared: ContainerPort, agrees: bool) -> bool:
        keeps, protocol = self._keeps, declared.protocol
        if protocol is None:
            if not keeps("container-port-protocol-defaults-to-tcp"):
                return False
            protocol = "TCP"
        if declared.number != self._connection.port and keeps("named-port-covers-only-its-number"):
            return False
        if protocol != self._connection.protocol and keeps("named-port-needs-the-containers-protocol"):
            return False
        return agrees or not keeps("named-port-needs-the-entrys-protocol")
