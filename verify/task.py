"""A property of a run as a question to a world, and what all of a run's questions look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..encodings.cluster import Cluster
from ..encodings.concrete.evaluator import Cluster as ConcreteCluster
from ..encodings.concrete.inventory import Inventory
from ..encodings.evaluation import Evaluation
from ..properties.loading import LoadedProperty
from ..properties.question import Question
from .changes.pair import Comparison
from .classes.model import ConnectionClass
from .exposure import Exposure
from .recorded import Recorded


@dataclass(frozen=True, slots=True)
class Setting:
    """What all answers of a run look at: the cluster as each evaluator sees it, and what exposes its pods."""

    cluster: Cluster
    concrete: ConcreteCluster
    inventory: Inventory
    exposures: tuple[Exposure, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One property, the ``index``-th of the run, as a question to a world; with what it compares, if it does.

    ``ask`` makes the question of the property with other traffic left out; ``recorded`` is what a baseline holds, and
    ``left_out`` what ``question`` leaves out because of it.
    """

    index: int
    loaded: LoadedProperty
    evaluation: Evaluation
    question: Question
    ask: Callable[[LoadedProperty], Question]
    comparison: Comparison | None = None
    recorded: Recorded | None = None
    left_out: tuple[ConnectionClass, ...] = ()
