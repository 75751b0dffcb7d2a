"""Policies that can be switched off: the evaluation behind a proof's evidence.

Indicators are free variables. Those of a policy p in one direction (what holds where the indicator is false):

- ``isolating``: p's isolation counts (p isolates nobody);
- ``reading``: p's rules are known (where p selects, it may allow anything, or not);
- ``present``: p's rules exist at all (p allows nothing).

More ``isolating`` and ``reading`` never make a connection pass that did not pass, so an unsatisfiable question has a
minimal set of them that keeps it so. A rule's own indicator, ``allowing``, is the same for what a proof of *allowed*
connections needs: without it the rule allows nothing.
"""

from __future__ import annotations

from .evaluation import Evaluation
from .policy import DirectedPolicy, Rule
from .terms import Term


class IndicatedEvaluation(Evaluation):
    """The policies of ``plain`` with their indicators. With every indicator true it says what ``plain`` says."""

    def __init__(self, plain: Evaluation) -> None:
        super().__init__(plain.connection)
        self._plain = plain
        self._numbers: dict[int, int] = {}
        self._granted: dict[int, Term] = {}

    def isolating(self, policy: DirectedPolicy) -> Term:
        """The policy's isolation counts."""
        return self._indicator("isolating", policy)

    def reading(self, policy: DirectedPolicy) -> Term:
        """The policy's rules are known."""
        return self._indicator("reading", policy)

    def present(self, policy: DirectedPolicy) -> Term:
        """The policy's rules exist."""
        return self._indicator("present", policy)

    def allowing(self, rule: Rule) -> Term:
        """The rule exists."""
        return self._indicator("allowing", rule)

    def isolates(self, policy: DirectedPolicy) -> Term:
        """The policy selects the subject, and its isolation counts."""
        return self.world.terms.all_of((self.isolating(policy), self._plain.selects(policy)))

    def grants(self, policy: DirectedPolicy, rule: Rule) -> Term:
        """The rule applies, or may, since nobody has read it."""
        term = self._granted.get(id(rule))
        if term is None:
            terms = self.world.terms
            anything = terms.all_of(
                (
                    self.subject(policy.direction).is_pod,
                    self._plain.selects(policy),
                    self._indicator("unread rules allow", policy),
                )
            )
            known = terms.choose(self.reading(policy), self._plain.rule_matches(policy, rule), anything)
            term = terms.all_of((self.present(policy), self.allowing(rule), known))
            self._granted[id(rule)] = term
        return term

    def _indicator(self, name: str, of: DirectedPolicy | Rule) -> Term:
        number = self._numbers.setdefault(id(of), len(self._numbers))
        return self.world.terms.variable(f"{name} {number}")
