"""Examples of what policies govern, and of how policies and rules add up."""

from __future__ import annotations

from typing import Any

from ..model import Raw
from .build import DB, FROM_OPS, FROM_WEB, OUTSIDE, WEB, Example, egress, example, flow, ingress, policy, table


def _spec(rule: str, spec: Any, allowed: bool, destination: str = DB) -> Example:
    """A policy of the shop with this spec; the web pod connects."""
    return example(rule, policy(spec), allowed, flow(WEB, destination))


def _lists(rule: str, kinds: str, item: Raw) -> Example:
    listed: Raw = {"apiVersion": "v1", "kind": kinds, "items": [item]}
    return example(rule, listed, allowed=False)


_EVERY_POD: Raw = {"podSelector": {}}
_OF_WEB: Raw = {"podSelector": {"matchLabels": {"app": "web"}}}
_OF_DB: Raw = {"podSelector": {"matchLabels": {"app": "db"}}}
_DNS: Raw = {"ports": [{"port": 53, "protocol": "TCP"}]}
_OTHERS: Raw = {**FROM_OPS, **_DNS}

DOCUMENTS = table(
    example(
        "every-document-counts",
        (ingress(FROM_OPS, name="ops"), ingress(FROM_WEB, name="web")),
        allowed=True,
        together=(0, 1),
    ),
    _lists("items-of-a-list-count", "List", ingress(FROM_OPS)),
)

TYPES = table(
    example("null-rule-is-an-empty-rule", ingress(None), allowed=True),
    example("empty-rule-allows-everything", ingress({}), allowed=True),
    example("empty-rules-list-allows-nothing", ingress(), allowed=False),
    _spec("empty-egress-list-leaves-egress-open", {**_OF_WEB, "egress": []}, True, OUTSIDE),
    _spec("empty-policy-types-are-absent", {**_OF_DB, "policyTypes": []}, allowed=False),
    _spec("absent-spec-isolates-ingress", None, allowed=False),
    _spec("absent-pod-selector-selects-every-pod", {"policyTypes": ["Ingress"]}, allowed=False),
    _spec("repeated-policy-type-counts-once", {**_OF_WEB, "policyTypes": ["Ingress", "Ingress"]}, True, OUTSIDE),
    _spec("egress-rules-govern-egress-by-default", {**_OF_WEB, "egress": [_DNS]}, False, OUTSIDE),
    _spec("egress-without-rules-is-open-by-default", _OF_WEB, True, OUTSIDE),
    _spec("ingress-is-governed-by-default", _OF_DB, allowed=False),
    _spec(
        "ingress-rules-need-their-type",
        {**_OF_DB, "policyTypes": ["Egress"], "ingress": [FROM_OPS]},
        allowed=True,
    ),
    _spec(
        "egress-rules-need-their-type",
        {**_OF_WEB, "policyTypes": ["Ingress"], "egress": [_DNS]},
        True,
        OUTSIDE,
    ),
    _spec(
        "egress-alone-leaves-ingress-open",
        {**_OF_DB, "policyTypes": ["Egress"]},
        allowed=True,
    ),
    _spec("ingress-alone-leaves-egress-open", {**_OF_WEB, "policyTypes": ["Ingress"]}, True, OUTSIDE),
    _spec("every-policy-type-counts", {**_OF_WEB, "policyTypes": ["Ingress", "Egress"]}, False, OUTSIDE),
    _spec("direction-without-rules-is-closed", {**_OF_DB, "policyTypes": ["Ingress"]}, allowed=False),
)

WHOLE = table(
    example(
        "ports-stay-in-their-rule",
        ingress({**FROM_WEB, "ports": [{"port": 53}]}, {**FROM_OPS, "ports": [{"port": 5432}]}),
        allowed=False,
    ),
    example(
        "rules-keep-their-own-ports",
        ingress({**FROM_WEB, "ports": [{"port": 5432}]}, {**FROM_OPS, "ports": [{"port": 53}]}),
        allowed=True,
    ),
    example(
        "rules-with-equal-peers-add-up",
        ingress({**FROM_WEB, "ports": [{"port": 5432}]}, {**FROM_WEB, "ports": [{"port": 53}]}),
        allowed=True,
    ),
    example("ports-and-peers-are-anded", ingress({**FROM_OPS, "ports": [{"port": 5432}]}), allowed=False),
    example("later-rules-count", ingress(FROM_OPS, FROM_WEB), allowed=True),
    example("rules-add-up", ingress(FROM_WEB, FROM_OPS), allowed=True),
    example("isolation-covers-sctp", ingress(_OTHERS), False, flow(protocol="SCTP")),
    example("isolation-covers-every-protocol", ingress(_OTHERS), False, flow(protocol="UDP")),
    example("isolation-covers-every-family", ingress(_OTHERS), False, flow(family="IPv6")),
    _spec("empty-pod-selector-selects-every-pod", _EVERY_POD, allowed=False),
    example("policy-selects-by-its-pod-selector", ingress(FROM_OPS), True, flow(DB, WEB)),
    example(
        "policy-selects-in-its-own-namespace", policy({**_EVERY_POD, "ingress": [FROM_OPS]}, space="ops"), allowed=True
    ),
    example("later-policies-count", (ingress(FROM_OPS, name="ops"), ingress(FROM_WEB, name="web")), allowed=True),
    example("policies-add-up", (ingress(FROM_WEB, name="web"), ingress(FROM_OPS, name="ops")), allowed=True),
    example("outside-source-is-free", (), True, flow(OUTSIDE, DB)),
    example("outside-destination-is-free", (), True, flow(WEB, OUTSIDE)),
    example("one-way-is-not-both-ways", (egress(_DNS), ingress(_OTHERS)), allowed=False),
    example("egress-of-the-source-counts", egress(_DNS), False, flow(WEB, OUTSIDE)),
    example("ingress-of-the-destination-counts", ingress(_OTHERS), False, flow(OUTSIDE, DB)),
    example("both-ends-must-allow", (egress(_DNS), ingress(FROM_WEB)), allowed=False),
    example("unselected-pod-is-open", (), allowed=True),
)
