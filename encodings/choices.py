"""What one cluster decides once for all where the API leaves it open: the variables of a *reading*.

A switch that nothing in the clusters depends on is no variable but the constant of its default, so that a question
about NetworkPolicies alone holds nothing that it does not need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from .cluster import Cluster
from .ordering import Contest, Order, ties
from .policy import Layer
from .terms import FALSE, Term, Terms


class Policies(Protocol):
    """Something that knows which policies turn on what nobody knows."""

    def contests(self) -> Iterable[Contest]:
        """The pairs of tied policies that may decide differently."""
        ...

    def domains(self) -> Iterable[tuple[str, Term]]:
        """Domain names that nobody binds, each with the term that a rule turns on what it stands for."""
        ...


class Choices:
    """The store of terms of one or two worlds, with what their readings choose.

    ``clusters``: those of the worlds. ``host_network``: pods in the host's network may be pods like others.
    """

    def __init__(self, terms: Terms, clusters: Sequence[Cluster], *, host_network: bool = False) -> None:
        self.terms = terms
        tiers = [tier for cluster in clusters for layer in cluster.layers for tier in layer.tiers]
        tied = set[str]().union(*(ties(tier.policies) for tier in tiers))
        as_read = dict.fromkeys(reference for cluster in reversed(clusters) for reference in cluster.as_read)
        self.order = Order(terms, [reference for reference in as_read if reference in tied])
        layers = [layer for cluster in clusters for layer in cluster.layers]
        self.hidden_by_pod: Term = terms.variable("baselineHiddenBy=pod") if any(map(_hides, layers)) else FALSE
        ordinary = host_network and any(pod.host_network for cluster in clusters for pod in cluster.pods)
        self.host_network_ordinary: Term = terms.variable("hostNetworkPods=ordinary") if ordinary else FALSE
        self._asked: list[Policies] = []

    def join(self, policies: Policies) -> None:
        """These policies are among those that the reading is about."""
        self._asked.append(policies)

    def domains(self) -> Iterator[tuple[str, Term]]:
        """Domain names that nobody binds, each with the term that some rule turns on what it stands for."""
        for asked in self._asked:
            yield from asked.domains()

    def contests(self) -> Iterator[Contest]:
        """The pairs of tied policies that may decide differently, in the order in which they were read."""
        if self.order.index:
            found = [contest for asked in self._asked for contest in asked.contests()]
            place = self.order.index
            yield from sorted(found, key=lambda each: (place[each.first.reference], place[each.second.reference]))


def _hides(layer: Layer) -> bool:
    """Is there a tier that isolates pods, and one after it?"""
    isolating = [tier.end == "deny-if-selected" and bool(tier.policies) for tier in layer.tiers]
    return any(isolating[:-1])
