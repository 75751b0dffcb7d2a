"""Why a property holds that connections are refused: the policies that its proof rests on.

Such a proof rests on *isolation* (policies that select an end) and on *reading* (rules that admit no connection in
question, or deny it). Both are least sets, found by asking the solver again with policies switched off
(``encodings/indicators.py``). Of cluster-wide policies, all are read whose rules must be known, whether they deny or
could let through; each rule that denies, and without which the property fails, is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..encodings.evaluation import Evaluation, Namespaces
from ..encodings.indicators import IndicatedEvaluation
from ..encodings.policy import DIRECTIONS, DirectedPolicy, Direction
from ..encodings.solver import Solver
from ..encodings.terms import TRUE, Term
from ..properties.question import Question
from .cores import Asking, least
from .least import Least
from .replay import InternalError

WORK = 40_000
"""Questions for one property's evidence, times the policies that each question is about. Some hundred policies are told
apart to the last one; a fleet's are all named, since nobody would read a least set of so many either."""
_FEWEST = 100
Part = tuple[str, Direction]
"""A policy, by its reference, in one direction."""
_Key = TypeVar("_Key", str, Part)


@dataclass(frozen=True, slots=True)
class ProofSet:
    """``isolating``: policies whose isolation suffices, a least set; ``reading``: all policies whose rules must be
    known; each as (reference, direction), in order. ``redundant``: those ``isolating`` that the cluster could lose.
    ``denying``: of policies among ``reading`` the rules, by number, that deny and that the cluster could not lose.
    ``complete`` False: limits were reached, so that the sets suffice but may not be least.
    """

    isolating: tuple[Part, ...]
    reading: tuple[Part, ...]
    redundant: frozenset[str]
    complete: bool
    denying: Mapping[Part, tuple[int, ...]] = field(default_factory=dict[Part, tuple[int, ...]])


class UndecidedError(Exception):
    """The solver's limits were reached before the evidence was found."""


def everywhere(evaluation: Evaluation, question: Question) -> list[DirectedPolicy]:
    """The policies that can select an end of the question's connections, egress before ingress."""
    spaces: dict[Direction, Namespaces] = {"egress": question.sources, "ingress": question.destinations}
    return [
        policy for direction in reversed(DIRECTIONS) for policy in evaluation.policies(direction, spaces[direction])
    ]


