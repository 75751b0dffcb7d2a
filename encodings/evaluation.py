"""Policies over the symbolic connection: what each end lets through, as terms.

Ignorance is kept apart from policies: for an end in the scope of an unmodelled policy, ``may_pass`` and
``must_pass`` bound what it does. Only policies whose namespace the end can be in are encoded (*slicing*).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .cluster import Unmodelled
from .connection import Connection
from .endpoint import SymbolicEndpoint
from .policy import DirectedPolicy, Direction, Layer, PortRange, Rule, Tier
from .terms import FALSE, TRUE, Term

Namespaces = frozenset[int] | None
"""Codes of the namespaces that an end can be in; None: any."""


@dataclass(frozen=True, slots=True)
class Side:
    """One direction at one end. ``passes``: the modelled policies let the connection through (an end that is no pod
    always does). ``admitted``: an allow rule of a policy selecting the pod matches. ``ignorance``: an unmodelled
    policy may decide otherwise. ``named_port``: a matching rule begins at the connection's port."""

    passes: Term
    admitted: Term
    ignorance: Term
    named_port: Term


class Evaluation:
    """The terms of all policies over one connection, each made once and shared by all questions."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.world = connection.world
        self._matches: dict[int, Term] = {}
        self._sides: dict[tuple[Direction, Namespaces], Side] = {}
        self._positions: dict[str, dict[int | None, list[int]]] = {}

    def subject(self, direction: Direction) -> SymbolicEndpoint:
        """The end whose policies are asked: the destination for ingress, the source for egress."""
        return self.connection.destination if direction == "ingress" else self.connection.source

    def peer(self, direction: Direction) -> SymbolicEndpoint:
        """The other end."""
        return self.connection.source if direction == "ingress" else self.connection.destination

    def side(self, direction: Direction, namespaces: Namespaces) -> Side:
        """What the policies of the namespaces that the subject can be in do in one direction."""
        side = self._sides.get((direction, namespaces))
        if side is None:
            side = self._sides[direction, namespaces] = self._side(direction, namespaces)
        return side

    def allowed(self, sources: Namespaces, destinations: Namespaces) -> tuple[Term, Term]:
        """The connection is allowed: whatever unmodelled policies do, and if they all let it through."""
        terms = self.world.terms
        sides = (self.side("egress", sources), self.side("ingress", destinations))
        surely = terms.all_of(terms.all_of((side.passes, -side.ignorance)) for side in sides)
        perhaps = terms.all_of(terms.any_of((side.passes, side.ignorance)) for side in sides)
        return surely, perhaps

    def policies(self, direction: Direction, namespaces: Namespaces) -> list[DirectedPolicy]:
        """The policies that can select the subject of ``direction``, in order."""
        return [
            policy
            for layer in self.world.cluster.layers
            for tier in layer.tiers
            for policy in self._slice(tier, direction, namespaces)
        ]

    def _slice(self, tier: Tier, direction: Direction, namespaces: Namespaces) -> list[DirectedPolicy]:
        if namespaces is None:
            return [policy for policy in tier.policies if policy.direction == direction]
        numbers = [number for code in (*namespaces, None) for number in self._by_namespace(tier).get(code, ())]
        policies = (tier.policies[number] for number in sorted(numbers))
        return [policy for policy in policies if policy.direction == direction]

    def _by_namespace(self, tier: Tier) -> dict[int | None, list[int]]:
        """The positions of the tier's policies by the code of the namespace they select in (None: every)."""
        index = self._positions.get(tier.name)
        if index is None:
            index = self._positions[tier.name] = {}
            for number, policy in enumerate(tier.policies):
                name = policy.subject.namespace
                code = None if name is None else self.world.namespace_codes[name]
                index.setdefault(code, []).append(number)
        return index

    def _side(self, direction: Direction, namespaces: Namespaces) -> Side:
        terms = self.world.terms
        subject = self.subject(direction)
        layers = [self._layer(layer, direction, namespaces) for layer in self.world.cluster.layers]
        admitted = [
            self.grants(policy, rule)
            for policy in self.policies(direction, namespaces)
            for rule in policy.rules
            if rule.action == "allow"
        ]
        named = [
            terms.all_of((self.grants(policy, rule), self.connection.has_port(port.first)))
            for policy in self.policies(direction, namespaces)
            for rule in policy.rules
            for port in rule.ports or ()
            if isinstance(port, PortRange) and port.first > 1
        ]
        return Side(
            passes=terms.any_of((-subject.is_pod, terms.all_of(layers))),
            admitted=terms.any_of(admitted),
            ignorance=self.ignorance(direction, namespaces, self.world.cluster.unmodelled),
            named_port=terms.any_of(named),
        )

    def _layer(self, layer: Layer, direction: Direction, namespaces: Namespaces) -> Term:
        result = TRUE
        for tier in reversed(layer.tiers):
            result = self._tier(self._slice(tier, direction, namespaces), tier.end, result)
        return result

    def _tier(self, policies: list[DirectedPolicy], end: str, following: Term) -> Term:
        """The first matching rule decides; a ``pass`` and the end of the tier lead to ``following``."""
        terms = self.world.terms
        outcome = {"allow": TRUE, "deny": FALSE, "pass": following}
        selected = terms.any_of(self.isolates(policy) for policy in policies)
        result = terms.choose(selected, FALSE, following) if end == "deny-if-selected" else following
        for action, matched in reversed(self._runs(policies)):
            result = terms.choose(terms.any_of(matched), outcome[action], result)
        return result

    def _runs(self, policies: list[DirectedPolicy]) -> list[tuple[str, list[Term]]]:
        """The rules in order, neighbours of one action taken together since their order does not matter."""
        runs: list[tuple[str, list[Term]]] = []
        for policy in policies:
            for rule in policy.rules:
                if not runs or runs[-1][0] != rule.action:
                    runs.append((rule.action, []))
                runs[-1][1].append(self.grants(policy, rule))
        return runs

    def isolates(self, policy: DirectedPolicy) -> Term:
        """The policy selects the subject, whose traffic is then denied where no rule of the tier allows it."""
        return self.selects(policy)

    def grants(self, policy: DirectedPolicy, rule: Rule) -> Term:
        """The rule applies to the connection."""
        return self.rule_matches(policy, rule)

    def selects(self, policy: DirectedPolicy) -> Term:
        """The policy's subject selector matches the end whose traffic in its direction it governs."""
        return self.subject(policy.direction).pod_matches(policy.subject)

    def rule_matches(self, policy: DirectedPolicy, rule: Rule) -> Term:
        """The policy selects the subject, and a peer and a port of the rule match."""
        term = self._matches.get(id(rule))
        if term is None:
            terms = self.world.terms
            peer = self.peer(policy.direction)
            peers = TRUE if rule.peers is None else terms.any_of(peer.matches(each) for each in rule.peers)
            term = terms.all_of(
                (
                    self.subject(policy.direction).is_pod,
                    self.selects(policy),
                    peers,
                    self.connection.any_port(rule.ports),
                )
            )
            self._matches[id(rule)] = term
        return term

    def ignorance(self, direction: Direction, namespaces: Namespaces, among: Iterable[Unmodelled]) -> Term:
        """The subject is a pod in the scope of one of these unmodelled policies."""
        subject = self.subject(direction)
        codes: set[int] = set()
        for unmodelled in among:
            if direction in unmodelled.directions:
                if unmodelled.namespace is None:
                    return subject.is_pod
                codes.update(self.world.codes_of_namespaces([unmodelled.namespace]))
        if namespaces is not None:
            codes &= namespaces
        return self.world.terms.all_of((subject.is_pod, subject.in_namespaces(frozenset(codes)))) if codes else FALSE
