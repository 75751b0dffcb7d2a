"""The labels that something in the oracle's world may carry: each key absent, with every value that anything mentions,
and with three that nobody mentions.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from .labels import Selector

FRESH = 3


def domain(key: str, selectors: Iterable[Selector], carried: Iterable[Mapping[str, str]]) -> list[str | None]:
    """The values a key may have: absent (None), those mentioned or carried by something declared, and fresh ones."""
    mentioned = {value for s in selectors for r in s.requirements if r.key == key for value in r.values}
    mentioned |= {labels[key] for labels in carried if key in labels}
    fresh = [value for value in (f"fresh-{i}" for i in range(FRESH + len(mentioned))) if value not in mentioned]
    return [None, *sorted(mentioned), *fresh[:FRESH]]


def choices(domains: Mapping[str, Sequence[str | None]]) -> Iterator[dict[str, str]]:
    """Every way to choose a value, or absence, for each key."""
    for values in product(*domains.values()):
        yield {key: value for key, value in zip(domains, values, strict=True) if value is not None}


def told_apart(key: str, values: Sequence[str | None], selectors: Sequence[Selector]) -> list[str | None]:
    """The values of a pod's label without those that no requirement tells apart from another."""
    requirements = [r for s in selectors for r in s.requirements if r.key == key]
    found: dict[Hashable, str | None] = {}
    for value in values:
        labels = {} if value is None else {key: value}
        found.setdefault((value is None, *(r.holds(labels) for r in requirements)), value)
    return list(found.values())
