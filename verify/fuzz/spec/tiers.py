"""Cluster-wide policies: the tiers Admin and Baseline, each a list of rules of which the first that matches decides.

Pods in their host's network are none to these policies; their addresses are in ``networks`` like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Raw
from .blocks import holds_end
from .connection import Connection, End
from .kept import Kept, items, mapping
from .manifest import Manifest, Pod, TierPolicy
from .peers import key_of
from .selectors import matches

ALLOW = ("Allow", "Accept")
DENY = "Deny"


class Tier:
    """One tier's policies, in the order in which they are asked."""

    def __init__(self, policies: Sequence[TierPolicy], manifest: Manifest, order: str, keeps: Kept) -> None:
        self._manifest, self._keeps = manifest, keeps
        self._policies = _in_order(policies, order, keeps)

    def actions(self, direction: str, connection: Connection) -> list[str]:
        """The actions of all rules that match the connection, the one that decides first."""
        keeps, pod = self._keeps, connection.subject(direction).pod
        if pod is None:
            return []
        found: list[str] = []
        selecting = [policy for policy in self._policies if self._selects(policy, pod)]
        if not keeps("later-tier-policies-count"):
            selecting = selecting[:1]
        for policy in selecting:
            found += self._of_policy(policy, direction, connection)
        return found

    def _of_policy(self, policy: TierPolicy, direction: str, connection: Connection) -> list[str]:
        keeps, rules = self._keeps, policy.rules(direction)
        if not rules:
            other = policy.rules("ingress" if direction == "egress" else "egress")
            return [DENY] if other and not keeps("tier-direction-without-rules-is-left-alone") else []
        if not keeps("later-tier-rules-count"):
            rules = rules[:1]
        matched = [rule["action"] for rule in rules if self._matches(rule, direction, connection)]
        if not matched and not keeps("tier-policy-does-not-isolate"):
            return [DENY]
        return matched if keeps("first-rule-decides") else matched[::-1]

    def _selects(self, policy: TierPolicy, pod: Pod) -> bool:
        return not pod.host_network and self._is_chosen(mapping(policy.spec.get("subject")), pod)

    def _is_chosen(self, chosen: Raw, pod: Pod) -> bool:
        """Whether a subject or a peer selects a pod."""
        keeps, spaces = self._keeps, self._manifest.labels_of(pod.namespace, self._keeps)
        if chosen.get("namespaces") is not None:
            return self._by_labels(chosen["namespaces"], spaces)
        both = mapping(chosen.get("pods"))
        by_space = both.get("namespaceSelector")
        if by_space is None:
            there = keeps("absent-tier-namespace-selector-means-every-namespace")
        else:
            there = self._by_labels(by_space, spaces) or not keeps("tier-namespace-selector-counts")
        selected = self._by_labels(mapping(both.get("podSelector")), pod.labels)
        return there and (selected or not keeps("tier-pod-selector-counts"))

    def _by_labels(self, selector: Raw, labels: object) -> bool:
        if not selector:
            return self._keeps("empty-tier-selector-means-everything")
        return matches(selector, mapping(labels), self._keeps)

    def _matches(self, rule: Raw, direction: str, connection: Connection) -> bool:
        keeps, peers = self._keeps, items(rule.get(key_of(direction)))
        if not keeps("later-tier-peers-count"):
            peers = peers[:1]
        end = connection.other(direction)
        by_peers = any(self._is_peer(peer, end, connection.family) for peer in peers)
        entries = [*items(rule.get("ports")), *items(rule.get("protocols"))]
        by_ports = _ports_match(entries, connection, keeps)
        if entries and not keeps("tier-ports-and-peers-are-anded"):
            return by_peers or by_ports
        return by_peers and by_ports

    def _is_peer(self, peer: Raw, end: End, family: str) -> bool:
        keeps = self._keeps
        if peer.get("networks") is not None:
            if end.pod is not None and not keeps("networks-match-pods"):
                return False
            listed = items(peer["networks"])
            if not keeps("later-networks-count"):
                listed = listed[:1]
            return any(holds_end({"cidr": cidr}, end.addresses, family, keeps) for cidr in listed)
        if end.pod is None:
            everyone = peer.get("namespaces") == {}
            return everyone and not keeps("tier-selectors-never-match-addresses")
        return not end.pod.host_network and self._is_chosen(peer, end.pod)


def _in_order(policies: Sequence[TierPolicy], order: str, keeps: Kept) -> list[TierPolicy]:
    """By priority; a policy that has none is alone in its tier."""
    found = list(policies) if order == "declared" else list(reversed(policies))
    if not keeps("priority-orders-policies"):
        return found
    sign = 1 if keeps("lower-priority-number-first") else -1
    return sorted(found, key=lambda policy: sign * (policy.priority or 0))


def _ports_match(entries: Sequence[Raw], connection: Connection, keeps: Kept) -> bool:
    if not entries:
        return connection.protocol == "TCP" or keeps("tier-absent-ports-mean-every-protocol")
    if not keeps("later-tier-ports-count"):
        entries = entries[:1]
    return any(_covers(entry, connection, keeps) for entry in entries)


def _covers(entry: Raw, connection: Connection, keeps: Kept) -> bool:
    """``portNumber``, ``portRange``, ``namedPort``; or a protocol with its ``destinationPort``, and the named one."""
    name = entry.get("namedPort") or entry.get("destinationNamedPort")
    if name is not None:
        return _is_named(name, connection, keeps)
    if entry.get("portNumber") is not None or entry.get("portRange") is not None:
        port: Raw = entry.get("portNumber") or entry["portRange"]
        protocol: str | None = port.get("protocol")
        if protocol is None:
            protocol = "TCP" if keeps("tier-port-protocol-defaults-to-tcp") else connection.protocol
    else:
        ((lower, value),) = entry.items()
        port, protocol = mapping(value["destinationPort"]), lower.upper()
        port = port.get("range") or port
    if protocol != connection.protocol and keeps("tier-port-keeps-its-protocol"):
        return False
    if "start" not in port:
        return connection.port == (port["port"] if "port" in port else port["number"])
    return _in_range(port["start"], port["end"], connection.port, keeps)


def _in_range(start: int, end: int, port: int, keeps: Kept) -> bool:
    if port == start and start < end and not keeps("tier-range-includes-its-start"):
        return False
    if port == end and start < end and not keeps("tier-range-includes-its-end"):
        return False
    if start == end and not keeps("tier-range-of-one-port-covers-it"):
        return False
    return start <= port <= (end if keeps("tier-range-reaches-its-end") else start)


def _is_named(name: str, connection: Connection, keeps: Kept) -> bool:
    """Whether the destination pod calls this port so, for this protocol."""
    pod = connection.destination.pod
    if pod is None or pod.host_network or not keeps("tier-named-port-is-the-destinations"):
        return False
    for declared in (each for each in pod.ports if each.name == name):
        if declared.number != connection.port and keeps("tier-named-port-covers-only-its-number"):
            continue
        if (declared.protocol or "TCP") != connection.protocol and keeps("tier-named-port-has-the-containers-protocol"):
            continue
        return True
    return False
