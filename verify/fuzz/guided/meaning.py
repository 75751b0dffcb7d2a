"""What policies and their mutants allow, as terms over one connection.

Some things may be unknown of a flow: whether ipBlock matches pods, the labels of a namespace that has no Namespace
object, and whether a NetworkPolicy of one direction hides the Baseline tier in both. What is allowed whatever they are
(``surely``) and for some of what they may be (``perhaps``) bound the answer; a flow is proposed only where both agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....encodings import bits
from ....encodings.addresses import Family
from ....encodings.cluster import NAME_LABEL
from ....encodings.endpoint import SymbolicEndpoint
from ....encodings.policy import DIRECTIONS, Direction
from ....encodings.terms import FALSE, TRUE, Term
from ....encodings.world import LabelDomain
from .forms import Blocks, Labels, Mutant, Named, Peer, Pods, Policy, Port, Rule, Scope, TierPolicy, Traffic
from .space import Space
from .tier_meaning import Allowed, Tiers


@dataclass(frozen=True, slots=True)
class Parts:
    """One policy: it selects the end that its direction governs; each rule allows, surely or perhaps."""

    selects: Term
    surely: tuple[Term, ...]
    perhaps: tuple[Term, ...]


class Meaning:
    """Terms of policies over the connection of ``space``, each made once; with ``reversed_ends`` over the opposite one,
    to the same port. ``any_address``: the addresses of pods are unknown, too."""

    def __init__(self, space: Space, *, any_address: bool = False, reversed_ends: bool = False) -> None:
        self._space = space
        self._any_address = any_address
        self._source, self._destination = reversed(space.ends) if reversed_ends else space.ends
        self.terms = space.terms
        self._policies: dict[int, tuple[Policy, Parts]] = {}
        self.tiers = Tiers(self.terms, self._selected, self._rule)
        self._rules: dict[tuple[Direction, bool, Rule], Term] = {}
        self._peers: dict[tuple[Direction, bool, Peer], Term] = {}
        self._ports: dict[Port, Term] = {}
        self._directions: dict[tuple[Direction, str, tuple[int, ...]], Allowed] = {}

    def allowed(self, mutant: Mutant) -> Allowed:
        """The connections that both ends let through."""
        sides = [self.direction(direction, mutant) for direction in DIRECTIONS]
        surely = self._ends(mutant, [side.surely for side in sides], False)
        perhaps = self._ends(mutant, [side.perhaps for side in sides], True)
        if mutant.both_ways:
            opposite = Meaning(self._space, any_address=self._any_address, reversed_ends=True).allowed(
                replace(mutant, both_ways=False)
            )
            surely = self.terms.any_of((surely, opposite.surely))
            perhaps = self.terms.any_of((perhaps, opposite.perhaps))
        refused, passing = (self._traffic(kind) for kind in (mutant.refuses, mutant.passes))
        bounds = (self.terms.all_of((bound, -refused)) for bound in (surely, perhaps))
        return Allowed(*(self.terms.any_of((bound, passing)) for bound in bounds))

    def _ends(self, mutant: Mutant, sides: list[Term], unknown: bool) -> Term:
        """Both ends let the connection through, or what a mutant asks instead."""
        terms, let_through = self.terms, self.terms.all_of(sides)
        if mutant.either_end:
            let_through = terms.choose(self._space.connection.both_pods, terms.any_of(sides), let_through)
        if mutant.enough is not None:
            parts = [self.parts(policy) for policy in mutant.policies if policy.direction == mutant.enough]
            rules = (rule for each in parts for rule in (each.perhaps if unknown else each.surely))
            let_through = terms.any_of((let_through, *rules))
        return let_through

    def _traffic(self, kind: Traffic | None) -> Term:
        connection = self._space.connection
        if kind is None:
            return FALSE
        kinds: dict[Traffic, Term] = {
            "UDP": connection.has_protocol("UDP"),
            "SCTP": connection.has_protocol("SCTP"),
            "IPv6": connection.ipv6,
            "traffic from outside": connection.source.is_external,
            "traffic to outside": connection.destination.is_external,
            "traffic between pods": connection.both_pods,
            "traffic inside a namespace": self._one_namespace(),
        }
        return kinds[kind]

    def _one_namespace(self) -> Term:
        """Both ends are pods of one namespace, one that has policies: of others it makes no difference."""
        spaces = sorted({policy.subject.namespace or "" for policy in self._space.outline.policies})
        codes = [self._space.world.codes_of_namespaces([name]) for name in spaces]
        both = (self.terms.all_of(end.in_namespaces(each) for end in self._space.ends) for each in codes)
        return self.terms.all_of((self._space.connection.both_pods, self.terms.any_of(both)))

    def _subject(self, direction: Direction) -> SymbolicEndpoint:
        return self._destination if direction == "ingress" else self._source

    def _other(self, direction: Direction) -> SymbolicEndpoint:
        return self._source if direction == "ingress" else self._destination

    def key(self, direction: Direction, mutant: Mutant) -> tuple[int, ...]:
        """Equal for two mutants that hold the same objects for a direction; all of them are kept in ``_policies`` and
        ``tiers``."""
        tiers = [each for each in mutant.tiers if each.direction == direction]
        hiding = any(each.tier == "Baseline" for each in tiers)
        policies = [each for each in mutant.policies if hiding or each.direction == direction]
        return tuple(id(each) for each in (*policies, *tiers))

    def direction(self, direction: Direction, mutant: Mutant) -> Allowed:
        """The connections that the end which the direction governs lets through."""
        key = (direction, mutant.union, self.key(direction, mutant))
        found = self._directions.get(key)
        if found is None:
            parts = [self.parts(policy) for policy in mutant.policies if policy.direction == direction]
            after = self._baseline(direction, mutant)
            surely = self._union(
                mutant.union, [(each.selects, self.terms.any_of(each.surely)) for each in parts], after.surely
            )
            perhaps = self._union(
                mutant.union, [(each.selects, self.terms.any_of(each.perhaps)) for each in parts], after.perhaps
            )
            bounds = (
                self.terms.all_of((let_through, -self._denied(direction, mutant, unknown)))
                for let_through, unknown in ((surely, False), (perhaps, True))
            )
            found = self.tiers.tier("Admin", direction, mutant.tiers, Allowed(*bounds))
            open_end = -self._subject(direction).is_pod
            found = Allowed(*(self.terms.any_of((open_end, bound)) for bound in (found.surely, found.perhaps)))
            self._directions[key] = found
        return found

    def _denied(self, direction: Direction, mutant: Mutant, unknown: bool) -> Term:
        """A policy that selects the end refuses the other one."""
        denying = [policy for policy in mutant.policies if policy.direction == direction and policy.denies]
        return self.terms.any_of(
            self.terms.all_of((self.parts(policy).selects, self.peer(direction, block, unknown)))
            for policy in denying
            for block in policy.denies
        )

    def _baseline(self, direction: Direction, mutant: Mutant) -> Allowed:
        """What is let through where no policy isolates the end; nothing is forbidden there if that tier is hidden."""
        if not any(each.tier == "Baseline" and each.direction == direction for each in mutant.tiers):
            return Allowed(TRUE, TRUE)
        found = self.tiers.tier("Baseline", direction, mutant.tiers, Allowed(TRUE, TRUE))
        subject = self._subject(direction)
        others = [each for each in mutant.policies if each.direction != direction]
        for each in others:
            self.parts(each)  # so that it is kept
        hidden = self.terms.any_of(self._pods(subject, each.subject, True) for each in others)
        return Allowed(found.surely, self.terms.any_of((found.perhaps, hidden)))

    def _selected(self, policy: TierPolicy, unknown: bool) -> Term:
        """A cluster-wide policy is about the end that its direction governs."""
        subject = self._subject(policy.direction)
        return self.terms.all_of((subject.is_pod, self._pods(subject, policy.subject, unknown)))

    def _union(self, union: str, policies: list[tuple[Term, Term]], following: Term) -> Term:
        """What policies let through, each as whether it selects and whether a rule of it allows; ``following``, where
        none selects the end."""
        terms = self.terms
        isolated = terms.any_of(selects for selects, _ in policies)
        if union == "any":
            return terms.any_of((terms.all_of((-isolated, following)), *(terms.all_of(policy) for policy in policies)))
        if union == "all":
            all_let_through = terms.all_of(terms.implies(selects, allows) for selects, allows in policies)
            return terms.all_of((all_let_through, terms.any_of((isolated, following))))
        result = following
        for selects, allows in reversed(policies) if union == "first" else policies:
            result = terms.choose(selects, allows, result)
        return result

    def parts(self, policy: Policy) -> Parts:
        """The terms of one policy."""
        found = self._policies.get(id(policy))
        if found is None:
            subject = self._subject(policy.direction)
            selects = self.terms.all_of((subject.is_pod, self._pods(subject, policy.subject, True)))
            surely, perhaps = (
                tuple(
                    self.terms.all_of((selects, self._rule(policy.direction, rule, unknown))) for rule in policy.rules
                )
                for unknown in (False, True)
            )
            found = self._policies[id(policy)] = (policy, Parts(selects, surely, perhaps))
        return found[1]

    def _rule(self, direction: Direction, rule: Rule, unknown: bool) -> Term:
        key = (direction, unknown, rule)
        term = self._rules.get(key)
        if term is None:
            terms = self.terms
            peers = (
                TRUE if rule.peers is None else terms.any_of(self.peer(direction, peer, unknown) for peer in rule.peers)
            )
            ports = TRUE if rule.ports is None else terms.any_of(self.port(port) for port in rule.ports)
            term = self._rules[key] = terms.all_of((peers, ports))
        return term

    # Peers and ports; ``unknown`` is how what is unknown turns out

    def peer(self, direction: Direction, peer: Peer, unknown: bool) -> Term:
        """The end that the direction's rules name is this peer."""
        key = (direction, unknown, peer)
        term = self._peers.get(key)
        if term is None:
            end = self._other(direction)
            if isinstance(peer, Blocks):
                term = self._blocks(end, peer, unknown)
            else:
                term = self.terms.all_of((end.is_pod, self._pods(end, peer, unknown)))
            self._peers[key] = term
        return term

    def _blocks(self, end: SymbolicEndpoint, peer: Blocks, unknown: bool) -> Term:
        terms, space = self.terms, self._space
        networks, excepts = (
            [space.in_network(end, network, any_family=peer.any_family) for network in listed]
            for listed in (peer.networks, peer.excepts)
        )
        held = terms.all_of((terms.any_of(networks), *(-each for each in excepts)))
        reading = {"always": True, "never": False, "reading": space.outline.reading}[peer.pods]
        if not (unknown if reading is None else reading):
            return terms.all_of((held, -end.is_pod))
        if not self._any_address:
            return held
        return terms.choose(end.is_pod, self._may_hold(end, peer, unknown), held)

    def _may_hold(self, end: SymbolicEndpoint, peer: Blocks, unknown: bool) -> Term:
        """The block holds a pod whose address may be any: it may if the family is right, and surely if it holds all."""
        families: list[Family] = [
            network.family for network in peer.networks if unknown or (network.length == 0 and not peer.excepts)
        ]
        return self.terms.any_of(end.has_family(family) for family in families)

    def _pods(self, end: SymbolicEndpoint, peer: Pods, unknown: bool) -> Term:
        parts: list[Term] = []
        if peer.namespace is not None:
            there = end.in_namespaces(self._space.world.codes_of_namespaces([peer.namespace]))
            parts.append(-there if peer.elsewhere else there)
        parts.extend(self._namespace_label(end, labels, unknown) for labels in peer.namespace_labels)
        parts.extend(self._pod_label(end, labels) for labels in peer.labels)
        parts.extend(self._some_label(end, scope) for scope in peer.labelled)
        if peer.family is not None:
            parts.append(end.has_family(peer.family))
        return self.terms.all_of(parts)

    def _some_label(self, end: SymbolicEndpoint, scope: Scope) -> Term:
        """The pod, or its namespace, has a label of those that are tried."""
        outline, label = self._space.outline, Labels("", (), others=True, absent=False)
        if scope == "pod":
            return self.terms.any_of(self._pod_label(end, replace(label, key=key)) for key in outline.pod_values)
        found = (self._namespace_label(end, replace(label, key=key), unknown=False) for key in outline.namespace_values)
        return self.terms.any_of(found)

    def _pod_label(self, end: SymbolicEndpoint, labels: Labels) -> Term:
        return end.label_in(labels.key, _codes(self._space.world.pod_label(labels.key), labels))

    def _namespace_label(self, end: SymbolicEndpoint, labels: Labels, unknown: bool) -> Term:
        world, terms = self._space.world, self.terms
        if labels.key == NAME_LABEL:
            listed = end.in_namespaces(world.codes_of_namespaces(labels.listed))
            return -listed if labels.others else listed
        met = end.namespace_label_in(labels.key, _codes(world.namespace_label(labels.key), labels))
        unknown_here = end.in_namespaces(self._space.unknown)
        return terms.any_of((met, unknown_here)) if unknown else terms.all_of((met, -unknown_here))

    def port(self, port: Port) -> Term:
        """The connection is to this port."""
        term = self._ports.get(port)
        if term is None:
            term = self._ports[port] = self._port_term(port)
        return term

    def _port_term(self, port: Port) -> Term:
        terms, connection = self.terms, self._space.connection
        if not isinstance(port, Named):
            number = bits.between(terms, connection.port_bits, port.first, port.last)
            return terms.all_of((connection.has_protocol(port.protocol), number))
        if port.elsewhere:
            declared = terms.all_of((self._destination.is_pod, self._space.elsewhere(port.name, port.declared)))
        else:
            declared = self._destination.declares_port(port.name, port.declared, connection.port_bits)
        besides = FALSE if port.besides is None else connection.has_port(port.besides)
        return terms.all_of((connection.has_protocol(port.protocol), declared, -besides))


def _codes(domain: LabelDomain, labels: Labels) -> frozenset[int]:
    """The codes of a label that meet a requirement: 0 is absence."""
    listed = {domain.code(value) for value in labels.listed}
    present = set(range(1, 1 << domain.width)) - listed if labels.others else listed
    return frozenset(present | {0} if labels.absent else present)
