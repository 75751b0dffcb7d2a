"""How many questions it takes to find each rule of the tiers broken (``fuzz/catalogue/tiers``), if the solver proposes
the flows of a cluster and if they are drawn blindly.

Run as a program: ``python benchmarks/fuzz_tiers.py``. Medians over several seeds, summed over the rules; a rule that is
not found counts with all that was asked.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from statistics import median

from netpol_verify.verify.fuzz.compare import Case
from netpol_verify.verify.fuzz.drawing.clusters import clusters
from netpol_verify.verify.fuzz.drawing.flows import flows
from netpol_verify.verify.fuzz.drawing.one import draw_one
from netpol_verify.verify.fuzz.guided import guided
from netpol_verify.verify.fuzz.judge import Judge
from netpol_verify.verify.fuzz.model import Cluster
from netpol_verify.verify.fuzz.novelty import Novelty
from netpol_verify.verify.fuzz.rules import TIER_RULES
from netpol_verify.verify.fuzz.spec import Manifest, Spec

FLOWS = 20
"""Asked of one cluster, as ``fuzz`` does."""
BLIND_CLUSTERS = 3
"""As many clusters of a blind hunt as of a guided one, times this."""
Cases = Iterator[Case]


def guided_cases(seed: int, number: int) -> Cases:
    """What a hunt asks."""
    novelty = Novelty(FLOWS)
    for each in range(number):
        found = guided(draw_one(clusters(profile="admin"), f"{seed}/{each}"))
        yield Case(found.cluster, novelty.chosen(found))


def blind_cases(seed: int, number: int) -> Cases:
    """What a blind hunt asks."""
    for each in range(number * BLIND_CLUSTERS):
        cluster: Cluster = draw_one(clusters(profile="admin"), f"{seed}/{each}")
        drawn = (draw_one(flows(cluster), f"{seed}/{each}/flow {flow}") for flow in range(FLOWS))
        yield Case(cluster, tuple(dict.fromkeys(drawn)))


def costs(cases: Cases) -> tuple[dict[str, int], set[str]]:
    """For each rule how many connections were asked until one showed it broken; and the rules that none did."""
    found: dict[str, int] = {}
    left, asked = set(TIER_RULES), 0
    for case in cases:
        manifest, judge = Manifest.of(case.cluster), Judge(case.cluster)
        for flow in case.flows:
            asked += 1
            used: set[str] = set()
            right = Spec(manifest, asked=used).allowed(flow)
            broken = [rule for rule in left & used if Spec(manifest, frozenset({rule})).allowed(flow) != right]
            if broken and judge.truth(flow) == frozenset({right}):
                found |= dict.fromkeys(broken, asked)
                left -= {*broken}
        if not left:
            break
    return {**found, **dict.fromkeys(left, asked)}, left


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="hunts to take medians of")
    parser.add_argument("--clusters", type=int, default=60, help="clusters of a hunt that the solver guides")
    asked = parser.parse_args()
    ways: dict[str, Callable[[int, int], Cases]] = {"guided": guided_cases, "blind": blind_cases}
    print("| flows | sum over rules | median of a rule | not found, seed by seed |\n|---|---|---|---|")
    for way, cases in ways.items():
        runs = [costs(cases(seed, asked.clusters)) for seed in range(asked.seeds)]
        medians = [median(found[rule] for found, _ in runs) for rule in TIER_RULES]
        missed = ", ".join(str(len(left)) for _, left in runs)
        print(f"| {way} | {sum(medians):.0f} | {median(medians):.0f} | {missed} |", flush=True)


if __name__ == "__main__":
    main()
