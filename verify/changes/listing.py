"""All that a change adds or takes away: classes of connections gained and lost, each with its least witness.

The classes of a list are disjoint, and a complete list is proved to cover everything that changed: the solver finds no
changed connection outside them. Every witness is judged on both sides by the concrete evaluator before it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...encodings.endpoint import SymbolicEndpoint
from ...encodings.solver import Solver
from ...encodings.terms import Term
from ...properties.changes import question_of_difference
from ...properties.question import Question
from ...properties.suite import World
from ..classes.generalise import Found, Generaliser
from ..ignorance import DOMAIN, domains_of, scopes_of
from ..judge import Judge, Scope
from ..readings import Readings
from ..reports.class_words import class_text
from ..results import CounterexampleClass
from .causes import causes_of
from .pair import Comparison
from .replays import confirmed, evidence
from .results import ChangedClass, ChangeList
from .view import view_of_change

DECLARED = Scope(pods_open=False, namespaces_open=False)
"""Declared pods alone."""
_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """``most``: classes in one list (None: all); ``effort`` and ``deadline`` as for a ``Solver``."""

    most: int | None
    effort: int
    deadline: float | None


@dataclass(frozen=True, slots=True)
class Lister:
    """Lists the changes of one comparison in one world."""

    comparison: Comparison
    world: World
    readings: Readings
    limits: Limits

    def changes(self, scope: Scope, *, gained: bool) -> ChangeList:
        """The connections gained (or lost) among the pods of ``scope``."""
        difference, pair = self.comparison.difference, self.comparison.pair.within(self.world)
        connection = difference.head.connection
        question = question_of_difference(difference, gained=gained)
        solver = self._solver()
        judge = Judge(connection, solver, question, self.readings)
        base = [*scope.assumptions(connection), *judge.fixed_reading()]
        view = view_of_change(None, self.comparison, question)
        generaliser = Generaliser(view, solver, base=base, violation=question.surely)
        found, complete = generaliser.all(self.limits.most)
        world = self.world.model_copy(update={"pods": "open" if scope.pods_open else "closed"})
        classes: list[ChangedClass] = []
        for each in found:
            example = confirmed(pair, each.example, world, None)
            condition = CounterexampleClass(class_text(each.condition, None), None, each.condition)
            changed = ChangedClass(condition, example, evidence(pair, example), causes_of(pair, example))
            if scope == DECLARED:
                changed = self._with_pairs(changed, solver, [*base, question.surely, each.term])
            classes.append(changed)
        undecided, depends = self._undetermined(solver, base, question)
        return ChangeList(tuple(classes), complete, self._limited(found, complete=complete) or undecided, depends)

    def _with_pairs(self, changed: ChangedClass, solver: Solver, asked: Sequence[Term]) -> ChangedClass:
        """The class with the declared pods that it is about."""
        terms = self.comparison.difference.head.world.terms
        ends = self.comparison.difference.head.connection.ends
        seen: list[Term] = []
        pairs: set[tuple[str, str]] = set()
        while len(seen) < _PAIRS:
            if solver.witness([*asked, *seen]) != "sat":
                return replace(changed, pairs=tuple(sorted(pairs)), pairs_complete=True)
            (sources, source), (destinations, destination) = (self._who(end, solver) for end in ends)
            pairs.update((one, other) for one in sources for other in destinations)
            seen.append(-terms.all_of((source, destination)))
        return replace(changed, pairs=tuple(sorted(pairs)), pairs_complete=False)

    def _who(self, end: SymbolicEndpoint, solver: Solver) -> tuple[list[str], Term]:
        """The declared workloads that the solver's end may be, and the term that it is one of them."""
        if not solver.value(end.is_pod):
            return (["nodes"], end.is_node) if solver.value(end.is_node) else (["outside addresses"], end.is_external)
        code = sum(solver.value(bit) << shift for shift, bit in enumerate(reversed(end.class_code))) - 1
        names = dict.fromkeys(pod.reference for pod, _ in end.world.classes[code].members)
        return list(names), end.in_classes([code])

    def _solver(self) -> Solver:
        connection = self.comparison.difference.head.connection
        solver = Solver(connection.world.terms, effort=self.limits.effort, deadline=self.limits.deadline)
        for axiom in connection.always:
            solver.add(axiom)
        return solver

    def _limited(self, found: Sequence[Found], *, complete: bool) -> bool:
        """The list was cut by the solver's limits, not by its length."""
        return not complete and (self.limits.most is None or len(found) < self.limits.most)

    def _undetermined(self, solver: Solver, base: Sequence[Term], question: Question) -> tuple[bool, tuple[str, ...]]:
        """Whether the solver gave up; and the unmodelled policies and the domain names that may change more than is
        listed."""
        if question.surely == question.perhaps:
            return False, ()
        perhaps = [*base, question.perhaps, -question.surely]
        answer = solver.check(perhaps)
        if answer != "sat":
            return answer == "unknown", ()
        difference = self.comparison.difference
        domains = domains_of(difference.head.world.choices)
        unknown = [
            *scopes_of(difference.unmodelled, difference.head),
            *((f"{DOMAIN}{name}", term) for name, term in domains),
        ]
        names = [name for name, inside in unknown if solver.check([*perhaps, inside]) != "unsat"]
        return False, tuple(dict.fromkeys(names or (name for name, _ in unknown)))
