"""``evaluate``: is this one concrete connection allowed, and why?

Resolves a flow's endpoints and port, asks the concrete evaluator, and gives the answer as the flow's own
object with the verdict added. Also reads flows files, and takes counterexamples out of reports to ask them
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from ..encodings.concrete.addresses import Family
from ..encodings.concrete.cases import FAMILY
from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Decision, ordered
from ..encodings.concrete.inventory import Inventory
from ..encodings.concrete.reading import Readings
from ..encodings.problems import InputErrors, Notice, Problem, did_you_mean
from .flow_endpoints import FAMILIES, Place, Resolved, host_notices, resolve_endpoint
from .flow_ports import PortRange, render_ranges, resolve_port
from .json_input import JsonError, load_json, read_text

KEYS = ("from", "to", "port", "family", "id", "comment")
"""Keys of a flow. ``family`` (IPv4, IPv6) may narrow the question; ``id`` and ``comment`` are handed
through."""


@dataclass(frozen=True, slots=True)
class Question:
    """A flow with everything resolved. ``families`` must all give the same answer."""

    source: ConcreteEndpoint
    destination: ConcreteEndpoint
    ports: tuple[PortRange, ...]
    families: tuple[Family, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The flow's object with the verdict, and what is worth saying about it."""

    value: dict[str, Any]
    notices: tuple[Notice, ...]


def resolve(flow: Mapping[str, Any], inventory: Inventory, readings: Readings, place: Place) -> Question:
    """What a flow asks. InputErrors, all of them together, if it cannot be understood or is outside the
    model."""
    problems: list[Problem] = []
    for key in flow:
        if key not in KEYS:
            problems.append(Problem(place.file, place.line, key, "unknown key", did_you_mean(key, KEYS)))
    ends: list[Resolved] = []
    for key in ("from", "to"):
        try:
            ends.append(resolve_endpoint(_needed(flow, key, place), inventory, place.at(key)))
        except InputErrors as errors:
            problems.extend(errors.problems)
    if problems:
        raise InputErrors(problems)
    source, destination = ends
    _refuse_outside(source, destination, place)
    ports = resolve_port(_needed(flow, "port", place), destination.endpoint, place.at("port"))
    families = _families(source.endpoint, destination.endpoint, flow.get("family"), place)
    found = [(*end.notices, *host_notices(end.endpoint, place, readings)) for end in (source, destination)]
    notices = tuple(dict.fromkeys(notice for each in found for notice in each))
    return Question(source.endpoint, destination.endpoint, ports, families, notices)


def _needed(flow: Mapping[str, Any], key: str, place: Place) -> object:
    if key not in flow:
        raise place.mistake(f"a flow needs {key!r}", 'such as {"from": "shop/web", "to": "shop/db", "port": 5432}')
    return flow[key]


def _refuse_outside(source: Resolved, destination: Resolved, place: Place) -> None:
    """Connections that the model leaves out: between addresses, of a pod with itself, and with its own node."""
    ends = (source.endpoint, destination.endpoint)
    if all(end.kind != "pod" for end in ends):
        raise place.mistake("at least one end must be a pod: policies do not govern other traffic")
    if source.pod is not None and source.pod == destination.pod:
        raise place.mistake(f"{source.pod} to itself: a pod's traffic with itself is outside the model")
    if {end.kind for end in ends} == {"pod", "node"} and ends[0].node == ends[1].node is not None:
        message = f"a pod's traffic with its own node ({ends[0].node}) is always allowed, and outside the model"
        raise place.mistake(message)
    shared = sorted(set(ends[0].ips) & set(ends[1].ips))
    if shared:
        raise place.mistake(f"both ends have the address {shared[0]}: they must be different endpoints")


def _families(
    source: ConcreteEndpoint, destination: ConcreteEndpoint, asked: object, place: Place
) -> tuple[Family, ...]:
    """Families that both ends have; an end whose address nobody knows may have both."""
    if asked is not None and asked not in FAMILIES:
        raise place.at("family").mistake(f"{asked!r} is not an IP family", "IPv4 or IPv6")
    possible = [frozenset(end.families() or FAMILIES) for end in (source, destination)]
    families: tuple[Family, ...] = tuple(each for each in FAMILIES if all(each in some for some in possible))
    if not families:
        raise place.mistake(f"{source.name} and {destination.name} have no IP family in common")
    if asked is not None and asked not in families:
        raise place.at("family").mistake(f"{source.name} and {destination.name} do not both have {asked}")
    chosen: tuple[Family, ...] = tuple(each for each in families if each == asked)
    return chosen or families


