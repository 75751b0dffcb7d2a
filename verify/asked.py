"""The one connection that ``evaluate`` and ``explain`` are asked about, or many, as questions to the evaluator.

Options, a flow, and a counterexample of a report all become a question here. Trusts ``flows`` for what a flow means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ..encodings.concrete.addresses import Network, family_of, parse_address, parse_network, within
from ..encodings.concrete.inventory import Inventory
from ..encodings.concrete.reading import Readings, only
from ..encodings.problems import InputErrors, Notice, Problem
from ..properties.concrete_reading import readings_of
from ..properties.suite import Semantics
from .flow_endpoints import Place
from .flow_ports import PortRange
from .flow_replays import replay_counterexample
from .flows import Question, resolve
from .json_input import JsonError, load_json, read_text


@dataclass(frozen=True, slots=True)
class Asked:
    """A flow's object, what it asks, and under which readings.

    ``reported``: what a report says of it, if it comes from one, in ``file``.
    """

    flow: dict[str, Any]
    question: Question
    readings: Readings
    reported: bool | None = None
    file: str = ""

    def differing(self, allowed: bool | None) -> tuple[Notice, ...]:
        """A notice if the answer is not the report's."""
        if self.reported is None or self.reported == allowed:
            return ()
        said = "allowed" if self.reported else "blocked"
        return (Notice(f"the report says that this connection is {said}; these manifests differ", self.file),)


def check_form(ends: Mapping[str, str | None], others: Mapping[str, str | None], place: str, hint: str) -> None:
    """Raises InputErrors unless a connection is asked about in exactly one way: by every option of ``ends`` (such as
    ``--from``), or by one of ``others``."""
    given = [option for option, value in ends.items() if value is not None]
    given_others = [option for option, value in others.items() if value is not None]
    if not given and not given_others:
        raise InputErrors([Problem(place, 0, "", "no connection is asked about", hint)])
    if len(given_others) + bool(given) > 1:
        both = " and ".join([*given, *given_others])
        raise InputErrors([Problem(place, 0, "", f"{both} exclude each other", hint)])
    missing = [option for option in ends if given and option not in given]
    if missing:
        raise InputErrors([Problem(place, 0, "", f"{' and '.join(missing)} is missing", hint)])


def ask_flow(
    flow: dict[str, Any], inventory: Inventory, semantics: Semantics, pod_cidrs: Sequence[str], place: Place
) -> Asked:
    """What a flow asks, in a world whose pods have addresses of ``pod_cidrs`` (of any, if there are none).

    Raises InputErrors if the flow cannot be understood or has no place in that world.
    """
    networks = [parse_network(text) for text in pod_cidrs]
    readings = readings_of(semantics, Readings())
    return Asked(flow, _in_world(resolve(flow, inventory, readings, place), networks, place), readings)


def _in_world(question: Question, networks: Sequence[Network], place: Place) -> Question:
    """The question in a world whose pods have addresses of these networks only (of any, if there are none).

    Raises InputErrors if an address among them is no declared pod's: whose labels would the policies see? Also if the
    connection's IP family is none of theirs.
    """
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


def ask_again(option: str, semantics: Semantics) -> Asked:
    """A report's counterexample, ``REPORT.json#ID``, under the report's reading save for what ``semantics`` says.

    Raises InputErrors if there is no such report, or no such counterexample in it.
    """
    file, mark, identity = option.rpartition("#")
    if not mark or not file or not identity:
        hint = "such as report.json#web-never-reaches-db"
        raise InputErrors([Problem("--counterexample", 0, "", f'"{option}" is not REPORT.json#ID', hint)])
    report = _read_report(Path(file))
    replay = replay_counterexample(report, identity, file=file)
    ports = (PortRange(replay.protocol, replay.port, replay.port),)
    question = Question(replay.source, replay.destination, ports, (replay.family,))
    readings = readings_of(semantics, only(replay.reading))
    return Asked(_flow_of(report, identity), question, readings, replay.allowed, file)


def _read_report(path: Path) -> Mapping[str, Any]:
    try:
        value = load_json(read_text(path))
    except JsonError as error:
        raise InputErrors([Problem(path.as_posix(), error.line, "", f"is not JSON: {error}")]) from None
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
