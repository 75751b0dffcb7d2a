"""JSON Schema (draft 2020-12) of the JSON reports of ``prove`` and ``diff``.

Written by hand from the reports' contract and checked by the tests against reports of real runs, in which no key may be
missing here. A reader must let further keys be: they may come within one version, so no object is closed.
"""

from __future__ import annotations

from typing import get_args

from ...encodings.policy import DIRECTIONS, PROTOCOLS
from ...properties.json_schema import DIALECT, Schema
from ...properties.property_checks import WRITTEN_VERBS
from ..results import Effect, Status, Verdict
from .diff_json import FORMAT as DIFF_FORMAT
from .json_report import REPORT_FORMAT

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
_FAMILY: Schema = {"enum": ["IPv4", "IPv6"]}
_DIRECTION: Schema = {"enum": list(DIRECTIONS)}
_SIDE: Schema = {"enum": ["base", "head"]}
_VERDICT: Schema = {"enum": list(get_args(Verdict))}
_STATUS: Schema = {"enum": list(get_args(Status))}


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _object(properties: dict[str, Schema], description: str = "") -> Schema:
    """An object that has all of these keys."""
    described: Schema = {"description": description} if description else {}
    return {"type": "object", **described, "properties": properties, "required": list(properties)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map(values: Schema) -> Schema:
    """An object whose keys are names."""
    return {"type": "object", "additionalProperties": values}


def _optional(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _of(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


_NAMES = _object({"in": _optional(_list(_TEXT)), "notIn": _list(_TEXT)}, "One of these names; null: any but `notIn`.")
_LABELS = _list(
    _object({"key": _TEXT, "in": _optional(_list(_TEXT)), "notIn": _list(_TEXT), "absent": _FLAG}, "One label.")
)
_END_CLASS = _object(
    {
        "kinds": _list({"enum": ["pod", "external", "node"]}),
        "declared": _optional(_FLAG),
        "workloads": _NAMES,
        "namespaces": _NAMES,
        "namespaceLabels": _LABELS,
        "labels": _LABELS,
        "nodeLabels": _LABELS,
        "hostNetwork": _optional(_FLAG),
        "networks": _list(_TEXT),
        "notNetworks": _list(_TEXT),
        "declaresPort": _list(_object({"protocol": _TEXT, "name": _TEXT, "declared": _FLAG})),
    },
    "One end of a class; conditions on names and labels bind pods alone, those of nodes ends on a node.",
)
_CONNECTION_CLASS: dict[str, Schema] = {
    "class": _said(_TEXT, "The class in words."),
    "source": _of("EndClass"),
    "destination": _of("EndClass"),
    "protocols": _list({"enum": list(PROTOCOLS)}),
    "ports": _said({"type": "array", "items": _PORT, "minItems": 2, "maxItems": 2}, "First and last."),
    "families": _list(_FAMILY),
    "sameNamespaceLabel": _map(_FLAG),
    "ipBlockMatchesPods": _optional(_FLAG),
}
_ENDPOINT = _object(
    {
        "kind": {"enum": ["pod", "external", "node"]},
        "namespace": _optional(_TEXT),
        "labels": _map(_TEXT),
        "namespaceLabels": _map(_TEXT),
        "namespaceDeclared": _optional(_FLAG),
        "workload": _said(_optional(_TEXT), "The declared workload; null for a pod that nobody declared."),
        "ports": _list(_object({"name": _TEXT, "protocol": {"enum": list(PROTOCOLS)}, "containerPort": _PORT})),
        "ips": _list(_TEXT),
        "hostNetwork": _FLAG,
        "node": _said(_optional(_TEXT), "The declared node that it is, or in whose host's network it is."),
        "nodeLabels": _said(_optional(_map(_TEXT)), "The labels of that node, of a pod in the host's network."),
    },
    "One end of a connection.",
)
_COUNTEREXAMPLE = _object(
    {
        "source": _of("Endpoint"),
        "destination": _of("Endpoint"),
        "protocol": {"enum": list(PROTOCOLS)},
        "port": _PORT,
        "portName": _optional(_TEXT),
        "family": _FAMILY,
        "allowed": _FLAG,
        "reading": _object(
            {
                "ipBlockMatchesPods": _FLAG,
                "order": _said(_list(_TEXT), "Policies of one priority, the one that goes first."),
                "baselineHiddenBy": {"enum": ["direction", "pod"]},
                "hostNetworkPods": {"enum": ["excluded", "ordinary"]},
            }
        ),
        "dependsOn": _list(_TEXT),
        "subject": _optional({"enum": ["source", "destination"]}),
        "direction": _optional(_DIRECTION),
        "inBase": _optional(
            _object(
                {
                    "allowed": _FLAG,
                    "sourceNamespaceLabels": _map(_TEXT),
                    "destinationNamespaceLabels": _map(_TEXT),
                }
            )
        ),
        "override": _optional(
            _object(
                {
                    "undecided": _list(_object({"end": {"enum": ["source", "destination"]}, "direction": _DIRECTION})),
                    "opens": _said(_optional(_list(_map({}))), "NetworkPolicies; none: without any it is allowed."),
                    "closes": _said(_optional(_list(_map({}))), "NetworkPolicies; none: without any it is refused."),
                },
                "What NetworkPolicies, in the place of all that exist, make of it (cannotOverride).",
            )
        ),
    },
    "A connection; the least one that refutes the property.",
)
_REASON = _object(
    {
        "direction": _DIRECTION,
        "policy": _optional(_TEXT),
        "rule": _said(_optional(_COUNT), "Counted from 0."),
        "effect": {"enum": list(get_args(Effect))},
        "file": _optional(_TEXT),
        "line": _optional(_COUNT),
        "redundant": _FLAG,
        "detail": _optional(_TEXT),
        "side": _optional(_SIDE),
    },
    "One line of evidence.",
)
_CAUSE = _object(
    {"side": _SIDE, "object": _TEXT, "change": _TEXT, "path": _TEXT, "file": _TEXT, "line": _COUNT},
    "A changed line behind a difference.",
)
_NOTICE = _object({"message": _TEXT, "file": _optional(_TEXT), "line": _optional(_COUNT)})
_INPUT = _object(
    {
        "files": _COUNT,
        "objects": _map(_COUNT),
        "ignored": _map(_COUNT),
        "unmodelled": _list(_TEXT),
        "excluded": _list(_TEXT),
    },
    "What was read.",
)
_WAIVER = _object(
    {"reason": _TEXT, "owner": _TEXT, "expires": _TEXT, "allow": _list(_map({})), "file": _TEXT, "line": _COUNT},
    "A waiver in force.",
)
_WORLD = _object({"pods": {"enum": ["open", "closed", "mixed"]}, "namespaces": {"enum": ["open", "closed"]}})
_SEMANTICS = _object(
    {
        "ipBlockMatchesPods": {"enum": [True, False, "either"]},
        "hostNetworkPods": {"enum": ["excluded", "ordinary", "either"]},
        "baselineHiddenBy": {"enum": ["direction", "pod", "either"]},
    }
)
_RESULT = _object(
    {
        "id": _TEXT,
        "verb": {"enum": list(WRITTEN_VERBS)},
        "verdict": _said(_VERDICT, "What is true."),
        "expected": _optional(_VERDICT),
        "status": _said(_STATUS, "What the gate does."),
        "severity": {"enum": ["critical", "high", "medium", "low"]},
        "suite": _TEXT,
        "line": _COUNT,
        "description": _optional(_TEXT),
        "owner": _optional(_TEXT),
        "tags": _list(_TEXT),
        "world": _WORLD,
        "semantics": _SEMANTICS,
        "holdsForDeclared": _said(_optional(_FLAG), "With pods and namespaces closed; null: vacuous there."),
        "holdsForDeclaredNamespaces": _said(_optional(_FLAG), "With namespaces closed; null: vacuous there."),
        "openWorld": _optional(_object({"verdict": _VERDICT, "counterexample": _optional(_of("Counterexample"))})),
        "members": _map(_object({"declared": _COUNT})),
        "reason": _said(_optional(_TEXT), "Why it is vacuous or unknown."),
        "dependsOn": _said(_list(_TEXT), "The objects and domain names that an unknown verdict depends on."),
        "notices": _list(_of("Notice")),
        "class": _said(_optional(_TEXT), "What the counterexample stands for."),
        "counterexample": _optional(_of("Counterexample")),
        "because": _list(_of("Reason")),
        "reproduce": _said(_list(_TEXT), "The lines of a shell script."),
        "causes": _list(_of("Cause")),
        "classes": _optional(_list(_object({**_CONNECTION_CLASS, "direction": _optional(_DIRECTION)}))),
        "classesComplete": _optional(_FLAG),
        "variant": _optional(_TEXT),
        "waivers": _list(_WAIVER),
        "baseline": _said(_optional(_TEXT), "The file that records this failure."),
    },
    "What was found out about one property.",
)
_TOOL = _object({"version": _TEXT, "z3": _TEXT})
_SHARED = {"Endpoint": _ENDPOINT, "Counterexample": _COUNTEREXAMPLE, "Reason": _REASON, "Cause": _CAUSE}
_CHANGED = _object(
    {
        **_CONNECTION_CLASS,
        "witness": _of("Counterexample"),
        "because": _list(_of("Reason")),
        "causes": _list(_of("Cause")),
        "pairs": _optional(_list(_object({"source": _TEXT, "destination": _TEXT}))),
        "pairsComplete": _optional(_FLAG),
    },
    "A class of connections that all changed, with its least witness.",
)
_CHANGES = _object(
    {
        "complete": _said(_FLAG, "Nothing changed outside `classes`."),
        "limited": _said(_FLAG, "The solver's limits were reached."),
        "dependsOn": _list(_TEXT),
        "classes": _list(_of("Changed")),
    },
    "What was gained, or lost.",
)


def report_schema() -> Schema:
    """The schema of the report of ``prove -o json``."""
    summary = {
        "verdicts": _object(dict.fromkeys(get_args(Verdict), _COUNT)),
        "status": _object(dict.fromkeys(get_args(Status), _COUNT)),
    }
    whole = _object(
        {
            "report": {"const": REPORT_FORMAT},
            "tool": _TOOL,
            "input": _INPUT,
            "summary": _object(summary),
            "assumptions": _list(_TEXT),
            "notices": _list(_of("Notice")),
            "results": _list(_of("Result")),
        }
    )
    defined = {**_SHARED, "EndClass": _END_CLASS, "Notice": _NOTICE, "Result": _RESULT}
    return _titled("report", "A report of netpol-verify prove", whole, defined)


def diff_schema() -> Schema:
    """The schema of the report of ``diff -o json``."""
    whole = _object(
        {
            "report": {"const": DIFF_FORMAT},
            "tool": _TOOL,
            "base": _object({"input": _INPUT}),
            "head": _object({"input": _INPUT}),
            "world": _WORLD,
            "semantics": _SEMANTICS,
            "assumptions": _list(_TEXT),
            "notices": _list(_of("Notice")),
            "gained": _of("Changes"),
            "lost": _of("Changes"),
            "declared": _object({"gained": _of("Changes"), "lost": _of("Changes")}, "The same among declared pods."),
        }
    )
    defined = {**_SHARED, "EndClass": _END_CLASS, "Notice": _NOTICE, "Changes": _CHANGES, "Changed": _CHANGED}
    return _titled("diff", "A report of netpol-verify diff", whole, defined)


def _titled(name: str, title: str, whole: Schema, defined: dict[str, Schema]) -> Schema:
    return {"$schema": DIALECT, "$id": f"urn:netpol-verify:v1:{name}", "title": title, **whole, "$defs": defined}
