"""Where two versions of an object differ, field by field: additions and changes in the new one, removals in the old."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ...encodings.written import Map, Path, Seq


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference: ``path`` is the field's in the old version if it was removed, else in the new one."""

    change: Literal["added", "removed", "changed"]
    path: Path


def edits(old: Any, new: Any, path: Path = ()) -> Iterator[Edit]:
    """The differences between two values at ``path``, the smallest parts that tell them apart."""
    if isinstance(old, Map) and isinstance(new, Map):
        for key, value in new.items():
            if key not in old:
                yield Edit("added", (*path, key))
            elif old[key] != value:
                yield from edits(old[key], value, (*path, key))
        yield from (Edit("removed", (*path, key)) for key in old if key not in new)
    elif isinstance(old, Seq) and isinstance(new, Seq):
        yield from _of_lists(old, new, path)
    elif old != new:
        yield Edit("changed", path)


def _of_lists(old: Seq, new: Seq, path: Path) -> Iterator[Edit]:
    """Items that stand in both are left aside; of the rest, those at one place are versions of each other."""
    added = [index for index, item in enumerate(new) if item not in old]
    removed = [index for index, item in enumerate(old) if item not in new]
    for index in added:
        if index in removed and isinstance(new[index], Map | Seq) and type(new[index]) is type(old[index]):
            yield from edits(old[index], new[index], (*path, index))
        elif index in removed:
            yield Edit("changed", (*path, index))
        else:
            yield Edit("added", (*path, index))
    yield from (Edit("removed", (*path, index)) for index in removed if index not in added)
    if not added and not removed and old != new:
        yield Edit("changed", path)
