"""Where unmodelled policies decide: the scopes that an undetermined answer may depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..encodings.cluster import Unmodelled
from ..encodings.evaluation import Evaluation
from ..encodings.terms import Term


def scopes_of(unmodelled: Iterable[Unmodelled], evaluation: Evaluation) -> Iterator[tuple[str, Term]]:
    """For each policy and direction, its reference and the term that the connection's end is a pod in its scope."""
    world = evaluation.world
    for each in unmodelled:
        codes = None if each.namespace is None else world.codes_of_namespaces([each.namespace])
        for direction in each.directions:
            subject = evaluation.subject(direction)
            inside = [] if codes is None else [subject.in_namespaces(codes)]
            yield each.reference, world.terms.all_of((subject.is_pod, *inside))
