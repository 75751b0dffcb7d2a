"""One fresh value of a strategy from a seed, the same on every run.

Hypothesis itself makes most of its examples out of the one before; where every example is dear and what it reaches
counts, fresh ones are worth more. So each is drawn from random bytes of its own.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any, Generic, TypeVar, cast

from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
BYTES = 1 << 13
"""More than hypothesis lets a value take, and much more than a cluster takes."""
ATTEMPTS = 20


def draw_one(strategy: SearchStrategy[T], seed: str) -> T:
    """A value of the strategy that is a function of the seed. Raises ValueError if none is found.

    If the bytes give none, because a filter refuses it or it becomes too large, others are tried.
    """
    if strategy.is_empty:
        raise ValueError(f"nothing can be drawn from {strategy!r}")
    drawer = cast("_Drawer[T]", _drawer(strategy))
    for attempt in range(ATTEMPTS):
        if drawer.draw(bytes_of(seed, attempt)):
            return drawer.values.pop()
    raise ValueError(f"nothing could be drawn from {strategy!r} with the seed {seed!r}")


def bytes_of(seed: str, attempt: int = 0) -> bytes:
    """What a value is drawn from: with the first attempt every cluster and flow is."""
    return Random(f"{seed}/{attempt}").randbytes(BYTES)


class _Drawer(Generic[T]):
    """A strategy as a test that keeps what it is given."""

    def __init__(self, strategy: SearchStrategy[T]) -> None:
        self.values: list[T] = []

        @settings(deadline=None, database=None)
        @given(strategy)
        def keep(value: T) -> None:
            self.values.append(value)

        self._target: Any = cast(Any, keep).hypothesis.fuzz_one_input

    def draw(self, data: bytes) -> bool:
        """Whether the bytes gave a value, which is the last one of ``values``."""
        return self._target(data) is not None


@lru_cache(maxsize=64)
def _drawer(strategy: SearchStrategy[Any]) -> _Drawer[Any]:
    """Making a test of a strategy takes longer than a draw."""
    return _Drawer(strategy)
