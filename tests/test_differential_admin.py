"""The prover against brute force, with cluster-wide policies: clusters that mix all four policy kinds, every verb.

As ``test_differential``, and each cluster drawn from bytes of its own, so that what the draws reach grows with every
one. How often they reach each corner is counted over the very clusters that are compared, and the table is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import hypothesis.strategies as st
import pytest
from effort import COUNTED, scaled
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.results import PropertyResult
from oracle.admin_clusters import admin_clusters
from oracle.admin_coverage import AdminCoverage
from oracle.admin_properties import admin_properties
from oracle.agreement import check_agreement, gives_up
from oracle.draws import each_drawn

SHARDS = 4
CLUSTERS = 2_000 // SHARDS
PROPERTIES = 1
LEAST = 40 // SHARDS
FIRST_SEED = 10


def results(
    manifests: Manifests, asked: Sequence[LoadedProperty], *, explained: bool = True
) -> tuple[PropertyResult, ...]:
    suite = LoadedSuite("drawn.yaml", tuple(asked), (), asked[0].semantics)
    return prove([suite], manifests, options=Options(explained=explained)).results


@pytest.mark.parametrize("shard", range(SHARDS))
def test_prover_and_brute_force_agree(shard: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, and what they say of the smaller worlds, are equal; the draws reach every corner.

    One shard also makes the classes and proofs that a user gets; the others leave out what is not compared here.
    """
    coverage, seen = AdminCoverage(), dict.fromkeys(("proved", "refuted", "vacuous", "unknown"), 0)

    def compare(data: st.DataObject) -> None:
        manifests = data.draw(admin_clusters())
        asked = data.draw(admin_properties(manifests, PROPERTIES))
        chance = Random(data.draw(st.integers(0, 2**32)))
        if COUNTED:
            coverage.add(manifests, asked[0].world.model_dump(by_alias=True), chance)
        for prop, result in zip(asked, results(manifests, asked, explained=shard == 0), strict=True):
            seen[result.verdict] += 1
            complaint = check_agreement(manifests, prop, result)
            assert complaint is None or gives_up(manifests, prop, result), complaint

    each_drawn(compare, scaled(CLUSTERS), FIRST_SEED + shard)
    if not COUNTED:
        return
    with capsys.disabled():
        print(f"\ndraws of shard {shard}: {seen}\n{coverage.table()}")
    assert coverage.seen >= CLUSTERS
    assert not coverage.below(LEAST)
    assert 0.2 <= coverage.share <= 0.8
    assert min(seen.values()) >= LEAST
