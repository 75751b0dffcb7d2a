"""A seeded fault: a part of the concrete evaluator replaced by a wrong one, for as long as it is planted.

The faults are written from the semantics of NetworkPolicy and from what plugins and tools have got wrong (``seen``),
without a look at what the hunt for faults tries. Trusts the concrete evaluator to be right where no fault is planted.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TypeVar

from netpol_verify.verify.fuzz.model import Cluster

Replacement = TypeVar("Replacement", bound=Callable[..., object])


def _nothing_rewritten(cluster: Cluster) -> Cluster:
    return cluster


@dataclass(frozen=True)
class Fault:
    """``what`` the evaluator does wrong. ``owner.name`` is what ``faulty`` replaces; what is read is ``rewritten``
    before, for faults of reading. ``seen``: where such a fault was reported, if it was."""

    id: str
    area: str
    what: str
    seen: str
    owner: object = None
    name: str = ""
    faulty: object = None
    rewritten: Callable[[Cluster], Cluster] = _nothing_rewritten

    @property
    def is_of_reading(self) -> bool:
        """What is wrong is how objects are read, not how connections are decided."""
        return isinstance(self.owner, ModuleType) or self.owner is None

    @contextmanager
    def planted(self) -> Generator[None]:
        """The evaluator has the fault until this ends."""
        if self.owner is None:
            yield
            return
        right = vars(self.owner)[self.name]
        setattr(self.owner, self.name, self.faulty)
        try:
            yield
        finally:
            setattr(self.owner, self.name, right)


@dataclass
class Area:
    """Faults of one part of the semantics, each named after its function."""

    name: str
    faults: list[Fault] = field(default_factory=list[Fault])

    def seeded(self, owner: object, name: str, what: str, seen: str = "") -> Callable[[Replacement], Replacement]:
        """The function below replaces ``owner.name``."""

        def note(faulty: Replacement) -> Replacement:
            self.faults.append(Fault(_id(faulty), self.name, what, seen, owner, name, faulty))
            return faulty

        return note

    def misread(
        self, what: str, seen: str = ""
    ) -> Callable[[Callable[[Cluster], Cluster]], Callable[[Cluster], Cluster]]:
        """The function below rewrites what is read."""

        def note(rewritten: Callable[[Cluster], Cluster]) -> Callable[[Cluster], Cluster]:
            self.faults.append(Fault(_id(rewritten), self.name, what, seen, rewritten=rewritten))
            return rewritten

        return note


def _id(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", "-")
