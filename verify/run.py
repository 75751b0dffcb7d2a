"""A whole run of ``prove`` as one function: load suites, read and validate manifests, prove, join reports.

The command line, Python programs and benchmarks call the same functions. Nothing is written or printed here;
the only contact with the outside is reading the files named, and standard input where ``-`` is named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from ..encodings.problems import InputErrors, Notice, Problem
from .reports.listing import Listed
from .results import InputSummary, PropertyResult, Report
from .sources import Source

if TYPE_CHECKING:
    from ..encodings.manifests import Manifests
    from ..encodings.reading import Entry
    from ..properties.loading import LoadedSuite
    from .baseline import Baseline
    from .changes.pair import Versions
    from .progress import Progress
    from .recorded import Recorded

# The functions below import what they call: the solver and the models take longer to load than a mistake in an
# option, or `--help`, takes to answer.

DEFAULT_SUITE = "properties.yaml"

Duplicates = Literal["error", "last"]
"""What two different objects of one name are: a mistake, or an older and a newer state (``duplicateObjects``)."""

Asked = tuple[int, str | None]
"""A suite's index, and the variant of its manifests that it is proved against (None: it has no variants)."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ManifestsRequest:
    """Which manifests to read and how: ``paths`` (texts as ``encodings.reading.entry_of`` takes them), or those of a
    suite if there are none; globs to ``exclude``; the ``namespace`` of objects that name none."""

    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    namespace: str = "default"


