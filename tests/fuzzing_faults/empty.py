"""Faults of what is empty, null or not written at all: rules, peers, ports and selectors.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go, and how Go decodes JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from netpol_verify.encodings.concrete import networkpolicy
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evidence import FALSE, Direction, Truth, all_of, known
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.networkpolicy import Peer, Rule
from netpol_verify.encodings.concrete.selectors import Labels, Selector, read_selector
from netpol_verify.encodings.concrete.traffic import Traffic
from netpol_verify.encodings.written import Seq

from .fault import Area

LISTS = Area("empty and null")
EVERYTHING = Selector()
_RULE = Rule.matches
_Reading = Callable[[Field, int, Direction, str], Rule]
_READ_RULE: _Reading = vars(networkpolicy)["_read_rule"]
_ReadingPeer = Callable[[Field, str], Peer]
_READ_PEER: _ReadingPeer = vars(networkpolicy)["_read_peer"]


class Nobody(Peer):
    """A peer that nobody is."""

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
        del endpoint, traffic
        return FALSE


NOBODY = (Nobody("", EVERYTHING, None, None),)


def _peers_of(field: Field, direction: Direction) -> tuple[bool, object]:
    """Whether a rule has the key of its peers, and what stands there."""
    key = "from" if direction == "ingress" else "to"
    return key in field.mapping(), field.child(key).value


@LISTS.seeded(networkpolicy, "_read_rule", "an empty list of peers that is written allows nobody")
def empty_peers_allow_nobody(field: Field, index: int, direction: Direction, namespace: str) -> Rule:
    rule = _READ_RULE(field, index, direction, namespace)
    _, value = _peers_of(field, direction)
    return replace(rule, peers=NOBODY) if isinstance(value, Seq) and not value else rule


@LISTS.seeded(networkpolicy, "_read_rule", "peers that are null allow nobody")
def null_peers_allow_nobody(field: Field, index: int, direction: Direction, namespace: str) -> Rule:
    rule = _READ_RULE(field, index, direction, namespace)
    is_there, value = _peers_of(field, direction)
    return replace(rule, peers=NOBODY) if is_there and value is None else rule


@LISTS.seeded(networkpolicy, "_read_rule", "a rule without peers allows nobody")
def missing_peers_allow_nobody(field: Field, index: int, direction: Direction, namespace: str) -> Rule:
    rule = _READ_RULE(field, index, direction, namespace)
    return rule if _peers_of(field, direction)[0] else replace(rule, peers=NOBODY)


@LISTS.seeded(networkpolicy, "_read_rule", "a rule that is null allows nothing")
def null_rule_allows_nothing(field: Field, index: int, direction: Direction, namespace: str) -> Rule:
    rule = _READ_RULE(field, index, direction, namespace)
    return replace(rule, peers=NOBODY) if field.value is None else rule


@LISTS.seeded(networkpolicy, "_read_rule", "a rule that is {} allows nothing")
def empty_rule_allows_nothing(field: Field, index: int, direction: Direction, namespace: str) -> Rule:
    rule = _READ_RULE(field, index, direction, namespace)
    return replace(rule, peers=NOBODY) if field.value is not None and not field.mapping() else rule


@LISTS.seeded(networkpolicy, "_read_rule", "a list of ports that is written but empty allows nothing")
def empty_ports_allow_nothing(field: Field, index: int, direction: Direction, namespace: str) -> Rule:
    rule = _READ_RULE(field, index, direction, namespace)
    value = field.child("ports").value
    return replace(rule, peers=NOBODY) if value is not None and not rule.ports else rule


@LISTS.seeded(networkpolicy, "_read_peer", "a namespaceSelector that is null is an empty one")
def null_namespace_selector_is_empty(field: Field, namespace: str) -> Peer:
    peer = _READ_PEER(field, namespace)
    is_null = "namespaceSelector" in field.mapping() and field.child("namespaceSelector").value is None
    return replace(peer, namespaces=EVERYTHING) if is_null and peer.block is None else peer


@LISTS.seeded(networkpolicy, "read_selector", "matchLabels that are null select nothing")
def null_match_labels_select_nothing(field: Field) -> Selector:
    is_null = "matchLabels" in field.mapping() and field.child("matchLabels").value is None
    return _Nothing() if is_null else read_selector(field)


@LISTS.seeded(networkpolicy, "read_selector", "a selector that is missing or null selects nothing")
def missing_selector_selects_nothing(field: Field) -> Selector:
    is_subject = field.path == ("spec", "podSelector")
    return _Nothing() if is_subject and field.value is None else read_selector(field)


class _Nothing(Selector):
    """A selector of nothing."""

    def matches(self, labels: Labels) -> Truth:
        del labels
        return FALSE


@LISTS.seeded(Rule, "matches", "a rule without peers means pods, not addresses outside")
def no_peers_means_pods(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    beyond = not rule.peers and traffic.other(direction).kind == "external"
    return FALSE if beyond else _RULE(rule, traffic, direction)


@LISTS.seeded(Rule, "matches", "a rule without peers means addresses outside, not pods")
def no_peers_means_outside(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    beyond = not rule.peers and traffic.other(direction).in_pod_network
    return FALSE if beyond else _RULE(rule, traffic, direction)


@LISTS.seeded(Rule, "matches", "a rule without peers means pods of the own namespace, and addresses")
def no_peers_means_own_namespace(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    own = traffic.source.namespace == traffic.destination.namespace or not traffic.other(direction).in_pod_network
    return all_of((known(own), _RULE(rule, traffic, direction))) if not rule.peers else _RULE(rule, traffic, direction)


@LISTS.seeded(Rule, "matches", "a rule without ports means TCP")
def no_ports_means_tcp(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    beyond = not rule.ports and traffic.protocol != "TCP"
    return FALSE if beyond else _RULE(rule, traffic, direction)


@LISTS.seeded(Rule, "matches", "a rule without ports means TCP and UDP", "kubernetes/kubernetes#87305")
def no_ports_means_no_sctp(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    beyond = not rule.ports and traffic.protocol == "SCTP"
    return FALSE if beyond else _RULE(rule, traffic, direction)
