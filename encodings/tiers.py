"""What the policies of one tier make of a connection: the first matching rule decides.

Where it is not known of every rule whether it matches (a domain name may stand for an address, or not), there are three
terms for one outcome: ``exact``, in which the unknown sets are free variables; ``least``, which holds only if the
connection gets through whatever they are; and ``most``, which holds if it does for some of what they may be. The latter
two take each rule by itself, so ``least`` may miss a connection that gets through either way, never the reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .ordering import Contest, Order, differ, segments
from .policy import Action, DirectedPolicy, Rule, goes_first, tied
from .terms import FALSE, TRUE, Term, Terms

Bound = Literal["exact", "least", "most"]
Matching = Callable[[DirectedPolicy, Rule], tuple[Term, Term]]
"""Whether a rule of a policy matches: surely, and perhaps. Both are one term where nothing is unknown."""
_ACTIONS: tuple[Action, ...] = ("allow", "deny", "pass")


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring rules of one action, whose order does not matter."""

    action: Action
    surely: Term
    perhaps: Term


@dataclass(frozen=True, slots=True)
class _Hits:
    """What a policy that is asked by itself decides: for each action, perhaps; and whether it surely decides at all,
    be it on one action or on another."""

    policy: DirectedPolicy
    surely: Term
    perhaps: dict[Action, Term]


