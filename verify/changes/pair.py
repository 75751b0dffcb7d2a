"""Base and head made ready to be compared: as each evaluator sees them, asked about the same namespaces and pods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ...encodings.adminpolicy import is_cluster_policy
from ...encodings.choices import Choices
from ...encodings.cluster import Cluster, build_cluster
from ...encodings.concrete.endpoints import ConcreteEndpoint
from ...encodings.concrete.evaluator import Cluster as ConcreteCluster
from ...encodings.concrete.evidence import Decision, Direction
from ...encodings.concrete.inventory import Inventory, read_inventory
from ...encodings.concrete.merging import as_seen, both
from ...encodings.concrete.printed import from_printed, reading_from_printed
from ...encodings.concrete.traffic import Traffic
from ...encodings.connection import Connection
from ...encodings.difference import Difference
from ...encodings.evaluation import Evaluation
from ...encodings.manifests import Manifests
from ...encodings.merged import declared_on_one_side, merged, relabelled
from ...encodings.networkpolicy import KIND
from ...encodings.problems import Notice
from ...encodings.terms import Terms
from ...encodings.vocabulary import Vocabulary
from ...encodings.world import World, WorldConfig
from ...properties.concrete_groups import Connection as ConcreteConnection
from ...properties.concrete_world import in_world
from ...properties.suite import World as SuiteWorld
from ..conflicts import refuse_conflicts
from ..reports.json_report import endpoint_object, reading_object
from ..results import Counterexample, Endpoint

SideName = Literal["base", "head"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two clusters: the manifests, and both evaluators' views of them beside the other side's pods."""

    name: SideName
    manifests: Manifests
    cluster: Cluster
    concrete: ConcreteCluster
    inventory: Inventory

    def traffic(self, example: Counterexample) -> Traffic:
        """The connection as this side sees it, from its printed form."""
        source, destination = self._end(example.source), self._end(example.destination)
        reading = reading_from_printed(reading_object(example.reading))
        return Traffic(source, destination, example.protocol, example.port, example.family, reading)

    def connection(self, example: Counterexample) -> ConcreteConnection:
        """The same, for groups and worlds."""
        traffic = self.traffic(example)
        ends = (traffic.source, traffic.destination)
        return ConcreteConnection(*ends, traffic.protocol, traffic.port, traffic.family, traffic.reading)

    def decide(self, example: Counterexample) -> Decision:
        """What the concrete evaluator says of a connection here."""
        traffic = self.traffic(example)
        ends = (traffic.source, traffic.destination)
        return self.concrete.decide(*ends, traffic.protocol, traffic.port, traffic.family, reading=traffic.reading)

    def _end(self, end: Endpoint) -> ConcreteEndpoint:
        return as_seen(from_printed(endpoint_object(end)), self.inventory)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two sides, and what a reader should know of how they were made comparable."""

    base: Side
    head: Side
    notices: tuple[Notice, ...]

    def within(self, world: SuiteWorld) -> Pair:
        """The pair in a world that knows nodes and domain names."""
        base, head = (replace(side, concrete=in_world(side.concrete, world)) for side in (self.base, self.head))
        return Pair(base, head, self.notices)

    @property
    def relabelled(self) -> tuple[str, ...]:
        """Namespaces whose labels differ between the sides."""
        return relabelled(self.base.cluster, self.head.cluster)

    def told_by_name(self, example: Counterexample) -> tuple[str, ...]:
        """The ends whose namespaces are best said by name: those where the sides' policies differ, and relabelled
        ones."""
        found: list[str] = []
        ends: dict[Direction, tuple[str, Endpoint]] = {
            "egress": ("source", example.source),
            "ingress": ("destination", example.destination),
        }
        for direction, (role, end) in ends.items():
            answers = {
                side.concrete.decide_side(direction, side.traffic(example)).allowed for side in (self.base, self.head)
            }
            if len(answers) > 1 or end.namespace in self.relabelled:
                found.append(role)
        return tuple(found)

    def difference(self, vocabulary: Vocabulary, config: WorldConfig) -> Difference:
        """What they allow differently, in a world."""
        choices = Choices(Terms(), [self.base.cluster, self.head.cluster], host_network=config.host_network)
        base = World(self.base.cluster, vocabulary, config, choices)
        head = World(self.head.cluster, vocabulary, config, choices)
        return Difference(Evaluation(Connection(base)), Evaluation(Connection(head)))


@dataclass(frozen=True, slots=True)
class Versions:
    """The manifests that a property compares."""

    base: Manifests
    head: Manifests


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pair in the world of one property."""

    pair: Pair
    difference: Difference


def pair_of(base: Manifests, head: Manifests) -> Pair:
    """Both sides of a comparison, from validated manifests. Raises InputErrors where a side contradicts itself."""
    clusters = build_cluster(base), build_cluster(head)
    for cluster in clusters:
        refuse_conflicts((), cluster)
    inventories = read_inventory(base), read_inventory(head)
    of_base, of_head = merged(*clusters)
    concrete = ConcreteCluster.of(base), ConcreteCluster.of(head)
    own = tuple(cluster.services for cluster in concrete)
    for cluster, services, other in zip(concrete, own, own[::-1], strict=True):
        cluster.services = services.beside(other)
    notices = (*_without_policy(base, head), *_of_namespaces(*clusters), *_of_workloads(*clusters))
    return Pair(
        Side("base", base, of_base, concrete[0], both(inventories[0], inventories[1])),
        Side("head", head, of_head, concrete[1], both(inventories[1], inventories[0])),
        notices,
    )


def _without_policy(base: Manifests, head: Manifests) -> Iterator[Notice]:
    for side, manifests in (("base", base), ("head", head)):
        policies = (written for written in manifests.modelled if written.kind == KIND or is_cluster_policy(written))
        if not manifests.unmodelled and not any(policies):
            yield Notice(f"{side} holds no network policy, so every connection is allowed there")


def _of_namespaces(base: Cluster, head: Cluster) -> Iterator[Notice]:
    for side, name in declared_on_one_side(base, head):
        yield Notice(f"only {side} declares the namespace {name}; the labels it gives count on both sides")


def _of_workloads(base: Cluster, head: Cluster) -> Iterator[Notice]:
    """Workloads whose pods are others than before: each side is asked about both."""
    before = {pod.reference: (pod.labels, pod.ports, pod.host_network) for pod in base.pods}
    for pod in head.pods:
        if pod.reference in before and before[pod.reference] != (pod.labels, pod.ports, pod.host_network):
            yield Notice(
                f"the pods of {pod.reference} differ between base and head; both sides are asked about both states, so "
                "what the workload itself gains or loses by it is not listed",
                pod.origin.file,
                pod.origin.line,
            )
