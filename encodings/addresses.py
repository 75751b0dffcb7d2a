"""Address ranges of both families as numbers, for the symbolic side.

CIDRs are read as the API server reads them (Go's ``net.ParseCIDR``): host bits are masked away, leading zeros are
decimal, and an IPv4-mapped IPv6 range (``::ffff:10.0.0.0/104``) is the IPv4 range it maps.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

Family = Literal["IPv4", "IPv6"]
FAMILIES: tuple[Family, ...] = ("IPv4", "IPv6")
WIDTH: dict[Family, int] = {"IPv4": 32, "IPv6": 128}
_MAPPED = 0xFFFF  # bits 32 to 127 of an IPv4-mapped IPv6 address
IPV4_MAPPED = _MAPPED << 32
"""The first IPv4-mapped IPv6 address."""


@dataclass(frozen=True, slots=True, order=True)
class Network:
    """The addresses of ``family`` whose first ``length`` bits are those of ``base`` (a number, host bits zero)."""

    family: Family
    base: int
    length: int

    @property
    def last(self) -> int:
        """The highest address in the range."""
        return self.base | ((1 << (WIDTH[self.family] - self.length)) - 1)

    def contains(self, other: Network) -> bool:
        """Is every address of ``other`` in this range?"""
        return self.family == other.family and self.base <= other.base and other.last <= self.last

    def __str__(self) -> str:
        return f"{address_text(self.family, self.base)}/{self.length}"


def _plain(text: str) -> str:
    """Leading zeros dropped from every part of an address, as the API server's parser reads them."""
    return re.sub(r"(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])", "", text)


def parse_address(text: str) -> tuple[Family, int]:
    """The family and number of an address; an IPv4-mapped IPv6 address is IPv4. Raises ValueError."""
    if ":" not in text:
        return "IPv4", int(ipaddress.IPv4Address(_plain(text)))
    number = int(ipaddress.IPv6Address(_plain(text)))
    return ("IPv4", number & 0xFFFFFFFF) if number >> 32 == _MAPPED else ("IPv6", number)


def parse_network(text: str) -> Network:
    """The range that a CIDR names. Raises ValueError."""
    address, _, length_text = text.partition("/")
    if not length_text.isdecimal():
        raise ValueError(f"{text!r} is not a CIDR")
    length = int(length_text)
    family: Family = "IPv6" if ":" in address else "IPv4"
    if length > WIDTH[family]:
        raise ValueError(f"{text!r} is not a CIDR")
    if family == "IPv4":
        return _masked("IPv4", int(ipaddress.IPv4Address(_plain(address))), length)
    number = int(ipaddress.IPv6Address(_plain(address)))
    if number >> 32 == _MAPPED and length >= 96:
        return _masked("IPv4", number & 0xFFFFFFFF, length - 96)
    return _masked("IPv6", number, length)


def _masked(family: Family, number: int, length: int) -> Network:
    host_bits = WIDTH[family] - length
    return Network(family, number >> host_bits << host_bits, length)


def address_text(family: Family, number: int) -> str:
    """The usual spelling of an address."""
    return str(ipaddress.IPv4Address(number) if family == "IPv4" else ipaddress.IPv6Address(number))
