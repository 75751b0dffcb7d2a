"""Cluster-wide policies for the oracle: AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy.

All three become one form, in the words of ClusterNetworkPolicy. Trusts that the objects passed validation. Source:
kubernetes-sigs/network-policy-api:apis/v1alpha1/*.go and apis/v1alpha2/clusternetworkpolicy_types.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject

from . import labels
from .addresses import Span, parse_span
from .labels import Selector
from .policies import DIRECTIONS, Direction, PortEntry
from .raw import Raw, mapping, sequence

Tier = Literal["Admin", "Baseline"]
TIERS: tuple[Tier, Tier] = ("Admin", "Baseline")
Action = Literal["accept", "deny", "pass"]
GROUP = "policy.networking.k8s.io"
KINDS = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")
PROTOCOLS = ("TCP", "UDP", "SCTP")
_ACTIONS: dict[str, Action] = {"Allow": "accept", "Accept": "accept", "Deny": "deny", "Pass": "pass"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Pods by the labels of their namespace and by their own: a subject, or a peer of form namespaces or pods."""

    namespaces: Selector
    pods: Selector


@dataclass(frozen=True, slots=True)
class AdminPeer:
    """One entry of a ``from`` or ``to`` list: exactly one of the four says something."""

    chosen: Chosen | None = None
    networks: tuple[Span, ...] = ()
    nodes: Selector | None = None
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AdminRule:
    """A rule matches if one of its peers does and one of its ports; ``ports`` None: any port of any protocol."""

    action: Action
    peers: tuple[AdminPeer, ...]
    ports: tuple[PortEntry, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class AdminPolicy:
    """A policy of a tier; ``priority`` None: it has none (BaselineAdminNetworkPolicy)."""

    reference: str
    tier: Tier
    priority: int | None
    subject: Chosen
    rules: dict[Direction, tuple[AdminRule, ...]]

    @property
    def peers(self) -> tuple[AdminPeer, ...]:
        """Every peer of every rule."""
        return tuple(peer for rules in self.rules.values() for rule in rules for peer in rule.peers)

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """The subject, and the peers that choose pods."""
        return (self.subject, *(peer.chosen for peer in self.peers if peer.chosen is not None))

    @property
    def pod_selectors(self) -> tuple[Selector, ...]:
        """Every selector on pod labels."""
        return tuple(chosen.pods for chosen in self.chosen)

    @property
    def namespace_selectors(self) -> tuple[Selector, ...]:
        """Every selector on namespace labels."""
        return tuple(chosen.namespaces for chosen in self.chosen)

    @property
    def node_selectors(self) -> tuple[Selector, ...]:
        """Every selector on node labels."""
        return tuple(peer.nodes for peer in self.peers if peer.nodes is not None)

    @property
    def networks(self) -> tuple[Span, ...]:
        """Every block of addresses."""
        return tuple(span for peer in self.peers for span in peer.networks)

    @property
    def domains(self) -> tuple[str, ...]:
        """Every domain name."""
        return tuple(name for peer in self.peers for name in peer.domains)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        """Every port entry."""
        return tuple(entry for rules in self.rules.values() for rule in rules for entry in rule.ports or ())


def is_admin(item: WrittenObject) -> bool:
    """Whether the object is a cluster-wide policy."""
    return item.group == GROUP and item.kind in KINDS


def admin_policies_of(manifests: Manifests) -> tuple[AdminPolicy, ...]:
    """Every cluster-wide policy of the manifests, as they were read."""
    return tuple(_policy(item) for item in manifests.modelled if is_admin(item))


def _policy(item: WrittenObject) -> AdminPolicy:
    spec = mapping(item.fields, "spec")
    tier: Tier = "Baseline" if item.kind == "BaselineAdminNetworkPolicy" else "Admin"
    if item.kind == "ClusterNetworkPolicy":
        tier = cast(Tier, spec["tier"])
    rules: dict[Direction, tuple[AdminRule, ...]] = {
        direction: tuple(_rule(raw, side) for raw in sequence(spec, direction))
        for direction, side in zip(DIRECTIONS, ("from", "to"), strict=True)
    }
    chosen = _chosen(mapping(spec, "subject"))
    if chosen is None:
        raise ValueError(f"{item.kind} {item.name} has no subject")
    return AdminPolicy(f"{item.kind}/{item.name}", tier, spec.get("priority"), chosen, rules)


def _chosen(raw: Raw) -> Chosen | None:
    """What ``namespaces`` or ``pods`` selects; a null field is as good as a missing one."""
    if raw.get("namespaces") is not None:
        return Chosen(labels.from_manifest(mapping(raw, "namespaces")), labels.EVERYTHING)
    if raw.get("pods") is not None:
        # A missing namespaceSelector (v1alpha2) means every namespace, which is what no requirements mean.
        both = (labels.from_manifest(mapping(raw, "pods", name)) for name in ("namespaceSelector", "podSelector"))
        return Chosen(*both)
    return None


def _rule(raw: Raw, side: str) -> AdminRule:
    old, new = raw.get("ports"), raw.get("protocols")
    ports: list[Any] | None = old if new is None else new
    entries = None if ports is None else tuple(entry for item in ports for entry in _ports(item))
    return AdminRule(_ACTIONS[raw["action"]], tuple(_peer(item) for item in sequence(raw, side)), entries)


def _peer(raw: Raw) -> AdminPeer:
    if raw.get("nodes") is not None:
        return AdminPeer(nodes=labels.from_manifest(mapping(raw, "nodes")))
    networks = tuple(parse_span(cidr) for cidr in sequence(raw, "networks"))
    return AdminPeer(_chosen(raw), networks, domains=tuple(sequence(raw, "domainNames")))


def _ports(raw: Raw) -> tuple[PortEntry, ...]:
    """One entry of ``ports`` (v1alpha1) or ``protocols`` (v1alpha2); a name stands for any protocol."""
    name = raw.get("namedPort") or raw.get("destinationNamedPort")
    if name is not None:
        return tuple(PortEntry(protocol, name=name) for protocol in PROTOCOLS)
    if raw.get("portNumber") is not None:
        number = mapping(raw, "portNumber")
        return (PortEntry(number.get("protocol") or "TCP", number["port"], number["port"]),)
    if raw.get("portRange") is not None:
        bounds = mapping(raw, "portRange")
        return (PortEntry(bounds.get("protocol") or "TCP", bounds["start"], bounds["end"]),)
    (protocol,) = (each for each in PROTOCOLS if raw.get(each.lower()) is not None)
    port = mapping(raw, protocol.lower(), "destinationPort")
    if port.get("number") is not None:
        return (PortEntry(protocol, port["number"], port["number"]),)
    return (PortEntry(protocol, port["range"]["start"], port["range"]["end"]),)
