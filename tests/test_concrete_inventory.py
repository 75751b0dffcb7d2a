"""What manifests declare, as the concrete evaluator reads it: namespaces, workloads, labels controllers add,
owners."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.concrete.addresses import parse_address
from netpol_verify.encodings.concrete.endpoints import NamedPort
from netpol_verify.encodings.concrete.inventory import Inventory, Workload, read_inventory
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.written import WrittenObject, written

API = {
    "Pod": "v1",
    "Namespace": "v1",
    "ReplicationController": "v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Rollout": "argoproj.io/v1alpha1",
}


def item(kind: str, name: str, namespace: str | None = "shop", **fields: Any) -> WrittenObject:
    metadata = {"name": name, **fields.pop("metadata", {})}
    api = API.get(kind, "apps/v1")
    whole = written({"apiVersion": api, "kind": kind, "metadata": metadata, **fields}, 1)
    return WrittenObject("w.yaml", 1, api, kind, namespace, name, whole)


def template(labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"labels": labels or {"app": "web"}}, "spec": {"containers": [], **spec}}


def inventory(*objects: WrittenObject, named: tuple[str, ...] = ()) -> Inventory:
    return read_inventory(Manifests(objects, named_namespaces=named))


def only(*objects: WrittenObject) -> Workload:
    (workload,) = inventory(*objects).workloads
    return workload


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("Deployment", ["pod-template-hash"]),
        ("DaemonSet", ["controller-revision-hash", "pod-template-generation"]),
        (
            "StatefulSet",
            [
                "apps.kubernetes.io/pod-index",
                "controller-revision-hash",
                "statefulset.kubernetes.io/pod-name",
            ],
        ),
        ("ReplicaSet", []),
        ("ReplicationController", []),
        ("Rollout", []),
    ],
)
def test_controllers_add_labels_with_values_nobody_knows(kind: str, keys: list[str]) -> None:
    workload = only(item(kind, "web", spec={"template": template({"app": "web", "pod-template-hash": "x"})}))
    assert sorted(workload.unknown_labels) == keys
    kept = {"app": "web"} if "pod-template-hash" in keys else {"app": "web", "pod-template-hash": "x"}
    assert workload.labels == kept


UIDS = {"controller-uid", "batch.kubernetes.io/controller-uid"}


def test_a_jobs_name_is_known_and_its_uid_is_not() -> None:
    job = only(item("Job", "once", spec={"template": template()}))
    assert job.labels == {"app": "web", "job-name": "once", "batch.kubernetes.io/job-name": "once"}
    assert job.unknown_labels == UIDS


def test_the_name_of_a_generated_job_is_unknown() -> None:
    assert {"job-name", "batch.kubernetes.io/job-name"} < only(
        item("Job", "once-*", spec={"template": template()})
    ).unknown_labels
    cron = only(item("CronJob", "nightly", spec={"jobTemplate": {"spec": {"template": template()}}}))
    assert {"job-name", "batch.kubernetes.io/job-name"} | UIDS == cron.unknown_labels
    assert cron.labels == {"app": "web"}


def test_a_job_with_its_own_selector_gets_no_labels() -> None:
    job = only(item("Job", "once", spec={"manualSelector": True, "template": template()}))
    assert (job.labels, job.unknown_labels) == ({"app": "web"}, frozenset())


@pytest.mark.parametrize(("completions", "value"), [(1, "0"), (2, None)])
def test_indexed_jobs_carry_an_index(completions: int, value: str | None) -> None:
    spec = {"completionMode": "Indexed", "completions": completions, "template": template()}
    job = only(item("Job", "once", spec=spec))
    assert job.labels.get("batch.kubernetes.io/job-completion-index") == value
    assert ("batch.kubernetes.io/job-completion-index" in job.unknown_labels) is (value is None)


def test_named_ports_come_from_containers_and_default_to_tcp() -> None:
    containers = [
        {"ports": [{"containerPort": 80}, {"name": "http", "containerPort": 8080}]},
        {"ports": [{"name": "dns", "containerPort": 53, "protocol": "UDP"}]},
        {"ports": None},
    ]
    init = [{"ports": [{"name": "init", "containerPort": 1}]}]
    pod = template(containers=containers, initContainers=init)
    workload = only(item("Deployment", "web", spec={"template": pod}))
    assert workload.ports == (NamedPort("http", "TCP", 8080), NamedPort("dns", "UDP", 53))


def test_finished_pods_do_not_exist() -> None:
    pods = [
        item("Pod", phase.lower(), spec={"containers": []}, status={"phase": phase})
        for phase in ("Succeeded", "Failed", "Running", "Pending")
    ]
    assert [workload.name for workload in inventory(*pods).workloads] == ["running", "pending"]


def owned(kind: str, api: str, name: str) -> dict[str, Any]:
    return {"ownerReferences": [{"apiVersion": api, "kind": kind, "name": name}]}


def test_owned_objects_belong_to_their_top_owner_among_the_objects() -> None:
    deployment = item("Deployment", "web", spec={"template": template()})
    replicas = item(
        "ReplicaSet", "web-1", metadata=owned("Deployment", "apps/v1", "web"), spec={"template": template()}
    )
    made = {**owned("ReplicaSet", "apps/v1", "web-1"), "labels": {"app": "web", "pod-template-hash": "1"}}
    pod = item("Pod", "web-1-a", metadata=made, spec={})
    orphan = item("Pod", "x", metadata=owned("ReplicaSet", "apps/v1", "gone"), spec={})
    owners = [workload.owner for workload in inventory(pod, replicas, deployment, orphan).workloads]
    assert owners == ["shop/Deployment/web"] * 3 + ["shop/Pod/x"]


def test_an_owner_that_did_not_make_an_object_does_not_stand_for_it() -> None:
    """Operators own what they create, with labels of its own, only to have it collected."""
    operator = item("Deployment", "operator", spec={"template": template()})
    other = {"template": template({"app": "other"})}
    operand = item("Deployment", "operand", metadata=owned("Deployment", "apps/v1", "operator"), spec=other)
    relabelled = item("ReplicaSet", "old", metadata=owned("Deployment", "apps/v1", "operator"), spec=other)
    narcissus = item("Pod", "self", metadata=owned("Pod", "v1", "self"), spec={})
    found = inventory(operator, operand, relabelled, narcissus).workloads
    assert all(workload.owner == workload.reference for workload in found)


def test_a_circle_of_owners_ends() -> None:
    first = item("ReplicaSet", "a", metadata=owned("ReplicaSet", "apps/v1", "b"), spec={"template": template()})
    second = item("ReplicaSet", "b", metadata=owned("ReplicaSet", "apps/v1", "a"), spec={"template": template()})
    assert len(inventory(first, second).workloads) == 2


def test_a_pod_has_its_addresses_and_one_in_the_hosts_network_its_nodes() -> None:
    status = {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}
    pod = item("Pod", "a", spec={}, status=status)
    host = item("Pod", "b", spec={"hostNetwork": True}, status={"podIP": "10.9.0.1"})
    found = inventory(pod, host)
    assert found.workloads[0].ips == ("10.0.0.1", "fd00::1")
    assert [each.name for each in found.pods_at(parse_address("fd00::1"))] == ["a"]
    assert found.pods_at(parse_address("10.9.0.1")) == ()


def test_a_pod_is_one_and_says_so() -> None:
    pod = only(item("Pod", "a", metadata={"labels": {"app": "a"}}, spec={}))
    assert pod.is_pod
    assert (pod.labels, pod.unknown_labels) == ({"app": "a"}, frozenset())
    assert not only(item("Deployment", "web", spec={"template": template()})).is_pod


def test_namespaces_have_exactly_their_labels_or_unknown_ones() -> None:
    found = inventory(
        item("Namespace", "shop", None, metadata={"labels": {"env": "prod"}}),
        item("Deployment", "web", "named", spec={"template": template()}),
        named=("shop", "elsewhere", "named"),
    )
    assert found.namespaces == {"shop": {"env": "prod", "kubernetes.io/metadata.name": "shop"}}
    assert found.named == {"elsewhere", "named"}
    assert found.labels_of_namespace("elsewhere") is None
    assert found.endpoint(found.workloads[0]).namespace_labels is None


def test_a_workload_without_a_template_is_an_error() -> None:
    with pytest.raises(InputErrors, match="a Deployment needs a pod template here"):
        inventory(item("Deployment", "web", spec={}))


def test_an_address_that_is_none_is_an_error() -> None:
    with pytest.raises(InputErrors, match="must be an IP address"):
        inventory(item("Pod", "a", spec={}, status={"podIP": "nowhere"}))