@dataclass(frozen=True, slots=True)
class ProveRequest:
    """What ``prove`` is asked, in the command line's words.

    ``suites``: paths; none means ``properties.yaml`` in the working directory. ``only``: ids and ``tag=NAME``.
    ``world`` and ``semantics``: ``KEY=VALUE``, above the suite's. ``all_classes``: list every class of counterexamples
    of each refuted property. ``effort`` and ``timeout``: limits of the solver; None is the default effort, and no
    timeout. ``waivers``: files of waivers; ``now``: the day on which they are looked at, ``YYYY-MM-DD``, else today.
    ``baseline``: a file of what is known to fail.
    """

    suites: tuple[str, ...] = ()
    manifests: ManifestsRequest = ManifestsRequest()
    only: tuple[str, ...] = ()
    world: tuple[str, ...] = ()
    semantics: tuple[str, ...] = ()
    all_classes: bool = False
    effort: int | None = None
    timeout: float | None = None
    waivers: tuple[str, ...] = ()
    now: str | None = None
    baseline: str | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Manifests read and found valid, with what there is to say about them."""

    manifests: Manifests
    notices: tuple[Notice, ...]


def run_prove(request: ProveRequest, progress: Progress | None = None) -> Report:
    """Prove every property the request selects, in the order of the suites.

    Raises InputErrors for anything wrong with suites, manifests or options, with all problems that a step finds;
    engine.InternalError for a counterexample that the concrete evaluator does not confirm.
    """
    from .waivers import in_force, not_asked, with_notices  # noqa: PLC0415

    every = _load(request)
    selected = _selected(every, request)
    waived = in_force(selected, request.now)
    baseline: Baseline | None = None
    if request.baseline is not None:
        from .baseline import read_baseline, settled  # noqa: PLC0415

        baseline = read_baseline(request.baseline)
        ids = [each.written.id for suite in every for each in suite.properties]
        report = settled(_proved(request, waived.suites, baseline, progress), baseline, ids)
    else:
        report = _proved(request, waived.suites, None, progress)
    report = replace(report, notices=(*report.notices, *not_asked(every, selected)))
    return with_notices(report, waived.said)


def _proved(
    request: ProveRequest, suites: Sequence[LoadedSuite], baseline: Baseline | None, progress: Progress | None
) -> Report:
    """Prove all properties of the suites, whose waivers are in force."""
    parts = _parts(request, suites)
    from .engine import DEFAULT_EFFORT, Options, prove  # noqa: PLC0415

    started = time.monotonic()
    total = sum(len(suites[index].properties) for asked, _ in parts for index, _ in asked)
    done = 0
    reports: list[tuple[list[Asked], Report]] = []
    for asked, cluster in parts:
        members = [suites[index] for index, _ in asked]
        shifted = _shifted(progress, done, total)
        notices = (*(notice for suite in members for notice in suite.notices), *cluster.notices)
        options = Options(
            effort=request.effort or DEFAULT_EFFORT,
            timeout=_remaining(request.timeout, started),
            all_classes=request.all_classes,
        )
        compared, more = _compared(members, cluster, request.manifests)
        report = prove(
            members,
            cluster.manifests,
            options=options,
            progress=shifted,
            notices=(*notices, *more),
            compared=compared,
            recorded=_recorded(asked, suites, baseline),
        )
        reports.append((asked, replace(report, sources=_sources(asked, members, cluster, compared))))
        done += sum(len(suite.properties) for suite in members)
    return _joined(suites, reports)


def list_properties(request: ProveRequest) -> tuple[Listed, ...]:
    """What ``--list`` shows: the selected properties as written, without reading a manifest.

    Raises InputErrors as ``load_selected``.
    """
    return tuple(
        Listed(each.written.id, each.verb, each.severity, each.file, each.line, each.written.description, each.tags)
        for suite in load_selected(request)
        for each in suite.properties
    )


def load_selected(request: ProveRequest) -> tuple[LoadedSuite, ...]:
    """The suites of a request, under its overrides, with the properties it selects; suites without one fall away.

    Raises InputErrors with every problem of every suite, and for a selection that selects nothing.
    """
    return _selected(_load(request), request)


def _load(request: ProveRequest) -> tuple[LoadedSuite, ...]:
    """The suites of a request, whole."""
    if not request.suites and not Path(DEFAULT_SUITE).is_file():
        hint = "name a suite: netpol-verify prove SUITE"
        raise InputErrors([Problem(DEFAULT_SUITE, 0, "", "there is no such file in the working directory", hint)])
    from ..properties.loading import load_suites  # noqa: PLC0415
    from ..properties.overrides import parse_overrides  # noqa: PLC0415

    overrides = parse_overrides(request.world, request.semantics)
    return load_suites(request.suites or (DEFAULT_SUITE,), overrides=overrides, waivers=request.waivers)


def _selected(suites: Sequence[LoadedSuite], request: ProveRequest) -> tuple[LoadedSuite, ...]:
    from ..properties.loading import select  # noqa: PLC0415

    return tuple(suite for suite in select(suites, request.only) if suite.properties)


def read_named(request: ManifestsRequest, duplicate_objects: Duplicates) -> Cluster:
    """Read and validate the manifests that the request names, which must be some. Raises InputErrors."""
    from ..encodings.reading import entry_of  # noqa: PLC0415

    if not request.paths:
        hint = "name files or folders with -f PATH, or - for standard input"
        raise InputErrors([Problem("--manifests", 0, "", "no manifests are named", hint)])
    return read_cluster([entry_of(path) for path in request.paths], request, duplicate_objects)


def read_cluster(paths: Sequence[Entry], request: ManifestsRequest, duplicate_objects: Duplicates) -> Cluster:
    """Read and validate manifests. Raises InputErrors with every problem found in them."""
    from ..encodings.reading import read_manifests  # noqa: PLC0415
    from ..encodings.validation import dns_label_problems, validate  # noqa: PLC0415

    mistakes = dns_label_problems(request.namespace)
    if mistakes:
        raise InputErrors([Problem("--namespace", 0, "", f'"{request.namespace}": {"; ".join(mistakes)}')])
    manifests = read_manifests(
        paths,
        namespace=request.namespace,
        duplicate_objects=duplicate_objects,
        excludes=request.exclude,
    )
    problems, notices = validate(manifests.modelled)
    if problems:
        raise InputErrors(problems)
    placed = sorted((*manifests.notices, *notices), key=lambda notice: (notice.file or "", notice.line or 0))
    return Cluster(manifests, tuple(placed))


def _compared(
    suites: Sequence[LoadedSuite], cluster: Cluster, request: ManifestsRequest
) -> tuple[dict[str, Versions], tuple[Notice, ...]]:
    """What the properties over changes compare. Raises InputErrors."""
    from .changes.versions import versions_of  # noqa: PLC0415

    found: dict[str, Versions] = {}
    notices: list[Notice] = []
    for suite in suites:

        def read(
            entries: Sequence[Entry], duplicates: Duplicates = suite.semantics.duplicate_objects or "error"
        ) -> tuple[Manifests, tuple[Notice, ...]]:
            read_ones = read_cluster(entries, request, duplicates)
            return read_ones.manifests, read_ones.notices

        versions, said = versions_of(suite.properties, cluster.manifests, read)
        found.update(versions)
        notices += said
    return found, tuple(notices)


def _sources(
    asked: Sequence[Asked], suites: Sequence[LoadedSuite], cluster: Cluster, compared: dict[str, Versions]
) -> tuple[Source, ...]:
    """The manifests of a part of the run, with what they are compared with."""
    titles = [
        suite.file + ("" if name is None else f" [{name}]") for (_, name), suite in zip(asked, suites, strict=True)
    ]
    others = {id(each): each for versions in compared.values() for each in (versions.base, versions.head)}
    others.pop(id(cluster.manifests), None)
    first = next(loaded for suite in suites for loaded in suite.properties)
    return (Source(", ".join(titles), cluster.manifests, tuple(others.values()), first.world, first.semantics),)


def _recorded(asked: Sequence[Asked], suites: Sequence[LoadedSuite], baseline: Baseline | None) -> dict[int, Recorded]:
    """What the baseline holds of the properties of a part of the run, by their place in it."""
    if baseline is None:
        return {}
    names = [(each.written.id, variant) for index, variant in asked for each in suites[index].properties]
    held = ((number, baseline.recorded(*name)) for number, name in enumerate(names))
    return {number: each for number, each in held if each is not None}


def _parts(request: ProveRequest, suites: Sequence[LoadedSuite]) -> list[tuple[list[Asked], Cluster]]:
    """The distinct manifest lists, each read once, with what is proved against it."""
    groups: dict[tuple[tuple[Entry, ...], Duplicates], list[Asked]] = {}
    variants = _collecting(lambda suite: _variants(request, suite), suites)
    for index, (suite, named) in enumerate(zip(suites, variants, strict=True)):
        for name, entries in named:
            groups.setdefault((entries, suite.semantics.duplicate_objects or "error"), []).append((index, name))
    clusters = _collecting(lambda key: read_cluster(key[0], request.manifests, key[1]), list(groups))
    return list(zip(groups.values(), clusters, strict=True))


def _variants(request: ProveRequest, suite: LoadedSuite) -> tuple[tuple[str | None, tuple[Entry, ...]], ...]:
    """The manifests that a suite is proved against, with their variant's name: those of ``-f``, else its own."""
    from ..encodings.reading import entry_of, variants_of  # noqa: PLC0415

    if request.manifests.paths:
        return ((None, tuple(map(entry_of, request.manifests.paths))),)
    if suite.manifests:
        return variants_of(suite.manifests)
    hint = "add `manifests: [PATH]` to the suite, or name them with -f PATH"
    raise InputErrors([Problem(suite.file, 0, "", "no manifests are named, so there is nothing to prove", hint)])


