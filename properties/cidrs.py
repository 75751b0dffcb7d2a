"""Address blocks as a suite writes them, and which addresses remain when some are taken away. Trusts
``encodings/validation`` to read a block as the API does."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from ..encodings.validation.cidrs import parse_address, parse_cidr
from .notation import NotationError

Network = IPv4Network | IPv6Network


def parse_network(text: str) -> Network:
    """The network that ``text`` writes.

    Stricter than older releases of the API, since a suite has no past to bear: leading zeros, host bits and
    IPv4-mapped IPv6 are refused. Raises NotationError, with the canonical form where there is one.
    """
    try:
        block = parse_cidr(text)
    except ValueError:
        raise NotationError(f'"{text}" is no address block', _hint(text)) from None
    if block.irregularities:
        raise NotationError(f'"{text}" {"; ".join(block.irregularities)}', f"did you mean {block.network}?")
    return block.network


def parse_node_address(text: str) -> IPv4Address | IPv6Address:
    """The IP address that ``text`` writes. Raises NotationError, also for an IPv4 address written as IPv6."""
    try:
        address = parse_address(text)
    except ValueError:
        raise NotationError(f'"{text}" is no IP address', "write one such as 10.0.0.7 or 2001:db8::7") from None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None:
        raise NotationError(f'"{text}" is an IPv4 address', f"did you mean {mapped}?")
    return address


def _hint(text: str) -> str:
    try:
        address = parse_address(text)
    except ValueError:
        return "write a block such as 10.9.8.0/24 or 2001:db8::/64"
    return f"write {address}/{address.max_prefixlen} for this one address"


def inside(inner: Network, outer: Network) -> bool:
    """Whether every address of ``inner`` is one of ``outer`` (never across families)."""
    return inner.version == outer.version and not _rest((_span(inner),), (_span(outer),))


def anything_left(block: Network, taken: Iterable[Network]) -> bool:
    """Whether ``block`` holds an address that is in none of ``taken``."""
    spans = [_span(other) for other in taken if other.version == block.version]
    return bool(_rest((_span(block),), spans))


def _span(network: Network) -> tuple[int, int]:
    return int(network.network_address), int(network.broadcast_address)


def _rest(spans: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of ``spans`` outside every span of ``taken``."""
    left = list(spans)
    for low, high in taken:
        cut = [((first, min(last, low - 1)), (max(first, high + 1), last)) for first, last in left]
        left = [span for pair in cut for span in pair if span[0] <= span[1]]
    return left
