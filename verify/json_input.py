"""JSON that people and programs hand in: strict, bounded, and with mistakes said in words that name the place.

Python's own reader takes numbers that JSON does not have, which no output could print again, and lets a key stand
twice. Trusts nothing about the text.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from ..encodings.problems import InputErrors, Problem

LONGEST_QUOTED = 60
LONGEST_NUMBER = 1000
"""Of a whole number, in digits: Python refuses to convert much longer ones."""


class JsonError(ValueError):
    """A text that is not JSON: what is wrong, and on which line of the text."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def load_json(text: str) -> object:
    """The value of a JSON text. Raises JsonError."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_repetition,
            parse_float=_finite,
            parse_int=_whole,
            parse_constant=_refuse,
        )
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg} (column {error.colno})", error.lineno) from None
    except RecursionError:
        raise JsonError("it is nested too deeply") from None


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without a mark. Raises InputErrors if there is no such file or text."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise InputErrors([Problem(path.as_posix(), 0, "", f"cannot be read: {reason}")]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputErrors([Problem(path.as_posix(), line, "", "is not valid UTF-8 text")]) from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonError(f"the number {_cut(text)} is out of range")
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise JsonError(f"the number {_cut(text)} is out of range")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise JsonError(f"{text} is no number of JSON")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise JsonError(f"the key {_cut(key)!r} is given twice")
        value[key] = item
    return value


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTED else f"{text[:LONGEST_QUOTED]}…"
