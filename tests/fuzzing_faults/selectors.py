"""Faults of label selectors: each operator on an absent, an empty and another value, and how requirements join.

The rules: kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/labels/selector.go (Requirement.Matches).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from netpol_verify.encodings.concrete import networkpolicy, selectors
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evidence import FALSE, TRUE, Truth, any_of, known
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.selectors import OPERATORS, Labels, Requirement, Selector, read_selector

from .fault import Area

SELECTORS = Area("selectors")
CYCLONUS = "mattfenwick/cyclonus:pkg/kube/labelselector.go"
_MATCHES = Requirement.matches
_SELECTS = Selector.matches
_POD_LABELS = ConcreteEndpoint.pod_labels
_NAMESPACE_LABELS = ConcreteEndpoint.labels_of_namespace


def _value(requirement: Requirement, labels: Labels) -> str | None:
    return labels.known.get(requirement.key)


# Operators


@SELECTORS.seeded(Requirement, "matches", "In holds on an absent key")
def in_holds_on_absent_key(self: Requirement, labels: Labels) -> Truth:
    return TRUE if self.operator == "In" and _value(self, labels) is None else _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "NotIn fails on an absent key", CYCLONUS)
def not_in_fails_on_absent_key(self: Requirement, labels: Labels) -> Truth:
    return FALSE if self.operator == "NotIn" and _value(self, labels) is None else _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "NotIn takes an absent key for the empty value")
def not_in_takes_absent_for_empty(self: Requirement, labels: Labels) -> Truth:
    if self.operator == "NotIn" and _value(self, labels) is None:
        return known("" not in self.values)
    return _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "Exists holds on an absent key")
def exists_holds_on_absent_key(self: Requirement, labels: Labels) -> Truth:
    return TRUE if self.operator == "Exists" else _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "Exists fails on an empty value")
def exists_fails_on_empty_value(self: Requirement, labels: Labels) -> Truth:
    return FALSE if self.operator == "Exists" and _value(self, labels) == "" else _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "DoesNotExist never holds")
def does_not_exist_fails_on_absent_key(self: Requirement, labels: Labels) -> Truth:
    return FALSE if self.operator == "DoesNotExist" else _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "DoesNotExist holds on an empty value")
def does_not_exist_holds_on_empty_value(self: Requirement, labels: Labels) -> Truth:
    return TRUE if self.operator == "DoesNotExist" and not _value(self, labels) else _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "DoesNotExist always holds")
def does_not_exist_holds_on_other_value(self: Requirement, labels: Labels) -> Truth:
    return TRUE if self.operator == "DoesNotExist" else _MATCHES(self, labels)


@SELECTORS.seeded(Requirement, "matches", "In holds if a value is how the label's value begins")
def in_compares_beginnings(self: Requirement, labels: Labels) -> Truth:
    value = _value(self, labels)
    if self.operator == "In" and value is not None:
        return known(any(value.startswith(each) for each in self.values))
    return _MATCHES(self, labels)


def _compared(self: Requirement, labels: Labels, alike: Callable[[str], object]) -> Truth:
    """In and NotIn with values that are the same if ``alike`` gives the same for them."""
    value = _value(self, labels)
    if value is None or not self.values:
        return _MATCHES(self, labels)
    return known((alike(value) in {alike(each) for each in self.values}) == (self.operator == "In"))


@SELECTORS.seeded(Requirement, "matches", "values are the same if they differ only in case")
def case_is_ignored(self: Requirement, labels: Labels) -> Truth:
    return _compared(self, labels, str.lower)


@SELECTORS.seeded(Requirement, "matches", "values are the same if they are the same number")
def numbers_are_compared(self: Requirement, labels: Labels) -> Truth:
    return _compared(self, labels, lambda text: float(text) if re.fullmatch(r"\d+(\.\d+)?([eE]\d+)?", text) else text)


@SELECTORS.seeded(
    ConcreteEndpoint, "pod_labels", "a pod's label that looks like a number is lost", "np-guard/network-config-analyzer"
)
def number_like_pod_label_is_lost(self: ConcreteEndpoint) -> Labels:
    labels = _POD_LABELS(self)
    return replace(labels, known={key: value for key, value in labels.known.items() if not value[:1].isdigit()})


@SELECTORS.seeded(Requirement, "matches", "In does not know the empty value")
def in_passes_over_empty_value(self: Requirement, labels: Labels) -> Truth:
    return (
        _MATCHES(replace(self, values=self.values - {""}), labels) if self.operator == "In" else _MATCHES(self, labels)
    )


def _first_value_only(field: Field, operator: str) -> Requirement:
    values = [item.text() for item in field.child("values").items()]
    written = field.child("operator").text()
    kept = values[:1] if written == operator else values
    return Requirement(field.child("key").text(), OPERATORS[written], frozenset(kept))


@SELECTORS.seeded(selectors, "_requirement", "In looks at the first value only")
def in_knows_first_value_only(field: Field) -> Requirement:
    return _first_value_only(field, "In")


@SELECTORS.seeded(selectors, "_requirement", "NotIn looks at the first value only")
def not_in_knows_first_value_only(field: Field) -> Requirement:
    return _first_value_only(field, "NotIn")


# matchLabels, and how requirements join


class _AbsentIsEmpty(Requirement):
    """An equality that reads an absent label as the empty string, as a Go map without a second result does."""

    def matches(self, labels: Labels) -> Truth:
        return known((_value(self, labels) or "") in self.values)


def _parted(field: Field) -> tuple[tuple[Requirement, ...], tuple[Requirement, ...]]:
    """The requirements of matchLabels, and those of matchExpressions."""
    requirements = read_selector(field).requirements
    equalities = len(field.child("matchLabels").strings())
    return requirements[:equalities], requirements[equalities:]


@SELECTORS.seeded(
    networkpolicy,
    "read_selector",
    'matchLabels {k: ""} matches an absent key',
    CYCLONUS,
)
def match_labels_takes_absent_for_empty(field: Field) -> Selector:
    equalities, expressions = _parted(field)
    return Selector((*(_AbsentIsEmpty(each.key, "In", each.values) for each in equalities), *expressions))


@SELECTORS.seeded(networkpolicy, "read_selector", "matchExpressions are passed over beside matchLabels")
def expressions_ignored_beside_match_labels(field: Field) -> Selector:
    equalities, expressions = _parted(field)
    return Selector(equalities or expressions)


@SELECTORS.seeded(networkpolicy, "read_selector", "matchLabels are passed over beside matchExpressions")
def match_labels_ignored_beside_expressions(field: Field) -> Selector:
    equalities, expressions = _parted(field)
    return Selector(expressions or equalities)


@SELECTORS.seeded(networkpolicy, "read_selector", "only the first of matchExpressions counts")
def first_expression_only(field: Field) -> Selector:
    equalities, expressions = _parted(field)
    return Selector((*equalities, *expressions[:1]))


@SELECTORS.seeded(networkpolicy, "read_selector", "only the last of matchLabels counts")
def last_match_label_only(field: Field) -> Selector:
    equalities, expressions = _parted(field)
    return Selector((*equalities[-1:], *expressions))


@SELECTORS.seeded(networkpolicy, "read_selector", "a later requirement on a key replaces an earlier one")
def one_requirement_for_each_key(field: Field) -> Selector:
    return Selector(tuple({each.key: each for each in read_selector(field).requirements}.values()))


@SELECTORS.seeded(Selector, "matches", "requirements are alternatives")
def requirements_are_alternatives(self: Selector, labels: Labels) -> Truth:
    if not self.requirements:
        return TRUE
    return any_of(each.matches(labels) for each in self.requirements)


# What is selected from


@SELECTORS.seeded(Selector, "matches", "a selector without requirements matches only what has labels")
def empty_selector_wants_labels(self: Selector, labels: Labels) -> Truth:
    return _SELECTS(self, labels) if self.requirements else known(bool(labels.known))


@SELECTORS.seeded(ConcreteEndpoint, "pod_labels", "a pod's label with the empty value is lost")
def empty_pod_label_is_lost(self: ConcreteEndpoint) -> Labels:
    labels = _POD_LABELS(self)
    return replace(labels, known={key: value for key, value in labels.known.items() if value})


@SELECTORS.seeded(ConcreteEndpoint, "labels_of_namespace", "a namespace's label with the empty value is lost")
def empty_namespace_label_is_lost(self: ConcreteEndpoint) -> Labels:
    labels = _NAMESPACE_LABELS(self)
    return replace(labels, known={key: value for key, value in labels.known.items() if value})
