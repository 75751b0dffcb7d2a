"""A cluster as the symbolic side sees it: namespaces with their labels, declared pods, policies, ignorance.

Built once from the objects as written; the API's defaults are applied here and in the modules it calls.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from .adminpolicy import cluster_policies, is_cluster_policy, reference_of
from .manifests import Manifests
from .networkpolicy import network_policy_tier
from .nodes import DeclaredNode, declared_nodes
from .policy import Direction, Layer, Tier
from .reading.scopes import scope_of
from .services import services_in
from .workloads import DeclaredPod, declared_pods
from .written import WrittenObject

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What a namespace may be called; others cannot exist, whoever names them."""
NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server sets on every namespace to its own name."""


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """A policy that is not understood: in ``directions``, for pods of ``namespace`` (None: all), it decides freely.

    ``content`` is what it says, as text: two with the same content decide alike.
    """

    reference: str
    namespace: str | None
    directions: tuple[Direction, ...]
    content: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """``namespaces`` maps a name to its labels (``kubernetes.io/metadata.name`` left out), or to None where only the
    name is known. ``layers`` are asked independently; ``pods`` are sorted by reference, ``nodes`` by name.
    ``as_read`` are the references of the policies that may be tied, in the order in which they were read. ``services``
    are those of the manifests, by reference, as often as they are written: unchecked, until a property names one."""

    namespaces: dict[str, dict[str, str] | None]
    pods: tuple[DeclaredPod, ...]
    layers: tuple[Layer, ...]
    unmodelled: tuple[Unmodelled, ...]
    nodes: tuple[DeclaredNode, ...] = ()
    as_read: tuple[str, ...] = ()
    services: dict[str, tuple[WrittenObject, ...]] = field(default_factory=dict[str, tuple[WrittenObject, ...]])


def _title(written: WrittenObject) -> str:
    """``namespace/Kind/name (group)``, as everywhere in reports; without the namespace for a cluster-wide object."""
    place = "" if written.namespace is None else f"{written.namespace}/"
    return f"{place}{written.kind}/{written.name} ({written.group})"


def _content(written: WrittenObject) -> str:
    """What an object says, without who wrote it when and what became of it."""
    said = {key: value for key, value in written.fields.items() if key not in ("metadata", "status")}
    return json.dumps(said, sort_keys=True, default=str)


def build_cluster(manifests: Manifests) -> Cluster:
    """The cluster that validated manifests describe."""
    legal = (name for name in manifests.named_namespaces if DNS_LABEL.fullmatch(name))
    namespaces: dict[str, dict[str, str] | None] = dict.fromkeys(legal)
    for written in manifests.modelled:
        if written.kind == "Namespace" and not written.group:
            metadata: dict[str, Any] = written.fields.get("metadata") or {}
            labels: dict[str, Any] = metadata.get("labels") or {}
            namespaces[written.name] = {key: value or "" for key, value in labels.items() if key != NAME_LABEL}
        elif written.namespace is not None:
            namespaces.setdefault(written.namespace, None)
    unmodelled = tuple(
        Unmodelled(_title(written), scope.namespace, scope.directions, _content(written))
        for written in manifests.unmodelled
        for scope in (scope_of(written),)
    )
    return Cluster(
        namespaces=dict(sorted(namespaces.items())),
        pods=declared_pods(manifests.modelled),
        layers=(Layer("NetworkPolicy", _tiers(manifests)),),
        unmodelled=unmodelled,
        nodes=declared_nodes(manifests.modelled),
        as_read=tuple(reference_of(written) for written in manifests.modelled if is_cluster_policy(written)),
        services=services_in(manifests.exposing),
    )


def _tiers(manifests: Manifests) -> tuple[Tier, ...]:
    """Cluster-wide policies before and after those of namespaces, where there are any."""
    admin, baseline = cluster_policies(manifests.modelled)
    between = network_policy_tier(manifests.modelled)
    return tuple(tier for tier in (admin, between, baseline) if tier is not None)
