"""A long differential run by hand: ``python tests/campaign.py --clusters 100000 --workers 2``.

The same comparison as ``test_differential.py``, over as many clusters as there is patience for, in batches that each
have their own seed. Prints what the draws reached and every disagreement; exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path.insert(0, str(Path(__file__).parent))

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import prove
from oracle.agreement import check_agreement
from oracle.clusters import clusters
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


def compare(manifests: Manifests, prop: LoadedProperty, tally: Tally, number: int) -> None:
    """Ask prover and oracle about one property and note what they say; an exception is a disagreement too."""
    try:
        (result,) = prove([LoadedSuite("drawn.yaml", (prop,), (), prop.semantics)], manifests).results
        complaint = check_agreement(manifests, prop, result)
        tally.results[prop.verb, result.verdict] += 1
    except Exception as error:
        complaint = f"{type(error).__name__}: {error}"
    if complaint is not None:
        written = prop.written.model_dump(by_alias=True, exclude_none=True)
        objects = [each.fields for each in (*manifests.modelled, *manifests.unmodelled)]
        tally.disagreements.append(f"batch {number}: {complaint}\n  property: {written}\n  objects: {objects}")


def batch(number: int) -> Tally:
    """Compare ``BATCH`` clusters, one property each."""
    tally = Tally()

    @seed(FIRST_SEED + number)
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        manifests = data.draw(clusters())
        prop = data.draw(properties(manifests))
        tally.clusters += 1
        compare(manifests, prop, tally, number)

    drawn()
    return tally


def main() -> int:
    """Run the campaign that the command line describes."""
    parser = argparse.ArgumentParser(description="Compare the prover with brute force over many random clusters.")
    parser.add_argument("--clusters", type=int, default=10_000, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument(
        "--first", type=int, default=0, metavar="N", help="number of the first batch: another campaign, other draws"
    )
    asked = parser.parse_args()
    total = Tally()
    batches = range(asked.first, asked.first + -(-asked.clusters // BATCH))
    with multiprocessing.Pool(asked.workers, maxtasksperchild=4) as pool:
        for done, tally in enumerate(pool.imap_unordered(batch, batches), start=1):
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
