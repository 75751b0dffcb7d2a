"""A whole run of ``fuzz`` as one function: an evaluator, clusters put to it, and what came out.

Folders of findings are written here; nothing is printed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..encodings.problems import InputErrors, Problem, did_you_mean

if TYPE_CHECKING:
    from ..properties.suite import Semantics
    from .fuzz.compare import Case
    from .fuzz.hunt import Tally
    from .fuzz.model import Evaluator
    from .progress import Progress

# As in ``run``, the functions import what they call.

PROFILES = ("np", "admin")
"""What clusters are made of: ``np``, NetworkPolicy; ``admin``, cluster-wide policies, too."""
EXTRA = "hypothesis"


@dataclass(frozen=True, slots=True)
class FuzzRequest:
    """What ``fuzz`` is asked, in the command line's words.

    ``limit``: seconds for one question to the evaluator. ``max_time``: seconds for the hunt (None: as long as the
    examples take). ``without``: features that nothing may use. ``replay``: a finding's folder to ask about again.
    ``folder``: where findings are written.
    """

    evaluator: str
    examples: int = 100
    seed: int = 0
    max_time: float | None = None
    limit: float = 60.0
    profile: str = "np"
    blind: bool = False
    without: tuple[str, ...] = ()
    known: str | None = None
    replay: str | None = None
    folder: str = "fuzz-findings"
    semantics: tuple[str, ...] = ()
    shrinking: int = 400


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What a hunt did and found, and the folders it wrote, one for each finding."""

    evaluator: str
    seed: int
    tally: Tally
    folders: tuple[str, ...]


def run_fuzz(request: FuzzRequest, progress: Progress | None = None) -> Fuzzed:
    """Hunt for an evaluator's mistakes.

    Raises InputErrors for an evaluator that cannot be started, options that make no sense, a file of known divergences
    that is none, and a place that cannot be written.
    """
    started = time.monotonic()
    _check(request)
    from ..properties.overrides import parse_overrides  # noqa: PLC0415
    from .fuzz.evaluators.named import evaluator_from, until_done  # noqa: PLC0415
    from .fuzz.findings import write_findings  # noqa: PLC0415
    from .fuzz.hunt import Hunt, Options  # noqa: PLC0415
    from .fuzz.known import read_known  # noqa: PLC0415

    matches = _block_reading(parse_overrides((), request.semantics).semantics)
    known = read_known(request.known, request.evaluator)
    case = None if request.replay is None else _case(Path(request.replay))
    options = Options(
        examples=request.examples,
        seed=request.seed,
        until=None if request.max_time is None else started + request.max_time,
        blind=request.blind,
        without=frozenset(request.without),
        ip_block_matches_pods=matches,
        shrinking=request.shrinking,
        profile="admin" if request.profile == "admin" else "np",
    )
    with until_done(evaluator_from(request.evaluator, request.limit)) as evaluator:
        if case is None:
            _check_kinds(request, evaluator)
        hunt = Hunt(evaluator, options, known)
        tally = hunt.run(progress) if case is None else hunt.replay(case)
    folders: list[Path] = []
    if case is None:
        folders = write_findings(Path(request.folder), tally.findings, request.evaluator)
    return Fuzzed(request.evaluator, request.seed, tally, tuple(each.as_posix() for each in folders))


def _check(request: FuzzRequest) -> None:
    """Raises InputErrors for what cannot be run."""
    from importlib.util import find_spec  # noqa: PLC0415

    if find_spec(EXTRA) is None:
        hint = "pip install 'netpol-verify[fuzz]' brings it"
        raise InputErrors([Problem("fuzz", 0, "", "needs hypothesis, which is not installed", hint)])
    from .fuzz.features import FEATURES  # noqa: PLC0415

    for feature in request.without:
        if feature not in FEATURES:
            hint = did_you_mean(feature, tuple(FEATURES)) or f"features are {', '.join(FEATURES)}"
            raise InputErrors([Problem("--without", 0, "", f'"{feature}" is no feature', hint)])


def _block_reading(semantics: Semantics) -> bool | None:
    """How ipBlock is read, None: either way. Raises InputErrors for a reading that fuzz leaves open in any case."""
    open_ones = {"hostNetworkPods": semantics.host_network_pods, "baselineHiddenBy": semantics.baseline_hidden_by}
    hint = "either way of reading it is right here; ipBlockMatchesPods can be chosen"
    problems = [
        Problem("--semantics", 0, key, f"{key}={value} is not for fuzz", hint)
        for key, value in open_ones.items()
        if value is not None and value != "either"
    ]
    if problems:
        raise InputErrors(problems)
    matches = semantics.ip_block_matches_pods
    return matches if isinstance(matches, bool) else None


def _check_kinds(request: FuzzRequest, evaluator: Evaluator) -> None:
    """Raises InputErrors if nothing is left of what the profile is about."""
    from .fuzz.features import TIER_KINDS  # noqa: PLC0415

    avoided = {*request.without, *evaluator.unsupported}
    if request.profile == "admin" and avoided.issuperset(TIER_KINDS.values()):
        unsupported = f"{request.evaluator} supports none of {', '.join(TIER_KINDS.values())}"
        raise InputErrors([Problem("--profile admin", 0, "", unsupported, "use --profile np")])


def _case(folder: Path) -> Case:
    """The case that a finding's folder holds. Raises InputErrors if it holds none."""
    import json  # noqa: PLC0415

    from .fuzz.compare import Case  # noqa: PLC0415
    from .fuzz.findings import FACTS, flow_of  # noqa: PLC0415
    from .fuzz.model import Cluster  # noqa: PLC0415

    place = folder / FACTS
    try:
        facts = json.loads(place.read_text(encoding="utf-8"))
        return Case(
            Cluster(tuple(facts["objects"]), tuple(tuple(each) for each in facts["files"])),
            tuple(flow_of(each) for each in facts["flows"]),
        )
    except OSError as error:
        problem = f"cannot be read: {(error.strerror or 'error').lower()}"
    except (ValueError, KeyError, TypeError, AttributeError):
        problem = "is not what a finding's folder holds"
    hint = "name a folder that fuzz wrote, such as fuzz-findings/01-…"
    raise InputErrors([Problem(place.as_posix(), 0, "", problem, hint)])
