"""What stands in drawn objects for namespaces, and how they get their names in the end.

Where objects are and which namespaces selectors name is drawn before it is known which namespaces the cluster has: so
the strategies are the same for all clusters, and what is drawn shrinks alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from ..model import Raw
from ..walk import DEFAULT_NAMESPACE
from .odds import ABSENT
from .vocabulary import NAMESPACES, UNDECLARED

T = TypeVar("T")
HOMES = tuple(f"home {number}" for number in range(6))
"""Each stands for the namespace that an object is in."""
UNSAID = "home unsaid"
"""A namespace that is not written, where that is ``default``."""
NAMED = tuple(f"name {number}" for number in range(4))
"""Each stands for another namespace in selectors by name, the first ones for those that objects are in."""


def places(homes: Sequence[str]) -> dict[str, Any]:
    """What these stand for if objects are in ``homes``, of which those that are often there stand there often."""
    others = dict.fromkeys((*homes, *NAMESPACES, UNDECLARED))
    return {
        **{each: homes[number % len(homes)] for number, each in enumerate(HOMES)},
        UNSAID: ABSENT if DEFAULT_NAMESPACE in homes else homes[0],
        **dict(zip(NAMED, others, strict=False)),
    }


def settled(value: T, names: Mapping[str, Any]) -> T:
    """The same data with other keys and texts where ``names`` has them, or without, where that is ``ABSENT``.

    Nothing of it is shared: YAML would write what is shared as an anchor with aliases.
    """
    if isinstance(value, dict):
        mapping = ((key, settled(each, names)) for key, each in cast(Raw, value).items())
        return cast(T, {names.get(key, key): each for key, each in mapping if each is not ABSENT})
    if isinstance(value, list):
        return cast(T, [settled(each, names) for each in cast("list[Any]", value)])
    return cast(T, names.get(value, value)) if isinstance(value, str) else value
