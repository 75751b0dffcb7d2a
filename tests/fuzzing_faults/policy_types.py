"""Faults of policyTypes: what they default to, and which directions a policy governs.

The rules: kubernetes/kubernetes:pkg/apis/networking/v1/defaults.go and staging/src/k8s.io/api/networking/v1/types.go.
"""

from __future__ import annotations

from collections.abc import Callable

from netpol_verify.encodings.concrete import networkpolicy
from netpol_verify.encodings.concrete.evidence import Direction
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.networkpolicy import TYPES

from .fault import Area

POLICY_TYPES = Area("policyTypes")
Directions = tuple[Direction, ...]
BOTH: Directions = ("ingress", "egress")
_Governed = Callable[[Field], Directions]


def _types(what: str, seen: str = "") -> Callable[[_Governed], _Governed]:
    """The function below says which directions a policy governs."""
    return POLICY_TYPES.seeded(networkpolicy, "_governed", what, seen)


def _written(spec: Field) -> Directions:
    return tuple(dict.fromkeys(TYPES[item.text()] for item in spec.child("policyTypes").items()))


def _right(spec: Field) -> Directions:
    return _written(spec) or (BOTH if spec.child("egress").length() else ("ingress",))


@_types("egress rules without policyTypes do not make the policy govern egress")
def egress_rules_do_not_imply_egress(spec: Field) -> Directions:
    return _written(spec) or ("ingress",)


@_types("without policyTypes both directions are governed")
def types_default_to_both(spec: Field) -> Directions:
    return _written(spec) or BOTH


@_types("an egress list without policyTypes governs egress even if it is empty")
def empty_egress_list_implies_egress(spec: Field) -> Directions:
    return _written(spec) or (BOTH if spec.child("egress").value is not None else ("ingress",))


@_types("the key egress without policyTypes governs egress even if it is null")
def null_egress_implies_egress(spec: Field) -> Directions:
    is_null = "egress" in spec.mapping() and spec.child("egress").value is None
    return _written(spec) or (BOTH if is_null else _right(spec))


@_types("without policyTypes a policy governs the directions that it has rules for")
def default_types_follow_the_rules(spec: Field) -> Directions:
    return _written(spec) or tuple(each for each in BOTH if spec.child(each).length()) or ("ingress",)


@_types("without policyTypes and rules a policy governs nothing")
def policy_without_types_and_rules_is_ignored(spec: Field) -> Directions:
    has_rules = any(spec.child(each).length() for each in BOTH)
    return _right(spec) if has_rules else _written(spec)


@_types(
    "no policyTypes mean no direction",
    "kubernetes-sigs/kube-network-policies:pkg/networkpolicy",
)
def missing_types_govern_nothing(spec: Field) -> Directions:
    return _written(spec)


@_types("policyTypes: [] means no direction")
def empty_types_govern_nothing(spec: Field) -> Directions:
    return _written(spec) if spec.child("policyTypes").value is not None else _right(spec)


@_types("ingress rules govern ingress although policyTypes are [Egress]")
def ingress_rules_govern_beside_egress_type(spec: Field) -> Directions:
    return BOTH if spec.child("ingress").length() else _right(spec)


@_types("egress rules govern egress although policyTypes are [Ingress]")
def egress_rules_govern_beside_ingress_type(spec: Field) -> Directions:
    return BOTH if spec.child("egress").length() else _right(spec)


@_types("only the first of policyTypes counts")
def first_type_only(spec: Field) -> Directions:
    return _written(spec)[:1] or _right(spec)


@_types("a policy without spec, or with an empty one, governs nothing")
def empty_spec_is_ignored(spec: Field) -> Directions:
    return _right(spec) if spec.mapping() else ()


@_types("policyTypes [Egress] isolate for ingress as well")
def egress_type_isolates_ingress(spec: Field) -> Directions:
    return BOTH if "egress" in _right(spec) else _right(spec)


@_types("policyTypes [Ingress] isolate for egress as well")
def ingress_type_isolates_egress(spec: Field) -> Directions:
    return BOTH if "ingress" in _right(spec) else _right(spec)