def ask(question: Question, cluster: Cluster, readings: Readings) -> Decision:
    """The answer to a question: definite only if every family, every port and every reading of it agree."""
    answers = [_ask_family(question, family, cluster, readings) for family in question.families]
    return _agreement(answers, FAMILY)


def _ask_family(question: Question, family: Family, cluster: Cluster, readings: Readings) -> Decision:
    found: list[tuple[int, int, Decision]] = []
    for ports in question.ports:
        for first, last in port_pieces(ports, question, cluster):
            ends = (question.source, question.destination)
            decision = cluster.decide(*ends, ports.protocol, first, family, reading=readings)
            found.append((first, last, decision))
    allowed = [(first, last) for first, last, decision in found if decision.allowed is True]
    text = f"port: allowed on {render_ranges(allowed)}" if allowed else "port: allowed on none for certain"
    return _agreement([decision for _, _, decision in found], text)


def port_pieces(ports: PortRange, question: Question, cluster: Cluster) -> list[tuple[int, int]]:
    """The range in pieces on which every rule gives one answer."""
    breaks = cluster.port_breaks(question.source, question.destination)
    starts = [ports.first, *(port for port in breaks if ports.first < port <= ports.last)]
    ends = [start - 1 for start in starts[1:]] + [ports.last]
    return list(zip(starts, ends, strict=True))


def _agreement(decisions: Sequence[Decision], otherwise: str) -> Decision:
    """One decision for several; where they differ, it depends on ``otherwise`` too."""
    reasons = dict.fromkeys(reason for decision in decisions for reason in decision.because)
    because = tuple(sorted(reasons, key=lambda reason: reason.direction))
    depends_on = ordered(name for decision in decisions for name in decision.depends_on)
    verdicts = {decision.allowed for decision in decisions}
    if len(verdicts) == 1:
        return Decision(decisions[0].allowed, because, depends_on)
    return Decision(None, because, ordered((*depends_on, otherwise)))


def answer(
    flow: Mapping[str, Any],
    cluster: Cluster,
    inventory: Inventory,
    readings: Readings,
    *,
    place: Place,
) -> Answer:
    """The flow with ``allowed``, or ``undetermined`` and ``dependsOn``, and ``because``. InputErrors as
    ``resolve``."""
    question = resolve(flow, inventory, readings, place)
    decision = ask(question, cluster, readings)
    return Answer({**flow, **render(decision)}, question.notices)


def render(decision: Decision) -> dict[str, Any]:
    """A decision as the keys of a flow's answer."""
    because = [asdict(reason) for reason in decision.because]
    if decision.allowed is None:
        return {"undetermined": True, "dependsOn": list(decision.depends_on), "because": because}
    return {"allowed": decision.allowed, "because": because}


def read_flows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a flows file, one a line, with their lines; blank lines are left out.

    InputErrors naming every line that is not a JSON object, or the file if it cannot be read or holds no
    flow.
    """
    # JSON takes other characters that end a line to Python into its strings.
    return parse_flows(read_text(path).split("\n"), path.as_posix())


def parse_flows(lines: Sequence[str], file: str) -> list[tuple[int, dict[str, Any]]]:
    """The objects of these lines of ``file``, as ``read_flows``."""
    flows: list[tuple[int, dict[str, Any]]] = []
    problems: list[Problem] = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            value = load_json(text)
        except JsonError as error:
            problems.append(Problem(file, number, "", f"not a JSON object: {error}"))
            continue
        if not isinstance(value, dict):
            problems.append(Problem(file, number, "", "not a JSON object"))
            continue
        flows.append((number, cast("dict[str, Any]", value)))
    if not flows and not problems:
        problems.append(Problem(file, 0, "", "holds no flow"))
    if problems:
        raise InputErrors(problems)
    return flows