class FirstMatch:
    """Tiers over one store of terms and one order of tied policies."""

    def __init__(self, terms: Terms, order: Order, matching: Matching) -> None:
        self._terms = terms
        self._order = order
        self._matching = matching

    def passes(self, policies: Sequence[DirectedPolicy], passed: Term, otherwise: Term, bound: Bound = "exact") -> Term:
        """The connection gets through: ``passed`` says whether it does where a rule passes it on, ``otherwise`` where
        no rule matches. With a bound other than exact, these two must be such bounds."""
        result = otherwise
        for segment in reversed(list(segments(policies))):
            if segment.tied:
                result = self._in_some_order(segment.policies, passed, result, bound)
            else:
                result = self._in_order(segment.policies, passed, result, bound)
        return result

    def contests(self, policies: Sequence[DirectedPolicy], reached: Term) -> Iterator[Contest]:
        """The tied pairs that may decide differently about a connection that gets to the tier (``reached``)."""
        waiting = list(segments(policies))
        while any(segment.tied for segment in waiting):
            segment = waiting.pop(0)
            if segment.tied:
                hits = [self._hits(policy) for policy in segment.policies]
                for first, second in self._pairs(hits):
                    if tied(first.policy, second.policy):
                        left = self._terms.all_of((reached, *self._not_before(hits, first.policy, second.policy)))
                        both = (self._apart(first, action, second.perhaps[action]) for action in _ACTIONS)
                        yield self._contest(first.policy, second.policy, left, both)
            matched = [self._matching(policy, rule)[0] for policy in segment.policies for rule in policy.rules]
            reached = self._terms.all_of((reached, -self._terms.any_of(matched)))

    def _contest(self, one: DirectedPolicy, other: DirectedPolicy, reached: Term, both: Iterable[Term]) -> Contest:
        index = self._order.index
        first, second = (one, other) if index[one.reference] < index[other.reference] else (other, one)
        return Contest(first, second, self._terms.all_of((reached, self._terms.any_of(both))))

    def _not_before(self, hits: Iterable[_Hits], *policies: DirectedPolicy) -> Iterator[Term]:
        """No policy decides that goes before one of these whatever the order: one may be tied with the other alone."""
        for other in hits:
            if any(goes_first(other.policy, policy) for policy in policies):
                yield -other.surely

    def _pairs(self, hits: Sequence[_Hits]) -> Iterator[tuple[_Hits, _Hits]]:
        for number, one in enumerate(hits):
            yield from ((one, other) for other in hits[number + 1 :] if differ(one.policy, other.policy))

    def _runs(self, policies: Iterable[DirectedPolicy]) -> list[_Run]:
        found: list[tuple[Action, list[Term], list[Term]]] = []
        for policy in policies:
            for rule in policy.rules:
                surely, perhaps = self._matching(policy, rule)
                if not found or found[-1][0] != rule.action:
                    found.append((rule.action, [], []))
                found[-1][1].append(surely)
                found[-1][2].append(perhaps)
        runs: list[_Run] = []
        for action, all_surely, all_perhaps in found:
            perhaps = self._terms.any_of(all_perhaps)
            surely = perhaps if all_surely == all_perhaps else self._terms.any_of(all_surely)
            runs.append(_Run(action, surely, perhaps))
        return runs

    def _in_order(self, policies: Sequence[DirectedPolicy], passed: Term, otherwise: Term, bound: Bound) -> Term:
        outcome = {"allow": TRUE, "deny": FALSE, "pass": passed}
        result = otherwise
        for run in reversed(self._runs(policies)):
            if bound == "exact" or run.surely == run.perhaps:
                result = self._terms.choose(run.perhaps, outcome[run.action], result)
            else:
                result = self._either(run, outcome[run.action], result, bound)
        return result

    def _either(self, run: _Run, outcome: Term, otherwise: Term, bound: Bound) -> Term:
        """As it would be if the run matched, where it surely does; where it may, as both would have it (or one)."""
        terms = self._terms
        combine = terms.all_of if bound == "least" else terms.any_of
        doubtful = terms.choose(run.perhaps, combine((outcome, otherwise)), otherwise)
        return terms.choose(run.surely, outcome, doubtful)

    # Policies whose order is not known

    def _hits(self, policy: DirectedPolicy) -> _Hits:
        terms = self._terms
        perhaps: dict[Action, list[Term]] = {action: [] for action in _ACTIONS}
        before: list[_Run] = []
        for run in self._runs([policy]):
            others = [each for each in before if each.action != run.action]
            perhaps[run.action].append(terms.all_of((run.perhaps, *(-each.surely for each in others))))
            before.append(run)
        surely = terms.any_of(run.surely for run in before)
        return _Hits(policy, surely, {action: terms.any_of(found) for action, found in perhaps.items()})

    def _in_some_order(self, policies: Sequence[DirectedPolicy], passed: Term, otherwise: Term, bound: Bound) -> Term:
        """The first policy that decides, decides. An action is decided on iff a policy decides on it that stands before
        every policy that decides on another action."""
        terms = self._terms
        hits = [self._hits(policy) for policy in policies]
        decided = {action: terms.any_of(self._first(hits, action)) for action in _ACTIONS}
        nobody = terms.all_of(-each.surely for each in hits)
        if bound == "most":
            on = terms.any_of((terms.all_of((decided["pass"], passed)), terms.all_of((nobody, otherwise))))
            return terms.any_of((decided["allow"], on))
        if bound == "least":
            off = terms.any_of((terms.all_of((decided["pass"], -passed)), terms.all_of((nobody, -otherwise))))
            return -terms.any_of((decided["deny"], off))
        result = terms.choose(decided["pass"], passed, otherwise)
        return terms.choose(decided["allow"], TRUE, terms.choose(decided["deny"], FALSE, result))

    def _first(self, hits: Sequence[_Hits], action: Action) -> Iterator[Term]:
        """For each policy, that it perhaps decides on ``action`` and that none before it surely decides otherwise."""
        for one in hits:
            if one.perhaps[action] != FALSE:
                others = (other for other in hits if other is not one and differ(one.policy, other.policy))
                yield self._terms.all_of(
                    (one.perhaps[action], *(-self._overrules(each, one, action) for each in others))
                )

    def _overrules(self, other: _Hits, one: _Hits, action: Action) -> Term:
        """The other policy goes first, surely decides, and not on ``action``."""
        before = self._order.before(other.policy, one.policy)
        return self._terms.all_of((before, other.surely, -other.perhaps[action]))

    def _apart(self, hits: _Hits, action: Action, condition: Term) -> Term:
        """The policy perhaps decides on an action other than ``action``, and the condition holds."""
        terms = self._terms
        return terms.all_of((condition, terms.any_of(term for other, term in hits.perhaps.items() if other != action)))
