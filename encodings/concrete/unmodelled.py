"""Policies that nobody models here: within their scope they decide freely, so the evaluator cannot."""

from __future__ import annotations

from dataclasses import dataclass

from ..reading.scopes import scope_of
from ..written import WrittenObject
from .evidence import Direction


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """An unmodelled policy: ``title`` for messages, its scope (``namespace`` None: the cluster) and
    directions."""

    title: str
    namespace: str | None
    directions: frozenset[Direction]

    def governs(self, namespace: str | None, direction: Direction) -> bool:
        """Whether a pod of ``namespace`` is in its scope in that direction."""
        return direction in self.directions and self.namespace in (None, namespace)


def read_unmodelled(item: WrittenObject) -> Unmodelled:
    """The scope of an unmodelled policy, as its reader found it."""
    place = f"{item.namespace}/" if item.namespace is not None else ""
    scope = scope_of(item)
    title = f"unmodelled {place}{item.kind}/{item.name} ({item.group})"
    return Unmodelled(title, scope.namespace, frozenset(scope.directions))
