"""How many questions it takes to find each seeded fault (tests/fuzzing_faults), if the solver proposes the flows of a
cluster and if they are drawn blindly: a table by area, of medians over several seeds.

Run as a program: ``python benchmarks/fuzz_faults.py``. A fault that is not found counts with all that was asked.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fuzzing_faults import AREAS, FAULTS, Fault
from fuzzing_faults.search import Asked, blind_flows, every_flow, novel_flows, proposals, search
from netpol_verify.verify.fuzz.guided import Guided

NOVEL, BLIND = (20, 10, 40), (20, 5)
"""Flows for a cluster: those proposed that try what is new, as many as ``fuzz`` asks, fewer and more;
and drawn ones."""
USUAL = f"blind, {BLIND[0]}"
"""What the others are compared with."""


@dataclass(frozen=True)
class Cost:
    """What it took to find a fault, or (not ``found``) what was asked in vain."""

    flows: float
    clusters: float
    found: bool


Costs = dict[str, Cost]
"""By the fault."""


def _costs(cases: Iterable[Asked]) -> Costs:
    searched = search(FAULTS, cases)
    missed = Cost(searched.flows, searched.clusters, found=False)
    found = {name: Cost(each.flows, each.clusters, found=True) for name, each in searched.found.items()}
    return {fault.id: found.get(fault.id, missed) for fault in FAULTS}


class _Kept:
    """What the solver proposes for the clusters of one hunt; two ways of asking need it."""

    def __init__(self, seed: int, clusters: int) -> None:
        self._more = islice(proposals(seed), clusters)
        self._kept: list[Guided] = []

    def __iter__(self) -> Iterator[Guided]:
        at = 0
        while True:
            if at == len(self._kept):
                more = next(self._more, None)
                if more is None:
                    return
                self._kept.append(more)
            yield self._kept[at]
            at += 1


def measured(seed: int, clusters: int, blind_clusters: int) -> dict[str, Costs]:
    """The costs of every fault by the way of asking."""
    proposed = _Kept(seed, clusters)
    ways: dict[str, Iterable[Asked]] = {f"guided, {most}": novel_flows(proposed, most) for most in NOVEL}
    ways["guided, all"] = every_flow(proposed)
    ways |= {f"blind, {most}": islice(blind_flows(seed, most), blind_clusters) for most in BLIND}
    return {way: _costs(cases) for way, cases in ways.items()}


def medians(runs: list[Costs]) -> Costs:
    """Each fault's medians over the seeds; found if it was found with most of them."""
    return {
        fault.id: Cost(
            median(run[fault.id].flows for run in runs),
            median(run[fault.id].clusters for run in runs),
            2 * sum(run[fault.id].found for run in runs) > len(runs),
        )
        for fault in FAULTS
    }


def table(ways: dict[str, Costs], unit: Callable[[Cost], float]) -> Iterator[str]:
    """Sums over each area's faults, and how these and the middle fault compare with what is usual."""
    yield f"| area | faults | {' | '.join(ways)} |"
    yield f"|---|---{'|---' * len(ways)}|"
    for area in AREAS:
        yield _row(
            area.name, str(len(area.faults)), (f"{each:.0f}" for each in _sums(ways, area.faults, unit).values())
        )
    middle = {way: median(map(unit, costs.values())) for way, costs in ways.items()}
    for title, found in (("all", _sums(ways, FAULTS, unit)), ("median of a fault", middle)):
        yield _row(f"**{title}**", str(len(FAULTS)), (f"{each:.0f}" for each in found.values()))
        yield _row(f"{title}, ratio", "", (f"{each / found[USUAL]:.2f}" for each in found.values()))
    yield _row("not found", "", (str(sum(not each.found for each in costs.values())) for costs in ways.values()))


def _sums(ways: dict[str, Costs], faults: Sequence[Fault], unit: Callable[[Cost], float]) -> dict[str, float]:
    return {way: sum(unit(costs[fault.id]) for fault in faults) for way, costs in ways.items()}


def _row(title: str, faults: str, cells: Iterable[str]) -> str:
    return f"| {title} | {faults} | {' | '.join(cells)} |"


def each_fault(ways: dict[str, Costs]) -> Iterator[str]:
    """A line for each fault: connections asked about, by the way of asking."""
    yield f"| fault | {' | '.join(ways)} |"
    yield f"|---{'|---' * len(ways)}|"
    for fault in FAULTS:
        yield f"| {_title(fault)} | {' | '.join(_shown(costs[fault.id]) for costs in ways.values())} |"


def _title(fault: Fault) -> str:
    return f"{fault.what} ({fault.seen})" if fault.seen else fault.what


def _shown(cost: Cost) -> str:
    return f"{cost.flows:.0f}" if cost.found else f"> {cost.flows:.0f}"


def _plain(run: dict[str, Costs]) -> dict[str, dict[str, object]]:
    return {way: {fault: vars(cost) for fault, cost in costs.items()} for way, costs in run.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="hunts to take medians of")
    parser.add_argument("--clusters", type=int, default=200, help="clusters of a hunt that the solver guides")
    parser.add_argument("--blind-clusters", type=int, default=500, help="clusters of a blind hunt")
    parser.add_argument("--each", action="store_true", help="a line for each fault, too")
    parser.add_argument("--json", type=Path, help="where to write every hunt's costs")
    options = parser.parse_args()
    runs: list[dict[str, Costs]] = []
    for seed in range(options.seeds):
        runs.append(measured(seed, options.clusters, options.blind_clusters))
        print(f"seed {seed} is done", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps([_plain(run) for run in runs], indent=1) + "\n")
    ways = {way: medians([run[way] for run in runs]) for way in runs[0]}
    print("\nConnections asked about until the first wrong answer\n", *table(ways, lambda cost: cost.flows), sep="\n")
    print("\nClusters put to the evaluator until then\n", *table(ways, lambda cost: cost.clusters), sep="\n")
    if options.each:
        print("\nConnections asked about, fault by fault\n", *each_fault(ways), sep="\n")


if __name__ == "__main__":
    main()
