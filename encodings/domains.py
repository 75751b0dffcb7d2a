"""Domain names at one end of a connection: which outside addresses they stand for is not known, unless a suite says so.

A name and a wildcard each stand for an unknown set of outside addresses, ``*.example.com`` for all names with one or
more labels before ``example.com``, so that it holds the sets of the names it covers. A bound name stands for exactly
the outside addresses of its networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .addresses import Network
from .terms import TRUE, Term, Terms


def canonical(name: str) -> str:
    """The one spelling of a name: DNS tells neither capitals nor a final dot apart."""
    return name.lower().removesuffix(".")


def covers(wildcard: str, name: str) -> bool:
    """Does ``wildcard`` hold every address that ``name``, another name or wildcard, stands for? Both canonical."""
    return wildcard.startswith("*.") and wildcard != name and name.removeprefix("*").endswith(wildcard[1:])


class Domains:
    """``mentioned``: the names that policies use. ``outside``: the end is an outside address. ``in_networks``: its
    address is in one of them. ``role``: the end, "source" or "destination"."""

    def __init__(
        self,
        terms: Terms,
        role: str,
        mentioned: Iterable[str],
        bound: Iterable[tuple[str, tuple[Network, ...]]],
        *,
        outside: Term,
        in_networks: Callable[[Iterable[Network]], Term],
    ) -> None:
        self._terms = terms
        self._role = role
        self._bound = dict(bound)
        self._outside = outside
        self._in_networks = in_networks
        self._free = sorted(name for name in set(mentioned) if name not in self._bound)
        for name in self._free:
            terms.axiom(terms.implies(outside, self._possible(name)), [self._variable(name)])
            for wildcard in self._free:
                if covers(wildcard, name):
                    terms.axiom(
                        terms.implies(self._variable(name), self._variable(wildcard)),
                        [self._variable(name), self._variable(wildcard)],
                    )

    def holds(self, name: str) -> Term:
        """The end's address is one that ``name`` stands for, the unknown sets being what the free variables say."""
        return self._terms.all_of((self._outside, self._inside(name) if name in self._bound else self._variable(name)))

    def surely(self, name: str) -> Term:
        """It is, whatever the unknown sets are."""
        return self._terms.all_of((self._outside, self._inside(name)))

    def perhaps(self, name: str) -> Term:
        """It is, for some of what the unknown sets may be."""
        return self._terms.all_of((self._outside, self._inside(name) if name in self._bound else self._limits(name)))

    def _variable(self, name: str) -> Term:
        return self._terms.variable(f"{self._role}.domain.{name}")

    def _inside(self, name: str) -> Term:
        """In the networks of the name, or of bound names that it covers."""
        own = [*self._bound.get(name, ())]
        if name not in self._bound:
            own = [network for other, its in self._bound.items() if covers(name, other) for network in its]
        return self._in_networks(own)

    def _limits(self, name: str) -> Term:
        """In the networks of all bound wildcards that cover the name (or of what it covers itself)."""
        terms = self._terms
        limits = [self._in_networks(its) for other, its in self._bound.items() if covers(other, name)]
        return terms.any_of((terms.all_of(limits), self._inside(name))) if limits else TRUE

    def _possible(self, name: str) -> Term:
        """What always holds of the variable of an unbound name at an outside address."""
        terms, variable = self._terms, self._variable(name)
        return terms.all_of((terms.implies(self._inside(name), variable), terms.implies(variable, self._limits(name))))
