"""The rules of one policy in one direction over a connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Raw
from .connection import Connection
from .kept import Kept
from .manifest import Manifest, Pod, Policy
from .peers import Peers, key_of
from .ports import ports_match


@dataclass(frozen=True, slots=True)
class _Met:
    """Which halves of a rule a connection meets; ``both``: it has peers and ports."""

    peers: bool
    ports: bool
    both: bool


class Rules:
    """The rules that a policy has for a direction."""

    def __init__(
        self, policy: Policy, direction: str, manifest: Manifest, ip_block_matches_pods: bool, keeps: Kept
    ) -> None:
        self._policy, self._direction, self._keeps = policy, direction, keeps
        self._peers = Peers(policy.namespace or "default", manifest, ip_block_matches_pods, keeps)

    def allow(self, connection: Connection, pods: Sequence[Pod]) -> bool:
        """Whether they allow the connection. ``pods`` are all of the cluster."""
        keeps, rules = self._keeps, self._policy.rules(self._direction)
        if not rules:
            is_empty_list = self._policy.spec.get(self._direction) is not None
            return is_empty_list and not keeps("empty-rules-list-allows-nothing")
        if not keeps("later-rules-count"):
            rules = rules[:1]
        if not keeps("rules-with-equal-peers-add-up"):
            rules = self._last_of_each_peers(rules)
        met = [self._met(rule, connection, pods) for rule in rules]
        if not keeps("rules-keep-their-own-ports"):
            met = [_Met(each.peers, met[-1].ports, each.both) for each in met]
        if not keeps("ports-stay-in-their-rule"):
            return any(each.peers for each in met) and any(each.ports for each in met)
        answers = [self._is_match(each) for each in met]
        return any(answers) if keeps("rules-add-up") else all(answers)

    def except_it(self, connection: Connection) -> bool:
        """Whether one of the rules has a block with an exception that holds the other end."""
        rules = self._policy.rules(self._direction)
        return any(self._peers.are_excepted(rule or {}, connection, self._direction) for rule in rules)

    def _last_of_each_peers(self, rules: Sequence[Raw | None]) -> list[Raw | None]:
        last = {repr((rule or {}).get(key_of(self._direction))): rule for rule in rules}
        return list(last.values())

    def _met(self, rule: Raw | None, connection: Connection, pods: Sequence[Pod]) -> _Met:
        keeps = self._keeps
        if rule is None:
            if not keeps("null-rule-is-an-empty-rule"):
                return _Met(False, False, False)
            rule = {}
        if not rule and not keeps("empty-rule-allows-everything"):
            return _Met(False, False, False)
        by_peers = self._peers.match(rule, connection, self._direction)
        by_ports = ports_match(rule, connection, self._direction, pods, keeps)
        return _Met(by_peers, by_ports, bool(rule.get(key_of(self._direction)) and rule.get("ports")))

    def _is_match(self, met: _Met) -> bool:
        if met.both and not self._keeps("ports-and-peers-are-anded"):
            return met.peers or met.ports
        return met.peers and met.ports
