"""The answer to one property: its verdict in three worlds, its least counterexample, confirmed, and what to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from typing import Self

from ..encodings.policy import DIRECTIONS, Direction
from ..encodings.problems import Notice
from ..encodings.solver import Solver
from ..encodings.terms import TRUE, Term
from ..encodings.world import World as SymbolicWorld
from ..properties.loading import LoadedProperty
from ..properties.question import Question
from ..properties.suite import World
from .because import Evidence
from .classes.generalise import Found, Generaliser, View, view_of
from .classes.membership import with_mentions
from .ignorance import depends_on, domains_of, scopes_of
from .judge import LIMIT, Finding, Judge, Scope, own_scope
from .least import Least
from .notices import members_of, property_notices
from .proof import UndecidedError
from .readings import readings_of, semantics_shown
from .replay import InternalError, decide, replay
from .reports.class_words import class_text
from .reproduce import reproduce
from .results import Because, Cause, Counterexample, CounterexampleClass, OpenWorld, PropertyResult, Status, Verdict
from .task import Setting, Task
from .witness import connection_shown

_MOST_CLASSES = 1_000
_NOT_LEAST = "the policies and rules named suffice for the proof; there are too many to tell which it could do without"
_NO_EVIDENCE = "the solver's limit was reached before the policies that the proof rests on were found"


@dataclass(slots=True)
class Answer:
    """Finds everything that the report says of one property."""

    setting: Setting
    task: Task
    solver: Solver
    evidence: Evidence

    def as_written(self) -> PropertyResult:
        """The property's part of the report, whatever its waivers and a baseline say.

        Raises InternalError for a counterexample that is not confirmed.
        """
        loaded, world = self.task.loaded, self.task.loaded.world
        main = self.main
        finding, counterexample, because = self._shown(self._judge(main), main)
        notices = property_notices(loaded, self.worlds(), finding.verdict, self.setting.exposures)
        if finding.verdict == "proved" and self.evidence.explained:
            try:
                because, least = self.proof(main)
                notices += () if least else (Notice(_NOT_LEAST),)
            except UndecidedError:
                notices = (*notices, Notice(_NO_EVIDENCE))
        one, classes, complete = self._classes(finding, counterexample)
        undecided = self._undecided_by(finding)
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
            semantics=semantics_shown(loaded.semantics),
            holds_for_declared=self._holds(Scope(False, False), main, finding),
            holds_for_declared_namespaces=self._holds(Scope(True, False), main, finding),
            open_world=self._open_world(main),
            members=members_of(loaded, self.worlds()),
            reason=self.why(finding, undecided),
            depends_on=(*undecided[0], *(f"domain {name}" for name in undecided[1])),
            notices=notices,
            class_=None if one is None else one.text,
            counterexample=counterexample,
            because=because,
            reproduce=() if counterexample is None else self.reproduced(counterexample),
            causes=() if counterexample is None else self.caused(counterexample),
            classes=classes,
            classes_complete=complete,
        )

    @property
    def main(self) -> Scope:
        """What exists in the property's own world."""
        return own_scope(self.task.loaded.world)

    def about(self, loaded: LoadedProperty, question: Question) -> Self:
        """The same for a part of what the property speaks of: ``loaded`` and ``question`` leave the rest out."""
        return replace(self, task=replace(self.task, loaded=loaded, question=question))

    def judged(self) -> Finding:
        """The verdict in the property's own world, without a counterexample."""
        return self._judge(self.main)

    def with_refutation(self, result: PropertyResult, finding: Finding) -> PropertyResult:
        """``result`` with the counterexample that refutes this question in place of its own."""
        shown, example, because = self._shown(finding, self.main)
        if example is None:
            return replace(result, status="unknown", reason=shown.reason)
        one, classes, complete = self._classes(shown, example)
        return replace(
            result,
            class_=None if one is None else one.text,
            counterexample=example,
            because=because,
            reproduce=self.reproduced(example),
            causes=self.caused(example),
            classes=classes,
            classes_complete=complete,
        )

    def violable(self, *terms: Term) -> bool:
        """Is there perhaps a connection for which all terms hold, in the property's own world and readings?"""
        base = (*self.main.assumptions(self.task.evaluation.connection), *self._judge_of().fixed_reading())
        return self.solver.check((*base, *terms)) != "unsat"

    def proof(self, scope: Scope) -> tuple[tuple[Because, ...], bool]:
        """The evidence of a proof, and whether it is least. Raises UndecidedError where a limit was reached."""
        base = scope.assumptions(self.task.evaluation.connection)
        judge = self._judge_of()
        if not self.task.question.existential:
            return self.evidence.because(self.task.loaded, [*base, *judge.fixed_reading()])
        lines: list[Because] = []
        example: Counterexample | None = None
        world, concrete = self.task.loaded.world, self.setting.concrete
        cases = judge.cases(base)
        if cases is None:
            raise UndecidedError
        for case in cases:
            if example is not None:  # one connection often serves several readings
                example = replace(example, reading=case.reading)
            if example is None or decide(example, concrete, world).allowed is not True:
                example = self._fulfilment([*base, *case.terms])
            lines += [Because(*astuple(reason)) for reason in decide(example, concrete, world).because]
        return tuple(sorted(dict.fromkeys(lines), key=lambda line: line.direction)), True

    def _fulfilment(self, base: list[Term]) -> Counterexample:
        """The least connection that fulfils a ``can``."""
        question, connection = self.task.question, self.task.evaluation.connection
        if not Least(connection, self.solver, [*base, question.surely]).narrow(question.named_port):
            raise UndecidedError
        example = self._example(allowed=True)
        if decide(example, self.setting.concrete, self.task.loaded.world).allowed is not True:
            raise InternalError(f"the connection that proves {self.task.loaded.written.id} is not confirmed")
        return example

    def caused(self, example: Counterexample) -> tuple[Cause, ...]:
        """The changed lines behind the counterexample; there are none where nothing is compared."""
        return ()

    def reproduced(self, example: Counterexample) -> tuple[str, ...]:
        """The script that shows the counterexample on a live cluster."""
        return reproduce(example, self.task.loaded, self.setting.inventory)

    def _judge(self, scope: Scope, *, holds: bool = False) -> Finding:
        return self._judge_of().judge(scope, holds=holds)

    def _judge_of(self) -> Judge:
        readings = readings_of(self.task.loaded.semantics)
        return Judge(self.task.evaluation.connection, self.solver, self.task.question, readings)

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
        finding, counterexample, _ = self._shown(self._judge(scope), scope)
        return OpenWorld(finding.verdict, counterexample)

    def why(self, finding: Finding, undecided: tuple[list[str], list[str]] | None = None) -> str | None:
        """Why the verdict is vacuous, unknown or not the one expected; ``undecided``: what it depends on, if known."""
        if not finding.depends:
            expected = self.task.loaded.written.expect
            missed = None if expected in (None, finding.verdict) else f"it was expected to be {expected}"
            return finding.reason or missed
        return depends_on(*(undecided or self._undecided_by(finding)))

    def _undecided_by(self, finding: Finding) -> tuple[list[str], list[str]]:
        """The unmodelled policies and the domain names that the verdict depends on."""
        if not finding.depends:
            return [], []
        scopes = scopes_of(self.setting.cluster.unmodelled, self.task.evaluation)
        domains = domains_of(self.task.evaluation.world.choices)
        return self._decided_by(finding, scopes), self._decided_by(finding, domains)

    def _decided_by(self, finding: Finding, scopes: Iterable[tuple[str, Term]]) -> list[str]:
        """The names in whose scope some connection lies that decides the property."""
        names: list[str] = []
        for name, inside in scopes:
            if name not in names:
                terms = (*finding.depends, inside)
                if self.solver.check(terms) == "sat":
                    names.append(name)
        return names

    def _unprotected(self, direction: Direction) -> bool:
        """Does the witness show a pod that starts unprotected in this direction?"""
        term = self.task.question.subjects.get(direction)
        return term is not None and self.solver.value(term)

    def _shown(self, finding: Finding, scope: Scope) -> tuple[Finding, Counterexample | None, tuple[Because, ...]]:
        """The finding with its counterexample; a refutation without one that can be shown is unknown."""
        if finding.verdict != "refuted":
            return finding, None, ()
        question, connection = self.task.question, self.task.evaluation.connection
        if not Least(connection, self.solver, finding.witness).narrow(question.named_port):
            return Finding("unknown", LIMIT), None, ()
        example = self._example(allowed=question.allowed is not False)
        world = self.task.loaded.world.model_copy(update={"pods": "open" if scope.pods_open else "closed"})
        if finding.reading is not None:
            example = replace(example, reading=finding.reading)
        example, because = self.confirmed(example, world)
        return finding, replace(example, other_family_holds=self._other_family_holds(example, scope)), because

    def _other_family_holds(self, example: Counterexample, scope: Scope) -> bool:
        """Does the property speak of IPv4, too, and hold there, where the least counterexample is one of IPv6?"""
        question, ipv6 = self.task.question, self.task.evaluation.connection.ipv6
        if example.family != "IPv6" or ipv6 == TRUE or question.existential:
            return False
        base = (*scope.assumptions(self.task.evaluation.connection), *self._judge_of().fixed_reading(), -ipv6)
        if self.solver.check((*base, question.hypothesis)) != "sat":
            return False
        return self.solver.check((*base, question.perhaps)) == "unsat"

    def confirmed(self, example: Counterexample, world: World) -> tuple[Counterexample, tuple[Because, ...]]:
        """The counterexample as the concrete evaluator sees it, with its evidence. Raises InternalError."""
        replayed = replay(self.task.loaded, example, self.setting.concrete, self.setting.inventory, world)
        because = tuple(Because(*astuple(reason)) for reason in replayed.because)
        return replace(example, allowed=replayed.allowed), because

    def _classes(
        self, finding: Finding, example: Counterexample | None
    ) -> tuple[CounterexampleClass | None, tuple[CounterexampleClass, ...] | None, bool | None]:
        """What the counterexample stands for; and, if wanted, all classes and whether they are all there are."""
        if example is None or not self.evidence.explained:
            return None, None, None
        one = self._generaliser(finding, example.direction).of(example)
        shown = None if one is None else _class(one, example.direction)
        if not self.evidence.all_classes:
            return shown, None, None
        found: list[CounterexampleClass] = []
        complete = True
        for direction in self.task.question.subjects or (None,):
            classes, all_there = self._generaliser(finding, direction).all(_MOST_CLASSES)
            found += [_class(each, direction) for each in classes]
            complete = complete and all_there
        return shown, tuple(found), complete

    def _generaliser(self, finding: Finding, direction: Direction | None) -> Generaliser:
        task, (*base, violation) = self.task, finding.witness
        if direction is not None:
            violation = task.question.subjects[direction]
        view = self.view()
        if task.left_out:
            view = replace(view, known=with_mentions(view.known, task.left_out, self.setting.cluster))
        return Generaliser(view, self.evidence.solver(), base=base, violation=violation)

    def worlds(self) -> tuple[SymbolicWorld, ...]:
        """The worlds that the property is about: two where two clusters are compared."""
        return (self.task.evaluation.world,)

    def view(self) -> View:
        """How the property sees connections."""
        return view_of(self.task.loaded, self.task.evaluation, self.task.question)

    def _example(self, *, allowed: bool) -> Counterexample:
        """The connection of the solver's model, as printed."""
        example = connection_shown(self.task.evaluation.connection, self.solver)
        direction: Direction | None = next((each for each in DIRECTIONS if self._unprotected(each)), None)
        subject = None if direction is None else ("destination" if direction == "ingress" else "source")
        return replace(example, allowed=allowed, subject=subject, direction=direction)


def _class(found: Found, direction: Direction | None) -> CounterexampleClass:
    return CounterexampleClass(class_text(found.condition, direction), direction, found.condition)


def status_of(verdict: Verdict, expected: Verdict | None, *, allow_vacuous: bool) -> Status:
    """What the gate does with a verdict: refuted and vacuous fail unless expected or allowed."""
    if expected is not None:
        if verdict == expected:
            return "pass"
        return "unknown" if verdict == "unknown" else "fail"
    if verdict == "unknown":
        return "unknown"
    return "pass" if verdict == "proved" or (verdict == "vacuous" and allow_vacuous) else "fail"
