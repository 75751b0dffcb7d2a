"""Which files are read: files, folders and standard input, less what is excluded.

A folder stands for its files ``*.yaml``, ``*.yml`` and ``*.json`` at any depth, in sorted order; folders inside it
whose names begin with a dot are skipped; links to folders are followed once. A file named itself is read whatever its
name.

An exclude glob is matched as in a ``.gitignore`` file, against the path below the entry and against the path as shown:
without ``/`` it matches the name of a file, or of a folder with all its files, at any depth; with a ``/`` at its
beginning or middle it matches the whole path from the start; ``*`` and ``?`` stop at ``/``, ``**`` does not; a ``/`` at
its end restricts it to folders. There is no negation (``!``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..problems import Problem
from ..written import WrittenObject
from .entries import SHOWN_STDIN, STDIN, Entry

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: where it is, how it is shown, and what it really is behind links.

    ``path`` None: standard input, or, with ``content``, no file of this machine's. ``namespace`` is that of its objects
    without one, if not the one for all sources. ``placed`` gives an object of it the place where its user finds it,
    ``shown_at`` says the same of a line.
    """

    path: Path | None
    shown: str
    identity: str
    content: bytes | None = None
    namespace: str | None = None
    placed: Callable[[WrittenObject], WrittenObject] | None = None
    shown_at: Callable[[int], str] | None = None


@dataclass(slots=True)
class Found:
    """What looking at the entries gives.

    ``files[i]`` are those of entry i, and one file may be in several; ``unusable`` are the entries with a problem.
    """

    files: list[list[SourceFile]] = field(default_factory=list[list[SourceFile]])
    excluded: list[str] = field(default_factory=list[str])
    problems: list[Problem] = field(default_factory=list[Problem])
    unusable: set[int] = field(default_factory=set[int])


def find_files(entries: Sequence[Entry], excludes: Sequence[str] = ()) -> Found:
    """All files of all entries, less what the entry's own globs and ``excludes`` match."""
    found = Found()
    for number, entry in enumerate(entries):
        found.files.append([])
        problems_before = len(found.problems)
        add_files(entry, excludes, found)
        if len(found.problems) > problems_before:
            found.unusable.add(number)
    found.excluded = sorted(set(found.excluded))
    return found


def add_files(entry: Entry, excludes: Sequence[str], found: Found) -> None:
    """Adds the files of an entry to the last list of ``found``, as they are, whatever else could be made of them."""
    if not entry.path:
        hint = "write . for the working directory"
        found.problems.append(Problem("--manifests", 0, "", "an empty path names no manifests", hint))
    elif entry.path == STDIN:
        found.files[-1].append(SourceFile(None, SHOWN_STDIN, STDIN))
    else:
        globs = globs_of(entry, excludes, found)
        if globs is not None:
            _Walk(entry, globs, found).run()


def globs_of(entry: Entry, excludes: Sequence[str], found: Found) -> list[Glob] | None:
    """The globs of what to leave out of an entry; None, with a problem, if one of them is not supported."""
    bad = [glob for glob in (*entry.exclude, *excludes) if not _is_supported(glob)]
    for glob in bad:
        hint = "write a pattern of names, such as *.tpl.yaml, without !"
        found.problems.append(Problem(entry.path, 0, "", f"the exclude glob {glob!r} is not supported", hint))
    return None if bad else [Glob(glob) for glob in (*entry.exclude, *excludes)]


