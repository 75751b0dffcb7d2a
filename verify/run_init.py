"""A whole run of ``init`` as one function: read manifests, find out what holds, write it down as a suite.

Nothing is written to a file or printed here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..encodings.problems import InputErrors, Notice, Problem
from .run import ManifestsRequest, read_named

if TYPE_CHECKING:
    from ..properties.suite import Semantics, World
    from .progress import Progress
    from .proposals.writing import Frame

# As in ``run``, the functions import what they call.

SCHEMA_FILE = "netpol-verify.schema.json"
"""The schema that a proposed suite names, beside it."""


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What ``init`` is asked, in the command line's words.

    ``file``: where the suite will lie, to which its paths are relative (None: the working directory). ``world`` and
    ``semantics``: ``KEY=VALUE``, written into the suite, too.
    """

    manifests: ManifestsRequest = field(default_factory=ManifestsRequest)
    file: str | None = None
    world: tuple[str, ...] = ()
    semantics: tuple[str, ...] = ()
    effort: int | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """The suite's text, what is worth saying about the manifests, and the number of properties that hold and that are
    commented out."""

    text: str
    notices: tuple[Notice, ...]
    holding: int
    missing: int


def run_init(request: InitRequest, progress: Progress | None = None) -> Proposed:
    """Propose a suite.

    Raises InputErrors for anything wrong with options or manifests, and for manifests about which nothing can be said;
    engine.InternalError for a counterexample that the concrete evaluator does not confirm.
    """
    from ..encodings.cluster import build_cluster  # noqa: PLC0415
    from ..properties.overrides import merged_semantics, merged_world, parse_overrides  # noqa: PLC0415
    from .engine import DEFAULT_EFFORT, Options  # noqa: PLC0415
    from .proposals.asking import Asker  # noqa: PLC0415
    from .proposals.census import Census  # noqa: PLC0415
    from .proposals.drafting import draft_of  # noqa: PLC0415
    from .proposals.writing import suite_text  # noqa: PLC0415

    started = time.monotonic()
    overrides = parse_overrides(request.world, request.semantics)
    read = read_named(request.manifests, overrides.semantics.duplicate_objects or "error")
    asker = Asker(
        read.manifests,
        merged_world(overrides.world),
        merged_semantics(overrides.semantics),
        Options(effort=request.effort or DEFAULT_EFFORT),
        None if request.timeout is None else started + request.timeout,
        progress,
    )
    draft = draft_of(asker, Census(build_cluster(read.manifests)))
    holding = sum(proposal.width is not None for proposal in draft.proposals)
    if not holding:
        hint = "name manifests with -f that declare namespaces, workloads or policies"
        raise InputErrors([Problem("--manifests", 0, "", "there is no namespace to say anything about", hint)])
    return Proposed(
        suite_text(draft, _frame(request, overrides.world, overrides.semantics)),
        read.notices,
        holding,
        len(draft.proposals) - holding,
    )


def _frame(request: InitRequest, world: World, semantics: Semantics) -> Frame:
    """The top of the suite: where its manifests come from, and the world that was asked about."""
    from ..encodings.reading import entry_of  # noqa: PLC0415
    from .proposals.sources import source_written  # noqa: PLC0415
    from .proposals.writing import Frame  # noqa: PLC0415

    folder = Path(request.file).parent if request.file is not None else Path()
    named = request.manifests
    sources, remarks = _sources([source_written(entry_of(text), text, folder, named.exclude) for text in named.paths])
    if named.namespace != "default":
        remarks = (*remarks, f"Prove it with -n {named.namespace}, the namespace of objects that name none.")
    given = world.model_copy(update={"pods": world.pods or "open", "namespaces": world.namespaces or "open"})
    return Frame(SCHEMA_FILE, sources, given, semantics, remarks)


def _sources(found: Sequence[object | None]) -> tuple[tuple[object, ...], tuple[str, ...]]:
    sources = tuple(each for each in found if each is not None)
    if len(sources) == len(found):
        return sources, ()
    return sources, ("Manifests came from standard input, which a suite cannot name: prove it with -f.",)
