"""An explanation as JSON: the flow's object with the answer, as ``evaluate`` gives it, and the complete walk.

Every key is always there (null or []), in a fixed order; policies, rules, peers and ports stand as they are written,
the misses nearest first. ``admin`` and ``baseline`` are keys where there are cluster-wide policies.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...encodings.concrete.admintrace import AdminPolicyWalk
from ...encodings.concrete.changes import Change
from ...encodings.concrete.endpoints import ConcreteEndpoint
from ...encodings.concrete.misses import Miss, Outcome
from ...encodings.concrete.requirements import SUBJECTS, PeerWalk, PortWalk, Requirement
from ...encodings.concrete.trace import DirectionWalk, PolicyWalk, RuleWalk
from ..explanation import Explanation, Piece
from ..flow_ports import render_ranges
from . import explain_words as words
from .explain_tiers import has_tiers
from .json_report import Json, dump_json


def render_explain_json(explanation: Explanation) -> str:
    """The whole explanation as JSON text, ending in a newline."""
    return dump_json({**explanation.flow, "explanation": explanation_object(explanation)})


def explanation_object(explanation: Explanation) -> dict[str, Json]:
    """What ``explain`` adds to the flow's object."""
    blocks = explanation.readings.ip_block_matches_pods
    return {
        "source": _end(explanation.source),
        "destination": _end(explanation.destination),
        "ipBlockMatchesPods": "either" if blocks is None else blocks,
        "pieces": [_piece(piece) for piece in explanation.pieces],
    }


def _end(end: ConcreteEndpoint) -> dict[str, Json]:
    """An end as the report prints one, with what nobody knows: null, or the keys of ``unknownLabels``."""
    ports: list[Json] = [
        {"name": port.name, "protocol": port.protocol, "containerPort": port.number} for port in end.ports or ()
    ]
    spaces = end.namespace_labels
    node: dict[str, Json] = {} if end.kind != "node" or end.node is None else {"node": end.node}
    return {
        "kind": end.kind,
        "namespace": end.namespace,
        "labels": _sorted((end.node_labels or {}).items() if end.kind == "node" else end.labels.items()),
        "unknownLabels": [*sorted(end.unknown_labels)],
        "namespaceLabels": None if spaces is None else _sorted(spaces.items()),
        "workload": end.workload,
        "ports": None if end.ports is None else ports,
        "ips": [*end.ips],
        "hostNetwork": end.host_network,
        **node,
    }


def _sorted(pairs: Iterable[tuple[str, str]]) -> dict[str, Json]:
    return dict[str, Json](sorted(pairs))


def _piece(piece: Piece) -> dict[str, Json]:
    return {
        "protocol": piece.protocol,
        "ports": render_ranges(list(piece.ports)),
        "families": [*piece.families],
        "allowed": piece.allowed,
        "dependsOn": [*piece.depends_on],
        "nearest": [_miss(miss, piece) for miss in piece.misses],
        "outcome": _outcome(piece.outcome),
        "egress": {**_direction(piece.egress), **_tiers(piece.egress, piece)},
        "ingress": {**_direction(piece.ingress), **_tiers(piece.ingress, piece)},
    }


def _miss(miss: Miss, piece: Piece) -> dict[str, Json]:
    return {
        "direction": miss.direction,
        "policy": miss.policy,
        "rule": miss.rule,
        "file": miss.file,
        "line": miss.line,
        "selects": miss.selects,
        "peer": miss.peer,
        "port": miss.port,
        "failed": [_requirement(each) for each in miss.failed],
        "unknown": [_requirement(each) for each in miss.unknown],
        "changes": None if miss.changes is None else [_change(each) for each in miss.changes],
        "certain": miss.certain,
        "sentence": words.nearest(miss, piece),
    }


def _change(change: Change) -> dict[str, Json]:
    return {
        "kind": change.kind,
        "end": change.end,
        "key": change.key,
        "value": change.value,
        "others": [*change.others],
        "anyValue": change.any_value,
        "wish": change.wish,
        "now": change.now,
    }


def _outcome(outcome: Outcome) -> Json:
    if not outcome.asked:
        return None
    return {"allowed": outcome.allowed, "blocked": [*outcome.blocked]}


def _direction(walk: DirectionWalk) -> dict[str, Json]:
    return {
        "end": SUBJECTS[walk.direction],
        "governable": walk.governable,
        "isolated": walk.side.isolated,
        "isolatedBy": [policy.name for policy in words.selecting(walk)],
        "allowed": walk.side.allowed,
        "dependsOn": [*walk.side.depends_on],
        "networkPoliciesAlone": walk.alone,
        "unmodelled": [*walk.unmodelled],
        "policies": [_policy(policy) for policy in walk.policies],
    }


def _tiers(walk: DirectionWalk, piece: Piece) -> dict[str, Json]:
    """The cluster-wide policies with rules for a direction, in the order in which they are asked; nothing where neither
    direction has any."""
    if not (has_tiers(piece.egress) or has_tiers(piece.ingress)):
        return {}
    return {
        "admin": [_admin_policy(policy) for policy in walk.admin],
        "baseline": [_admin_policy(policy) for policy in walk.baseline],
    }


def _admin_policy(policy: AdminPolicyWalk) -> dict[str, Json]:
    return {
        "policy": policy.name,
        "tier": policy.tier,
        "priority": policy.priority,
        "file": policy.file,
        "line": policy.line,
        "selects": policy.selects.value,
        "subject": [_requirement(each) for each in policy.subject],
        "rules": [
            {
                "rule": rule.index,
                "line": rule.line,
                "action": rule.action,
                "matches": rule.truth.value,
                "peers": [_peer(peer) for peer in rule.peers],
                "ports": [_port(port) for port in rule.ports],
            }
            for rule in policy.rules
        ],
    }


def _policy(policy: PolicyWalk) -> dict[str, Json]:
    return {
        "policy": policy.name,
        "file": policy.file,
        "line": policy.line,
        "governs": policy.governs,
        "selects": policy.selects.value,
        "subject": [_requirement(each) for each in policy.subject],
        "matches": policy.allows.value,
        "rules": [_rule(rule) for rule in policy.rules],
    }


def _rule(rule: RuleWalk) -> dict[str, Json]:
    return {
        "rule": rule.index,
        "line": rule.line,
        "matches": rule.truth.value,
        "peers": [_peer(peer) for peer in rule.peers],
        "ports": [_port(port) for port in rule.ports],
    }


def _peer(peer: PeerWalk) -> dict[str, Json]:
    return {
        "peer": peer.index,
        "line": peer.line,
        "matches": peer.truth.value,
        "requirements": [_requirement(each) for each in peer.requirements],
    }


def _port(port: PortWalk) -> dict[str, Json]:
    return {
        "port": port.index,
        "line": port.line,
        "matches": port.truth.value,
        "requirements": [_requirement(port.requirement)],
    }


def _requirement(requirement: Requirement) -> dict[str, Json]:
    return {
        "kind": requirement.kind,
        "wanted": requirement.wanted,
        "found": requirement.found,
        "met": requirement.truth.value,
        "dependsOn": [*requirement.truth.depends_on],
    }
