"""Reading manifests: from paths to objects by class, with every mistake of every file in one error.

Trusts the modules it joins: ``finding`` (which files), ``documents`` (their values), ``interpret`` (their objects),
``duplicates`` (which of them count).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TextIO

from ..manifests import Manifests
from ..problems import InputErrors, Notice, Problem
from ..written import WrittenObject
from .documents import parse_documents
from .duplicates import Distinct
from .entries import Entry
from .finding import find_sources
from .interpret import Interpreted, Interpreter, NoObject
from .kinds import Class, group_of
from .kustomize import KUSTOMIZATION_FILES as _KUSTOMIZATION_FILES
from .sources import SourceFile

NO_KIND = "(no kind)"


def read_manifests(
    entries: Sequence[Entry],
    *,
    namespace: str = "default",
    duplicate_objects: Literal["error", "last"] = "error",
    excludes: Sequence[str] = (),
    stdin: TextIO | None = None,
) -> Manifests:
    """Everything that the entries name, merged into one cluster.

    ``namespace`` is that of objects without one; ``excludes`` are globs for every entry (see ``sources``);
    ``duplicate_objects`` says what two different objects of one name are: an error, or an older and a newer state.
    Raises InputErrors with the problems of all files; also if an entry holds no Kubernetes object.
    """
    found = find_sources(entries, excludes, namespace)
    reading = _Reading(namespace, duplicate_objects, sys.stdin if stdin is None else stdin)
    reading.problems.extend(found.problems)
    for number, entry in enumerate(entries):
        holds_any = [reading.read(file) for file in found.files[number]]
        if number not in found.unusable and not any(holds_any):
            hint = "check the path" + (" and the exclude globs" if found.excluded else "")
            reading.problems.append(Problem(entry.path, 0, "", "contains no Kubernetes object", hint))
    return reading.result(tuple(found.excluded))


class _Reading:
    """What has been read so far."""

    def __init__(self, namespace: str, duplicates: Literal["error", "last"], stdin: TextIO) -> None:
        self.problems: list[Problem] = []
        self._namespace = namespace
        self._stdin = stdin
        self._modelled = Distinct(duplicates)
        self._unmodelled = Distinct(duplicates)
        self._exposing: list[WrittenObject] = []
        self._ignored: Counter[str] = Counter()
        self._namespaces: set[str] = set()
        self._defaulted: list[WrittenObject] = []
        self._generators: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._files: dict[str, bool] = {}

    def read(self, file: SourceFile) -> bool:
        """Reads a file unless it was read before; whether it holds an object, or something that prevents one."""
        if file.identity not in self._files:
            problems_before = len(self.problems)
            objects = self._read(file)
            self._files[file.identity] = objects > 0 or len(self.problems) > problems_before
            if file.shown_at is not None:
                own = [replace(each, file=file.shown_at(each.line)) for each in self.problems[problems_before:]]
                self.problems[problems_before:] = own
        return self._files[file.identity]

    def _read(self, file: SourceFile) -> int:
        objects = 0
        try:
            content = self._content(file)
            documents = parse_documents(content, file.shown)
        except InputErrors as errors:
            self.problems.extend(errors.problems)
            return 0
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
            self.problems.append(Problem(file.shown, 0, "", message, "check the permissions, or exclude it"))
            return 0
        interpreter = Interpreter(file.shown, file.namespace or self._namespace, self.problems, content)
        for document in documents:
            for item in interpreter.interpret(document):
                if isinstance(item, NoObject):
                    self._take_other(file, item)
                else:
                    objects += 1
                    self._take(item if file.placed is None else replace(item, written=file.placed(item.written)), file)
        return objects

    def _content(self, file: SourceFile) -> str | bytes:
        if file.content is not None:
            return file.content
        if file.path is not None:
            return file.path.read_bytes()
        binary = getattr(self._stdin, "buffer", None)
        return self._stdin.read() if binary is None else binary.read()

    def _take_other(self, file: SourceFile, item: NoObject) -> None:
        self._ignored[NO_KIND] += 1
        # kustomize lets its own file go without apiVersion and kind.
        if item.fields is not None and file.shown.rpartition("/")[2] in _KUSTOMIZATION_FILES:
            self._generators.setdefault(("kustomize.config.k8s.io", "Kustomization"), []).append(
                (file.shown, item.line)
            )

    def _take(self, item: Interpreted, file: SourceFile) -> None:
        written, kind_class = item.written, item.kind_class
        if written.namespace is not None:
            self._namespaces.add(written.namespace)
        if item.defaulted and file.namespace is None:
            self._defaulted.append(written)
        if kind_class in (Class.MODELLED, Class.WORKLOAD):
            self._modelled.add(written)
        elif kind_class is Class.UNMODELLED:
            self._unmodelled.add(written)
        else:
            self._ignored[written.kind] += 1
            if kind_class is Class.EXPOSING:
                self._exposing.append(written)
            elif kind_class is Class.GENERATOR:
                key = (group_of(written.api_version), written.kind)
                self._generators.setdefault(key, []).append((written.file, written.line))

    def result(self, excluded: tuple[str, ...]) -> Manifests:
        """All of it. Raises InputErrors if anything was wrong."""
        problems = [*self.problems, *self._modelled.problems, *self._unmodelled.problems]
        if problems:
            raise InputErrors(problems)
        modelled, unmodelled = self._modelled.objects, self._unmodelled.objects
        counts = Counter(written.kind for written in modelled)
        return Manifests(
            modelled=tuple(modelled),
            unmodelled=tuple(unmodelled),
            exposing=tuple(self._exposing),
            named_namespaces=tuple(sorted(self._namespaces)),
            files=len(self._files),
            counts=dict(sorted(counts.items())),
            ignored=dict(sorted(self._ignored.items())),
            excluded=excluded,
            notices=tuple(self._notices()),
        )

    def _notices(self) -> list[Notice]:
        notices = [*self._modelled.notices, *self._unmodelled.notices]
        if self._defaulted:
            first, count = self._defaulted[0], len(self._defaulted)
            objects = "1 object" if count == 1 else f"{count} objects"
            message = f'{objects} without metadata.namespace, read as in namespace "{self._namespace}"'
            notices.append(Notice(f"{message} (the first: {first.kind} {first.name})", first.file, first.line))
        for (group, kind), places in sorted(self._generators.items()):
            name = f"{kind}.{group}" if group else kind
            count = "1 object" if len(places) == 1 else f"{len(places)} objects"
            message = (
                f"not rendered: {count} of kind {name}; what it generates is read only if it is given as manifests"
            )
            notices.append(Notice(message, *places[0]))
        return notices
