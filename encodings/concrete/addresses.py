"""Addresses and address blocks, as ``ipBlock`` uses them.

Follows Go's ``net.ParseCIDR`` and ``IPNet.Contains`` (golang/go:src/net/ip.go), which the API's consumers
use: host bits of a block are masked away, leading zeros are decimal, an IPv4-mapped IPv6 address or block
(prefix of at least 96 bits) is IPv4, and a block holds no address of the other family.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Family = Literal["IPv4", "IPv6"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _without_leading_zeros(text: str) -> str:
    head, colon, tail = text.rpartition(":")
    parts = tail.split(".") if "." in tail else [tail]
    last = ".".join(part.lstrip("0") or part[:1] for part in parts)
    return ":".join(group.lstrip("0") or group[:1] for group in head.split(":")) + colon + last


@lru_cache(maxsize=65536)
def parse_address(text: str) -> Address:
    """The address ``text`` names, IPv4-mapped IPv6 as IPv4. ValueError if it names none (zones are
    refused)."""
    if "%" in text:
        raise ValueError(f"{text!r} has a zone")
    address = ipaddress.ip_address(_without_leading_zeros(text))
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def parse_network(text: str) -> Network:
    """The block ``text`` names in CIDR notation, host bits masked. ValueError if it names none."""
    head, slash, prefix = text.partition("/")
    if not slash or not prefix.isascii() or not prefix.isdigit() or "%" in head:
        raise ValueError(f"{text!r} is not in CIDR notation")
    bits = int(prefix)
    network = ipaddress.ip_network(f"{_without_leading_zeros(head)}/{bits}", strict=False)
    if isinstance(network, ipaddress.IPv6Network) and bits >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.IPv4Network((mapped, bits - 96))
    return network


def family_of(address: Address | Network) -> Family:
    """The family of an address or a block."""
    return "IPv4" if address.version == 4 else "IPv6"


def within(address: Address, network: Network) -> bool:
    """Whether the block holds the address; never across families."""
    return address.version == network.version and address in network


@dataclass(frozen=True, slots=True)
class Block:
    """A block of addresses without some blocks inside it: ``ipBlock``, or a ``cidr`` group."""

    cidr: Network
    excepted: tuple[Network, ...] = ()

    def holds(self, address: Address) -> bool:
        """Whether ``address`` is in the block and in none of the exceptions."""
        return within(address, self.cidr) and not any(within(address, inner) for inner in self.excepted)

    def holds_any_of(self, family: Family) -> bool | None:
        """Whether the block holds every address of the family (True), none (False), or some (None)."""
        if family_of(self.cidr) != family:
            return False
        return True if self.cidr.prefixlen == 0 and not self.excepted else None
