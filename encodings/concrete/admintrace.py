"""The walk through the tiers of cluster-wide policies at one end: each policy, rule, peer and port in order.

As in ``trace``, the truths are the evaluator's own. Trusts the evaluator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .adminpeers import Surroundings
from .adminpolicy import Action, AdminPolicy, AdminRule, Tier
from .adminrequirements import admin_peer_requirements, admin_port_requirement, pods_requirements, shown_admin_peer
from .evidence import Direction, Truth
from .requirements import OTHERS, SUBJECTS, PeerWalk, PortWalk, Requirement, agreed
from .traffic import Traffic


@dataclass(frozen=True, slots=True)
class AdminRuleWalk:
    """One rule: it does its action to the connection if one of its peers and one of its ports match."""

    index: int
    line: int
    action: Action
    peers: tuple[PeerWalk, ...]
    ports: tuple[PortWalk, ...]
    truth: Truth


@dataclass(frozen=True, slots=True)
class AdminPolicyWalk:
    """One policy with rules for the direction. ``subject``: what it (``written``) asks of the pod, and ``selects``
    whether it selects it; ``rules`` are walked whether it does or not, and whether they are reached or not."""

    name: str
    tier: Tier
    priority: int | None
    file: str
    line: int
    written: str
    subject: tuple[Requirement, ...]
    selects: Truth
    rules: tuple[AdminRuleWalk, ...]


def walk_tier(
    policies: Sequence[AdminPolicy], direction: Direction, cases: Sequence[Traffic], asked: str, around: Surroundings
) -> tuple[AdminPolicyWalk, ...]:
    """The policies of one tier in the order in which they are asked."""
    return tuple(
        _walk_policy(policy, direction, cases, asked, around) for policy in policies if policy.rules[direction]
    )


def _walk_policy(
    policy: AdminPolicy, direction: Direction, cases: Sequence[Traffic], asked: str, around: Surroundings
) -> AdminPolicyWalk:
    subject = cases[0].subject(direction)
    return AdminPolicyWalk(
        name=policy.reference,
        tier=policy.tier,
        priority=policy.priority,
        file=policy.file,
        line=policy.line,
        written=shown_admin_peer(policy.subject),
        subject=pods_requirements(policy.subject, subject, SUBJECTS[direction]),
        selects=policy.selects(subject),
        rules=tuple(_walk_rule(rule, direction, cases, asked, around) for rule in policy.rules[direction]),
    )


def _walk_rule(
    rule: AdminRule, direction: Direction, cases: Sequence[Traffic], asked: str, around: Surroundings
) -> AdminRuleWalk:
    other, end = cases[0].other(direction), OTHERS[direction]
    peers = tuple(
        PeerWalk(
            index,
            peer.line,
            shown_admin_peer(peer),
            admin_peer_requirements(peer, cases, other, end, around),
            agreed([(case, peer.matches(other, case, around)) for case in cases]),
        )
        for index, peer in enumerate(rule.peers)
    )
    ports = tuple(
        PortWalk(index, entry.line, admin_port_requirement(entry, cases[0], asked))
        for index, entry in enumerate(rule.ports)
    )
    truth = agreed([(case, rule.matches(case, direction, around)) for case in cases])
    return AdminRuleWalk(rule.index, rule.line, rule.action, peers, ports, truth)
