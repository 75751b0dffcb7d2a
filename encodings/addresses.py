"""Address ranges of both families as numbers, for the symbolic side.

CIDRs are read as the API server reads them (Go's ``net.ParseCIDR``): host bits are masked away, leading zeros are
decimal, and an IPv4-mapped IPv6 range (``::ffff:10.0.0.0/104``) is the IPv4 range it maps.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

Family = Literal["IPv4", "IPv6"]
FAMILIES: tuple[Family, ...] = ("IPv4", "IPv6")
WIDTH: dict[Family, int] = {"IPv4": 32, "IPv6": 128}


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


def _decimal(text: str) -> str:
    """Leading zeros dropped from the parts of a dotted quad, as Go reads them."""
    return ".".join(str(int(part)) if part.isdecimal() else part for part in text.split("."))


def parse_address(text: str) -> tuple[Family, int]:
    """The family and number of an address; an IPv4-mapped IPv6 address is IPv4. Raises ValueError."""
    if ":" not in text:
        return "IPv4", int(ipaddress.IPv4Address(_decimal(text)))
    number = int(ipaddress.IPv6Address(text))
    if number >> 32 == 0xFFFF:
        return "IPv4", number & 0xFFFFFFFF
    return "IPv6", number


def parse_network(text: str) -> Network:
    """The range that a CIDR names. Raises ValueError."""
    address, slash, length_text = text.partition("/")
    if not slash or not length_text.isdecimal():
        raise ValueError(f"{text!r} is not a CIDR")
    length = int(length_text)
    if ":" in address:
        number = int(ipaddress.IPv6Address(address))
        if length > 128:
            raise ValueError(f"{text!r} is not a CIDR")
        if number >> 32 == 0xFFFF and length >= 96:
            return _masked("IPv4", number & 0xFFFFFFFF, length - 96)
        return _masked("IPv6", number, length)
    if length > 32:
        raise ValueError(f"{text!r} is not a CIDR")
    return _masked("IPv4", int(ipaddress.IPv4Address(_decimal(address))), length)


def _masked(family: Family, number: int, length: int) -> Network:
    host_bits = WIDTH[family] - length
    return Network(family, number >> host_bits << host_bits, length)


def address_text(family: Family, number: int) -> str:
    """The usual spelling of an address."""
    return str(ipaddress.IPv4Address(number) if family == "IPv4" else ipaddress.IPv6Address(number))
