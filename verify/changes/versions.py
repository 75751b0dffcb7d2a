"""The manifests that properties over changes compare, read once for each place that several properties name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...encodings.manifests import Manifests
from ...encodings.problems import InputErrors, Notice, Problem
from ...encodings.reading.entries import Entry
from ...encodings.renaming import Renaming
from ...properties.changes import change_verb
from ...properties.loading import LoadedProperty
from ...properties.suite import Equivalent
from .pair import Versions

Reader = Callable[[Sequence[Entry]], tuple[Manifests, tuple[Notice, ...]]]


def versions_of(
    properties: Iterable[LoadedProperty], own: Manifests, read: Reader
) -> tuple[dict[str, Versions], tuple[Notice, ...]]:
    """By id, what each property over changes compares; and what there is to say about it. ``own`` are the suite's
    manifests, which are the head unless a property names another.

    Raises InputErrors for a base that cannot be read: it is never taken for one that allows nothing.
    """
    known: dict[str, Manifests] = {}
    notices: list[Notice] = []
    renamed: dict[tuple[int, str], Manifests] = {}
    versions: dict[str, Versions] = {}
    problems: list[Problem] = []

    def manifests(entries: tuple[Entry, ...]) -> Manifests:
        key = repr(entries)
        if key not in known:
            found, said = read(entries)
            refuse_empty(found, ", ".join(entry.path for entry in entries))
            known[key] = found
            notices.extend(said)
        return known[key]

    for loaded in properties:
        verb = change_verb(loaded.written)
        if verb is None:
            continue
        try:
            base = manifests(loaded.base)
            head = manifests(loaded.head) if loaded.head else own
        except InputErrors as errors:
            problems += [each for each in errors.problems if each not in problems]
            continue
        if isinstance(verb, Equivalent) and verb.rename is not None:
            key = (id(base), verb.rename.model_dump_json())
            if key not in renamed:
                renaming = Renaming(verb.rename.namespaces, verb.rename.labels)
                taken = renaming.collisions(base)
                if taken:
                    text = f"gives a name that `left` uses already, so that two things would become one: {taken[0]}"
                    hint = "rename that one as well, or choose another name"
                    problems.append(Problem(loaded.file, loaded.line, "equivalent.rename", text, hint))
                    continue
                renamed[key] = renaming.apply(base)
            base = renamed[key]
        versions[loaded.written.id] = Versions(base, head)
    if problems:
        raise InputErrors(problems)
    return versions, tuple(notices)


def refuse_empty(manifests: Manifests, shown: str) -> None:
    """Raises InputErrors for one side of a comparison that says nothing of a cluster: it is likely a mistyped path."""
    if not manifests.modelled and not manifests.unmodelled:
        text = "holds no policy, no Namespace and no workload, so there is nothing to compare"
        raise InputErrors([Problem(shown, 0, "", text, "check the path")])
