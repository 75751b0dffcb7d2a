"""Raw fields of a manifest, typed: a field that is missing or null reads as empty."""

from __future__ import annotations

from typing import Any, cast

Raw = dict[str, Any]


def mapping(fields: Raw, *path: str) -> Raw:
    """The mapping at a path; empty if a step of it is missing or null."""
    for step in path:
        fields = cast(Raw, fields.get(step) or {})
    return fields


def sequence(fields: Raw, name: str) -> list[Any]:
    """The list in a field; empty if it is missing or null."""
    return cast(list[Any], fields.get(name) or [])
