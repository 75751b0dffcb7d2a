"""Faults of peers: namespaces and pods, alone and together, and lists of peers.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go (NetworkPolicyPeer).
"""

from __future__ import annotations

from dataclasses import replace

from netpol_verify.encodings.concrete.endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import FALSE, TRUE, Direction, Side, Truth, all_of, any_of
from netpol_verify.encodings.concrete.networkpolicy import NetworkPolicy, Peer, Rule
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.concrete.selectors import Labels, Selector
from netpol_verify.encodings.concrete.traffic import Traffic

from .fault import Area
from .originals import NETWORK_TIER

NAMESPACES = Area("namespaces")
PEERS = Area("peers")

EVERYTHING = Selector()
_PEER = Peer.matches
_RULE = Rule.matches
_SELECTS = NetworkPolicy.selects
_NAMESPACE_LABELS = ConcreteEndpoint.labels_of_namespace


# Namespaces


@NAMESPACES.seeded(Cluster, "_network_tier", "a policy selects pods of every namespace")
def policy_selects_in_every_namespace(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    here = traffic.subject(direction).namespace or ""
    everywhere = [replace(policy, namespace=here) for policies in self.policies.values() for policy in policies]
    return NETWORK_TIER(Cluster(everywhere), direction, traffic)


@NAMESPACES.seeded(Peer, "matches", "a podSelector alone matches pods of every namespace")
def pod_selector_reaches_every_namespace(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    return _PEER(replace(self, namespaces=self.namespaces or EVERYTHING), endpoint, traffic)


@NAMESPACES.seeded(Peer, "matches", "an empty podSelector alone matches pods of every namespace")
def empty_pod_selector_reaches_every_namespace(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    reaches = self.namespaces is None and not self.pods.requirements
    return _PEER(replace(self, namespaces=EVERYTHING) if reaches else self, endpoint, traffic)


@NAMESPACES.seeded(Rule, "matches", "a podSelector alone matches pods of every namespace with the policy's labels")
def own_namespace_is_known_by_its_labels(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    subject, other = traffic.subject(direction), traffic.other(direction)
    if other.namespace is None or _without_name(subject) != _without_name(other):
        return _RULE(rule, traffic, direction)
    alike = tuple(replace(each, namespace=other.namespace) for each in rule.peers)
    return _RULE(replace(rule, peers=alike), traffic, direction)


def _without_name(endpoint: ConcreteEndpoint) -> dict[str, str]:
    return {key: value for key, value in (endpoint.namespace_labels or {}).items() if key != NAMESPACE_NAME_LABEL}


@NAMESPACES.seeded(Peer, "matches", "an empty namespaceSelector means the policy's namespace")
def empty_namespace_selector_means_own(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    own = self.namespaces is not None and not self.namespaces.requirements
    return _PEER(replace(self, namespaces=None) if own else self, endpoint, traffic)


@NAMESPACES.seeded(Peer, "matches", "a namespaceSelector does not match pods of the policy's own namespace")
def namespace_selector_passes_over_own(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    own = self.namespaces is not None and endpoint.namespace == self.namespace
    return FALSE if own else _PEER(self, endpoint, traffic)


@NAMESPACES.seeded(Peer, "matches", "a namespaceSelector is held against the labels of pods")
def namespace_selector_asks_pods(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    if self.namespaces is None or not endpoint.in_pod_network:
        return _PEER(self, endpoint, traffic)
    return all_of((self.namespaces.matches(endpoint.pod_labels()), self.pods.matches(endpoint.pod_labels())))


@NAMESPACES.seeded(ConcreteEndpoint, "labels_of_namespace", "no namespace carries kubernetes.io/metadata.name")
def namespaces_lack_the_name_label(self: ConcreteEndpoint) -> Labels:
    labels = _NAMESPACE_LABELS(self)
    return replace(labels, known={key: value for key, value in labels.known.items() if key != NAMESPACE_NAME_LABEL})


@NAMESPACES.seeded(ConcreteEndpoint, "labels_of_namespace", "a namespace that no object declares has no labels at all")
def undeclared_namespaces_lack_the_name_label(self: ConcreteEndpoint) -> Labels:
    return _NAMESPACE_LABELS(self) if self.namespace_labels else Labels({}, self.name)


@NAMESPACES.seeded(ConcreteEndpoint, "labels_of_namespace", "a namespace has no labels but its name")
def namespace_labels_are_lost(self: ConcreteEndpoint) -> Labels:
    return Labels({NAMESPACE_NAME_LABEL: self.namespace or ""}, self.name)


# Peers


@PEERS.seeded(Peer, "matches", "the two selectors of one peer are alternatives")
def selectors_of_a_peer_are_alternatives(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    if self.namespaces is None or not self.pods.requirements:
        return _PEER(self, endpoint, traffic)
    alone = (replace(self, namespaces=None), replace(self, pods=EVERYTHING))
    return any_of(_PEER(each, endpoint, traffic) for each in alone)


@PEERS.seeded(Peer, "matches", "a podSelector beside a namespaceSelector is passed over")
def pod_selector_ignored_beside_namespace_selector(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    return _PEER(replace(self, pods=EVERYTHING) if self.namespaces is not None else self, endpoint, traffic)


@PEERS.seeded(Peer, "matches", "a namespaceSelector beside a podSelector is passed over")
def namespace_selector_ignored_beside_pod_selector(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    return _PEER(replace(self, namespaces=None) if self.pods.requirements else self, endpoint, traffic)


@PEERS.seeded(
    Peer, "matches", "Exists beside a namespaceSelector never holds", "np-guard/network-config-analyzer, as published"
)
def exists_fails_beside_namespace_selector(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    exists = any(each.operator == "Exists" for each in self.pods.requirements)
    return FALSE if exists and self.namespaces is not None else _PEER(self, endpoint, traffic)


@PEERS.seeded(Peer, "matches", "an empty podSelector matches nothing in a peer")
def empty_pod_selector_matches_nothing(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    empty = self.block is None and self.namespaces is None and not self.pods.requirements
    return FALSE if empty else _PEER(self, endpoint, traffic)


@PEERS.seeded(Peer, "matches", "an empty namespaceSelector matches nothing")
def empty_namespace_selector_matches_nothing(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    empty = self.namespaces is not None and not self.namespaces.requirements
    return FALSE if empty else _PEER(self, endpoint, traffic)


@PEERS.seeded(Peer, "matches", "an empty podSelector matches addresses outside")
def empty_pod_selector_matches_outside(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    anything = self.block is None and self.namespaces is None and not self.pods.requirements
    return TRUE if anything and endpoint.kind == "external" else _PEER(self, endpoint, traffic)


@PEERS.seeded(Peer, "matches", "an empty namespaceSelector matches addresses outside")
def empty_namespace_selector_matches_outside(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    anything = self.namespaces is not None and not (self.namespaces.requirements or self.pods.requirements)
    return TRUE if anything and endpoint.kind == "external" else _PEER(self, endpoint, traffic)


@PEERS.seeded(Peer, "matches", "pods without labels are no peers of selectors")
def unlabelled_pods_are_no_peers(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    unseen = self.block is None and not endpoint.labels
    return FALSE if unseen else _PEER(self, endpoint, traffic)


@PEERS.seeded(NetworkPolicy, "selects", "a policy's empty podSelector selects nothing")
def empty_subject_selects_nothing(
    self: NetworkPolicy, endpoint: ConcreteEndpoint, direction: Direction, reading: Reading
) -> Truth:
    return _SELECTS(self, endpoint, direction, reading) if self.subject.requirements else FALSE


@PEERS.seeded(Rule, "matches", "only the first peer of a rule counts")
def first_peer_only(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _RULE(replace(rule, peers=rule.peers[:1]), traffic, direction)


@PEERS.seeded(Rule, "matches", "only the last peer of a rule counts")
def last_peer_only(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _RULE(replace(rule, peers=rule.peers[-1:]), traffic, direction)


@PEERS.seeded(Rule, "matches", "every peer of a rule must match")
def every_peer_must_match(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return (
        all_of(_RULE(replace(rule, peers=(peer,)), traffic, direction) for peer in rule.peers)
        if rule.peers
        else (_RULE(rule, traffic, direction))
    )


@PEERS.seeded(Rule, "matches", "peers of ingress rules are held against the destination")
def from_is_held_against_the_destination(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    seen = replace(traffic, source=traffic.destination) if direction == "ingress" else traffic
    return _RULE(rule, seen, direction)


@PEERS.seeded(Rule, "matches", "peers of egress rules are not asked")
def to_is_not_asked(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _RULE(replace(rule, peers=()) if direction == "egress" else rule, traffic, direction)
