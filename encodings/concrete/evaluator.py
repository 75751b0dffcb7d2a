"""The concrete evaluator: is one connection allowed by these manifests, and why?

Written apart from the symbolic encoding, as a second opinion on it: it starts from the objects as written,
applies the API's defaults itself, and decides one connection at a time. It trusts the reader (each object is
what the file says) and, for objects nobody models, the reader's word on how far they reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from itertools import product

from ..manifests import Manifests
from .addresses import Family
from .adminpeers import DOMAIN, Surroundings
from .adminpolicy import AdminPolicy, is_admin_policy, read_admin_policy
from .cases import Cases, apart
from .domains import Domains, assumptions
from .endpoints import ConcreteEndpoint
from .evidence import Decision, Direction, Reason, Side, any_of, ordered
from .networkpolicy import NetworkPolicy, read_network_policy
from .networktier import union
from .nodes import Node, Nodes, read_nodes
from .reading import HIDDEN_BY, HOST_NETWORK, Reading, Readings
from .services import Services
from .tiers import common, decided, in_order, matches_of, shared
from .ties import MOST_ORDERS, Tie, ties_of
from .traffic import Traffic
from .unmodelled import Unmodelled, read_unmodelled

NETWORKING_GROUP = "networking.k8s.io"
OPPOSITE: dict[Direction, Direction] = {"ingress": "egress", "egress": "ingress"}
OPEN: dict[Direction, Side] = {
    way: Side(way, True, False, (Reason(way, None, None, "not-isolated", None, None),), (), False) for way in OPPOSITE
}
"""A pod in a direction in which nothing forbids anything."""
UNGOVERNED: dict[Direction, Side] = {way: Side(way, True, False, (), (), False) for way in OPPOSITE}
"""An end that no policy governs."""
MOST_DOMAINS = 8
"""What so many unknown domain names may mean is tried in every combination; more are told apart less well."""


class Cluster:
    """The policies of a set of manifests, ready to decide connections.

    ``policies`` are NetworkPolicies by namespace; ``admin`` and ``baseline`` the policies of these tiers, as declared.
    """

    def __init__(
        self,
        policies: Iterable[NetworkPolicy],
        unmodelled: Iterable[Unmodelled] = (),
        admin_policies: Iterable[AdminPolicy] = (),
        around: Surroundings | None = None,
        services: Services | None = None,
    ) -> None:
        self.policies: dict[str, list[NetworkPolicy]] = {}
        for policy in policies:
            self.policies.setdefault(policy.namespace, []).append(policy)
        self.unmodelled = tuple(unmodelled)
        everywhere = tuple(admin_policies)
        self.admin = tuple(policy for policy in everywhere if policy.tier == "Admin")
        self.baseline = tuple(policy for policy in everywhere if policy.tier == "Baseline")
        self.around = Surroundings() if around is None else around
        self.services = Services() if services is None else services
        self._ordered: dict[tuple[str, ...], tuple[tuple[AdminPolicy, ...], tuple[AdminPolicy, ...]]] = {}

    @classmethod
    def of(cls, manifests: Manifests) -> Cluster:
        """The cluster that the manifests describe. InputErrors if a policy cannot be what the API accepts."""
        policies = [
            read_network_policy(item)
            for item in manifests.modelled
            if item.kind == "NetworkPolicy" and item.group == NETWORKING_GROUP
        ]
        admin_policies = [read_admin_policy(item) for item in manifests.modelled if is_admin_policy(item)]
        unmodelled = [read_unmodelled(item) for item in manifests.unmodelled]
        around = Surroundings(Nodes(read_nodes(manifests)))
        return cls(policies, unmodelled, admin_policies, around, Services(manifests))

    def within(self, nodes: Iterable[Node] = (), domains: Mapping[str, Sequence[str]] | None = None) -> Cluster:
        """The cluster in a world that has these nodes besides those declared, and binds these domain names to CIDRs.

        ValueError for a block that is not in CIDR notation.
        """
        other = copy(self)
        other.around = Surroundings(self.around.nodes.and_also(nodes), Domains(domains))
        return other

    def without_unmodelled(self) -> Cluster:
        """The cluster as if there were no policies but those that are modelled."""
        other = copy(self)
        other.unmodelled = ()
        return other

    def instead(self, policies: Iterable[NetworkPolicy]) -> Cluster:
        """The cluster with these NetworkPolicies in the place of those that it has."""
        other = copy(self)
        other.policies = {}
        for policy in policies:
            other.policies.setdefault(policy.namespace, []).append(policy)
        return other

    def tiers(self, reading: Reading) -> tuple[tuple[AdminPolicy, ...], tuple[AdminPolicy, ...]]:
        """The policies of the Admin and of the Baseline tier in the order in which they are asked."""
        found = self._ordered.get(reading.order)
        if found is None:
            found = self._ordered[reading.order] = (
                in_order(self.admin, reading.order),
                in_order(self.baseline, reading.order),
            )
        return found

    def decide(
        self,
        source: ConcreteEndpoint,
        destination: ConcreteEndpoint,
        protocol: str,
        port: int,
        family: Family,
        *,
        reading: Reading | Readings,
    ) -> Decision:
        """Whether the connection is allowed: the source's egress and the destination's ingress both allow it.

        Of several readings all are tried; if they differ the answer depends on what sets them apart. Who the two ends
        are does not matter here: a pod to itself is decided like any pair.
        """
        if isinstance(reading, Reading):
            return self._decide(Traffic(source, destination, protocol, port, family, reading))
        cases = self.cases(Traffic(source, destination, protocol, port, family, reading.first()), reading)
        return _agreed([(case, self._decide(case)) for case in cases.traffic], cases)

    def cases(self, traffic: Traffic, readings: Readings) -> Cases:
        """The connection under every reading that may make a difference to it; the first is ``readings.first()``."""
        first = readings.first()
        blocks = (False, True) if readings.ip_block_matches_pods is None else (first.ip_block_matches_pods,)
        in_host_network = traffic.source.host_network or traffic.destination.host_network
        hosts = HOST_NETWORK if readings.host_network_pods is None and in_host_network else (first.host_network_pods,)
        hidden = HIDDEN_BY if readings.baseline_hidden_by is None and self.baseline else (first.baseline_hidden_by,)
        ties, untried = self._ties(traffic) if readings.order is None and (self.admin or self.baseline) else ([], [])
        orders = [sum(parts, ()) for parts in product(*(tie.orders for tie in ties))] if ties else [first.order]
        flow = (traffic.source, traffic.destination, traffic.protocol, traffic.port, traffic.family)
        found = tuple(
            Traffic(*flow, Reading(block, order, by, host))
            for order in orders
            for host in hosts
            for by in hidden
            for block in blocks
        )
        return Cases(found, tuple(ties), tuple(untried))

    def _ties(self, traffic: Traffic) -> tuple[list[Tie], list[Tie]]:
        """The ties that may matter for the connection: those whose orders are tried, and those that have too many."""
        ties: list[Tie] = []
        untried: list[Tie] = []
        count = 1
        for tier in (self.admin, self.baseline):
            for tie in ties_of(tier, traffic, self.around) if len(tier) > 1 else ():
                tried = bool(tie.orders) and count * len(tie.orders) <= MOST_ORDERS
                (ties if tried else untried).append(tie)
                count *= len(tie.orders) if tried else 1
        return ties, untried

    def decide_side(self, direction: Direction, traffic: Traffic) -> Side:
        """What one end alone says: the source's egress, or the destination's ingress."""
        side = self._side(direction, traffic)
        guesses = self._guesses(traffic, side.allowed, side.depends_on)
        if not guesses:
            return side
        sides = [(guess, self._side(direction, guess)) for guess in guesses]
        return common([each for _, each in sides], apart([(guess, each.allowed) for guess, each in sides]))

    def port_breaks(self, source: ConcreteEndpoint, destination: ConcreteEndpoint) -> tuple[int, ...]:
        """Ports, ascending, at which the answer may change: between two of them every rule gives one
        answer."""
        breaks = {number for own in destination.ports or () for number in (own.number, own.number + 1)}
        for namespace in (source.namespace, destination.namespace):
            for policy in self.policies.get(namespace or "", ()):
                for rules in policy.rules.values():
                    for rule in rules:
                        breaks.update(edge for port in rule.ports for edge in (port.first, port.last + 1))
        for policy in (*self.admin, *self.baseline):
            for rules in policy.rules.values():
                for rule in rules:
                    breaks.update(edge for port in rule.ports for edge in (port.first, port.last + 1))
        return tuple(sorted(breaks))

    def _decide(self, traffic: Traffic) -> Decision:
        decision = self._both_sides(traffic)
        guesses = self._guesses(traffic, decision.allowed, decision.depends_on)
        if not guesses:
            return decision
        return _agreed([(guess, self._both_sides(guess)) for guess in guesses], Cases(guesses))

    def _guesses(self, traffic: Traffic, allowed: bool | None, depends_on: Iterable[str]) -> tuple[Traffic, ...]:
        """What the connection may be, by the domain names that an open answer depends on: several names are not
        independent, and rules about one may cancel each other out."""
        if allowed is not None:
            return ()
        names = [name.removeprefix(DOMAIN) for name in depends_on if name.startswith(DOMAIN)]
        if not names or len(names) > MOST_DOMAINS:
            return ()
        return tuple(replace(traffic, assumed=assumed) for assumed in assumptions(names))

    def _both_sides(self, traffic: Traffic) -> Decision:
        sides = (self._side("egress", traffic), self._side("ingress", traffic))
        blocked = [side for side in sides if side.allowed is False]
        if blocked:
            return Decision(False, _reasons(blocked))
        if not sides[0].depends_on and not sides[1].depends_on:
            return Decision(True, _reasons(sides))
        return Decision(None, _reasons(sides), ordered(name for side in sides for name in side.depends_on))

    def _side(self, direction: Direction, traffic: Traffic) -> Side:
        subject = traffic.subject(direction)
        if not traffic.is_pod(subject):
            return UNGOVERNED[direction]
        side = self._admin_tier(direction, traffic) if self.admin else self._network_tier(direction, traffic)
        if not self.unmodelled:
            return side
        free = [item.title for item in self.unmodelled if item.governs(subject.namespace, direction)]
        if not free:
            return side
        depends_on = ordered((*side.depends_on, *free))
        return Side(direction, None, side.isolated or None, side.because, depends_on)

    def _admin_tier(self, direction: Direction, traffic: Traffic) -> Side:
        following = partial(self._network_tier, direction, traffic)
        policies, _ = self.tiers(traffic.reading)
        return decided(matches_of(policies, direction, traffic, self.around), direction, following)

    def _network_tier(self, direction: Direction, traffic: Traffic) -> Side:
        policies = self.policies.get(traffic.subject(direction).namespace or "", ())
        if not policies and not self.baseline:
            return OPEN[direction]
        return union(direction, traffic, policies, partial(self._baseline_tier, direction, traffic))

    def _baseline_tier(self, direction: Direction, traffic: Traffic) -> Side:
        """What holds for a pod that no NetworkPolicy governs in this direction."""
        default = OPEN[direction]
        if not self.baseline:
            return default
        _, policies = self.tiers(traffic.reading)
        side = decided(matches_of(policies, direction, traffic, self.around), direction, lambda: default)
        if traffic.reading.baseline_hidden_by == "direction":
            return side
        subject, other = traffic.subject(direction), OPPOSITE[direction]
        hidden = any_of(
            policy.selects(subject, other, traffic.reading) for policy in self.policies.get(subject.namespace or "", ())
        )
        if hidden.value is None:
            return common((side, default), hidden.depends_on)
        return default if hidden.value else side


def _reasons(sides: Iterable[Side]) -> tuple[Reason, ...]:
    return tuple(reason for side in sides for reason in side.because)


def _agreed(answers: Sequence[tuple[Traffic, Decision]], cases: Cases) -> Decision:
    """One decision for several cases; where they differ, it depends on what sets them apart."""
    decisions = [decision for _, decision in answers]
    names = {name for decision in decisions for name in decision.depends_on}
    depends_on = ordered(names) if names else ()
    if not cases.untried and len({decision.allowed for decision in decisions}) == 1:
        return Decision(decisions[0].allowed, decisions[0].because, depends_on)
    differing = apart([(case, decision.allowed) for case, decision in answers], cases.ties)
    because = shared(decision.because for decision in decisions)
    return Decision(None, because, ordered((*names, *differing, *(tie.title for tie in cases.untried))))
