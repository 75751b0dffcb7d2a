"""Every seeded fault of an evaluator is found, and what is found of it is small and named after its rule.

``benchmarks/fuzz_faults.py`` measures how much must be asked for it, and how much if it is asked blindly.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from fuzzing_faults import AREAS, FAULTS, RIGHT, Fault, Faulty
from fuzzing_faults.search import blind_flows, every_flow, proposals, search
from fuzzing_faults.search import found_by_guided as found_by
from netpol_verify.verify.fuzz.compare import Case
from netpol_verify.verify.fuzz.drawing.clusters import clusters
from netpol_verify.verify.fuzz.drawing.one import draw_one
from netpol_verify.verify.fuzz.guided import guided
from netpol_verify.verify.fuzz.hunt import Hunt, Options
from netpol_verify.verify.fuzz.judge import Judge
from netpol_verify.verify.fuzz.known import Known
from netpol_verify.verify.fuzz.walk import objects_of

BENCHMARK = Path(__file__).resolve().parent.parent / "benchmarks" / "fuzz_faults.py"
BY_ID = {fault.id: fault for fault in FAULTS}
SEED, CLUSTERS = 2, 300
"""A hunt that finds all faults, with clusters to spare: what few manifests hold is drawn seldom."""
NAMED = {
    "every-policy-must-allow": "policies-add-up",
    "exceptions-are-ignored": "except-is-left-out",
    "pod-selector-reaches-every-namespace": "pod-selector-alone-means-own-namespace",
    "egress-rules-do-not-imply-egress": "egress-rules-govern-egress-by-default",
    "null-rule-allows-nothing": "null-rule-is-an-empty-rule",
    "rules-of-a-policy-mix": "ports-stay-in-their-rule",
}
"""Faults, and the rules of the semantics that they break."""


def case_of(number: int) -> Case:
    """What a guided hunt asks about a cluster."""
    found = guided(draw_one(clusters(), f"{SEED}/{number}"))
    return Case(found.cluster, tuple(each.flow for each in found.flows))


def test_there_are_faults_of_every_area_each_with_a_name_of_its_own() -> None:
    assert len(FAULTS) == len(BY_ID) >= 45
    assert all(area.faults for area in AREAS)


def test_every_fault_is_found_by_guided_flows() -> None:
    found = found_by(FAULTS, SEED, CLUSTERS)
    assert sorted(BY_ID.keys() - found.keys()) == []


def test_the_evaluator_without_a_fault_is_never_wrong() -> None:
    for cases in (every_flow(proposals(SEED + 1)), blind_flows(SEED + 1, 20)):
        searched = search([RIGHT], islice(cases, 8))
        assert (searched.found, searched.clusters) == ({}, 8)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_is_gone_when_it_has_answered(fault: Fault) -> None:
    if fault.owner is not None:
        right = vars(fault.owner)[fault.name]
        with pytest.raises(LookupError), fault.planted():
            assert vars(fault.owner)[fault.name] is fault.faulty
            raise LookupError
        assert vars(fault.owner)[fault.name] is right


def test_our_own_judgement_is_the_same_before_and_after_faulty_answers() -> None:
    case = case_of(0)
    before = [Judge(case.cluster).truth(flow) for flow in case.flows]
    one_of_each_place = {(id(fault.owner), fault.name): fault for fault in FAULTS}
    for fault in one_of_each_place.values():
        Faulty(fault).answers(case.cluster, case.flows)
    assert [Judge(case.cluster).truth(flow) for flow in case.flows] == before


@pytest.mark.parametrize(("fault", "rule"), NAMED.items())
def test_what_is_found_is_small_and_named_after_the_rule_that_is_broken(fault: str, rule: str) -> None:
    hunt = Hunt(Faulty(BY_ID[fault]), Options(examples=20, most=1, shrinking=200), Known())
    [finding] = hunt.run().findings
    assert (finding.kind, finding.rules[0]) == ("disagreement", rule)
    assert len([*objects_of(finding.case.cluster, "NetworkPolicy")]) <= 3
    assert len(finding.case.cluster.objects) <= 6


def test_the_benchmark_of_faults_prints_its_tables() -> None:
    command = [sys.executable, str(BENCHMARK), "--seeds", "1", "--clusters", "1", "--blind-clusters", "1", "--each"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert len(rows) == 2 * (len(AREAS) + 7) + len(FAULTS) + 2
