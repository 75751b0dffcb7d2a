"""What a list of sources stands for: files on disk, files of a ref's tree, what tools render, what a cluster reports.

Each source is left to the module that knows it. One that cannot be read is a problem; the others are read all the same,
so that all mistakes are told at once.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from ..problems import InputErrors, Problem
from .entries import STDIN, Entry, Git, Helm, How, Live
from .gitfiles import GitFiles
from .helm import CHART_FILE, render_chart
from .kustomize import KUSTOMIZATION_FILES, render_kustomization
from .live import read_cluster
from .programs import scratch_folder
from .rendering import Folder
from .sources import Found, SourceFile, add_files, globs_of, shown_path


def find_sources(entries: Sequence[Entry], excludes: Sequence[str] = (), namespace: str = "default") -> Found:
    """Everything that the entries stand for, less what globs exclude; ``namespace`` is that of charts' releases."""
    found = Found()
    for number, entry in enumerate(entries):
        found.files.append([])
        problems_before = len(found.problems)
        try:
            _add(entry, excludes, namespace, found)
        except InputErrors as errors:
            found.problems.extend(errors.problems)
        if len(found.problems) > problems_before:
            found.unusable.add(number)
    found.excluded = sorted(set(found.excluded))
    return found


def _add(entry: Entry, excludes: Sequence[str], namespace: str, found: Found) -> None:
    if isinstance(entry.where, Live):
        found.files[-1].append(read_cluster(entry, entry.where))
    elif isinstance(entry.where, Git):
        _add_git(entry, entry.where, excludes, namespace, found)
    else:
        how = _renderer(_names(entry), entry)
        if how == "plain":
            add_files(entry, excludes, found)
        else:
            found.files[-1].append(_on_disk(entry, how, namespace))


def _add_git(entry: Entry, git: Git, excludes: Sequence[str], namespace: str, found: Found) -> None:
    files = GitFiles(entry, git)
    how = _renderer(files.names(), entry)
    if how == "plain":
        globs = globs_of(entry, excludes, found)
        if globs is not None:
            files.add(globs, found)
        return
    with scratch_folder() as root:
        files.extract(root)
        folder = Folder(root / files.path, files.shown(files.path), root, files.shown(""))
        found.files[-1].append(_render(folder, how, entry, namespace))


def _names(entry: Entry) -> Collection[str]:
    """What lies directly in the folder that an entry names; nothing if it names none, or need not be known."""
    if entry.how != "detect" or entry.path in ("", STDIN):
        return ()
    try:
        return os.listdir(entry.path)  # noqa: PTH208 - only the names are of interest
    except (OSError, ValueError):  # a file, or a mistake that reading it tells
        return ()


def _renderer(names: Collection[str], entry: Entry) -> How:
    """How the folder that an entry names is read, by what lies directly in it.

    Raises InputErrors if two tools could render it, or if something is to be excluded from what is rendered.
    """
    how = entry.how
    if how == "detect":
        by_kustomize, by_helm = any(name in names for name in KUSTOMIZATION_FILES), CHART_FILE in names
        if by_kustomize and by_helm:
            hint = f"say which: kustomize:{entry.path}, helm:{entry.path} or plain:{entry.path}"
            raise _problem(entry, "the folder holds a kustomization and a chart", hint)
        how = "kustomize" if by_kustomize else Helm() if by_helm else "plain"
    if how != "plain" and entry.exclude:
        hint = f"leave exclude out, or read the files as they are: plain:{entry.path}"
        raise _problem(entry, "is rendered, and nothing can be excluded from what is rendered", hint)
    return how


def _on_disk(entry: Entry, how: How, namespace: str) -> SourceFile:
    path = Path(entry.path)
    try:
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise _problem(entry, "no such file or folder", "check the path")
    return _render(Folder(path.absolute(), shown_path(path)), how, entry, namespace)


def _render(folder: Folder, how: How, entry: Entry, namespace: str) -> SourceFile:
    if isinstance(how, Helm):
        return render_chart(folder, how, entry, namespace)
    return render_kustomization(folder, entry)


def _problem(entry: Entry, message: str, hint: str) -> InputErrors:
    return InputErrors([Problem(entry.path, 0, "", message, hint)])
