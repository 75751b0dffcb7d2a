"""Addresses for the pods of a suite, in every part into which the policies' blocks divide the space.

Only evaluators see them, since a cluster chooses its own. The answers do not depend on them; a program that takes pods'
addresses for something else shows itself only if they lie in different blocks. Trusts that nobody outside has them.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

from ....encodings.addresses import FAMILIES, WIDTH, Family, Network, address_text, parse_network
from ..model import Raw

_NO_PODS: dict[Family, tuple[Network, ...]] = {
    "IPv4": tuple(map(parse_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"))),
    "IPv6": (Network("IPv6", 0, 8), *map(parse_network, ("fe80::/10", "ff00::/8"))),
}
"""Where no pod can have an address: IPv6 addresses below 100:: stand for IPv4 ones, or for the host itself."""
_PRIVATE: dict[Family, tuple[Network, ...]] = {
    "IPv4": tuple(map(parse_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))),
    "IPv6": (parse_network("fd00::/8"),),
}
_FIRST = 16
"""How far into a part the first pod's address is, where there is room: off its edge."""


def spread(pods: Sequence[Raw], networks: Collection[Network], taken: Collection[tuple[Family, int]]) -> None:
    """Give each pod of each part of the space an address in turn. ``networks``: blocks and exceptions; ``taken``:
    addresses of others. A family whose space is not divided is left as it is."""
    for family in FAMILIES:
        others = {number for own, number in taken if own == family}
        rooms = [_free(part, others) for part in _parts(family, networks, len(pods))]
        if len(rooms) > 1:
            for pod, room in zip(pods, itertools.cycle(rooms), strict=False):
                _give(pod, family, next(room))


def _give(pod: Raw, family: Family, number: int) -> None:
    """Replace the pod's address of this family, if it has one."""
    entries: list[Raw] = pod["status"]["podIPs"]
    for entry in entries:
        if (":" in entry["ip"]) == (family == "IPv6"):
            entry["ip"] = address_text(family, number)
    pod["status"]["podIP"] = entries[0]["ip"]


def _free(part: tuple[int, int], others: Collection[int]) -> Iterator[int]:
    first, last = part
    offset = _FIRST if last - first > 2 * _FIRST else 1
    return (number for number in range(first + offset, last) if number not in others)


def _parts(family: Family, networks: Collection[Network], count: int) -> list[tuple[int, int]]:
    """For each set of networks that some addresses lie in, one part of the space with room for all pods."""
    own = [each for each in networks if each.family == family]
    bounds = (*own, *_NO_PODS[family], *_PRIVATE[family])
    edges = sorted({0, 1 << WIDTH[family], *(edge for each in bounds for edge in (each.base, each.last + 1))})
    parts = [(first, after - 1) for first, after in itertools.pairwise(edges) if after - first > 2 * count + _FIRST]
    usable = [part for part in parts if not _lies_in(part, _NO_PODS[family])]
    usable.sort(key=lambda part: (not _lies_in(part, _PRIVATE[family]), part))
    found: dict[tuple[Network, ...], tuple[int, int]] = {}
    for part in usable:
        found.setdefault(tuple(each for each in own if _lies_in(part, (each,))), part)
    return list(found.values())


def _lies_in(part: tuple[int, int], networks: Collection[Network]) -> bool:
    return any(each.base <= part[0] and part[1] <= each.last for each in networks)
