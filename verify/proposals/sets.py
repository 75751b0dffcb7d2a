"""Sets of namespaces as one group: by their names, by a label, or by the few that are left out.

A group that is not a list of names also holds namespaces yet to be declared, which is why it asks for a world without
undeclared ones: there are no policies in those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ...encodings.cluster import NAME_LABEL
from ...properties.suite import Group, LabelSelector, SelectorRequirement
from .census import Census
from .claims import Width

SHORT = 12
"""Names that may stand in one group and still be read."""
_LEFT_OUT = 20


@dataclass(frozen=True)
class NamespaceSets:
    """Finds the shortest way to write a set of namespaces of a cluster."""

    census: Census

    def group(self, names: Sequence[str], width: Width) -> tuple[Group, Width]:
        """The namespaces ``names`` as a group, and the world in which it means what holds of each in ``width``."""
        chosen = sorted(names)
        if len(chosen) <= SHORT:
            return _named(chosen), width
        short = self._short(frozenset(chosen))
        return (_named(chosen), width) if short is None else (short, replace(width, namespaces="closed"))

    def sample(self, names: Sequence[str], width: Width) -> tuple[Group, Width, str]:
        """As ``group``, for a comment: a long list is cut, and what is returned last says so."""
        group, narrowed = self.group(names, width)
        if isinstance(group.namespace, list) and len(group.namespace) > SHORT:
            cut = group.namespace[:SHORT]
            return _named(cut), width, f"and {len(names) - len(cut)} more namespaces alike"
        return group, narrowed, ""

    def _short(self, chosen: frozenset[str]) -> Group | None:
        rest = [name for name in self.census.namespaces if name not in chosen]
        if not rest:
            return Group()
        label = self._labels.get(chosen)
        if label is not None:
            return Group(namespaces=label)
        if len(rest) <= _LEFT_OUT:
            others = SelectorRequirement(key=NAME_LABEL, operator="NotIn", values=rest)
            return Group(namespaces=LabelSelector(match_expressions=[others]))
        return None

    @cached_property
    def _labels(self) -> dict[frozenset[str], str]:
        """Sets of namespaces that one label makes up, with that label; none where labels of some are unknown."""
        found: dict[tuple[str, str], list[str]] = {}
        for name, labels in self.census.cluster.namespaces.items():
            if labels is None:
                return {}
            for key, value in labels.items():
                found.setdefault((key, value), []).append(name)
        by_set: dict[frozenset[str], str] = {}
        for (key, value), names in sorted(found.items()):
            if value:
                by_set.setdefault(frozenset(names), f"{key}={value}")
        return by_set


def _named(names: Sequence[str]) -> Group:
    return Group(namespace=names[0] if len(names) == 1 else list(names))
