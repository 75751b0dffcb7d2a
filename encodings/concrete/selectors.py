"""Label selectors, decided against the labels of one pod or namespace.

Source: kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/labels/selector.go (Requirement.Matches) and
pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector): all requirements must hold; NotIn and DoesNotExist hold
on an absent key; a key with the value "" is present. Trusts that operators and values have passed validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .evidence import Truth, all_of, known, negation, unknown
from .fields import Field

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]
OPERATORS: dict[str, Operator] = {
    "In": "In",
    "NotIn": "NotIn",
    "Exists": "Exists",
    "DoesNotExist": "DoesNotExist",
}


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of the labels of a pod or namespace.

    ``known``: keys with their values; ``free``: keys that are present with a value nobody knows; ``complete``
    false: there may be other keys. ``about`` names the bearer in dependencies, as "shop/web" or "namespace
    shop".
    """

    known: Mapping[str, str]
    about: str
    free: frozenset[str] = frozenset()
    complete: bool = True

    def has(self, key: str) -> Truth:
        """Whether the key is present."""
        if key in self.known or key in self.free:
            return known(True)
        return known(False) if self.complete else unknown(f"labels of {self.about}")

    def value_in(self, key: str, values: frozenset[str]) -> Truth:
        """Whether the key is present with one of the values."""
        if key in self.known:
            return known(self.known[key] in values)
        if not values:
            return known(False)
        if key in self.free:
            return unknown(f"label {key} of {self.about}")
        return known(False) if self.complete else unknown(f"labels of {self.about}")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one key."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def matches(self, labels: Labels) -> Truth:
        """Whether the labels meet the condition."""
        if self.operator == "Exists":
            return labels.has(self.key)
        if self.operator == "DoesNotExist":
            return negation(labels.has(self.key))
        inside = labels.value_in(self.key, self.values)
        return inside if self.operator == "In" else negation(inside)


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements that must all hold; none selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Labels) -> Truth:
        """Whether the labels meet every requirement."""
        return all_of(requirement.matches(labels) for requirement in self.requirements)


def _requirement(field: Field) -> Requirement:
    operator = OPERATORS.get(field.child("operator").text())
    if operator is None:
        raise field.child("operator").mistake("not a valid selector operator")
    values = frozenset(item.text() for item in field.child("values").items())
    return Requirement(field.child("key").text(), operator, values)


def read_selector(field: Field) -> Selector:
    """The LabelSelector written at ``field``; missing, null and ``{}`` select everything."""
    equal = field.child("matchLabels").strings().items()
    requirements = [Requirement(key, "In", frozenset([value])) for key, value in equal]
    requirements.extend(_requirement(item) for item in field.child("matchExpressions").items())
    return Selector(tuple(requirements))
