"""Pods of declared workloads carry what their controllers add: each case through the whole of ``prove``.

Where a case is refuted, the concrete evaluator, which knows controllers by code of its own, has confirmed it.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from netpol_verify.encodings.validation import validate
from support import manifests_of, result_of

CLOSED = {"pods": "closed", "namespaces": "closed"}
POD_NAME, POD_INDEX = "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"
COMPLETION = "batch.kubernetes.io/job-completion-index"


def workload(kind: str, name: str, spec: dict[str, Any] | None = None, **metadata: Any) -> str:
    group = "batch/v1" if kind in ("Job", "CronJob") else "apps/v1"
    template = {"metadata": {"labels": {"app": "it"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    if kind == "CronJob":
        whole: dict[str, Any] = {"jobTemplate": {"spec": {"template": template, **(spec or {})}}}
    else:
        selector = {} if kind == "Job" else {"selector": {"matchLabels": {"app": "it"}}}
        whole = {**selector, "template": template, **(spec or {})}
    named = {"name": name} if name else {"generateName": "made-"}
    fields = {"apiVersion": group, "kind": kind, "metadata": {"namespace": "a", **named, **metadata}, "spec": whole}
    return yaml.safe_dump(fields)


def selecting(selector: str | dict[str, Any]) -> str:
    """A policy that denies all ingress to the pods it selects."""
    chosen = {"matchExpressions": [{"key": selector, "operator": "Exists"}]} if isinstance(selector, str) else selector
    metadata = {"name": "p", "namespace": "a"}
    fields = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata}
    return yaml.safe_dump({**fields, "spec": {"podSelector": chosen}})


def verdict(*documents: str, to: Any) -> str:
    verb = {"never": {"from": {"any": True}, "to": to}}
    return result_of("---\n".join(documents), verb, world=CLOSED).verdict


IT = {"pods": "app=it"}
INDEXED = {"completionMode": "Indexed", "completions": 2}


@pytest.mark.parametrize(
    ("document", "selector", "expected"),
    [
        pytest.param(workload("Deployment", "d"), "pod-template-hash", "proved", id="a Deployment's hash is there"),
        pytest.param(
            workload("Deployment", "d"),
            {"matchLabels": {"pod-template-hash": "5d"}},
            "refuted",
            id="and may have any value",
        ),
        pytest.param(workload("DaemonSet", "d"), "controller-revision-hash", "proved", id="a DaemonSet's revision"),
        pytest.param(workload("ReplicaSet", "r"), "pod-template-hash", "refuted", id="a bare ReplicaSet adds nothing"),
        pytest.param(workload("Job", "j"), {"matchLabels": {"job-name": "j"}}, "proved", id="a Job's name is fixed"),
        pytest.param(workload("Job", "j"), "batch.kubernetes.io/controller-uid", "proved", id="a Job's uid is there"),
        pytest.param(workload("Job", "j", {"manualSelector": True}), "job-name", "refuted", id="unless by hand"),
        pytest.param(workload("Job", ""), "job-name", "proved", id="a generated Job has a name"),
        pytest.param(
            workload("Job", ""),
            {"matchExpressions": [{"key": "job-name", "operator": "DoesNotExist"}]},
            "refuted",
            id="so its pods never lack one",
        ),
        pytest.param(workload("CronJob", "c"), "job-name", "proved", id="a CronJob's jobs have names"),
        pytest.param(
            workload("CronJob", "c"), {"matchLabels": {"job-name": "c-28"}}, "refuted", id="but which, nobody knows"
        ),
        pytest.param(workload("Job", "j", INDEXED), COMPLETION, "proved", id="an indexed Job numbers its pods"),
        pytest.param(workload("Job", "j"), COMPLETION, "refuted", id="another Job does not"),
        pytest.param(workload("StatefulSet", "s"), {"matchLabels": {POD_NAME: "s-0"}}, "refuted", id="s-1 is not s-0"),
        pytest.param(workload("StatefulSet", "s"), POD_INDEX, "proved", id="a StatefulSet numbers its pods"),
    ],
)
def test_what_controllers_add(document: str, selector: Any, expected: str) -> None:
    assert verdict(document, selecting(selector), to=IT) == expected


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        (f"{POD_NAME}=s-0", "proved"),
        (f"{POD_NAME}=s-1", "refuted"),
        (f"{POD_NAME}=s-0,{POD_INDEX}=0", "proved"),
        (f"{POD_NAME}=s-0,{POD_INDEX}=1", "vacuous"),
        (f"{POD_NAME}=t-0", "vacuous"),
        (f"{POD_NAME}=s-00", "vacuous"),
    ],
)
def test_the_number_in_a_statefulsets_labels_is_one(pods: str, expected: str) -> None:
    denied = selecting({"matchLabels": {POD_NAME: "s-0"}})
    assert verdict(workload("StatefulSet", "s"), denied, to={"pods": pods}) == expected


@pytest.mark.parametrize(("index", "expected"), [("0", "refuted"), ("1", "refuted"), ("2", "vacuous")])
def test_an_indexed_job_has_as_many_indices_as_completions(index: str, expected: str) -> None:
    assert verdict(workload("Job", "j", INDEXED), to={"pods": f"{COMPLETION}={index}"}) == expected


def test_one_numbered_pod_does_not_talk_to_itself() -> None:
    verb = {"never": {"from": {"pods": f"{POD_NAME}=s-0"}, "to": {"pods": f"{POD_NAME}=s-0"}}}
    assert result_of(workload("StatefulSet", "s"), verb, world=CLOSED).verdict == "vacuous"


def test_two_numbered_pods_have_two_names() -> None:
    it = {"workload": "a/StatefulSet/s"}
    example = result_of(workload("StatefulSet", "s"), {"never": {"from": it, "to": it}}, world=CLOSED).counterexample
    assert example is not None
    assert example.source.labels[POD_NAME] == "s-0"
    assert example.destination.labels[POD_NAME] == "s-1"


def owned(name: str, owner: str, group: str = "apps/v1", phase: str = "Running") -> str:
    reference = {"apiVersion": group, "kind": "ReplicaSet", "name": owner, "uid": "u", "controller": True}
    metadata = {"name": name, "namespace": "a", "labels": {"app": "it"}, "ownerReferences": [reference]}
    spec = {"containers": [{"name": "c", "image": "i"}]}
    return yaml.safe_dump(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {"phase": phase}}
    )


ANY_TO_OTHER = {"never": {"from": {"any": True}, "to": {"pods": "app=other"}}}


def members(*documents: str) -> int:
    verb = {"never": {"from": {"any": True}, "to": IT}}
    return result_of("---\n".join(documents), verb, world=CLOSED).members["to"]


def test_owned_pods_fold_into_their_owner() -> None:
    """By group, kind and name: an owner of another group is another object."""
    assert members(workload("ReplicaSet", "r"), owned("r-1", "r"), owned("r-2", "r")) == 1
    assert members(workload("ReplicaSet", "r"), owned("r-1", "r", group="other.io/v1")) == 2


def test_an_owner_stands_only_for_what_it_made() -> None:
    """Not for a pod with other labels, for what an operator owns to have it collected, or for itself."""
    relabelled = owned("r-1", "r").replace("app: it", "app: other")
    assert result_of(f"{workload('ReplicaSet', 'r')}---\n{relabelled}", ANY_TO_OTHER, world=CLOSED).members["to"] == 1
    labelled = owned("r-1", "r").replace("app: it", "app: it\n    debug: 'on'")
    assert members(workload("ReplicaSet", "r"), labelled) == 2
    reference = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "operator", "uid": "u"}]
    operand = workload("Deployment", "operand", ownerReferences=reference)
    assert members(workload("Deployment", "operator"), operand) == 2
    itself = [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}]
    pod = yaml.safe_load(owned("p", "p"))
    pod["metadata"]["ownerReferences"] = itself
    assert members(yaml.safe_dump(pod)) == 1


def test_finished_pods_do_not_exist() -> None:
    assert members(owned("r-1", "r", phase="Succeeded"), owned("r-2", "r", phase="Failed"), owned("r-3", "r")) == 1


def test_the_documents_here_are_manifests() -> None:
    assert len(manifests_of(workload("Job", "j")).modelled) == 1


@pytest.mark.parametrize(
    ("kind", "spec", "path"),
    [
        ("StatefulSet", {"ordinals": {"start": "3"}}, "spec.ordinals.start"),
        ("StatefulSet", {"ordinals": {"start": -1}}, "spec.ordinals.start"),
        ("Job", {"completionMode": "Indexed", "completions": "2"}, "spec.completions"),
        ("CronJob", {"completionMode": "Indexed", "completions": -2}, "spec.jobTemplate.spec.completions"),
    ],
)
def test_numbers_that_labels_are_made_from_are_numbers(kind: str, spec: dict[str, Any], path: str) -> None:
    problems, _ = validate(manifests_of(workload(kind, "it", spec)).modelled)
    assert [problem.path for problem in problems] == [path]
