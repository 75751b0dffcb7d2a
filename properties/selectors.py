"""Selectors of a suite as lists of requirements: LabelSelector maps and ``kubectl -l`` strings.

The grammar is that of ``kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/labels/selector.go``, with
three refusals where kubectl guesses: an empty string, ``in ()`` and ``in (a,)`` (which would mean everything, or
the empty value, by accident). ``>`` and ``<`` exist for node fields only and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..encodings.selectors import Requirement
from ..encodings.written import Path
from .names import label_key_mistake, label_value_mistake
from .notation import NotationError
from .suite import Selector, SelectorRequirement

_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|[=!(),<>]|[^=!(),<> \t\r\n]+)")


def requirements(selector: Selector) -> tuple[Requirement, ...]:
    """The conditions that ``selector`` joins with "and", in the order written; none selects everything.

    ``matchLabels`` and ``=`` become In with one value, ``!=`` becomes NotIn. Raises NotationError for
    bad syntax, an illegal key or value, and values that do not fit their operator.
    """
    for mistake in selector_mistakes(selector):
        raise mistake
    return tuple(item for _, item in _located(selector))


def selector_mistakes(selector: Selector) -> list[NotationError]:
    """Every mistake in ``selector``; paths are those inside its map form."""
    if isinstance(selector, str) and not selector.strip():
        return [NotationError("the selector is empty", "write {} to select everything")]
    try:
        located = list(_located(selector))
    except NotationError as error:
        return [error]
    return [mistake for path, item in located for mistake in _mistakes(path, item)]


def _located(selector: Selector) -> Iterator[tuple[Path, Requirement]]:
    """Each requirement with its path in the map form (empty for the string form)."""
    if isinstance(selector, str):
        for item in _Parser(selector).parse():
            yield (), item
        return
    for key, value in (selector.match_labels or {}).items():
        yield ("matchLabels", key), Requirement(key, "In", (value,))
    for index, expression in enumerate(selector.match_expressions or []):
        yield ("matchExpressions", index), _expression(expression)


def _expression(written: SelectorRequirement) -> Requirement:
    return Requirement(written.key, written.operator, tuple(written.values or ()))


def _mistakes(path: Path, item: Requirement) -> Iterator[NotationError]:
    """What the API would refuse.

    Source: ``kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go``.
    """
    in_expression = path[:1] == ("matchExpressions",)
    key = label_key_mistake(item.key)
    if key:
        yield NotationError(key, path=(*path, "key") if in_expression else path)
    takes_values = item.operator in ("In", "NotIn")
    if takes_values and not item.values:
        yield NotationError(f"{item.operator} needs at least one value", "add values: […]", path)
    if not takes_values and item.values:
        yield NotationError(f"{item.operator} takes no values", "did you mean In or NotIn?", (*path, "values"))
    for index, value in enumerate(item.values):
        wrong = label_value_mistake(value)
        if wrong:
            yield NotationError(wrong, path=(*path, "values", index) if in_expression else path)


class _Parser:
    """Recursive descent over the tokens of one string; each token comes with the place where it starts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [(match.group(1), match.start(1)) for match in _TOKEN.finditer(text)]
        self.next = 0

    def parse(self) -> Iterator[Requirement]:
        """The comma separated requirements."""
        yield self._requirement()
        while self._peek():
            if self._peek() != ",":
                raise self._expected('"," and another requirement, or the end')
            self.next += 1
            yield self._requirement()

    def _requirement(self) -> Requirement:
        if self._peek() == "!":
            self.next += 1
            return Requirement(self._word("a label key"), "DoesNotExist")
        key = self._word("a label key")
        operator = self._peek()
        if operator in ("", ","):
            return Requirement(key, "Exists")
        self.next += 1
        match operator:
            case "=" | "==":
                return Requirement(key, "In", (self._value(),))
            case "!=":
                return Requirement(key, "NotIn", (self._value(),))
            case "in":
                return Requirement(key, "In", self._values())
            case "notin":
                return Requirement(key, "NotIn", self._values())
            case _:
                self.next -= 1
                raise self._expected("=, ==, !=, in (…) or notin (…)")

    def _value(self) -> str:
        """The value after ``=``; nothing before the comma or the end is the empty value, as in kubectl."""
        return "" if self._peek() in ("", ",") else self._word("a value")

    def _values(self) -> tuple[str, ...]:
        if self._peek() != "(":
            raise self._expected('"("')
        self.next += 1
        values = [self._word("a value")]
        while self._peek() == ",":
            self.next += 1
            values.append(self._word("a value"))
        if self._peek() != ")":
            raise self._expected('"," or ")"')
        self.next += 1
        return tuple(values)

    def _word(self, what: str) -> str:
        token = self._peek()
        if not token or token[0] in "=!(),<>":
            raise self._expected(what)
        self.next += 1
        return token

    def _peek(self) -> str:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else ""

    def _expected(self, what: str) -> NotationError:
        """The mistake, with >>> marking the place inside the text as written."""
        place = self.tokens[self.next][1] if self.next < len(self.tokens) else len(self.text)
        shown = f"{self.text[:place]}>>>{self.text[place:]}" if place < len(self.text) else f"{self.text}>>>"
        hint = "write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, joined with commas"
        return NotationError(f'bad selector, {what} expected at >>>: "{shown}"', hint)
