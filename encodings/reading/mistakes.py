"""Mistakes in a file's text, said in plain words, before they become problems with a file name."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml
from yaml.reader import ReaderError

from ..problems import Problem

DEPTH_LIMIT = 200
"""How deep mappings and lists may be nested; far beyond any manifest, and safe for code that recurses."""

HELM_HINT = "render it first: helm template …"
NOT_YAML_HINT = "correct the file"
EXCLUDE = "exclude it with --exclude"
NO_MANIFEST = f"{EXCLUDE} if it is no manifest"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong on one line (0: with the file as a whole), the likely fix, and what else can be done about a file
    that nobody has to read."""

    line: int
    message: str
    hint: str = ""
    otherwise: str = ""

    def problem(self, file: str, is_manifest: bool = True) -> Problem:
        """The same as a problem of ``file``; only manifests can be left out."""
        ways = (self.hint, self.otherwise if is_manifest else "")
        return Problem(file, self.line, "", self.message, ", or ".join(way for way in ways if way))


class UnreadableError(Exception):
    """The text makes no sense from here on, so nothing of the file can be used."""

    def __init__(self, line: int, message: str, hint: str = "", otherwise: str = "") -> None:
        super().__init__(message)
        self.mistake = Mistake(line, message, hint, otherwise)


_PLAIN_WORDS = (
    ("found character that cannot start any token", "a character stands here that cannot begin a value (a tab?)"),
    ("found a tab character", "a tab stands in the indentation; use spaces"),
    ("mapping values are not allowed", 'a ": " stands where no key can be; put quotes around the value'),
    ("could not find expected ':'", 'a key without ":", or a value with wrong indentation'),
    ("did not find expected key", "wrong indentation, or a missing key"),
    ("did not find expected '-' indicator", "wrong indentation, or a missing list item"),
    ("did not find expected ',' or", 'a missing "," or closing bracket'),
    ("did not find expected <document start>", "text follows the end of a document without a --- line"),
    ("did not find expected node content", "a value is expected here, and none can begin with this character"),
    ("did not find expected whitespace", "an anchor, alias or tag (&, *, !) is followed by something; use quotes"),
    ("did not find expected comment", "text follows the > or | of a block of text on its line"),
    ("did not find expected alphabetic", "an anchor or alias (& or *) without a name; put quotes around the value"),
    ("block sequence entries are not allowed", 'a list item ("- ") stands where none can be'),
    ("found unexpected end of stream", "the text ends inside a quoted value"),
    ("control characters are not allowed", "a control character stands in the text"),
    ("found unknown escape character", "an unknown escape (\\) in a double-quoted value; use single quotes"),
    ("found undefined tag handle", "a tag (!) that nothing defines; put quotes around the value"),
    ("found invalid Unicode character escape", "an escape (\\u) that is no character"),
)
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML calls not printable."""


def syntax_mistake(error: yaml.YAMLError, text: str) -> UnreadableError:
    """What libyaml (or PyYAML's own parser) could not read, in plain words with the line."""
    line, technical = 0, ""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        # The parser misses something only behind the end: the line to look at is the last one.
        line = min(mark.line, text.rstrip().count("\n")) + 1 if mark is not None else 0
        technical = error.problem or error.context or ""
    elif isinstance(error, ReaderError):
        technical = str(error.reason)
        control = _CONTROL.search(text)
        line = text.count("\n", 0, control.start()) + 1 if control is not None else 0
    for needle, words in _PLAIN_WORDS:
        if needle in technical:
            return UnreadableError(line, f"not valid YAML: {words}", NOT_YAML_HINT, NO_MANIFEST)
    return UnreadableError(line, f"not valid YAML: {technical}".removesuffix(": "), NOT_YAML_HINT, NO_MANIFEST)
