"""Faults of reading: several documents in a file, lists, objects without a namespace, and objects that share a name.

The rules: kubectl's reading of files, and the API server's names: an object is known by its namespace and its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from netpol_verify.verify.fuzz.model import Cluster, Raw
from netpol_verify.verify.fuzz.walk import is_list, namespace_of, objects_of

from .fault import Area

DOCUMENTS = Area("documents")
POLICY = "NetworkPolicy"


def _documents(cluster: Cluster, kept: Callable[[int], bool]) -> Cluster:
    """The cluster with those of its documents; Pods are always known to whoever asks about them."""
    objects = [each for at, each in enumerate(cluster.objects) if each["kind"] == "Pod" or kept(at)]
    return Cluster.of(objects)


def _with_policies(cluster: Cluster, policies: Iterable[Raw]) -> Cluster:
    """The cluster with these policies alone. Items of a list of policies may not say what they are."""
    whole = ({**each, "apiVersion": "networking.k8s.io/v1"} for each in policies)
    return Cluster.of([*objects_of(cluster, "Namespace", "Pod"), *whole])


@DOCUMENTS.misread("only the first document of a file is read", "mattfenwick/cyclonus:pkg/kube/read.go")
def first_document_only(cluster: Cluster) -> Cluster:
    first = {positions[0] for positions in cluster.layout}
    return _documents(cluster, first.__contains__)


@DOCUMENTS.misread("only the last document of a file is read")
def last_document_only(cluster: Cluster) -> Cluster:
    last = {positions[-1] for positions in cluster.layout}
    return _documents(cluster, last.__contains__)


@DOCUMENTS.misread("lists are not read")
def lists_are_not_read(cluster: Cluster) -> Cluster:
    return _documents(cluster, lambda at: not is_list(cluster.objects[at]))


@DOCUMENTS.misread("only the first item of a list is read")
def first_item_of_a_list_only(cluster: Cluster) -> Cluster:
    objects = [{**each, "items": each["items"][:1]} if is_list(each) else each for each in cluster.objects]
    return Cluster(tuple(objects), cluster.layout)


@DOCUMENTS.misread("policies of one name replace each other, whatever their namespaces")
def policies_are_known_by_name_alone(cluster: Cluster) -> Cluster:
    last = {each["metadata"]["name"]: each for each in objects_of(cluster, POLICY)}
    return _with_policies(cluster, last.values())


@DOCUMENTS.misread("policies without a namespace are dropped")
def policies_without_namespace_are_dropped(cluster: Cluster) -> Cluster:
    return _with_policies(cluster, (each for each in objects_of(cluster, POLICY) if "namespace" in each["metadata"]))


@DOCUMENTS.misread("a policy without a namespace is in that of the policy before it")
def missing_namespace_is_the_one_before(cluster: Cluster) -> Cluster:
    policies: list[Raw] = []
    before = "default"
    for number, policy in enumerate(objects_of(cluster, POLICY)):
        metadata: Raw = policy["metadata"]
        before = metadata.get("namespace") or before
        # Numbered, since it may meet one of its name there.
        policies.append({**policy, "metadata": {**metadata, "namespace": before, "name": f"policy-{number}"}})
    return _with_policies(cluster, policies)


@DOCUMENTS.misread("a policy is in force only in a namespace that an object declares")
def policies_of_undeclared_namespaces_are_dropped(cluster: Cluster) -> Cluster:
    declared = {each["metadata"]["name"] for each in objects_of(cluster, "Namespace")}
    return _with_policies(cluster, (each for each in objects_of(cluster, POLICY) if namespace_of(each) in declared))


@DOCUMENTS.misread("Namespace objects are read only before the first policy")
def late_namespaces_are_not_read(cluster: Cluster) -> Cluster:
    policies = (at for at, each in enumerate(cluster.objects) if any(objects_of(Cluster.of([each]), POLICY)))
    first = next(policies, len(cluster.objects))
    return _documents(cluster, lambda at: cluster.objects[at]["kind"] != "Namespace" or at < first)