def _collecting(step: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The step's result for every item, or one InputErrors with the problems of all items."""
    results: list[R] = []
    problems: list[Problem] = []
    for item in items:
        try:
            results.append(step(item))
        except InputErrors as errors:
            problems.extend(errors.problems)
    if problems:
        raise InputErrors(problems)
    return results


def _remaining(timeout: float | None, started: float) -> float | None:
    """What is left of a wall-clock limit that all parts of a run share."""
    return None if timeout is None else max(0.0, timeout - (time.monotonic() - started))


def _shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    """The callback for a part of the run, counting what earlier parts have done."""
    if progress is None:
        return None
    return lambda done, _, what: progress(before + done, total, what)


def _joined(suites: Sequence[LoadedSuite], reports: Sequence[tuple[list[Asked], Report]]) -> Report:
    """One report of several: results in suite order, a property's variants together, the input of every distinct
    manifest list counted once."""
    by_suite: dict[int, list[list[PropertyResult]]] = {}
    for asked, report in reports:
        start = 0
        for index, variant in asked:
            number = len(suites[index].properties)
            found = report.results[start : start + number]
            by_suite.setdefault(index, []).append([replace(result, variant=variant) for result in found])
            start += number
    first = reports[0][1]
    return Report(
        version=first.version,
        z3=first.z3,
        input=_joined_input([report.input for _, report in reports]),
        assumptions=_distinct(text for _, report in reports for text in report.assumptions),
        notices=_distinct(notice for _, report in reports for notice in report.notices),
        results=tuple(
            result
            for index in sorted(by_suite)
            for variants in zip(*by_suite[index], strict=True)
            for result in variants
        ),
        sources=tuple(source for _, report in reports for source in report.sources),
    )


def _joined_input(inputs: Sequence[InputSummary]) -> InputSummary:
    return InputSummary(
        files=sum(read.files for read in inputs),
        objects=_summed([read.objects for read in inputs]),
        ignored=_summed([read.ignored for read in inputs]),
        unmodelled=_distinct(name for read in inputs for name in read.unmodelled),
        excluded=_distinct(file for read in inputs for file in read.excluded),
    )


def _summed(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    kinds = sorted({kind for count in counts for kind in count})
    return {kind: sum(count.get(kind, 0) for count in counts) for kind in kinds}


def _distinct(items: Iterable[T]) -> tuple[T, ...]:
    """The items without repetitions, in the order of their first appearance."""
    return tuple(dict.fromkeys(items))
