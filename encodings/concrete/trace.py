"""The walk through one connection: every policy, rule, peer and port met at each end, with what matched and what not.

The truth of each policy, rule and end is the evaluator's own; beside it stand the single requirements that make it up
(``requirements``). A connection may be several as far as is known (two IP families, two readings of ``ipBlock``): they
are walked together, and what is not the same for all of them is unknown. Trusts the evaluator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .evaluator import Cluster
from .evidence import Direction, Side, Truth, any_of
from .networkpolicy import NetworkPolicy, Rule, Traffic
from .requirements import (
    End,
    Requirement,
    agreed,
    peer_requirements,
    port_requirement,
    selector_requirements,
    shown_peer,
    shown_selector,
)

SUBJECTS: dict[Direction, End] = {"egress": "source", "ingress": "destination"}
"""The end whose policies govern a direction."""
OTHERS: dict[Direction, End] = {"egress": "destination", "ingress": "source"}
"""The end that a direction's rules name as peer."""


@dataclass(frozen=True, slots=True)
class PortWalk:
    """One item of a rule's ``ports``."""

    index: int
    line: int
    requirement: Requirement

    @property
    def truth(self) -> Truth:
        """Whether it matches the connection."""
        return self.requirement.truth


@dataclass(frozen=True, slots=True)
class PeerWalk:
    """One item of a rule's ``from`` or ``to``; all its requirements must be met. ``written`` is the whole in words."""

    index: int
    line: int
    written: str
    requirements: tuple[Requirement, ...]
    truth: Truth


@dataclass(frozen=True, slots=True)
class RuleWalk:
    """One rule: it matches if one of its peers and one of its ports do; without peers anyone, without ports any."""

    index: int
    line: int
    peers: tuple[PeerWalk, ...]
    ports: tuple[PortWalk, ...]
    truth: Truth


@dataclass(frozen=True, slots=True)
class PolicyWalk:
    """One policy of the namespace.

    ``governs``: whether it is about this direction at all; ``subject``: what its ``podSelector`` (``written``) asks of
    the pod, and ``selects`` whether it governs and selects it; ``rules``: those of the direction, walked whether it
    selects or not; ``allows``: whether one of them matches.
    """

    name: str
    file: str
    line: int
    governs: bool
    written: str
    subject: tuple[Requirement, ...]
    selects: Truth
    rules: tuple[RuleWalk, ...]
    allows: Truth


@dataclass(frozen=True, slots=True)
class DirectionWalk:
    """One end's side of the connection.

    ``governable``: whether policies can govern that end; ``side``: the evaluator's answer; ``alone``: what the
    NetworkPolicies alone would answer, if ``unmodelled`` policies could decide otherwise.
    """

    direction: Direction
    governable: bool
    namespace: str | None
    side: Side
    alone: bool | None
    policies: tuple[PolicyWalk, ...]
    unmodelled: tuple[str, ...]


def walk_direction(cluster: Cluster, direction: Direction, cases: Sequence[Traffic], asked: str) -> DirectionWalk:
    """One direction of a connection, which may be any of the cases; they differ in family and reading alone.

    ``asked`` is the port in words, "TCP 5432".
    """
    subject = cases[0].subject(direction)
    found = cluster.policies.get(subject.namespace or "", ()) if subject.in_pod_network else ()
    unmodelled = tuple(item.title for item in cluster.unmodelled if item.governs(subject.namespace, direction))
    side = agreed_side([(case, cluster.decide_side(direction, case)) for case in cases])
    alone = side.allowed
    if subject.in_pod_network and unmodelled:
        bare = Cluster(found)
        alone = agreed_side([(case, bare.decide_side(direction, case)) for case in cases]).allowed
    return DirectionWalk(
        direction,
        subject.in_pod_network,
        subject.namespace,
        side,
        alone,
        tuple(_walk_policy(policy, direction, cases, asked) for policy in found),
        unmodelled if subject.in_pod_network else (),
    )


def agreed_side(sides: Sequence[tuple[Traffic, Side]]) -> Side:
    """What all sides say, unknown where they differ; the evidence is what all of them have."""
    first = sides[0][1]
    allowed = agreed([(case, Truth(side.allowed, side.depends_on)) for case, side in sides])
    common = [reason for reason in first.because if all(reason in side.because for _, side in sides)]
    return Side(first.direction, allowed.value, first.isolated, tuple(common), allowed.depends_on)


def _walk_policy(policy: NetworkPolicy, direction: Direction, cases: Sequence[Traffic], asked: str) -> PolicyWalk:
    subject, end = cases[0].subject(direction), SUBJECTS[direction]
    rules = tuple(_walk_rule(rule, direction, cases, asked) for rule in policy.rules.get(direction, ()))
    return PolicyWalk(
        name=f"{policy.namespace}/{policy.name}",
        file=policy.file,
        line=policy.line,
        governs=direction in policy.rules,
        written=f"podSelector {shown_selector(policy.subject)}",
        subject=selector_requirements("podSelector", policy.subject, subject.pod_labels(), f"the {end}"),
        selects=policy.selects(subject, direction),
        rules=rules,
        allows=agreed(
            [
                (case, any_of(case.matches(rule, direction) for rule in policy.rules.get(direction, ())))
                for case in cases
            ]
        ),
    )


def _walk_rule(rule: Rule, direction: Direction, cases: Sequence[Traffic], asked: str) -> RuleWalk:
    other, end = cases[0].other(direction), OTHERS[direction]
    peers = tuple(
        PeerWalk(
            index,
            peer.line,
            shown_peer(peer),
            peer_requirements(peer, cases, other, end),
            agreed([(case, peer.matches(other, case.family, case.ip_block_matches_pods)) for case in cases]),
        )
        for index, peer in enumerate(rule.peers)
    )
    ports = tuple(
        PortWalk(index, entry.line, port_requirement(entry, cases[0], asked)) for index, entry in enumerate(rule.ports)
    )
    truth = agreed([(case, case.matches(rule, direction)) for case in cases])
    return RuleWalk(rule.index, rule.line, peers, ports, truth)
