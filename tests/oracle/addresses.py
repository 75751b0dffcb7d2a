"""Addresses for the oracle: blocks, and the regions that a set of blocks cuts the address space into.

Trusts the standard library to read a CIDR's text, and nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal

Family = Literal["IPv4", "IPv6"]
FAMILIES: tuple[Family, Family] = ("IPv4", "IPv6")
MAPPED = 0xFFFF << 32
"""Start of ``::ffff:0:0/96``: an IPv4 address written as IPv6 is the IPv4 address."""


@dataclass(frozen=True, slots=True)
class Span:
    """The addresses ``first`` to ``last`` of a family, both included."""

    family: Family
    first: int
    last: int

    def contains(self, family: Family, address: int) -> bool:
        """Whether the address lies in it; an address of the other family never does."""
        return family == self.family and self.first <= address <= self.last


@dataclass(frozen=True, slots=True)
class Block:
    """A CIDR without its exceptions."""

    span: Span
    excepts: tuple[Span, ...] = ()

    def contains(self, family: Family, address: int) -> bool:
        """Whether the address lies in the CIDR and in none of the exceptions."""
        inside = self.span.contains(family, address)
        return inside and not any(span.contains(family, address) for span in self.excepts)

    @property
    def spans(self) -> tuple[Span, ...]:
        """All the spans whose edges matter."""
        return (self.span, *self.excepts)


def parse_span(cidr: str) -> Span:
    """A CIDR's addresses: host bits are masked away, ``::ffff:10.0.0.0/104`` is ``10.0.0.0/8``."""
    network = ip_network(cidr, strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 4:
        return Span("IPv4", first, last)
    if network.prefixlen >= 96 and first >> 32 == 0xFFFF:
        return Span("IPv4", first - MAPPED, last - MAPPED)
    return Span("IPv6", first, last)


def canonical(cidr: str) -> str:
    """The same addresses as a suite accepts them: without host bits, IPv4 as IPv4."""
    network = ip_network(cidr, strict=False)
    span = parse_span(cidr)
    prefix = network.prefixlen - (96 if network.version == 6 and span.family == "IPv4" else 0)
    return f"{render(span.family, span.first)}/{prefix}"


def parse_block(cidr: str, excepts: Iterable[str] = ()) -> Block:
    """A CIDR and its exceptions."""
    return Block(parse_span(cidr), tuple(parse_span(text) for text in excepts))


def parse_address(text: str) -> tuple[Family, int]:
    """An address; an IPv4-mapped one is IPv4."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return "IPv4" if isinstance(address, IPv4Address) else "IPv6", int(address)


def render(family: Family, address: int) -> str:
    """An address as text."""
    return str(IPv4Address(address) if family == "IPv4" else IPv6Address(address))


@dataclass(frozen=True, slots=True)
class Region:
    """Addresses that nothing in the question tells apart: one of them (``first``), and whether it is the only one."""

    family: Family
    first: int
    alone: bool


def regions(family: Family, spans: Iterable[Span], signature: Callable[[Family, int], Hashable]) -> tuple[Region, ...]:
    """The whole address space of the family, cut at every span's edges; pieces with one signature are one region."""
    last = 2**32 - 1 if family == "IPv4" else 2**128 - 1
    spans = [span for span in spans if span.family == family]
    if family == "IPv6":
        spans.append(Span("IPv6", MAPPED, MAPPED + 2**32 - 1))
    edges = sorted({0, *(span.first for span in spans), *(span.last + 1 for span in spans if span.last < last)})
    pieces: dict[Hashable, list[tuple[int, int]]] = {}
    for start, following in zip(edges, [*edges[1:], last + 1], strict=True):
        if family == "IPv6" and start >> 32 == 0xFFFF:
            continue  # those addresses are IPv4
        pieces.setdefault(signature(family, start), []).append((start, following - start))
    return tuple(Region(family, found[0][0], sum(size for _, size in found) == 1) for found in pieces.values())
