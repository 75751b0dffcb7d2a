"""The manifests in a ref's tree: the files that a folder of it stands for, or the tree laid out for a tool to render.

The rules are those of folders on disk (``sources``): suffixes, folders with a dot, excludes, links followed once. What
a checkout would have and the object store has not (submodules, links out of the tree) is refused, never skipped.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..problems import InputErrors, Problem, did_you_mean
from .entries import Entry, Git
from .gitstore import BLOBS_AT_ONCE, FOLDER, LINK, SUBMODULE, Repository, Tree
from .sources import SUFFIXES, Found, Glob, SourceFile

_LINKS_FOLLOWED = 40
EXTRACT_LIMIT = 2**30
"""Bytes that a tree may take on disk."""


class OutsideError(Exception):
    """A link leads out of the tree, or round in circles."""


class GitFiles:
    """The tree that an entry names, and the file or folder in it."""

    def __init__(self, entry: Entry, git: Git) -> None:
        self._entry = entry
        self._ref = git.ref
        self._repository = Repository(Path(git.folder or ".").absolute(), entry.path)
        self._targets: dict[str, str] = {}
        prefix = self._repository.prefix()
        self.tree: Tree = self._repository.tree(git.ref)
        self.path: str = self._resolved(self._normal(git.path, prefix))

    def shown(self, path: str) -> str:
        """A path in the tree as ``git show`` takes it."""
        return f"{self._ref}:{path}"

    def names(self) -> tuple[str, ...]:
        """What lies directly in the folder that the entry names; nothing if it names a file."""
        return self.tree.children.get(self.path, ())

    def _normal(self, path: str, prefix: str) -> str:
        relative = path.startswith(("./", "../")) or path in (".", "..")
        normal = posixpath.normpath(posixpath.join(prefix, path) if relative else path or ".")
        if normal == ".." or normal.startswith("../"):
            raise self._problem("the path leads out of the repository", "it is relative to the repository's root")
        return "" if normal == "." else normal

    def _resolved(self, path: str) -> str:
        try:
            found = self.follow(path)
        except OutsideError as error:
            raise self._problem(str(error), "name what it leads to") from None
        if found is None:
            known = [each for each in self.tree.items if posixpath.dirname(each) == posixpath.dirname(path)]
            hint = did_you_mean(path, known) or "the path is relative to the repository's root; ./ to the folder"
            raise self._problem(f'there is no "{path}" in the tree of {self._ref}', hint)
        if self.tree.items.get(found) is not None and self.tree.items[found].mode == SUBMODULE:
            hint = "name a git: source in a suite that lies in the submodule"
            raise self._problem(f'"{found}" is a submodule: its files are in another repository', hint)
        return found

    def follow(self, path: str) -> str | None:
        """Where a path leads once links are followed; None if there is nothing. Raises OutsideError."""
        pending = [part for part in path.split("/") if part]
        at: str = ""
        links = 0
        while pending:
            part = pending.pop(0)
            if not self.tree.is_folder(at):
                return None
            if part == ".":
                continue
            if part == "..":
                if not at:
                    raise OutsideError(f'the link "{path}" leads out of the tree')
                at = posixpath.dirname(at)
                continue
            step = f"{at}/{part}" if at else part
            item = self.tree.items.get(step)
            if item is None:
                return None
            if item.mode != LINK:
                at = step
                continue
            links += 1
            target = self._target(item.name)
            if links > _LINKS_FOLLOWED or target.startswith("/"):
                raise OutsideError(f'the link "{path}" leads out of the tree, to {target!r}')
            pending = [*[each for each in target.split("/") if each], *pending]
        return at

    def _target(self, name: str) -> str:
        """What a link holds. All links are read at once, when the first is needed."""
        if name not in self._targets:
            links = [item.name for item in self.tree.items.values() if item.mode == LINK]
            self._targets = {each: os.fsdecode(content) for each, content in self._repository.blobs(links).items()}
        return self._targets[name]

    def add(self, globs: Sequence[Glob], found: Found) -> None:
        """Adds the files that the entry stands for to the last list of ``found``, with their content."""
        walk = _Walk(self, globs, found)
        walk.run()
        contents = self._repository.blobs([self.tree.items[path].name for path in walk.files])
        for path in walk.files:
            name = self.tree.items[path].name
            shown = self.shown(path)
            found.files[-1].append(SourceFile(None, shown, f"git:{shown}:{name}", contents[name]))

    def extract(self, folder: Path) -> None:
        """Lays the whole tree out in ``folder``, an empty one: the files first, then links that stay inside.

        No attribute of the repository changes what is written, as one would in an archive or a checkout. Raises
        InputErrors for submodules and links that lead out of the tree below the path of the entry: what is rendered
        would lack them. Elsewhere they are left out, and a tool that needs them says so.
        """
        links = list[str]()
        files = list[str]()
        for path, item in self.tree.items.items():
            if item.mode == FOLDER:
                (folder / path).mkdir(parents=True, exist_ok=True)
            elif item.mode == LINK:
                links.append(path)
            elif item.mode != SUBMODULE:
                files.append(path)
            elif self._is_below(path):
                raise self._problem(f'"{path}" is a submodule: its files are in another repository')
        self._write(folder, files)
        for path in links:
            self._link(folder, path)

    def _write(self, folder: Path, files: Sequence[str]) -> None:
        left = EXTRACT_LIMIT
        for start in range(0, len(files), BLOBS_AT_ONCE):
            part = files[start : start + BLOBS_AT_ONCE]
            contents = self._repository.blobs([self.tree.items[path].name for path in part])
            for path in part:
                content = contents[self.tree.items[path].name]
                left -= len(content)
                if left < 0:
                    raise self._problem(f"the tree of {self._ref} holds more than {EXTRACT_LIMIT:,} bytes")
                (folder / path).write_bytes(content)

    def _link(self, folder: Path, path: str) -> None:
        """A link as what it leads to, found in the tree and not on disk: it cannot lead out of ``folder``."""
        try:
            target = self.follow(path)
        except OutsideError as error:
            if self._is_below(path):
                raise self._problem(str(error), "replace the link by what it leads to") from None
            return
        if target is not None:
            relative = posixpath.relpath(target or ".", posixpath.dirname(path) or ".")
            (folder / path).symlink_to(relative)

    def _is_below(self, path: str) -> bool:
        return not self.path or path.startswith(f"{self.path}/")

    def _problem(self, message: str, hint: str = "") -> InputErrors:
        return InputErrors([Problem(self._entry.path, 0, "", message, hint)])


@dataclass(frozen=True, slots=True)
class _Child:
    """An item of a folder: its path, and its path below the entry; ``left_out`` if its folder is."""

    path: str
    below: str
    left_out: bool

    @property
    def is_hidden(self) -> bool:
        """Whether its name begins with a dot."""
        return posixpath.basename(self.path).startswith(".")


class _Walk:
    """The files of the tree that an entry stands for, in the order of ``sources``."""

    def __init__(self, files: GitFiles, globs: Sequence[Glob], found: Found) -> None:
        self._of = files
        self._tree = files.tree
        self._globs = globs
        self._found = found
        self._visited: set[str] = set()
        self.files: dict[str, None] = {}

    def run(self) -> None:
        path = self._of.path
        if self._tree.is_folder(path):
            self._folders(path)
        elif self._is_excluded(_Child(path, posixpath.basename(path), False), is_folder=False):
            self._found.excluded.append(self._of.shown(path))
        else:
            self.files[path] = None

    def _folders(self, root: str) -> None:
        pending = [_Child(root, "", False)]
        while pending:
            folder = pending.pop()
            if folder.path in self._visited:
                continue
            self._visited.add(folder.path)
            inner: list[_Child] = []
            for name in self._tree.children.get(folder.path, ()):
                child = _Child(posixpath.join(folder.path, name), f"{folder.below}{name}", folder.left_out)
                target = self._visit(child)
                if target is not None and not child.is_hidden:
                    inner.append(_Child(target, f"{child.below}/", self._is_excluded(child, is_folder=True)))
            pending.extend(reversed(inner))

    def _visit(self, child: _Child) -> str | None:
        """Takes a file; gives where a folder is."""
        target: str | None = child.path
        if self._tree.items[child.path].mode == LINK:
            try:
                target = self._of.follow(child.path)
            except OutsideError as error:
                self._refuse(child, str(error), "replace it by what it leads to, or exclude it with --exclude")
                return None
        if target is not None and self._tree.is_folder(target):
            return target
        is_submodule = target is not None and self._tree.items[target].mode == SUBMODULE
        if is_submodule and not child.is_hidden:
            hint = "exclude it with --exclude, or read it from a checkout with its submodules"
            self._refuse(child, "is a submodule: its files are in another repository", hint, is_folder=True)
        elif not is_submodule and posixpath.splitext(child.path)[1] in SUFFIXES:
            self._file(child, target)
        return None

    def _file(self, child: _Child, target: str | None) -> None:
        if target is None:
            self._refuse(child, "not a regular file (a broken link?)", "remove it, or exclude it with --exclude")
        elif self._is_excluded(child, is_folder=False):
            self._found.excluded.append(self._of.shown(child.path))
        else:
            self.files[target] = None

    def _refuse(self, child: _Child, message: str, hint: str, is_folder: bool = False) -> None:
        shown = self._of.shown(child.path)
        if self._is_excluded(child, is_folder):
            self._found.excluded.append(shown)
        else:
            self._found.problems.append(Problem(shown, 0, "", message, hint))

    def _is_excluded(self, child: _Child, is_folder: bool) -> bool:
        texts = (child.below, child.path, self._of.shown(child.path))
        return child.left_out or any(glob.matches(text, is_folder) for glob in self._globs for text in texts)
