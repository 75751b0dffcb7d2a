"""The list of faults: reading it, and putting a fault into a copy of the code.

A fault replaces one whole line by another. It is found by its text, so the list survives changes elsewhere in the file;
``tests/test_mutation_list.py`` fails where it does not.
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).parent / "faults.toml"
TIERS = Path(__file__).parent / "tier_faults.toml"
"""Faults in the logic of cluster-wide policies, all by hand."""


class NotApplicableError(ValueError):
    """The code no longer holds the line that a fault changes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Line ``old`` of ``file`` (without indentation; the ``occurrence``-th of ``of``) becomes ``new``.

    ``origin`` is "tool" or "hand"; ``area`` is "reading" (reading, defaulting, decoding) or "deciding"; ``what`` is the
    mistake in words. ``invalid``: why the fault does not count, "" if it does.
    """

    id: str
    file: str
    old: str
    new: str
    occurrence: int
    of: int
    origin: str
    area: str
    what: str
    invalid: str

    def line(self, text: str) -> int:
        """The number of the line that the fault changes in the file's text. NotApplicableError if it is not there."""
        found = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == self.old]
        if len(found) != self.of:
            raise NotApplicableError(f"{self.id}: {self.file} has this line {len(found)} times: {self.old}")
        return found[self.occurrence - 1]

    def applied(self, text: str) -> str:
        """The file's text with the fault in it. NotApplicableError if the line is not there."""
        lines = text.splitlines(keepends=True)
        number = self.line(text) - 1
        lines[number] = lines[number].replace(self.old, self.new)
        return "".join(lines)

    def function(self, text: str) -> int | None:
        """The line on which the innermost function around the fault starts, as its code object says; None outside."""
        line, found = self.line(text), list[int]()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
                found.append(min(node.lineno, *(each.lineno for each in node.decorator_list), node.lineno))
                if line < node.body[0].lineno:
                    return None  # a default or a decorator, evaluated when the module is read
        return max(found, default=None)


def read_faults(path: Path = LIST) -> list[Fault]:
    """The faults of a list, in order."""
    raw: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["fault"]
    optional: dict[str, Any] = {"occurrence": 1, "of": 1, "invalid": ""}
    return [Fault(**{**optional, **each}) for each in raw]
