"""The suite as data: pods, and the connections to try between them and with addresses outside.

Every side of every boundary of the policies that a connection can show is exercised, and circumstances are covered in
pairs. What is expected is what both of the product's evaluators say.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ....encodings.addresses import Network, parse_address
from ...replay import InternalError
from ..guided import Boundary, Claim, Proposed, Wishes, outline_of, propose
from ..guided.forms import blocks_of
from ..guided.reading import manifests_of
from ..judge import Judge
from ..model import Cluster, Flow, Raw
from .circumstances import Circumstances, Pair
from .completing import Completing
from .covering import cover
from .given import Given
from .namesakes import namesakes
from .spreading import spread
from .truth import Truth

_NO_LIMIT = 1 << 30
_SIDES = 2
"""A suite has at most as many connections as its boundaries have sides."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A connection to try. ``number``: from 1 on. ``claims``: sides of boundaries that it exercises. ``pairs``: of
    circumstances, for one that was added for them. ``steady``: the answer is the same whatever addresses the pods
    get."""

    number: int
    flow: Flow
    allowed: bool
    claims: tuple[Claim, ...]
    pairs: tuple[Pair, ...]
    steady: bool

    @property
    def from_outside(self) -> bool:
        """Is its source an address outside the cluster?"""
        return "/" not in self.flow.source

    @property
    def to_outside(self) -> bool:
        """Is its destination one?"""
        return "/" not in self.flow.destination

    @property
    def text(self) -> str:
        """The connection in words."""
        family = " over IPv6" if self.flow.family == "IPv6" else ""
        return f"{self.flow.source} to {self.flow.destination}, {self.flow.protocol}/{self.flow.port}{family}"

    @property
    def word(self) -> str:
        """What is expected."""
        return "allowed" if self.allowed else "blocked"


@dataclass(frozen=True, slots=True)
class Suite:
    """``cluster``: the policies and namespaces as they were given, the namespaces that the pods need, and the pods.
    ``boundaries``: those of the policies. ``left_out``: policies of other kinds. ``given``: names of the namespaces
    that were given, or that policies are in. ``reading``: of ipBlockMatchesPods, None if it is open."""

    cluster: Cluster
    probes: tuple[Probe, ...]
    boundaries: tuple[Boundary, ...] = field(repr=False)  # long, since each holds all policies
    left_out: tuple[str, ...]
    given: tuple[str, ...]
    reading: bool | None


def suite_of(given: Given, *, without: Collection[str] = (), reading: bool | None = None) -> Suite:
    """A suite for policies. ``without``: features (``features.FEATURES``) that no flow and no pod uses.

    Raises InputErrors for manifests that the API server would not accept.
    """
    left_out = frozenset(without)
    outline = outline_of(manifests_of(given.cluster), {}, reading)
    blocks = blocks_of(outline.written)
    networks = tuple(dict.fromkeys(network for block in blocks for network in block.networks))
    excepted = tuple(dict.fromkeys(network for block in blocks for network in block.excepts))

    first = propose(given.cluster, _wishes(left_out, reading, any_address=True))
    divided = () if "pod-block" in left_out else (*networks, *excepted)
    cluster = _spread_out(given.cluster, first.cluster, first.flows, divided)
    cluster, proposed = _with_more(cluster, first.flows, first.boundaries, left_out, reading)
    proposed = [proposed[position] for position in cover([_sides(each) for each in proposed])] or proposed

    copies = namesakes(cluster)
    whole = cluster.with_objects(copies.objects)
    truth = Truth(whole, reading)
    pods = tuple(pod.reference for pod in cluster.pods())
    circumstances = Circumstances(truth, (*networks, *excepted))
    completing = Completing(truth, circumstances, pods, copies, left_out)
    flows = [each.flow for each in proposed]
    added = completing.more(flows, _SIDES * len(first.boundaries) - len(flows))
    probes = _numbered(truth, proposed, added)
    cluster = _pruned(given.cluster, whole, probes)
    _check(cluster, probes, reading)
    names = tuple(each["metadata"]["name"] for each in given.cluster.of_kind("Namespace"))
    return Suite(cluster, probes, first.boundaries, given.left_out, names, reading)


def _wishes(without: frozenset[str], reading: bool | None, *, any_address: bool) -> Wishes:
    return Wishes(without, _NO_LIMIT, _NO_LIMIT, reading, any_address=any_address, usual_first=True, fewest=True)


def _sides(proposed: Proposed) -> frozenset[tuple[str, str]]:
    return frozenset((claim.boundary, claim.side) for claim in proposed.claims)


def _spread_out(before: Cluster, after: Cluster, flows: Iterable[Proposed], networks: Collection[Network]) -> Cluster:
    """``after`` with other addresses for the pods that it has and ``before`` has not."""
    made = copy.deepcopy(after.objects[len(before.objects) :])
    ends = (end for each in flows for end in (each.flow.source, each.flow.destination))
    taken = [parse_address(end) for end in ends if "/" not in end]
    spread([each for each in made if each["kind"] == "Pod"], networks, taken)
    return before.with_objects(made)


def _with_more(
    cluster: Cluster,
    flows: Sequence[Proposed],
    boundaries: Sequence[Boundary],
    without: frozenset[str],
    reading: bool | None,
) -> tuple[Cluster, list[Proposed]]:
    """With flows for the sides that only pods with certain addresses can show, if it is fixed how blocks match pods."""
    reached = {side for each in flows for side in _sides(each)}
    missing = {(each.id, side.name) for each in boundaries for side in each.sides} - reached
    if reading is None or not missing:
        return cluster, [*flows]
    second = propose(cluster, _wishes(without, reading, any_address=False))
    more = [
        replace(each, claims=tuple(claim for claim in each.claims if (claim.boundary, claim.side) in missing))
        for each in second.flows
        if _sides(each) & missing
    ]
    return second.cluster, [*flows, *more]


def _numbered(
    truth: Truth, proposed: Sequence[Proposed], added: Sequence[tuple[Flow, frozenset[Pair]]]
) -> tuple[Probe, ...]:
    """The probes, steady ones first. Raises InternalError if the evaluators contradict each other."""
    found: list[Probe] = []
    for each in proposed:
        if truth.answer(each.flow) != each.expected:
            raise InternalError(f"one evaluator expects {each.expected} of {each.flow}, the other does not")
        found.append(Probe(0, each.flow, each.expected, each.claims, (), truth.steady(each.flow) is not None))
    for flow, pairs in added:
        found.append(Probe(0, flow, truth.answer(flow) is True, (), tuple(sorted(pairs)), True))
    found.sort(key=lambda probe: not probe.steady)
    return tuple(replace(probe, number=number) for number, probe in enumerate(found, 1))


def _pruned(before: Cluster, after: Cluster, probes: Iterable[Probe]) -> Cluster:
    """``before`` with those pods of ``after`` that are ends, and the namespaces that they are in."""
    used = {end for probe in probes for end in (probe.flow.source, probe.flow.destination)}
    inhabited = {end.partition("/")[0] for end in used if "/" in end}
    kept: list[Raw] = []
    for each in after.objects[len(before.objects) :]:
        metadata: Raw = each["metadata"]
        is_pod = each["kind"] == "Pod"
        if f"{metadata['namespace']}/{metadata['name']}" in used if is_pod else metadata["name"] in inhabited:
            kept.append(each)
    return before.with_objects(kept)


def _check(cluster: Cluster, probes: Iterable[Probe], reading: bool | None) -> None:
    """Raises InternalError if the suite as it is written has another answer than the one that is expected."""
    judge = Judge(cluster, ip_block_matches_pods=reading)
    for probe in probes:
        if judge.truth(probe.flow) != frozenset({probe.allowed}):
            raise InternalError(f"{probe.flow} is expected to be {probe.word}, and is not, or not for sure")
