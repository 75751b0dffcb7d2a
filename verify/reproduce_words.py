"""Words and comments of a shell script that hold whatever they are given."""

from __future__ import annotations

import shlex

from .reports.lines import clean

RESERVED = frozenset(
    (
        *("case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then"),
        *("time", "until", "while"),
    )
)
"""Words that a shell, or a reader of scripts, may take for its own."""


def quote(text: str) -> str:
    """``text`` as one word."""
    return f"'{text}'" if text in RESERVED else shlex.quote(text)


def comment(text: str) -> str:
    """A comment line: nothing in ``text`` can end it."""
    return f"# {clean(text)}"
