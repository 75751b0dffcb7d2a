"""One end of a connection as the evaluator sees it, and how it is read from a report.

Trusts nothing but what it is told: an endpoint carries everything the evaluator needs to know about a pod,
and says what nobody knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .addresses import Address, Family, family_of, parse_address
from .selectors import Labels

Kind = Literal["pod", "external", "node"]
KINDS: dict[str, Kind] = {"pod": "pod", "external": "external", "node": "node"}
NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A container port with a name."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class ConcreteEndpoint:
    """A pod, an outside address (``external``) or another node.

    ``labels`` are a pod's labels; ``unknown_labels`` are keys it carries with a value nobody knows.
    ``namespace_labels`` None: nobody knows them, save ``kubernetes.io/metadata.name``, which the evaluator
    adds. ``ports`` None: nobody knows its container ports. ``ips`` empty: nobody knows its address.
    ``workload`` is ``namespace/kind/name`` of the declared workload, or None. ``node`` is the name of the node that it
    is, or on which it runs; ``node_labels`` are that node's labels (both None where nobody says). ``title`` is its name
    in messages.
    """

    kind: Kind
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    namespace_labels: Mapping[str, str] | None = field(default_factory=dict[str, str])
    ports: tuple[NamedPort, ...] | None = ()
    ips: tuple[str, ...] = ()
    host_network: bool = False
    workload: str | None = None
    unknown_labels: frozenset[str] = frozenset()
    title: str = ""
    node: str | None = None
    node_labels: Mapping[str, str] | None = None

    @property
    def in_pod_network(self) -> bool:
        """Whether it is a pod with an address of its own: one in the host's network has its node's. Whether
        NetworkPolicies see a pod is up to the reading (``Reading.is_pod``)."""
        return self.kind == "pod" and not self.host_network

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.title:
            return self.title
        if self.kind == "pod":
            return self.workload or f"the pod in {self.namespace}"
        if self.kind == "node" and self.node is not None:
            return f"node {self.node}"
        return self.ips[0] if self.ips else f"the {self.kind} address"

    def address(self, family: Family) -> Address | None:
        """Its address of that family, or None if nobody knows it."""
        return next((address for address in map(parse_address, self.ips) if family_of(address) == family), None)

    def families(self) -> tuple[Family, ...]:
        """The families of its known addresses, IPv4 first."""
        present = {family_of(parse_address(text)) for text in self.ips}
        families: tuple[Family, ...] = ("IPv4", "IPv6")
        return tuple(family for family in families if family in present)

    def pod_labels(self) -> Labels:
        """What is known of a pod's labels."""
        return Labels(self.labels, self.name, self.unknown_labels)

    def labels_of_namespace(self) -> Labels:
        """What is known of its namespace's labels; ``kubernetes.io/metadata.name`` is always the namespace's
        name (kubernetes/kubernetes:pkg/apis/core/v1/defaults.go, SetDefaults_Namespace)."""
        own_name = {NAMESPACE_NAME_LABEL: self.namespace or ""}
        about = f"namespace {self.namespace}"
        if self.namespace_labels is None:
            return Labels(own_name, about, complete=False)
        return Labels({**self.namespace_labels, **own_name}, about)
