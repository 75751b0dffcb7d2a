"""The walk through one connection: every policy, rule, peer and port met at each end, with what matched and what not.

The truth of each policy, rule and end is the evaluator's own; beside it stand the single requirements that make it up
(``requirements``). A connection may be several as far as is known (two IP families, two readings of ``ipBlock``): they
are walked together, and what is not the same for all of them is unknown. Trusts the evaluator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .admintrace import AdminPolicyWalk, walk_tier
from .cases import apart
from .evaluator import Cluster
from .evidence import Direction, Side, Truth, any_of, ordered
from .networkpolicy import NetworkPolicy, Rule
from .requirements import (
    OTHERS,
    SUBJECTS,
    PeerWalk,
    PortWalk,
    Requirement,
    agreed,
    in_host_network,
    peer_requirements,
    port_requirement,
    selector_requirements,
    shown_peer,
    shown_selector,
    undecided,
)
from .tiers import shared
from .ties import Tie
from .traffic import Traffic


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
    policies that are modelled would answer, if ``unmodelled`` ones could decide otherwise. ``policies`` are the
    NetworkPolicies of the end's namespace; ``admin`` and ``baseline`` those of the tiers before and after them.
    """

    direction: Direction
    governable: bool
    namespace: str | None
    side: Side
    alone: bool | None
    policies: tuple[PolicyWalk, ...]
    unmodelled: tuple[str, ...]
    admin: tuple[AdminPolicyWalk, ...] = ()
    baseline: tuple[AdminPolicyWalk, ...] = ()


def walk_direction(
    cluster: Cluster, direction: Direction, cases: Sequence[Traffic], asked: str, ties: Sequence[Tie] = ()
) -> DirectionWalk:
    """One direction of a connection, which may be any of the cases; they differ in family and reading alone.

    ``asked`` is the port in words, "TCP 5432"; ``ties`` are those in whose order the cases differ.
    """
    subject = cases[0].subject(direction)
    governable = any(case.is_pod(subject) for case in cases)
    found = cluster.policies.get(subject.namespace or "", ()) if governable else ()
    unmodelled = tuple(item.title for item in cluster.unmodelled if item.governs(subject.namespace, direction))
    side = agreed_side([(case, cluster.decide_side(direction, case)) for case in cases], ties)
    alone = side.allowed
    if governable and unmodelled:
        bare = cluster.without_unmodelled()
        alone = agreed_side([(case, bare.decide_side(direction, case)) for case in cases], ties).allowed
    admin, baseline = cluster.tiers(cases[0].reading) if governable else ((), ())
    return DirectionWalk(
        direction,
        governable,
        subject.namespace,
        side,
        alone,
        tuple(_walk_policy(policy, direction, cases, asked) for policy in found),
        unmodelled if governable else (),
        walk_tier(admin, direction, cases, asked, cluster.around),
        walk_tier(baseline, direction, cases, asked, cluster.around),
    )


def agreed_side(sides: Sequence[tuple[Traffic, Side]], ties: Sequence[Tie] = ()) -> Side:
    """What all sides say, unknown where they differ; the evidence is what all of them have."""
    first = sides[0][1]
    because = shared(side.because for _, side in sides)
    isolated = first.isolated if all(side.isolated is first.isolated for _, side in sides) else None
    admitted = first.admitted if all(side.admitted is first.admitted for _, side in sides) else None
    depends_on = ordered(name for _, side in sides for name in side.depends_on)
    if len({side.allowed for _, side in sides}) == 1:
        return Side(first.direction, first.allowed, isolated, because, depends_on, admitted)
    depends_on = ordered((*depends_on, *apart([(case, side.allowed) for case, side in sides], ties)))
    return Side(first.direction, None, isolated, because, depends_on, admitted)


def _walk_policy(policy: NetworkPolicy, direction: Direction, cases: Sequence[Traffic], asked: str) -> PolicyWalk:
    subject, end = cases[0].subject(direction), SUBJECTS[direction]
    rules = policy.rules.get(direction, ())
    asks = selector_requirements("podSelector", policy.subject, subject.pod_labels(), f"the {end}")
    if undecided(cases, subject):
        asks = (in_host_network(f"podSelector {shown_selector(policy.subject)}", end), *asks)
    return PolicyWalk(
        name=f"{policy.namespace}/{policy.name}",
        file=policy.file,
        line=policy.line,
        governs=direction in policy.rules,
        written=f"podSelector {shown_selector(policy.subject)}",
        subject=asks,
        selects=agreed([(case, policy.selects(subject, direction, case.reading)) for case in cases]),
        rules=tuple(_walk_rule(rule, direction, cases, asked) for rule in rules),
        allows=agreed([(case, any_of(rule.matches(case, direction) for rule in rules)) for case in cases]),
    )


def _walk_rule(rule: Rule, direction: Direction, cases: Sequence[Traffic], asked: str) -> RuleWalk:
    other, end = cases[0].other(direction), OTHERS[direction]
    peers = tuple(
        PeerWalk(
            index,
            peer.line,
            shown_peer(peer),
            peer_requirements(peer, cases, other, end),
            agreed([(case, peer.matches(other, case)) for case in cases]),
        )
        for index, peer in enumerate(rule.peers)
    )
    ports = tuple(
        PortWalk(index, entry.line, port_requirement(entry, cases[0], asked)) for index, entry in enumerate(rule.ports)
    )
    truth = agreed([(case, rule.matches(case, direction)) for case in cases])
    return RuleWalk(rule.index, rule.line, peers, ports, truth)
