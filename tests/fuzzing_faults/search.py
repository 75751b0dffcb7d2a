"""How many questions it takes until an evaluator with a seeded fault gives an answer that is wrong.

Asks what ``fuzz`` asks: the same clusters, and the flows that the solver proposes or that are drawn blindly. A cluster
is put to all faults that are still to be found, since proposing flows is what takes time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from netpol_verify.verify.fuzz.compare import Case, Disagreement, compare
from netpol_verify.verify.fuzz.drawing.clusters import clusters
from netpol_verify.verify.fuzz.drawing.flows import flows
from netpol_verify.verify.fuzz.drawing.one import draw_one
from netpol_verify.verify.fuzz.guided import Guided, guided
from netpol_verify.verify.fuzz.judge import Judge
from netpol_verify.verify.fuzz.model import Cluster, Flow
from netpol_verify.verify.fuzz.novelty import Novelty

from .evaluator import RIGHT, Faulty, may_show
from .fault import Fault

BLIND_FLOWS = 20
"""Flows drawn for a cluster, as in a blind hunt."""


@dataclass(frozen=True)
class Asked:
    """What a hunt asks about a cluster, with the right answers."""

    case: Case
    judge: Judge


@dataclass(frozen=True)
class Found:
    """The first wrong answer: to the question number ``flows`` of the hunt, in its cluster number ``clusters``, both
    counted from 1. ``case``: all that was asked about the cluster."""

    flows: int
    clusters: int
    disagreement: Disagreement
    case: Case


@dataclass(frozen=True)
class Searched:
    """What came of a search. ``flows`` and ``clusters``: what was asked in all of evaluators whose fault stayed
    hidden."""

    found: dict[str, Found]
    flows: int
    clusters: int


class _Remembering(Judge):
    """A judge that is asked about a flow for many evaluators, and judges it once."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self._truths: dict[Flow, frozenset[bool]] = {}

    def truth(self, flow: Flow) -> frozenset[bool]:
        """As a judge; no fault is planted when this is asked."""
        if flow not in self._truths:
            self._truths[flow] = super().truth(flow)
        return self._truths[flow]


def proposals(seed: int) -> Iterator[Guided]:
    """The clusters of a hunt with what the solver proposes, without end."""
    return map(guided, _clusters(seed))


def every_flow(proposed: Iterable[Guided]) -> Iterator[Asked]:
    """The flows that the solver proposes."""
    for found in proposed:
        yield _asked(found.cluster, (each.flow for each in found.flows))


def novel_flows(proposed: Iterable[Guided], most: int) -> Iterator[Asked]:
    """Of the flows that the solver proposes, those that try what was not tried before, so many for a cluster."""
    novelty = Novelty(most)
    for found in proposed:
        yield _asked(found.cluster, novelty.chosen(found))


def blind_flows(seed: int, most: int) -> Iterator[Asked]:
    """Flows between the cluster's own pods and addresses, drawn, so many for a cluster."""
    for number, cluster in enumerate(_clusters(seed)):
        strategy = flows(cluster)
        yield _asked(cluster, (draw_one(strategy, f"{seed}/{number}/flow {each}") for each in range(most)))


def search(faults: Iterable[Fault], cases: Iterable[Asked]) -> Searched:
    """Put cases to an evaluator with each fault until all faults are found, or the cases end.

    Raises AssertionError if the evaluator is wrong without a fault.
    """
    left = {fault.id: Faulty(fault) for fault in faults}
    found: dict[str, Found] = {}
    asked = clusters_asked = 0
    for each in cases:
        assert not compare(Faulty(RIGHT), each.case, each.judge).disagreements
        clusters_asked += 1
        for evaluator in [*left.values()]:
            first = _first_wrong(evaluator, each)
            if first is not None:
                position, disagreement = first
                found[evaluator.name] = Found(asked + position, clusters_asked, disagreement, each.case)
                del left[evaluator.name]
        asked += len(each.case.flows)
        if not left:
            break
    return Searched(found, asked, clusters_asked)


def found_by_guided(faults: Iterable[Fault], seed: int, number: int) -> dict[str, int]:
    """The number, from 1, of the cluster of a hunt that shows each fault, if one of the first ``number`` does.

    Clusters that no fault left reads otherwise than it should need no flows: they cannot show it.
    """
    left = {fault.id: fault for fault in faults}
    found: dict[str, int] = {}
    for at, cluster in enumerate(islice(_clusters(seed), number), start=1):
        some = [fault for fault in left.values() if may_show(fault, cluster)]
        for name in search(some, every_flow([guided(cluster)])).found if some else ():
            found[name] = at
            del left[name]
    return found


def _clusters(seed: int) -> Iterator[Cluster]:
    """The clusters of a hunt, without end."""
    strategy = clusters()
    return (draw_one(strategy, f"{seed}/{number}") for number in count())


def _asked(cluster: Cluster, asked: Iterable[Flow]) -> Asked:
    return Asked(Case(cluster, tuple(dict.fromkeys(asked))), _Remembering(cluster))


def _first_wrong(evaluator: Faulty, asked: Asked) -> tuple[int, Disagreement] | None:
    """The first wrong answer to a case, and where it stands, from 1."""
    wrong: Sequence[Disagreement] = compare(evaluator, asked.case, asked.judge).disagreements
    return (asked.case.flows.index(wrong[0].flow) + 1, wrong[0]) if wrong else None
