"""From the literals of one connection to a prime cube: the fewest of them that still leave in only what is asked for.

Literals are dropped from the last to the first, each if the rest keeps the question unsatisfiable. Those about one
choice (a namespace's name, a label's value) are dropped together: the options that must stay out are those that the
solver shows a connection for, one after the other, which is what trying them one by one would end with, in fewer
questions where most can go. So the result does not depend on what the solver was asked before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...encodings.terms import Term, Terms
from ..cores import Asking
from .atoms import Key

CHOICES = ("kind", "namespace", "namespace-label", "label", "node-label", "protocol", "workload")
"""Dimensions with several options, of which exactly one holds."""
_MANY = 20
"""More options of one choice than anybody reads: before they are told apart it is asked whether they need be."""


_ROUNDS = 100
"""How many options of such a choice are looked at from either end; then the connection's own is the only one let in."""


class Prime:
    """``literals`` hold of one connection; with ``base`` and the negation of ``asked`` they cannot hold together.

    ``options`` are all atoms without their signs; ``terms`` the store of all terms.
    """

    def __init__(
        self,
        asking: Asking,
        terms: Terms,
        base: Sequence[Term],
        asked: Term,
        *,
        options: Mapping[Key, Term],
        literals: Mapping[Key, Term],
    ) -> None:
        self._asking = asking
        self._terms = terms
        self._base = list(base)
        self._asked = asked
        self._options = options
        self._literals = literals
        self._units: dict[Key, tuple[Key, ...]] = {}
        for key in literals:
            name = key[:-1] if key[0] in CHOICES else key
            self._units[name] = (*self._units.get(name, ()), key)

    def kept(self) -> list[Key] | None:
        """The literals to keep, in order; None if limits are reached before it is known that all of them suffice."""
        fixed = [*self._base, -self._asked]
        if self._asking.check([*fixed, *(self._holds(name) for name in self._units)]) != "unsat":
            return None
        core = self._asking.solver.core()
        for name in reversed(list(self._units)):
            if self._holds(name) in core:
                others = [*fixed, *(self._holds(other) for other in self._units if other != name)]
                keep = self._chosen(name, others) if len(self._units[name]) > 1 else self._needed(name, others)
                if keep is None:
                    continue
                core = self._asking.solver.core()
                if keep:
                    self._units[name] = keep
                    continue
            del self._units[name]
        return [key for keys in self._units.values() for key in keys]

    def _holds(self, name: Key) -> Term:
        """The literals of one unit, as one term."""
        return self._terms.all_of(self._literals[key] for key in self._units[name])

    def _needed(self, name: Key, others: Sequence[Term]) -> tuple[Key, ...] | None:
        """Nothing, if the unit can go; None if it cannot."""
        return () if self._asking.check(others) == "unsat" else None

    def _chosen(self, name: Key, others: Sequence[Term]) -> tuple[Key, ...] | None:
        """The options of a choice that must stay out; None if they all must, or if limits are reached."""
        keys = self._units[name]
        stay = self._shown_one_by_one(keys, others) if len(keys) <= _MANY else self._shown_from_both_ends(keys, others)
        if stay is None or len(stay) == len(keys):
            return None
        # Asked once more, so that the solver's core is that of what is kept.
        return stay if self._asking.check([*others, *(self._literals[key] for key in stay)]) == "unsat" else None

    def _shown_one_by_one(self, keys: Sequence[Key], others: Sequence[Term]) -> tuple[Key, ...] | None:
        """The options of connections in the cube that are not asked for."""
        found: list[Key] = []
        while (one := self._option_of([*others, *(self._literals[key] for key in found)], keys)) is not None:
            found.append(one)
        return None if self._asking.spent else tuple(key for key in keys if key in set(found))

    def _shown_from_both_ends(self, keys: Sequence[Key], others: Sequence[Term]) -> tuple[Key, ...] | None:
        """As ``_shown_one_by_one``, ended early where few options hold any connection that is asked for: then those
        few are tried, and the rest stays out. None if there are many of both."""
        cube = others[len(self._base) + 1 :]
        taken = self._terms.any_of(self._options[key] for key in keys)
        asked = [*self._base, self._asked, *cube, taken]
        unwanted: list[Key] = []
        wanted: list[Key] = []
        while not self._asking.spent and len(unwanted) < _ROUNDS:
            one = self._option_of([*others, *(self._literals[key] for key in unwanted)], keys)
            if one is None:
                return None if self._asking.spent else tuple(key for key in keys if key in set(unwanted))
            unwanted.append(one)
            other = self._option_of([*asked, *(self._literals[key] for key in wanted)], keys)
            if other is None and not self._asking.spent:
                rest = [key for key in keys if key not in wanted and key not in unwanted]
                free = self._free(wanted, rest, others)
                return tuple(key for key in keys if key not in free)
            if other is not None:
                wanted.append(other)
        return None

    def _free(self, wanted: Sequence[Key], rest: Sequence[Key], others: Sequence[Term]) -> set[Key]:
        """Of the options that hold some connection that is asked for, those that hold no other; and the rest, if no
        connection at all takes one of them."""
        free = {key for key in wanted if self._asking.check([*others, self._options[key]]) == "unsat"}
        if self._asking.check([*others, self._terms.any_of(self._options[key] for key in rest)]) == "unsat":
            free.update(rest)
        return free

    def _option_of(self, terms: Sequence[Term], keys: Sequence[Key]) -> Key | None:
        """The option that a connection takes for which all terms hold; None if there is none, or nobody knows."""
        if self._asking.witness(terms) != "sat":
            return None
        values = self._asking.solver.values([self._options[key] for key in keys])
        return next((key for key, value in zip(keys, values, strict=True) if value), None)
