"""Policies that can be switched off: the evaluation behind a proof's evidence.

Indicators are free variables. Those of a policy p in one direction (what holds where the indicator is false):

- ``isolating``: p's isolation counts (p isolates nobody);
- ``reading``: p's rules are known (where p selects, its rules that allow may do so for anything or nothing, those that
  pass on likewise, and those that deny do not);
- ``present``: p's rules exist at all (p allows nothing, and denies nothing and passes nothing on);
- ``hiding``, of p in both directions: p's selection keeps a pod from the tiers that follow p's (it does not).

More ``isolating`` and ``reading`` and less ``hiding`` never make a connection pass that did not pass, so an
unsatisfiable question has a minimal set of the former that keeps it so. A rule's own indicator, ``allowing``, is the
same for what a proof of *allowed* connections needs: without it the rule matches nothing.
"""

from __future__ import annotations

from .evaluation import Evaluation
from .policy import DirectedPolicy, Direction, Rule
from .terms import FALSE, Term


class IndicatedEvaluation(Evaluation):
    """The policies of ``plain`` with their indicators. With every indicator true it says what ``plain`` says."""

    def __init__(self, plain: Evaluation) -> None:
        super().__init__(plain.connection)
        self._plain = plain
        self._numbers: dict[int, int] = {}
        self._granted: dict[int, Term] = {}
        self._hiding: dict[str, Term] = {}

    def _join(self) -> None:
        """Its policies are those of ``plain``."""

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

    @property
    def hiding(self) -> dict[str, Term]:
        """For each policy that the questions asked so far make hide anything, by its reference, that it does."""
        return dict(self._hiding)

    def hides(self, policy: DirectedPolicy, direction: Direction) -> Term:
        """The policy, of the other direction, selects the end that ``direction`` governs, and hides what follows."""
        term = self._hiding.setdefault(policy.reference, self.world.terms.variable(f"hiding {len(self._hiding)}"))
        return self.world.terms.all_of((term, self._plain.hides(policy, direction)))

    def isolates(self, policy: DirectedPolicy) -> Term:
        """The policy selects the subject, and its isolation counts."""
        return self.world.terms.all_of((self.isolating(policy), self._plain.selects(policy)))

    def grants(self, policy: DirectedPolicy, rule: Rule) -> Term:
        """The rule applies, or may, since nobody has read it."""
        term = self._granted.get(id(rule))
        if term is None:
            terms = self.world.terms
            anything = FALSE
            if rule.action != "deny":
                selects = (self.subject(policy.direction).is_pod, self._plain.selects(policy))
                verb = "allow" if rule.action == "allow" else "pass on"
                anything = terms.all_of((*selects, self._indicator(f"unread rules {verb}", policy)))
            known = terms.choose(self.reading(policy), self._plain.rule_matches(policy, rule), anything)
            term = terms.all_of((self.present(policy), self.allowing(rule), known))
            self._granted[id(rule)] = term
        return term

    def bounds(self, policy: DirectedPolicy, rule: Rule) -> tuple[Term, Term]:
        """Evidence is about what may be so, in which domain names stand for what their free variables say."""
        granted = self.grants(policy, rule)
        return granted, granted

    def _indicator(self, name: str, of: DirectedPolicy | Rule) -> Term:
        number = self._numbers.setdefault(id(of), len(self._numbers))
        return self.world.terms.variable(f"{name} {number}")
