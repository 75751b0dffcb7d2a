"""The files of a suite: where they are, and the one document each of them holds."""

from __future__ import annotations

import os
from pathlib import Path as FilePath

from ..encodings.problems import InputErrors, Problem
from ..encodings.reading.documents import parse_documents
from ..encodings.written import Map
from .places import Place


def beside(file: str, path: str) -> str:
    """``path``, written in ``file``, as a path from the working directory."""
    return relative(os.path.join(os.path.dirname(file), path))  # noqa: PTH118, PTH120 - FilePath keeps "..", normpath does not


def relative(path: str) -> str:
    """``path`` relative to the working directory, with ``/``, as messages and reports print it."""
    try:
        return os.path.relpath(path).replace(os.sep, "/")
    except ValueError:  # another drive
        return path


def read_mapping(file: str, what: str = "a suite", begins: str = "apiVersion: netpol-verify/v1") -> Place:
    """The mapping that ``file`` holds, ``what`` it is meant to be, and what such a file ``begins`` with.

    Raises InputErrors unless it is one YAML document, a mapping.
    """
    if not file:
        raise InputErrors([Problem("SUITE", 0, "", "an empty path names no suite")])
    try:
        data = FilePath(file).read_bytes()
    except OSError as error:
        raise InputErrors([Problem(file, 0, "", f"cannot be read: {(error.strerror or 'error').lower()}")]) from None
    documents = parse_documents(data, file, is_manifest=False)
    if len(documents) != 1:
        wrong = "holds several documents" if documents else "is empty"
        raise InputErrors([Problem(file, 0, "", wrong, f"{what} is one YAML document: a mapping")])
    document = documents[0]
    if not isinstance(document.value, Map):
        hint = f"{what} begins with {begins}"
        raise InputErrors([Problem(file, document.line, "", "is not a mapping", hint)])
    return Place(file, document.value)
