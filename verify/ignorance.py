"""Which unmodelled policies an undetermined answer depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..encodings.cluster import Unmodelled
from ..encodings.evaluation import Evaluation
from ..encodings.solver import Solver
from ..encodings.terms import Term


def decided_by(
    unmodelled: Iterable[Unmodelled], evaluation: Evaluation, solver: Solver, depends: Sequence[Term]
) -> tuple[str, ...]:
    """The references of those in whose scope lies some connection for which all terms ``depends`` hold."""
    world = evaluation.world
    names: list[str] = []
    for each in unmodelled:
        for direction in each.directions:
            subject = evaluation.subject(direction)
            codes = None if each.namespace is None else world.codes_of_namespaces([each.namespace])
            inside = subject.is_pod if codes is None else subject.in_namespaces(codes)
            if each.reference not in names and solver.check([*depends, subject.is_pod, inside]) != "unsat":
                names.append(each.reference)
    return tuple(names)
