"""Declared workloads in classes that no policy tells apart.

A class shares the namespace, the values of every label key that some policy mentions, the container ports that some
policy names, what every ipBlock says of its addresses, and whether the filters keep it. What holds for one member
holds for all, so that the work is by class and never by pod.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...encodings.addresses import Family
from ...encodings.cluster import Cluster
from ...encodings.policy import NamedPort, Protocol
from ...encodings.vocabulary import Vocabulary
from ...encodings.workloads import DeclaredPod
from .ranges import AddressSpace
from .scope import Scope

_UNMENTIONED = None
"""Stands for every value of a label that no policy mentions."""


class Workload(NamedTuple):
    """A declared workload: ``name`` as output has it (``shop/web[Deployment]``), ``title`` as reasons do
    (``shop/web``). Workloads sort by name."""

    name: str
    title: str
    reference: str


@dataclass(frozen=True, slots=True)
class WorkloadClass:
    """Workloads that no policy tells apart, sorted by name.

    ``labels`` are the first one's, those that policies mention; ``unknown`` are such keys with a value nobody knows.
    ``ports``: the named container ports that matter. ``addresses``: the first one's, where known; else it has every
    family. ``is_source`` and ``is_destination``: the filters keep it as that end.
    """

    namespace: str
    members: tuple[Workload, ...]
    labels: dict[str, str]
    unknown: frozenset[str]
    ports: tuple[tuple[str, Protocol, int], ...]
    addresses: tuple[tuple[Family, int], ...]
    is_source: bool
    is_destination: bool

    def has_family(self, family: Family) -> bool:
        """May a pod of the class have an address of the family?"""
        return not self.addresses or any(own == family for own, _ in self.addresses)


def workload_of(pod: DeclaredPod) -> Workload:
    """The names of a declared pod or workload."""
    namespace, _, rest = pod.reference.partition("/")
    kind, _, name = rest.rpartition("/")
    return Workload(f"{namespace}/{name}[{kind}]", f"{namespace}/{name}", pod.reference)


def workload_classes(cluster: Cluster, space: AddressSpace, scope: Scope) -> tuple[WorkloadClass, ...]:
    """The classes of the declared workloads that policies govern, sorted by first member."""
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(cluster)
    if isinstance(scope.ports, NamedPort):
        vocabulary.named_ports.add((scope.ports.name, scope.ports.protocol))
    groups: dict[object, list[DeclaredPod]] = {}
    for pod in cluster.pods:
        if not pod.host_network:
            groups.setdefault(_key(pod, vocabulary, space, scope), []).append(pod)
    classes = (_class(pods, vocabulary, scope) for pods in groups.values())
    return tuple(sorted(classes, key=lambda each: each.members[0]))


def _key(pod: DeclaredPod, vocabulary: Vocabulary, space: AddressSpace, scope: Scope) -> object:
    labels, unknown = known_labels(pod)
    mentioned = vocabulary.pod_labels
    return (
        pod.namespace,
        frozenset([(k, v if v in mentioned[k] else _UNMENTIONED) for k, v in labels.items() if k in mentioned]),
        unknown.intersection(mentioned),
        _ports(pod, vocabulary),
        tuple((family, space.holders(family, number)) for family, number in pod.addresses),
        keeps(scope, pod),
    )


def _class(pods: Sequence[DeclaredPod], vocabulary: Vocabulary, scope: Scope) -> WorkloadClass:
    labels, unknown = known_labels(pods[0])
    mentioned = vocabulary.pod_labels.keys()
    is_source, is_destination = keeps(scope, pods[0])
    return WorkloadClass(
        pods[0].namespace,
        tuple(sorted(workload_of(pod) for pod in pods)),
        {key: value for key, value in labels.items() if key in mentioned},
        unknown.intersection(mentioned),
        _ports(pods[0], vocabulary),
        pods[0].addresses,
        is_source,
        is_destination,
    )


def keeps(scope: Scope, pod: DeclaredPod) -> tuple[bool, bool]:
    """Do the filters keep this pod, as a source and as a destination?"""
    ends = (scope.sources, scope.destinations)
    source, destination = (chosen is None or pod.reference in chosen.workloads for chosen in ends)
    return source, destination


def _ports(pod: DeclaredPod, vocabulary: Vocabulary) -> tuple[tuple[str, Protocol, int], ...]:
    named = {port for port in pod.ports if port[:2] in vocabulary.named_ports} if vocabulary.named_ports else ()
    return tuple(sorted(named))


def known_labels(pod: DeclaredPod) -> tuple[dict[str, str], frozenset[str]]:
    """The labels of a workload's pods with the value that all of them carry, and the keys whose value nobody knows.

    A label made from a number has one value only if there is one number to make it from.
    """
    if not pod.numbered:
        return pod.labels, frozenset(pod.free)
    labels, unknown = dict(pod.labels), set(pod.free)
    for key, text in _numbered(pod):
        if text is None:
            unknown.add(key)
        else:
            labels[key] = text
    return labels, frozenset(unknown)


def _numbered(pod: DeclaredPod) -> Iterator[tuple[str, str | None]]:
    for numbered in pod.numbered:
        for key, prefix in numbered.keys:
            yield key, f"{prefix}{numbered.first}" if numbered.first == numbered.last else None


def host_network_workloads(cluster: Cluster) -> Iterable[str]:
    """The declared workloads in the host's network: no policy governs them, and their traffic is their node's."""
    return sorted(workload_of(pod).name for pod in cluster.pods if pod.host_network)
