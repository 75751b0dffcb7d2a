"""The lines of evidence under a proved property: which policies isolate, what their rules admit, which rules allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from ..encodings.indicators import IndicatedEvaluation
from ..encodings.policy import Action, DirectedPolicy, Direction, Rule
from ..encodings.solver import Solver
from ..encodings.terms import Term
from ..properties.elements import resolve
from ..properties.loading import LoadedProperty
from ..properties.mentions import is_entries
from ..properties.suite import Endpoints
from ..properties.verbs import question_of
from .allowance import Allowance, allowance
from .proof import ProofSet, Refusal
from .results import Because, Effect
from .rule_words import admitted_by, admitted_by_rule
from .settling import settling_rules


@dataclass(slots=True)
class Evidence:
    """Finds the evidence of proofs over one evaluation; ``all_classes`` wants every class of counterexamples too,
    ``explained`` any evidence at all.

    ``new_solver`` makes the solver that it asks, apart from the one that finds verdicts and counterexamples.
    """

    indicated: IndicatedEvaluation
    new_solver: Callable[[], Solver]
    sliced: bool
    all_classes: bool = False
    explained: bool = True
    _solver: Solver | None = field(default=None, init=False)

    def solver(self) -> Solver:
        """The solver for questions about evidence, made when it is first needed."""
        if self._solver is None:
            self._solver = self.new_solver()
        return self._solver

    def because(self, loaded: LoadedProperty, base: Sequence[Term]) -> tuple[tuple[Because, ...], bool]:
        """The evidence for a proved property of all connections, in the world and reading of ``base``; and whether it
        is least.

        Raises UndecidedError where the solver's limits are reached.
        """
        question, solver = question_of(loaded, self.indicated, sliced=self.sliced), self.solver()
        if loaded.verb in ("always", "dns"):
            found = allowance(self.indicated, solver, question, base)
            return _allowing(found), found.complete
        override = loaded.written.cannot_override
        if override is not None:
            rules, complete = settling_rules(self.indicated, solver, question, base, override.outcome)
            return tuple(_by_rule(policy, rule) for policy, rule in rules), complete
        refusal = Refusal(self.indicated, solver, question, base)
        proof = refusal.proof_set()
        return _refusing(refusal, proof, loaded), proof.complete


def _refusing(refusal: Refusal, found: ProofSet, loaded: LoadedProperty) -> tuple[Because, ...]:
    lines: list[Because] = []
    isolating = {name for name, _ in found.isolating}
    for part in found.isolating:
        policy = refusal.policies[part]
        admitted = f", {_admits(policy)}" if part in found.reading else ""
        lines.append(
            Because(
                *(policy.direction, policy.reference, None, "isolates", policy.origin.file, policy.origin.line),
                redundant=policy.reference in found.redundant,
                detail=f"isolates {_subject(loaded, policy.direction)}{admitted}",
            )
        )
    for part in found.reading:
        policy = refusal.policies[part]
        for number in found.denying.get(part, ()):
            rule = policy.rules[number]
            place, denied = rule.origin, admitted_by_rule(policy, rule)
            lines.append(Because(part[1], part[0], number, "denies", place.file, place.line, detail=f"denies {denied}"))
        if part[0] not in isolating and part not in found.denying:
            place = policy.origin
            detail = _admits(policy)
            lines.append(
                Because(policy.direction, policy.reference, None, "read", place.file, place.line, detail=detail)
            )
    return tuple(lines)


def _admits(policy: DirectedPolicy) -> str:
    text = admitted_by(policy)
    return f"admits {text}" if text.startswith("anything") else f"admits only {text}"


def _allowing(found: Allowance) -> tuple[Because, ...]:
    lines: list[Because] = []
    lines += [_by_rule(policy, rule) for policy, rule in found.rules]
    lines += [Because(direction, None, None, "not-isolated", None, None) for direction in found.open_ends]
    return tuple(sorted(lines, key=lambda line: line.direction))


_DOES: dict[Action, tuple[Effect, str]] = {
    "allow": ("allows", "admits"),
    "deny": ("denies", "denies"),
    "pass": ("passes", "passes on"),
}


def _by_rule(policy: DirectedPolicy, rule: Rule) -> Because:
    """A line for what one rule does."""
    effect, verb = _DOES[rule.action]
    number = next(index for index, each in enumerate(policy.rules) if each is rule)
    place, detail = rule.origin, f"{verb} {admitted_by_rule(policy, rule)}"
    return Because(policy.direction, policy.reference, number, effect, place.file, place.line, detail=detail)


def _subject(loaded: LoadedProperty, direction: Direction) -> str:
    """Whom a policy of this direction isolates, in the property's words."""
    written = loaded.written
    endpoints: Endpoints | None = None
    if written.never is not None:
        endpoints = written.never.to if direction == "ingress" else written.never.from_
    elif written.default_deny is not None:
        endpoints = written.default_deny.for_
    elif written.only is not None and is_entries(written.only.from_) and direction == "ingress":
        endpoints = cast(Endpoints, written.only.to)
    elif written.only is not None and not is_entries(written.only.from_) and direction == "egress":
        endpoints = cast(Endpoints, written.only.from_)
    if endpoints is None:
        return "the source" if direction == "egress" else "the destination"
    names = [element.text.removeprefix('group "').removesuffix('"') for element in resolve(endpoints, loaded.groups)]
    return ", ".join(names)
