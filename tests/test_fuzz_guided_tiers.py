"""Flows that the solver proposes for cluster-wide policies: what it expects is true, and they reveal what errs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.verify.fuzz.drawing.clusters import clusters
from netpol_verify.verify.fuzz.drawing.one import draw_one
from netpol_verify.verify.fuzz.features import TIER_FEATURES
from netpol_verify.verify.fuzz.features_of import features_of
from netpol_verify.verify.fuzz.guided import Guided, Proposed, guided
from netpol_verify.verify.fuzz.judge import Judge
from netpol_verify.verify.fuzz.model import Cluster
from netpol_verify.verify.fuzz.rules import TIER_RULES
from netpol_verify.verify.fuzz.spec import Spec
from tiers_support import ALL, anp, app, banp, cnp, egress, ingress, named, np

Raw = dict[str, Any]
BENCHMARK = Path(__file__).resolve().parent.parent / "benchmarks" / "fuzz_tiers.py"
PARTS = 2
CLOSED = np("closed", "shop", policyTypes=["Ingress"])
NAMESPACES: tuple[Raw, ...] = tuple(
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in ("shop", "blog")
)
OF_FLOWS = (
    *("ipv6", "udp", "sctp", "named-port", "wrong-protocol-named-port", "outside-source", "outside-destination"),
    *("empty-label-value", "undeclared-namespace", "pod-block"),
)
"""Other features that flows and the pods made for them may have."""
RARE = {"tier-range-of-one-port-covers-it"}
"""Rules that few clusters are about."""


def drawn(seed: str, *without: str) -> Cluster:
    return draw_one(clusters(without=frozenset(without), profile="admin"), seed)


def of(*policies: Raw) -> Guided:
    return guided(Cluster.of([*NAMESPACES, *policies]))


def deciding(found: Guided, boundary: str, side: str = "inside") -> Proposed | None:
    """A flow on this side that the mutant of the boundary answers otherwise."""
    claims = ((claim, each) for each in found.flows for claim in each.claims)
    return next(
        (each for own, each in claims if (own.boundary, own.side, own.deciding) == (boundary, side, True)), None
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_the_concrete_evaluator_says_what_the_solver_expects(part: int) -> None:
    """Under every order of equal priorities and every reading; over 24 random clusters."""
    for number in range(part, 24, PARTS):
        found = guided(drawn(f"expectations/{number}"), limit=60)
        judge = Judge(found.cluster)
        wrong = [each for each in found.flows if judge.truth(each.flow) != frozenset({each.expected})]
        assert wrong == [], number
        assert found.flows


def test_what_is_proposed_reveals_every_broken_rule() -> None:
    left = set(TIER_RULES) - RARE
    for number in range(40):
        found = guided(drawn(f"broken/{number}"))
        for rule in sorted(left):
            broken = Spec(found.cluster, frozenset({rule}))
            if any(broken.allowed(each.flow) != each.expected for each in found.flows):
                left.discard(rule)
        if not left:
            return
    assert sorted(left) == []


@pytest.mark.parametrize("feature", [*TIER_FEATURES, *OF_FLOWS])
def test_a_feature_that_is_left_out_is_not_used(feature: str) -> None:
    cluster = drawn(f"without/{feature}", feature)
    found = guided(cluster, without=[feature])
    assert not [each.flow for each in found.flows if feature in features_of(found.cluster, each.flow)]
    assert found.flows


@pytest.mark.parametrize(
    ("boundary", "policies"),
    [
        ("ClusterNetworkPolicy/x ingress[0] not allow", [cnp("x", "Admin", 5, ingress=[ingress("Pass")]), CLOSED]),
        ("ClusterNetworkPolicy/x ingress[0] not deny", [cnp("x", "Admin", 5, ingress=[ingress("Pass")])]),
        (
            "AdminNetworkPolicy/x ingress[0] before [1]",
            [anp("x", 5, ingress=[ingress("Deny", app("web")), ingress("Allow")])],
        ),
        (
            "ClusterNetworkPolicy/x egress[0].to[0] pods",
            [cnp("x", "Admin", 5, egress=[egress("Deny", {"networks": ["10.0.0.0/8"]})])],
        ),
        (
            "ClusterNetworkPolicy/x egress[0].to[0] 10.0.0.0/8 last",
            [cnp("x", "Admin", 5, egress=[egress("Deny", {"networks": ["10.0.0.0/8"]})])],
        ),
        (
            "BaselineAdminNetworkPolicy/default ingress[0].ports[0] last",
            [banp(ingress=[ingress("Deny", ports=[{"portRange": {"start": 8000, "end": 8010}}])])],
        ),
        (
            "ClusterNetworkPolicy/x ingress.namespaceSelector kubernetes.io/metadata.name=shop",
            [cnp("x", "Baseline", 5, named("shop"), ingress=[ingress("Deny")])],
        ),
    ],
)
def test_a_boundary_is_tried(boundary: str, policies: list[Raw]) -> None:
    flow = deciding(of(*policies), boundary)
    assert flow is not None, [each.id for each in of(*policies).boundaries]


@pytest.mark.parametrize(
    ("reading", "policies"),
    [
        ("Pass goes on with the next rule", [cnp("x", "Admin", 5, ingress=[ingress("Pass"), ingress("Deny")])]),
        (
            "the last rule that matches counts",
            [cnp("x", "Admin", 5, ingress=[ingress("Deny", app("web")), ingress("Accept")])],
        ),
        (
            "the higher number goes first",
            [cnp("x", "Admin", 5, ingress=[ingress("Deny")]), cnp("y", "Admin", 6, ingress=[ingress("Accept")])],
        ),
        (
            "the Baseline tier goes before NetworkPolicies",
            [cnp("x", "Baseline", 5, ingress=[ingress("Accept")]), CLOSED],
        ),
        ("the Admin tier goes after NetworkPolicies", [cnp("x", "Admin", 5, ingress=[ingress("Accept")]), CLOSED]),
        ("there is no Baseline tier", [banp(ingress=[ingress("Deny")])]),
    ],
)
def test_a_reading_of_all_tiers_is_tried(reading: str, policies: list[Raw]) -> None:
    flow = deciding(of(*policies), f"reading of tiers: {reading}", "outside")
    assert flow is not None


def test_what_hangs_on_the_order_of_equal_priorities_is_not_proposed() -> None:
    """Of what two policies of one priority say differently, nothing can be expected."""
    tied = [cnp(name, "Admin", 5, ALL, ingress=[ingress(does)]) for name, does in (("a", "Accept"), ("b", "Deny"))]
    found = of(*tied)
    assert not any("/" in each.flow.source and "/" in each.flow.destination for each in found.flows)
    apart = of(*tied[:1], cnp("b", "Admin", 6, ALL, ingress=[ingress("Deny")]))
    assert deciding(apart, "ClusterNetworkPolicy/a ingress[0]") is not None


def test_the_benchmark_prints_its_table() -> None:
    command = [sys.executable, str(BENCHMARK), "--seeds", "1", "--clusters", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("| ")] == [
        "flows",
        "guided",
        "blind",
    ]
