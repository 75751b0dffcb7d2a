"""YAML as this project writes it: mappings and lists on one line, broken between items where a line grows too long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

WIDTH = 116


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/=-]*|[0-9]+-[A-Za-z][A-Za-z0-9-]*|[0-9.]+/[0-9]+")
"""Texts that every reader of YAML takes for what they are; but for the words below."""
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_SENTENCE = re.compile(r"[A-Za-z](?!.*(: | #|:$))[^\n]*")


def scalar(value: object) -> str:
    """One value as YAML, in quotes unless it surely needs none: readers of YAML differ in what they take for a number
    or a switch."""
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else _quoted(value)
    return json.dumps(value)


def text(value: str) -> str:
    """A sentence as YAML in a line of its own."""
    return value if _SENTENCE.fullmatch(value) and value.lower() not in _WORDS else _quoted(value)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'" if value.isprintable() else json.dumps(value)


def flow(value: object, indent: int, first: int) -> str:
    """The value in flow style; lines after the first begin with ``indent`` blanks, the first at column ``first``."""
    lines, current, column = list[str](), "", first
    for piece in _pieces(value):
        if current.strip() and column + len(current) + len(piece.rstrip()) > WIDTH:
            lines.append(current.rstrip())
            current, column = " " * indent, 0
        current += piece
    return "\n".join([*lines, current])


def _pieces(value: object) -> Iterator[str]:
    """The parts that a line may be broken between."""
    if isinstance(value, dict):
        items = list(cast("dict[str, object]", value).items())
        parts = [_keyed(key, item) for key, item in items]
        yield from _bracketed("{", "}", parts)
    elif isinstance(value, list):
        yield from _bracketed("[", "]", [list(_pieces(item)) for item in cast("list[object]", value)])
    else:
        yield scalar(value)


def _keyed(key: str, item: object) -> list[str]:
    head, *rest = _pieces(item)
    return [f"{scalar(key)}: {head}", *rest]


def _bracketed(opening: str, closing: str, parts: list[list[str]]) -> Iterator[str]:
    pieces: list[str] = []
    for number, part in enumerate(parts):
        last = ", " if number + 1 < len(parts) else ""
        pieces += [*part[:-1], part[-1] + last]
    if not pieces:
        yield opening + closing
        return
    pieces[0] = opening + pieces[0]
    pieces[-1] += closing
    yield from pieces
