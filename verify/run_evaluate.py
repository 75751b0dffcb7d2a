"""A whole run of ``evaluate`` as one function: read manifests, resolve flows, ask the concrete evaluator.

No solver is involved. Trusts ``flows`` for what a flow means and the concrete evaluator for the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..encodings.problems import InputErrors, Notice, Problem
from .reports.answers import Answered
from .run import Cluster, ManifestsRequest, read_named

if TYPE_CHECKING:
    from ..encodings.concrete.evidence import Decision
    from ..properties.overrides import Overrides
    from .flow_endpoints import Place

# As in ``run``, the functions import what they call.

COMMAND_LINE = "command line"
STDIN = "-"


@dataclass(frozen=True, slots=True)
class EvaluateRequest:
    """What ``evaluate`` is asked: one flow (``source``, ``destination``, ``port``), a file of them (``flows``, ``-``
    for standard input), or the counterexample ``REPORT.json#ID``; exactly one of the three.

    ``world`` and ``semantics``: ``KEY=VALUE``. Of the world only ``podCIDRs`` bear on a concrete connection.
    """

    manifests: ManifestsRequest = field(default_factory=ManifestsRequest)
    source: str | None = None
    destination: str | None = None
    port: str | None = None
    flows: str | None = None
    counterexample: str | None = None
    world: tuple[str, ...] = ()
    semantics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answers in the flows' order, and what is worth saying about flows and manifests."""

    answers: tuple[Answered, ...]
    notices: tuple[Notice, ...]


def run_evaluate(request: EvaluateRequest) -> Evaluation:
    """Answer every flow of the request.

    Raises InputErrors for anything wrong with options, manifests, flows or the report, with all problems of a step.
    """
    from ..properties.overrides import parse_overrides  # noqa: PLC0415

    _check_form(request)
    overrides = parse_overrides(request.world, request.semantics)
    duplicates = overrides.semantics.duplicate_objects or "error"
    cluster = read_named(request.manifests, duplicates)
    if request.counterexample is not None:
        return _replayed(request.counterexample, cluster, overrides)
    return _answered(_flows(request), cluster, overrides)


def _check_form(request: EvaluateRequest) -> None:
    """Raises InputErrors unless the request asks in exactly one of the three ways."""
    from .asked import check_form  # noqa: PLC0415

    hint = "ask with --from, --to and --port, or with --flows FILE, or with --counterexample REPORT.json#ID"
    ends = {"--from": request.source, "--to": request.destination, "--port": request.port}
    check_form(ends, {"--flows": request.flows, "--counterexample": request.counterexample}, COMMAND_LINE, hint)
    if request.flows == STDIN and STDIN in request.manifests.paths:
        raise InputErrors([Problem(COMMAND_LINE, 0, "", "manifests and flows cannot both come from standard input")])


def _flows(request: EvaluateRequest) -> list[tuple[Place, dict[str, Any]]]:
    """The flows asked about, each with its place."""
    from .flow_endpoints import Place  # noqa: PLC0415
    from .flows import parse_flows, read_flows  # noqa: PLC0415

    if request.flows is None:
        flow = {"from": request.source, "to": request.destination, "port": request.port}
        return [(Place(COMMAND_LINE), flow)]
    if request.flows == STDIN:
        return [(Place("<stdin>", line), flow) for line, flow in parse_flows(_stdin_lines(), "<stdin>")]
    if not request.flows:
        raise InputErrors([Problem("--flows", 0, "", "names no file")])
    path = Path(request.flows)
    return [(Place(path.as_posix(), line), flow) for line, flow in read_flows(path)]


def _stdin_lines() -> list[str]:
    try:
        return sys.stdin.read().split("\n")
    except (OSError, UnicodeDecodeError, AttributeError) as error:
        raise InputErrors([Problem("<stdin>", 0, "", f"cannot be read: {error}")]) from None


def _answered(flows: Sequence[tuple[Place, dict[str, Any]]], cluster: Cluster, overrides: Overrides) -> Evaluation:
    from ..encodings.concrete.evaluator import Cluster as Policies  # noqa: PLC0415
    from ..encodings.concrete.inventory import read_inventory  # noqa: PLC0415
    from .asked import ask_flow  # noqa: PLC0415
    from .flows import ask  # noqa: PLC0415

    policies, inventory = Policies.of(cluster.manifests), read_inventory(cluster.manifests)
    semantics, pod_cidrs = overrides.semantics, overrides.world.pod_cidrs or ()
    answers: list[Answered] = []
    notices = list(cluster.notices)
    problems: list[Problem] = []
    for place, flow in flows:
        try:
            asked = ask_flow(flow, inventory, semantics, pod_cidrs, place)
        except InputErrors as errors:
            problems.extend(errors.problems)
            continue
        answers.append(_answer(flow, ask(asked.question, policies, asked.readings)))
        notices.extend(asked.question.notices)
    if problems:
        raise InputErrors(problems)
    return Evaluation(tuple(answers), tuple(dict.fromkeys(notices)))


def _replayed(option: str, cluster: Cluster, overrides: Overrides) -> Evaluation:
    """The answer to a report's counterexample, under the report's reading unless another one is given."""
    from ..encodings.concrete.evaluator import Cluster as Policies  # noqa: PLC0415
    from .asked import ask_again  # noqa: PLC0415
    from .flows import ask  # noqa: PLC0415

    asked = ask_again(option, overrides.semantics)
    decision = ask(asked.question, Policies.of(cluster.manifests), asked.readings)
    notices = (*cluster.notices, *asked.differing(decision.allowed))
    return Evaluation((_answer(asked.flow, decision),), notices)


def _answer(flow: dict[str, Any], decision: Decision) -> Answered:
    from .flows import render  # noqa: PLC0415

    return Answered({**flow, **render(decision)}, decision.allowed)
