"""An explanation as Markdown, for a pull request or a ticket: the answer, what comes nearest, and the walk as lists.

What comes from manifests and the command line is never Markdown or HTML here: it stands in code, or escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..explanation import Explanation
from .answers import ANSWER_WORDS, connection
from .explain_items import heading, parts
from .explain_lines import Fact, Item, Mark
from .lines import Look, clean

_MARKS: dict[Mark, str] = {True: "✅ ", False: "❌ ", None: "❔ ", "none": ""}
_ACTS = re.compile(r"([\\`*_\[\]#|~$])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_EMOJI_OR_LINK = re.compile(r":(?=[a-z/+])")


def escaped(text: str) -> str:
    """A text as Markdown that shows it: no emphasis, link, table, mention, picture or HTML comes of it."""
    shown = "".join(_ENTITIES.get(letter, letter) for letter in _ACTS.sub(r"\\\1", clean(text)))
    return _EMOJI_OR_LINK.sub("&#58;", shown)


def code(text: str) -> str:
    """A text as a code span, fenced by more backticks than stand in it."""
    shown = clean(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def render_explain_markdown(explanation: Explanation, look: Look) -> str:
    """The whole explanation; ``quiet`` and ``verbose`` as in the text."""
    lines = [_answer(explanation.allowed, connection(explanation.flow)), ""]
    differing = heading(explanation, look.quiet)
    lines += [*map(_fact, differing), ""] if differing else []
    for part in parts(explanation, quiet=look.quiet, verbose=look.verbose):
        if part.title:
            lines += [_answer(part.allowed, part.title), ""]
        lines += [*map(_fact, part.facts), *map(_fact, part.ends), ""]
        for item in part.walk:
            lines += [f"{_MARKS[item.mark]}**{escaped(item.code)} — {escaped(item.text)}**", ""]
            lines += [line for child in item.children for line in _item(child, 0)]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _answer(allowed: bool | None, text: str) -> str:
    return f"**{ANSWER_WORDS[allowed][0]}** {code(text)}"


def _fact(fact: Fact) -> str:
    return f"- **{fact.name}**: {_MARKS[fact.mark]}{escaped(fact.text)}"


def _item(item: Item, depth: int) -> Iterator[str]:
    place = f" ({code(item.place) if ':' in item.place else escaped(item.place)})" if item.place else ""
    yield f"{'  ' * depth}- {_MARKS[item.mark]}{code(item.code) if item.code else ''}{place}{escaped(item.text)}"
    for child in item.children:
        yield from _item(child, depth + 1)
