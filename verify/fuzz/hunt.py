"""The hunt: cluster after cluster, flows that tell readings apart, and what is done with answers that are wrong.

Everything is a function of the seed and of the evaluator's answers. A disagreement that a rule already found explains
is not looked at again; any other is shrunk, diagnosed, and kept.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ...encodings.problems import InputErrors
from .compare import Case, Compared, Disagreement, compare
from .diagnosis import diagnose, explains
from .drawing.clusters import Profile, clusters
from .drawing.flows import flows
from .drawing.one import draw_one
from .evaluators import Stable
from .features import TIER_KINDS
from .findings import Finding
from .guided import Guided, guided
from .judge import Judge
from .known import Known
from .model import Cluster, Evaluator, Flow, Trouble
from .novelty import Novelty
from .readings import Readings
from .shrink import cut, fewest, for_flow, shrunk, trimmed, with_ends

Answers = tuple[tuple[Flow, bool], ...]
Progress = Callable[[int, int, str], None]
_AGAIN = 10
"""Every so manieth case, and one with something new, is asked twice, to see whether the answers stay."""
_FIRST = {"Pod": 0, "Namespace": 1}  # without pods some have nothing to do, and say so
_NOT_SHRUNK = ("hang", "unstable")
"""Each step would cost the limit, or prove nothing."""
_FLOWS = 20
"""Of the flows that the solver proposes for a cluster, so many are asked: those that try what is new."""
_BLIND_FLOWS = 20
"""Flows drawn for a cluster where no solver proposes any."""


@dataclass(frozen=True, slots=True)
class Options:
    """``examples``: clusters to draw. ``until``: the wall clock (``time.monotonic``) at which to stop, None: never.
    ``blind``: flows are drawn, not proposed by the solver. ``without``: features that nothing drawn may use.
    ``shrinking``: questions to the evaluator that one finding may cost. ``most``: findings after which to stop.
    ``profile``: what clusters are made of."""

    examples: int = 100
    seed: int = 0
    until: float | None = None
    blind: bool = False
    without: frozenset[str] = frozenset()
    ip_block_matches_pods: bool | None = None
    shrinking: int = 400
    most: int = 20
    profile: Profile = "np"


@dataclass(slots=True)
class Tally:
    """What a hunt has done: ``flows`` asked about in ``clusters``; ``known`` disagreements by rule or trouble."""

    clusters: int = 0
    flows: int = 0
    compared: int = 0
    undetermined: int = 0
    calls: int = 0
    unsupported: Counter[str] = field(default_factory=Counter[str])
    known: Counter[str] = field(default_factory=Counter[str])
    findings: list[Finding] = field(default_factory=list[Finding])
    out_of_time: bool = False


class Hunt:
    """One hunt for an evaluator's mistakes."""

    def __init__(self, evaluator: Evaluator, options: Options, known: Known) -> None:
        self.evaluator = Stable(evaluator)
        self.options = options
        self.known = known
        self.tally = Tally()
        self.readings = Readings(options.ip_block_matches_pods)
        self._budget = 0
        self._refused = False
        self._novelty = Novelty(_FLOWS)
        self._certain: set[tuple[str, ...]] = set()  # causes
        self.avoided = frozenset(options.without | evaluator.unsupported)

    def run(self, progress: Progress | None = None) -> Tally:
        """Hunt until the examples, the time or the number of findings are reached."""
        for number in range(self.options.examples):
            if self._out_of_time() or self._new() >= self.options.most or self._nothing_left():
                break
            if progress is not None:
                progress(number, self.options.examples, f"{self._new()} found")
            self._example(number)
            self.tally.clusters += 1
        self.tally.out_of_time = self._out_of_time()
        return self.tally

    def replay(self, case: Case) -> Tally:
        """Ask one case again."""
        self.tally.clusters = 1
        compared = self._asked(case, 0)
        if compared is not None:
            for disagreement in compared.disagreements:
                self._keep(disagreement, Case(case.cluster, (disagreement.flow,)), 0)
        return self.tally

    # One example

    def _example(self, number: int) -> None:
        strategy = clusters(without=self.avoided, profile=self.options.profile)
        self._drawn_without = self.avoided  # which an answer may widen, while shrinking draws from the same
        seed = f"{self.options.seed}/{number}"
        cluster = draw_one(strategy, seed)
        case = self._case(cluster, seed)
        compared = self._asked(case, number)
        if compared is None and self._refused:
            case = self._case(self._accepted(cluster), seed)  # what it refuses must not hide what it says of the rest
            compared = self._asked(case, number)
        if compared is None:
            return
        repeats = self._repeats(case, number) if number % _AGAIN == 0 else None
        for disagreement in compared.disagreements:
            rule = self._declared(compared, disagreement)
            if rule is not None:
                self.tally.known[rule] += 1
            elif self._new() < self.options.most and not self._found(compared, disagreement):
                repeats = self._repeats(case, number) if repeats is None else repeats
                if repeats:  # what changes from one time to the next has no rule behind it
                    self._settle(disagreement, case, seed, number)

    def _accepted(self, cluster: Cluster) -> Cluster:
        """The cluster without the objects that the evaluator refuses, tried one by one, policies last."""
        kept: list[int] = []
        positions = range(len(cluster.objects))
        for at in sorted(positions, key=lambda at: _FIRST.get(cluster.objects[at]["kind"], len(_FIRST))):
            self.tally.calls += 1
            try:
                self.evaluator.answers(cut(cluster, sorted([*kept, at])), ())
            except Trouble:
                continue
            kept.append(at)
        return cut(cluster, sorted(kept))

    def _case(self, cluster: Cluster, seed: str) -> Case:
        """What is asked about a cluster."""
        if not self.options.blind:
            found = self._guided(cluster)
            return Case(found.cluster, self._novelty.chosen(found))
        strategy = flows(cluster, without=self.avoided)
        drawn = (draw_one(strategy, f"{seed}/flow {number}") for number in range(_BLIND_FLOWS))
        return Case(cluster, tuple(dict.fromkeys(drawn)))

    def _guided(self, cluster: Cluster) -> Guided:
        return guided(cluster, without=self.avoided, ip_block_matches_pods=self.options.ip_block_matches_pods)

    def _asked(self, case: Case, number: int) -> Compared | None:
        """What the evaluator says, counted; None where it fails, which is kept as a finding."""
        try:
            compared = self._compare(case)
        except Trouble as trouble:
            self._refused = trouble.kind == "refused"
            self._trouble(trouble, case, number)
            return None
        self.tally.flows += len(case.flows)
        self.tally.compared += len(compared.answers) - compared.undetermined
        self.tally.undetermined += compared.undetermined
        self.tally.unsupported.update(compared.unsupported)
        self.avoided |= compared.features
        return compared

    def _compare(self, case: Case) -> Compared:
        self.tally.calls += 1
        return compare(self.evaluator, case, self._judge(case.cluster))

    def _judge(self, cluster: Cluster) -> Judge:
        return Judge(cluster, ip_block_matches_pods=self.options.ip_block_matches_pods)

    def _repeats(self, case: Case, number: int) -> bool:
        """Whether the evaluator says the same again: else it is not to be trusted the first time either."""
        self.tally.calls += 1
        try:
            self.evaluator.again(case.cluster, case.flows)
        except Trouble as trouble:
            self._trouble(trouble, case, number)
            return False
        return True

    # Disagreements

    def _declared(self, compared: Compared, disagreement: Disagreement) -> str | None:
        """The rule that the evaluator is known to break, and that explains it."""
        for rule in self.known.rules(disagreement.theirs):
            if self._explained((rule,), compared.case.cluster, disagreement, ()):
                return rule
        return None

    def _found(self, compared: Compared, disagreement: Disagreement) -> bool:
        """Does a finding explain it, so that it is nothing new?

        One that is certain explains whatever follows from its rule. Any other must have the same answer, and fit what
        else the evaluator says of the cluster.
        """
        cluster = compared.case.cluster
        if any(self._explained(rules, cluster, disagreement, ()) for rules in self._certain):
            return True
        return any(
            each.cause
            and each.theirs == disagreement.theirs
            and self._explained(each.cause, cluster, disagreement, compared.answers)
            for each in self.tally.findings
        )

    def _explained(
        self, rules: tuple[str, ...], cluster: Cluster, disagreement: Disagreement, answers: Answers
    ) -> bool:
        flow, theirs = disagreement.flow, disagreement.theirs
        return explains(rules, cluster, flow, theirs, readings=self.readings, answers=answers)

    def _news(self, case: Case, theirs: bool) -> Iterator[tuple[Case, Disagreement]]:
        """Disagreements of a case that nothing known or found explains, with the evaluator saying ``theirs``."""
        if self.tally.calls >= self._budget or self._out_of_time():
            return
        try:
            compared = self._compare(case)
        except (Trouble, InputErrors):
            return
        for each in compared.disagreements:
            if each.theirs == theirs and not self._declared(compared, each) and not self._found(compared, each):
                yield case, each

    def _settle(self, disagreement: Disagreement, case: Case, seed: str, number: int) -> None:
        """Shrink a disagreement, find the rule behind it, and keep it."""
        theirs = disagreement.theirs
        self._budget = self.tally.calls + self.options.shrinking

        def still(smaller: Case) -> bool:
            return any(True for _ in self._news(smaller, theirs))

        alone = for_flow(case, disagreement.flow)
        drawn = clusters(without=self._drawn_without, profile=self.options.profile)
        least = shrunk(drawn, seed, lambda cluster: still(with_ends(cluster, alone)))
        self._budget = self.tally.calls + self.options.shrinking
        case = trimmed(alone if least is None else with_ends(least, alone), still)
        self._keep(disagreement, case, number)

    def _keep(self, disagreement: Disagreement, case: Case, number: int) -> None:
        flow, theirs = disagreement.flow, disagreement.theirs
        around = self._around(case.cluster)
        elsewhere = [(around.cluster, self._decided(around.cluster, around.flows))]
        found = diagnose(case.cluster, (), flow, theirs, readings=self.readings, elsewhere=elsewhere, ask=self._decided)
        finding = Finding(
            "disagreement",
            case,
            number,
            rules=found.likeliest,
            together=found.together,
            ours=disagreement.ours,
            theirs=theirs,
            explanation=self._judge(case.cluster).explanation(flow),
            known=bool(set(found.likeliest[:1]) & set(self.known.rules(theirs))),
        )
        repeated = any(each.cause == finding.cause for each in self.tally.findings)
        if finding.cause and (repeated or found.causes[0].confirmed):
            # Its own example says so, or one finding after another: what it explains is not looked at again.
            self._certain.add(finding.cause)
        if not finding.cause or not repeated:
            self.tally.findings.append(finding)

    def _around(self, cluster: Cluster) -> Case:
        """What else is asked about a cluster, to know more of the evaluator."""
        found = self._guided(cluster)
        return Case(found.cluster, tuple(each.flow for each in found.flows))

    def _decided(self, cluster: Cluster, flows: Sequence[Flow]) -> Answers:
        """The flows that the evaluator decides, and how."""
        try:
            return self._compare(Case(cluster, tuple(flows))).answers
        except (Trouble, InputErrors):
            return ()

    # Trouble

    def _trouble(self, trouble: Trouble, case: Case, number: int) -> None:
        """Keep a failure once: the least case that fails in the same way."""
        if self.known.covers_trouble(trouble.kind, trouble.detail):
            self.tally.known[trouble.kind] += 1
            return
        if any(each.kind == trouble.kind and _alike(each.detail, trouble.detail) for each in self.tally.findings):
            return
        self._budget = self.tally.calls + self.options.shrinking

        def still(smaller: Case) -> bool:
            if self.tally.calls >= self._budget or self._out_of_time():
                return False
            try:
                self._compare(smaller)
            except Trouble as again:
                return again.kind == trouble.kind and _alike(again.detail, trouble.detail)
            except InputErrors:
                return False
            return False

        if trouble.kind not in _NOT_SHRUNK:
            kept = fewest(case.flows, lambda few: still(Case(case.cluster, tuple(few))))
            case = trimmed(Case(case.cluster, tuple(kept)), still)
        self.tally.findings.append(Finding(trouble.kind, case, number, detail=trouble.detail))

    # Limits

    def _nothing_left(self) -> bool:
        """Whether the evaluator says that it knows nothing of what the profile is about."""
        return self.options.profile == "admin" and self.avoided.issuperset(TIER_KINDS.values())

    def _new(self) -> int:
        return sum(not finding.known for finding in self.tally.findings)

    def _out_of_time(self) -> bool:
        return self.options.until is not None and time.monotonic() >= self.options.until


def _alike(one: str, other: str) -> bool:
    """The same failure: the last lines are equal but for numbers, addresses and names of what was drawn."""
    return _pattern(one) == _pattern(other)


def _pattern(detail: str) -> str:
    last = detail.strip().splitlines()[-1:] or [""]
    return re.sub(r"'[^']*'|\"[^\"]*\"|/[^ ]+|[0-9a-f]*[0-9][0-9a-f.:/]*", "*", last[0])
