"""From the content of a file to its documents: YAML or JSON, with the line of every field.

Values are what kubectl hands to the API server. Trusts nothing about the content: whatever the bytes, the result is
documents or InputErrors, in bounded time and memory.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from typing import Any

from ..problems import InputErrors
from .ciphers import refuse_cipher_bytes, refuse_cipher_text
from .jsontext import read_json
from .mistakes import EXCLUDE, HELM_HINT, NO_MANIFEST, Mistake, UnreadableError
from .yamltext import read_yaml


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its value (see ``encodings.written``) and the line it starts on."""

    value: Any
    line: int


def parse_documents(text: str | bytes, file: str, *, is_manifest: bool = True) -> list[Document]:
    """All documents of a YAML or JSON file; empty ones (only comments, or nothing) are left out.

    ``is_manifest`` False: hints do not speak of rendering it, or of leaving it out.
    Raises InputErrors with every mistake found: text that is neither YAML nor JSON, cipher text, duplicate keys,
    values that JSON does not have, nesting or aliases without bounds.
    """
    try:
        decoded = decode(text)
        refuse_cipher_text(decoded)
        values, mistakes = _read(decoded, file, is_manifest)
    except UnreadableError as error:
        raise InputErrors([error.mistake.problem(file, is_manifest)]) from None
    if mistakes:
        raise InputErrors(mistake.problem(file, is_manifest) for mistake in mistakes)
    return [Document(value, line) for value, line in values]


def decode(content: str | bytes) -> str:
    """Text without byte order mark; UTF-16 and UTF-32 are read if a mark says so. Raises UnreadableError."""
    if isinstance(content, str):
        try:
            content.encode()
        except UnicodeEncodeError as error:
            raise _not_text(content.count("\n", 0, error.start)) from None
        return content.removeprefix("\ufeff")
    refuse_cipher_bytes(content)
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        encoding = "utf-32"
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(content.count(b"\n", 0, error.start)) from None


def _not_text(lines_before: int) -> UnreadableError:
    return UnreadableError(lines_before + 1, "the file is not valid UTF-8 text", "save it as UTF-8", NO_MANIFEST)


def _read(text: str, file: str, is_manifest: bool) -> tuple[list[tuple[Any, int]], list[Mistake]]:
    json_refusal: UnreadableError | None = None
    if text.lstrip(" \t\r\n")[:1] in ("{", "["):
        try:
            return read_json(text)
        except UnreadableError as refusal:
            # Flow-style YAML begins like JSON, so YAML is tried before the file is given up.
            json_refusal = refusal
    try:
        return read_yaml(text)
    except UnreadableError as refusal:
        refused = json_refusal if json_refusal is not None and file.endswith(".json") else refusal
        if "{{" in text and is_manifest:
            refused.mistake = replace(refused.mistake, hint=HELM_HINT, otherwise=EXCLUDE)
        raise refused from None
