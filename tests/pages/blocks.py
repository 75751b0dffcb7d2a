"""Pages and their fenced blocks, as written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_FENCE = re.compile(r"^ *(`{3,}|~{3,})")


def text_of(page: Path) -> str:
    """What a page says."""
    return page.read_text(encoding="utf-8")


def shown(page: Path) -> str:
    """A page's path from the root, for messages and names of tests."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: ``line`` is that of its first fence; ``words`` and ``options`` (``key=value``) follow the
    language."""

    page: str
    line: int
    language: str
    words: frozenset[str]
    options: dict[str, str]
    text: str

    @property
    def place(self) -> str:
        """``page:line``, for messages."""
        return f"{self.page}:{self.line}"


def block_of(page: str, line: int, info: str, text: str) -> Block:
    """A block from its info string, such as ``yaml suite file=properties.yaml``."""
    language, *rest = info.split() or [""]
    options = dict(word.split("=", 1) for word in rest if "=" in word)
    return Block(page, line, language, frozenset(word for word in rest if "=" not in word), options, text)


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in order."""
    return blocks_in(shown(page), text_of(page))


def blocks_in(page: str, text: str) -> list[Block]:
    """The blocks of a text in order. A fence that is indented, of tildes, or never closed is a mistake of the page."""
    found: list[Block] = []
    start: int | None = None
    info, lines = "", list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if not _FENCE.match(line):
            lines.append(line)
        elif not re.fullmatch(r"```[^`]*", line):
            raise AssertionError(f"{page}:{number}: write a fence as three backticks at the start of the line")
        elif start is None:
            start, info, lines = number, line[3:], []
        else:
            found.append(block_of(page, start, info, "".join(f"{each}\n" for each in lines)))
            start = None
    assert start is None, f"{page}:{start}: the block is not closed"
    return found


def prose(page: Path) -> str:
    """A page without its blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
