"""A long differential run by hand: ``python tests/campaign.py --clusters 100000 --workers 2 --profile admin``.

The same comparison as ``test_differential.py`` (``--profile np``) and ``test_differential_admin.py`` (``admin``), over
as many clusters as there is patience for, in batches that each have their own seed. Prints what the draws reached and
every disagreement; exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path.insert(0, str(Path(__file__).parent))

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import Options, prove
from oracle.admin_clusters import admin_clusters
from oracle.admin_properties import admin_properties
from oracle.agreement import check_agreement, gives_up
from oracle.clusters import clusters
from oracle.draws import each_drawn
from oracle.properties import properties

BATCH = 500
FIRST_SEED = 1_000_000
"""Seeds of batches start here: the test suite draws from small seeds."""


@dataclass
class Tally:
    """What a batch saw: clusters, results by verb and verdict, and texts of disagreements."""

    clusters: int = 0
    results: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    disagreements: list[str] = field(default_factory=list[str])

    def add(self, other: Tally) -> None:
        self.clusters += other.clusters
        self.results.update(other.results)
        self.disagreements += other.disagreements

    def table(self) -> str:
        verdicts = ("proved", "refuted", "vacuous", "unknown")
        verbs = sorted({verb for verb, _ in self.results})
        rows = [("verb", *verdicts)]
        rows += [(verb, *(str(self.results[verb, verdict]) for verdict in verdicts)) for verb in verbs]
        return "\n".join(f"{row[0]:<14}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in rows)


def compare(manifests: Manifests, asked: Sequence[LoadedProperty], tally: Tally, number: int) -> None:
    """Ask prover and oracle about properties and note what they say; an exception is a disagreement too."""
    place = f"batch {number}, cluster {tally.clusters}"
    try:
        suite = LoadedSuite("drawn.yaml", tuple(asked), (), asked[0].semantics)
        results = prove([suite], manifests, options=Options(explained=False)).results
    except Exception as error:
        tally.disagreements.append(described(manifests, asked, f"{place}: {type(error).__name__}: {error}"))
        return
    for prop, result in zip(asked, results, strict=True):
        try:
            complaint = None if gives_up(manifests, prop, result) else check_agreement(manifests, prop, result)
            tally.results[prop.verb, result.verdict] += 1
        except Exception as error:
            complaint = f"{type(error).__name__}: {error}"
        if complaint is not None:
            tally.disagreements.append(described(manifests, [prop], f"{place}: {complaint}"))


def described(manifests: Manifests, asked: Sequence[LoadedProperty], complaint: str) -> str:
    """A disagreement with all that it takes to see it again."""
    lines = [complaint]
    for prop in asked:
        lines.append(f"property: {prop.written.model_dump(by_alias=True, exclude_none=True)}")
        lines.append(f"world: {prop.world.model_dump(by_alias=True)}")
        lines.append(f"semantics: {prop.semantics.model_dump(by_alias=True)}")
    lines.append(f"objects: {[each.fields for each in (*manifests.modelled, *manifests.unmodelled)]}")
    return "\n  ".join(lines)


def batch(profile: str, number: int) -> Tally:
    """Compare ``BATCH`` clusters, a property each."""
    tally = Tally()

    def one(data: st.DataObject) -> None:
        manifests = data.draw(clusters() if profile == "np" else admin_clusters())
        asked = [data.draw(properties(manifests))] if profile == "np" else data.draw(admin_properties(manifests, 1))
        tally.clusters += 1
        compare(manifests, asked, tally, number)

    DRAWING[profile](one, FIRST_SEED + number)
    return tally


def draw_mutated(one: Callable[[st.DataObject], None], first: int) -> None:
    """Cases of which most are made by changing the one before."""

    @seed(first)
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        one(data)

    drawn()


def draw_fresh(one: Callable[[st.DataObject], None], first: int) -> None:
    """Cases that have nothing to do with each other."""
    each_drawn(one, BATCH, first)


DRAWING = {"np": draw_mutated, "admin": draw_fresh}


def main() -> int:
    """Run the campaign that the command line describes."""
    parser = argparse.ArgumentParser(description="Compare the prover with brute force over many random clusters.")
    parser.add_argument("--clusters", type=int, default=10_000, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument(
        "--first", type=int, default=0, metavar="N", help="number of the first batch: another campaign, other draws"
    )
    parser.add_argument("--profile", choices=[*DRAWING], default="np", help="NetworkPolicies alone, or all four kinds")
    asked = parser.parse_args()
    total = Tally()
    batches = range(asked.first, asked.first + -(-asked.clusters // BATCH))
    gc.set_threshold(200_000, 50, 100)  # the workers', too: looking for circles less often saves a tenth of the time
    with multiprocessing.Pool(asked.workers, maxtasksperchild=4) as pool:
        for done, tally in enumerate(pool.imap_unordered(partial(batch, asked.profile), batches), start=1):
            total.add(tally)
            for text in tally.disagreements:
                print(text, flush=True)
            if done % 10 == 0:
                print(
                    f"{total.clusters} clusters, {len(total.disagreements)} disagreements", file=sys.stderr, flush=True
                )
    print(f"{total.clusters} clusters, {len(total.disagreements)} disagreements\n{total.table()}")
    return 1 if total.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
