"""Two clusters to be compared, made to hold the same namespaces, pods, nodes and Services, so that both are asked about
the same.

What one of them declares counts as declared in both (the contract's *Exact meaning*, ``noNewAccess``). Each keeps its
own policies, its own labels for the namespaces and nodes whose labels it knows, and its own Services.
"""

from __future__ import annotations

from dataclasses import replace

from .cluster import Cluster
from .nodes import DeclaredNode
from .workloads import DeclaredPod
from .written import Origin

_NOWHERE = Origin("", 0)


def merged(base: Cluster, head: Cluster) -> tuple[Cluster, Cluster]:
    """Both clusters with the namespaces, pods, nodes and Services of both."""
    pods = _all_pods(base, head)
    nodes_of_base, nodes_of_head = _nodes(base, base, head), _nodes(head, base, head)
    of_base = replace(base, namespaces=_namespaces(base, head), pods=pods, nodes=nodes_of_base)
    of_head = replace(head, namespaces=_namespaces(head, base), pods=pods, nodes=nodes_of_head)
    of_base = replace(of_base, services={**head.services, **base.services})
    return of_base, replace(of_head, services={**base.services, **head.services})


def relabelled(base: Cluster, head: Cluster) -> tuple[str, ...]:
    """The namespaces whose labels differ between two merged clusters."""
    return tuple(name for name, labels in base.namespaces.items() if labels != head.namespaces[name])


def declared_on_one_side(base: Cluster, head: Cluster) -> tuple[tuple[str, str], ...]:
    """Namespaces that only one of two clusters declares while the other names them: the side that declares, the name.

    The labels that the one side gives count on both, since the other side says nothing of them.
    """
    sides = (("base", base, head), ("head", head, base))
    return tuple(
        (side, name)
        for side, one, other in sides
        for name, labels in one.namespaces.items()
        if labels is not None and name in other.namespaces and other.namespaces[name] is None
    )


def _namespaces(own: Cluster, other: Cluster) -> dict[str, dict[str, str] | None]:
    both = {**other.namespaces, **{name: labels for name, labels in own.namespaces.items() if labels is not None}}
    names = sorted({*own.namespaces, *other.namespaces})
    return {name: both.get(name) for name in names}


def _nodes(own: Cluster, base: Cluster, head: Cluster) -> tuple[DeclaredNode, ...]:
    """The nodes of both, with the labels that ``own`` gives them if it does; they are where ``head`` says."""
    every = {node.name: node for node in (*base.nodes, *head.nodes)}
    labelled = {node.name: node.labels for node in own.nodes}
    return tuple(replace(every[name], labels=labelled.get(name, every[name].labels)) for name in sorted(every))


def _all_pods(base: Cluster, head: Cluster) -> tuple[DeclaredPod, ...]:
    """The pods of both; one that is the same in both counts once, as it stands in ``head``."""
    known: dict[str, list[DeclaredPod]] = {}
    for pod in head.pods:
        known.setdefault(pod.reference, []).append(_itself(pod))
    gone = [pod for pod in base.pods if _itself(pod) not in known.get(pod.reference, ())]
    return tuple(sorted((*head.pods, *gone), key=lambda pod: pod.reference))


def _itself(pod: DeclaredPod) -> DeclaredPod:
    """What policies can see of a pod: not where it was written, nor the node of one that is not in its network."""
    return replace(pod, origin=_NOWHERE, node=pod.node if pod.host_network else "")
