"""Which rules of the semantics an evaluation keeps, and how raw fields are read."""

from __future__ import annotations

from typing import Any, cast

from ..model import Raw


class Kept:
    """Says of a rule, by its id in the catalogue, whether the evaluation keeps it or is to break it.

    ``asked`` gathers the rules that were asked about, if it is there: breaking any other one changes nothing.
    """

    __slots__ = ("asked", "broken")

    def __init__(self, broken: frozenset[str] = frozenset(), asked: set[str] | None = None) -> None:
        self.broken = broken
        self.asked = asked

    def __call__(self, rule: str) -> bool:
        """Whether the rule is kept."""
        if self.asked is not None:
            self.asked.add(rule)
        return rule not in self.broken


EVERY_RULE = Kept()


def mapping(value: object) -> Raw:
    """A mapping of a manifest; missing and null are empty. TypeError for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no mapping")
    return cast("Raw", value)


def items(value: object) -> list[Any]:
    """A list of a manifest; missing and null are empty. TypeError for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return cast("list[Any]", value)


def is_null_list(owner: Raw, key: str) -> bool:
    """Whether an optional list is written, but as null."""
    return key in owner and owner[key] is None
