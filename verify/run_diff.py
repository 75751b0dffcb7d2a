"""A whole run of ``diff`` as one function: read both sides, list what changed.

Nothing is written or printed here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import __version__
from ..encodings.problems import InputErrors, Notice, Problem
from .run import Cluster, Duplicates, ManifestsRequest, read_cluster

if TYPE_CHECKING:
    from ..encodings.reading import Entry
    from .changes.listing import Lister
    from .changes.results import Changes, DiffReport

# As in ``run``, the functions import what they call.


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What ``diff`` is asked, in the command line's words.

    ``base`` and ``head``: sources of manifests; no ``head`` means the working tree's state of a ``git:`` base.
    ``reading``: how both are read. ``max_classes``: most classes in one list, 0 for all.
    """

    base: tuple[str, ...]
    head: tuple[str, ...] = ()
    reading: ManifestsRequest = field(default_factory=ManifestsRequest)
    world: tuple[str, ...] = ()
    semantics: tuple[str, ...] = ()
    max_classes: int = 50
    effort: int | None = None
    timeout: float | None = None


def run_diff(request: DiffRequest) -> DiffReport:
    """List what head allows and base does not, and the reverse.

    Raises InputErrors for anything wrong with options or manifests, on either side; InternalError for a change that the
    concrete evaluator does not confirm.
    """
    from ..encodings.solver import Z3_VERSION  # noqa: PLC0415
    from ..encodings.vocabulary import Vocabulary  # noqa: PLC0415
    from ..properties.overrides import merged_semantics, merged_world, parse_overrides  # noqa: PLC0415
    from .assumptions import assumptions_of_diff  # noqa: PLC0415
    from .changes.listing import Limits, Lister  # noqa: PLC0415
    from .changes.pair import Comparison, pair_of  # noqa: PLC0415
    from .changes.results import DiffReport  # noqa: PLC0415
    from .engine import DEFAULT_EFFORT, input_summary  # noqa: PLC0415
    from .readings import readings_of, semantics_shown  # noqa: PLC0415
    from .settings import config_of  # noqa: PLC0415

    started = time.monotonic()
    overrides = parse_overrides(request.world, request.semantics)
    world, semantics = merged_world(overrides.world), merged_semantics(overrides.semantics)
    base, head = _read_both(request, semantics.duplicate_objects or "error")
    pair = pair_of(base.manifests, head.manifests)
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(pair.base.cluster)
    vocabulary.mention_cluster(pair.head.cluster)
    config = config_of(world, semantics)
    limits = Limits(
        most=request.max_classes or None,
        effort=request.effort or DEFAULT_EFFORT,
        deadline=None if request.timeout is None else started + request.timeout,
    )
    comparison = Comparison(pair, pair.difference(vocabulary, config))
    lister = Lister(comparison, world, readings_of(semantics), limits)
    return DiffReport(
        version=__version__,
        z3=Z3_VERSION,
        base=input_summary(base.manifests),
        head=input_summary(head.manifests),
        world={"pods": world.pods or "open", "namespaces": world.namespaces or "open"},
        semantics=semantics_shown(semantics),
        assumptions=assumptions_of_diff((pair.base.cluster, pair.head.cluster), config, semantics),
        notices=(*_of_side("base", base.notices), *_of_side("head", head.notices), *pair.notices),
        changes=_changes(lister, pods_open=world.pods == "open", namespaces_open=world.namespaces == "open"),
        declared=_changes(lister, pods_open=False, namespaces_open=False),
    )


def _changes(lister: Lister, *, pods_open: bool, namespaces_open: bool) -> Changes:
    from .changes.results import Changes  # noqa: PLC0415
    from .judge import Scope  # noqa: PLC0415

    scope = Scope(pods_open, namespaces_open)
    return Changes(lister.changes(scope, gained=True), lister.changes(scope, gained=False))


def _of_side(side: str, notices: tuple[Notice, ...]) -> list[Notice]:
    return [Notice(f"{side}: {notice.message}", notice.file, notice.line) for notice in notices]


def _read_both(request: DiffRequest, duplicates: Duplicates) -> tuple[Cluster, Cluster]:
    """Both sides; what is wrong with either is wrong with the comparison."""
    if not request.base:
        hint = "name the manifests before the change: --base git:main:k8s"
        raise InputErrors([Problem("--base", 0, "", "is missing", hint)])
    from .changes.versions import refuse_empty  # noqa: PLC0415

    head = request.head or _working_tree(request.base)
    read: list[Cluster] = []
    problems: list[Problem] = []
    for sources in (request.base, head):
        try:
            side = read_cluster([_entry(text) for text in sources], request.reading, duplicates)
            refuse_empty(side.manifests, ", ".join(sources))
            read.append(side)
        except InputErrors as errors:
            problems += [each for each in errors.problems if each not in problems]
    if problems:
        raise InputErrors(problems)
    return read[0], read[1]


def _working_tree(base: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of ``git:REF:PATH`` as they are now."""
    if not all(text.startswith("git:") for text in base):
        hint = "name the manifests after the change: --head k8s"
        raise InputErrors([Problem("--head", 0, "", "is missing", hint)])
    return tuple(text.removeprefix("git:").partition(":")[2] or "." for text in base)


def _entry(text: str) -> Entry:
    from ..encodings.reading import entry_of  # noqa: PLC0415

    return entry_of(text)
