"""Policies over the symbolic connection: what each end lets through, as terms.

Ignorance is kept apart from policies: an end in the scope of an unmodelled policy is marked, and what a domain name may
stand for gives two bounds of what an end lets through. Only policies whose namespace the end can be in are encoded
(*slicing*).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .cluster import Unmodelled
from .connection import Connection
from .endpoint import SymbolicEndpoint
from .ordering import Contest
from .policy import DIRECTIONS, DirectedPolicy, Direction, DomainPeer, Layer, PortRange, Rule, Tier, peers_of
from .terms import FALSE, TRUE, Term
from .tiers import Bound, FirstMatch

Namespaces = frozenset[int] | None
"""Codes of the namespaces that an end can be in; None: any."""


@dataclass(frozen=True, slots=True)
class Side:
    """One direction at one end. ``passes``: the modelled policies let the connection through (an end that is no pod
    always does), domain names standing for what their free variables say. ``surely_passes`` and ``perhaps_passes``:
    whatever they stand for, and for some of what they may. ``admitted``: it is an allow rule of a policy selecting the
    pod that lets the connection through; ``perhaps_admitted`` likewise. ``ignorance``: an unmodelled policy may decide
    otherwise. ``named_port``: a matching rule begins at the connection's port."""

    passes: Term
    admitted: Term
    ignorance: Term
    named_port: Term
    surely_passes: Term
    perhaps_passes: Term
    perhaps_admitted: Term


