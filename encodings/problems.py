"""What is wrong with input, and what is worth saying about it: problems end a run, notices do not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in the input: ``file``, ``line`` (from 1; 0: the file as a whole), the field's ``path`` ("" for
    none), ``message`` (what is wrong, in the API's words where it has some) and ``hint`` (the likely fix, or "")."""

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def render(self) -> str:
        """``file:line: path: message`` and, on a line of its own, the hint; long ones are cut."""
        file, path, message, hint = map(_excerpt, (self.file, self.path, self.message, self.hint))
        place = f"{file}:{self.line}" if self.line else file
        field = f"{path}: " if path else ""
        return f"{place}: {field}{message}" + (f"\n    hint: {hint}" if hint else "")


LONGEST_PART = 800
"""Of a problem as printed: a message may quote the input, which may be of any length."""


def _excerpt(text: str) -> str:
    """On one line, so that no input can write messages of its own."""
    cut = text if len(text) <= LONGEST_PART else f"{text[: LONGEST_PART // 2]} … {text[-LONGEST_PART // 4 :]}"
    return cut.replace("\n", "\\n")


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """Something a reader of the verdict should know; ``file`` and ``line`` are None where no place applies."""

    message: str
    file: str | None = None
    line: int | None = None


class InputErrors(Exception):
    """Bad input or usage: exit code 2. Carries every problem found, in a fixed order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(problem.render() for problem in self.problems))


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``did you mean "x"?`` for the known word nearest to ``word``, or "" if none is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f'did you mean "{near[0]}"?' if near else ""
