"""What a cluster reports means what the manifests in git mean that it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from netpol_verify.encodings.cluster import Cluster as Symbolic
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.concrete.inventory import Inventory, Workload, read_inventory
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.workloads import DeclaredPod, declared_pods
from netpol_verify.encodings.written import Origin
from netpol_verify.verify.run import ProveRequest, run_prove
from sources_support import read, write

RECORDED = Path(__file__).parent / "recorded"
SYSTEM = {"default", "kube-node-lease", "kube-public", "kube-system"}
"""Namespaces that every cluster has and no manifest declares."""


def without_origins(value: object) -> object:
    """The value as plain data, with no place in it."""
    if isinstance(value, Origin):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: without_origins(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [without_origins(each) for each in cast("list[object]", value)]
    return value


@pytest.fixture(scope="module")
def git() -> Manifests:
    return read(str(RECORDED / "shop.yaml"))


@pytest.fixture(scope="module")
def live() -> Manifests:
    return read(str(RECORDED / "shop-live.json"))


@pytest.fixture(scope="module")
def clusters(git: Manifests, live: Manifests) -> tuple[Symbolic, Symbolic]:
    return build_cluster(git), build_cluster(live)


def test_what_a_cluster_reports_is_valid(git: Manifests, live: Manifests) -> None:
    for manifests in (git, live):
        assert validate(manifests.modelled) == ((), ())
        assert manifests.notices == ()
    assert live.ignored == {"ConfigMap": 4, "Service": 2, "ServiceAccount": 4}


def test_its_policies_are_the_same(clusters: tuple[Symbolic, Symbolic]) -> None:
    ours, theirs = ([sorted_policies(layer) for layer in each.layers] for each in clusters)
    assert ours == theirs
    assert len(ours[0]) == 5


def sorted_policies(layer: Any) -> list[object]:
    """In the order of their names, for git and an API server list them in different orders."""
    policies = [policy for tier in layer.tiers for policy in tier.policies]
    return [without_origins(each) for each in sorted(policies, key=lambda policy: (policy.reference, policy.direction))]


def test_its_namespaces_are_the_same_beside_those_of_the_system(clusters: tuple[Symbolic, Symbolic]) -> None:
    ours, theirs = (each.namespaces for each in clusters)
    assert {name: labels for name, labels in theirs.items() if name not in SYSTEM} == ours
    assert theirs.keys() - ours.keys() == SYSTEM


def own(pods: tuple[DeclaredPod, ...]) -> Iterator[object]:
    for pod in pods:
        if pod.namespace not in SYSTEM:
            yield without_origins(pod)


def test_its_pods_are_the_same_beside_those_of_the_system(clusters: tuple[Symbolic, Symbolic]) -> None:
    """Pods and replica sets fold into what they belong to; replica sets of old revisions have no pods."""
    ours, theirs = clusters
    assert list(own(theirs.pods)) == list(own(ours.pods))
    assert [pod.reference.rpartition("/")[2] for pod in theirs.pods if pod.namespace in SYSTEM] == [
        "kube-apiserver-node-1"
    ]
    assert ours.unmodelled == theirs.unmodelled == ()


def tops(inventory: Inventory) -> dict[str, Workload]:
    found = {each.reference: each for each in inventory.workloads if each.owner == each.reference}
    return {name: replace(each, file="", line=0) for name, each in found.items() if each.namespace not in SYSTEM}


def test_the_concrete_evaluator_sees_the_same(git: Manifests, live: Manifests) -> None:
    ours, theirs = read_inventory(git), read_inventory(live)
    assert tops(theirs) == tops(ours)
    assert {name: labels for name, labels in theirs.namespaces.items() if name not in SYSTEM} == ours.namespaces
    folded = {each.reference for each in theirs.workloads if each.owner != each.reference}
    assert folded == {
        "shop/ReplicaSet/web-7d9f8c6b5d",
        "shop/Pod/web-7d9f8c6b5d-4xk2p",
        "shop/Pod/web-7d9f8c6b5d-q9zvm",
        "shop/Pod/db-0",
        "shop/Pod/db-1",
        "monitoring/Pod/scraper-k8w4t",
        "shop/Job/backup-28938900",
        "shop/Pod/backup-28938900-hx2r9",
    }


def replica_set(tmp_path: Path, **changes: Any) -> list[list[str]]:
    """The workloads that each evaluator sees once the replica set of the old revision is changed."""
    listed = json.loads((RECORDED / "shop-live.json").read_text())
    kept: list[dict[str, Any]] = []
    for item in listed["items"]:
        if item["kind"] == "ReplicaSet" and item["spec"]["replicas"] == 0:
            item["metadata"].update(changes.get("metadata", {}))
            item["spec"].update(changes.get("spec", {}))
        if item["kind"] != changes.get("without"):
            kept.append(item)
    write(tmp_path, {"live.json": json.dumps({**listed, "items": kept})})
    manifests = read(str(tmp_path / "live.json"))
    symbolic = [pod.reference for pod in declared_pods(manifests.modelled)]
    concrete = [each.reference for each in read_inventory(manifests).workloads if each.owner == each.reference]
    return [[name for name in names if "/ReplicaSet/" in name] for names in (symbolic, concrete)]


OLD = ["shop/ReplicaSet/web-6f4c9d7b58"]


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, []),
        ({"spec": {"replicas": 1}}, OLD),
        ({"metadata": {"ownerReferences": []}}, OLD),
        ({"without": "Deployment"}, [*OLD, "shop/ReplicaSet/web-7d9f8c6b5d"]),
    ],
)
def test_only_a_replica_set_without_replicas_of_a_deployment_that_was_read_has_no_pods(
    changes: dict[str, Any], counts: list[str], tmp_path: Path
) -> None:
    """One that somebody wrote with no replicas may get some."""
    assert replica_set(tmp_path, **changes) == [counts, counts]


def test_that_both_are_equivalent_is_proved_for_every_pod_that_could_exist(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "properties.yaml": "apiVersion: netpol-verify/v1\nkind: PropertySuite\n"
            f"manifests: [{RECORDED}/shop.yaml]\nproperties:\n"
            f"- id: same\n  equivalent: {{left: {RECORDED}/shop.yaml, right: {RECORDED}/shop-live.json}}\n"
        },
    )
    report = run_prove(ProveRequest(suites=(str(tmp_path / "properties.yaml"),)))
    assert [result.verdict for result in report.results] == ["proved"]
