"""NetworkPolicies for the oracle, over sets of destinations (see flows): whom they select and what their rules admit.

The same for every order of cluster-wide policies, meaning of domain names and behaviour of the unmodelled, so that all
of these share it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from .endpoints import Endpoint, Pod
from .policies import DIRECTIONS, Direction, Peer, Policy
from .sets import Connection, Ends
from .world import Setting, pod_is_peer, selects


class NetworkSets:
    """What the NetworkPolicies of a setting say, under one reading of ipBlock."""

    def __init__(self, setting: Setting, ends: Ends, *, blocks_match_pods: bool) -> None:
        self.setting, self.ends, self.blocks_match_pods = setting, ends, blocks_match_pods
        self._governing: dict[Pod, frozenset[Direction]] = {}
        self._sets: dict[Hashable, int] = {}
        self._rows: dict[Hashable, int] = {}
        self._sources: dict[Endpoint, tuple[tuple[int, ...], ...]] = {}
        self.rules = {
            direction: [
                (index, policy, rule)
                for index, policy in enumerate(setting.policies)
                for rule in policy.rules.get(direction, ())
            ]
            for direction in DIRECTIONS
        }
        self.governed = ends.where_pod(lambda pod: "ingress" in self._directions(pod))
        """The destinations that a policy selects for ingress."""
        self.selected = ends.where_pod(lambda pod: bool(self._directions(pod)))
        """The destinations that a policy selects at all."""

    def _directions(self, pod: Pod) -> frozenset[Direction]:
        """The directions that a policy which selects the pod governs."""
        found = self._governing.get(pod)
        if found is None:
            selecting = [policy for policy in self.setting.policies if selects(policy, pod)]
            found = self._governing[pod] = frozenset[Direction](each for policy in selecting for each in policy.rules)
        return found

    def governs(self, end: Endpoint, direction: Direction) -> bool:
        """Whether a policy that governs the direction selects it."""
        return end.pod is not None and direction in self._directions(end.pod)

    def _is_peer(self, policy: Policy, peer: Peer, end: Endpoint) -> bool:
        """Whether a peer of a rule matches an endpoint: a block by address, a selector only pods."""
        if peer.block is not None:
            countable = end.pod is None or self.blocks_match_pods
            return countable and peer.block.contains(end.family, end.address)
        return end.pod is not None and pod_is_peer(policy, end.pod, peer.pods, peer.namespaces)

    def _peers(self, policy: Policy, peers: Iterable[Peer] | None) -> int:
        """The destinations that some peer matches."""
        if peers is None:
            return self.ends.everything
        result = 0
        for peer in peers:
            if peer.block is None:
                result |= self.ends.where_pod(
                    lambda pod, each=peer: pod_is_peer(policy, pod, each.pods, each.namespaces)
                )
            else:
                result |= self.ends.where_address(peer.block.contains, pods=self.blocks_match_pods)
        return result

    def admits_in(self, source: Endpoint, connection: Connection) -> int:
        """The destinations of which an ingress rule of a policy that selects them admits the connection."""
        matching, _ = self.of_source(source)
        key = ("in", matching, connection)
        if key not in self._rows:
            result = 0
            for number in matching:
                index, policy, rule = self.rules["ingress"][number]
                if ("subjects", index) not in self._sets:
                    self._sets["subjects", index] = self.ends.where_pod(lambda pod, p=policy: selects(p, pod))
                result |= self._sets["subjects", index] & self.ends.at_ports(rule.ports, connection)
            self._rows[key] = result
        return self._rows[key]

    def admits_out(self, source: Endpoint, connection: Connection) -> int:
        """The destinations to which an egress rule of a policy that selects the source admits the connection."""
        _, applying = self.of_source(source)
        key = ("out", applying, connection)
        if key not in self._rows:
            result = 0
            for number in applying:
                _, policy, rule = self.rules["egress"][number]
                if ("peers", number) not in self._sets:
                    self._sets["peers", number] = self._peers(policy, rule.peers)
                result |= self._sets["peers", number] & self.ends.at_ports(rule.ports, connection)
            self._rows[key] = result
        return self._rows[key]

    def of_source(self, source: Endpoint) -> tuple[tuple[int, ...], ...]:
        """The numbers of the ingress rules whose peers match a source, and of the egress rules that apply to it."""
        if source not in self._sources:
            matching = tuple(
                number
                for number, (_, policy, rule) in enumerate(self.rules["ingress"])
                if rule.peers is None or any(self._is_peer(policy, peer, source) for peer in rule.peers)
            )
            applying = tuple(
                number
                for number, (_, policy, _) in enumerate(self.rules["egress"])
                if source.pod is not None and selects(policy, source.pod)
            )
            self._sources[source] = (matching, applying)
        return self._sources[source]