class Refusal:
    """The evidence for a question that nothing satisfies because connections are refused.

    ``question`` is asked of ``indicated``; ``base``: the assumptions of the world and reading it is proved in.
    """

    def __init__(
        self, indicated: IndicatedEvaluation, solver: Solver, question: Question, base: Sequence[Term]
    ) -> None:
        self._indicated = indicated
        self._solver = solver
        self._question = question
        rules = [rule for policy in everywhere(indicated, question) for rule in policy.rules]
        self._allowing = {id(rule): indicated.allowing(rule) for rule in rules}
        self._base = [*base, *self._allowing.values()]
        self.policies: dict[Part, DirectedPolicy] = {
            (policy.reference, policy.direction): policy for policy in everywhere(indicated, question)
        }
        of_namespaces = {id(policy) for policy in able_to_isolate(indicated)}
        self._isolating = {
            part: indicated.isolating(policy) for part, policy in self.policies.items() if id(policy) in of_namespaces
        }
        self._reading = {part: indicated.reading(policy) for part, policy in self.policies.items() if policy.rules}
        self._present = {part: indicated.present(policy) for part, policy in self.policies.items() if policy.rules}
        self._asking = Asking(solver, questions_for(len(self.policies)))

    def proof_set(self) -> ProofSet:
        """Raises UndecidedError, and InternalError if the proof cannot be repeated."""
        if not self._asking.left:
            return ProofSet(tuple(self._isolating), tuple(self._reading), frozenset(), complete=False)
        goal, core = self._goal()
        fixed = [*self._base, goal, *self._present.values()]
        every = list(self._isolating.values())
        reading, core = least(self._asking, [*fixed, *every], _by_policy(self._reading), core)
        known = _of(self._reading, reading)
        preferred = [*reading, *(name for name in self._broad_first() if name not in reading)]
        groups = _by_policy(self._isolating)
        fixed_now = [*fixed, *known.values()]
        groups = {name: groups[name] for name in preferred if name in groups}
        isolating, core = least(self._asking, fixed_now, groups, core)
        parts, core = self._least_parts(fixed_now, _of(self._isolating, isolating), core)
        read, _ = self._least_parts([*fixed, *(self._isolating[part] for part in parts)], known, core)
        redundant = frozenset(name for name in isolating if not self._needed(name))
        read = [*read, *self._further(isolating, reading, redundant)]
        denying = {part: rules for part in self._in_order(read) if (rules := tuple(self._denying(part)))}
        complete = not self._asking.spent
        return ProofSet(self._in_order(parts), self._in_order(read), redundant, complete, denying)

    def _denying(self, part: Part) -> Iterator[int]:
        """The rules of a policy that deny and without any one of which the property fails."""
        indicators = (self._isolating, self._reading, self._present)
        everything = [self._question.perhaps, *(term for each in indicators for term in each.values())]
        for number, rule in enumerate(self.policies[part].rules):
            if rule.action == "deny":
                own = self._allowing[id(rule)]
                others = [term for term in self._base if term != own]
                if self._asking.check([*everything, *others, -own]) == "sat":
                    yield number

    def _goal(self) -> tuple[Term, frozenset[Term]]:
        """The term that the proof refutes (the cheap necessary one if it suffices), and a core of that proof."""
        # All rules are there: where ignorance lets a connection through, what counts is a rule that admits it.
        indicators = (self._isolating, self._reading, self._present)
        everything = [*self._base, *(term for each in indicators for term in each.values())]
        necessary, perhaps = self._question.necessary, self._question.perhaps
        for goal in (necessary, perhaps) if necessary != TRUE else (perhaps,):
            answer = self._solver.check([*everything, goal])
            if answer == "unknown":
                raise UndecidedError
            if answer == "unsat":
                return goal, self._solver.core()
        raise InternalError("a proof does not hold when it is asked again for its evidence")

    def _least_parts(
        self, fixed: list[Term], parts: Mapping[Part, Term], core: frozenset[Term]
    ) -> tuple[list[Part], frozenset[Term]]:
        """As ``least``, direction by direction; policies that govern one direction have nothing left to drop."""
        directions = [name for name, _ in parts]
        if len(set(directions)) == len(directions):
            return list(parts), core
        return least(self._asking, fixed, {part: (term,) for part, term in parts.items()}, core)

    def _broad_first(self) -> list[str]:
        """Policies by how many pods they select, as far as their selectors' length tells; then as written."""
        sizes: dict[str, tuple[int, int]] = {}
        for (name, _), policy in self.policies.items():
            size = len(policy.subject.pod_selector or ()) + len(policy.subject.namespace_selector or ())
            sizes.setdefault(name, (size, len(policy.rules)))
        return sorted(sizes, key=lambda name: sizes[name])

    def _without(self, name: str) -> list[Term]:
        """The cluster without a policy."""
        indicators = (self._isolating, self._reading, self._present)
        others = (term for terms in indicators for part, term in terms.items() if part[0] != name)
        gone = [-term for terms in (self._isolating, self._present) for part, term in terms.items() if part[0] == name]
        gone += [-term for own, term in self._indicated.hiding.items() if own == name]
        return [*self._base, self._question.perhaps, *others, *gone]

    def _only(self, names: Iterable[str]) -> list[Term]:
        """The cluster of these policies alone."""
        given = set(names)
        terms = [*self._base, self._question.perhaps]
        for indicators in (self._isolating, self._present):
            terms += [term if part[0] in given else -term for part, term in indicators.items()]
        terms += [term if own in given else -term for own, term in self._indicated.hiding.items()]
        return [*terms, *(term for part, term in self._reading.items() if part[0] in given)]

    def _needed(self, name: str) -> bool:
        """Does the property fail in the cluster without this policy?"""
        return self._asking.check(self._without(name)) != "unsat"

    def _further(self, isolating: list[str], reading: list[str], redundant: frozenset[str]) -> list[Part]:
        """Policies that show why each needed policy is needed, where the rest of the set would do by itself.

        The rest can do by itself only because it lacks a rule that lets a connection through at the other end.
        """
        given = list(dict.fromkeys([*isolating, *reading]))
        further: list[Part] = []
        while True:
            added: list[Part] = []
            for name in isolating:
                rest = [other for other in given if other != name]
                if name not in redundant and self._asking.check(self._only(rest)) == "unsat":
                    added += [part for part in self._letting_through(name) if part[0] not in given]
                    given += [part[0] for part in added if part[0] not in given]
            if not added:
                return further
            further += [part for part in added if part not in further]

    def _letting_through(self, name: str) -> list[Part]:
        """Policies that let through the connection that refutes the property without the policy ``name``."""
        connection = self._indicated.connection
        if not Least(connection, self._solver, self._without(name)).narrow(TRUE):
            raise UndecidedError
        return [
            part
            for part, policy in self.policies.items()
            if part[0] != name
            and any(
                self._solver.value(self._indicated.rule_matches(policy, rule))
                for rule in policy.rules
                if rule.action != "deny"
            )
        ]

    def _in_order(self, parts: Iterable[Part]) -> tuple[Part, ...]:
        wanted = set(parts)
        return tuple(part for part in self.policies if part in wanted)


def able_to_isolate(evaluation: Evaluation) -> Iterator[DirectedPolicy]:
    """The policies of tiers that deny what a policy selects and no rule matches."""
    for layer in evaluation.world.cluster.layers:
        for tier in layer.tiers:
            if tier.end == "deny-if-selected":
                yield from tier.policies


def questions_for(things: int) -> int:
    """How many questions the evidence among so many policies or rules may take; a few would tell nothing."""
    questions = WORK // max(1, things)
    return questions if questions >= _FEWEST else 0


def _by_policy(parts: Mapping[Part, Term]) -> dict[str, Sequence[Term]]:
    groups: dict[str, list[Term]] = {}
    for (name, _), term in parts.items():
        groups.setdefault(name, []).append(term)
    return dict(groups)


def _of(parts: Mapping[Part, Term], names: Iterable[str]) -> dict[Part, Term]:
    wanted = set(names)
    return {part: term for part, term in parts.items() if part[0] in wanted}
