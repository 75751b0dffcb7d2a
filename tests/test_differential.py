"""The prover against brute force: random clusters, random properties, every verb, in both directions.

Brute force (``oracle``) is a third reading of the semantics, written apart from both evaluators, over a world with more
fresh values and namespaces than the encoding has. Each refutation is replayed by the concrete evaluator on the way:
a counterexample that it does not confirm raises and fails the test. How often the draws reach each corner is counted
over the very clusters that are compared, and the table is printed. ``effort`` says how to draw fewer, uncounted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from effort import COUNTED, PHASES, scaled
from hypothesis import HealthCheck, given, seed, settings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.results import PropertyResult
from oracle.agreement import check_agreement
from oracle.clusters import clusters
from oracle.coverage import Coverage
from oracle.properties import properties

SHARDS = 2
CLUSTERS = 2_000 // SHARDS
PROPERTIES = 2
LEAST = 100 // SHARDS


def drawn(examples: int) -> settings:
    return settings(
        max_examples=scaled(examples),
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def results(
    manifests: Manifests, asked: Sequence[LoadedProperty], options: Options | None = None
) -> tuple[PropertyResult, ...]:
    suite = LoadedSuite("drawn.yaml", tuple(asked), (), asked[0].semantics)
    return prove([suite], manifests, options=options).results


@pytest.mark.parametrize("shard", range(SHARDS))
def test_prover_and_brute_force_agree(shard: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, and what they say of the smaller worlds, are equal; the draws reach every corner.

    One shard also makes the classes and proofs that a user gets; the others leave out what is not compared here.
    """
    coverage, options = Coverage(), Options(explained=shard == 0)

    @seed(shard)
    @drawn(CLUSTERS)
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        manifests = data.draw(clusters())
        asked = [data.draw(properties(manifests)) for _ in range(PROPERTIES)]
        if COUNTED:
            coverage.add(manifests)
        for prop, result in zip(asked, results(manifests, asked, options), strict=True):
            complaint = check_agreement(manifests, prop, result)
            assert complaint is None, complaint

    compare()
    if not COUNTED:
        return
    with capsys.disabled():
        print(f"\ndraws of shard {shard}:\n{coverage.table()}")
    assert coverage.seen >= CLUSTERS
    assert not coverage.below(LEAST)
    assert 0.2 <= coverage.share <= 0.8


def _without_evidence(result: PropertyResult) -> PropertyResult:
    because = result.because if result.verdict == "refuted" else ()
    return replace(result, because=because, class_=None)


@seed(100)
@drawn(150)
@given(st.data())
def test_slicing_and_sharing_change_nothing(data: st.DataObject) -> None:
    """Encoding each property afresh gives the same results to the letter; encoding every policy for every property too,
    save for which of several least sets of policies is named, and how wide a class the mentioned names make it."""
    manifests = data.draw(clusters())
    asked = [data.draw(properties(manifests)) for _ in range(PROPERTIES)]
    usual = results(manifests, asked)
    whole = results(manifests, asked, Options(sliced=False))
    assert [_without_evidence(each) for each in whole] == [_without_evidence(each) for each in usual]
    assert results(manifests, asked, Options(shared=False)) == usual


@seed(200)
@drawn(60)
@given(st.data())
def test_the_order_of_properties_and_a_second_run_change_nothing(data: st.DataObject) -> None:
    """What is asked before on the same encoding leaves no trace in a result."""
    manifests = data.draw(clusters())
    asked = [data.draw(properties(manifests)) for _ in range(PROPERTIES)]
    usual = results(manifests, asked)
    assert results(manifests, asked) == usual
    assert results(manifests, asked[::-1]) == usual[::-1]


@seed(202)
@drawn(60)
@given(st.data())
def test_properties_that_are_not_asked_count_as_mentioned(data: st.DataObject) -> None:
    """Choosing one property of a suite prints the very counterexample that the whole suite prints."""
    manifests = data.draw(clusters())
    asked = [data.draw(properties(manifests)) for _ in range(PROPERTIES)]
    alone = LoadedSuite("drawn.yaml", tuple(asked[:1]), (), asked[0].semantics, unselected=tuple(asked[1:]))
    assert prove([alone], manifests).results == results(manifests, asked)[:1]
