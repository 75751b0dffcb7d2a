"""JSON Schema (draft 2020-12) of suites and of files of waivers, for editors and for checks without this program.

Derived from the models of ``suite``, so that it knows the keys that they know; rules that the models leave to the
checks are added where a schema can say them. What fits a suite's schema may still be refused (an unknown group, a
selector that does not parse); what does not fit is refused by the program, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import cast

from .json_schema_words import WORDS
from .property_checks import WRITTEN_VERBS
from .suite import Model, PropertySuite, WaiverFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, object]

_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
_BLOCK = r"^[0-9A-Fa-f:.]+/[0-9]{1,3}$"
_SOMETHING = r"\S"
_PORT: list[Schema] = [
    {"type": "string", "pattern": r"^((TCP|UDP|SCTP)/[A-Za-z0-9-]+|[0-9]+(-[0-9]+)?)$"},
    {"type": "integer", "minimum": 1, "maximum": 65535},
]
_ENTRIES: Schema = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/OnlyEntry"}}


def _alone(key: str, *others: str) -> Schema:
    """A mapping with ``key`` has no keys but it and ``others``."""
    return {"if": {"required": [key]}, "then": {"propertyNames": {"enum": [key, *others]}}}


_RULES: Mapping[str, Schema] = {
    "PropertySuite": {"required": ["apiVersion", "kind", "properties"]},
    "Property": {"oneOf": [{"required": [verb]} for verb in WRITTEN_VERBS]},
    "Group": {
        "allOf": [
            *(_alone(key) for key in ("workload", "service", "node", "any")),
            _alone("cidr", "except"),
            _alone("builtin", "clouds"),
        ],
        "dependentRequired": {"except": ["cidr"], "clouds": ["builtin"]},
    },
    "Only": {
        "oneOf": [
            {"properties": {"from": _ENTRIES, "to": {"$ref": "#/$defs/Endpoints"}}},
            {"properties": {"from": {"$ref": "#/$defs/Endpoints"}, "to": _ENTRIES}},
        ]
    },
    "Isolate": {"oneOf": [{"required": ["groups"]}, {"required": ["by"]}]},
    "Exception": {"minProperties": 1},
    "SelectorRequirement": {
        "if": {"properties": {"operator": {"enum": ["In", "NotIn"]}}},
        "then": {"required": ["values"], "properties": {"values": {"minItems": 1}}},
        "else": {"properties": {"values": {"maxItems": 0}}},
    },
    "ManifestEntry": {
        "oneOf": [
            {"required": ["path"], "not": {"required": ["git"]}},
            *({"required": [key]} for key in ("git", "kustomize", "helm", "live")),
        ],
        "dependentRequired": {key: ["helm"] for key in ("values", "release", "namespace", "matrix")},
        "dependentSchemas": {"exclude": {"anyOf": [{"required": ["path"]}, {"required": ["git"]}]}},
    },
}
"""What the checks refuse and the models let pass, by the name of a mapping."""

_LISTS = {"from", "to", "for", "who", "servers", "base", "left", "right", "allow", "ports", "directions", "namespace"}
"""Keys whose lists must not be empty."""
_PATTERNS = {
    ("Group", "namespace"): _NAME,
    ("Group", "namespaces"): _SOMETHING,
    ("Group", "pods"): _SOMETHING,
    ("Group", "workload"): r"^[^/]+/[^/]+(/[^/]+)?$",
    ("Group", "service"): r"^[^/]+/[^/]+$",
    ("Group", "cidr"): _BLOCK,
    ("Group", "except"): _BLOCK,
    ("World", "podCIDRs"): _BLOCK,
    ("World", "nodeCIDRs"): _BLOCK,
    ("World", "serviceCIDRs"): _BLOCK,
    ("ExternalNamespace", "name"): _NAME,
    ("ExternalPod", "ports"): r"^(TCP|UDP|SCTP)/[0-9]+$",
    ("IsolateBy", "namespaceLabel"): _SOMETHING,
    ("PropertySuite", "manifests"): _SOMETHING,
    ("Waiver", "expires"): r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    ("Waiver", "reason"): _SOMETHING,
    ("Waiver", "owner"): _SOMETHING,
}


def suite_schema() -> Schema:
    """The schema of a suite."""
    return _schema_of(PropertySuite, "suite", "A suite of properties for netpol-verify")


def waivers_schema() -> Schema:
    """The schema of a file of waivers."""
    return _schema_of(WaiverFile, "waivers", "Waivers for properties of netpol-verify")


def _schema_of(model: type[Model], name: str, title: str) -> Schema:
    whole = cast("Schema", _plain(model.model_json_schema(by_alias=True)))
    defined = cast("dict[str, Schema]", whole.pop("$defs"))
    endpoints = cast("Schema", cast("Schema", defined["Never"]["properties"])["from"]) if "Never" in defined else None
    parts = {_called(key): part for key, part in {**defined, model.__name__: whole}.items()}
    for key, part in parts.items():
        _complete(key, part)
    top = parts.pop(model.__name__)
    if endpoints is not None:
        parts["Endpoints"] = {key: value for key, value in endpoints.items() if key != "description"}
    described = {key: value for key, value in top.items() if key != "description"}
    return {"$schema": DIALECT, "$id": f"urn:netpol-verify:v1:{name}", "title": title, **described, "$defs": parts}


def _called(name: str) -> str:
    return name.rstrip("_")


def _plain(value: object) -> object:
    """The models' schema without what only code knows: generated titles, null for what is left out, reST."""
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[object]", value)]
    if isinstance(value, str):
        return value.replace("Exception_", "Exception").replace("``", "`")
    if not isinstance(value, dict):
        return value
    mapping = cast("Schema", value)
    kept = {
        key: _plain(item)
        for key, item in mapping.items()
        if not (key == "title" and isinstance(item, str)) and not (key == "default" and item is None)
    }
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [item for item in cast("list[Schema]", choices) if item != {"type": "null"}]
        del kept["anyOf"]
        kept = {**kept, **(rest[0] if len(rest) == 1 else {"anyOf": rest})}
    return kept


def _complete(name: str, part: Schema) -> None:
    """Add to one mapping what people read and what the checks demand."""
    properties = cast("dict[str, Schema]", part.get("properties", {}))
    for key, schema in properties.items():
        if key in _LISTS:
            _each(schema, "array", lambda found: found.update(minItems=1))
        if key == "ports" and name != "ExternalPod":
            schema["items"] = {"oneOf": deepcopy(_PORT)}
        pattern = _PATTERNS.get((name, key))
        if pattern is not None:
            _each(schema, "string", lambda found, pattern=pattern: found.update(pattern=pattern))
        schema["description"] = WORDS[name][key]
    if name == "Isolate":
        properties["groups"]["minItems"] = 2
    if name == "PropertySuite":
        properties["properties"]["minItems"] = 1
    if name == "ManifestEntry":
        properties["live"]["type"] = ["string", "null"]
    part.update(deepcopy(dict(_RULES.get(name, {}))))


def _each(value: object, kind: str, change: Callable[[Schema], None]) -> None:
    """Apply ``change`` to every schema of this type among a schema's alternatives and items."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            _each(item, kind, change)
    elif isinstance(value, dict):
        schema = cast("Schema", value)
        if schema.get("type") == kind and "enum" not in schema and "const" not in schema:
            change(schema)
        for key in ("oneOf", "anyOf", "items", "additionalProperties"):
            _each(schema.get(key), kind, change)
