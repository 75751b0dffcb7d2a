"""Which connections tell the policies from a mutant, as terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice, permutations, product, zip_longest

from ....encodings.policy import DIRECTIONS, Direction
from ....encodings.terms import FALSE, TRUE, Term
from .forms import Mutant, Policy, TierPolicy
from .meaning import Meaning
from .outline import Outline
from .tier_meaning import Allowed

_MOST_ORDERS = 24
"""Of policies of equal priority; of what hangs on yet another order, flows are proposed all the same."""


class Telling:
    """Tells the policies from mutants. The answer of the policies is certain if it is the same in both ``real`` bounds;
    a mutant has one answer for each way in which what is unknown turns out, in ``mutated``."""

    def __init__(self, real: Meaning, mutated: Meaning, outline: Outline) -> None:
        self._meaning = real
        self._mutated = mutated
        self._terms = real.terms
        self._real = outline.mutant()
        self._orders = [replace(self._real, tiers=each) for each in islice(_orders(outline.tiers), _MOST_ORDERS)]

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
        if ordinary and not self._real.tiers and len(changed) == 1:
            return self._told_apart_in(changed[0], mutant, ways)
        true, other = self._true(), self._mutated.allowed(mutant)
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

    def _true(self) -> Allowed:
        """What the policies let through, in whichever order those of equal priority stand."""
        every = [self._meaning.allowed(order) for order in self._orders]
        surely, perhaps = (each.surely for each in every), (each.perhaps for each in every)
        return Allowed(self._terms.all_of(surely), self._terms.any_of(perhaps))

    @property
    def certain(self) -> Term:
        """The answer does not depend on what is unknown."""
        allowed = self._true()
        return self._terms.same(allowed.surely, allowed.perhaps)

    def near_rules(self, mutant: Mutant) -> Term:
        """The answer is certain, and some policy selects otherwise, or some rule of it matches otherwise, by itself."""
        found: list[Term] = []
        for old, new in zip_longest(self._real.policies, mutant.policies):
            if old is not new:
                found += self._differing(self._rule_terms(old), self._rule_terms(new))
        for old, new in zip_longest(self._real.tiers, mutant.tiers):
            if old is not new:
                found += self._differing(self._tier_terms(old), self._tier_terms(new))
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

    def _tier_terms(self, policy: TierPolicy | None) -> Iterator[Term]:
        if policy is not None:
            yield from (least for _, least, _ in self._meaning.tiers.parts(policy))

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


def _orders(tiers: Sequence[TierPolicy]) -> Iterator[tuple[TierPolicy, ...]]:
    """Every order of the policies in which equal priorities allow them to stand, the one as read first."""
    groups = [[*group] for _, tier in groupby(tiers, lambda each: each.tier) for group in _tied([*tier])]
    for chosen in product(*(permutations(_by_name(group)) for group in groups)):
        yield tuple(each for group in chosen for policy in group for each in policy)


def _tied(tier: list[TierPolicy]) -> Iterator[list[TierPolicy]]:
    """The policies of one priority; all, if one may stand anywhere."""
    if any(each.priority == "any" for each in tier):
        yield tier
        return
    yield from ([*group] for _, group in groupby(tier, lambda each: each.priority))


def _by_name(group: Sequence[TierPolicy]) -> list[list[TierPolicy]]:
    """Both directions of a policy together: there is one order for both."""
    named: dict[str, list[TierPolicy]] = {}
    for each in group:
        named.setdefault(each.reference, []).append(each)
    return [*named.values()]
