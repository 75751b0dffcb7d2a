"""Examples of label selectors, and of the labels of namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Raw
from .build import DB, DB_POD, FROM_OPS, PODS, TOOL, Example, example, flow, ingress, namespace, pod, policy, table


def _expression(operator: str, *values: str, key: str = "tier") -> Raw:
    entry: Raw = {"key": key, "operator": operator}
    return {**entry, "values": [*values]} if values else entry


def _peer(rule: str, selector: Raw, labels: Mapping[str, str], selected: bool) -> Example:
    """Only selected pods may connect to the database; one with these labels tries."""
    client = pod("shop/client", labels, "10.0.0.9")
    spec = ingress({"from": [{"podSelector": selector}]})
    return example(rule, spec, selected, flow("shop/client"), pods=(client, DB_POD))


def _expressions(rule: str, labels: Mapping[str, str], selected: bool, *expressions: Raw) -> Example:
    return _peer(rule, {"matchExpressions": [*expressions]}, labels, selected)


def _spaces(rule: str, selector: Raw, selected: bool, **changes: Any) -> Example:
    """Only pods of selected namespaces may connect to the database; the operators' tool tries."""
    return example(rule, ingress({"from": [{"namespaceSelector": selector}]}), selected, flow(TOOL), **changes)


_FRONT: Raw = {"matchLabels": {"tier": "front"}}
_NOT_OPS: Raw = {"matchExpressions": [_expression("NotIn", "ops", key="kubernetes.io/metadata.name")]}

SELECTORS = table(
    _peer("match-labels-empty-value-needs-the-key", {"matchLabels": {"tier": ""}}, {"app": "a"}, selected=False),
    _peer("match-labels-empty-value-is-a-value", {"matchLabels": {"tier": ""}}, {"tier": "front"}, selected=False),
    _expressions("in-with-empty-value-needs-the-key", {"app": "a"}, False, _expression("In", "", "front")),
    _expressions("not-in-with-empty-value-holds-on-absent-key", {"app": "a"}, True, _expression("NotIn", "", "front")),
    _expressions("empty-value-is-present", {"tier": ""}, True, _expression("Exists")),
    _expressions("not-in-holds-on-absent-key", {"app": "a"}, True, _expression("NotIn", "front")),
    _expressions("does-not-exist-holds-on-absent-key", {"app": "a"}, True, _expression("DoesNotExist")),
    _expressions("does-not-exist-fails-on-present-key", {"tier": "front"}, False, _expression("DoesNotExist")),
    _expressions("exists-needs-the-key", {"app": "a"}, False, _expression("Exists")),
    _expressions("exists-holds-on-any-value", {"tier": "front"}, True, _expression("Exists")),
    _expressions("in-reads-every-value", {"tier": "back"}, True, _expression("In", "front", "back")),
    _expressions("not-in-reads-every-value", {"tier": "back"}, False, _expression("NotIn", "front", "back")),
    _expressions("in-needs-the-key", {"app": "a"}, False, _expression("In", "front")),
    _expressions("in-needs-a-listed-value", {"tier": "back"}, False, _expression("In", "front")),
    _expressions("not-in-fails-on-a-listed-value", {"tier": "front"}, False, _expression("NotIn", "front")),
    _expressions("not-in-holds-on-another-value", {"tier": "back"}, True, _expression("NotIn", "front")),
    _peer("label-key-includes-its-prefix", _FRONT, {"example.com/tier": "front"}, selected=False),
    _peer("label-values-are-case-sensitive", _FRONT, {"tier": "Front"}, selected=False),
    _peer("label-values-are-texts", {"matchLabels": {"level": "1"}}, {"level": "1.0"}, selected=False),
    _peer(
        "contradictory-selector-matches-nothing",
        {**_FRONT, "matchExpressions": [_expression("NotIn", "front")]},
        {"tier": "front"},
        selected=False,
    ),
    _expressions(
        "every-requirement-of-a-key-counts",
        {"tier": "c"},
        False,
        _expression("In", "a", "b"),
        _expression("NotIn", "a"),
    ),
    _peer(
        "match-labels-and-expressions-are-anded",
        {**_FRONT, "matchExpressions": [_expression("Exists", key="app")]},
        {"tier": "front"},
        selected=False,
    ),
    _expressions(
        "match-expressions-are-anded", {"tier": "front"}, False, _expression("Exists"), _expression("Exists", key="app")
    ),
    _peer("match-labels-are-anded", {"matchLabels": {"tier": "front", "app": "a"}}, {"tier": "front"}, selected=False),
    _peer(
        "match-labels-count-beside-expressions",
        {**_FRONT, "matchExpressions": [_expression("Exists", key="app")]},
        {"app": "a"},
        selected=False,
    ),
    _expressions(
        "match-expressions-count", {"tier": "front"}, False, _expression("Exists", key="app"), _expression("In", "back")
    ),
    _peer("match-labels-needs-the-key", _FRONT, {"app": "a"}, selected=False),
    _peer("match-labels-needs-the-value", _FRONT, {"tier": "back"}, selected=False),
    _peer("empty-requirement-lists-select-everything", {"matchLabels": {}}, {"app": "a"}, selected=True),
    _peer("pod-without-labels-is-a-pod", {}, {}, selected=True),
)

NAMESPACES = table(
    _spaces("namespace-has-its-name-as-label", _NOT_OPS, selected=False),
    _spaces("undeclared-namespace-has-its-name-as-label", _NOT_OPS, selected=False, namespaces=(namespace("shop"),)),
    _spaces("undeclared-namespace-is-a-namespace", {}, selected=True, namespaces=(namespace("shop"),)),
    _spaces(
        "namespace-object-gives-the-labels",
        {"matchExpressions": [_expression("NotIn", "b", key="team")]},
        selected=False,
    ),
    _spaces("namespace-selector-reads-the-namespace", {"matchLabels": {"app": "tool"}}, selected=False),
    example(
        "pods-are-told-apart-by-namespace",
        ingress({"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}),
        True,
        pods=(*PODS, pod("ops/web", {"app": "tool"}, "10.0.1.2")),
    ),
    example(
        "policies-are-told-apart-by-namespace",
        (ingress(FROM_OPS), policy({"podSelector": {}}, space="ops")),
        False,
    ),
    example(
        "object-without-namespace-is-in-default",
        policy({"podSelector": {}, "ingress": [FROM_OPS]}, space=None),
        False,
        flow(DB, "default/web"),
        pods=(*PODS, pod("default/web", {"app": "web"}, "10.0.2.1")),
    ),
)
