"""What may be named as a source of manifests: paths, commits of a repository, what tools render, live clusters.

Only names are looked at here; whether they exist is found out when they are read. One text form serves the command line
and suites alike (``entry_of``).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..problems import InputErrors, Problem

STDIN = "-"
SHOWN_STDIN = "<stdin>"


@dataclass(frozen=True, slots=True)
class Git:
    """The tree of ``ref`` in the repository that ``folder`` ("": the working directory) lies in; nothing is checked
    out. ``path`` is that of a file or folder in it ("": all of it), relative to the root of the repository, or to
    ``folder`` if it begins with ``./`` or ``../``."""

    ref: str
    path: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """What a cluster reports, as kubectl reads it; ``context`` None is the kubeconfig's current one."""

    context: str | None = None


@dataclass(frozen=True, slots=True)
class Helm:
    """A chart is rendered, with these files of values, in this order, under this name, for this namespace.

    ``matrix`` maps names of variants to further files of values: ``variants_of`` makes one source of each of them,
    whose name is ``variant`` then.
    """

    values: tuple[str, ...] = ()
    release: str | None = None
    namespace: str | None = None
    matrix: tuple[tuple[str, tuple[str, ...]], ...] = ()
    variant: str | None = None


How = Literal["plain", "detect", "kustomize"] | Helm
"""What is done with a path: its files are read as they are; it is rendered if it is a folder that kustomize or Helm
renders; it is rendered with kustomize; or with Helm."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One source of manifests. ``path`` is its path (``-`` for standard input), or, of a source that is no path
    (``where``), how it is shown; ``exclude`` are globs of what to leave out below it.

    ``Entry(path)`` stands for files as they are; ``entry_of`` gives what the same text means to a user.
    """

    path: str
    exclude: tuple[str, ...] = ()
    where: Git | Live | None = None
    how: How = "plain"


_FORCED: dict[str, How] = {"plain": "plain", "kustomize": "kustomize", "helm": Helm()}


def entry_of(text: str, folder: Path | None = None, exclude: Sequence[str] = ()) -> Entry:
    """The source that a text names, as ``-f`` and the suite's ``manifests`` take it.

    A path; ``git:REF`` and ``git:REF:PATH``; ``live:`` and ``live:CONTEXT``; ``kustomize:``, ``helm:`` and ``plain:``
    before a path or a ``git:`` text, to say what is done with it. ``folder`` is where relative paths and the repository
    are looked up (None: the working directory). Raises InputErrors for a text that cannot name anything.
    """
    prefix, colon, rest = text.partition(":")
    if colon and prefix == "live":
        return Entry(text, tuple(exclude), Live(rest or None))
    if colon and prefix in _FORCED:
        if not rest:
            raise _refusal(text, "names no path", f"write {prefix}:PATH")
        return _path_or_git(text, rest, _FORCED[prefix], folder, exclude)
    return _path_or_git(text, text, "detect", folder, exclude)


def _path_or_git(text: str, named: str, how: How, folder: Path | None, exclude: Sequence[str]) -> Entry:
    if named.startswith("git:"):
        ref, path = _ref_and_path(named.removeprefix("git:"))
        return git_entry(ref, path, folder, exclude, how=how, text=text)
    return Entry(path_beside(named, folder), tuple(exclude), None, how)


def git_entry(
    ref: str,
    path: str,
    folder: Path | None = None,
    exclude: Sequence[str] = (),
    *,
    how: How = "detect",
    text: str = "",
) -> Entry:
    """The source ``git:REF:PATH``, shown as ``text``.

    Raises InputErrors for what can be no ref or no path in a tree.
    """
    text = text or (f"git:{ref}:{path}" if path else f"git:{ref}")
    if not ref:
        raise _refusal(text, "names no ref", "write git:REF or git:REF:PATH, such as git:main:k8s")
    if ref.startswith("-"):
        raise _refusal(text, "a ref cannot begin with -", f"write its full name, refs/heads/{ref} or refs/tags/{ref}")
    if any(ord(character) < 32 for character in ref + path):
        raise _refusal(text, "holds a control character, which no ref and no path here may have")
    if path.startswith("/"):
        raise _refusal(text, "a path in a tree is not absolute", f"write git:{ref}:{path.lstrip('/')}")
    return Entry(text, tuple(exclude), Git(ref, path, "" if folder is None else str(folder)), how)


def path_beside(path: str, folder: Path | None) -> str:
    """``path``, written in ``folder``, as a path from the working directory; as it is without ``folder``."""
    if folder is None or not path:
        return path
    joined = os.path.join(folder, path)  # noqa: PTH118 - Path would drop the "./" that keeps "-" a file
    try:
        return os.path.relpath(joined).replace(os.sep, "/")
    except ValueError:  # another drive
        return joined


def variants_of(entries: Sequence[Entry]) -> tuple[tuple[str | None, tuple[Entry, ...]], ...]:
    """The lists of sources that the matrices among ``entries`` stand for, each with its name.

    One list without a name if there is no matrix; several matrices give their product, names joined with ``,``.
    """
    choices: list[list[tuple[str | None, Entry]]] = []
    for entry in entries:
        if isinstance(entry.how, Helm) and entry.how.matrix:
            choices.append([(name, _variant(entry, entry.how, name)) for name, _ in entry.how.matrix])
        else:
            choices.append([(None, entry)])
    found: list[tuple[str | None, tuple[Entry, ...]]] = []
    for chosen in itertools.product(*choices):
        names = [name for name, _ in chosen if name is not None]
        found.append((",".join(names) or None, tuple(entry for _, entry in chosen)))
    return tuple(found)


def _variant(entry: Entry, helm: Helm, name: str) -> Entry:
    values = (*helm.values, *dict(helm.matrix)[name])
    return replace(entry, how=replace(helm, values=values, matrix=(), variant=name))


def _ref_and_path(text: str) -> tuple[str, str]:
    """``REF:PATH`` parted at the first colon outside braces, as git does: ``main@{2024-01-01 10:00}:k8s``."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if character == ":" and depth <= 0:
            return text[:at], text[at + 1 :]
    return text, ""


def _refusal(text: str, message: str, hint: str = "") -> InputErrors:
    return InputErrors([Problem(text, 0, "", message, hint)])
