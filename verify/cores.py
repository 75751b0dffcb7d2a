"""Least sets of assumptions that keep a question unsatisfiable.

The set found is the one that trying to drop the groups one by one, the last first, ends with. The solver's cores only
save questions (a group outside a core can go unasked), so the set does not depend on what the solver was asked before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from ..encodings.solver import Answer, Solver
from ..encodings.terms import Term

Name = TypeVar("Name", bound=Hashable)


class Asking:
    """A solver that answers a number of questions and then "unknown": evidence may cost so much and no more."""

    def __init__(self, solver: Solver, questions: int) -> None:
        self.solver = solver
        self.left = questions

    @property
    def spent(self) -> bool:
        """Was there a question too many, or one that the solver's own limits left open?"""
        return self.left < 0

    def check(self, assumptions: Iterable[Term]) -> Answer:
        """As ``Solver.check``."""
        return self._asked(self.solver.check, assumptions)

    def witness(self, assumptions: Iterable[Term]) -> Answer:
        """As ``Solver.witness``."""
        return self._asked(self.solver.witness, assumptions)

    def _asked(self, ask: Callable[[Iterable[Term]], Answer], assumptions: Iterable[Term]) -> Answer:
        if self.left <= 0:
            self.left = -1
            return "unknown"
        self.left -= 1
        answer = ask(assumptions)
        if answer == "unknown":
            self.left = -1
        return answer


def least(
    asking: Asking, fixed: Iterable[Term], groups: Mapping[Name, Sequence[Term]], core: frozenset[Term]
) -> tuple[list[Name], frozenset[Term]]:
    """Names of ``groups`` whose terms suffice, with ``fixed``, for "unsat": without any one of them they do not.

    ``core``: terms among ``fixed`` and all groups that are known to be "unsat" together; a core of the result comes
    back. Groups named first are kept rather than those named last; those that limits leave undecided are kept.
    """
    fixed = list(fixed)
    left = dict(groups)
    for name in reversed(list(groups)):
        if not core.isdisjoint(groups[name]):
            others = [term for other, terms in left.items() if other != name for term in terms]
            if asking.check([*fixed, *others]) != "unsat":
                continue
            core = asking.solver.core()
        del left[name]
    return list(left), core
