"""Declared pods, for the symbolic side: what each Pod and workload object says about the pods it stands for.

Labels that controllers add are read off the controllers' sources (kubernetes/kubernetes:pkg/controller/{deployment,
daemon,statefulset,job,cronjob}). Owned objects fold into their owner; Succeeded and Failed pods do not exist.
Trusts that the objects passed validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .addresses import Family, parse_address
from .adminpolicy import is_cluster_policy
from .nodes import is_node
from .policy import Protocol
from .written import Origin, WrittenObject

NOT_PODS = ("Namespace", "NetworkPolicy")


@dataclass(frozen=True, slots=True)
class Numbered:
    """Labels that carry one number between them: ``keys`` maps a label key to the text before the number.

    The number is at least ``first`` and at most ``last`` (None: unbounded). ``single``: one pod per number.
    """

    keys: tuple[tuple[str, str], ...]
    first: int
    last: int | None
    single: bool


@dataclass(frozen=True, slots=True)
class DeclaredPod:
    """The pods of one declared object.

    ``reference`` is ``namespace/Kind/name``. ``labels`` are fixed; ``free`` are keys that are present with a value
    nobody can know from the manifest; ``numbered`` are labels made from a number. ``ports`` are its named container
    ports (name, protocol, number). ``addresses`` are known only for live Pods. ``single``: there is exactly one.
    ``node`` is the name of the node that they were placed on, "" if it is not said.
    """

    reference: str
    namespace: str
    labels: dict[str, str]
    free: tuple[str, ...]
    numbered: tuple[Numbered, ...]
    ports: tuple[tuple[str, Protocol, int], ...]
    addresses: tuple[tuple[Family, int], ...]
    host_network: bool
    single: bool
    origin: Origin
    node: str = ""


_FREE_LABELS: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): ("pod-template-hash",),
    ("apps", "DaemonSet"): ("controller-revision-hash", "pod-template-generation"),
    ("apps", "StatefulSet"): ("controller-revision-hash",),
}
_JOB_UID = ("controller-uid", "batch.kubernetes.io/controller-uid")
_JOB_NAME = ("job-name", "batch.kubernetes.io/job-name")
_COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index"


_NUMBER_LABELS = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", _COMPLETION_INDEX)
_ADDED = frozenset((*_JOB_UID, *_JOB_NAME, *_NUMBER_LABELS, *(key for keys in _FREE_LABELS.values() for key in keys)))
"""All labels that controllers add: a pod with any other label that its template lacks was relabelled."""


def declared_pods(objects: Iterable[WrittenObject]) -> tuple[DeclaredPod, ...]:
    """One entry for each Pod and workload that no other object read has made, sorted by reference."""
    workloads = [
        written
        for written in objects
        if not (written.kind in NOT_PODS or is_node(written) or is_cluster_policy(written))
    ]
    present = {(written.group, written.kind, written.namespace, written.name): written for written in workloads}
    pods = [
        _declared(written)
        for written in workloads
        if not any(
            _makes(present.get((group, kind, written.namespace, name)), written)
            for group, kind, name in _owners(written)
        )
        and not (written.kind == "Pod" and _map(written.fields, "status").get("phase") in ("Succeeded", "Failed"))
        and not _is_retired(written, present)
    ]
    return tuple(sorted(pods, key=lambda pod: pod.reference))


def _map(value: Any, *path: str) -> dict[str, Any]:
    """The mapping at ``path``; an empty one where there is none."""
    for step in path:
        value = cast(dict[str, Any], value).get(step) if isinstance(value, dict) else None
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _owners(written: WrittenObject) -> Iterator[tuple[str, str, str]]:
    """Group, kind and name of each owner."""
    references: list[Any] = _map(written.fields, "metadata").get("ownerReferences") or []
    for reference in references:
        version: str = reference.get("apiVersion") or ""
        yield version.rpartition("/")[0], reference.get("kind") or "", reference.get("name") or ""


_CHILDREN: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): ("ReplicaSet",),
    ("apps", "ReplicaSet"): ("Pod",),
    ("apps", "StatefulSet"): ("Pod",),
    ("apps", "DaemonSet"): ("Pod",),
    ("", "ReplicationController"): ("Pod",),
    ("batch", "CronJob"): ("Job",),
    ("batch", "Job"): ("Pod",),
    ("", "Pod"): (),
}
"""What each kind makes; a kind that is not here may make any of it."""


def _makes(owner: WrittenObject | None, child: WrittenObject) -> bool:
    """Did ``owner`` make ``child`` from its template, so that it stands for it?

    Ownership alone does not say so: operators own what they create, with other labels, to have it collected.
    """
    if owner is None or child.kind not in _CHILDREN.get((owner.group, owner.kind), ("ReplicaSet", "Job", "Pod")):
        return False
    made, template = _map(pod_template(child)[0], "labels"), _map(pod_template(owner)[0], "labels")
    return template.items() <= made.items() and made.keys() - template.keys() <= _ADDED


def _is_retired(written: WrittenObject, present: Mapping[tuple[str, str, str | None, str], WrittenObject]) -> bool:
    """Is it the replica set of an old revision of a Deployment, kept to go back to, and without pods?

    The Deployment stands for the pods that there are; one whose replica sets alone were read does not.
    """
    replicas = _map(written.fields, "spec").get("replicas")
    if (written.group, written.kind) != ("apps", "ReplicaSet") or type(replicas) is not int or replicas != 0:
        return False
    return any(
        (group, kind) == ("apps", "Deployment") and (group, kind, written.namespace, name) in present
        for group, kind, name in _owners(written)
    )


def pod_template(written: WrittenObject) -> tuple[dict[str, Any], dict[str, Any]]:
    """The metadata and spec of the pods an object makes."""
    fields = written.fields
    if written.kind == "Pod" and not written.group:
        return _map(fields, "metadata"), _map(fields, "spec")
    path = ("spec", "jobTemplate", "spec", "template") if written.kind == "CronJob" else ("spec", "template")
    return _map(fields, *path, "metadata"), _map(fields, *path, "spec")


def _declared(written: WrittenObject) -> DeclaredPod:
    metadata, spec = pod_template(written)
    template = {key: value or "" for key, value in _map(metadata, "labels").items()}
    free, fixed, numbered = _controller_labels(written, template)
    chosen = {*free, *(key for group in numbered for key, _ in group.keys)}
    is_pod = written.kind == "Pod" and not written.group
    return DeclaredPod(
        reference=f"{written.namespace}/{written.kind}/{written.name}",
        namespace=written.namespace or "default",
        labels={key: value for key, value in {**template, **fixed}.items() if key not in chosen},
        free=free,
        numbered=numbered,
        ports=tuple(_ports(spec)),
        addresses=tuple(_addresses(written)) if is_pod else (),
        host_network=spec.get("hostNetwork") is True,
        single=is_pod,
        origin=written.origin(),
        node=_node(spec),
    )


def _node(spec: dict[str, Any]) -> str:
    name = spec.get("nodeName")
    return name if isinstance(name, str) else ""


_Labels = tuple[tuple[str, ...], dict[str, str], tuple[Numbered, ...]]
"""Labels that a controller adds: with any value, with values the manifest determines, made from a number."""


def _controller_labels(written: WrittenObject, template: dict[str, str]) -> _Labels:
    kind = (written.group, written.kind)
    if kind == ("batch", "Job"):
        named = None if written.name.endswith("*") else written.name
        own = _map(written.fields, "metadata").get("uid")
        # What a cluster reports of a job holds the uid that the API server gave it, which no manifest can say.
        said = {key: value for key, value in template.items() if key not in _JOB_UID or not own or value != own}
        return _job_labels(_map(written.fields, "spec"), said, named, prefix=None)
    if kind == ("batch", "CronJob"):
        return _job_labels(_map(written.fields, "spec", "jobTemplate", "spec"), template, None, f"{written.name}-")
    numbered: tuple[Numbered, ...] = ()
    if kind == ("apps", "StatefulSet"):
        start: int = _map(written.fields, "spec", "ordinals").get("start") or 0
        keys = (("apps.kubernetes.io/pod-index", ""), ("statefulset.kubernetes.io/pod-name", f"{written.name}-"))
        numbered = (Numbered(keys, start, None, single=True),)
    return _FREE_LABELS.get(kind, ()), {}, numbered


def _job_labels(spec: dict[str, Any], template: dict[str, str], name: str | None, prefix: str | None) -> _Labels:
    """A job called ``name``, or ``prefix`` and a number (a CronJob's), or by the API server (neither).

    A job with ``manualSelector`` gets neither name nor uid labels; labels that its template sets stay
    (kubernetes/kubernetes:pkg/registry/batch/job/strategy.go).
    """
    index = tuple(_completion_index(spec))
    if spec.get("manualSelector") is True:
        return (), {}, index
    uid = tuple(key for key in _JOB_UID if key not in template)
    names = tuple(key for key in _JOB_NAME if key not in template)
    if name is not None:
        return uid, dict.fromkeys(names, name), index
    if prefix is None or not names:
        return (*uid, *names), {}, index
    return uid, {}, (Numbered(tuple((key, prefix) for key in names), 0, None, single=False), *index)


def _completion_index(spec: dict[str, Any]) -> Iterator[Numbered]:
    if spec.get("completionMode") == "Indexed":
        completions = spec.get("completions")
        last = completions - 1 if isinstance(completions, int) and completions > 0 else None
        yield Numbered(((_COMPLETION_INDEX, ""),), 0, last, single=False)


def _ports(spec: dict[str, Any]) -> Iterator[tuple[str, Protocol, int]]:
    containers: list[Any] = spec.get("containers") or []
    for container in containers:
        ports: list[Any] = container.get("ports") or []
        for port in ports:
            if port.get("name"):
                yield port["name"], port.get("protocol") or "TCP", port["containerPort"]


def _addresses(written: WrittenObject) -> Iterator[tuple[Family, int]]:
    status = _map(written.fields, "status")
    entries: list[Any] = status.get("podIPs") or []
    texts = [entry["ip"] for entry in entries if entry.get("ip")] or [status.get("podIP")]
    for text in texts:
        if text:
            yield parse_address(text)
