"""Which rule of the semantics lies behind an answer that is wrong.

The specification is asked what it would say with a rule broken. A rule whose breaking gives the evaluator's answer may
be the cause. The likeliest is one whose own example the evaluator gets wrong, too, and with which the specification
says most of what the evaluator says elsewhere. Names divergences only: that there is one, the judge has said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from .illustrations import EXAMPLES, Example
from .model import Cluster, Flow
from .readings import OPEN, Reading, Readings
from .rules import READING_RULES, RULES, TIER_RULES
from .spec import Manifest, Spec

Said = tuple[Flow, bool]
Evidence = tuple[Cluster, Sequence[Said]]
"""A cluster, and what the evaluator says of flows over it."""
Ask = Callable[[Cluster, Sequence[Flow]], Sequence[Said]]
"""Puts flows to the evaluator, and gives those that it decides with its answers."""
_Said = tuple[Manifest, Sequence[Said]]
_MOST_EXAMINED = 16
"""So many rules are told apart by their examples, each of which is a question to the evaluator."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Rules that give the evaluator's answer if they are broken together. ``agreeing``: so many of ``answers`` that the
    evaluator gave elsewhere they give, too. ``confirmed``: whether it gets the rule's own example wrong; None if it was
    not asked, or does not decide it."""

    rules: tuple[str, ...]
    agreeing: int
    answers: int
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What may be the cause, the likeliest first; nothing if neither a rule nor a pair of rules explains the answer."""

    causes: tuple[Cause, ...] = ()

    @property
    def together(self) -> bool:
        """Whether it takes several rules."""
        return bool(self.causes) and len(self.causes[0].rules) > 1

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of the likeliest cause if it takes several; else those that explain it alone, likeliest first."""
        if self.together:
            return self.causes[0].rules
        return tuple(cause.rules[0] for cause in self.causes)

    @property
    def likeliest(self) -> tuple[str, ...]:
        """The rules of the likeliest cause, or of all that nothing tells apart from it."""
        if self.together:
            return self.rules
        alike = [(cause.confirmed, cause.agreeing) for cause in self.causes]
        return tuple(rule for rule, each in zip(self.rules, alike, strict=True) if each == alike[0])

    @property
    def name(self) -> str:
        """What the divergence is called."""
        return " + ".join(self.causes[0].rules) if self.causes else "unexplained"


def diagnose(
    cluster: Cluster,
    answers: Sequence[Said],
    flow: Flow,
    theirs: bool,
    *,
    readings: Readings = OPEN,
    elsewhere: Sequence[Evidence] = (),
    ask: Ask | None = None,
) -> Diagnosis:
    """What may be behind an evaluator's answer ``theirs`` to ``flow``, which no reading of the semantics gives.

    ``answers``: what else it said over this cluster; ``elsewhere``: over others. The more, the surer. With ``ask``,
    rules that explain it alike are told apart by their examples; what ``ask`` raises is raised.
    Raises KeyError for a flow from or to a pod that the cluster does not have.
    """
    asked = _Asked(cluster, flow, theirs, readings, [(cluster, answers), *elsewhere])
    breakable = _breakable(readings, tiers=asked.has_tiers)
    singles = asked.causes((rule,) for rule in breakable)
    if singles:
        return Diagnosis(singles if ask is None or len(singles) == 1 else _examined(singles, readings, ask))
    pairs, unbroken = asked.causes(combinations(breakable, 2)), asked.agreeing_unbroken()
    # Two wide rules give nearly any answer, so a pair must also fit what else was said.
    return Diagnosis(tuple(each for each in pairs if not each.answers or each.agreeing > unbroken))


def _examined(causes: Sequence[Cause], readings: Readings, ask: Ask) -> tuple[Cause, ...]:
    """The causes with those first whose examples the evaluator gets wrong, and those last whose examples it gets right.

    A wide rule's evaluator gets examples of narrower rules wrong, too: so all the examples count as answers.
    """
    examined, others = causes[:_MOST_EXAMINED], causes[_MOST_EXAMINED:]
    examples = [EXAMPLES[cause.rules[0]] for cause in examined]
    said = [(Manifest.of(each.cluster), _said_of(each, ask)) for each in examples]
    known = [
        replace(
            cause,
            confirmed=answers[0][1] is not example.allowed if answers else None,
            agreeing=cause.agreeing + _likeness(frozenset(cause.rules), readings.each()[0], said),
            answers=cause.answers + sum(len(each) for _, each in said),
        )
        for cause, example, (_, answers) in zip(examined, examples, said, strict=True)
    ]
    order = (True, None, False)
    return (*sorted(known, key=lambda cause: (order.index(cause.confirmed), -cause.agreeing)), *others)


def _said_of(example: Example, ask: Ask) -> tuple[Said, ...]:
    """What the evaluator says of an example; one of a reading is right or wrong only under its own."""
    return () if example.rule in READING_RULES else tuple(ask(example.cluster, [example.flow]))


def explains(
    rules: str | Collection[str],
    cluster: Cluster,
    flow: Flow,
    theirs: bool,
    *,
    readings: Readings = OPEN,
    answers: Sequence[Said] = (),
) -> bool:
    """Whether breaking these rules together gives the answer ``theirs``.

    With ``answers``, what else the evaluator said over this cluster, breaking them must also bring the specification
    nearer to these, so that a rule that would change nearly everything does not explain just anything.
    """
    broken = frozenset((rules,) if isinstance(rules, str) else rules)
    manifest = Manifest.of(cluster)
    for reading in _possible(readings, [manifest]):
        spec = Spec(manifest, broken, reading)
        if spec.allowed(flow) != theirs:
            continue
        if not answers or _agreeing(spec, answers) > _agreeing(Spec(manifest, reading=reading), answers):
            return True
    return False


def _possible(readings: Readings, manifests: Sequence[Manifest]) -> tuple[Reading, ...]:
    """The readings that may make a difference over these manifests."""
    return readings.each(
        on_host=any(each.any_on_host for each in manifests),
        baseline=any(each.any_baseline for each in manifests),
        tied=any(each.any_tie for each in manifests),
    )


def _breakable(readings: Readings, *, tiers: bool) -> list[str]:
    """The rules that can be broken; where a reading is open, neither way to read it is a mistake. Those of ``tiers``
    decide nothing where there are no cluster-wide policies."""
    fixed = {
        "reading-ip-block-matches-pods": readings.ip_block_matches_pods is not None,
        "reading-host-network-pods": readings.host_network_pods is not None,
    }
    return [rule for rule in RULES if (rule not in READING_RULES or fixed[rule]) and (tiers or rule not in TIER_RULES)]


class _Asked:
    """The answer to be explained, and the other answers."""

    def __init__(
        self, cluster: Cluster, flow: Flow, theirs: bool, readings: Readings, evidence: Sequence[Evidence]
    ) -> None:
        self._manifest, self._flow, self._theirs = Manifest.of(cluster), flow, theirs
        self._said = tuple((Manifest.of(each), tuple(answers)) for each, answers in evidence)
        self._readings = _possible(readings, [manifest for manifest, _ in self._said])
        self.has_tiers = bool(self._manifest.tiers)
        self._decisive: dict[tuple[tuple[str, ...], Reading], set[str]] = {}

    def causes(self, candidates: Iterable[tuple[str, ...]]) -> tuple[Cause, ...]:
        """The candidates that explain the answer, the likeliest first, in the catalogue's order where that is a tie."""
        total = sum(len(answers) for _, answers in self._said)
        found: list[Cause] = []
        for rules in candidates:
            fitting = [each for each in self._readings if self._gives_theirs(rules, each)]
            if fitting:
                agreeing = max(_likeness(frozenset(rules), reading, self._said) for reading in fitting)
                found.append(Cause(rules, agreeing, total))
        return tuple(sorted(found, key=lambda cause: -cause.agreeing))

    def agreeing_unbroken(self) -> int:
        """How many of the other answers the specification gives with every rule kept."""
        return max(_likeness(frozenset(), reading, self._said) for reading in self._readings)

    def _gives_theirs(self, rules: tuple[str, ...], reading: Reading) -> bool:
        if rules[-1] not in self._decisive_beside(rules[:-1], reading):
            return False  # breaking it changes nothing, and the others alone do not give it
        return Spec(self._manifest, frozenset(rules), reading).allowed(self._flow) == self._theirs

    def _decisive_beside(self, broken: tuple[str, ...], reading: Reading) -> set[str]:
        """The rules that decide anything of the flow where these are broken."""
        key = broken, reading
        if key not in self._decisive:
            self._decisive[key] = set()
            Spec(self._manifest, frozenset(broken), reading, self._decisive[key]).allowed(self._flow)
        return self._decisive[key]


def _likeness(broken: frozenset[str], reading: Reading, said: Sequence[_Said]) -> int:
    return sum(_agreeing(Spec(manifest, broken, reading), answers) for manifest, answers in said)


def _agreeing(spec: Spec, answers: Sequence[Said]) -> int:
    """How many of the answers the specification gives, too; a pod's traffic with itself has no right answer."""
    return sum(flow.source != flow.destination and spec.allowed(flow) == said for flow, said in answers)
