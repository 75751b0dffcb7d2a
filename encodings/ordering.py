"""Tied policies: one order of them for the whole cluster, as terms.

Every tied policy has a *rank*, a number that is free. Of two tied policies the one with the lower rank goes first, and
of two with equal ranks the one that was read first. So every choice of ranks is a total order, every total order is
some choice of ranks, and nothing need be said to keep it transitive. A policy that is tied with all others of its tier
has a free priority beside its rank. Ranks belong to references: both directions, both ends and both sides of a
comparison see one order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from . import bits
from .bits import Bits
from .policy import DirectedPolicy, Priority, tied
from .selectors import Requirement, Selector
from .terms import FALSE, TRUE, Term, Terms

_PRIORITY_WIDTH = 10  # priorities are 0 to 1000


class Order:
    """The order of the policies whose references are ``as_read``, in the order in which they were read."""

    def __init__(self, terms: Terms, as_read: Sequence[str]) -> None:
        self._terms = terms
        self.index = {reference: number for number, reference in enumerate(as_read)}
        self._width = bits.width_for(len(as_read))
        self._known: dict[tuple[str, Priority, str, Priority], Term] = {}

    def before(self, one: DirectedPolicy, other: DirectedPolicy) -> Term:
        """``one`` is asked before ``other``, another policy of the same tier."""
        key = (one.reference, one.priority, other.reference, other.priority)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._before(one, other)
        return known

    def _before(self, one: DirectedPolicy, other: DirectedPolicy) -> Term:
        if isinstance(one.priority, int) and isinstance(other.priority, int) and one.priority != other.priority:
            return TRUE if one.priority < other.priority else FALSE
        if self.index[one.reference] > self.index[other.reference]:
            return -self.before(other, one)
        return bits.precedes(self._terms, self._place(one), self._place(other))

    def _place(self, policy: DirectedPolicy) -> Bits:
        """Priority and rank as one number."""
        name = f"order.{policy.reference}"
        rank = bits.variables(self._terms, f"{name}.rank", self._width)
        if isinstance(policy.priority, int):
            return (*_constant(policy.priority), *rank)
        return (*bits.variables(self._terms, f"{name}.priority", _PRIORITY_WIDTH), *rank)


def _constant(number: int) -> Bits:
    return tuple(TRUE if number >> shift & 1 else FALSE for shift in range(_PRIORITY_WIDTH - 1, -1, -1))


def ties(policies: Iterable[DirectedPolicy]) -> set[str]:
    """The references of a tier's policies that are tied with another."""
    by_priority: dict[object, set[str]] = {}
    for policy in policies:
        if policy.priority is not None:
            by_priority.setdefault(policy.priority, set()).add(policy.reference)
    if "any" in by_priority and sum(map(len, by_priority.values())) > 1:
        return set[str]().union(*by_priority.values())
    return {reference for references in by_priority.values() if len(references) > 1 for reference in references}


@dataclass(frozen=True, slots=True)
class Contest:
    """Two tied policies of one direction, ``first`` read before ``second``; ``term``: a connection for which they
    decide differently."""

    first: DirectedPolicy
    second: DirectedPolicy
    term: Term


@dataclass(frozen=True, slots=True)
class Segment:
    """Policies whose order among themselves matters where ``tied``; else they are in order."""

    policies: tuple[DirectedPolicy, ...]
    tied: bool


def segments(policies: Sequence[DirectedPolicy]) -> Iterator[Segment]:
    """A tier's policies of one direction, cut where the order is known and where it does not matter."""
    if all(policy.priority is None for policy in policies):
        yield Segment(tuple(policies), tied=False)
        return
    waiting: list[DirectedPolicy] = []
    for group in _groups(policies):
        alone, *together = _parts(group)
        waiting += alone
        if together:
            yield Segment(tuple(waiting), tied=False)
            waiting = []
        yield from (Segment(tuple(part), tied=True) for part in together)
    yield Segment(tuple(waiting), tied=False)


def _groups(policies: Sequence[DirectedPolicy]) -> Iterator[list[DirectedPolicy]]:
    """Policies of one priority; all of them, if one may stand anywhere."""
    if any(policy.priority == "any" for policy in policies):
        yield list(policies)
        return
    group: list[DirectedPolicy] = []
    for policy in policies:
        if group and not tied(group[-1], policy):
            yield group
            group = []
        group.append(policy)
    if group:
        yield group


def _parts(group: list[DirectedPolicy]) -> list[list[DirectedPolicy]]:
    """Those that get on with all others, in order; then the sets of those that do not get on with one another."""
    alone: list[DirectedPolicy] = []
    together: list[list[DirectedPolicy]] = []
    left = list(group)
    while left:
        part = frontier = [left.pop(0)]
        while frontier:
            reached = [other for other in left if any(differ(one, other) for one in frontier)]
            left = [other for other in left if not any(other is each for each in reached)]
            part, frontier = [*part, *reached], reached
        if len(part) > 1:
            together.append([policy for policy in group if any(policy is each for each in part)])
        else:
            alone += part
    return [alone, *together]


def differ(one: DirectedPolicy, other: DirectedPolicy) -> bool:
    """May both decide about one connection, and say different things of it?"""
    actions = {rule.action for policy in (one, other) for rule in policy.rules}
    if not one.rules or not other.rules or len(actions) < 2:
        return False
    pairs = (
        (one.subject.namespace_selector, other.subject.namespace_selector),
        (one.subject.pod_selector, other.subject.pod_selector),
    )
    return not any(_disjoint(left or (), right or ()) for left, right in pairs)


def _disjoint(left: Selector, right: Selector) -> bool:
    """Do two selectors ask for different values of one key?"""
    return any(_exclude(one, other) for one in left for other in right)


def _exclude(one: Requirement, other: Requirement) -> bool:
    if one.key != other.key or "In" not in (one.operator, other.operator):
        return False
    if one.operator == other.operator:
        return set(one.values).isdisjoint(other.values)
    return "DoesNotExist" in (one.operator, other.operator)
