"""Ports of a NetworkPolicy rule.

Source: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go (NetworkPolicyPort) and
pkg/apis/networking/v1/defaults.go: the protocol defaults to TCP; a missing port is every port of that
protocol; a name is looked up among the container ports of the destination pod, protocol included.
"""

from __future__ import annotations

from dataclasses import dataclass

from .evidence import FALSE, Truth, known, unknown
from .fields import Field
from .traffic import Traffic


@dataclass(frozen=True, slots=True)
class PortEntry:
    """One item of ``ports``: a protocol, and a range of numbers, or a name. ``line`` is where it is written."""

    protocol: str
    first: int = 0
    last: int = 65535
    name: str | None = None
    line: int = 0

    def matches(self, traffic: Traffic) -> Truth:
        """Whether the connection's destination, protocol and port match."""
        destination, protocol, port = traffic.destination, traffic.protocol, traffic.port
        if protocol != self.protocol:
            return FALSE
        if self.name is None:
            return known(self.first <= port <= self.last)
        if not traffic.is_pod(destination):
            return FALSE
        if destination.ports is None:
            return unknown(f"container ports of {destination.name}")
        return known(
            any((own.name, own.protocol, own.number) == (self.name, protocol, port) for own in destination.ports)
        )


def read_port(field: Field) -> PortEntry:
    """The NetworkPolicyPort written at ``field``; null counts as ``{}``: every TCP port."""
    protocol = field.child("protocol").text() or "TCP"
    port, end = field.child("port"), field.child("endPort").whole()
    if isinstance(port.value, str):
        return PortEntry(protocol, name=port.value, line=field.line)
    number = port.whole()
    if number is None:
        return PortEntry(protocol, line=field.line)
    return PortEntry(protocol, number, number if end is None else end, line=field.line)
