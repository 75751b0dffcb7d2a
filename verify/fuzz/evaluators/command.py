"""A user's command as words to run: split like a shell's, but no shell ever runs it.

Programs run in an empty folder, so what the user names from the working directory is made absolute here. Trusts the
user: the command is theirs, and so is PATH, except where it leads to wherever one happens to stand.
"""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from ....encodings.problems import InputErrors, Problem

PLACEHOLDER = "{}"
"""Stands for the folder of manifests in a command."""
OPTION = "--evaluator"


@dataclass(frozen=True, slots=True)
class Command:
    """``words``: the program's path and its arguments; ``text`` is what the user wrote."""

    text: str
    words: tuple[str, ...]

    @property
    def has_placeholder(self) -> bool:
        """Whether the command says where the folder goes."""
        return any(PLACEHOLDER in word for word in self.words[1:])

    def over(self, folder: Path) -> tuple[str, ...]:
        """The words for one folder of manifests: in place of ``{}``, or else as the last argument."""
        if not self.has_placeholder:
            return (*self.words, str(folder))
        return (self.words[0], *(word.replace(PLACEHOLDER, str(folder)) for word in self.words[1:]))


def mistake(message: str, hint: str = "") -> InputErrors:
    """A mistake in what the user wants to be asked."""
    return InputErrors([Problem(OPTION, 0, "", message, hint)])


def parse_command(text: str, hint: str = "") -> Command:
    """The command that a text is. Raises InputErrors, with ``hint`` if there is no such program."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise mistake(f"{text!r} cannot be split into words: {str(error).lower()}") from None
    if not words or not words[0]:
        raise mistake("names no program", hint)
    if any("\0" in word for word in words):
        raise mistake("a command cannot hold a NUL character")
    return Command(text, (str(_program(words[0], hint)), *map(_argument, words[1:])))


def _program(word: str, hint: str) -> Path:
    """Where the program is: a path with a slash in it as the user sees it, else a name on PATH."""
    if "/" not in word:
        for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
            found = shutil.which(word, path=entry) if Path(entry).is_absolute() else None
            if found is not None:
                return Path(found)
        here = f"it is a file here: write ./{word}" if Path(word).is_file() else hint
        raise mistake(f"there is no program {word!r} on PATH", here)
    path = Path(os.path.abspath(word))  # noqa: PTH100 - links are kept: some programs tell from their path what they are
    if not path.is_file():
        raise mistake(f"there is no program {word}", hint)
    if not os.access(path, os.X_OK):
        raise mistake(f"{word} is not executable", f"chmod +x {word}, or name the program that runs it")
    return path


def _argument(word: str) -> str:
    """An argument; ``./x`` and ``../x`` are paths from the working directory.

    Raises InputErrors for one that is a file there but does not say so: the program would not find it.
    """
    if word.startswith(("./", "../")):
        return os.path.abspath(word)  # noqa: PTH100 - as above
    looks_like_a_file = "/" in word or Path(word).suffix
    if looks_like_a_file and not Path(word).is_absolute() and Path(word).is_file():
        raise mistake(f"{word} is a file here, but the program runs in an empty folder", f"write ./{word}")
    return word
