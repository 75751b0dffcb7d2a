"""The finite world in which a suite is decided: codes for namespaces, label values, declared pods and nodes.

Every namespace and label value that matters gets a code; what nobody mentions is represented by fresh codes
(two namespaces, since a connection has two ends; one label value, two where values are compared between ends).
docs/soundness.md argues why a proof over these codes is a proof over all pods.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .addresses import Family, Network
from .choices import Choices
from .cluster import DNS_LABEL, NAME_LABEL, Cluster
from .nodes import DeclaredNode
from .policy import Protocol
from .terms import Terms
from .vocabulary import Vocabulary, unmentioned
from .workloads import DeclaredPod, Numbered

ABSENT = 0
"""The code of a label that is not there."""


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """What a suite says of the world beside the manifests; ``families`` are those a connection may use.

    ``domains``: what names stand for. ``host_network``: pods in the host's network are ends of connections, under the
    reading that they are ordinary pods. ``self_traffic`` treats a pod talking to itself as ordinary traffic; only tests
    of published truth tables set it.
    """

    external_namespaces: tuple[tuple[str, tuple[tuple[str, str], ...] | None], ...] = ()
    external_pods: tuple[DeclaredPod, ...] = ()
    pod_networks: tuple[Network, ...] = ()
    node_networks: tuple[Network, ...] = ()
    families: tuple[Family, ...] = ("IPv4", "IPv6")
    nodes: tuple[DeclaredNode, ...] = ()
    domains: tuple[tuple[str, tuple[Network, ...]], ...] = ()
    host_network: bool = False
    self_traffic: bool = False


@dataclass(frozen=True, slots=True)
class NamespaceEntry:
    """A namespace of the finite world. ``labels`` is None where unknown (free); ``exists`` is false for one that no
    manifest and no ``external`` declares or names; ``fresh`` for one whose very name is free."""

    name: str
    labels: dict[str, str] | None
    exists: bool
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class LabelDomain:
    """The codes of one label key: 0 is ABSENT, 1… the mentioned ``values``, every higher code a fresh value."""

    values: tuple[str, ...]
    fresh: int

    @property
    def width(self) -> int:
        """Bits of a code: room for ABSENT, every value and the fresh codes. Spare codes are further fresh values."""
        return (len(self.values) + self.fresh).bit_length()

    def code(self, value: str) -> int:
        """The code of ``value``; the first fresh code if nobody mentions it."""
        try:
            return self.values.index(value) + 1
        except ValueError:
            return len(self.values) + 1

    def texts(self) -> list[str]:
        """A value for each code from 1 on; the fresh ones are values that nobody mentions."""
        spare = (1 << self.width) - 1 - len(self.values)
        return [*self.values, *unmentioned("other", self.values, spare)]


@dataclass(frozen=True, slots=True)
class PodClass:
    """Declared pods that nothing in the input can tell apart.

    ``members`` are pods with their fixed labels as printed (the numbered ones of this variant included); ``labels``
    are those of the first. ``free`` keys are mentioned somewhere and present with any value. ``single``: exactly one
    such pod exists.
    """

    members: tuple[tuple[DeclaredPod, dict[str, str]], ...]
    free: tuple[str, ...]
    single: bool

    @property
    def pod(self) -> DeclaredPod:
        """The first of the pods, which stands for all."""
        return self.members[0][0]

    @property
    def labels(self) -> dict[str, str]:
        """The fixed labels of the first of the pods."""
        return self.members[0][1]


class World:
    """Codes for everything, and the store of terms over them. Worlds of one vocabulary, with the same namespaces, pods
    and nodes, can share a store and a reading (``choices``): then their connections are one, seen by two clusters.

    ``classes_by_namespace``: the classes of declared pods by the code of their namespace. ``host_classes``: those in
    the host's network.
    """

    def __init__(
        self, cluster: Cluster, vocabulary: Vocabulary, config: WorldConfig, choices: Choices | None = None
    ) -> None:
        self.choices = choices or Choices(Terms(), [cluster], host_network=config.host_network)
        self.terms = self.choices.terms
        self.config = config
        self.cluster = cluster
        self.vocabulary = vocabulary
        self._domains: dict[tuple[str, str], LabelDomain] = {}
        self.namespaces = _namespace_table(cluster, vocabulary, config)
        self.namespace_codes = {entry.name: code for code, entry in enumerate(self.namespaces)}
        pods = [*cluster.pods, *config.external_pods]
        included = config.host_network
        self.host_network_pods = tuple(pod for pod in pods if pod.host_network and not included)
        self.pods = tuple(pod for pod in pods if included or not pod.host_network)
        self.nodes = _all_nodes(cluster, config)
        self.classes = self._classes(self.pods)
        self.host_classes = tuple(number for number, each in enumerate(self.classes) if each.pod.host_network)
        self.classes_by_namespace: dict[int, list[int]] = {}
        for number, each in enumerate(self.classes):
            self.classes_by_namespace.setdefault(self.namespace_codes[each.pod.namespace], []).append(number)
        self._by_label: dict[str, dict[int, list[int]]] = {}

    def pod_label(self, key: str) -> LabelDomain:
        """The codes of a label key of pods."""
        return self._domain("pod", key, self.vocabulary.pod_labels.get(key, set()), 1)

    def namespace_label(self, key: str) -> LabelDomain:
        """The codes of a label key of namespaces."""
        fresh = 2 if key in self.vocabulary.compared else 1
        return self._domain("namespace", key, self.vocabulary.namespace_labels.get(key, set()), fresh)

    def node_label(self, key: str) -> LabelDomain:
        """The codes of a label key of nodes."""
        return self._domain("node", key, self.vocabulary.node_labels.get(key, set()), 1)

    def codes_of_namespaces(self, names: Sequence[str]) -> frozenset[int]:
        """The codes of the namespaces with these names; names that cannot exist have none."""
        return frozenset(self.namespace_codes[name] for name in names if name in self.namespace_codes)

    def undeclared(self) -> frozenset[int]:
        """Codes of namespaces that nobody declares or names as existing."""
        return frozenset(code for code, entry in enumerate(self.namespaces) if not entry.exists)

    def unknown_labels(self) -> frozenset[int]:
        """Codes of namespaces whose labels are free."""
        return frozenset(code for code, entry in enumerate(self.namespaces) if entry.labels is None)

    def classes_by_label(self, key: str) -> dict[int, list[int]]:
        """The classes of declared pods by the code of their fixed label ``key`` (ABSENT included)."""
        found = self._by_label.get(key)
        if found is None:
            found = self._by_label[key] = {}
            domain = self.pod_label(key)
            for number, each in enumerate(self.classes):
                if key not in each.free:
                    code = domain.code(each.labels[key]) if key in each.labels else ABSENT
                    found.setdefault(code, []).append(number)
        return found

    def one_pod(self) -> tuple[tuple[int, ...], ...]:
        """Sets of classes that are one pod, or never meet, where two clusters are compared: two states of one Pod, or
        pods that had one address after each other."""
        shared: dict[object, list[int]] = {}
        for code, each in enumerate(self.classes):
            # Pods whose names the API server makes up share a reference, and are several.
            if each.single and not each.pod.numbered and not each.pod.reference.endswith("*"):
                shared.setdefault(each.pod.reference, []).append(code)
            for address in each.pod.addresses:
                shared.setdefault(address, []).append(code)
        return tuple(dict.fromkeys(tuple(codes) for codes in shared.values() if len(codes) > 1))

    def _domain(self, scope: str, key: str, values: set[str], fresh: int) -> LabelDomain:
        domain = self._domains.get((scope, key))
        if domain is None:
            domain = self._domains[scope, key] = LabelDomain(tuple(sorted(values)), fresh)
        return domain

    def _classes(self, pods: Sequence[DeclaredPod]) -> tuple[PodClass, ...]:
        groups: dict[object, list[tuple[DeclaredPod, dict[str, str], bool]]] = {}
        placed = {node.name for node in self.nodes}
        for pod in pods:
            for labels, single in self._variants(pod):
                codes = tuple(
                    (key, self.pod_label(key).code(labels[key]))
                    for key in sorted(labels)
                    if key in self.vocabulary.pod_labels
                )
                free = tuple(key for key in pod.free if key in self.vocabulary.pod_labels)
                mentioned = pod.reference if pod.reference in self.vocabulary.workloads else ""
                node = pod.node if pod.host_network or pod.node in placed else ""
                key = (pod.namespace, codes, free, pod.ports, pod.addresses, mentioned, pod.host_network, node)
                groups.setdefault(key, []).append((pod, labels, single))
        return tuple(
            PodClass(
                tuple((pod, labels) for pod, labels, _ in members),
                tuple(key for key in members[0][0].free if key in self.vocabulary.pod_labels),
                single=len(members) == 1 and members[0][2],
            )
            for members in groups.values()
        )

    def _variants(self, pod: DeclaredPod) -> Iterator[tuple[dict[str, str], bool]]:
        """The labels of ``pod``, once for each number that somebody mentions and for two that nobody does."""
        choices = [self._numbers(numbered) for numbered in pod.numbered]
        for chosen in itertools.product(*choices):
            labels, single = dict(pod.labels), pod.single
            for numbered, (number, mentioned) in zip(pod.numbered, chosen, strict=True):
                labels.update({key: f"{prefix}{number}" for key, prefix in numbered.keys})
                single = single or (numbered.single and mentioned)
            yield labels, single

    def _numbers(self, numbered: Numbered) -> list[tuple[int, bool]]:
        mentioned: set[int] = set()
        for key, prefix in numbered.keys:
            for value in self.vocabulary.pod_labels.get(key, set()):
                number = value.removeprefix(prefix)
                if value.startswith(prefix) and number.isdecimal() and str(int(number)) == number:
                    mentioned.add(int(number))
        enough = numbered.first + len(mentioned) + 1  # two that nobody mentions: one for each end of a connection
        last = max(enough, *mentioned, 0) if numbered.last is None else numbered.last
        possible = [(number, True) for number in sorted(mentioned) if numbered.first <= number <= last]
        others = (number for number in range(numbered.first, last + 1) if number not in mentioned)
        return [*possible, *((number, False) for number in itertools.islice(others, 2))]


def _all_nodes(cluster: Cluster, config: WorldConfig) -> tuple[DeclaredNode, ...]:
    """The nodes of the manifests and of the suite; one that both name counts once."""
    named = {node.name for node in cluster.nodes}
    return tuple(
        sorted((*cluster.nodes, *(node for node in config.nodes if node.name not in named)), key=lambda node: node.name)
    )


def _namespace_table(cluster: Cluster, vocabulary: Vocabulary, config: WorldConfig) -> tuple[NamespaceEntry, ...]:
    existing: dict[str, dict[str, str] | None] = dict(cluster.namespaces)
    for name, labels in config.external_namespaces:
        if existing.get(name) is None:
            existing[name] = None if labels is None else {k: v for k, v in labels if k != NAME_LABEL}
    mentioned = sorted(name for name in vocabulary.namespaces if name not in existing and DNS_LABEL.fullmatch(name))
    fresh = unmentioned("other", [*existing, *mentioned], 2)
    return (
        *(NamespaceEntry(name, labels, exists=True) for name, labels in sorted(existing.items())),
        *(NamespaceEntry(name, None, exists=False) for name in mentioned),
        *(NamespaceEntry(name, None, exists=False, fresh=True) for name in fresh),
    )


def protocol_code(protocol: Protocol) -> int:
    """TCP 0, UDP 1, SCTP 2."""
    return ("TCP", "UDP", "SCTP").index(protocol)
