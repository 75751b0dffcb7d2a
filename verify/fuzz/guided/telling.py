"""Which connections tell the policies from a mutant, as terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from ....encodings.policy import DIRECTIONS, Direction
from ....encodings.terms import FALSE, TRUE, Term
from .forms import Mutant, Policy
from .meaning import Meaning


class Telling:
    """Tells the policies from mutants. The answer of the policies is certain if it is the same in both ``real`` bounds;
    a mutant has one answer for each way in which what is unknown turns out, in ``mutated``."""

    def __init__(self, real: Meaning, mutated: Meaning, policies: tuple[Policy, ...]) -> None:
        self._meaning = real
        self._mutated = mutated
        self._terms = real.terms
        self._real = Mutant(policies)

    def told_apart(self, mutant: Mutant) -> Term:
        """The answer to the connection is certain, and the mutant's is the other one, whatever is unknown."""
        return self._told_apart(mutant, (False, True))

    def told_apart_in_one_reading(self, mutant: Mutant) -> Term:
        """The answer to the connection is certain, and the mutant's is the other one in one way or the other."""
        return self._terms.any_of(self._told_apart(mutant, (unknown,)) for unknown in (False, True))

    def _told_apart(self, mutant: Mutant, ways: tuple[bool, ...]) -> Term:
        key = self._meaning.key
        changed: list[Direction] = [each for each in DIRECTIONS if key(each, self._real) != key(each, mutant)]
        ordinary = mutant == Mutant(mutant.policies) and not any(policy.denies for policy in mutant.policies)
        if ordinary and len(changed) == 1:
            return self._told_apart_in(changed[0], mutant, ways)
        true, other = self._meaning.allowed(self._real), self._mutated.allowed(mutant)
        answers = [other.perhaps if unknown else other.surely for unknown in ways]
        allowed = self._terms.all_of((true.surely, *(-answer for answer in answers)))
        refused = self._terms.all_of((-true.perhaps, *answers))
        return self._terms.any_of((allowed, refused))

    def _told_apart_in(self, direction: Direction, mutant: Mutant, ways: tuple[bool, ...]) -> Term:
        """The same where one direction differs: in few terms, since the other one must allow, and what both have in
        common must not.

        Each answer of the policies is "not isolated, or a common rule, or an own rule"; a common rule that matches
        surely also matches perhaps, so it drops out everywhere where none matches perhaps.
        """
        terms = self._terms
        other: Direction = "egress" if direction == "ingress" else "ingress"
        old, new = (
            [meaning.parts(policy) for policy in each.policies if policy.direction == direction]
            for meaning, each in ((self._meaning, self._real), (self._mutated, mutant))
        )
        rules = [
            [rule for part in parts for rule in zip(part.surely, part.perhaps, strict=True)] for parts in (old, new)
        ]
        common = {*rules[0]} & {*rules[1]}
        own = [[rule for rule in each if rule not in common] for each in rules]
        surely, perhaps = (terms.any_of(rule[bound] for rule in own[0]) for bound in (0, 1))
        mutated = [terms.any_of(rule[unknown] for rule in own[1]) for unknown in ways]
        isolated, isolated_there = (terms.any_of(part.selects for part in parts) for parts in (old, new))
        allowed = (terms.any_of((-isolated, surely)), isolated_there, *(-each for each in mutated))
        refused = (isolated, -perhaps, *(terms.any_of((-isolated_there, each)) for each in mutated))
        none_common = -terms.any_of(rule[1] for rule in sorted(common))
        either = terms.any_of((terms.all_of(allowed), terms.all_of(refused)))
        return terms.all_of((self._meaning.direction(other, self._real).surely, none_common, either))

    @property
    def certain(self) -> Term:
        """The answer does not depend on what is unknown."""
        allowed = self._meaning.allowed(self._real)
        return self._terms.same(allowed.surely, allowed.perhaps)

    def near_rules(self, mutant: Mutant) -> Term:
        """The answer is certain, and some policy selects otherwise, or some rule of it matches otherwise, by itself."""
        found: list[Term] = []
        for old, new in zip_longest(self._real.policies, mutant.policies):
            if old is not new:
                found += self._differing(self._rule_terms(old), self._rule_terms(new))
        return self._terms.all_of((self.certain, self._terms.any_of(found)))

    def near_entries(self, mutant: Mutant) -> Term:
        """The answer is certain, and some peer or port of a rule matches otherwise by itself."""
        found: list[Term] = []
        for old, new in zip_longest(self._real.policies, mutant.policies):
            if old is not new:
                for one, other in zip_longest(self._entry_terms(old), self._entry_terms(new), fillvalue=((), ())):
                    found += (*self._differing(one[0], other[0]), *self._differing(one[1], other[1]))
        return self._terms.all_of((self.certain, self._terms.any_of(found)))

    def _differing(self, old: Iterable[Term], new: Iterable[Term]) -> Iterator[Term]:
        for one, other in zip_longest(old, new, fillvalue=FALSE):
            yield -self._terms.same(one, other)

    def _rule_terms(self, policy: Policy | None) -> Iterator[Term]:
        if policy is not None:
            parts = self._meaning.parts(policy)
            yield parts.selects
            yield from parts.surely

    def _entry_terms(self, policy: Policy | None) -> Iterator[tuple[tuple[Term, ...], tuple[Term, ...]]]:
        """For each rule, each of its peers with its ports, and each of its ports with its peers."""
        if policy is None:
            return
        terms, selects = self._terms, self._meaning.parts(policy).selects
        for rule in policy.rules:
            peers = [self._meaning.peer(policy.direction, peer, False) for peer in rule.peers or ()]
            ports = [self._meaning.port(port) for port in rule.ports or ()]
            any_peer = TRUE if rule.peers is None else terms.any_of(peers)
            any_port = TRUE if rule.ports is None else terms.any_of(ports)
            yield (
                tuple(terms.all_of((selects, any_port, peer)) for peer in peers),
                tuple(terms.all_of((selects, any_peer, port)) for port in ports),
            )
