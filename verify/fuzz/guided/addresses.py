"""Which addresses flows use: the edges of every block and exception for ends outside, and room for pods.

A pod's address lies in as few blocks as it can, since whether ipBlock matches pods is open; where that is fixed, pods
also get addresses in every part into which the blocks divide the space.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ....encodings.addresses import FAMILIES, IPV4_MAPPED, WIDTH, Family, Network, parse_network
from .forms import Blocks

_ROOM = 256
"""Addresses that a part of the space must have for the pods that share it."""
_USUAL_PODS: dict[Family, tuple[Network, ...]] = {
    "IPv4": tuple(
        map(parse_network, ("10.244.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
    ),
    "IPv6": tuple(map(parse_network, ("fd00:10:244::/64", "fd00::/8"))),
}
_USUAL_OUTSIDE: dict[Family, tuple[Network, ...]] = {
    "IPv4": tuple(map(parse_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "1.0.0.0/8"))),
    "IPv6": tuple(map(parse_network, ("2001:db8::/32", "2600::/16"))),
}
"""Addresses for documentation first: nobody has them, so a flow that is really tried bothers nobody."""
_MAPPED = Network("IPv6", IPV4_MAPPED, 96)


@dataclass(frozen=True, slots=True)
class Room:
    """Addresses ``first`` to ``last`` for pods, none of which is anybody's."""

    first: int
    last: int

    def free(self, taken: Collection[int]) -> Iterator[int]:
        """The addresses that nobody has, without the first and the last of the room."""
        return (number for number in range(self.first + 1, self.last) if number not in taken)


@dataclass(frozen=True, slots=True)
class Plan:
    """For each family: addresses of ends outside, rooms for pods (the first is for all that need nothing else), and
    addresses that belong to pods of the cluster."""

    outside: dict[Family, tuple[int, ...]]
    rooms: dict[Family, tuple[Room, ...]]
    taken: dict[Family, frozenset[int]]


def plan_addresses(
    blocks: Iterable[Blocks],
    taken: Iterable[tuple[Family, int]],
    *,
    divided: bool,
    usual: bool,
    families: Collection[Family],
) -> Plan:
    """The plan for these blocks. ``divided``: pods get addresses in every part of the space; ``usual``: in a usual one,
    whatever blocks hold it."""
    listed, known = tuple(blocks), tuple(taken)
    has: dict[Family, frozenset[int]] = {
        family: frozenset(number for own, number in known if own == family) for family in FAMILIES
    }
    outside: dict[Family, tuple[int, ...]] = {}
    rooms: dict[Family, tuple[Room, ...]] = {}
    for family in FAMILIES:
        own = [block for block in listed if block.networks[0].family == family]
        outside[family] = tuple(_outside(family, own, has[family])) if family in families else ()
        rooms[family] = tuple(_rooms(family, own, divided, usual)) if family in families else ()
    return Plan(outside, rooms, has)


def _networks(blocks: Iterable[Blocks]) -> list[Network]:
    return list(dict.fromkeys(network for block in blocks for network in (*block.networks, *block.excepts)))


def _outside(family: Family, blocks: list[Blocks], taken: frozenset[int]) -> Iterator[int]:
    """A usual address, in as few blocks as it can be, and the addresses on both sides of every edge."""
    networks = _networks(blocks)
    usual = min(
        _USUAL_OUTSIDE[family],
        key=lambda each: sum(network.contains(each) or each.contains(network) for network in networks),
    )
    edges = (edge for each in networks for edge in (each.base - 1, each.base, each.last, each.last + 1))
    found = (usual.base + 1, *edges)
    for number in dict.fromkeys(found):
        if 0 <= number < 1 << WIDTH[family] and number not in taken and not _is_mapped(family, number):
            yield number


def _is_mapped(family: Family, number: int) -> bool:
    """An IPv4 address that is written as an IPv6 address: no end has one."""
    return family == "IPv6" and _MAPPED.base <= number <= _MAPPED.last


def _rooms(family: Family, blocks: list[Blocks], divided: bool, usual: bool) -> Iterator[Room]:
    """The parts into which the blocks divide the space: the one for all pods first."""
    networks = [
        *_networks(blocks),
        *_USUAL_PODS[family],
        *_USUAL_OUTSIDE[family],
        *([_MAPPED] if family == "IPv6" else []),
    ]
    edges = sorted({0, 1 << WIDTH[family], *(cut for each in networks for cut in (each.base, each.last + 1))})
    parts = [Room(first, after - 1) for first, after in itertools.pairwise(edges) if not _is_mapped(family, first)]
    common = min(parts, key=lambda part: _preference(family, [] if usual else blocks, part))
    yield common
    if divided:
        seen = {_within(blocks, common)}
        for part in sorted(parts, key=lambda part: (_of_usual(family, part), part.first)):
            if part.last - part.first > 2 and _within(blocks, part) not in seen:
                seen.add(_within(blocks, part))
                yield part


def _lies_in(part: Room, network: Network) -> bool:
    return network.base <= part.first and part.last <= network.last


def _within(blocks: list[Blocks], part: Room) -> tuple[Network, ...]:
    """Which blocks and exceptions a part lies in."""
    return tuple(network for network in _networks(blocks) if _lies_in(part, network))


def _held(blocks: list[Blocks], part: Room) -> int:
    """How many blocks hold the addresses of a part."""
    return sum(
        any(_lies_in(part, network) for network in block.networks)
        and not any(_lies_in(part, network) for network in block.excepts)
        for block in blocks
    )


def _of_usual(family: Family, part: Room) -> int:
    """How usual it is that pods have such addresses; 0 is most usual."""
    usual = (number for number, network in enumerate(_USUAL_PODS[family]) if _lies_in(part, network))
    return next(usual, len(_USUAL_PODS[family]))


def _preference(family: Family, blocks: list[Blocks], part: Room) -> tuple[bool, int, int, int, int]:
    """Room for all pods; in as few blocks as can be; a usual range; large; low."""
    size = part.last - part.first + 1
    return size < _ROOM, _held(blocks, part), _of_usual(family, part), -size, part.first
