"""Sets of numbers as intervals: sorted, disjoint, with gaps between them. Addresses and ports are such numbers."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]
"""The numbers from the first to the last, both included."""
Intervals = tuple[Interval, ...]


def normal(intervals: Iterable[Interval]) -> Intervals:
    """The numbers in any of the intervals, which may overlap and come in any order."""
    merged: list[Interval] = []
    for first, last in sorted(intervals):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def intersect(left: Intervals, right: Intervals) -> Intervals:
    """The numbers in both sets."""
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            found.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(left: Intervals, right: Intervals) -> Intervals:
    """The numbers in the left set and not in the right one."""
    found: list[Interval] = []
    j = 0
    for start, last in left:
        first = start
        while j < len(right) and right[j][1] < first:
            j += 1
        k = j
        while k < len(right) and right[k][0] <= last:
            if first < right[k][0]:
                found.append((first, right[k][0] - 1))
            first = right[k][1] + 1
            k += 1
        if first <= last:
            found.append((first, last))
    return tuple(found)
