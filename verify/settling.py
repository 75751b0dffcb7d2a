"""Why NetworkPolicies cannot override: the Admin rules that a proof of `cannotOverride` rests on.

A least set of rules that deny or accept, found by asking the solver again with rules switched off
(``encodings/indicators.py``); those that pass, and rules of other actions, are there throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..encodings.indicators import IndicatedEvaluation
from ..encodings.policy import Action, DirectedPolicy, Rule
from ..encodings.settled import settling
from ..encodings.solver import Solver
from ..encodings.terms import Term
from ..properties.question import Question
from .cores import Asking, least
from .proof import UndecidedError, questions_for
from .replay import InternalError

Outcome = Literal["closed", "open", "any"]
_DECISIVE: dict[Outcome, tuple[Action, ...]] = {"closed": ("deny",), "open": ("allow",), "any": ("deny", "allow")}


def settling_rules(
    indicated: IndicatedEvaluation, solver: Solver, question: Question, base: Sequence[Term], outcome: Outcome
) -> tuple[list[tuple[DirectedPolicy, Rule]], bool]:
    """Rules that suffice for the proof, each with its policy; and whether they are a least set. ``question`` is asked
    of ``indicated``.

    Raises UndecidedError, and InternalError if the proof cannot be repeated.
    """
    policies = [each for each in settling(indicated, (question.sources, question.destinations)) if each.rules]
    switches = [term for each in policies for term in (indicated.reading(each), indicated.present(each))]
    rules = {(number, index): rule for number, each in enumerate(policies) for index, rule in enumerate(each.rules)}
    groups: dict[tuple[int, int], Sequence[Term]] = {
        name: (indicated.allowing(rule),) for name, rule in rules.items() if rule.action in _DECISIVE[outcome]
    }
    others = [indicated.allowing(rule) for name, rule in rules.items() if name not in groups]
    fixed = [*base, *switches, *others, question.perhaps]
    answer = solver.check([*fixed, *(term for terms in groups.values() for term in terms)])
    if answer != "unsat":
        raise UndecidedError if answer == "unknown" else InternalError("a proof does not hold when it is asked again")
    asking = Asking(solver, questions_for(len(rules)))
    names = least(asking, fixed, groups, solver.core())[0] if asking.left else list(groups)
    kept = [(policies[number], rules[number, index]) for number, index in sorted(names)]
    return kept, bool(asking.left) and not asking.spent
