"""Manifests as the cluster that a suite is made for: their policies and namespaces, as they were written.

Objects that shared a file share one again. What a cluster adds to objects (status, resource versions) is dropped, and
workloads take no part. Trusts the manifests to be valid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ....encodings.adminpolicy import GROUP as CLUSTER_WIDE
from ....encodings.manifests import Manifests
from ....encodings.networkpolicy import GROUP, KIND
from ....encodings.written import WrittenObject
from ..model import Cluster, Raw
from ..walk import DEFAULT_NAMESPACE, mapping, namespace_of

EVERYWHERE = (DEFAULT_NAMESPACE, "kube-node-lease", "kube-public", "kube-system")
"""Namespaces that every cluster has (``kubernetes/kubernetes:pkg/controlplane``): none may be created or deleted."""


@dataclass(frozen=True, slots=True)
class Given:
    """``cluster``: the policies and namespaces, no pods. ``left_out``: policies of other kinds, which a suite for
    NetworkPolicies does without."""

    cluster: Cluster
    left_out: tuple[str, ...]


def given(manifests: Manifests, namespace: str = DEFAULT_NAMESPACE) -> Given:
    """What a suite is made for. ``namespace``: of objects that name none.

    A namespace in which a policy is and that no manifest declares is declared without labels, as it is where nobody
    gives it any.
    """
    objects: list[Raw] = []
    files: dict[str, list[int]] = {}
    for number, each in enumerate(each for each in manifests.modelled if _takes_part(each)):
        files.setdefault(each.file, []).append(number)
        objects.append(_as_written(each, number, namespace))
    cluster = Cluster(tuple(objects), tuple(map(tuple, files.values())))
    cluster_wide = (each for each in manifests.modelled if each.group == CLUSTER_WIDE)
    left_out = tuple(f"{each.kind} {each.reference}" for each in (*cluster_wide, *manifests.unmodelled))
    return Given(cluster.with_objects(list(_undeclared(cluster))), left_out)


def _takes_part(each: WrittenObject) -> bool:
    return (each.group, each.kind) in ((GROUP, KIND), ("", "Namespace"))


def _as_written(each: WrittenObject, number: int, namespace: str) -> Raw:
    own = mapping(each.fields.get("metadata"))
    # A name that the API server would have made up gets a number here: the name is free, but must be there.
    metadata: Raw = {"name": each.name.replace("*", str(number))}
    if each.kind == KIND and (own.get("namespace") or namespace != DEFAULT_NAMESPACE):
        metadata["namespace"] = each.namespace
    if each.kind != KIND and own.get("labels"):
        metadata["labels"] = _plain(own["labels"])
    read: Raw = {"apiVersion": each.api_version, "kind": each.kind, "metadata": metadata}
    if each.kind == KIND and "spec" in each.fields:
        read["spec"] = _plain(each.fields["spec"])
    return read


def _undeclared(cluster: Cluster) -> Iterator[Raw]:
    declared = {each["metadata"]["name"] for each in cluster.of_kind("Namespace")}
    for name in dict.fromkeys(namespace_of(each) for each in cluster.of_kind(KIND)):
        if name not in declared:
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _plain(value: object) -> Any:
    """Ordinary dicts and lists, which know no lines."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in cast("dict[object, object]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[object]", value)]
    return value
