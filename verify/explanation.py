"""A connection explained: the answer, both directions walked, and what comes nearest where it is blocked.

A question may be several connections: a range of ports, two IP families where an address is unknown. What is explained
is each *piece* with one walk: ports and families for which every requirement comes out the same. Trusts the evaluator
for answers and its trace for the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ..encodings.concrete.addresses import Family
from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Decision
from ..encodings.concrete.misses import Miss, Outcome, nearest_misses, outcome
from ..encodings.concrete.reading import Readings
from ..encodings.concrete.trace import DirectionWalk, walk_direction
from ..encodings.concrete.traffic import Traffic
from ..encodings.problems import InputErrors, Problem
from .asked import Asked
from .flow_ports import PortRange, render_ranges
from .flows import Question, ask, port_pieces, render

MOST_WALKED = 20_000
"""How many rules are walked at most for a range of ports, over all its pieces: some ten seconds."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Ports of one protocol, over some families, that share one walk. ``ports`` are ranges, ascending.

    ``misses``: of each direction that is surely blocked, every rule that does not match, nearest first. ``outcome``:
    what the connection would be with the nearest of each direction mended.
    """

    protocol: str
    ports: tuple[tuple[int, int], ...]
    families: tuple[Family, ...]
    allowed: bool | None
    depends_on: tuple[str, ...]
    egress: DirectionWalk
    ingress: DirectionWalk
    misses: tuple[Miss, ...]
    outcome: Outcome

    @property
    def nearest(self) -> tuple[Miss, ...]:
        """The nearest miss of each blocked direction, egress first."""
        return tuple(next(misses) for _, misses in groupby(self.misses, key=lambda miss: miss.direction))

    @property
    def number(self) -> int | None:
        """The port, if it is a single one."""
        first, last = self.ports[0]
        return first if len(self.ports) == 1 and first == last else None

    @property
    def port(self) -> str:
        """``TCP 5432``, ``TCP 1-79,81-65535``."""
        return f"{self.protocol} {render_ranges(list(self.ports))}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """``flow`` is the flow's object with the answer, as ``evaluate`` gives it. ``families`` are all that the question
    may be about, ``readings`` those under which it is asked."""

    flow: dict[str, Any]
    allowed: bool | None
    depends_on: tuple[str, ...]
    source: ConcreteEndpoint
    destination: ConcreteEndpoint
    families: tuple[Family, ...]
    readings: Readings
    pieces: tuple[Piece, ...]


def explain(asked: Asked, cluster: Cluster) -> Explanation:
    """The whole explanation of one question. InputErrors for a range that falls into too many pieces."""
    question = asked.question
    _refuse_endless(question, cluster)
    readings = asked.readings
    decision = ask(question, cluster, readings)
    found = [
        piece
        for ports in question.ports
        for first, last in port_pieces(ports, question, cluster)
        for piece in _pieces(question, PortRange(ports.protocol, first, last), readings, cluster)
    ]
    return Explanation(
        {**asked.flow, **render(decision)},
        decision.allowed,
        decision.depends_on,
        question.source,
        question.destination,
        question.families,
        readings,
        tuple(_worded(piece, question, readings, cluster) for piece in _joined(found)),
    )


def _refuse_endless(question: Question, cluster: Cluster) -> None:
    """A range of ports is walked piece by piece, which takes its time where many rules name many ports."""
    spaces = {question.source.namespace or "", question.destination.namespace or ""}
    policies = [policy for space in spaces for policy in cluster.policies.get(space, ())]
    cluster_wide = [each for policy in (*cluster.admin, *cluster.baseline) for each in policy.rules.values()]
    rules = sum(map(len, (*(each for policy in policies for each in policy.rules.values()), *cluster_wide)))
    pieces = sum(len(port_pieces(ports, question, cluster)) for ports in question.ports)
    if pieces > 1 and pieces * rules > MOST_WALKED:
        message = f"the rules that may matter split this range into {pieces} pieces, too many to explain each"
        hint = "ask about one port; `evaluate` says which ports of a range are allowed"
        raise InputErrors([Problem("--port", 0, "", message, hint)])


def _pieces(question: Question, ports: PortRange, readings: Readings, cluster: Cluster) -> list[Piece]:
    """One piece for all families, or one for each if they have different answers, or not for one reason."""
    answers = {_decided(question, ports, (family,), readings, cluster).allowed for family in question.families}
    if len(answers) == 1:
        whole = _piece(question, ports, question.families, readings, cluster)
        blocked = False in (whole.egress.side.allowed, whole.ingress.side.allowed)
        if blocked or whole.allowed is not False:
            return [whole]
    return [_piece(question, ports, (family,), readings, cluster) for family in question.families]


def _piece(
    question: Question,
    ports: PortRange,
    families: tuple[Family, ...],
    readings: Readings,
    cluster: Cluster,
    *,
    asked: str = "",
) -> Piece:
    ends = (question.source, question.destination)
    found = [
        cluster.cases(Traffic(*ends, ports.protocol, ports.first, family, readings.first()), readings)
        for family in families
    ]
    cases = [case for each in found for case in each.traffic]
    ties = tuple(dict.fromkeys(tie for each in found for tie in each.ties))
    decision = _decided(question, ports, families, readings, cluster)
    walks = [walk_direction(cluster, direction, cases, asked, ties) for direction in ("egress", "ingress")]
    misses = [nearest_misses(cluster, walk, cases, asked) for walk in walks]
    nearest = [found[0] for found in misses if found]
    return Piece(
        ports.protocol,
        ((ports.first, ports.last),),
        families,
        decision.allowed,
        decision.depends_on,
        walks[0],
        walks[1],
        tuple(miss for found in misses for miss in found),
        outcome(cluster, nearest, cases, readings),
    )


def _decided(
    question: Question, ports: PortRange, families: tuple[Family, ...], readings: Readings, cluster: Cluster
) -> Decision:
    one = replace(question, ports=(PortRange(ports.protocol, ports.first, ports.first),), families=families)
    return ask(one, cluster, readings)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces that differ in nothing but their ports as one, in order of their first port."""
    groups: dict[tuple[object, ...], list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(_kind(piece), []).append(piece)
    return [
        replace(group[0], ports=tuple(sorted(each for piece in group for each in piece.ports)))
        for group in groups.values()
    ]


def _kind(piece: Piece) -> tuple[object, ...]:
    """Everything that is said of a piece, but for the numbers of its ports."""
    misses = [
        (replace(miss, changes=None), tuple(change.wish for change in miss.changes or ())) for miss in piece.misses
    ]
    answer = (piece.protocol, piece.families, piece.allowed, piece.depends_on)
    return (*answer, piece.egress, piece.ingress, tuple(misses), piece.outcome)


def _worded(piece: Piece, question: Question, readings: Readings, cluster: Cluster) -> Piece:
    """The piece with all its ports in the sentences that name the port asked for."""
    first, last = piece.ports[0]
    ports = PortRange(piece.protocol, first, last)
    worded = _piece(question, ports, piece.families, readings, cluster, asked=piece.port)
    return replace(worded, ports=piece.ports)
