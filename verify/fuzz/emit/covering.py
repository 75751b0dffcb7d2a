"""Which flows to keep: as few as exercise all that any of them does."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Hashable, Sequence


def cover(
    offers: Sequence[Collection[Hashable]], covered: Collection[Hashable] = (), limit: int | None = None
) -> list[int]:
    """The positions of a few of the ``offers`` that have all items of all of them but those already ``covered``; the
    offer with most new items first, then the earliest; at most ``limit`` of them.

    Greedy, which is within the logarithm of the best (Chvátal 1979).
    """
    done = set(covered)
    waiting = [(-len(offer), position) for position, offer in enumerate(offers)]
    heapq.heapify(waiting)
    chosen: list[int] = []
    while waiting and (limit is None or len(chosen) < limit):
        claimed, position = heapq.heappop(waiting)
        new = len(set(offers[position]) - done)
        if new == -claimed and new > 0:
            chosen.append(position)
            done.update(offers[position])
        elif new > 0:  # fewer than when it was put there
            heapq.heappush(waiting, (-new, position))
    return chosen
