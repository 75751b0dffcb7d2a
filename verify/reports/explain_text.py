"""An explanation as text: the answer and what to do about it in the first lines, the walk below."""

from __future__ import annotations

from collections.abc import Iterator

from ..explanation import Explanation
from .answers import ANSWER_WORDS, connection
from .explain_items import heading, parts
from .explain_lines import Fact, Item, Mark
from .lines import Line, Look, StyleName, clean, render_lines

_MARKS: dict[Mark, tuple[str, str, StyleName]] = {
    True: ("✓ ", "+ ", "green"),
    False: ("✗ ", "x ", "red"),
    None: ("? ", "? ", "yellow"),
    "none": ("", "", ""),
}
_FACTS: dict[str, StyleName] = {"nearest": "bold", "and": "bold", "then": "bold", "hangs on": "bold", "note": "yellow"}
_COLUMN = 11
_MORE = "  add -v for the walk of each, or ask about one of them"


def render_explain_text(explanation: Explanation, look: Look) -> str:
    """The whole explanation; ``quiet``: the answer and the nearest miss alone; ``verbose``: what matched, too."""
    lines: list[Line] = [_answer(explanation.allowed, connection(explanation.flow))]
    lines.extend(_fact(fact, look) for fact in heading(explanation, look.quiet))
    for part in parts(explanation, quiet=look.quiet, verbose=look.verbose):
        if part.title:
            lines.extend(([], _answer(part.allowed, part.title)))
        lines.extend(_fact(fact, look) for fact in part.facts)
        if part.ends:
            lines.append([])
            lines.extend(_fact(fact, look) for fact in part.ends)
        for item in part.walk:
            lines.append([])
            lines.extend(_item(item, look, 0))
    if len(explanation.pieces) > 1 and not look.verbose and not look.quiet:
        lines.extend(([], [(_MORE, "dim")]))
    return render_lines(lines, look)


def _answer(allowed: bool | None, text: str) -> Line:
    word, style = ANSWER_WORDS[allowed]
    return [(word, style), (f"  {clean(text)}", "")]


def _fact(fact: Fact, look: Look) -> Line:
    sign, plain_sign, style = _MARKS[fact.mark]
    label = (f"  {fact.name:<{_COLUMN}}", _FACTS.get(fact.name, "dim"))
    return [label, (sign if look.unicode else plain_sign, style), (clean(fact.text), "")]


def _item(item: Item, look: Look, depth: int) -> Iterator[Line]:
    sign, plain_sign, style = _MARKS[item.mark]
    line: Line = [("  " * depth + (sign if look.unicode else plain_sign), style)]
    if item.code:
        line.append((clean(item.code), "bold" if depth <= 1 else ""))
    if item.place:
        line.append((f" ({clean(item.place)})", "dim"))
    between = " — " if depth == 0 else ""
    line.append((f"{between}{clean(item.text)}", ""))
    yield line
    for child in item.children:
        yield from _item(child, look, depth + 1)
