"""Choices with odds, some of them left out: what all strategies of this folder are made of.

The first value of a choice is the simplest, since hypothesis shrinks towards it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeAlias, TypeVar

from hypothesis import strategies as st

from ....encodings.problems import did_you_mean
from ..features import FEATURES
from ..model import Raw

T = TypeVar("T")
Without: TypeAlias = frozenset[str]
"""Names of features that are not drawn."""
Odds: TypeAlias = tuple[int, T] | tuple[int, T, str]
"""A weight, a value, and the features (parted by blanks) that it uses."""

ABSENT: Final[Any] = object()
"""Drawn for a field that is not written at all."""


def left_out(without: Collection[str]) -> Without:
    """The features to leave out. Raises ValueError for a name that is none."""
    names = (without,) if isinstance(without, str) else without
    for name in names:
        if name not in FEATURES:
            raise ValueError(f"{name!r} is not a feature: {did_you_mean(name, list(FEATURES)) or ', '.join(FEATURES)}")
    return frozenset(names)


def pick(without: Without, *odds: Odds[T]) -> st.SearchStrategy[T]:
    """One of the values with the odds given, none that uses a feature to be left out. One must be left."""
    values: list[T] = []
    for each in odds:
        features = each[2].split() if len(each) == 3 else ()
        if without.isdisjoint(features):
            values += [each[1]] * each[0]
    return st.sampled_from(values)


def fields(**given: Any) -> Raw:
    """The fields that are written."""
    return {key: value for key, value in given.items() if value is not ABSENT}
