"""Label selectors: conjunctions of requirements on keys, and how a manifest writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement on one label key. On an absent key NotIn and DoesNotExist hold, In and Exists do not
    (kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/labels/selector.go)."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()


Selector = tuple[Requirement, ...]
"""All requirements must hold; the empty selector selects everything."""


def selector_from_written(field: Any) -> Selector:
    """The requirements of a LabelSelector as written (validated before); null and ``{}`` select everything.

    ``matchLabels: {k: v}`` is ``k In (v)``; a null value decodes to the empty string, as Go does.
    """
    written: dict[str, Any] = field or {}
    labels: dict[str, Any] = written.get("matchLabels") or {}
    expressions: list[Any] = written.get("matchExpressions") or []
    equalities = tuple(Requirement(key, "In", (value or "",)) for key, value in labels.items())
    return equalities + tuple(
        Requirement(
            expression.get("key") or "",
            expression["operator"],
            tuple(value or "" for value in expression.get("values") or ()),
        )
        for expression in expressions
    )


def matches(selector: Selector, labels: dict[str, str]) -> bool:
    """Do known labels satisfy every requirement?"""
    return all(_holds(requirement, labels) for requirement in selector)


def _holds(requirement: Requirement, labels: dict[str, str]) -> bool:
    present = requirement.key in labels
    if requirement.operator in ("Exists", "DoesNotExist"):
        return present == (requirement.operator == "Exists")
    listed = present and labels[requirement.key] in requirement.values
    return listed == (requirement.operator == "In")
