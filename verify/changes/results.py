"""What ``diff`` found, as frozen data; field names are the report's keys in snake case."""

from __future__ import annotations

from dataclasses import dataclass

from ...encodings.problems import Notice
from ..results import Because, Cause, Counterexample, CounterexampleClass, InputSummary


@dataclass(frozen=True, slots=True)
class ChangedClass:
    """A class of connections that all changed, its least ``witness``, what each side says of that, and the lines that
    made the difference.

    ``pairs``, among declared pods: who is concerned, as (source, destination), each a workload, "outside addresses" or
    "nodes"; all of them if ``pairs_complete``.
    """

    condition: CounterexampleClass
    witness: Counterexample
    because: tuple[Because, ...]
    causes: tuple[Cause, ...]
    pairs: tuple[tuple[str, str], ...] | None = None
    pairs_complete: bool | None = None


@dataclass(frozen=True, slots=True)
class ChangeList:
    """``complete``: nothing changed outside ``classes``. ``limited``: the solver's limits were reached.

    ``depends_on``: unmodelled policies, and domain names, by which further connections may change.
    """

    classes: tuple[ChangedClass, ...]
    complete: bool
    limited: bool
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Gained and lost, over one set of pods."""

    gained: ChangeList
    lost: ChangeList


@dataclass(frozen=True, slots=True)
class DiffReport:
    """A whole run of ``diff``. ``changes``: over every pod that the world may hold; ``declared``: over declared pods
    alone."""

    version: str
    z3: str
    base: InputSummary
    head: InputSummary
    world: dict[str, str]
    semantics: dict[str, object]
    assumptions: tuple[str, ...]
    notices: tuple[Notice, ...]
    changes: Changes
    declared: Changes
