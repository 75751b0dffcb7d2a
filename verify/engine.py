"""The engine: suites and manifests in, a report out.

Properties whose worlds agree share one encoding; properties that need the same policies share one solver. Each verdict
is judged in the property's world and in the two worlds that tell how far it reaches; each refutation gets its least
counterexample, confirmed by the concrete evaluator.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .. import __version__
from ..encodings.cluster import build_cluster
from ..encodings.concrete.evaluator import Cluster as ConcreteCluster
from ..encodings.concrete.inventory import read_inventory
from ..encodings.connection import Connection
from ..encodings.evaluation import Evaluation, Namespaces
from ..encodings.indicators import IndicatedEvaluation
from ..encodings.manifests import Manifests
from ..encodings.problems import Notice
from ..encodings.solver import Z3_VERSION, Solver
from ..encodings.vocabulary import Vocabulary
from ..encodings.world import World, WorldConfig
from ..properties.changes import change_verb, question_of_change
from ..properties.elements import mention
from ..properties.loading import LoadedProperty, LoadedSuite
from ..properties.mentions import all_elements
from ..properties.question import Question
from ..properties.verbs import question_of
from .answer import Answer
from .assumptions import assumptions_of
from .because import Evidence
from .changes.answer import ChangeAnswer
from .changes.pair import Comparison, Pair, Versions, pair_of
from .conflicts import refuse_conflicts
from .excused import excused
from .exposure import exposures_of
from .notices import input_notices
from .overlaps import Overlaps
from .overriding import OverrideAnswer
from .recorded import Recorded
from .replay import InternalError
from .results import InputSummary, PropertyResult, Report
from .services import refuse_services
from .settings import vocabulary_of, world_config
from .task import Setting, Task
from .waived import waived, without_waived

__all__ = ["InternalError", "Options", "Phases", "prove"]

DEFAULT_EFFORT = 400_000_000
"""Some minutes of solving for one question; ordinary ones take less than a thousandth of it."""
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """``effort``: Z3's resource limit for each question, the same on every machine. ``timeout``: seconds of wall clock
    for the whole run (None: none). ``sliced`` and ``shared`` False encode every policy for every property, and each
    property afresh: slower, the same answers, kept for the tests that say so. ``all_classes``: list every class of
    counterexamples of each refuted property. ``explained`` False: verdicts and counterexamples alone. Not what
    they stand for or rest on, and no notices of overlaps; baselines need the classes that are then missing."""

    effort: int = DEFAULT_EFFORT
    timeout: float | None = None
    sliced: bool = True
    shared: bool = True
    all_classes: bool = False
    explained: bool = True


@dataclass(slots=True)
class Phases:
    """Seconds spent compiling policies, encoding questions and solving; for benchmarks."""

    compile: float = 0.0
    encode: float = 0.0
    solve: float = 0.0


def prove(
    suites: Sequence[LoadedSuite],
    manifests: Manifests,
    *,
    options: Options | None = None,
    progress: Progress | None = None,
    notices: Iterable[Notice] = (),
    phases: Phases | None = None,
    compared: Mapping[str, Versions] | None = None,
    recorded: Mapping[int, Recorded] | None = None,
) -> Report:
    """Prove or refute every property of ``suites`` over validated ``manifests``, in order.

    ``compared`` holds, by id, the manifests that the properties over changes compare; ``recorded``, by the property's
    place in the run, what a baseline records. Every waiver of a property counts as in force.

    Raises InputErrors where manifests and suites contradict each other, and InternalError for a counterexample that the
    concrete evaluator does not confirm.
    """
    engine = _Engine(suites, manifests, options or Options(), phases or Phases(), compared or {}, recorded or {})
    return engine.run(progress, tuple(notices))


@dataclass(slots=True)
class _Engine:
    suites: Sequence[LoadedSuite]
    manifests: Manifests
    options: Options
    phases: Phases
    compared: Mapping[str, Versions]
    recorded: Mapping[int, Recorded]
    pairs: dict[tuple[int, int], Pair] = field(default_factory=dict[tuple[int, int], Pair])
    deadline: float | None = field(init=False)
    setting: Setting = field(init=False)
    properties: list[LoadedProperty] = field(init=False)
    indicated: dict[int, IndicatedEvaluation] = field(default_factory=dict[int, IndicatedEvaluation])

    def __post_init__(self) -> None:
        started = time.monotonic()
        self.deadline = None if self.options.timeout is None else started + self.options.timeout
        self.setting = Setting(
            cluster=build_cluster(self.manifests),
            concrete=ConcreteCluster.of(self.manifests),
            inventory=read_inventory(self.manifests),
            exposures=exposures_of(self.manifests),
        )
        self.properties = [loaded for suite in self.suites for loaded in suite.properties]
        refuse_conflicts(self.properties, self.setting.cluster)
        mentioned = (
            *map(without_waived, self.properties),
            *(each for suite in self.suites for each in suite.unselected),
        )
        refuse_services(
            (each for each in mentioned if change_verb(each.written) is None), self.setting.cluster.services
        )
        self.phases.compile += time.monotonic() - started

    def run(self, progress: Progress | None, notices: tuple[Notice, ...]) -> Report:
        started = time.monotonic()
        tasks = list(self._tasks())
        batches = self._batches(tasks)
        self.phases.encode += time.monotonic() - started
        results: dict[int, PropertyResult] = {}
        for batch in batches:
            solver: Solver | None = None
            evidence: Evidence | None = None
            for task in batch:
                if progress is not None:
                    progress(len(results), len(self.properties), task.loaded.written.id)
                if solver is None or evidence is None or not self.options.shared:
                    solver = self._solver(task.evaluation.connection)
                    evidence = self._evidence(task.evaluation)
                started = time.monotonic()
                answer = self._answer(task, solver, evidence)
                result, shown = waived(answer, answer.as_written())
                results[task.index] = excused(shown, result)
                self.phases.solve += time.monotonic() - started
        return Report(
            version=__version__,
            z3=Z3_VERSION,
            input=input_summary(self.manifests),
            assumptions=assumptions_of(self.properties, self.setting.cluster),
            notices=(
                *notices,
                *(notice for pair in self.pairs.values() for notice in pair.notices),
                *input_notices(self.properties, self.setting.cluster),
                *(Overlaps(self.setting, self._solver).notices(tasks) if self.options.explained else ()),
            ),
            results=tuple(results[index] for index in sorted(results)),
        )

    def _tasks(self) -> Iterable[Task]:
        others = (loaded for suite in self.suites for loaded in suite.unselected)
        carved = [without_waived(loaded) for loaded in self.properties if loaded.waivers]
        vocabulary = vocabulary_of([*self.properties, *carved, *others], self.setting.cluster)
        for recorded in self.recorded.values():
            recorded.mention(vocabulary, self.setting.cluster)
        for loaded in self.properties:
            pair = self._pair(loaded)
            for side in () if pair is None else (pair.base.cluster, pair.head.cluster):
                vocabulary.mention_cluster(side)
                mention(all_elements(loaded), vocabulary, side.pods, side.services)
        encodings: list[tuple[WorldConfig, Evaluation]] = []
        differences: list[tuple[WorldConfig, Comparison]] = []
        for index, loaded in enumerate(self.properties):
            config = world_config(loaded, self.setting.cluster)
            pair = self._pair(loaded)
            if pair is not None:
                known_ones = (known for other, known in differences if other == config and known.pair is pair)
                comparison = next(known_ones, None)
                if comparison is None or not self.options.shared:
                    comparison = Comparison(pair, pair.difference(vocabulary, config))
                    differences.append((config, comparison))
                yield self._task(index, loaded, comparison.difference.head, comparison)
                continue
            evaluation = next((known for other, known in encodings if other == config), None)
            if evaluation is None or not self.options.shared:
                evaluation = self._evaluation(vocabulary, config)
                encodings.append((config, evaluation))
            yield self._task(index, loaded, evaluation)

    def _pair(self, loaded: LoadedProperty) -> Pair | None:
        """What a property over changes compares; None for other properties."""
        versions = self.compared.get(loaded.written.id)
        if change_verb(loaded.written) is None or versions is None:
            return None
        key = (id(versions.base), id(versions.head))
        pair = self.pairs.get(key)
        if pair is None:
            pair = self.pairs[key] = pair_of(versions.base, versions.head)
        for side in (pair.base, pair.head):  # pods and nodes of both may have had one address after each other
            refuse_conflicts([loaded], replace(side.cluster, pods=(), nodes=()))
            refuse_services([loaded], side.cluster.services)
        return pair

    def _task(
        self, index: int, loaded: LoadedProperty, evaluation: Evaluation, comparison: Comparison | None = None
    ) -> Task:
        def ask(loaded: LoadedProperty) -> Question:
            verb = change_verb(loaded.written)
            if comparison is None or verb is None:
                return question_of(loaded, evaluation, sliced=self.options.sliced)
            groups, sliced = loaded.groups, self.options.sliced
            return question_of_change(verb, groups, comparison.difference, sliced=sliced, carved=loaded.carved)

        return Task(index, loaded, evaluation, ask(loaded), ask, comparison, self.recorded.get(index))

    def _answer(self, task: Task, solver: Solver, evidence: Evidence) -> Answer:
        if task.comparison is None:
            kind = Answer if task.loaded.written.cannot_override is None else OverrideAnswer
            return kind(self.setting, task, solver, evidence)
        head = task.comparison.pair.head
        cluster = replace(head.cluster, unmodelled=task.comparison.difference.unmodelled)
        setting = Setting(cluster, head.concrete, head.inventory, self.setting.exposures)
        return ChangeAnswer(setting, task, solver, evidence, task.comparison)

    def _evaluation(self, vocabulary: Vocabulary, config: WorldConfig) -> Evaluation:
        return Evaluation(Connection(World(self.setting.cluster, vocabulary, config)))

    def _batches(self, tasks: Iterable[Task]) -> list[list[Task]]:
        """Tasks that need the same policies of the same world, together: one solver serves a batch."""
        batches: dict[tuple[int, Namespaces, Namespaces], list[Task]] = {}
        for task in tasks:
            key = (id(task.evaluation), task.question.sources, task.question.destinations)
            batches.setdefault(key, []).append(task)
        return list(batches.values())

    def _solver(self, connection: Connection) -> Solver:
        solver = Solver(connection.world.terms, effort=self.options.effort, deadline=self.deadline)
        for axiom in connection.always:
            solver.add(axiom)
        return solver

    def _evidence(self, evaluation: Evaluation) -> Evidence:
        indicated = self.indicated.get(id(evaluation))
        if indicated is None:
            indicated = self.indicated[id(evaluation)] = IndicatedEvaluation(evaluation)
        new_solver = lambda: self._solver(evaluation.connection)  # noqa: E731
        options = self.options
        return Evidence(indicated, new_solver, options.sliced, options.all_classes, options.explained)


def input_summary(read: Manifests) -> InputSummary:
    """What a report says of the manifests read."""
    return InputSummary(
        files=read.files,
        objects=dict(read.counts),
        ignored=dict(read.ignored),
        unmodelled=tuple(f"{each.namespace or ''}/{each.kind}/{each.name}".lstrip("/") for each in read.unmodelled),
        excluded=read.excluded,
    )
