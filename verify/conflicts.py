"""What manifests and suites say of one cluster must fit together; where it does not, nothing can be proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..encodings.addresses import address_text
from ..encodings.cluster import NAME_LABEL, Cluster
from ..encodings.problems import InputErrors, Problem
from ..properties.loading import LoadedProperty
from .settings import nodes_of


def refuse_conflicts(properties: Sequence[LoadedProperty], cluster: Cluster) -> None:
    """Raises InputErrors for two pods or nodes at one address, and for namespaces and nodes that are given twice,
    differently."""
    problems = {*_shared_addresses(cluster), *_external_labels(properties, cluster), *_nodes(properties, cluster)}
    if problems:
        raise InputErrors(problems)


def _shared_addresses(cluster: Cluster) -> Iterable[Problem]:
    at: dict[tuple[str, int], str] = {}
    for pod in cluster.pods:
        for family, number in pod.addresses if not pod.host_network else ():
            other = at.setdefault((family, number), pod.reference)
            if other != pod.reference:
                text = f"{pod.reference} and {other} both have the address {address_text(family, number)}"
                hint = "are these manifests of two moments, or of two clusters?"
                yield Problem(pod.origin.file, pod.origin.line, "status.podIPs", text, hint)


def _external_labels(properties: Sequence[LoadedProperty], cluster: Cluster) -> Iterable[Problem]:
    for loaded in properties:
        for external in loaded.world.external or []:
            declared = cluster.namespaces.get(external.name)
            if external.labels is None or declared is None:
                continue
            if {key: value for key, value in external.labels.items() if key != NAME_LABEL} != declared:
                text = f'the manifests declare the namespace "{external.name}" with other labels than `external` does'
                hint = "leave `labels` out of the entry, or make both say the same"
                yield Problem(loaded.file, loaded.line, "world.external", text, hint)


def _nodes(properties: Sequence[LoadedProperty], cluster: Cluster) -> Iterable[Problem]:
    """A node's address is no other node's and no pod's, unless the pod is in a host's network."""
    pods = {at: pod.reference for pod in cluster.pods if not pod.host_network for at in pod.addresses}
    at: dict[tuple[str, int], str] = {}
    for node in cluster.nodes:
        for family, number in node.addresses:
            other = pods.get((family, number)) or at.setdefault((family, number), f"node {node.name}")
            if other != f"node {node.name}":
                text = f"node {node.name} and {other} both have the address {address_text(family, number)}"
                hint = "are these manifests of two moments, or of two clusters?"
                yield Problem(node.origin.file, node.origin.line, "status.addresses", text, hint)
    declared = {node.name: (node.labels, {*node.addresses}) for node in cluster.nodes}
    for loaded in properties:
        for node in nodes_of(loaded.world):
            if node.name in declared and declared[node.name] != (node.labels, {*node.addresses}):
                text = f'the manifests declare the node "{node.name}" otherwise than `nodes` does'
                yield Problem(loaded.file, loaded.line, "world.nodes", text, "leave it out of `nodes`")
            for family, number in node.addresses if node.name not in declared else ():
                other = pods.get((family, number)) or at.get((family, number))
                if other is not None:
                    text = f"node {node.name} and {other} both have the address {address_text(family, number)}"
                    yield Problem(loaded.file, loaded.line, "world.nodes", text, "an address belongs to one of them")
