"""The sources of manifests that a suite names, as the reader takes them; paths are relative to the suite's file.

Only what is written is checked here. Whether it exists is found out when it is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..encodings.problems import InputErrors, Problem
from ..encodings.reading.entries import Entry, Helm, Live, entry_of, git_entry, path_beside
from .places import Place
from .suite import ManifestEntry

_SOURCES = ("path", "git", "kustomize", "helm", "live")
_FORMS = "{path: PATH}, {git: REF, path: PATH}, {kustomize: DIR}, {helm: DIR} or {live: CONTEXT}"
_OF_HELM = ("values", "release", "namespace", "matrix")
_VARIANT = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def entries_at(
    place: Place, items: Sequence[str | ManifestEntry], *, listed: bool = True
) -> tuple[tuple[Entry, ...], list[Problem]]:
    """The sources written at ``place``, and what is wrong with them; ``listed``: as a list, else as its one item."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for index, item in enumerate(items):
        where = place.at(index) if listed else place
        wrong = [] if isinstance(item, str) else _mistakes(where, item)
        problems += wrong
        if wrong:
            continue
        try:
            entries.append(_entry(where, item))
        except InputErrors as errors:
            problems += [where.problem(each.message, each.hint) for each in errors.problems]
    return tuple(entries), problems


def _entry(place: Place, item: str | ManifestEntry) -> Entry:
    """One source. Raises InputErrors for a text that can name nothing."""
    folder = Path(os.path.dirname(place.file))  # noqa: PTH120 - as other paths beside the file
    if isinstance(item, str):
        return entry_of(_given(place, item), folder)
    if "live" in item.model_fields_set:
        return Entry(f"live:{item.live or ''}", (), Live(item.live or None))
    if item.git is not None:
        return git_entry(item.git, item.path or "", folder, item.exclude)
    if item.kustomize is not None:
        return entry_of(f"kustomize:{_given(place.at('kustomize'), item.kustomize)}", folder)
    if item.helm is not None:
        entry = entry_of(f"helm:{_given(place.at('helm'), item.helm)}", folder)
        return replace(entry, how=_helm(item, folder))
    return entry_of(_given(place.at("path"), item.path or ""), folder, item.exclude)


def _given(place: Place, text: str) -> str:
    if not text:
        raise InputErrors([place.problem("is an empty path")])
    return text


def _helm(item: ManifestEntry, folder: Path) -> Helm:
    return Helm(
        values=tuple(path_beside(file, folder) for file in item.values),
        release=item.release,
        namespace=item.namespace,
        matrix=tuple(
            (name, tuple(path_beside(file, folder) for file in files)) for name, files in (item.matrix or {}).items()
        ),
    )


def _mistakes(place: Place, item: ManifestEntry) -> list[Problem]:
    """Keys that say nothing, or contradict one another."""
    given = item.model_fields_set
    sources = [key for key in _SOURCES if key in given]
    if sources == ["path", "git"]:
        sources = ["git"]
    if not sources:
        return [place.problem("names no source of manifests", f"write {_FORMS}")]
    if len(sources) > 1:
        return [place.problem(f"names several sources at once: {', '.join(sources)}", f"write {_FORMS}")]
    problems = [
        place.at(key).problem("goes with helm only", "write {helm: DIR, …}")
        for key in _OF_HELM
        if key in given and sources != ["helm"]
    ]
    if "exclude" in given and sources[0] not in ("path", "git"):
        hint = "read its files as they are to leave some out: {path: plain:DIR, exclude: …}"
        problems.append(place.at("exclude").problem("nothing can be excluded from what is rendered or live", hint))
    if item.matrix is not None:
        problems += _matrix_mistakes(place.at("matrix"), item)
    return problems


def _matrix_mistakes(place: Place, item: ManifestEntry) -> list[Problem]:
    if not item.matrix:
        return [place.problem("names no variant", "write NAME: [values.yaml], or leave matrix out")]
    return [
        place.at(name).problem(
            f'"{name}" cannot be the name of a variant', "use letters and digits, with . _ or - between them"
        )
        for name in item.matrix
        if not _VARIANT.fullmatch(name)
    ]
