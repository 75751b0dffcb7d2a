"""Where things decide that nobody knows: the scopes that an undetermined answer may depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..encodings.choices import Choices
from ..encodings.cluster import Unmodelled
from ..encodings.evaluation import Evaluation
from ..encodings.terms import Term

DOMAIN = "domain "
"""Begins the name of what a domain name stands for, among other things that an answer may depend on."""
_EXAMPLE = "203.0.113.0/24"


def scopes_of(unmodelled: Iterable[Unmodelled], evaluation: Evaluation) -> Iterator[tuple[str, Term]]:
    """For each policy and direction, its reference and the term that the connection's end is a pod in its scope."""
    world = evaluation.world
    for each in unmodelled:
        codes = None if each.namespace is None else world.codes_of_namespaces([each.namespace])
        for direction in each.directions:
            subject = evaluation.subject(direction)
            inside = [] if codes is None else [subject.in_namespaces(codes)]
            yield each.reference, world.terms.all_of((subject.is_pod, *inside))


def domains_of(choices: Choices) -> Iterator[tuple[str, Term]]:
    """For each domain name that policies use and nobody binds, the term that a rule turns on what it stands for."""
    found: dict[str, list[Term]] = {}
    for name, term in choices.domains():
        found.setdefault(name, []).append(term)
    yield from ((name, choices.terms.any_of(terms)) for name, terms in sorted(found.items()))


def depends_on(policies: Sequence[str], domains: Sequence[str]) -> str:
    """Why a property is unknown."""
    parts: list[str] = []
    if policies or not domains:
        parts.append(f"it depends on policies that are not modelled: {', '.join(policies)}")
    if domains:
        lines = ", ".join(f'"{name}": [{_EXAMPLE}]' for name in domains)
        parts.append(
            f"it depends on what domain names stand for: {', '.join(domains)} (say it with "
            f"world: {{domains: {{{lines}}}}})"
        )
    return "; ".join(parts)
