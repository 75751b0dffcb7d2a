"""Which rule comes nearest to allowing a connection that is blocked, and by what it misses.

What is claimed is asked: where a miss says that a rule would match if labels or the port were otherwise, the evaluator
has said so of the connection with exactly these changes. Trusts the walk for requirements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .changes import Change, applied, label_changes, peer_changes, port_changes
from .evaluator import Cluster
from .evidence import Decision, Direction
from .networkpolicy import NetworkPolicy, Rule
from .reading import Readings
from .requirements import OTHERS, SUBJECTS, Requirement
from .trace import DirectionWalk, PolicyWalk, RuleWalk
from .traffic import Traffic


@dataclass(frozen=True, slots=True)
class Miss:
    """A rule that does not allow the connection, and what separates it from allowing it.

    ``selects``: whether its policy selects the end that it would govern (None: unknown). ``peer`` and ``port`` are the
    items that come nearest (None: the rule asks for none). ``failed`` and ``unknown`` are the requirements in between;
    ``changes`` would meet the failed ones (None: nothing can, they exclude each other); ``certain``: then the rule
    surely matches.
    """

    direction: Direction
    policy: str
    rule: int
    file: str
    line: int
    selects: bool | None
    peer: int | None
    port: int | None
    failed: tuple[Requirement, ...]
    unknown: tuple[Requirement, ...]
    changes: tuple[Change, ...] | None
    certain: bool

    @property
    def distance(self) -> tuple[bool, int, float, bool]:
        """What misses are ordered by: fewest changes, then nearest labels, then policies that select the end."""
        part = _Part(None, (*self.failed, *self.unknown), self.changes)
        return (*part.distance, self.selects is False)


def distance(requirements: Iterable[Requirement]) -> tuple[int, float]:
    """How far requirements are from being met: how many are not, and (negative) how near those are."""
    unmet = [each for each in requirements if each.truth.value is not True]
    return sum(each.weight for each in unmet), -round(sum(each.near for each in unmet), 6)


def nearest_misses(cluster: Cluster, walk: DirectionWalk, cases: Sequence[Traffic], asked: str) -> tuple[Miss, ...]:
    """Every rule of a NetworkPolicy that does not surely match, nearest first; none unless the direction is surely
    blocked, and by NetworkPolicies: what a cluster-wide rule denies, theirs need not allow."""
    if walk.side.allowed is not False or any(reason.effect == "denies" for reason in walk.side.because):
        return ()
    policies = cluster.policies.get(walk.namespace or "", ())
    found = [
        _miss(walk.direction, (policy, seen), (rule, met), cases, asked)
        for policy, seen in zip(policies, walk.policies, strict=True)
        for rule, met in zip(policy.rules.get(walk.direction, ()), seen.rules, strict=True)
    ]
    return tuple(sorted(found, key=lambda miss: miss.distance))


@dataclass(frozen=True, slots=True)
class _Part:
    """A policy's subject, or one of a rule's peers or ports: what it requires, and what would meet that."""

    index: int | None
    requirements: tuple[Requirement, ...]
    changes: tuple[Change, ...] | None

    @property
    def distance(self) -> tuple[bool, int, float]:
        unmet = [each for each in self.requirements if each.truth.value is not True]
        unknown = sum(each.truth.value is None for each in unmet)
        near = round(sum(each.near for each in unmet), 6)
        return self.changes is None, unknown + sum(change.weight for change in self.changes or ()), -near


def _nearest(parts: Iterable[_Part]) -> _Part:
    """The part that comes nearest; a rule without peers or ports requires nothing."""
    return min(parts, key=lambda part: part.distance, default=_Part(None, (), ()))


def _miss(
    direction: Direction,
    policy: tuple[NetworkPolicy, PolicyWalk],
    rule: tuple[Rule, RuleWalk],
    cases: Sequence[Traffic],
    asked: str,
) -> Miss:
    (policy_read, policy_seen), (rule_read, rule_seen) = policy, rule
    subject, other = cases[0].subject(direction), cases[0].other(direction)
    selected = label_changes(
        policy_read.subject, subject.pod_labels(), SUBJECTS[direction], f"the {SUBJECTS[direction]}"
    )
    peer = _nearest(
        _Part(walk.index, walk.requirements, peer_changes(read, cases, other, OTHERS[direction]))
        for read, walk in zip(rule_read.peers, rule_seen.peers, strict=True)
    )
    port = _nearest(
        _Part(walk.index, (walk.requirement,), port_changes(read, cases[0], asked))
        for read, walk in zip(rule_read.ports, rule_seen.ports, strict=True)
    )
    requirements = (*policy_seen.subject, *peer.requirements, *port.requirements)
    unknown = tuple(each for each in requirements if each.truth.value is None)
    changes: tuple[Change, ...] | None = None
    if selected is not None and peer.changes is not None:
        changes = (*selected, *peer.changes, *(port.changes or ()))
    certain = changes is not None and not unknown
    return Miss(
        direction,
        policy_seen.name,
        rule_seen.index,
        policy_seen.file,
        rule_seen.line,
        policy_seen.selects.value,
        peer.index,
        port.index,
        tuple(each for each in requirements if each.truth.value is False),
        unknown,
        changes,
        certain and _matches(policy_read, rule_read, direction, changes or (), cases) is not False,
    )


def _matches(
    policy: NetworkPolicy, rule: Rule, direction: Direction, changes: Sequence[Change], cases: Sequence[Traffic]
) -> bool | None:
    """Whether the policy selects and its rule matches the changed connection; None if that cannot be asked."""
    changed = [applied(changes, case) for case in cases]
    asked = [case for case in changed if case is not None]
    if len(asked) < len(changed):
        return None
    return all(
        policy.selects(case.subject(direction), direction, case.reading).value is True
        and rule.matches(case, direction).value is True
        for case in asked
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the whole connection would be with the nearest misses mended.

    ``allowed`` None: unknown. ``blocked`` are the directions that would still refuse it. ``asked`` false: that cannot
    be asked, since a change is not one of labels or ports.
    """

    asked: bool
    allowed: bool | None = None
    blocked: tuple[Direction, ...] = ()


def outcome(cluster: Cluster, misses: Sequence[Miss], cases: Sequence[Traffic], readings: Readings) -> Outcome:
    """What the evaluator says of the connection with all these changes, under any of the readings; the misses are one a
    blocked direction."""
    changes = [change for miss in misses for change in miss.changes or ()]
    changed = {each.family: case for each in cases if (case := applied(changes, each)) is not None}
    families = {each.family for each in cases}
    if not misses or changed.keys() != families or any(miss.changes is None for miss in misses):
        return Outcome(False)
    verdicts = {_decide(cluster, case, readings).allowed for case in changed.values()}
    asked = [each for case in changed.values() for each in cluster.cases(case, readings).traffic]
    directions: tuple[Direction, ...] = ("egress", "ingress")
    blocked: list[Direction] = []
    for direction in directions:
        if any(cluster.decide_side(direction, case).allowed is False for case in asked):
            blocked.append(direction)
    return Outcome(True, verdicts.pop() if len(verdicts) == 1 else None, tuple(blocked))


def _decide(cluster: Cluster, case: Traffic, readings: Readings) -> Decision:
    return cluster.decide(case.source, case.destination, case.protocol, case.port, case.family, reading=readings)
