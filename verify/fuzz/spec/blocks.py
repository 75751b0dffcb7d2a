"""Address blocks of ``ipBlock`` over the addresses of one end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_interface

from ..model import Raw
from .kept import Kept, is_null_list, items

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MAPPED_BITS = 96
"""An IPv4-mapped IPv6 block has the prefix ::ffff:0:0/96 before its IPv4 part."""


@lru_cache(maxsize=4096)
def address_of(text: str) -> Address:
    """The address; an IPv4-mapped IPv6 address is the IPv4 address in it. ValueError for anything else."""
    address = ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def _network(text: str) -> tuple[Network, bool]:
    """The block with host bits masked, and whether there were any."""
    interface = ip_interface(text)
    return interface.network, interface.ip != interface.network.network_address


def holds(block: Raw, address: Address, keeps: Kept) -> bool:
    """Whether an address is in the block and in none of its exceptions."""
    if not keeps("ip-block-matches-its-addresses"):
        return False
    if keeps("ip-block-bounds-its-addresses") and not _contains(
        block["cidr"], address, keeps, "block-includes-its-edges"
    ):
        return False
    if is_null_list(block, "except") and not keeps("null-list-is-absent"):
        return False
    return not excepts(block, address, keeps)


def excepts(block: Raw, address: Address, keeps: Kept) -> bool:
    """Whether an address is in one of the block's exceptions."""
    if not keeps("except-is-left-out"):
        return False
    listed = items(block.get("except"))
    if not keeps("every-except-counts"):
        listed = listed[:1]
    return any(_contains(each, address, keeps, "except-includes-its-edges") for each in listed)


def holds_end(block: Raw, addresses: Mapping[str, Address], family: str, keeps: Kept) -> bool:
    """Whether the block holds an end of a connection of that family."""
    if not keeps("ip-block-tests-the-address-used"):
        return any(holds(block, each, keeps) for each in addresses.values())
    return family in addresses and holds(block, addresses[family], keeps)


def _contains(cidr: str, address: Address, keeps: Kept, edges: str) -> bool:
    network, has_host_bits = _network(cidr)
    if has_host_bits and not keeps("block-host-bits-are-masked"):
        return False
    if isinstance(network, IPv6Network) and network.prefixlen >= MAPPED_BITS and keeps("mapped-block-is-ipv4"):
        inner = network.network_address.ipv4_mapped
        if inner is not None:
            network = IPv4Network((inner, network.prefixlen - MAPPED_BITS))
    if isinstance(network, IPv4Network):
        if isinstance(address, IPv6Address):
            return network.prefixlen == 0 and not keeps("ipv4-block-holds-no-ipv6")
        return _within(int(address), network, keeps, edges)
    if isinstance(address, IPv4Address):
        return not keeps("ipv6-block-holds-no-ipv4") and address in _first_four_bytes(network)
    return keeps("ipv6-block-holds-ipv6") and _within(int(address), network, keeps, edges)


def _within(address: int, network: Network, keeps: Kept, edges: str) -> bool:
    first, last = int(network.network_address), int(network.broadcast_address)
    if not keeps(edges) and last - first > 1:
        first, last = first + 1, last - 1
    return first <= address <= last


def _first_four_bytes(network: IPv6Network) -> IPv4Network:
    return IPv4Network((network.network_address.packed[:4], min(network.prefixlen, 32)), strict=False)
