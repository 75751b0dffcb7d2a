"""The JSON report: ``results.Report`` as one object whose keys never disappear and never change order.

The form is fixed by the contract (*Verdict, status and the JSON report*). Nothing is decided here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast, get_args

from ...encodings.problems import Notice
from ..classes.model import EndClass, LabelCondition, NameCondition
from ..results import (
    Because,
    Cause,
    ContainerPort,
    Counterexample,
    CounterexampleClass,
    Endpoint,
    InBase,
    InputSummary,
    OpenWorld,
    Override,
    PropertyResult,
    Reading,
    Report,
    Status,
    Verdict,
    WaiverUsed,
)

REPORT_FORMAT = "netpol-verify/v1"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_ACTS_ON_TERMINALS = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def render_json(report: Report) -> str:
    """The report as JSON text, ending in a newline."""
    return dump_json(report_object(report))


def dump_json(value: object) -> str:
    """JSON text as every command prints it: two spaces of indent, readable letters, a newline at the end."""
    return _escape(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def dump_json_line(value: object) -> str:
    """JSON text on one line, for outputs that hold one object a line."""
    return _escape(json.dumps(value, ensure_ascii=False, allow_nan=False)) + "\n"


def _escape(text: str) -> str:
    """Characters that act on terminals and stand in JSON only inside strings, written as ``\\uXXXX``.

    JSON itself escapes those below U+0020; U+007F to U+009F and the bidirectional controls it lets through.
    """
    return _ACTS_ON_TERMINALS.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def report_object(report: Report) -> dict[str, Json]:
    """The whole report as plain dicts and lists."""
    return {
        "report": REPORT_FORMAT,
        "tool": {"version": report.version, "z3": report.z3},
        "input": input_object(report.input),
        "summary": _summary(report.results),
        "assumptions": list(report.assumptions),
        "notices": _notices(report.notices),
        "results": [result_object(result) for result in report.results],
    }


def result_object(result: PropertyResult) -> dict[str, Json]:
    """One property's result."""
    return {
        "id": result.id,
        "verb": result.verb,
        "verdict": result.verdict,
        "expected": result.expected,
        "status": result.status,
        "severity": result.severity,
        "suite": result.suite,
        "line": result.line,
        "description": result.description,
        "owner": result.owner,
        "tags": list(result.tags),
        "world": dict[str, Json](result.world),
        "semantics": {key: plain(value) for key, value in result.semantics.items()},
        "holdsForDeclared": result.holds_for_declared,
        "holdsForDeclaredNamespaces": result.holds_for_declared_namespaces,
        "openWorld": _open_world(result.open_world),
        "members": {side: {"declared": number} for side, number in result.members.items()},
        "reason": result.reason,
        "dependsOn": list(result.depends_on),
        "notices": _notices(result.notices),
        "class": result.class_,
        "counterexample": _optional_counterexample(result.counterexample),
        "because": [reason_object(reason) for reason in result.because],
        "reproduce": list(result.reproduce),
        "causes": [cause_object(cause) for cause in result.causes],
        "classes": None if result.classes is None else [class_object(each) for each in result.classes],
        "classesComplete": result.classes_complete,
        "variant": result.variant,
        "waivers": [_waiver(each) for each in result.waivers],
        "baseline": result.baseline,
    }


def _waiver(waiver: WaiverUsed) -> Json:
    """A waiver in force; what it allows is as the suite writes it."""
    return {
        "reason": waiver.reason,
        "owner": waiver.owner,
        "expires": waiver.expires,
        "allow": [_data(each) for each in waiver.allow],
        "file": waiver.file,
        "line": waiver.line,
    }


def _data(value: object) -> Json:
    """A part of a suite as JSON."""
    if isinstance(value, Mapping):
        return {str(key): _data(item) for key, item in cast(Mapping[object, object], value).items()}
    if isinstance(value, list):
        return [_data(item) for item in cast(list[object], value)]
    return plain(value)


def class_object(found: CounterexampleClass) -> dict[str, Json]:
    """A class of counterexamples: in words, and as conditions that all hold of each of its connections."""
    condition = found.condition
    return {
        "class": found.text,
        "direction": found.direction,
        "source": _end_class(condition.source),
        "destination": _end_class(condition.destination),
        "protocols": list(condition.protocols),
        "ports": [condition.first, condition.last],
        "families": list(condition.families),
        "sameNamespaceLabel": dict[str, Json](condition.same_namespace_label),
        "ipBlockMatchesPods": condition.ip_block_matches_pods,
    }


def _end_class(end: EndClass) -> Json:
    return {
        "kinds": list(end.kinds),
        "declared": end.declared,
        "workloads": _name_condition(end.workloads),
        "namespaces": _name_condition(end.namespaces),
        "namespaceLabels": [_label_condition(each) for each in end.namespace_labels],
        "labels": [_label_condition(each) for each in end.labels],
        "nodeLabels": [_label_condition(each) for each in end.node_labels],
        "hostNetwork": end.host_network,
        "networks": list(end.networks),
        "notNetworks": list(end.outside),
        "declaresPort": [
            {"protocol": protocol, "name": name, "declared": declared} for protocol, name, declared in end.declares
        ],
    }


