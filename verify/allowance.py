"""Why a property holds that connections are allowed: the rules that its proof rests on.

A least set of rules that allow, found by asking the solver again with rules switched off (``encodings/indicators.py``);
all that could deny is there throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..encodings.evaluation import Namespaces
from ..encodings.indicators import IndicatedEvaluation
from ..encodings.policy import DIRECTIONS, DirectedPolicy, Direction, Rule
from ..encodings.solver import Solver
from ..encodings.terms import Term
from ..properties.question import Question
from .cores import Asking, least
from .proof import UndecidedError, able_to_isolate, everywhere, questions_for
from .replay import InternalError


@dataclass(frozen=True, slots=True)
class Allowance:
    """The evidence for a question that nothing satisfies because connections are allowed.

    ``rules``: a least set of rules that suffice, each with its policy, and rules that pass a connection on past others
    and could not be missing; ``open_ends``: directions in which no policy isolates the end.
    """

    rules: tuple[tuple[DirectedPolicy, Rule], ...]
    open_ends: tuple[Direction, ...]
    complete: bool


def allowance(indicated: IndicatedEvaluation, solver: Solver, question: Question, base: Sequence[Term]) -> Allowance:
    """The rules that a proof of allowed connections rests on. ``question`` is asked of ``indicated``.

    Raises UndecidedError, and InternalError if the proof cannot be repeated.
    """
    policies = everywhere(indicated, question)
    switches = [indicated.isolating(policy) for policy in policies]
    switches += [
        term for policy in policies if policy.rules for term in (indicated.reading(policy), indicated.present(policy))
    ]
    rules = {(number, index): rule for number, policy in enumerate(policies) for index, rule in enumerate(policy.rules)}
    others = [indicated.allowing(rule) for rule in rules.values() if rule.action != "allow"]
    fixed = [*base, *switches, *indicated.hiding.values(), question.perhaps]
    groups: dict[tuple[int, int], Sequence[Term]] = {
        name: (indicated.allowing(rule),) for name, rule in rules.items() if rule.action == "allow"
    }
    answer = solver.check([*fixed, *others, *(term for terms in groups.values() for term in terms)])
    if answer != "unsat":
        raise UndecidedError if answer == "unknown" else InternalError("a proof does not hold when it is asked again")
    asking = Asking(solver, questions_for(len(rules)))
    names = least(asking, [*fixed, *others], groups, solver.core())[0] if asking.left else list(groups)
    allowing = [indicated.allowing(rules[name]) for name in names]
    passing = [
        name
        for name, rule in rules.items()
        if rule.action == "pass" and _needed(asking, [*fixed, *allowing], others, indicated.allowing(rule))
    ]
    kept = [(policies[number], policies[number].rules[index]) for number, index in sorted((*names, *passing))]
    open_ends: list[Direction] = [
        direction for direction in reversed(DIRECTIONS) if _is_open(indicated, solver, question, base, direction)
    ]
    return Allowance(tuple(kept), tuple(open_ends), complete=bool(asking.left) and not asking.spent)


def _needed(asking: Asking, fixed: Sequence[Term], others: Sequence[Term], own: Term) -> bool:
    """Can ``fixed`` hold if all of ``others`` do but ``own`` does not?"""
    return asking.check([*fixed, *(term for term in others if term != own), -own]) == "sat"


def _is_open(
    indicated: IndicatedEvaluation, solver: Solver, question: Question, base: Sequence[Term], direction: Direction
) -> bool:
    """Does no policy isolate the ends that ``direction`` governs, and is one of them a pod?"""
    subject = indicated.subject(direction)
    selecting = (policy for policy in able_to_isolate(indicated) if policy.direction == direction)
    spaces: dict[Direction, Namespaces] = {"egress": question.sources, "ingress": question.destinations}
    asked = {id(policy) for policy in indicated.policies(direction, spaces[direction])}
    selected = indicated.world.terms.any_of(indicated.selects(policy) for policy in selecting if id(policy) in asked)
    governed = indicated.world.terms.all_of((subject.is_pod, selected))
    return (
        solver.check([*base, question.hypothesis, governed]) == "unsat"
        and solver.check([*base, question.hypothesis, subject.is_pod]) == "sat"
    )
