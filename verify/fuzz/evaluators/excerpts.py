"""What programs print, as it is shown to people: short, and without characters that could steer a terminal."""

from __future__ import annotations

LONGEST = 400
"""Characters of a text, or of a line, that are shown."""
LINES = 6
"""Lines of a program's complaints that are shown: the last ones."""


def shown(text: str, longest: int = LONGEST) -> str:
    """A text on one line; a long one is cut in the middle."""
    cut = text if len(text) <= longest else f"{text[: longest * 2 // 3]} … {text[-longest // 3 :]}"
    return "".join(each if each.isprintable() else "�" for each in cut.replace("\t", " ").strip())


def last_lines(text: str) -> list[str]:
    """The last lines that say something."""
    return [shown(line) for line in text.splitlines() if line.strip()][-LINES:]


def last_line(error: BaseException) -> str:
    """An exception as the last line of its traceback would have it."""
    said = last_lines(str(error))
    return f"{type(error).__name__}: {said[-1]}" if said else type(error).__name__
