"""What manifests hold, as far as a first suite speaks of it: namespaces, the policies of each, groups of workloads.

Trusts the cluster of ``encodings/cluster``. Namespaces whose policies differ in nothing but the namespace's own name
are alike: what is asked of one of them is a good guess for the others, and the whole is proved in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...encodings.cluster import NAME_LABEL, Cluster
from ...encodings.policy import DirectedPolicy, Direction, Peer, PodPeer
from ...encodings.selectors import Requirement, Selector, matches
from ...encodings.workloads import DeclaredPod

SYSTEM = ("kube-node-lease", "kube-public", "kube-system")
"""Namespaces that a cluster comes with: nobody expects policies there."""
NAMING_KEYS = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/component", "component", "name", "tier")


@dataclass(frozen=True, slots=True)
class Workloads:
    """Declared pods of one namespace that one selector tells from others; ``reference``: of one workload without
    labels to tell it by, which the group names."""

    namespace: str
    selector: Selector
    reference: str | None = None


@dataclass(frozen=True)
class Census:
    """A cluster, looked at namespace by namespace."""

    cluster: Cluster

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace that exists, sorted."""
        return tuple(sorted(self.cluster.namespaces))

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The namespaces that a user answers for."""
        return tuple(name for name in self.namespaces if name not in SYSTEM)

    @cached_property
    def _policies(self) -> dict[tuple[str, Direction], list[DirectedPolicy]]:
        found: dict[tuple[str, Direction], list[DirectedPolicy]] = {}
        for layer in self.cluster.layers:
            for tier in layer.tiers:
                for policy in tier.policies:
                    found.setdefault((policy.subject.namespace or "", policy.direction), []).append(policy)
        return found

    def policies(self, namespace: str, direction: Direction) -> Sequence[DirectedPolicy]:
        """The policies that select pods of the namespace in a direction, as written."""
        return self._policies.get((namespace, direction), ())

    def alike(self, names: Iterable[str], direction: Direction) -> list[tuple[str, ...]]:
        """``names`` in sets of namespaces that look alike in a direction; each sorted, in the order of their first."""
        found: dict[object, list[str]] = {}
        for name in names:
            found.setdefault(self._look(name, direction), []).append(name)
        return [tuple(sorted(members)) for members in found.values()]

    def _look(self, name: str, direction: Direction) -> object:
        """Everything about a namespace that what holds of its pods in a direction should depend on."""
        policies = frozenset(_without_name(policy, name) for policy in self.policies(name, direction))
        return (
            policies,
            self._subject_labels(name),
            self.cluster.namespaces[name] is None,
            name in self._inhabited,
            tuple(sorted(each.content for each in self.cluster.unmodelled if each.namespace == name)),
        )

    def _subject_labels(self, name: str) -> tuple[tuple[str, str | None], ...]:
        """The namespace's labels, as far as cluster-wide policies are about namespaces with certain labels."""
        labels = {**(self.cluster.namespaces[name] or {}), NAME_LABEL: name}
        return tuple((key, labels.get(key)) for key in self._keys_of_subjects)

    @cached_property
    def _keys_of_subjects(self) -> tuple[str, ...]:
        tiers = (tier for layer in self.cluster.layers for tier in layer.tiers)
        selectors = (policy.subject.namespace_selector or () for tier in tiers for policy in tier.policies)
        return tuple(sorted({requirement.key for selector in selectors for requirement in selector}))

    @cached_property
    def _inhabited(self) -> frozenset[str]:
        return frozenset(pod.namespace for pod in self.pods)

    @cached_property
    def pods(self) -> tuple[DeclaredPod, ...]:
        """The declared workloads that policies can govern."""
        return tuple(pod for pod in self.cluster.pods if not pod.host_network)

    @cached_property
    def tiers(self) -> tuple[Workloads, ...]:
        """The declared workloads by the labels that tell them apart, in the order of their names."""
        return tuple(dict.fromkeys(self._tier(pod) for pod in self.pods))

    def _tier(self, pod: DeclaredPod) -> Workloads:
        """The selector of a policy that selects the workload by its labels, else a label that names things."""
        for direction in ("ingress", "egress"):
            for policy in self.policies(pod.namespace, direction):
                selector = policy.subject.pod_selector or ()
                if any(each.operator == "In" for each in selector) and matches(selector, pod.labels):
                    return Workloads(pod.namespace, selector)
        for key in NAMING_KEYS:
            if key in pod.labels:
                return Workloads(pod.namespace, (Requirement(key, "In", (pod.labels[key],)),))
        return Workloads(pod.namespace, (), pod.reference)


def _without_name(policy: DirectedPolicy, name: str) -> object:
    """What a policy says, its own namespace's name left out."""
    rules = frozenset(
        (None if rule.peers is None else frozenset(_nameless(peer, name) for peer in rule.peers), rule.ports)
        for rule in policy.rules
    )
    return policy.subject.pod_selector, rules


def _nameless(peer: Peer, name: str) -> object:
    if isinstance(peer, PodPeer):
        return peer.namespace == name, peer.namespace_selector, peer.pod_selector
    return peer