def _name_condition(condition: NameCondition) -> Json:
    names = None if condition.names is None else list[Json](condition.names)
    return {"in": names, "notIn": list(condition.excluded)}


def _label_condition(condition: LabelCondition) -> Json:
    values = None if condition.values is None else list[Json](condition.values)
    return {"key": condition.key, "in": values, "notIn": list(condition.excluded), "absent": condition.absent}


def counterexample_object(example: Counterexample) -> dict[str, Json]:
    """A connection that refutes a property; only ``defaultDeny`` fills ``subject`` and ``direction``."""
    return {
        "source": endpoint_object(example.source),
        "destination": endpoint_object(example.destination),
        "protocol": example.protocol,
        "port": example.port,
        "portName": example.port_name,
        "family": example.family,
        "allowed": example.allowed,
        "reading": reading_object(example.reading),
        "dependsOn": list(example.depends_on),
        "subject": example.subject,
        "direction": example.direction,
        "inBase": _in_base(example.in_base),
        "override": _override(example.override),
    }


def _in_base(seen: InBase | None) -> Json:
    """How the base of a comparison sees the connection; null where nothing is compared."""
    if seen is None:
        return None
    return {
        "allowed": seen.allowed,
        "sourceNamespaceLabels": dict[str, Json](seen.source_namespace_labels),
        "destinationNamespaceLabels": dict[str, Json](seen.destination_namespace_labels),
    }


_ENDS = {"egress": "source", "ingress": "destination"}


def _override(found: Override | None) -> Json:
    """What NetworkPolicies make of the connection; null where the property does not speak of that."""
    if found is None:
        return None
    return {
        "undecided": [{"end": _ENDS[direction], "direction": direction} for direction in found.undecided],
        "opens": None if found.opens is None else [_data(each) for each in found.opens],
        "closes": None if found.closes is None else [_data(each) for each in found.closes],
    }


def cause_object(cause: Cause) -> dict[str, Json]:
    """A changed line."""
    return {
        "side": cause.side,
        "object": cause.object,
        "change": cause.change,
        "path": cause.path,
        "file": cause.file,
        "line": cause.line,
    }


def endpoint_object(endpoint: Endpoint) -> dict[str, Json]:
    """One end of a connection."""
    return {
        "kind": endpoint.kind,
        "namespace": endpoint.namespace,
        "labels": dict[str, Json](endpoint.labels),
        "namespaceLabels": dict[str, Json](endpoint.namespace_labels),
        "namespaceDeclared": endpoint.namespace_declared,
        "workload": endpoint.workload,
        "ports": [_container_port(port) for port in endpoint.ports],
        "ips": list(endpoint.ips),
        "hostNetwork": endpoint.host_network,
        "node": endpoint.node,
        "nodeLabels": None if endpoint.node_labels is None else dict[str, Json](endpoint.node_labels),
    }


def reading_object(reading: Reading) -> dict[str, Json]:
    """What the cluster of the counterexample decides where the API leaves it open."""
    return {
        "ipBlockMatchesPods": reading.ip_block_matches_pods,
        "order": list(reading.order),
        "baselineHiddenBy": reading.baseline_hidden_by,
        "hostNetworkPods": reading.host_network_pods,
    }


def reason_object(reason: Because) -> dict[str, Json]:
    """One line of evidence."""
    return {
        "direction": reason.direction,
        "policy": reason.policy,
        "rule": reason.rule,
        "effect": reason.effect,
        "file": reason.file,
        "line": reason.line,
        "redundant": reason.redundant,
        "detail": reason.detail,
        "side": reason.side,
    }


def notice_object(notice: Notice) -> dict[str, Json]:
    """Something a reader of the verdict should know, with its place if it has one."""
    return {"message": notice.message, "file": notice.file, "line": notice.line}


def _container_port(port: ContainerPort) -> Json:
    return {"name": port.name, "protocol": port.protocol, "containerPort": port.container_port}


def input_object(read: InputSummary) -> Json:
    """What was read."""
    return {
        "files": read.files,
        "objects": dict[str, Json](read.objects),
        "ignored": dict[str, Json](read.ignored),
        "unmodelled": list(read.unmodelled),
        "excluded": list(read.excluded),
    }


def _summary(results: Sequence[PropertyResult]) -> Json:
    verdicts = [result.verdict for result in results]
    statuses = [result.status for result in results]
    return {
        "verdicts": {verdict: verdicts.count(verdict) for verdict in get_args(Verdict)},
        "status": {status: statuses.count(status) for status in get_args(Status)},
    }


def _notices(notices: Sequence[Notice]) -> list[Json]:
    return [notice_object(notice) for notice in notices]


def _open_world(world: OpenWorld | None) -> Json:
    if world is None:
        return None
    return {"verdict": world.verdict, "counterexample": _optional_counterexample(world.counterexample)}


def _optional_counterexample(example: Counterexample | None) -> Json:
    return None if example is None else counterexample_object(example)


def plain(value: object) -> Json:
    """A value of ``semantics`` (text, switch or number) as JSON; anything else is a mistake of ours."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"semantics hold a {type(value).__name__}, which the report has no form for")