class Evaluation:
    """The terms of all policies over one connection, each made once and shared by all questions."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.world = connection.world
        self._matches: dict[tuple[int, Bound], Term] = {}
        self._sides: dict[tuple[Direction, Namespaces], Side] = {}
        self._positions: dict[str, dict[int | None, list[int]]] = {}
        self._contests: tuple[Contest, ...] | None = None
        terms, order = self.world.terms, self.world.choices.order
        self._exactly = FirstMatch(terms, order, self._known)
        self._bounded = FirstMatch(terms, order, self.bounds)
        self._join()

    def _join(self) -> None:
        """Let it be known that these policies are to be ordered."""
        self.world.choices.join(self)

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
        """The connection is allowed: whatever the things are that nobody knows (unmodelled policies, domain names), and
        for some of what they may be."""
        terms = self.world.terms
        sides = (self.side("egress", sources), self.side("ingress", destinations))
        surely = terms.all_of(terms.all_of((side.surely_passes, -side.ignorance)) for side in sides)
        perhaps = terms.all_of(terms.any_of((side.passes, side.ignorance)) for side in sides)
        return surely, perhaps

    def refused(self, sources: Namespaces, destinations: Namespaces) -> tuple[Term, Term]:
        """The same for a connection that is refused."""
        terms = self.world.terms
        sides = (self.side("egress", sources), self.side("ingress", destinations))
        surely = -terms.all_of(terms.any_of((side.perhaps_passes, side.ignorance)) for side in sides)
        perhaps = -terms.all_of(terms.all_of((side.passes, -side.ignorance)) for side in sides)
        return surely, perhaps

    def policies(self, direction: Direction, namespaces: Namespaces, tier: str | None = None) -> list[DirectedPolicy]:
        """The policies (of one tier, if it is named) that can select the subject of ``direction``, in order."""
        return [
            policy
            for layer in self.world.cluster.layers
            for each in layer.tiers
            if tier in (None, each.name)
            for policy in self._slice(each, direction, namespaces)
        ]

    def first_match(self, bound: Bound) -> FirstMatch:
        """What a tier makes of the connection: as it is, or bounds of it where domain names leave it open."""
        return self._exactly if bound == "exact" else self._bounded

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
        policies = self.policies(direction, namespaces)
        rules = [(policy, rule) for policy in policies for rule in policy.rules]
        admitted = self._admitted(direction, namespaces, "exact")
        named = [
            terms.all_of((self.grants(policy, rule), self.connection.has_port(port.first)))
            for policy, rule in rules
            for port in rule.ports or ()
            if isinstance(port, PortRange) and port.first > 1
        ]
        passes = self._passes(direction, namespaces, "exact")
        unknown = any(isinstance(peer, DomainPeer) for policy in policies for peer in peers_of(policy))
        return Side(
            passes=passes,
            admitted=admitted,
            ignorance=self.ignorance(direction, namespaces, self.world.cluster.unmodelled),
            named_port=terms.any_of(named),
            surely_passes=self._passes(direction, namespaces, "least") if unknown else passes,
            perhaps_passes=self._passes(direction, namespaces, "most") if unknown else passes,
            perhaps_admitted=self._admitted(direction, namespaces, "most") if unknown else admitted,
        )

    def _passes(self, direction: Direction, namespaces: Namespaces, bound: Bound) -> Term:
        terms = self.world.terms
        layers = [self._layer(layer, direction, namespaces, bound, TRUE) for layer in self.world.cluster.layers]
        return terms.any_of((-self.subject(direction).is_pod, terms.all_of(layers)))

    def _admitted(self, direction: Direction, namespaces: Namespaces, bound: Bound) -> Term:
        """A rule lets the connection through: it would get through if nothing did that no rule decides on."""
        return self.world.terms.any_of(
            self._layer(layer, direction, namespaces, bound, FALSE) for layer in self.world.cluster.layers
        )

    def _layer(self, layer: Layer, direction: Direction, namespaces: Namespaces, bound: Bound, undecided: Term) -> Term:
        """What the tiers make of the connection; ``undecided``: whether it gets through where no rule decides."""
        result = undecided
        for tier in reversed(layer.tiers):
            otherwise = self._unmatched(tier, direction, namespaces, result, undecided)
            policies = self._slice(tier, direction, namespaces)
            # The first matching rule decides; a `pass` leads to the tiers that follow.
            result = self.first_match(bound).passes(policies, result, otherwise, bound)
        return result

    def _unmatched(
        self, tier: Tier, direction: Direction, namespaces: Namespaces, following: Term, undecided: Term
    ) -> Term:
        """What happens where no rule of a tier matches: ``following``, unless the tier isolates the pod, or the reading
        says that a policy of the other direction hides what follows."""
        terms, hidden = self.world.terms, self.connection.hidden_by_pod
        if tier.end != "deny-if-selected" or following == undecided == FALSE:
            return following
        selected = terms.any_of(self.isolates(policy) for policy in self._slice(tier, direction, namespaces))
        if hidden != FALSE and following != undecided:
            hiding = self._may_hide(tier, direction, namespaces)
            following = terms.choose(terms.all_of((hidden, hiding)), undecided, following)
        return terms.choose(selected, FALSE, following)

    def _may_hide(self, tier: Tier, direction: Direction, namespaces: Namespaces) -> Term:
        """A policy of the tier's other direction selects the pod."""
        other: Direction = "egress" if direction == "ingress" else "ingress"
        return self.world.terms.any_of(self.hides(policy, direction) for policy in self._slice(tier, other, namespaces))

    def contests(self) -> tuple[Contest, ...]:
        """The pairs of tied policies that may decide differently, whichever namespaces the ends are in."""
        if self._contests is None:
            self._contests = tuple(self._all_contests())
        return self._contests

    def _all_contests(self) -> Iterator[Contest]:
        terms = self.world.terms
        for direction in DIRECTIONS:
            for layer in self.world.cluster.layers:
                reached = self.subject(direction).is_pod
                for tier in layer.tiers:
                    yield from self._bounded.contests(self._slice(tier, direction, None), reached)
                    reached = terms.all_of((reached, self._leaves(tier, direction)))

    def _leaves(self, tier: Tier, direction: Direction) -> Term:
        """The connection is perhaps left to the tiers that follow."""
        terms, hidden = self.world.terms, self.connection.hidden_by_pod
        policies = self._slice(tier, direction, None)
        if tier.end == "pass":  # no rule surely allows it, and none surely denies it
            allowed = self._bounded.passes(policies, FALSE, FALSE, "least")
            return terms.all_of((-allowed, self._bounded.passes(policies, TRUE, TRUE, "most")))
        selected = terms.any_of(self.isolates(policy) for policy in policies)
        hiding = FALSE if hidden == FALSE else terms.all_of((hidden, self._may_hide(tier, direction, None)))
        return terms.all_of((-selected, -hiding))

    def domains(self) -> Iterator[tuple[str, Term]]:
        """Domain names that nobody binds, each with the term that a rule turns on what it stands for."""
        for policy in self.policies("egress", None):
            for rule in policy.rules:
                for peer in rule.peers or ():
                    if isinstance(peer, DomainPeer):
                        surely, perhaps = (self.peer("egress").matches(peer, bound) for bound in ("least", "most"))
                        doubtful = (self.bounds(policy, rule)[1], perhaps, -surely)
                        yield peer.name, self.world.terms.all_of(doubtful)

    def isolates(self, policy: DirectedPolicy) -> Term:
        """The policy selects the subject, whose traffic is then denied where no rule of the tier allows it."""
        return self.selects(policy)

    def grants(self, policy: DirectedPolicy, rule: Rule) -> Term:
        """The rule applies to the connection."""
        return self.rule_matches(policy, rule)

    def selects(self, policy: DirectedPolicy) -> Term:
        """The policy's subject selector matches the end whose traffic in its direction it governs."""
        return self.subject(policy.direction).pod_matches(policy.subject)

    def hides(self, policy: DirectedPolicy, direction: Direction) -> Term:
        """The policy, of the other direction, selects the end that ``direction`` governs."""
        return self.subject(direction).pod_matches(policy.subject)

    def rule_matches(self, policy: DirectedPolicy, rule: Rule, bound: Bound = "exact") -> Term:
        """The policy selects the subject, and a peer and a port of the rule match."""
        term = self._matches.get((id(rule), bound))
        if term is None:
            terms = self.world.terms
            peer = self.peer(policy.direction)
            peers = TRUE if rule.peers is None else terms.any_of(peer.matches(each, bound) for each in rule.peers)
            term = terms.all_of(
                (
                    self.subject(policy.direction).is_pod,
                    self.selects(policy),
                    peers,
                    self.connection.any_port(rule.ports),
                )
            )
            self._matches[id(rule), bound] = term
        return term

    def bounds(self, policy: DirectedPolicy, rule: Rule) -> tuple[Term, Term]:
        """The rule applies whatever domain names stand for, and for some of what they may; the same term where no name
        matters."""
        if any(isinstance(peer, DomainPeer) for peer in rule.peers or ()):
            return self.rule_matches(policy, rule, "least"), self.rule_matches(policy, rule, "most")
        return self._known(policy, rule)

    def _known(self, policy: DirectedPolicy, rule: Rule) -> tuple[Term, Term]:
        """As ``bounds``, domain names standing for what their free variables say."""
        granted = self.grants(policy, rule)
        return granted, granted

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
