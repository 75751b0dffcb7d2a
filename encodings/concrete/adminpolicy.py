"""Cluster-wide policies, made from objects as written: AdminNetworkPolicy, BaselineAdminNetworkPolicy,
ClusterNetworkPolicy.

Sources in kubernetes-sigs/network-policy-api: apis/v1alpha1/adminnetworkpolicy_types.go,
apis/v1alpha1/baselineadminnetworkpolicy_types.go, apis/v1alpha2/clusternetworkpolicy_types.go.
Trusts that the object has passed the API's validation; what would be ambiguous otherwise raises InputErrors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..written import WrittenObject
from .adminpeers import (
    AdminPort,
    AnyonePeer,
    Peer,
    PodsPeer,
    Surroundings,
    read_alpha1_port,
    read_alpha2_protocol,
    read_peer,
    read_pods,
)
from .endpoints import ConcreteEndpoint
from .evidence import TRUE, Direction, Effect, Reason, Truth, all_of, any_of
from .fields import Field, root
from .traffic import Traffic

GROUP = "policy.networking.k8s.io"
CLUSTER_KIND = "ClusterNetworkPolicy"
Tier = Literal["Admin", "Baseline"]
ALPHA1_TIERS: dict[str, Tier] = {"AdminNetworkPolicy": "Admin", "BaselineAdminNetworkPolicy": "Baseline"}
TIERS: dict[str, Tier] = {"Admin": "Admin", "Baseline": "Baseline"}
KINDS = frozenset((*ALPHA1_TIERS, CLUSTER_KIND))
Action = Literal["allow", "deny", "pass"]
ACTIONS: dict[str, Action] = {"Allow": "allow", "Accept": "allow", "Deny": "deny", "Pass": "pass"}
EFFECTS: dict[Action, Effect] = {"allow": "allows", "deny": "denies", "pass": "passes"}
DIRECTIONS: dict[Direction, str] = {"ingress": "from", "egress": "to"}


@dataclass(frozen=True, slots=True)
class AdminRule:
    """One item of ``ingress`` or ``egress``: does its ``action`` to its peers on its ports; no ports: any, of any
    protocol."""

    index: int
    line: int
    action: Action
    peers: tuple[Peer, ...]
    ports: tuple[AdminPort, ...]

    def matches(self, traffic: Traffic, direction: Direction, around: Surroundings) -> Truth:
        """Whether the rule is about the connection: one of its ports and one of its peers match."""
        ports = any_of(entry.matches(traffic) for entry in self.ports) if self.ports else TRUE
        if ports.value is False:
            return ports
        other = traffic.other(direction)
        return all_of((ports, any_of(peer.matches(other, traffic, around) for peer in self.peers)))


@dataclass(frozen=True, slots=True, eq=False)
class AdminPolicy:
    """A cluster-wide policy. ``reference`` is ``Kind/name``; ``priority`` None: its kind has none (Baseline of
    v1alpha1)."""

    reference: str
    tier: Tier
    priority: int | None
    file: str
    line: int
    subject: PodsPeer
    rules: dict[Direction, tuple[AdminRule, ...]]

    def selects(self, endpoint: ConcreteEndpoint) -> Truth:
        """Whether the pod is a subject."""
        return self.subject.selects(endpoint)

    def reason(self, direction: Direction, rule: AdminRule) -> Reason:
        """The evidence of what a rule does to a connection."""
        return Reason(direction, self.reference, rule.index, EFFECTS[rule.action], self.file, rule.line)


def is_admin_policy(item: WrittenObject) -> bool:
    """Whether an object is a cluster-wide policy of the kinds that are read here."""
    return item.group == GROUP and item.kind in KINDS


def read_admin_policy(policy: WrittenObject) -> AdminPolicy:
    """The policy. InputErrors if a field cannot be what the API accepts."""
    spec = root(policy).child("spec")
    tier = ALPHA1_TIERS.get(policy.kind) or TIERS.get(spec.child("tier").text())
    if tier is None:
        raise spec.child("tier").mistake('must be "Admin" or "Baseline"')
    priority = None if policy.kind == "BaselineAdminNetworkPolicy" else spec.child("priority").whole()
    if priority is None and policy.kind != "BaselineAdminNetworkPolicy":
        raise spec.child("priority").mistake("is missing")
    rules: dict[Direction, tuple[AdminRule, ...]] = {}
    for direction in DIRECTIONS:
        items = enumerate(spec.child(direction).items())
        rules[direction] = tuple(_read_rule(item, index, direction) for index, item in items)
    subject = _read_subject(spec.child("subject"))
    reference = f"{policy.kind}/{policy.name}"
    return AdminPolicy(reference, tier, priority, policy.file, policy.line, subject, rules)


def _read_subject(field: Field) -> PodsPeer:
    for key in ("namespaces", "pods"):
        if field.child(key).value is not None:
            return read_pods(field, key)
    raise field.mistake("must be one of namespaces, pods")


def _read_rule(field: Field, index: int, direction: Direction) -> AdminRule:
    """A rule with a peer of an unknown kind fails closed, as the API's text on peers says: one that allows matches
    nothing, any other denies everything."""
    action = ACTIONS.get(field.child("action").text())
    if action is None:
        raise field.child("action").mistake("must be one of Allow, Accept, Deny, Pass")
    peers = [read_peer(item) for item in field.child(DIRECTIONS[direction]).items()]
    understood = tuple(peer for peer in peers if peer is not None)
    if len(understood) < len(peers):
        closed = () if action == "allow" else (AnyonePeer(field.line),)
        return AdminRule(index, field.line, "allow" if action == "allow" else "deny", closed, ())
    ports = (
        *map(read_alpha1_port, field.child("ports").items()),
        *map(read_alpha2_protocol, field.child("protocols").items()),
    )
    return AdminRule(index, field.line, action, understood, ports)
