"""Charts: rendered with ``helm template``, never installed and without asking a cluster.

Trusts Helm for the rendering, and for the comment before each document that names the template it came from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..problems import InputErrors, Problem
from ..written import WrittenObject
from .entries import Entry, Helm
from .programs import Call
from .rendering import Folder, rendered
from .sources import SourceFile

CHART_FILE = "Chart.yaml"
TOOL = "helm"
RELEASE = "release-name"
"""The name of a release that nobody named, as ``helm template`` has it."""
_LEGAL_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_SOURCE = re.compile(rb"# Source: ([^\r\n]+)")


def render_chart(folder: Folder, helm: Helm, entry: Entry, namespace: str) -> SourceFile:
    """What Helm makes of a chart. Raises InputErrors, with its own words, if it makes nothing of it.

    ``namespace`` is the release's, and that of objects without one, unless the source says another.
    """
    release = RELEASE if helm.release is None else helm.release
    for what, name in (("release", release), ("namespace", helm.namespace or namespace)):
        if not _LEGAL_NAME.fullmatch(name):
            raise _problem(entry, f"{what}: {name!r} is no legal name")
    if helm.matrix:
        hint = "name the values of one of them"
        raise _problem(entry, "has a matrix, and only a suite's manifests may have one", hint)
    arguments = ["template", release, str(folder.path), "--namespace", helm.namespace or namespace]
    for file in helm.values:
        path = str(Path(file).absolute())
        if "," in path:
            raise _problem(entry, f"values: Helm takes the comma in {file} for the end of a path", "rename it")
        arguments += ["--values", path]
    otherwise = f"read the files as they are: plain:{entry.path.removeprefix('helm:')}"
    content = Call(entry.path, "helm", arguments, hidden=folder.hidden).run(otherwise)
    name = folder.shown if helm.variant is None else f"{folder.shown} [{helm.variant}]"
    named = replace(folder, shown=name)
    shown = rendered(named, TOOL, None)
    identity = f"{TOOL}:{shown}:{helm}:{namespace}"
    shown_at = _templates(folder, named, content)

    def placed(written: WrittenObject) -> WrittenObject:
        return replace(written, file=shown_at(written.line))

    return SourceFile(None, shown, identity, content, helm.namespace, placed, shown_at)


def _templates(folder: Folder, named: Folder, content: bytes) -> Callable[[int], str]:
    """From a line to how its place is shown: with the template that the last comment before it names."""
    lines, sources = list[int](), list[str]()
    before = b"---"
    for number, line in enumerate(content.split(b"\n"), start=1):
        found = _SOURCE.match(line)
        if found is not None and before.rstrip() == b"---":
            lines.append(number)
            sources.append(_template(folder, found[1].decode("utf-8", "replace").strip()))
        before = line

    def shown_at(line: int) -> str:
        at = bisect_right(lines, line)
        return rendered(named, TOOL, sources[at - 1] if at else None)

    return shown_at


def _template(folder: Folder, source: str) -> str:
    """A template's file, for Helm calls it by the name of the chart and not of its folder; else as Helm calls it."""
    path = folder.path / source.partition("/")[2]
    return folder.name_of(path) if path.is_file() else source


def _problem(entry: Entry, message: str, hint: str = "") -> InputErrors:
    return InputErrors([Problem(entry.path, 0, "", message, hint)])
