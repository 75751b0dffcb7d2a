"""The engine: suites and manifests in, a report out.

Properties whose worlds agree share one encoding; properties that need the same policies share one solver. Each verdict
is judged in the property's world and in the two worlds that tell how far it reaches; each refutation gets its least
counterexample, confirmed by the concrete evaluator.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from .. import __version__
from ..encodings.cluster import Cluster, build_cluster
from ..encodings.concrete.evaluator import Cluster as ConcreteCluster
from ..encodings.concrete.inventory import Inventory, read_inventory
from ..encodings.connection import Connection
from ..encodings.evaluation import Evaluation, Namespaces
from ..encodings.manifests import Manifests
from ..encodings.policy import DIRECTIONS, Direction
from ..encodings.problems import Notice
from ..encodings.solver import Z3_VERSION, Solver
from ..encodings.vocabulary import Vocabulary
from ..encodings.world import World, WorldConfig
from ..properties.loading import LoadedProperty, LoadedSuite
from ..properties.question import Question
from ..properties.verbs import question_of
from .assumptions import assumptions_of
from .exposure import Exposure, exposures_of
from .judge import Finding, Judge, Reading, Scope
from .least import Least
from .notices import input_notices, members_of, property_notices
from .replay import InternalError, replay
from .results import (
    Counterexample,
    InputSummary,
    OpenWorld,
    PropertyResult,
    Reason,
    Report,
    Status,
    Verdict,
)
from .settings import vocabulary_of, world_config
from .witness import Witness

__all__ = ["InternalError", "Options", "Phases", "prove"]

DEFAULT_EFFORT = 20_000_000
"""Some ten seconds of solving for one question; ordinary ones take a thousandth of it."""
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """``effort``: Z3's resource limit for each question, the same on every machine. ``timeout``: seconds of wall clock
    for the whole run (None: none). ``sliced`` and ``shared`` False encode every policy for every property, and each
    property afresh: slower, the same answers, kept for the tests that say so."""

    effort: int = DEFAULT_EFFORT
    timeout: float | None = None
    sliced: bool = True
    shared: bool = True


@dataclass(slots=True)
class Phases:
    """Seconds spent compiling policies, encoding questions and solving; for benchmarks."""

    compile: float = 0.0
    encode: float = 0.0
    solve: float = 0.0


@dataclass(frozen=True, slots=True)
class _Task:
    """One property as a question to a world."""

    index: int
    loaded: LoadedProperty
    evaluation: Evaluation
    question: Question


def prove(
    suites: Sequence[LoadedSuite],
    manifests: Manifests,
    *,
    options: Options | None = None,
    progress: Progress | None = None,
    notices: Iterable[Notice] = (),
    phases: Phases | None = None,
) -> Report:
    """Prove or refute every property of ``suites`` over validated ``manifests``, in order.

    Raises InternalError for a counterexample that the concrete evaluator does not confirm.
    """
    return _Engine(suites, manifests, options or Options(), phases or Phases()).run(progress, tuple(notices))


@dataclass(slots=True)
class _Engine:
    suites: Sequence[LoadedSuite]
    manifests: Manifests
    options: Options
    phases: Phases
    deadline: float | None = field(init=False)
    cluster: Cluster = field(init=False)
    concrete: ConcreteCluster = field(init=False)
    inventory: Inventory = field(init=False)
    exposures: tuple[Exposure, ...] = field(init=False)
    properties: list[LoadedProperty] = field(init=False)

    def __post_init__(self) -> None:
        started = time.monotonic()
        self.deadline = None if self.options.timeout is None else started + self.options.timeout
        self.cluster = build_cluster(self.manifests)
        self.concrete = ConcreteCluster.of(self.manifests)
        self.inventory = read_inventory(self.manifests)
        self.exposures = exposures_of(self.manifests)
        self.properties = [loaded for suite in self.suites for loaded in suite.properties]
        self.phases.compile += time.monotonic() - started

    def run(self, progress: Progress | None, notices: tuple[Notice, ...]) -> Report:
        started = time.monotonic()
        batches = self._batches(self._tasks())
        self.phases.encode += time.monotonic() - started
        results: dict[int, PropertyResult] = {}
        for batch in batches:
            solver: Solver | None = None
            for task in batch:
                if progress is not None:
                    progress(len(results), len(self.properties), task.loaded.written.id)
                if solver is None or not self.options.shared:
                    solver = self._solver(task.evaluation.connection)
                started = time.monotonic()
                results[task.index] = _Answer(self, task, solver).result()
                self.phases.solve += time.monotonic() - started
        return Report(
            version=__version__,
            z3=Z3_VERSION,
            input=self._input(),
            assumptions=assumptions_of(self.properties, self.cluster),
            notices=(*notices, *input_notices(self.properties, self.cluster)),
            results=tuple(results[index] for index in sorted(results)),
        )

    def _tasks(self) -> Iterable[_Task]:
        vocabulary = vocabulary_of(self.properties, self.cluster)
        encodings: list[tuple[WorldConfig, Evaluation]] = []
        for index, loaded in enumerate(self.properties):
            config = world_config(loaded, self.cluster)
            evaluation = next((known for other, known in encodings if other == config), None)
            if evaluation is None or not self.options.shared:
                evaluation = self._evaluation(vocabulary, config)
                encodings.append((config, evaluation))
            question = question_of(loaded, evaluation, sliced=self.options.sliced)
            yield _Task(index, loaded, evaluation, question)

    def _evaluation(self, vocabulary: Vocabulary, config: WorldConfig) -> Evaluation:
        return Evaluation(Connection(World(self.cluster, vocabulary, config)))

    def _batches(self, tasks: Iterable[_Task]) -> list[list[_Task]]:
        """Tasks that need the same policies of the same world, together: one solver serves a batch."""
        batches: dict[tuple[int, Namespaces, Namespaces], list[_Task]] = {}
        for task in tasks:
            key = (id(task.evaluation), task.question.sources, task.question.destinations)
            batches.setdefault(key, []).append(task)
        return list(batches.values())

    def _solver(self, connection: Connection) -> Solver:
        solver = Solver(connection.world.terms, effort=self.options.effort, deadline=self.deadline)
        for axiom in connection.always:
            solver.add(axiom)
        return solver

    def _input(self) -> InputSummary:
        read = self.manifests
        return InputSummary(
            files=read.files,
            objects=dict(read.counts),
            ignored=dict(read.ignored),
            unmodelled=tuple(f"{each.namespace or ''}/{each.kind}/{each.name}".lstrip("/") for each in read.unmodelled),
            excluded=read.excluded,
        )


@dataclass(slots=True)
class _Answer:
    """Finds everything that the report says of one property."""

    engine: _Engine
    task: _Task
    solver: Solver

    def result(self) -> PropertyResult:
        loaded, world = self.task.loaded, self.task.loaded.world
        main = Scope(world.pods == "open", world.namespaces != "closed")
        finding = self._judge(main)
        counterexample, because = self._counterexample(finding, main)
        written = loaded.written
        return PropertyResult(
            id=written.id,
            verb=loaded.verb,
            verdict=finding.verdict,
            expected=written.expect,
            status=status_of(finding.verdict, written.expect, allow_vacuous=written.allow_vacuous),
            severity=loaded.severity,
            suite=loaded.file,
            line=loaded.line,
            description=written.description,
            owner=loaded.owner,
            tags=loaded.tags,
            world={"pods": world.pods or "open", "namespaces": world.namespaces or "open"},
            semantics={
                "ipBlockMatchesPods": self._reading(),
                "hostNetworkPods": loaded.semantics.host_network_pods or "excluded",
            },
            holds_for_declared=self._holds(Scope(False, False), main, finding),
            holds_for_declared_namespaces=self._holds(Scope(True, False), main, finding),
            open_world=self._open_world(main),
            members=members_of(loaded, self.task.evaluation.world),
            reason=self._reason(finding),
            notices=property_notices(loaded, self.task.evaluation.world, finding.verdict, self.engine.exposures),
            class_=None,
            counterexample=counterexample,
            because=because,
        )

    def _reading(self) -> Reading:
        reading = self.task.loaded.semantics.ip_block_matches_pods
        return "either" if reading is None else reading

    def _judge(self, scope: Scope, *, holds: bool = False) -> Finding:
        judge = Judge(self.task.evaluation.connection, self.solver, self.task.question, self._reading())
        return judge.judge(scope, holds=holds)

    def _holds(self, scope: Scope, main: Scope, finding: Finding) -> bool | None:
        """Does the property hold in ``scope``? None where it is vacuous or unknown there."""
        if scope != main:
            narrower = main.pods_open >= scope.pods_open and main.namespaces_open >= scope.namespaces_open
            holds = narrower and finding.verdict == "proved" and not self.task.question.existential
            finding = self._judge(scope, holds=holds)
        return {"proved": True, "refuted": False}.get(finding.verdict)

    def _open_world(self, main: Scope) -> OpenWorld | None:
        if self.task.loaded.world.pods != "mixed":
            return None
        scope = Scope(True, main.namespaces_open)
        finding = self._judge(scope)
        return OpenWorld(finding.verdict, self._counterexample(finding, scope)[0])

    def _reason(self, finding: Finding) -> str | None:
        if not finding.depends:
            expected = self.task.loaded.written.expect
            missed = None if expected in (None, finding.verdict) else f"it was expected to be {expected}"
            return finding.reason or missed
        return f"{finding.reason}: {', '.join(self._decided_by(finding))}"

    def _decided_by(self, finding: Finding) -> list[str]:
        """The unmodelled policies in whose scope some connection lies that decides the property."""
        connection = self.task.evaluation.connection
        world = connection.world
        names: list[str] = []
        for unmodelled in self.engine.cluster.unmodelled:
            for direction in DIRECTIONS:
                subject = self.task.evaluation.subject(direction)
                codes = None if unmodelled.namespace is None else world.codes_of_namespaces([unmodelled.namespace])
                inside = subject.is_pod if codes is None else subject.in_namespaces(codes)
                if direction in unmodelled.directions and unmodelled.reference not in names:
                    side = self.task.evaluation.side(direction, self._space(direction))
                    terms = (*finding.depends, side.ignorance, subject.is_pod, inside)
                    if self.solver.check(terms) == "sat":
                        names.append(unmodelled.reference)
        return names

    def _space(self, direction: str) -> Namespaces:
        return self.task.question.destinations if direction == "ingress" else self.task.question.sources

    def _unprotected(self, direction: Direction) -> bool:
        """Does the witness show a pod that starts unprotected in this direction?"""
        term = self.task.question.subjects.get(direction)
        return term is not None and self.solver.value(term)

    def _counterexample(self, finding: Finding, scope: Scope) -> tuple[Counterexample | None, tuple[Reason, ...]]:
        if finding.verdict != "refuted":
            return None, ()
        question, connection = self.task.question, self.task.evaluation.connection
        if not Least(connection, self.solver, finding.witness).narrow(question.named_port):
            return None, ()  # a limit was reached: the refutation stands, without a witness to show
        witness = Witness(connection, self.solver)
        source, destination = witness.endpoints()
        direction: Direction | None = next((each for each in DIRECTIONS if self._unprotected(each)), None)
        example = Counterexample(
            source=source,
            destination=destination,
            protocol=witness.protocol,
            port=witness.port,
            port_name=None,
            family=witness.family,
            allowed=question.allowed is not False,
            reading=witness.reading,
            subject=None if direction is None else ("destination" if direction == "ingress" else "source"),
            direction=direction,
        )
        world = self.task.loaded.world.model_copy(update={"pods": "open" if scope.pods_open else "closed"})
        replayed = replay(self.task.loaded, example, self.engine.concrete, self.engine.inventory, world)
        return replace(example, allowed=replayed.allowed), replayed.because


def status_of(verdict: Verdict, expected: Verdict | None, *, allow_vacuous: bool) -> Status:
    """What the gate does with a verdict: refuted and vacuous fail unless expected or allowed."""
    if expected is not None:
        if verdict == expected:
            return "pass"
        return "unknown" if verdict == "unknown" else "fail"
    if verdict == "unknown":
        return "unknown"
    return "pass" if verdict == "proved" or (verdict == "vacuous" and allow_vacuous) else "fail"
