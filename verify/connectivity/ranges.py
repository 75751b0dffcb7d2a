"""The addresses outside the cluster, cut into ranges that no rule tells apart.

Outside is what is neither a declared pod's address nor in the world's podCIDRs or nodeCIDRs. The IPv4-mapped IPv6
addresses are IPv4 ones, so there are none of them among the IPv6 ranges; a range may span the hole they leave.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...encodings.addresses import FAMILIES, IPV4_MAPPED, WIDTH, Family, Network, address_text
from ...encodings.policy import BlockPeer
from .intervals import Interval, Intervals, intersect, normal, subtract
from .truths import bits

_MAPPED: Interval = (IPV4_MAPPED, IPV4_MAPPED + (1 << 32) - 1)


@dataclass(frozen=True, slots=True, order=True)
class AddressRange:
    """The addresses of a family from ``first`` to ``last``; ranges sort IPv4 before IPv6, then by number."""

    family: Family
    first: int
    last: int

    def __str__(self) -> str:
        return f"{address_text(self.family, self.first)}-{address_text(self.family, self.last)}"


def whole(family: Family) -> Intervals:
    """Every address of the family."""
    return ((0, (1 << WIDTH[family]) - 1),)


def networks_of(networks: Iterable[Network], family: Family) -> Intervals:
    """The addresses of the family in any of these networks."""
    return normal((each.base, each.last) for each in networks if each.family == family)


def block_of(block: BlockPeer) -> Intervals:
    """The addresses that an ipBlock names, all of its network's family."""
    family = block.network.family
    return subtract(networks_of((block.network,), family), networks_of(block.excepts, family))


def outside(family: Family, networks: Iterable[Network], addresses: Iterable[tuple[Family, int]]) -> Intervals:
    """The family's addresses in none of the networks and none of the addresses."""
    taken = normal((number, number) for own, number in addresses if own == family)
    left = subtract(subtract(whole(family), networks_of(networks, family)), taken)
    return subtract(left, (_MAPPED,)) if family == "IPv6" else left


class AddressSpace:
    """The outside addresses in ``ranges``, sorted, each inside or outside of every ipBlock as a whole.

    ``universe`` are the outside addresses of each family; ``cuts`` further sets whose borders are borders.
    """

    def __init__(
        self,
        blocks: Collection[BlockPeer],
        universe: Mapping[Family, Intervals],
        cuts: Sequence[Mapping[Family, Intervals]] = (),
    ) -> None:
        self._blocks = {block: block_of(block) for block in blocks}
        ranges: list[AddressRange] = []
        self._starts: dict[Family, tuple[int, list[int]]] = {}
        for family in FAMILIES:
            sets = [known for block, known in self._blocks.items() if block.network.family == family]
            sets += [cut.get(family, ()) for cut in cuts]
            found = list(_cut(universe.get(family, ()), sets))
            self._starts[family] = (len(ranges), [first for first, _ in found])
            ranges += [AddressRange(family, first, last) for first, last in found]
        self.ranges = tuple(ranges)
        neighbours = enumerate(pairwise(ranges), 1)
        self._adjacent = sum(1 << number for number, (left, right) in neighbours if _adjacent(left, right))
        """The ranges that begin where the one before them ends."""

    def among(self, family: Family, addresses: Intervals) -> int:
        """The ranges that lie in a set of addresses made of blocks and cuts, as bits."""
        offset, starts = self._starts[family]
        found = 0
        for first, last in addresses:
            low, high = bisect_left(starts, first), bisect_left(starts, last + 1)
            found |= (1 << high) - (1 << low)
        return found << offset

    def in_block(self, block: BlockPeer) -> int:
        """The ranges that an ipBlock holds, as bits."""
        return self.among(block.network.family, self._blocks[block])

    def holders(self, family: Family, number: int) -> frozenset[int]:
        """The numbers of the blocks that hold an address, outside or not."""
        return frozenset(
            index
            for index, (block, known) in enumerate(self._blocks.items())
            if block.network.family == family and intersect(((number, number),), known)
        )

    def merged(self, chosen: int) -> tuple[AddressRange, ...]:
        """The chosen ranges, neighbours made one."""
        joined = chosen & (chosen << 1) & self._adjacent
        firsts, lasts = bits(chosen & ~joined), bits(chosen & ~(joined >> 1))
        return tuple(
            AddressRange(self.ranges[first].family, self.ranges[first].first, self.ranges[last].last)
            for first, last in zip(firsts, lasts, strict=True)
        )


def _adjacent(left: AddressRange, right: AddressRange) -> bool:
    """Does the one range begin where the other ends, or with nothing between them but the hole of mapped addresses?"""
    between = (left.last + 1, right.first - 1)
    return left.family == right.family and (between[1] < between[0] or (left.family == "IPv6" and between == _MAPPED))


def _cut(universe: Intervals, sets: Iterable[Intervals]) -> Iterable[Interval]:
    """The universe in pieces that each of the sets holds as a whole or not at all."""
    borders = sorted({border for each in sets for first, last in each for border in (first, last + 1)})
    for first, last in universe:
        inner = borders[bisect_left(borders, first + 1) : bisect_left(borders, last + 1)]
        yield from zip((first, *inner), (*(border - 1 for border in inner), last), strict=True)
