"""Smaller cases of one finding: hypothesis shrinks what was drawn, and what nothing hangs on is then left out.

``still`` says whether a smaller case shows the same finding; it asks the evaluator, so what it costs is what counts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

from hypothesis import HealthCheck, Phase, Verbosity, configuration, given, settings
from hypothesis import seed as seeded
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from .compare import Case
from .drawing.one import ATTEMPTS, bytes_of
from .model import Cluster, Flow, Raw, pod_of

T = TypeVar("T")
Path = tuple[str | int, ...]


class _StillError(Exception):
    """The value drawn shows the finding."""


def shrunk(strategy: SearchStrategy[T], seed: str, still: Callable[[T], bool]) -> T | None:
    """The least value that hypothesis finds, beginning with the one that ``draw_one`` gives for ``seed``.

    None if not even that one is ``still`` a finding, which an evaluator that changes its mind can bring about.
    """
    found: list[T] = []

    @settings(
        database=InMemoryExampleDatabase(),
        deadline=None,
        phases=(Phase.reuse, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
    @seeded(0)  # below the settings, since it takes the database away
    @given(strategy)
    def one(value: T) -> None:
        if still(value):
            found[:] = [value]
            raise _StillError

    try:
        for attempt in range(ATTEMPTS):  # as draw_one does: the first bytes that give a value
            if cast(Any, one).hypothesis.fuzz_one_input(bytes_of(seed, attempt)) is not None:
                return None
    except _StillError:
        with suppress(_StillError, Flaky), _files_elsewhere():
            one()
    return found[0] if found else None


@contextmanager
def _files_elsewhere() -> Generator[None]:
    """Hypothesis keeps files in the working directory, which is the user's, unless it is told of another place."""
    before = vars(configuration).get("__hypothesis_home_directory")
    with TemporaryDirectory(prefix="netpol-verify-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


def fewest(items: Sequence[T], still: Callable[[Sequence[T]], bool]) -> list[T]:
    """A few of ``items`` that are still a finding together: halves first, then one by one."""
    left = list(items)
    size = len(left) // 2
    while size:
        at = 0
        while at < len(left) and len(left) > 1:
            rest = [*left[:at], *left[at + size :]]
            if rest and still(rest):
                left = rest
            else:
                at += size
        size //= 2
    return left


def trimmed(case: Case, still: Callable[[Case], bool]) -> Case:
    """The case without objects, and without parts of policies, that the finding does not need."""
    ends = {end for flow in case.flows for end in (flow.source, flow.destination)}
    objects = fewest(
        range(len(case.cluster.objects)),
        lambda kept: _holds(case.cluster, kept, ends) and still(_only(case, kept)),
    )
    case = _only(case, objects)
    progress = True
    while progress:
        progress = False
        for smaller in _without_parts(case):
            if still(smaller):
                case, progress = smaller, True
                break
    return case


def _holds(cluster: Cluster, kept: Sequence[int], ends: set[str]) -> bool:
    """The pods that the flows name are kept."""
    there = {pod.reference for pod in cut(cluster, kept).pods()}
    return all(end in there or "/" not in end for end in ends)


def cut(cluster: Cluster, kept: Sequence[int]) -> Cluster:
    """The cluster with some of its objects, by their positions in ascending order."""
    places = {old: new for new, old in enumerate(kept)}
    layout = (tuple(places[at] for at in positions if at in places) for positions in cluster.layout)
    return Cluster(tuple(cluster.objects[at] for at in kept), tuple(positions for positions in layout if positions))


def _only(case: Case, kept: Sequence[int]) -> Case:
    return Case(cut(case.cluster, sorted(kept)), case.flows)


def _without_parts(case: Case) -> Iterator[Case]:
    """The case once for each part of an object that can be left out, larger parts first."""
    cluster = case.cluster
    if len(cluster.layout) < len(cluster.objects):
        yield Case(Cluster.of(cluster.objects), case.flows)
    for at, written in enumerate(cluster.objects):
        for path in _parts(written):
            objects = (*cluster.objects[:at], _without(written, path), *cluster.objects[at + 1 :])
            yield Case(Cluster(objects, cluster.layout), case.flows)


_KEPT = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace")}
_POD_KEPT = {("spec",), ("spec", "containers"), ("spec", "containers", 0)}


def _parts(written: Raw) -> Iterator[Path]:
    """Where something optional stands in an object: keys of mappings, items of lists; outer before inner.

    A Pod keeps what the API server asks of it, and its addresses.
    """
    is_pod = written["kind"] == "Pod"
    for path in _paths(written, ()):
        if path in _KEPT or (is_pod and (path in _POD_KEPT or path[0] == "status" or path[-1] in ("name", "image"))):
            continue
        yield path


def _paths(value: object, path: Path) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in cast("Raw", value).items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _paths(item, (*path, index))


def _without(written: Raw, path: Path) -> Raw:
    result = copy.deepcopy(written)
    inner: Any = result
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return result


def for_flow(case: Case, flow: Flow) -> Case:
    """The case of one flow alone."""
    return Case(case.cluster, (flow,))


def with_ends(cluster: Cluster, case: Case) -> Case:
    """Another cluster with the pods at the ends of the case's flows, and their namespaces, in place of what it has at
    these names and addresses; so that a smaller cluster can be asked the same."""
    ends = {end for flow in case.flows for end in (flow.source, flow.destination)}
    pods = [each for each in case.cluster.of_kind("Pod") if pod_of(each).reference in ends]
    spaces = {pod_of(each).namespace for each in pods}
    there = {each["metadata"]["name"] for each in cluster.of_kind("Namespace")}
    namespaces = [
        each
        for each in case.cluster.of_kind("Namespace")
        if each["metadata"]["name"] in spaces and each["metadata"]["name"] not in there
    ]
    taken = {address for each in pods for address in pod_of(each).addresses.values()} | ends
    kept = [
        at
        for at, each in enumerate(cluster.objects)
        if each["kind"] != "Pod" or taken.isdisjoint({pod_of(each).reference, *pod_of(each).addresses.values()})
    ]
    return Case(cut(cluster, kept).with_objects([*namespaces, *pods]), case.flows)
