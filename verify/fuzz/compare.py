"""One cluster put to an evaluator: its answers beside ours, and where they cannot both be right.

An answer disagrees where the semantics leave no reading under which it is right. What the evaluator does not decide is
counted, never taken for agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .features import FEATURES
from .judge import Judge
from .model import Answer, Cluster, Evaluator, Flow, Trouble


@dataclass(frozen=True, slots=True)
class Case:
    """A cluster and what is asked about it."""

    cluster: Cluster
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A flow that the evaluator decides as no reading of the semantics does."""

    flow: Flow
    ours: bool
    theirs: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """What an evaluator says of a ``case``. ``answers``: what it decided. ``undetermined`` of them are open by the
    semantics, the others were held against ours. ``unsupported``: reasons, one for each flow that it does not decide.
    """

    case: Case
    answers: tuple[tuple[Flow, bool], ...]
    undetermined: int
    disagreements: tuple[Disagreement, ...]
    unsupported: tuple[str, ...]

    @property
    def features(self) -> frozenset[str]:
        """Features that the evaluator says it cannot express."""
        return frozenset(self.unsupported) & FEATURES.keys()


def compare(evaluator: Evaluator, case: Case, judge: Judge) -> Compared:
    """Ask all flows. Raises Trouble where the evaluator does not answer."""
    answers: Sequence[Answer] = evaluator.answers(case.cluster, case.flows) if case.flows else ()
    if len(answers) != len(case.flows):
        raise Trouble("silent", f"{len(answers)} answers to {len(case.flows)} flows")
    decided: list[tuple[Flow, bool]] = []
    unsupported: list[str] = []
    disagreements: list[Disagreement] = []
    undetermined = 0
    for flow, answer in zip(case.flows, answers, strict=True):
        if answer.allowed is None:
            unsupported.append(answer.unsupported or "it does not say why")
            continue
        decided.append((flow, answer.allowed))
        truth = judge.truth(flow)
        if len(truth) > 1:
            undetermined += 1
        elif answer.allowed not in truth:
            disagreements.append(Disagreement(flow, not answer.allowed, answer.allowed))
    return Compared(case, tuple(decided), undetermined, tuple(disagreements), tuple(unsupported))
