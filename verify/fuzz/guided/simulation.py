"""Terms evaluated for many connections at once: the values of a term are the bits of one number."""

from __future__ import annotations

from collections.abc import Mapping

from ....encodings.terms import Term, Terms


class Simulation:
    """``count`` connections. ``leaves`` maps each variable that is true for some of them to a number whose bit i says
    whether it is true for connection i."""

    def __init__(self, terms: Terms, leaves: Mapping[int, int], count: int) -> None:
        self._terms = terms
        self._leaves = leaves
        self._every = (1 << count) - 1
        self._values: dict[int, int] = {1: self._every}
        self._seen: set[int] = {1}

    def where(self, term: Term) -> int:
        """The connections for which the term holds, as bits."""
        values, every, conjuncts = self._values, self._every, self._terms.conjuncts
        for node in self._terms.cone((term,), self._seen):
            arguments = conjuncts(node)
            if arguments is None:
                values[node] = self._leaves.get(node, 0)
                continue
            value = every
            for argument in arguments:
                value &= values[argument] if argument > 0 else every ^ values[-argument]
                if not value:
                    break
            values[node] = value
        value = values[abs(term)]
        return value if term > 0 else every ^ value


def lowest(number: int) -> int:
    """The position of the lowest bit that is set."""
    return (number & -number).bit_length() - 1
