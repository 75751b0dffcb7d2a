"""Tables of what is allowed between pods and ranges of addresses, as analyzers of whole clusters print them.

What a table does not list is not allowed. Its rows may overlap, so membership is what is asked. Trusts nothing: text
that is not understood is Trouble, never a row that is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ..evaluators.excerpts import shown
from ..model import Flow, Trouble

PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})
Address = IPv4Address | IPv6Address
Span = tuple[int, int]
"""The first and the last of some ports."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """A range of addresses, both ends included."""

    first: Address
    last: Address

    def hold(self, text: str) -> bool:
        """Whether an end of a flow is one of them."""
        if "/" in text:
            return False
        address = ip_address(text)
        return address.version == self.first.version and int(self.first) <= int(address) <= int(self.last)


End = str | Addresses
"""``namespace/name`` of a pod, or a range of addresses."""


@dataclass(frozen=True, slots=True)
class Cube:
    """Some protocols with some ports; None is all of them."""

    protocols: frozenset[str] | None = None
    ports: tuple[Span, ...] | None = None

    def holds(self, protocol: str, port: int) -> bool:
        """Whether it holds one port."""
        right = self.protocols is None or protocol in self.protocols
        return right and (self.ports is None or any(first <= port <= last for first, last in self.ports))


@dataclass(frozen=True, slots=True)
class Connections:
    """What is in one of the cubes or, turned round, in none of them."""

    cubes: tuple[Cube, ...]
    complement: bool = False

    def hold(self, protocol: str, port: int) -> bool:
        """Whether they hold one port."""
        return any(cube.holds(protocol, port) for cube in self.cubes) != self.complement


EVERYTHING = Connections((Cube(),))
NOTHING = Connections(())


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    source: End
    destination: End
    connections: Connections

    def allows(self, flow: Flow) -> bool:
        """Whether it alone allows a flow."""
        ends = _is(self.source, flow.source) and _is(self.destination, flow.destination)
        return ends and self.connections.hold(flow.protocol, flow.port)


@dataclass(frozen=True, slots=True)
class Table:
    """All that an analyzer says about a cluster."""

    rows: tuple[Row, ...]

    def allows(self, flow: Flow) -> bool:
        """Whether it allows a flow."""
        return any(row.allows(flow) for row in self.rows)


def end_of(text: str) -> End:
    """A pod or some addresses: ``a.b.c.d``, ``a.b.c.d-e.f.g.h`` or a CIDR. Raises Trouble for anything else."""
    first, _, last = text.partition("-")
    try:
        if "/" in text:
            network = ip_network(text)
            return Addresses(network[0], network[-1])
        ends = Addresses(ip_address(first), ip_address(last or first))
    except ValueError:
        if text.count("/") == 1 and not text.startswith("/") and not text.endswith("/"):
            return text
        raise misunderstood(text, "is neither a pod nor addresses") from None
    if ends.first.version != ends.last.version:
        raise misunderstood(text, "is no range of addresses")
    return ends


def span_of(text: str) -> Span:
    """A port, or a range of ports. Raises Trouble for anything else."""
    first, dash, last = text.strip().partition("-")
    if not _is_number(first) or (dash and not _is_number(last)):
        raise misunderstood(text, "is no port")
    return int(first), int(last or first)


def misunderstood(text: str, problem: str) -> Trouble:
    """The Trouble with a text that is not what was expected."""
    return Trouble("garbled", f"it prints: {shown(text)}\nthis {problem}")


def counted(verdicts: Sequence[bool], count: int) -> Sequence[bool]:
    """The verdicts, if there is one for each question. Raises Trouble otherwise."""
    if len(verdicts) != count:
        kind = "silent" if len(verdicts) < count else "garbled"
        raise Trouble(kind, f"{len(verdicts)} verdicts on {count} connections")
    return verdicts


def _is(end: End, asked: str) -> bool:
    return end == asked if isinstance(end, str) else end.hold(asked)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
