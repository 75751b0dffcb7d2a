"""Ports with what is known of them: intervals of destination ports of all protocols, in one line of numbers.

A port map gives each port in it what the answer depends on: nothing if the port is surely open. Ports it lacks are
surely closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from ...encodings.policy import PortMatch, PortRange, Protocol
from .intervals import normal
from .truths import NOTHING, Dependency, Unknowns

PROTOCOLS: tuple[Protocol, ...] = ("SCTP", "TCP", "UDP")
"""In the order in which output names them."""
_STEP = 1 << 16
PortMap = tuple[tuple[int, int, Unknowns], ...]
"""First and last port of each interval, and what it depends on. Port n of protocol i is the number i · 65536 + n, so
that no interval spans two protocols: there is no port 0 between them."""
Value = Unknowns | None
"""What is known of one port: None if it is closed."""
Ports = tuple[tuple[str, int, int], ...]
"""Protocol, first and last port of each interval."""

CLOSED: PortMap = ()
EVERY: PortMap = tuple((i * _STEP + 1, i * _STEP + 65535, NOTHING) for i in range(len(PROTOCOLS)))


def port_map(matches: Iterable[PortMatch] | None, declared: Iterable[tuple[str, Protocol, int]]) -> PortMap:
    """The ports that a rule's entries match at a destination with these container ports; None matches every port."""
    if matches is None:
        return EVERY
    ranges: list[tuple[Protocol, int, int]] = []
    for match in matches:
        if isinstance(match, PortRange):
            ranges.append((match.protocol, match.first, match.last))
        else:
            ranges.extend((p, n, n) for name, p, n in declared if (name, p) == (match.name, match.protocol))
    # Validation keeps ports between 1 and 65535; what lies outside could only be mistaken for another protocol's.
    inside = ((protocol, max(first, 1), min(last, 65535)) for protocol, first, last in ranges)
    placed = ((_STEP * PROTOCOLS.index(protocol), first, last) for protocol, first, last in inside)
    merged = normal((base + first, base + last) for base, first, last in placed if first <= last)
    return tuple((first, last, NOTHING) for first, last in merged)


def pointwise(maps: Sequence[PortMap], decide: Callable[[tuple[Value, ...]], Value]) -> PortMap:
    """The map that gives each port what ``decide`` makes of its values in all these maps."""
    edges = {edge for each in (*maps, EVERY) for first, last, _ in each for edge in (first, last + 1)}
    starts = sorted(edges)
    positions = [0] * len(maps)
    decided: dict[tuple[Value, ...], Value] = {}
    found: list[tuple[int, int, Unknowns]] = []
    for start, end in pairwise(starts):
        if start % _STEP == 0:
            continue  # between two protocols
        values: list[Value] = []
        for number, each in enumerate(maps):
            while positions[number] < len(each) and each[positions[number]][1] < start:
                positions[number] += 1
            at = positions[number]
            values.append(each[at][2] if at < len(each) and each[at][0] <= start else None)
        key = tuple(values)
        if key not in decided:
            decided[key] = decide(key)
        value = decided[key]
        if value is None:
            continue
        if found and found[-1][1] == start - 1 and found[-1][2] == value:
            found[-1] = (found[-1][0], end - 1, value)
        else:
            found.append((start, end - 1, value))
    return tuple(found)


def both_ends(egress: PortMap, ingress: PortMap) -> PortMap:
    """The ports that both ends let through; unknown where one is unknown and none refuses."""
    if not egress or not ingress:
        return CLOSED
    if egress == EVERY:
        return ingress
    if ingress == EVERY:
        return egress
    return pointwise((egress, ingress), _both)


def _both(values: tuple[Value, ...]) -> Value:
    left, right = values
    return None if left is None or right is None else left | right


def agreement(maps: Sequence[PortMap], otherwise: Dependency) -> PortMap:
    """What is known of a connection of which each map decides a part; where they differ, it depends on ``otherwise``
    too."""
    if all(each == maps[0] for each in maps):
        return maps[0]

    def decide(values: tuple[Value, ...]) -> Value:
        unknowns = NOTHING.union(*(value for value in values if value is not None))
        if len({None if value is None else bool(value) for value in values}) > 1:
            return unknowns | {otherwise}
        return None if values[0] is None else unknowns

    return pointwise(maps, decide)


def ports_of(ports: PortMap) -> Ports:
    """The intervals by protocol, whatever is known of them; neighbours are one."""
    return tuple(
        (PROTOCOLS[first // _STEP], first % _STEP, last % _STEP)
        for first, last in normal((first, last) for first, last, _ in ports)
    )


def by_knowledge(ports: PortMap) -> list[tuple[Unknowns, Ports]]:
    """The open ports, then the undetermined ones, apart by what they depend on, in the order of their first port."""
    found: dict[Unknowns, list[tuple[int, int, Unknowns]]] = {}
    for first, last, unknowns in ports:
        found.setdefault(unknowns, []).append((first, last, unknowns))
    surely = [(NOTHING, found.pop(NOTHING))] if NOTHING in found else []
    return [(unknowns, ports_of(tuple(part))) for unknowns, part in (*surely, *found.items())]
