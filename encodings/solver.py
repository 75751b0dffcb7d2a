"""The solver: terms become clauses, clauses go to Z3. The only module that imports ``z3``.

A conjunction node n of arguments a1…ak becomes the clauses (¬n ∨ ai) and (n ∨ ¬a1 ∨ … ∨ ¬ak), so that a node may
be asked in either polarity. Axioms join as soon as one of their variables appears. Z3's finite-domain solver (QF_FD)
decides them; its answer is trusted for "unsat" only: every model is replayed by the concrete evaluator before anybody
sees it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import z3

from .terms import FALSE, TRUE, Term, Terms

Answer = Literal["sat", "unsat", "unknown"]
_z3: Any = z3
Z3_VERSION = str(_z3.get_version_string())


class Solver:
    """A set of asserted terms that is asked many questions, each under assumptions of its own.

    ``effort``: Z3's resource limit for one question, the same on every machine; None: no limit.
    ``deadline``: a ``time.monotonic()`` value after which every answer is "unknown"; None: none.
    """

    def __init__(self, terms: Terms, *, effort: int | None = None, deadline: float | None = None) -> None:
        self._terms = terms
        self._effort = effort
        self._deadline = deadline
        self._solver: Any = _z3.SolverFor("QF_FD")
        if effort is not None:
            self._solver.set("rlimit", effort)
        self._numbers: dict[int, int] = {}
        self._literals: dict[Term, Any] = {}
        self._seen: set[int] = {1}
        self._added: set[Term] = set()
        self._pending: list[str] = []
        self._model: Any = None
        self._model_numbers = 0
        self._asked: list[Term] = []
        # What is known of the nodes that were looked at in the kept model.
        self._truths: dict[int, bool] = {}
        self._undecided: set[int] = set()
        self._looked_at: set[int] = set()
        self.questions = 0
        self.clauses = 0

    def add(self, term: Term) -> None:
        """Assert ``term``: it holds in every answer from now on."""
        if term in self._added:
            return
        self._added.add(term)
        self._define((term,))
        if term == FALSE:
            self._clause(())
        elif term != TRUE:
            self._clause((term,))

    def check(self, assumptions: Iterable[Term]) -> Answer:
        """Can all assumptions hold together with what was added? "unknown" when a limit was reached.

        Raises MemoryError and KeyboardInterrupt where that is what stopped Z3.
        """
        literals = [term for term in assumptions if term != TRUE]
        self._asked = literals
        if FALSE in literals:
            return "unsat"
        self._define(literals)
        self._flush()
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                return "unknown"
            self._solver.set("timeout", max(1, int(left * 1000)))
        self.questions += 1
        answer = self._ask(literals)
        if answer == "unknown":
            _raise_unless_limit(str(self._solver.reason_unknown()))
        return answer

    def core(self) -> frozenset[Term]:
        """Assumptions of the last question, answered "unsat", that cannot hold together; not a least set of them."""
        if FALSE in self._asked:
            return frozenset({FALSE})
        asked = {self._literal(term).get_id(): term for term in self._asked}
        return frozenset(asked[each.get_id()] for each in self._solver.unsat_core())

    def witness(self, assumptions: Iterable[Term]) -> Answer:
        """As ``check``; a "sat" answer's model is kept for ``value`` until the next "sat" of this method."""
        answer = self.check(assumptions)
        if answer == "sat":
            self._model = self._solver.model()
            self._model_numbers = len(self._numbers)
            self._truths, self._undecided, self._looked_at = {}, set(), set()
        return answer

    def value(self, term: Term) -> bool:
        """The truth of ``term`` in the model that ``witness`` kept; variables unknown to the solver are false."""
        self._look_at((term,))
        return self._truths[abs(term)] == (term > 0)

    def values(self, terms: Sequence[Term], known: Mapping[int, bool] | None = None) -> list[bool]:
        """As ``value``, of many terms at once. ``known`` are variables with the values to take for the model's."""
        self._look_at(terms)
        if not known:
            return [self._truths[abs(term)] == (term > 0) for term in terms]
        return self._terms.evaluate_all(terms, {**self._truths, **known})

    def decides(self, term: Term) -> bool:
        """Does the kept model say whether ``term`` holds: did the solver know all its variables when it was made?"""
        self._look_at((term,))
        return abs(term) not in self._undecided

    def knows(self, variable: Term) -> bool:
        """Does any term asked so far contain this variable?"""
        return variable in self._numbers

    def _look_at(self, terms: Iterable[Term]) -> None:
        """Evaluate, once a model, the nodes that ``terms`` are made of."""
        truths, undecided = self._truths, self._undecided
        for node in self._terms.cone(terms, self._looked_at):
            arguments = self._terms.conjuncts(node)
            if arguments is None:
                known = 0 < self._numbers.get(node, 0) <= self._model_numbers
                truths[node] = known and self._holds(self._literal(node))
            else:
                known = undecided.isdisjoint(map(abs, arguments))
                truths[node] = all(truths[abs(argument)] == (argument > 0) for argument in arguments)
            if not known:
                undecided.add(node)

    def _holds(self, literal: Any) -> bool:
        """Is it true in the model? By Z3's C interface, as ``_ask``; a literal without a value is its own value."""
        context, found = self._solver.ctx.ref(), (_z3.Ast * 1)()
        _z3.Z3_model_eval(context, self._model.model, literal.as_ast(), False, found)
        return _z3.Z3_get_bool_value(context, found[0]) == _z3.Z3_L_TRUE

    def _ask(self, literals: list[Term]) -> Answer:
        """Z3's C interface, since its Python layer takes longer to look at the assumptions than Z3 to answer."""
        asts = (_z3.Ast * len(literals))(*(self._literal(term).as_ast() for term in literals))
        context, solver = self._solver.ctx.ref(), self._solver.solver
        answer = _z3.Z3_solver_check_assumptions(context, solver, len(literals), asts)
        if answer == _z3.Z3_L_TRUE:
            return "sat"
        return "unsat" if answer == _z3.Z3_L_FALSE else "unknown"

    def _literal(self, term: Term) -> Any:
        """The Z3 expression of a term that is a node or a node's negation."""
        known = self._literals.get(term)
        if known is None:  # Z3 names the variable n of clause text by the integer n
            known = _z3.Bool(self._numbers[term]) if term > 0 else _z3.Not(self._literal(-term))
            self._literals[term] = known
        return known

    def _define(self, roots: Iterable[Term]) -> None:
        axioms: list[Term] = []
        numbers, clauses = self._numbers, self._pending
        for node in self._terms.cone(roots, self._seen):
            own = numbers[node] = len(numbers) + 1
            arguments = self._terms.conjuncts(node)
            if arguments is None:
                axioms.extend(self._terms.axioms(node))
            else:
                literals = [numbers[term] if term > 0 else -numbers[-term] for term in arguments]
                clauses.extend([f"{-own} {literal} 0" for literal in literals])
                clauses.append(f"{own} {' '.join([str(-literal) for literal in literals])} 0")
        for axiom in axioms:
            self.add(axiom)

    def _clause(self, clause: tuple[Term, ...]) -> None:
        numbers = [str(self._numbers[abs(term)] * (1 if term > 0 else -1)) for term in clause]
        self._pending.append(" ".join((*numbers, "0")))

    def _flush(self) -> None:
        if self._pending:
            self.clauses += len(self._pending)
            header = f"p cnf {len(self._numbers)} {len(self._pending)}\n"
            self._solver.from_string(header + "\n".join(self._pending) + "\n")
            self._pending = []


def _raise_unless_limit(reason: str) -> None:
    """Z3 says "unknown" also where it was interrupted or ran out of memory; neither is an answer."""
    if "interrupt" in reason:
        raise KeyboardInterrupt
    if "memory" in reason:
        raise MemoryError
