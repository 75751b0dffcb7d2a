"""Boolean terms, hash-consed: the one language in which the symbolic world is written down.

A term is an int: a positive number names a node, its negative the node's negation; ``TRUE`` is 1, ``FALSE`` is -1.
A node is a variable or a conjunction of terms; every other connective is made of these. Equal terms are one node,
so policies that share a selector share its encoding. Printers (clauses for Z3, SMT-LIB text, evaluation) walk the
nodes and live elsewhere. Trusts nothing and knows nothing of policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

Term = int
TRUE: Term = 1
FALSE: Term = -1


class Terms:
    """A store of terms. Terms of different stores must not be mixed."""

    def __init__(self) -> None:
        self._arguments: list[tuple[Term, ...] | None] = [None, ()]
        self._names: dict[int, str] = {}
        self._variables: dict[str, Term] = {}
        self._conjunctions: dict[tuple[Term, ...], Term] = {(): TRUE}
        self._axioms: dict[int, list[Term]] = {}

    def variable(self, name: str) -> Term:
        """The variable called ``name``; the same name is the same variable."""
        term = self._variables.get(name)
        if term is None:
            term = self._variables[name] = len(self._arguments)
            self._arguments.append(None)
            self._names[term] = name
        return term

    def all_of(self, terms: Iterable[Term]) -> Term:
        """The conjunction of ``terms``; TRUE for none."""
        flat: set[Term] = set()
        for term in terms:
            if term == FALSE or -term in flat:
                return FALSE
            if term != TRUE:
                flat.add(term)
        if len(flat) == 1:
            return next(iter(flat))
        key = tuple(sorted(flat))
        found = self._conjunctions.get(key)
        if found is None:
            found = self._conjunctions[key] = len(self._arguments)
            self._arguments.append(key)
        return found

    def any_of(self, terms: Iterable[Term]) -> Term:
        """The disjunction of ``terms``; FALSE for none."""
        return -self.all_of(-term for term in terms)

    def implies(self, premise: Term, conclusion: Term) -> Term:
        """``premise → conclusion``."""
        return -self.all_of((premise, -conclusion))

    def choose(self, condition: Term, then: Term, otherwise: Term) -> Term:
        """``then`` where ``condition`` holds, else ``otherwise``."""
        if condition == TRUE or then == otherwise:
            return then
        if condition == FALSE:
            return otherwise
        return self.any_of((self.all_of((condition, then)), self.all_of((-condition, otherwise))))

    def same(self, left: Term, right: Term) -> Term:
        """``left ↔ right``."""
        return self.choose(left, right, -right)

    def conjuncts(self, node: Term) -> tuple[Term, ...] | None:
        """The arguments of a conjunction node, or None for a variable. ``node`` must be positive."""
        return self._arguments[node]

    def name(self, node: Term) -> str:
        """The name of a variable node."""
        return self._names[node]

    def axiom(self, term: Term, variables: Iterable[Term]) -> None:
        """``term`` always holds; a question needs it only where one of ``variables`` occurs."""
        for variable in variables:
            self._axioms.setdefault(abs(variable), []).append(term)

    def axioms(self, variable: int) -> Iterable[Term]:
        """The axioms about a variable node."""
        return self._axioms.get(variable, ())

    def cone(self, roots: Iterable[Term], seen: set[int]) -> Iterator[int]:
        """The nodes that ``roots`` are made of and ``seen`` lacks, arguments before users; adds them to ``seen``."""
        stack: list[tuple[int, bool]] = [(abs(root), False) for root in roots]
        while stack:
            node, expanded = stack.pop()
            if expanded:
                yield node
                continue
            if node in seen:
                continue
            seen.add(node)
            stack.append((node, True))
            arguments = self._arguments[node]
            if arguments:
                stack.extend((abs(argument), False) for argument in arguments if abs(argument) not in seen)

    def evaluate(self, term: Term, assignment: Mapping[int, bool]) -> bool:
        """The truth of ``term`` where the variable node n has the value ``assignment[n]`` (absent: false)."""
        return self.evaluate_all((term,), assignment)[0]

    def evaluate_all(self, terms: Sequence[Term], assignment: Mapping[int, bool]) -> list[bool]:
        """As ``evaluate``, of many terms at once."""
        values: dict[int, bool] = {1: True}
        for node in self.cone(terms, set()):
            arguments = self._arguments[node]
            if arguments is None:
                values[node] = assignment.get(node, False)
            else:
                values[node] = all(values[abs(argument)] == (argument > 0) for argument in arguments)
        return [values[abs(term)] == (term > 0) for term in terms]
