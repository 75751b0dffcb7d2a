"""Labels that controllers add to the pods they make, beyond those of the template.

Sources in kubernetes/kubernetes: pkg/controller/deployment/sync.go (pod-template-hash),
pkg/controller/daemon/util and staging/src/k8s.io/api/apps/v1/types.go (controller-revision-hash,
pod-template-generation), pkg/controller/statefulset/stateful_set_utils.go (pod-name, pod-index),
pkg/registry/batch/job/strategy.go (controller-uid, job-name) and pkg/controller/job/indexed_job_utils.go
(job-completion-index).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..written import WrittenObject
from .fields import Field, root

ADDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): ("pod-template-hash",),
    ("apps", "DaemonSet"): ("controller-revision-hash", "pod-template-generation"),
    ("apps", "StatefulSet"): (
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
    ),
}
"""Keys whose values only the running controller knows; it overwrites what the template says."""

UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
INDEX_LABEL = "batch.kubernetes.io/job-completion-index"
CONTROLLERS_ADD = frozenset((*UID_LABELS, *NAME_LABELS, INDEX_LABEL, *(key for keys in ADDED.values() for key in keys)))
"""Every key that some controller adds."""


def controller_labels(item: WrittenObject, template: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
    """A workload's pod labels: keys with values the manifest determines, and keys with values nobody
    knows."""
    labels = dict(template)
    added = ADDED.get((item.group, item.kind), ())
    spec = root(item).child("spec")
    if (item.group, item.kind) == ("batch", "Job"):
        uid = root(item).child("metadata").child("uid").value
        for key in UID_LABELS:
            if uid and labels.get(key) == uid:  # as the API server set it, on this one job of that name
                del labels[key]
        added = _job_labels(spec, labels, None if item.name.endswith("*") else item.name)
    elif (item.group, item.kind) == ("batch", "CronJob"):
        # A CronJob's jobs are named after the time they start, so their names are unknown.
        added = _job_labels(spec.child("jobTemplate").child("spec"), labels, None)
    for key in added:
        labels.pop(key, None)
    return labels, frozenset(added)


def _job_labels(spec: Field, labels: dict[str, str], name: str | None) -> tuple[str, ...]:
    """Adds what a Job's manifest determines to ``labels``; returns the keys with unknown values."""
    unknown: list[str] = []
    if not spec.child("manualSelector").flag():
        # What a template (of a job exported from a cluster) already says is what the API server keeps.
        unknown.extend(key for key in UID_LABELS if key not in labels)
        for key in NAME_LABELS:
            if name is not None:
                labels.setdefault(key, name)
            elif key not in labels:
                unknown.append(key)
    if spec.child("completionMode").text() == "Indexed":
        if spec.child("completions").whole() == 1:
            labels[INDEX_LABEL] = "0"
        else:
            unknown.append(INDEX_LABEL)
    return tuple(unknown)
