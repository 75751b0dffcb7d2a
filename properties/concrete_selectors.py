"""Selectors of a suite, decided against one endpoint: LabelSelector maps and strings as ``kubectl -l`` takes
them.

Written apart from the symbolic groups, so that one mistake cannot hide in both. The string grammar follows
kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/labels/selector.go (Parse): requirements between
commas, ``=``, ``==``, ``!=``, ``in``, ``notin``, ``key``, ``!key``; ``!=`` and ``notin`` hold on an absent
key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..encodings.concrete.selectors import Requirement, Selector
from .suite import LabelSelector
from .suite import Selector as SuiteSelector

_TOKEN = re.compile(r"\s*(==|!=|[=!(),]|[^\s=!(),<>]+)")


class _Tokens:
    """The tokens of a selector string, one ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = list(self._split(text.strip()))
        self.at = 0

    def _split(self, text: str) -> Iterator[str]:
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise ValueError(f"{self.text!r}: cannot read {text[position:]!r}")
            position = match.end()
            yield match.group(1)

    def next(self) -> str:
        """The token ahead, or "" at the end."""
        return self.found[self.at] if self.at < len(self.found) else ""

    def take(self) -> str:
        """The token ahead, consumed."""
        token = self.next()
        self.at += 1
        return token

    def word(self, what: str) -> str:
        """A key or value, consumed. ValueError if something else is ahead."""
        token = self.take()
        if not token or token[0] in "=!(),":
            raise ValueError(f"{self.text!r}: {what} expected, found {token or 'the end'!r}")
        return token

    def expect(self, token: str) -> None:
        """Consumes this token. ValueError if another is ahead."""
        found = self.take()
        if found != token:
            raise ValueError(f"{self.text!r}: {token!r} expected, found {found or 'the end'!r}")


def _value(tokens: _Tokens, ends: tuple[str, ...]) -> str:
    """A value, which is "" where one of ``ends`` follows at once."""
    return "" if tokens.next() in ends else tokens.word("a value")


def _values(tokens: _Tokens) -> frozenset[str]:
    tokens.expect("(")
    values = [_value(tokens, (",", ")"))]
    while tokens.next() == ",":
        tokens.take()
        values.append(_value(tokens, (",", ")")))
    tokens.expect(")")
    return frozenset(values)


def _requirement(tokens: _Tokens) -> Requirement:
    if tokens.next() == "!":
        tokens.take()
        return Requirement(tokens.word("a key"), "DoesNotExist")
    key = tokens.word("a key")
    if tokens.next() in ("", ","):
        return Requirement(key, "Exists")
    operator = tokens.take()
    if operator in ("=", "=="):
        return Requirement(key, "In", frozenset([_value(tokens, ("", ","))]))
    if operator == "!=":
        return Requirement(key, "NotIn", frozenset([_value(tokens, ("", ","))]))
    if operator == "in":
        return Requirement(key, "In", _values(tokens))
    if operator == "notin":
        return Requirement(key, "NotIn", _values(tokens))
    raise ValueError(f"{tokens.text!r}: an operator expected after {key!r}, found {operator!r}")


def parse_selector(text: str) -> Selector:
    """The selector that ``kubectl -l TEXT`` means; "" selects everything. ValueError if it cannot be read."""
    tokens = _Tokens(text)
    if not tokens.next():
        return Selector()
    requirements = [_requirement(tokens)]
    while tokens.next():
        tokens.expect(",")
        requirements.append(_requirement(tokens))
    return Selector(tuple(requirements))


def suite_selector(selector: SuiteSelector | None) -> Selector:
    """A suite's selector, decidable against one endpoint; None selects everything."""
    if selector is None:
        return Selector()
    if isinstance(selector, LabelSelector):
        equal = (selector.match_labels or {}).items()
        requirements = [Requirement(key, "In", frozenset([value])) for key, value in equal]
        requirements.extend(
            Requirement(entry.key, entry.operator, frozenset(entry.values or ()))
            for entry in selector.match_expressions or ()
        )
        return Selector(tuple(requirements))
    return parse_selector(selector)
