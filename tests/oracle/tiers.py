"""Tiers for the oracle: one concrete connection under one reading, as plainly as the semantics' section 2 has it.

Per direction, and for the end that is its subject: the Admin tier, the NetworkPolicies, the Baseline tier, allow. Of a
tier the first matching rule decides, policies in the order of the reading, rules as they are written; Pass leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .admin import Action, AdminPeer, AdminPolicy, Tier
from .domains import Meaning
from .endpoints import Endpoint
from .policies import Direction, Peer, Policy, PortEntry
from .readings import Reading
from .world import Setting, chooses, pod_is_peer, selects

Stage = Literal["Admin", "NetworkPolicy", "Baseline", "default", "unrestricted"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one end says: whether the connection passes there, and where that was decided (``policy`` and ``rule`` in
    the tiers of cluster-wide policies). ``passed``: the tiers that a rule said to leave."""

    passes: bool
    stage: Stage
    policy: str | None = None
    rule: int | None = None
    passed: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A connection, the reading, and what domain names mean for its destination."""

    setting: Setting
    source: Endpoint
    destination: Endpoint
    connection: tuple[str, int]
    reading: Reading
    meaning: Meaning

    def allowed(self) -> bool:
        """An end that is no pod is not restricted; both ends must let the connection pass."""
        return self.side("egress").passes and self.side("ingress").passes

    def side(self, direction: Direction) -> Answer:
        """What the policies of one end say."""
        subject = self.source if direction == "egress" else self.destination
        if subject.pod is None:
            return Answer(True, "unrestricted")
        passed: list[Tier] = []
        found = self._tier("Admin", direction)
        if found is not None and found[2] != "pass":
            return Answer(found[2] == "accept", "Admin", found[0], found[1])
        if found is not None:
            passed.append("Admin")
        selecting = [policy for policy in self.setting.policies if selects(policy, subject.pod)]
        governing = [policy for policy in selecting if direction in policy.rules]
        if governing:
            admitted = any(
                self._is_np_peer(policy, rule.peers, direction) and self._at_port(rule.ports)
                for policy in governing
                for rule in policy.rules[direction]
            )
            return Answer(admitted, "NetworkPolicy", passed=tuple(passed))
        if self.reading.hidden_by == "pod" and selecting:
            return Answer(True, "default", passed=tuple(passed))
        found = self._tier("Baseline", direction)
        if found is not None and found[2] != "pass":
            return Answer(found[2] == "accept", "Baseline", found[0], found[1], tuple(passed))
        if found is not None:
            passed.append("Baseline")
        return Answer(True, "default", passed=tuple(passed))

    def matching(self, tier: Tier, direction: Direction) -> list[tuple[str, int, Action]]:
        """Every rule of the tier that matches, in the order in which they are asked."""
        subject = self.source if direction == "egress" else self.destination
        found: list[tuple[str, int, Action]] = []
        for reference in self.reading.order:
            policy = _named(self.setting.admin, reference)
            if policy.tier != tier or subject.pod is None or not chooses(policy.subject, subject.pod):
                continue
            for number, rule in enumerate(policy.rules[direction]):
                # To these policies a pod in the host's network is its node, which names no ports.
                at_port = self._at_port(rule.ports, hosted=False)
                if at_port and any(self.is_peer(peer, direction) for peer in rule.peers):
                    found.append((reference, number, rule.action))
        return found

    def _tier(self, tier: Tier, direction: Direction) -> tuple[str, int, Action] | None:
        return next(iter(self.matching(tier, direction)), None)

    def is_peer(self, peer: AdminPeer, direction: Direction) -> bool:
        other = self.destination if direction == "egress" else self.source
        if peer.chosen is not None:
            return other.pod is not None and chooses(peer.chosen, other.pod)
        if peer.nodes is not None:
            # The node itself, or a pod in its network, which has its address.
            return other.node is not None and peer.nodes.matches(other.node.labels)
        if any(span.contains(other.family, other.address) for span in peer.networks):
            return True
        return any(self.setting.domains.means(name, other, self.meaning) for name in peer.domains)

    def _is_np_peer(self, policy: Policy, peers: tuple[Peer, ...] | None, direction: Direction) -> bool:
        other = self.destination if direction == "egress" else self.source
        if peers is None:
            return True
        for peer in peers:
            if peer.block is not None:
                by_address = self.reading.blocks_match_pods or other.pod is None
                if by_address and peer.block.contains(other.family, other.address):
                    return True
            elif other.pod is not None and pod_is_peer(policy, other.pod, peer.pods, peer.namespaces):
                return True
        return False

    def _at_port(self, entries: tuple[PortEntry, ...] | None, *, hosted: bool = True) -> bool:
        """Ports are the destination's, in both directions; absent, they are all. ``hosted``: the names that a pod in
        the host's network gives count."""
        pod = self.destination.pod
        named = hosted or pod is None or not pod.host_network
        names = self.destination.names_at(*self.connection) if named else frozenset[str]()
        return entries is None or any(entry.matches(*self.connection, names) for entry in entries)


def _named(policies: tuple[AdminPolicy, ...], reference: str) -> AdminPolicy:
    return next(policy for policy in policies if policy.reference == reference)
