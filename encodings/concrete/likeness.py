"""How alike two words are: the measure by which a slip of a label is told from another label.

The cutoff is that of "did you mean" (``problems.did_you_mean``). Trusts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from .selectors import Labels

CLOSE = 0.6
"""How alike two words must be to count as nearly the same."""
_TELL_NOTHING = frozenset({"true", "false", "yes", "no", "enabled", "disabled"})
"""Values that many labels have: one of them under another key is no sign of a slip."""


@lru_cache(maxsize=65536)
def likeness(one: str, other: str) -> float:
    """How alike two words are, from 0 (not to be mistaken for one another) to 1; letters' case does not matter."""
    one, other = one.lower(), other.lower()
    if min(len(one), len(other)) < 2:
        return 0.0
    ratio = SequenceMatcher(None, one, other).ratio()
    if ratio < CLOSE and (one.startswith(other) or other.startswith(one)):
        return CLOSE
    return ratio if ratio >= CLOSE else 0.0


def shown_label(key: str, value: str) -> str:
    """``app=web``; an empty value as ``app=""``."""
    return f"{key}={value}" if value else f'{key}=""'


def similar_label(key: str, values: Iterable[str], labels: Labels) -> tuple[float, str]:
    """Of a bearer without a label ``key``: the label that was perhaps meant (as ``key=value``), and how near it is.

    That is a wanted value under another key, or nearly the same key with nearly a wanted value (with any value, if none
    is wanted).
    """
    wanted = sorted(values)
    found = [(0.0, "")]
    for other, value in sorted(labels.known.items()):
        if value in wanted and len(value) > 1 and value not in _TELL_NOTHING:
            near = 1.0
        else:
            near = likeness(key, other) * max(
                (likeness(value, each) for each in wanted), default=0.0 if wanted else 1.0
            )
        if near > 0:
            found.append((near * 0.9, shown_label(other, value)))
    return max(found, key=lambda each: each[0])
