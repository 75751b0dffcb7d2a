"""The ``from`` or ``to`` of a rule over the other end of a connection."""

from __future__ import annotations

from ..model import Raw
from .blocks import excepts, holds_end
from .connection import Connection, End
from .kept import Kept, is_null_list, items
from .manifest import Manifest, Pod
from .selectors import matches


def key_of(direction: str) -> str:
    """Where the rules of a direction have their peers."""
    return "from" if direction == "ingress" else "to"


class Peers:
    """Decides peers of policies of one namespace. ``ip_block_matches_pods`` is the reading of ipBlock."""

    def __init__(self, namespace: str, manifest: Manifest, ip_block_matches_pods: bool, keeps: Kept) -> None:
        self._namespace, self._manifest = namespace, manifest
        self._ip_block_matches_pods, self._keeps = ip_block_matches_pods, keeps

    def match(self, rule: Raw, connection: Connection, direction: str) -> bool:
        """Whether one of the rule's peers is the connection's other end, or it has none."""
        keeps, key = self._keeps, key_of(direction)
        end = connection.other(direction) if keeps("peers-are-the-other-end") else connection.subject(direction)
        peers = items(rule.get(key))
        if not peers:
            return self._anyone(rule, key, end)
        if not keeps("later-peers-count"):
            peers = peers[:1]
        answers = [self._is_peer(peer, end, connection.family) for peer in peers]
        return any(answers) if keeps("peers-are-ored") else all(answers)

    def are_excepted(self, rule: Raw, connection: Connection, direction: str) -> bool:
        """Whether the other end's address is one that a block of this rule excepts."""
        end, key = connection.other(direction), key_of(direction)
        address = end.addresses.get(connection.family)
        blocks = [peer["ipBlock"] for peer in items(rule.get(key)) if peer.get("ipBlock") is not None]
        return address is not None and any(excepts(block, address, self._keeps) for block in blocks)

    def _anyone(self, rule: Raw, key: str, end: End) -> bool:
        keeps = self._keeps
        if is_null_list(rule, key) and not keeps("null-list-is-absent"):
            return False
        if rule.get(key) is not None and not keeps("empty-peers-list-is-absent"):
            return False
        if not keeps("absent-peers-mean-anyone"):
            return False
        return end.pod is not None or keeps("absent-peers-include-addresses")

    def _is_peer(self, peer: Raw, end: End, family: str) -> bool:
        keeps = self._keeps
        if peer.get("ipBlock") is not None:
            if end.pod is not None and not self._ip_block_matches_pods:
                return False
            return holds_end(peer["ipBlock"], end.addresses, family, keeps)
        if end.pod is None:
            empty = not peer.get("podSelector") and not peer.get("namespaceSelector")
            return empty and not keeps("selectors-never-match-addresses")
        if family == "IPv6" and not keeps("selectors-match-in-every-family"):
            return False
        return self._is_selected(peer.get("podSelector"), peer.get("namespaceSelector"), end.pod)

    def _is_selected(self, pods: Raw | None, namespaces: Raw | None, pod: Pod) -> bool:
        keeps, own = self._keeps, pod.namespace == self._namespace
        if not pod.labels and not keeps("pod-without-labels-is-a-pod"):
            return False
        if namespaces is None:
            wanted = pods or {}
            return (own or not keeps("pod-selector-alone-means-own-namespace")) and self._by_labels(wanted, pod)
        there = self._in_namespaces(namespaces, pod)
        if pods is None:
            return there and keeps("namespace-selector-alone-means-all-its-pods")
        if not keeps("namespace-selector-counts-beside-pod-selector"):
            there = own
        if not keeps("namespace-selector-frees-from-own-namespace"):
            there = there and own
        selected = self._by_labels(pods, pod) or not keeps("pod-selector-counts-beside-namespace-selector")
        if not keeps("both-selectors-of-a-peer-are-anded"):
            return there or (own and selected)
        return there and selected

    def _by_labels(self, selector: Raw, pod: Pod) -> bool:
        if not selector and not self._keeps("empty-pod-selector-of-a-peer-means-all-pods"):
            return False
        return matches(selector, pod.labels, self._keeps)

    def _in_namespaces(self, selector: Raw, pod: Pod) -> bool:
        keeps = self._keeps
        if not selector:
            if pod.namespace not in self._manifest.namespaces and not keeps("undeclared-namespace-is-a-namespace"):
                return False
            return pod.namespace == self._namespace or keeps("empty-namespace-selector-means-every-namespace")
        if not keeps("namespace-selector-reads-the-namespace"):
            return matches(selector, pod.labels, keeps)
        return matches(selector, self._manifest.labels_of(pod.namespace, keeps), keeps)
