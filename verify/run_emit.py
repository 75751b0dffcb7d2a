"""A whole run of ``fuzz --emit`` as one function: manifests in, a folder with a suite out. Nothing is printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..encodings.problems import InputErrors, Problem, did_you_mean
from .run import ManifestsRequest, read_named

if TYPE_CHECKING:
    from ..encodings.problems import Notice
    from .fuzz.emit import Suite

# As in ``run``, the function imports what it calls.


@dataclass(frozen=True, slots=True)
class EmitRequest:
    """What ``fuzz --emit`` is asked, in the command line's words.

    ``folder``: where the suite goes. ``without``: features that nothing in it may use. ``semantics``: ``KEY=VALUE``.
    """

    folder: str
    manifests: ManifestsRequest
    without: tuple[str, ...] = ()
    semantics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Emitted:
    """The suite that was written, and what there is to say about the manifests."""

    folder: str
    suite: Suite
    notices: tuple[Notice, ...]


def run_emit(request: EmitRequest) -> Emitted:
    """Write a suite for the policies of manifests.

    Raises InputErrors for manifests that are not valid, options that make no sense, and a folder that holds something
    or cannot be written; InternalError if the two evaluators contradict each other.
    """
    from ..properties.overrides import parse_overrides  # noqa: PLC0415
    from .fuzz.emit import given, suite_of, write_suite  # noqa: PLC0415
    from .fuzz.emit.writing import check_folder  # noqa: PLC0415

    _check(request.without)
    folder = Path(request.folder)
    check_folder(folder)
    semantics = parse_overrides((), request.semantics).semantics
    matches = semantics.ip_block_matches_pods
    read = read_named(request.manifests, semantics.duplicate_objects or "error")
    suite = suite_of(
        given(read.manifests, request.manifests.namespace),
        without=request.without,
        reading=matches if isinstance(matches, bool) else None,
    )
    write_suite(suite, folder)
    return Emitted(folder.as_posix(), suite, read.notices)


def _check(without: tuple[str, ...]) -> None:
    """Raises InputErrors for what is no feature."""
    from .fuzz.features import FEATURES  # noqa: PLC0415

    for feature in without:
        if feature not in FEATURES:
            hint = did_you_mean(feature, tuple(FEATURES)) or f"features are {', '.join(FEATURES)}"
            raise InputErrors([Problem("--without", 0, "", f'"{feature}" is no feature', hint)])
