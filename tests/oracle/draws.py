"""Random cases one by one, none made from another: what a test reaches grows with every case.

Hypothesis makes five cases out of six by repeating a part of the case before, which finds bugs in parsers; where a case
is dear and what it reaches is counted, fresh ones are worth more. So each case is drawn from random bytes of its own,
the same on every run.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

BYTES = 1 << 14
"""More than any case takes."""


def each_drawn(check: Callable[[st.DataObject], None], cases: int, seed: int) -> None:
    """Call ``check`` for that many cases; the exception of one that fails says which it was."""

    @settings(deadline=None, database=None)
    @given(st.data())
    def one(data: st.DataObject) -> None:
        check(data)

    for number in range(cases):
        try:
            drawn = cast(Any, one).hypothesis.fuzz_one_input(Random(f"{seed}/{number}").randbytes(BYTES))
        except Exception as error:
            error.add_note(f"case {number} of seed {seed}")
            raise
        if drawn is None:
            raise ValueError(f"case {number} of seed {seed} takes more than {BYTES} bytes")
