"""What the concrete evaluator says about a connection: a verdict, the evidence for it, and what it depends
on.

Knowledge may lack (an address, a label's value, an object this tool does not model), so truth has three
values, combined as Kleene's strong logic does. Trusts nothing; imports nothing of the project.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Direction = Literal["ingress", "egress"]
Effect = Literal["allows", "denies", "passes", "isolates", "not-isolated", "read"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of evidence: what a policy's rule did in one direction (``policy`` None: nothing isolates the
    pod).

    ``policy`` is ``namespace/name``, of a cluster-wide policy ``Kind/name``; ``rule`` counts from 0; ``file`` and
    ``line`` say where it is written.
    """

    direction: Direction
    policy: str | None
    rule: int | None
    effect: Effect
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false, or (``value`` None) unknown, with what the answer depends on."""

    value: bool | None
    depends_on: tuple[str, ...] = ()


TRUE = Truth(True)
FALSE = Truth(False)


def known(value: bool) -> Truth:
    """A truth that depends on nothing."""
    return TRUE if value else FALSE


def unknown(dependency: str) -> Truth:
    """An unknown truth that would be known if ``dependency`` were."""
    return Truth(None, (dependency,))


def ordered(dependencies: Iterable[str]) -> tuple[str, ...]:
    """Dependencies without repetition, ascending."""
    return tuple(sorted(set(dependencies)))


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if one is true, false if all are false, else unknown."""
    open_questions: list[str] = []
    for truth in truths:
        if truth.value is True:
            return TRUE
        open_questions.extend(truth.depends_on)
    return Truth(None, ordered(open_questions)) if open_questions else FALSE


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if one is false, true if all are true, else unknown."""
    open_questions: list[str] = []
    for truth in truths:
        if truth.value is False:
            return FALSE
        open_questions.extend(truth.depends_on)
    return Truth(None, ordered(open_questions)) if open_questions else TRUE


def negation(truth: Truth) -> Truth:
    """True for false, false for true, unknown for unknown."""
    return truth if truth.value is None else known(not truth.value)


@dataclass(frozen=True, slots=True)
class Side:
    """What one end's policies say in one direction.

    ``allowed`` None: it depends on ``depends_on``. ``isolated``: whether any NetworkPolicy governs this end in this
    direction (false for an end that none can govern: an address, a node). ``admitted``, where it is allowed: whether a
    rule allows it, of whatever tier; false if it is allowed because nothing forbids it. None: unknown.
    """

    direction: Direction
    allowed: bool | None
    isolated: bool | None
    because: tuple[Reason, ...] = ()
    depends_on: tuple[str, ...] = ()
    admitted: bool | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a connection is allowed (None: it depends on ``depends_on``), and why, egress before
    ingress."""

    allowed: bool | None
    because: tuple[Reason, ...] = ()
    depends_on: tuple[str, ...] = ()
