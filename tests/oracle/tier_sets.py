"""The tiers of cluster-wide policies for the oracle, over sets of destinations (see flows): what ``tiers`` says of one
connection, for all destinations of a source at once.
"""

from __future__ import annotations

from collections.abc import Hashable

from .admin import AdminPeer, AdminPolicy, Tier
from .domains import Meaning
from .endpoints import Endpoint
from .policies import Direction
from .sets import Connection, Ends
from .world import Setting, chooses

Seen = tuple[tuple[bool, ...], ...]


class TierSets:
    """What the rules match, and what each order of the policies makes of it. The meaning of domain names comes with
    each question, and counts only where a rule names one of them."""

    def __init__(self, setting: Setting, ends: Ends) -> None:
        self.setting, self.ends = setting, ends
        self.numbers = {policy.reference: number for number, policy in enumerate(setting.admin)}
        self._of_source: dict[tuple[Endpoint, Direction], Seen] = {}
        self._asked: dict[Hashable, tuple[int, ...]] = {}
        self._sets: dict[Hashable, int] = {}
        self._decided: dict[Hashable, tuple[int, int]] = {}

    def decided(
        self,
        tier: Tier,
        direction: Direction,
        source: Endpoint,
        connection: Connection,
        *,
        order: tuple[str, ...],
        meaning: Meaning,
    ) -> tuple[int, int]:
        """The destinations for which the tier accepts the connection at one end, and those for which it denies it."""
        seen, asked = self.seen_of(source, direction), self.asked(tier, direction, source, order)
        key = (direction, asked, seen, connection, self._meaning_for(direction, asked, meaning))
        if key not in self._decided:
            accepted, denied, undecided = 0, 0, self.ends.everything
            for number in asked:
                for index, rule in enumerate(self.setting.admin[number].rules[direction]):
                    if not seen[number][index]:
                        continue
                    matched = undecided & self._rule(number, index, direction, meaning)
                    # To these policies a pod in the host's network is its node, which names no ports.
                    matched &= self.ends.at_ports(rule.ports, connection, hosted=False)
                    undecided &= ~matched
                    accepted |= matched if rule.action == "accept" else 0
                    denied |= matched if rule.action == "deny" else 0
            self._decided[key] = (accepted, denied)
        return self._decided[key]

    def asked(self, tier: Tier, direction: Direction, source: Endpoint, order: tuple[str, ...]) -> tuple[int, ...]:
        """The numbers of the policies of the tier of which some rule can match, in order."""
        seen = self.seen_of(source, direction)
        key = (tier, direction, seen, order)
        if key not in self._asked:
            numbers = (self.numbers[reference] for reference in order)
            admin = self.setting.admin
            self._asked[key] = tuple(number for number in numbers if admin[number].tier == tier and any(seen[number]))
        return self._asked[key]

    def _meaning_for(self, direction: Direction, asked: tuple[int, ...], meaning: Meaning) -> Hashable:
        if direction == "ingress" or not meaning:  # domain names are peers of egress rules alone
            return None
        return tuple(meaning.items()) if any(self.setting.admin[number].domains for number in asked) else None

    def seen_of(self, source: Endpoint, direction: Direction) -> Seen:
        """For each rule of each policy, whether the source is such that it can match: a peer of an ingress rule, a
        subject of an egress rule."""
        if (source, direction) not in self._of_source:
            self._of_source[source, direction] = tuple(
                tuple(
                    any(self._is_source(peer, source) for peer in rule.peers)
                    if direction == "ingress"
                    else source.pod is not None and chooses(policy.subject, source.pod)
                    for rule in policy.rules[direction]
                )
                for policy in self.setting.admin
            )
        return self._of_source[source, direction]

    def _is_source(self, peer: AdminPeer, source: Endpoint) -> bool:
        """Whether a peer of an ingress rule, which chooses pods, matches the source."""
        if peer.chosen is None:
            raise ValueError("a peer of an ingress rule is namespaces or pods")
        return source.pod is not None and chooses(peer.chosen, source.pod)

    def _rule(self, number: int, index: int, direction: Direction, meaning: Meaning) -> int:
        """The destinations that are such that the rule can match: subjects of an ingress rule, peers of an egress
        rule."""
        policy = self.setting.admin[number]
        if direction == "ingress":
            return self._subjects(number, policy)
        found = 0
        for place, peer in enumerate(policy.rules["egress"][index].peers):
            key = (number, index, place, tuple(meaning.items()) if peer.domains else None)
            if key not in self._sets:
                self._sets[key] = self._peers(peer, meaning)
            found |= self._sets[key]
        return found

    def _subjects(self, number: int, policy: AdminPolicy) -> int:
        if number not in self._sets:
            self._sets[number] = self.ends.where_pod(lambda pod: chooses(policy.subject, pod))
        return self._sets[number]

    def _peers(self, peer: AdminPeer, meaning: Meaning) -> int:
        """The destinations that a peer of an egress rule matches."""
        chosen, nodes, domains = peer.chosen, peer.nodes, self.setting.domains
        if chosen is not None:
            return self.ends.where_pod(lambda pod: chooses(chosen, pod))
        if nodes is not None:
            return self.ends.where(lambda end: end.node is not None and nodes.matches(end.node.labels))
        if peer.domains:
            return self.ends.where(lambda end: any(domains.means(name, end, meaning) for name in peer.domains))
        return self.ends.where_address(
            lambda family, address: any(span.contains(family, address) for span in peer.networks)
        )
