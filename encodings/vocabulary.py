"""What the whole input mentions: label keys with their values, namespace names, named ports, domain names.

A label is only ever compared with values that somebody wrote, so all unmentioned values of a key behave alike; the
symbolic world needs the mentioned ones and a few fresh codes (docs/soundness.md). "Mentioned" is collected over the
policies and the whole suite, never over a slice, so that a fresh value stays fresh for every reader.
"""

from __future__ import annotations

from collections.abc import Iterable

from .cluster import NAME_LABEL, Cluster
from .policy import DomainPeer, NamedPort, NodePeer, Protocol, peers_of, selectors_of
from .selectors import Requirement


class Vocabulary:
    """Collects mentions. ``compared`` keys of namespace labels are compared between the ends of a connection."""

    def __init__(self) -> None:
        self.pod_labels: dict[str, set[str]] = {}
        self.namespace_labels: dict[str, set[str]] = {}
        self.node_labels: dict[str, set[str]] = {}
        self.compared: set[str] = set()
        self.namespaces: set[str] = set()
        self.named_ports: set[tuple[str, Protocol]] = set()
        self.workloads: set[str] = set()
        self.domains: set[str] = set()

    def mention_pod_labels(self, requirements: Iterable[Requirement]) -> None:
        """Requirements on the labels of pods."""
        for requirement in requirements:
            self.pod_labels.setdefault(requirement.key, set()).update(requirement.values)

    def mention_namespace_labels(self, requirements: Iterable[Requirement]) -> None:
        """Requirements on the labels of namespaces; values of the name label are names of namespaces."""
        for requirement in requirements:
            if requirement.key == NAME_LABEL:
                self.namespaces.update(requirement.values)
            else:
                self.namespace_labels.setdefault(requirement.key, set()).update(requirement.values)

    def mention_node_labels(self, requirements: Iterable[Requirement]) -> None:
        """Requirements on the labels of nodes."""
        for requirement in requirements:
            self.node_labels.setdefault(requirement.key, set()).update(requirement.values)

    def mention_compared(self, key: str, declared: Iterable[dict[str, str] | None]) -> None:
        """``key`` is compared between namespaces: every value that a declared namespace carries is mentioned."""
        if key == NAME_LABEL:
            return
        self.compared.add(key)
        values = self.namespace_labels.setdefault(key, set())
        values.update(labels[key] for labels in declared if labels and key in labels)

    def mention_cluster(self, cluster: Cluster) -> None:
        """Everything that the cluster's policies and namespaces mention."""
        self.namespaces.update(cluster.namespaces)
        for layer in cluster.layers:
            for tier in layer.tiers:
                for policy in tier.policies:
                    on_pods, on_namespaces = selectors_of(policy)
                    self.mention_pod_labels(on_pods)
                    self.mention_namespace_labels(on_namespaces)
                    for peer in peers_of(policy):
                        if isinstance(peer, NodePeer):
                            self.mention_node_labels(peer.selector)
                        elif isinstance(peer, DomainPeer):
                            self.domains.add(peer.name)
                    for rule in policy.rules:
                        for port in rule.ports or ():
                            if isinstance(port, NamedPort):
                                self.named_ports.add((port.name, port.protocol))


def unmentioned(base: str, mentioned: Iterable[str], count: int = 1) -> list[str]:
    """``count`` values made from ``base`` (``other``, ``other-2``, …) that are not among ``mentioned``."""
    taken = set(mentioned)
    found: list[str] = []
    number = 1
    while len(found) < count:
        candidate = base if number == 1 else f"{base}-{number}"
        if candidate not in taken:
            found.append(candidate)
        number += 1
    return found
