"""The finite world in which a suite is decided: codes for namespaces, label values and declared pods.

Every namespace and label value that matters gets a code; what nobody mentions is represented by fresh codes
(two namespaces, since a connection has two ends; one label value, two where values are compared between ends).
docs/soundness.md argues why a proof over these codes is a proof over all pods.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .addresses import Family, Network
from .cluster import DNS_LABEL, NAME_LABEL, Cluster
from .policy import Protocol
from .terms import Terms
from .vocabulary import Vocabulary, unmentioned
from .workloads import DeclaredPod, Numbered

ABSENT = 0
"""The code of a label that is not there."""


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """What a suite says of the world beside the manifests; ``families`` are those a connection may use.

    ``self_traffic`` treats a pod talking to itself as ordinary traffic; only tests of published truth tables set it.
    """

    external_namespaces: tuple[tuple[str, tuple[tuple[str, str], ...] | None], ...] = ()
    external_pods: tuple[DeclaredPod, ...] = ()
    pod_networks: tuple[Network, ...] = ()
    node_networks: tuple[Network, ...] = ()
    families: tuple[Family, ...] = ("IPv4", "IPv6")
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
    """Codes for everything, and the store of terms over them. Worlds of one vocabulary, with the same namespaces and
    pods, can share a store (``terms``): then their connections are one connection, seen by two clusters.

    ``classes_by_namespace``: the classes of declared pods by the code of their namespace.
    """

    def __init__(
        self, cluster: Cluster, vocabulary: Vocabulary, config: WorldConfig, terms: Terms | None = None
    ) -> None:
        self.terms = Terms() if terms is None else terms
        self.config = config
        self.cluster = cluster
        self.vocabulary = vocabulary
        self._domains: dict[tuple[str, str], LabelDomain] = {}
        self.namespaces = _namespace_table(cluster, vocabulary, config)
        self.namespace_codes = {entry.name: code for code, entry in enumerate(self.namespaces)}
        pods = [*cluster.pods, *config.external_pods]
        self.host_network_pods = tuple(pod for pod in pods if pod.host_network)
        self.pods = tuple(pod for pod in pods if not pod.host_network)
        self.classes = self._classes(self.pods)
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
        for pod in pods:
            for labels, single in self._variants(pod):
                codes = tuple(
                    (key, self.pod_label(key).code(labels[key]))
                    for key in sorted(labels)
                    if key in self.vocabulary.pod_labels
                )
                free = tuple(key for key in pod.free if key in self.vocabulary.pod_labels)
                mentioned = pod.reference if pod.reference in self.vocabulary.workloads else ""
                key = (pod.namespace, codes, free, pod.ports, pod.addresses, mentioned)
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