def shown_path(path: str | Path) -> str:
    """A path as reports show it: relative to the working directory if it lies below it, with ``/``."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would replace links by their targets)
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return Path(path).as_posix()


def _is_supported(glob: str) -> bool:
    if glob.startswith("!") or not glob.strip("/"):
        return False
    try:
        Glob(glob)
    except re.error:
        return False
    return True


class Glob:
    """One exclude glob (see the module's description)."""

    def __init__(self, glob: str) -> None:
        self.folders_only = glob.endswith("/")
        pattern = glob.removeprefix("./").rstrip("/")
        self.anchored = "/" in pattern
        self._regex = re.compile(_translate(pattern.lstrip("/")), re.DOTALL)

    def matches(self, path: str, is_folder: bool) -> bool:
        """Whether the glob names this path itself; what lies in a folder that it names is left out with it."""
        if self.folders_only and not is_folder:
            return False
        text = path if self.anchored else path.rpartition("/")[2]
        return self._regex.fullmatch(text) is not None


def _translate(pattern: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            parts.append("(?:[^/]+/)*")
            at += 3
        elif pattern.startswith("**", at):
            parts.append(".*")
            at += 2
        elif pattern[at] in "*?":
            parts.append("[^/]*" if pattern[at] == "*" else "[^/]")
            at += 1
        elif pattern[at] == "[" and pattern.find("]", at + 2) > 0:
            end = pattern.find("]", at + 2)
            members = pattern[at + 1 : end]
            negated = members[0] in "!^"
            inside = re.escape(members[1:] if negated else members).replace(r"\-", "-")
            parts.append(f"(?!/)[{'^' if negated else ''}{inside}]")
            at = end + 1
        else:
            parts.append(re.escape(pattern[at]))
            at += 1
    return "".join(parts)


class _Walk:
    """The files of one entry."""

    def __init__(self, entry: Entry, globs: Sequence[Glob], found: Found) -> None:
        self._root = Path(entry.path)
        self._entry = entry
        self._globs = globs
        self._found = found
        self._visited: set[str] = set()

    def run(self) -> None:
        try:
            exists, is_folder = self._root.exists(), self._root.is_dir()
        except (OSError, ValueError):
            exists, is_folder = False, False
        if not exists:
            hint = "check the path" + ("" if self._root.is_absolute() else "; it is relative to the working directory")
            self._problem(self._root, "no such file or folder", hint)
        elif is_folder:
            self._folder(self._root, "")
        elif self._is_excluded(self._root.name, self._root, is_folder=False):
            self._found.excluded.append(shown_path(self._root))
        else:
            self._add(self._root)

    def _folder(self, folder: Path, below: str) -> None:
        """Goes through a folder, in the order of the paths, without recursion into Python's limits."""
        pending = [(folder, below, False)]
        while pending:
            path, relative, is_excluded = pending.pop()
            real = os.path.realpath(path)
            if real in self._visited:
                continue
            self._visited.add(real)
            inner: list[tuple[Path, str, bool]] = []
            for child in self._children(path):
                name = f"{relative}{child.name}"
                is_folder = self._is_folder(child)
                left_out = is_excluded or self._is_excluded(name, child, is_folder is True)
                if is_folder is None:
                    self._unknown(child, left_out)
                elif is_folder:
                    if not child.name.startswith("."):
                        inner.append((child, name + "/", left_out))
                elif child.suffix in SUFFIXES:
                    self._file(child, left_out)
            pending.extend(reversed(inner))

    def _is_folder(self, path: Path) -> bool | None:
        """None if it cannot be known, as of a link into a folder that may not be entered."""
        try:
            return path.is_dir()
        except OSError:
            return None

    def _unknown(self, path: Path, is_excluded: bool) -> None:
        if is_excluded:
            self._found.excluded.append(shown_path(path))
        else:
            self._problem(path, "cannot be looked at", "check the permissions, or exclude it with --exclude")

    def _file(self, path: Path, is_excluded: bool) -> None:
        if is_excluded:
            self._found.excluded.append(shown_path(path))
        elif path.is_file():
            self._add(path)
        else:
            self._problem(path, "not a regular file (a broken link?)", "remove it, or exclude it with --exclude")

    def _children(self, folder: Path) -> Iterator[Path]:
        try:
            yield from sorted(folder.iterdir(), key=lambda child: child.name)
        except OSError as error:
            self._problem(folder, f"cannot be listed: {error.strerror}", "check the permissions, or exclude it")

    def _is_excluded(self, relative: str, path: Path, is_folder: bool) -> bool:
        if not self._globs:
            return False
        shown = shown_path(path)
        return any(glob.matches(relative, is_folder) or glob.matches(shown, is_folder) for glob in self._globs)

    def _add(self, path: Path) -> None:
        self._found.files[-1].append(SourceFile(path, shown_path(path), os.path.realpath(path)))

    def _problem(self, path: Path, message: str, hint: str) -> None:
        self._found.problems.append(Problem(shown_path(path), 0, "", message, hint))
