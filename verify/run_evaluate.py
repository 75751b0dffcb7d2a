"""A whole run of ``evaluate`` as one function: read manifests, resolve flows, ask the concrete evaluator.

No solver is involved. Trusts ``flows`` for what a flow means and the concrete evaluator for the answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..encodings.problems import InputErrors, Notice, Problem
from .reports.answers import Answered
from .run import Cluster, ManifestsRequest, read_named

if TYPE_CHECKING:
    from ..encodings.concrete.addresses import Network
    from ..encodings.concrete.evidence import Decision
    from .flow_endpoints import Place
    from .flows import Question

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
    matches = overrides.semantics.ip_block_matches_pods
    reading = matches if isinstance(matches, bool) else None
    if request.counterexample is not None:
        return _replayed(request.counterexample, cluster, reading)
    flows = _flows(request)
    return _answered(flows, cluster, reading, overrides.world.pod_cidrs or ())


def _check_form(request: EvaluateRequest) -> None:
    """Raises InputErrors unless the request asks in exactly one of the three ways."""
    ends = {"--from": request.source, "--to": request.destination, "--port": request.port}
    given = [option for option, value in ends.items() if value is not None]
    others = {"--flows": request.flows, "--counterexample": request.counterexample}
    given_others = [option for option, value in others.items() if value is not None]
    hint = "ask with --from, --to and --port, or with --flows FILE, or with --counterexample REPORT.json#ID"
    if not given and not given_others:
        raise InputErrors([Problem(COMMAND_LINE, 0, "", "no connection is asked about", hint)])
    if len(given_others) + bool(given) > 1:
        both = " and ".join([*given, *given_others])
        raise InputErrors([Problem(COMMAND_LINE, 0, "", f"{both} exclude each other", hint)])
    missing = [option for option in ends if given and option not in given]
    if missing:
        raise InputErrors([Problem(COMMAND_LINE, 0, "", f"{' and '.join(missing)} is missing", hint)])
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
    path = Path(request.flows)
    return [(Place(path.as_posix(), line), flow) for line, flow in read_flows(path)]


def _stdin_lines() -> list[str]:
    try:
        return sys.stdin.read().splitlines()
    except (OSError, UnicodeDecodeError, AttributeError) as error:
        raise InputErrors([Problem("<stdin>", 0, "", f"cannot be read: {error}")]) from None


def _answered(
    flows: Sequence[tuple[Place, dict[str, Any]]], cluster: Cluster, reading: bool | None, pod_cidrs: Sequence[str]
) -> Evaluation:
    from ..encodings.concrete.addresses import parse_network  # noqa: PLC0415
    from ..encodings.concrete.evaluator import Cluster as Policies  # noqa: PLC0415
    from ..encodings.concrete.inventory import read_inventory  # noqa: PLC0415
    from .flows import ask, resolve  # noqa: PLC0415

    policies, inventory = Policies.of(cluster.manifests), read_inventory(cluster.manifests)
    networks = [parse_network(text) for text in pod_cidrs]
    answers: list[Answered] = []
    notices = list(cluster.notices)
    problems: list[Problem] = []
    for place, flow in flows:
        try:
            question = _in_world(resolve(flow, inventory, place), networks, place)
        except InputErrors as errors:
            problems.extend(errors.problems)
            continue
        decision = ask(question, policies, ip_block_matches_pods=reading)
        answers.append(_answer(flow, decision))
        notices.extend(question.notices)
    if problems:
        raise InputErrors(problems)
    return Evaluation(tuple(answers), tuple(dict.fromkeys(notices)))


def _in_world(question: Question, networks: Sequence[Network], place: Place) -> Question:
    """The question in a world whose pods have addresses of these networks only (of any, if there are none).

    Raises InputErrors if an address among them is no declared pod's: whose labels would the policies see? Also if the
    connection's IP family is none of theirs.
    """
    from ..encodings.concrete.addresses import family_of, parse_address, within  # noqa: PLC0415

    if not networks:
        return question
    for end in (question.source, question.destination):
        for text in end.ips if end.kind != "pod" else ():
            if any(within(parse_address(text), network) for network in networks):
                hint = "describe the pod instead: namespace:key=value"
                raise place.mistake(f"{text} lies in podCIDRs, and no declared pod has it", hint)
    present = {family_of(network) for network in networks}
    families = tuple(family for family in question.families if family in present)
    if not families:
        raise place.mistake("podCIDRs have no address of the connection's IP family")
    return replace(question, families=families)


def _replayed(option: str, cluster: Cluster, reading: bool | None) -> Evaluation:
    """The answer to a report's counterexample, under the report's reading unless another one is given."""
    from ..encodings.concrete.evaluator import Cluster as Policies  # noqa: PLC0415
    from .flow_replays import replay_counterexample  # noqa: PLC0415

    file, mark, identity = option.rpartition("#")
    if not mark or not file or not identity:
        hint = "such as report.json#web-never-reaches-db"
        raise InputErrors([Problem("--counterexample", 0, "", f'"{option}" is not REPORT.json#ID', hint)])
    report = _read_report(Path(file))
    replay = replay_counterexample(report, identity, file=file)
    if reading is not None:
        replay = replace(replay, ip_block_matches_pods=reading)
    decision = replay.ask(Policies.of(cluster.manifests))
    flow = _flow_of(report, identity)
    notices = cluster.notices
    if decision.allowed != replay.allowed:
        said = "allowed" if replay.allowed else "blocked"
        notices = (*notices, Notice(f"the report says that this connection is {said}; these manifests differ", file))
    return Evaluation((_answer(flow, decision),), notices)


def _read_report(path: Path) -> Mapping[str, Any]:
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputErrors([Problem(path.as_posix(), 0, "", f"cannot be read: {error.strerror}")]) from None
    except RecursionError:
        raise InputErrors([Problem(path.as_posix(), 0, "", "is not a report: it is nested too deeply")]) from None
    except ValueError as error:
        raise InputErrors([Problem(path.as_posix(), 0, "", f"is not JSON: {error}")]) from None
    if not isinstance(value, dict):
        raise InputErrors([Problem(path.as_posix(), 0, "", "is not a report: expected a JSON object")])
    return cast("dict[str, Any]", value)


def _flow_of(report: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """The flow that a counterexample is; its form has been checked."""
    found = next(result for result in report["results"] if result.get("id") == identity)["counterexample"]
    return {
        "from": found["source"],
        "to": found["destination"],
        "port": f"{found['protocol']}/{found['port']}",
        "family": found["family"],
    }


def _answer(flow: dict[str, Any], decision: Decision) -> Answered:
    from .flows import render  # noqa: PLC0415

    return Answered({**flow, **render(decision)}, decision.allowed)
