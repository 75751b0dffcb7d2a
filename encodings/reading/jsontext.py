"""Strict JSON with lines: one or more values one after another, duplicate keys reported, depth limited.

JSON has what YAML parsers refuse (tabs, escaped surrogate pairs), so JSON files get a reader of their own. Numbers and
strings are what the API server decodes. Trusts nothing about the text.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..written import Map, Seq
from .mistakes import DEPTH_LIMIT, Mistake, UnreadableError
from .scalars import BadScalarError, json_number

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(
    r"""(?P<mark>[{}\[\],:])"""
    r"""|(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")"""
    r"""|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![0-9A-Za-z.+-])"""
    r"""|(?P<word>true|false|null)\b""",
    re.ASCII,
)
_WORDS = {"true": True, "false": False, "null": None}
_END = ""
LONGEST_NUMBER = 40


class _Tokens:
    """The tokens of a text: ``mark`` is a punctuation character, ``=`` for a scalar (then ``value``), "" at the end."""

    __slots__ = ("_at", "_mistakes", "_text", "line", "mark", "value")

    def __init__(self, text: str, mistakes: list[Mistake]) -> None:
        self._text = text
        self._mistakes = mistakes
        self._at = 0
        self.line = 1
        self.mark = _END
        self.value: Any = None

    def advance(self) -> str:
        """Moves to the next token and gives its mark. Raises UnreadableError if there is none that JSON knows."""
        space = _SPACE.match(self._text, self._at)
        assert space is not None
        self.line += space[0].count("\n")
        if space.end() == len(self._text):
            self._at, self.mark = space.end(), _END
            return _END
        match = _TOKEN.match(self._text, space.end())
        if match is None:
            raise UnreadableError(self.line, "not valid JSON: an unknown word, number or unfinished string")
        self._at = match.end()
        if match.lastgroup == "mark":
            self.mark = match[0]
        else:
            self.mark, self.value = "=", self._scalar(match)
        return self.mark

    def _scalar(self, match: re.Match[str]) -> Any:
        token = match[0]
        if match.lastgroup == "string":
            return self._string(token)
        if match.lastgroup == "word":
            return _WORDS[token]
        try:
            return json_number(token)
        except BadScalarError:
            # Well-formed all the same: read as YAML instead, it would be a text.
            self._mistakes.append(Mistake(self.line, f"the number {_cut(token)} is out of range"))
            return None

    def _string(self, token: str) -> str:
        if "\\" not in token:
            return token[1:-1]
        try:
            text = str(json.loads(token))
        except ValueError:
            raise UnreadableError(self.line, "not valid JSON: an unknown escape in a string") from None
        # Half a surrogate pair is no character; Go puts the replacement character in its place.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Open:
    """A mapping or list that is not closed yet, and the key that waits for its value."""

    __slots__ = ("items", "key", "line")

    def __init__(self, items: Map | Seq) -> None:
        self.items = items
        self.key = ""
        self.line = 0

    def put(self, value: Any, line: int) -> None:
        """Adds a list item, or the waiting key's value."""
        if isinstance(self.items, Map):
            self.items[self.key] = value
            self.items.lines[self.key] = self.line
        else:
            self.items.append(value)
            self.items.lines.append(line)


def read_json(text: str) -> tuple[list[tuple[Any, int]], list[Mistake]]:
    """The values of a JSON text with their lines, and the mistakes that do not stop the reading: duplicate keys, and
    numbers out of range.

    ``null`` documents are left out. Raises UnreadableError if the text is not JSON, or nested too deep.
    """
    values: list[tuple[Any, int]] = []
    mistakes: list[Mistake] = []
    tokens = _Tokens(text, mistakes)
    tokens.advance()
    while tokens.mark != _END:
        line = tokens.line
        value = _value(tokens, mistakes)
        if value is not None:
            values.append((value, line))
    return values, mistakes


def _value(tokens: _Tokens, mistakes: list[Mistake]) -> Any:
    """One whole value; afterwards the token behind it is the current one."""
    stack: list[_Open] = []
    while True:
        value, line = _begin(tokens, stack), tokens.line
        tokens.advance()
        if isinstance(value, Map | Seq):
            if len(stack) >= DEPTH_LIMIT:
                raise UnreadableError(line, f"the text is nested deeper than {DEPTH_LIMIT} levels")
            if tokens.mark != ("}" if isinstance(value, Map) else "]"):
                _put(stack, value, line)
                stack.append(_Open(value))
                _next_key(tokens, stack[-1], mistakes)
                continue
            tokens.advance()
        if not stack:
            return value
        _put(stack, value, line)
        closed = _close(tokens, stack)
        if closed is not None:
            return closed
        _next_key(tokens, stack[-1], mistakes)


def _put(stack: list[_Open], value: Any, line: int) -> None:
    if stack:
        stack[-1].put(value, line)


def _begin(tokens: _Tokens, stack: list[_Open]) -> Any:
    if tokens.mark == "=":
        return tokens.value
    if tokens.mark == "{":
        return Map(tokens.line)
    if tokens.mark == "[":
        return Seq(tokens.line)
    what = "the text ends inside a value" if tokens.mark == _END else f'"{tokens.mark}" where a value is expected'
    raise UnreadableError(tokens.line, f"not valid JSON: {what}" + (" (a trailing comma?)" if stack else ""))


def _next_key(tokens: _Tokens, frame: _Open, mistakes: list[Mistake]) -> None:
    """Takes ``"key":`` if the frame is a mapping."""
    items = frame.items
    if not isinstance(items, Map):
        return
    if tokens.mark != "=" or not isinstance(tokens.value, str):
        raise UnreadableError(tokens.line, "not valid JSON: a key in double quotes is expected (a trailing comma?)")
    frame.key, frame.line = tokens.value, tokens.line
    if frame.key in items:
        mistakes.append(duplicate_key(frame.key, items.lines[frame.key], frame.line))
    if tokens.advance() != ":":
        raise UnreadableError(tokens.line, 'not valid JSON: ":" is expected after a key')
    tokens.advance()


def _close(tokens: _Tokens, stack: list[_Open]) -> Map | Seq | None:
    """Closes what ends here; the outermost value once it is complete, None behind a comma."""
    while tokens.mark == ("}" if isinstance(stack[-1].items, Map) else "]"):
        done = stack.pop().items
        tokens.advance()
        if not stack:
            return done
    if tokens.mark != ",":
        raise UnreadableError(tokens.line, 'not valid JSON: "," or a closing bracket is expected')
    tokens.advance()
    return None


def _cut(token: str) -> str:
    return token if len(token) <= LONGEST_NUMBER else f"{token[:LONGEST_NUMBER]}…"


def duplicate_key(key: str, first: int, second: int) -> Mistake:
    """The mistake of writing one key twice in a mapping, with both lines."""
    return Mistake(second, f'duplicate key "{key}" (first written on line {first})', "keep one of the two")
