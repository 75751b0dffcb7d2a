"""A repository's object store: what a ref's tree holds, read with git and without checking anything out.

Neither the working tree nor the index is looked at or touched. Trusts git for its objects.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..problems import InputErrors, Problem, did_you_mean
from .programs import Call, Finished

FOLDER, LINK, SUBMODULE = "040000", "120000", "160000"
"""Modes of the items of a tree; all others are files."""

_OF_ANOTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE")
"""Variables that hooks of git run with. The repository is that of a folder, not theirs."""
BLOBS_AT_ONCE = 1000
"""How many files one call reads, so that no call prints without bounds."""
_OBJECT = re.compile("[0-9a-f]{40}([0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Item:
    """What a tree has at a path: ``mode`` as git writes it, and the name of the object."""

    mode: str
    name: str


@dataclass(frozen=True, slots=True)
class Tree:
    """All that a ref's tree holds: its items by their paths from the root, which itself is the folder ""."""

    items: Mapping[str, Item]
    children: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, items: Mapping[str, Item]) -> Tree:
        """A tree with these items."""
        children: dict[str, list[str]] = {"": []}
        for path, item in items.items():
            children.setdefault(path.rpartition("/")[0], []).append(path.rpartition("/")[2])
            if item.mode == FOLDER:
                children.setdefault(path, [])
        return cls(items, {folder: tuple(sorted(names)) for folder, names in children.items()})

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at a path."""
        return not path or (path in self.items and self.items[path].mode == FOLDER)


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that ``folder`` lies in; ``shown`` is how the source is shown that it is asked for."""

    folder: Path
    shown: str

    def prefix(self) -> str:
        """The path of ``folder`` from the root of the repository, "" for the root or where there are no files.

        Raises InputErrors, in git's words, if there is no repository or git refuses it.
        """
        done = self._call("rev-parse", "--show-prefix").attempt()
        if done.code != 0:
            raise self._no_repository(done)
        return os.fsdecode(done.output).removesuffix("\n").rstrip("/")

    def tree(self, ref: str) -> Tree:
        """The tree of a ref, whatever names a commit or tree. Raises InputErrors for a ref that names none."""
        done = self._call("rev-parse", "--verify", "--quiet", f"{ref}^{{tree}}").attempt()
        name = done.output.decode("ascii", "replace").strip()
        if done.code != 0 or not _OBJECT.fullmatch(name):
            raise self._unknown(ref, done)
        listed = self._call("ls-tree", "-r", "-t", "-z", "--full-tree", name).run()
        items: dict[str, Item] = {}
        for line in listed.split(b"\0"):
            about, tab, path = line.partition(b"\t")
            if tab:
                mode, _, name = about.decode("ascii").split(" ")
                items[self._legal(os.fsdecode(path))] = Item(mode, name)
        return Tree.of(items)

    def blobs(self, names: Sequence[str]) -> dict[str, bytes]:
        """The content of files, by the names of their objects. Raises InputErrors if one is missing."""
        wanted = list(dict.fromkeys(names))
        found: dict[str, bytes] = {}
        for start in range(0, len(wanted), BLOBS_AT_ONCE):
            part = wanted[start : start + BLOBS_AT_ONCE]
            stdin = "".join(f"{name}\n" for name in part).encode()
            found.update(self._parted(self._call("cat-file", "--batch", stdin=stdin).run(), part))
        return found

    def _parted(self, output: bytes, names: Sequence[str]) -> dict[str, bytes]:
        """What ``git cat-file --batch`` prints: for each object a line with its size, its content, and a line's end."""
        found: dict[str, bytes] = {}
        at = 0
        for name in names:
            end = output.find(b"\n", at)
            about = output[at:end].decode("ascii", "replace").split(" ")
            if end < 0 or len(about) != 3 or about[0] != name or about[1] != "blob":
                hint = "the clone lacks a part of the history: git fetch, or git fsck says what is wrong"
                raise self._problem(f"the object {name} is not in the repository", hint)
            size = int(about[2])
            found[name] = output[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def _legal(self, path: str) -> str:
        """A path in a tree, unless git itself would refuse to check it out. Raises InputErrors."""
        if any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
            raise self._problem(f"the tree holds the path {path!r}, which no checkout may have", "git fsck tells more")
        return path

    def _unknown(self, ref: str, done: Finished) -> InputErrors:
        """What is wrong with a ref that names no tree, and what may help."""
        said = f": {done.said}" if done.said else ""
        message = f'"{ref}" names no commit of this repository{said}'
        shallow = self._call("rev-parse", "--is-shallow-repository").attempt().output.strip() == b"true"
        if shallow:
            hint = f"the clone is shallow: git fetch origin {ref}, or fetch-depth: 0 where the CI checks out"
            return self._problem(message, hint)
        listed = self._call("for-each-ref", "--format=%(refname:short)").attempt().output
        refs = os.fsdecode(listed).split()
        remote = [each for each in refs if each.endswith(f"/{ref}")]
        near = f'did you mean "{remote[0]}"?' if remote else did_you_mean(ref, refs)
        return self._problem(message, near or f"fetch it first: git fetch origin {ref}")

    def _no_repository(self, done: Finished) -> InputErrors:
        if "safe.directory" in done.said:
            hint = "if you trust it: git config --global --add safe.directory FOLDER"
        else:
            hint = "a git: source is looked up in the repository of the working directory, or of the suite's folder"
        return self._problem(f"git refuses: {done.said or f'exit code {done.code}'}", hint)

    def _call(self, *arguments: str, stdin: bytes = b"") -> Call:
        environment = {key: value for key, value in os.environ.items() if key not in _OF_ANOTHER_REPOSITORY}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
        everywhere = ("-C", str(self.folder), "--literal-pathspecs", "--no-pager")
        return Call(self.shown, "git", (*everywhere, *arguments), stdin, environment)

    def _problem(self, message: str, hint: str = "") -> InputErrors:
        return InputErrors([Problem(self.shown, 0, "", message, hint)])
