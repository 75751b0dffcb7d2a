"""What tells the three cluster-wide policy kinds apart: fields, actions and limits of each.

Source: kubernetes-sigs/network-policy-api, release v0.1.8 for apis/v1alpha1 and release v0.2.0 for apis/v1alpha2, each
with its schemas of the standard and the experimental channel (config/crd). Fields of both channels are known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GROUP = "policy.networking.k8s.io"

Direction = Literal["ingress", "egress"]
PEERS_OF: dict[Direction, str] = {"ingress": "from", "egress": "to"}
INGRESS_PEERS = ("namespaces", "pods")
NAMELESS_PEERS = ("networks", "nodes", "domainNames")
"""Egress peers that have no named ports."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind's form of the API.

    ``actions``: the first is the one that lets traffic through. ``most_rules`` of a direction, ``most_entries`` of a
    rule's peers and of its ports. ``ports``: the rule's field for them; ``named_port``: the field of one entry that
    holds a port's name. ``pod_selectors``: what ``pods`` must have. ``name_refusal``: what the schema says about a
    named port beside peers without named ports; ``standard_names``: whether the standard channel has ``named_port``.
    """

    kind: str
    api_version: str
    spec_fields: tuple[str, ...]
    required: tuple[str, ...]
    actions: tuple[str, ...]
    most_rules: int
    most_entries: int
    egress_peers: tuple[str, ...]
    ports: str
    named_port: str
    pod_selectors: tuple[str, ...]
    name_refusal: str
    standard_names: bool


_NO_NAMES = "{0} peer cannot be set with namedPorts since there are no namedPorts for {0}"

ADMIN = Dialect(
    kind="AdminNetworkPolicy",
    api_version=f"{GROUP}/v1alpha1",
    spec_fields=("priority", "subject", "ingress", "egress"),
    required=("priority", "subject"),
    actions=("Allow", "Deny", "Pass"),
    most_rules=100,
    most_entries=100,
    egress_peers=("namespaces", "pods", "nodes", "networks", "domainNames"),
    ports="ports",
    named_port="namedPort",
    pod_selectors=("namespaceSelector", "podSelector"),
    name_refusal=_NO_NAMES.format("networks/nodes/domainNames"),
    standard_names=False,
)
BASELINE = Dialect(
    kind="BaselineAdminNetworkPolicy",
    api_version=f"{GROUP}/v1alpha1",
    spec_fields=("subject", "ingress", "egress"),
    required=("subject",),
    actions=("Allow", "Deny"),
    most_rules=100,
    most_entries=100,
    egress_peers=("namespaces", "pods", "nodes", "networks"),
    ports="ports",
    named_port="namedPort",
    pod_selectors=("namespaceSelector", "podSelector"),
    name_refusal=_NO_NAMES.format("networks/nodes"),
    standard_names=False,
)
CLUSTER = Dialect(
    kind="ClusterNetworkPolicy",
    api_version=f"{GROUP}/v1alpha2",
    spec_fields=("tier", "priority", "subject", "ingress", "egress"),
    required=("tier", "priority", "subject"),
    actions=("Accept", "Deny", "Pass"),
    most_rules=25,
    most_entries=25,
    egress_peers=("namespaces", "pods", "nodes", "networks", "domainNames"),
    ports="protocols",
    named_port="destinationNamedPort",
    pod_selectors=("podSelector",),
    name_refusal=_NO_NAMES.format("networks/nodes/domainNames"),
    standard_names=True,
)

DIALECTS: dict[tuple[str, str], Dialect] = {(GROUP, dialect.kind): dialect for dialect in (ADMIN, BASELINE, CLUSTER)}
"""The cluster-wide policy kinds by API group and kind."""
