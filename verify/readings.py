"""Readings: what a property fixes of them, and all of them one by one for a property that must hold under each.

A property of all connections leaves what is open to the solver. ``can`` may be fulfilled by another connection under
each reading, so it is asked about one after the other: every value of every open switch, and every order of those
tied policies that can decide differently about what the property speaks of.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..encodings.connection import Connection
from ..encodings.ordering import Contest
from ..encodings.terms import FALSE, Term
from ..properties.suite import Semantics
from .results import Reading

MOST_READINGS = 64
"""No more are tried one by one."""
Asked = Callable[[Sequence[Term]], bool]
"""Can all of these terms hold?"""


@dataclass(frozen=True, slots=True)
class Case:
    """One reading: as printed, and the terms that hold in it."""

    reading: Reading
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """Every switch, as one value or ``either``."""

    ip_block_matches_pods: Literal[True, False, "either"] = "either"
    baseline_hidden_by: Literal["direction", "pod", "either"] = "direction"
    host_network_pods: Literal["excluded", "ordinary", "either"] = "excluded"

    def fixed(self, connection: Connection) -> list[Term]:
        """The terms of the switches that have one value."""
        return [choices[0][0] for choices in self._choices(connection) if len(choices) == 1]

    def cases(self, connection: Connection) -> list[Case]:
        """All values of all switches, in declared order; the order of tied policies is left open."""
        found: list[Case] = []
        for values in itertools.product(*self._choices(connection)):
            reading = Reading(ip_block_matches_pods=True)
            for _, change in values:
                reading = change(reading)
            found.append(Case(reading, tuple(term for term, _ in values)))
        return found

    def _choices(self, connection: Connection) -> Iterator[list[tuple[Term, Callable[[Reading], Reading]]]]:
        """The possible values of each switch that anything depends on: as a term, and as a change of a reading."""
        pods = connection.blocks_match_pods
        yield [
            (term, lambda reading, value=value: replace(reading, ip_block_matches_pods=value))
            for term, value in ((pods, True), (-pods, False))
            if self.ip_block_matches_pods in (value, "either")
        ]
        hidden = connection.hidden_by_pod
        if hidden != FALSE:
            by: tuple[tuple[Term, Literal["direction", "pod"]], ...] = ((-hidden, "direction"), (hidden, "pod"))
            yield [
                (term, lambda reading, value=value: replace(reading, baseline_hidden_by=value))
                for term, value in by
                if self.baseline_hidden_by in (value, "either")
            ]
        ordinary = connection.host_network_ordinary
        if ordinary != FALSE:
            are: tuple[tuple[Term, Literal["excluded", "ordinary"]], ...] = (
                (-ordinary, "excluded"),
                (ordinary, "ordinary"),
            )
            yield [
                (term, lambda reading, value=value: replace(reading, host_network_pods=value))
                for term, value in are
                if self.host_network_pods in (value, "either")
            ]


def readings_of(semantics: Semantics) -> Readings:
    """What the semantics leave open, and what they fix."""
    blocks = semantics.ip_block_matches_pods
    return Readings(
        "either" if blocks is None else blocks,
        semantics.baseline_hidden_by or "direction",
        semantics.host_network_pods or "excluded",
    )


def semantics_shown(semantics: Semantics) -> dict[str, object]:
    """The switches as reports show them."""
    readings = readings_of(semantics)
    return {
        "ipBlockMatchesPods": readings.ip_block_matches_pods,
        "hostNetworkPods": readings.host_network_pods,
        "baselineHiddenBy": readings.baseline_hidden_by,
    }


class TooManyReadingsError(Exception):
    """There are more readings than are tried; ``tied`` are the policies whose orders make them so many."""

    def __init__(self, tied: Sequence[str]) -> None:
        super().__init__(", ".join(tied))
        self.tied = tuple(tied)


def with_orders(cases: Sequence[Case], connection: Connection, about: Sequence[Term], possible: Asked) -> list[Case]:
    """The cases, each in every order of the tied policies that can decide differently about a connection for which the
    terms ``about`` hold. Raises TooManyReadingsError."""
    pairs = _that_matter(connection, about, possible)
    found = list(itertools.islice(_orders(pairs, connection, possible), MOST_READINGS // len(cases) + 1))
    if len(found) * len(cases) > MOST_READINGS:
        index = connection.world.choices.order.index
        names = {policy.reference for pair in pairs for policy in (pair.first, pair.second)}
        raise TooManyReadingsError(sorted(names, key=lambda name: index[name]))
    return [Case(replace(case.reading, order=order), (*case.terms, *terms)) for case in cases for order, terms in found]


def assumed(reading: Reading, connection: Connection) -> list[Term]:
    """The terms of a printed reading, but for ``ipBlockMatchesPods``: its order, and switches that matter at all."""
    order = connection.world.choices.order
    place = {name: number for number, name in enumerate(reading.order)}
    found: list[Term] = []
    for contest in connection.world.choices.contests() if place else ():
        first, second = place.get(contest.first.reference), place.get(contest.second.reference)
        if first is not None and second is not None:
            before = order.before(contest.first, contest.second)
            found.append(before if first < second else -before)
    if connection.hidden_by_pod != FALSE:
        found.append(connection.hidden_by_pod if reading.baseline_hidden_by == "pod" else -connection.hidden_by_pod)
    if connection.host_network_ordinary != FALSE:
        ordinary = connection.host_network_ordinary
        found.append(ordinary if reading.host_network_pods == "ordinary" else -ordinary)
    return list(dict.fromkeys(found))


def _that_matter(connection: Connection, about: Sequence[Term], possible: Asked) -> list[Contest]:
    """The pairs of tied policies that decide differently about some such connection, each once."""
    pairs: dict[tuple[str, str], list[Contest]] = {}
    for contest in connection.world.choices.contests():
        pairs.setdefault((contest.first.reference, contest.second.reference), []).append(contest)
    any_of = connection.world.terms.any_of
    return [
        contests[0] for contests in pairs.values() if possible((*about, any_of(contest.term for contest in contests)))
    ]


def _orders(
    pairs: Sequence[Contest], connection: Connection, possible: Asked
) -> Iterator[tuple[tuple[str, ...], tuple[Term, ...]]]:
    """Every order of the pairs, the one in which they were read first: as printed, and as terms."""
    order = connection.world.choices.order

    def further(
        fixed: tuple[Term, ...], said: tuple[tuple[str, str], ...]
    ) -> Iterator[tuple[tuple[str, ...], tuple[Term, ...]]]:
        if len(said) == len(pairs):
            yield in_line(said, order.index), fixed
            return
        pair = pairs[len(said)]
        first, second = pair.first.reference, pair.second.reference
        before = order.before(pair.first, pair.second)
        for term, names in ((before, (first, second)), (-before, (second, first))):
            if possible((*fixed, term)):
                yield from further((*fixed, term), (*said, names))

    return further((), ())


def in_line(pairs: Iterable[tuple[str, str]], index: dict[str, int]) -> tuple[str, ...]:
    """The names in an order in which the first of each pair stands before the second; else as in ``index``. The pairs
    hold no circle."""
    followers: dict[str, set[str]] = {}
    for first, second in pairs:
        followers.setdefault(first, set()).add(second)
        followers.setdefault(second, set())
    line: list[str] = []
    while followers:
        free = [name for name in followers if not any(name in others for others in followers.values())]
        name = min(free or followers, key=lambda each: index[each])
        line.append(name)
        del followers[name]
    return tuple(line)
