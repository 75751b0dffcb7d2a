"""Flows beside those at the boundaries: pairs of circumstances, and pods that are others in name alone.

Their ends are those that the suite has anyway, and namesakes. Only flows with a steady answer are taken.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..features_of import PROTOCOL_FEATURES
from ..model import Family, Flow
from .circumstances import Circumstance, Circumstances, Pair
from .covering import cover
from .namesakes import Namesakes
from .truth import Truth

_MOST_TRIED = 8_000
"""Connections between pods, and as many with outside, that are looked at: evenly over all that there are."""
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_NAMESAKE: Circumstance = ("place", "a namesake has another answer")
Way = tuple[str, int, Family]


@dataclass(frozen=True, slots=True)
class Completing:
    """``pods``: names of those that may be ends; ``without``: features that no flow may use."""

    truth: Truth
    circumstances: Circumstances
    pods: tuple[str, ...]
    namesakes: Namesakes
    without: frozenset[str]

    def more(self, flows: Sequence[Flow], limit: int) -> list[tuple[Flow, frozenset[Pair]]]:
        """Up to ``limit`` flows that have pairs of circumstances which ``flows`` do not have, with these pairs."""
        done: set[Pair] = set()
        for flow in flows:
            done |= self.circumstances.pairs(flow)
        tried: list[tuple[Flow, frozenset[Pair]]] = []
        for flow, pairs in (*self._variants(flows), *self._candidates(flows)):
            if pairs - done and self.truth.steady(flow) is not None:
                tried.append((flow, pairs - done))
        tried.sort(key=lambda each: _unusual(each[0]))
        found: list[tuple[Flow, frozenset[Pair]]] = []
        for position in cover([pairs for _, pairs in tried], limit=limit):
            flow, pairs = tried[position]
            found.append((flow, pairs - done))
            done |= pairs
        return found

    def _variants(self, flows: Sequence[Flow]) -> Iterator[tuple[Flow, frozenset[Pair]]]:
        """Flows of namesakes that have another answer than the original's: what made the difference is the name."""
        for flow in flows:
            answer = self.truth.steady(flow)
            for variant in self.namesakes.variants(flow) if answer is not None else ():
                if self.truth.steady(variant) == (not answer):
                    own = frozenset((cause, _NAMESAKE) for cause in self.circumstances.causes(flow))
                    yield variant, self.circumstances.pairs(variant) | own

    def _candidates(self, flows: Sequence[Flow]) -> Iterator[tuple[Flow, frozenset[Pair]]]:
        ways = list(self._ways(flows))
        for flow in (*self._inside(ways), *self._with_outside(ways, self._outside(flows))):
            yield flow, self.circumstances.pairs(flow)

    def _ways(self, flows: Sequence[Flow]) -> Iterator[Way]:
        """Every protocol with every port and family of the flows."""
        families: list[Family] = list(dict.fromkeys(flow.family for flow in flows))
        for protocol in _PROTOCOLS:
            if PROTOCOL_FEATURES.get(protocol) not in self.without:
                for number in sorted({flow.port for flow in flows}):
                    for family in families:
                        yield protocol, number, family

    def _outside(self, flows: Sequence[Flow]) -> list[tuple[Family, str]]:
        """Addresses that flows have."""
        found: dict[tuple[Family, str], None] = {}
        for flow in flows:
            found.update({(flow.family, end): None for end in (flow.source, flow.destination) if "/" not in end})
        return list(found)

    def _inside(self, ways: Sequence[Way]) -> Iterator[Flow]:
        count = len(self.pods)
        for number in _evenly(len(ways) * count * count):
            way, pair = divmod(number, count * count)
            source, destination = divmod(pair, count)
            if source != destination:
                yield Flow(self.pods[source], self.pods[destination], *ways[way])

    def _with_outside(self, ways: Sequence[Way], outside: Sequence[tuple[Family, str]]) -> Iterator[Flow]:
        roles = [role for role in ("outside-source", "outside-destination") if role not in self.without]
        parts = (len(ways), len(outside), len(self.pods), len(roles))
        for number in _evenly(math.prod(parts)):
            way, address, pod, role = _digits(number, parts)
            family, end = outside[address]
            if ways[way][2] == family:
                ends = (end, self.pods[pod]) if roles[role] == "outside-source" else (self.pods[pod], end)
                yield Flow(*ends, *ways[way])


def _unusual(flow: Flow) -> tuple[bool, bool, bool]:
    """What makes a flow hard to try on a cluster: of two that do the same, the other one is taken."""
    return "/" not in flow.source, flow.family == "IPv6", flow.protocol != "TCP"


def _evenly(total: int) -> Iterator[int]:
    """All numbers below the total or, if they are too many, some, spread over all of them."""
    if total <= _MOST_TRIED:
        yield from range(total)
        return
    step = next(step for step in range(int(total * 0.618), total) if math.gcd(step, total) == 1)
    yield from (number * step % total for number in range(_MOST_TRIED))


def _digits(number: int, parts: Collection[int]) -> list[int]:
    """The number in a system whose places have these sizes."""
    found: list[int] = []
    for size in reversed(tuple(parts)):
        number, digit = divmod(number, size)
        found.append(digit)
    return found[::-1]
