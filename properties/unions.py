"""Unions of the suite's models, told apart by the shape of what is written.

pydantic would otherwise try every member and report the mistakes of all of them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Discriminator, Tag

Text = Annotated[str, Tag("<text>")]


def shapes(expected: str) -> Discriminator:
    """Tells the members of a union apart by shape; another shape is refused with ``expected``."""
    return Discriminator(_shape, custom_error_type="shape", custom_error_message=expected)


def _shape(value: object) -> str | None:
    """The tag of a value's shape."""
    match value:
        case bool():
            return "<bool>"
        case str():
            return "<text>"
        case int():
            return "<number>"
        case list():
            return "<list>"
        case dict() | BaseModel():
            return "<map>"
        case _:
            return None


def _bool_or_either(value: object) -> str | None:
    return "<bool>" if isinstance(value, bool) else "<text>" if value == "either" else None


BOOL_OR_EITHER = Discriminator(
    _bool_or_either, custom_error_type="shape", custom_error_message="one of true, false, either"
)
