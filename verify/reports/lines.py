"""Lines for a terminal: spans of text with a style, printed plain or, on a terminal, in colour.

The plain form is the report; colour only wraps spans of it. Texts of users pass through ``clean``, so that no
label, file name or description can act on the terminal. Users' texts never meet rich's markup.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

StyleName = Literal["", "bold", "dim", "red", "green", "yellow", "bold red", "bold green", "bold yellow"]
Span = tuple[str, StyleName]
Line = list[Span]

_NOT_PRINTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # letters of several scripts, and emoji, need them; they only join


@dataclass(frozen=True, slots=True)
class Look:
    """How a text report is printed.

    ``unicode``: the output's encoding has the signs ✓ ✗ → —; else ASCII stands in. ``color``: the output is
    a terminal that wants colours. ``quiet``: only what does not pass, and the summary. ``verbose``: all that
    is known.
    """

    unicode: bool = True
    color: bool = False
    quiet: bool = False
    verbose: bool = False


def clean(text: str) -> str:
    """``text`` on one line with every character that could act on a terminal written as an escape."""
    return "".join(character if _is_harmless(character) else _escaped(character) for character in text)


def clean_lines(text: str) -> list[str]:
    """The lines of a text that may have several, each clean, without blank lines at its ends."""
    return [clean(line.replace("\t", " ").rstrip("\r ")) for line in text.strip("\r\n ").split("\n")]


def plain(line: Line) -> str:
    """The line without its styles."""
    return "".join(text for text, _ in line)


def render_lines(lines: Sequence[Line], look: Look) -> str:
    """All lines as one text, each ended by a newline, coloured if the look says so.

    Without colour this is exactly what ``plain`` gives for each line; colour only adds escape sequences.
    """
    text = _colored(lines) if look.color else "".join(plain(line) + "\n" for line in lines)
    return text if look.unicode else _ascii_signs(text)


def can_encode_signs(encoding: str | None) -> bool:
    """Whether an output of this encoding can hold the signs the reports use."""
    try:
        "✓✗→—".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _is_harmless(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _NOT_PRINTED


def _escaped(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"


def _ascii_signs(text: str) -> str:
    return text.replace("→", "->").replace("—", "-")


def _colored(lines: Sequence[Line]) -> str:
    # Imported here: the library costs as much start-up time as small proofs do, and pipes have no use for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=True, color_system="standard", no_color=False, legacy_windows=False)
    for line in lines:
        text = Text()
        for content, style in line:
            text.append(content, style or None)
        console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)
    return buffer.getvalue()
