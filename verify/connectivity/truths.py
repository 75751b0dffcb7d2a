"""What is known of whether something holds for each of many ends at once: Kleene's strong logic over sets of ends.

A set of ends is an integer, one bit an end, so that an operation costs the same for two ends as for sixty. What the
answer depends on where it is unknown is kept in the concrete evaluator's words, with the end's name left open: ends of
one class differ in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Role = Literal["source", "destination"]


@dataclass(frozen=True, slots=True)
class EndName:
    """What reasons call an end: a workload ``shop/web`` with its namespace, or a range of addresses."""

    title: str
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something nobody knows: ``text``, followed by the title of the connection's ``end`` if one is given, or by the
    name of its namespace."""

    text: str
    end: Role | None = None
    of_namespace: bool = False

    def words(self, source: EndName, destination: EndName) -> str:
        """The dependency of a connection between two ends of these names."""
        if self.end is None:
            return self.text
        end = source if self.end == "source" else destination
        return self.text + (end.namespace if self.of_namespace else end.title)


Unknowns = frozenset[Dependency]
"""What an unknown answer depends on."""
NOTHING: Unknowns = frozenset()
"""A known answer depends on nothing."""


@dataclass(frozen=True, slots=True)
class Truths:
    """For every end: it holds (the bits of ``surely``), it is unknown (``unsure``: disjoint sets of ends, each with
    what it depends on), or it does not hold (all other ends)."""

    surely: int
    unsure: tuple[tuple[Unknowns, int], ...] = ()

    def possibly(self) -> int:
        """The ends for which it may hold."""
        return self.surely | sum(ends for _, ends in self.unsure)  # disjoint, so the sum is the union

    def cases(self) -> Iterator[tuple[Unknowns, int]]:
        """Every way in which it holds or may hold, with the ends: nothing unknown first."""
        if self.surely:
            yield NOTHING, self.surely
        yield from self.unsure


NEVER = Truths(0)


def _truths(surely: int, unsure: dict[Unknowns, int]) -> Truths:
    return Truths(surely, tuple((unknowns, ends) for unknowns, ends in unsure.items() if ends))


def both(left: Truths, right: Truths) -> Truths:
    """It holds where both hold; where neither fails, it is unknown if one is, and depends on what they depend on."""
    if not left.unsure and not right.unsure:
        return Truths(left.surely & right.surely)
    unsure: dict[Unknowns, int] = {}
    for first, ends in left.cases():
        for second, others in right.cases():
            if (first or second) and ends & others:
                unknowns = first | second
                unsure[unknowns] = unsure.get(unknowns, 0) | (ends & others)
    return _truths(left.surely & right.surely, unsure)


def any_of(truths: Iterable[Truths]) -> Truths:
    """It holds where one holds; where none surely does, it is unknown if one is."""
    listed = list(truths)
    surely = 0
    for each in listed:
        surely |= each.surely
    unsure: dict[Unknowns, int] = {}
    for each in listed:
        for unknowns, ends in each.unsure:
            _add(unsure, unknowns, ends & ~surely)
    return _truths(surely, unsure)


def _add(unsure: dict[Unknowns, int], unknowns: Unknowns, ends: int) -> None:
    """Record that the answer for these ends depends on ``unknowns`` too."""
    for known, others in list(unsure.items()):
        shared = others & ends
        if shared and not unknowns <= known:
            unsure[known] = others & ~shared
            more = known | unknowns
            unsure[more] = unsure.get(more, 0) | shared
        ends &= ~shared
    if ends:
        unsure[unknowns] = unsure.get(unknowns, 0) | ends


def bits(ends: int) -> Iterator[int]:
    """The numbers of the ends in a set, ascending."""
    while ends:
        lowest = ends & -ends
        yield lowest.bit_length() - 1
        ends ^= lowest
