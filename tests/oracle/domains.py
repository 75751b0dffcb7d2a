"""Domain names for the oracle: each unknown one means some set of outside addresses, and any will do.

For one connection only one thing matters of such a set: whether the destination is in it. So a meaning says for each
name yes or no, and a destination rules out the meanings that contradict what is known about its address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from .addresses import Span
from .endpoints import Endpoint

Meaning = Mapping[str, bool]
"""For each name that nothing binds: is the destination one of its addresses?"""


def normal(name: str) -> str:
    """DNS knows neither case nor the dot at the end."""
    return name.lower().removesuffix(".")


def covers(wildcard: str, name: str) -> bool:
    """Whether all names that ``name`` stands for are among those of ``*.example.com``: one or more labels before it,
    and never ``example.com`` itself."""
    return wildcard.startswith("*.") and wildcard != name and name.endswith(wildcard[1:])


@dataclass(frozen=True)
class Domains:
    """``unbound``: the names that policies use and nothing binds; ``bound``: what the others stand for. All normal."""

    unbound: tuple[str, ...] = ()
    bound: Mapping[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])

    def meanings(self) -> tuple[Meaning, ...]:
        """Every combination of yes and no, but for those that say yes of a name and no of a wildcard that covers it."""
        choices = (
            dict(zip(self.unbound, each, strict=True)) for each in product((False, True), repeat=len(self.unbound))
        )
        return tuple(choice for choice in choices if self._consistent(choice))

    def _consistent(self, meaning: Meaning) -> bool:
        inside = [name for name in meaning if meaning[name]]
        return not any(covers(wildcard, name) and not meaning[wildcard] for wildcard in meaning for name in inside)

    def means(self, name: str, end: Endpoint, meaning: Meaning) -> bool:
        """Whether the destination is an outside address that the name stands for."""
        if end.kind != "external":
            return False
        known = self.bound.get(normal(name))
        if known is None:
            return meaning[normal(name)]
        return any(span.contains(end.family, end.address) for span in known)

    def possible(self, end: Endpoint, meaning: Meaning) -> bool:
        """Whether the meaning can be true of this destination: what a name stands for, a wildcard that covers the name
        stands for as well."""
        names = (*self.unbound, *self.bound)
        return end.kind != "external" or not any(
            covers(wildcard, name) and self.means(name, end, meaning) and not self.means(wildcard, end, meaning)
            for wildcard in names
            for name in names
        )


def domains_of(names: Sequence[str], bound: Mapping[str, Sequence[Span]]) -> Domains:
    """The names that policies use, and what the world binds."""
    known = {normal(name): tuple(spans) for name, spans in bound.items()}
    return Domains(tuple(sorted({normal(name) for name in names} - set(known))), known)
