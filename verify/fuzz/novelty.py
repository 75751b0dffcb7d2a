"""Which of the flows proposed for a cluster are worth a question: those that try what few flows have tried before.

Most clusters have most kinds of boundaries, so asking about all of them again teaches little, while every question may
cost a connection in a real cluster. What matters is the kind of a boundary, wherever it stands, and how the policy
around it is written. Trusts the claims of the flows; decides nothing about them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from .features import TIER_KINDS
from .features_of import features_of
from .guided import Guided, Proposed
from .model import Cluster, Flow, Raw
from .walk import namespace_of, objects_of

_OF_A_POLICY = re.compile(r"(\S+/\S+) ((?:ingress|egress).*)")
_PLACE = re.compile(r"\S+/\S+ (?=ingress|egress)|\[\d+\]")
_BLOCK = re.compile(r"[\da-f.:]+/\d+")
_OF_FILES = frozenset({"several-documents", "list-kind", "undeclared-namespace"})
"""Features that no policy has alone."""
_AGAIN = 0.1
"""What trying something once more is worth, compared with the time before."""
_BY_ITSELF = 0.3
"""What a flow is worth for a side that decides only a rule, not the answer."""

Tried = tuple[str, ...]
"""A kind of boundary and its side; or these, and a feature of the policy that they belong to."""


class Novelty:
    """Remembers what was tried, from cluster to cluster."""

    def __init__(self, most: int) -> None:
        """``most``: flows to choose for one cluster."""
        self._most = most
        self._tried: Counter[Tried] = Counter()

    def chosen(self, found: Guided) -> tuple[Flow, ...]:
        """The flows that try most that is new, the one that tries most first; what they try is remembered."""
        features = _features(found.cluster)
        left = [(proposed.flow, _tries(proposed, features)) for proposed in found.flows]
        flows: list[Flow] = []
        while left and len(flows) < self._most:
            flow, tries = max(left, key=lambda each: self._worth(each[1]))
            left.remove((flow, tries))
            flows.append(flow)
            self._tried.update(tries.keys())
        return tuple(flows)

    def _worth(self, tries: Mapping[Tried, float]) -> float:
        return sum(weight * _AGAIN ** self._tried[each] for each, weight in tries.items())


def _features(cluster: Cluster) -> dict[str, list[str]]:
    """How each policy is written, by its reference."""
    around = features_of(cluster) & _OF_FILES
    return {
        f"{_first(policy)}/{policy['metadata']['name']}": sorted(around | features_of(Cluster.of([policy])) - _OF_FILES)
        for policy in objects_of(cluster, "NetworkPolicy", *TIER_KINDS)
    }


def _first(policy: Raw) -> str:
    """The namespace of a NetworkPolicy; the kind of a cluster-wide one."""
    return policy["kind"] if policy["kind"] in TIER_KINDS else namespace_of(policy)


def _tries(proposed: Proposed, features: Mapping[str, list[str]]) -> dict[Tried, float]:
    """What a flow tries, and what that is worth the first time."""
    tries: dict[Tried, float] = {}
    for claim in proposed.claims:
        worth = 1.0 if claim.deciding else _BY_ITSELF
        for each in _of_boundary(claim.boundary, claim.side, features):
            tries[each] = max(worth, tries.get(each, 0.0))
    return tries


def _of_boundary(boundary: str, side: str, features: Mapping[str, list[str]]) -> Iterator[Tried]:
    of_policy = _OF_A_POLICY.fullmatch(boundary)
    kind = _BLOCK.sub("block", _PLACE.sub("", boundary))
    yield kind, side
    for feature in features.get(of_policy[1], ()) if of_policy else ():
        yield kind, side, feature
