"""The judge: is a question's property true in a world? Nothing here knows of reports or files.

A verdict is reached by at most a handful of questions to the solver: is there a connection that refutes (or, for
``can``, fulfils) the property, does one do so whatever unmodelled policies do, and does the property speak of anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..encodings.connection import Connection
from ..encodings.solver import Answer, Solver
from ..encodings.terms import TRUE, Term
from ..properties.question import Inhabited, Question
from ..properties.suite import World
from .readings import MOST_READINGS, Case, Readings, TooManyReadingsError, with_orders
from .results import Reading, Verdict


@dataclass(frozen=True, slots=True)
class Scope:
    """What exists beside what is declared: hypothetical pods, and namespaces that nobody declares or names."""

    pods_open: bool
    namespaces_open: bool

    def assumptions(self, connection: Connection) -> list[Term]:
        """The terms that keep both ends inside the scope."""
        terms: list[Term] = []
        for end in connection.ends:
            if not self.pods_open:
                terms.append(-end.hypothetical)
            if not self.namespaces_open:
                terms.append(-end.undeclared_namespace)
        return terms


def own_scope(world: World) -> Scope:
    """What exists in a property's own world: that of `mixed` is the closed one."""
    return Scope(world.pods == "open", world.namespaces != "closed")


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with its ``reason`` (vacuous, unknown). Refuted: the witnesses are what satisfies ``witness``, under
    ``reading`` where it is one reading as a whole that refutes. Unknown for ignorance: ``depends`` is satisfied by the
    connections that depend on what nobody knows."""

    verdict: Verdict
    reason: str | None = None
    witness: tuple[Term, ...] = ()
    depends: tuple[Term, ...] = ()
    reading: Reading | None = None


LIMIT = "the solver's limit was reached before an answer (raise --effort or --timeout)"
_IGNORANCE = "it depends on policies that are not modelled"
_NOTHING_THERE = "where pods in the host's network are excluded, no connection is what the property speaks of"
_TOO_MANY = (
    f"these policies of one priority can go in more orders than are tried ({MOST_READINGS} readings): {{}}; "
    "give them different priorities"
)


class _LimitReachedError(Exception):
    """The solver gave up."""


class Judge:
    """Judges one question on one solver."""

    def __init__(self, connection: Connection, solver: Solver, question: Question, readings: Readings) -> None:
        self._connection = connection
        self._solver = solver
        self._question = question
        self._readings = readings

    def judge(self, scope: Scope, *, holds: bool = False) -> Finding:
        """The verdict in a scope. ``holds``: the property is known to hold in a wider one, so that only vacuity is
        left to ask (only for a property of all connections)."""
        base = scope.assumptions(self._connection)
        try:
            if self._question.existential:
                return self._judge_some(base)
            return self._judge_all(base, holds)
        except _LimitReachedError:
            return Finding("unknown", LIMIT)
        except TooManyReadingsError as error:
            return Finding("unknown", _TOO_MANY.format(", ".join(error.tied)))

    def _possible(self, terms: Iterable[Term]) -> bool:
        answer: Answer = self._solver.check(terms)
        if answer == "unknown":
            raise _LimitReachedError
        return answer == "sat"

    def cases(self, base: list[Term]) -> list[Case] | None:
        """The readings to try one by one, in declared order; None where limits were reached."""
        try:
            return self._cases(base)
        except (_LimitReachedError, TooManyReadingsError):
            return None

    def _cases(self, base: list[Term]) -> list[Case]:
        about = (*base, *self.fixed_reading(), self._question.hypothesis)
        cases = self._readings.cases(self._connection)
        return with_orders(cases, self._connection, about, self._possible)

    def fixed_reading(self) -> list[Term]:
        """What to assume of the reading; nothing of what is open, since the property must hold either way."""
        return self._readings.fixed(self._connection)

    def _judge_all(self, base: list[Term], holds: bool) -> Finding:
        """No connection refutes the property, under any reading."""
        question = self._question
        reading = self.fixed_reading()
        perhaps = (*base, *reading, question.perhaps)
        if question.necessary != TRUE:
            holds = holds or not self._possible((*base, *reading, question.necessary))
        if not holds and self._possible(perhaps):
            surely = (*base, *reading, question.surely)
            if question.surely == question.perhaps or self._possible(surely):
                return Finding("refuted", witness=surely)
            return Finding("unknown", _IGNORANCE, depends=perhaps)
        vacuous = self._vacuous(base)
        return Finding("proved") if vacuous is None else Finding("vacuous", vacuous)

    def _judge_some(self, base: list[Term]) -> Finding:
        """Some connection fulfils the property, under every reading."""
        question = self._question
        if not self._possible((*base, question.hypothesis)):
            return Finding("vacuous", self._vacuous(base))
        undecided: tuple[Term, ...] = ()
        empty = False
        for case in self._cases(base):
            if self._possible((*base, *case.terms, question.surely)):
                continue
            perhaps = (*base, *case.terms, question.perhaps)
            if question.surely != question.perhaps and self._possible(perhaps):
                undecided = undecided or perhaps
                continue
            witness = (*base, *case.terms, question.hypothesis)
            if self._possible(witness):
                return Finding("refuted", witness=witness, reading=case.reading)
            empty = True
        if empty:  # another reading may still refute the property, and by a connection that can be shown
            return Finding("vacuous", _NOTHING_THERE)
        if undecided:
            return Finding("unknown", _IGNORANCE, depends=undecided)
        vacuous = self._vacuous(base)
        return Finding("proved") if vacuous is None else Finding("vacuous", vacuous)

    def _vacuous(self, base: list[Term]) -> str | None:
        """Why the property speaks of nothing, or None if it speaks of something."""
        question = self._question
        empty = [each.text for each in question.inhabited if not self._inhabited(base, each)]
        if empty:
            return f"nothing matches {' or '.join(dict.fromkeys(empty))}"
        if question.at_least_two:
            inhabited = [each.text for each in question.at_least_two if self._inhabited(base, each)]
            if len(inhabited) < 2:
                return f"fewer than two groups match anything: {', '.join(inhabited) or 'none does'}"
        if not self._possible((*base, question.hypothesis)):
            return "no connection is what the property speaks of"
        return None

    def _inhabited(self, base: list[Term], each: Inhabited) -> bool:
        return self._possible((*base, each.term))
