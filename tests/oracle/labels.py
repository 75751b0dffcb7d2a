"""Label selectors, for the oracle: what one requires, and whether given labels satisfy it.

Trusts that selectors are valid for the API server. Rules: kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/
labels/selector.go, Requirement.Matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from netpol_verify.properties.suite import LabelSelector

from .raw import Raw, mapping, sequence

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label key."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels satisfy it. NotIn and DoesNotExist are true on an absent key; In and Exists are not."""
        match self.operator:
            case "In":
                return self.key in labels and labels[self.key] in self.values
            case "NotIn":
                return self.key not in labels or labels[self.key] not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels

    def singles_out(self, key: str, value: str) -> bool:
        """Whether it speaks of the label ``key: value``: it asks if the key is there, or names this value."""
        return self.key == key and (self.operator in ("Exists", "DoesNotExist") or value in self.values)


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements must hold; a selector without any selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels satisfy every requirement."""
        return all(requirement.holds(labels) for requirement in self.requirements)


EVERYTHING = Selector()


def from_manifest(raw: Raw) -> Selector:
    """A LabelSelector as a manifest has it; null fields are as good as missing ones."""
    equalities = [Requirement(key, "In", (value,)) for key, value in mapping(raw, "matchLabels").items()]
    expressions = [
        Requirement(item["key"], item["operator"], tuple(sequence(item, "values")))
        for item in sequence(raw, "matchExpressions")
    ]
    return Selector((*equalities, *expressions))


def from_suite(written: str | LabelSelector) -> Selector:
    """A selector as a suite has it: a LabelSelector, or a string as ``kubectl -l`` takes it."""
    if isinstance(written, str):
        return Selector(tuple(_parts(written)))
    return from_manifest(written.model_dump(by_alias=True))


_SET = re.compile(r"(?P<key>[^\s!=,]+)\s+(?P<operator>in|notin)\s*\((?P<values>[^)]*)\)")
_EQUALITY = re.compile(r"(?P<key>[^\s!=,]+)\s*(?P<operator>==|!=|=)\s*(?P<value>[^\s,]*)")
_PRESENCE = re.compile(r"(?P<absent>!?)\s*(?P<key>[^\s!=,]+)")


def _parts(text: str) -> Iterable[Requirement]:
    """The comma-separated requirements of a selector string; commas between brackets separate values."""
    for part in re.split(r",(?![^(]*\))", text):
        stripped = part.strip()
        if found := _SET.fullmatch(stripped):
            operator = cast(Operator, {"in": "In", "notin": "NotIn"}[found["operator"]])
            yield Requirement(found["key"], operator, tuple(v.strip() for v in found["values"].split(",")))
        elif found := _EQUALITY.fullmatch(stripped):
            # `!=` is true on an absent key, as `notin` is.
            yield Requirement(found["key"], "NotIn" if found["operator"] == "!=" else "In", (found["value"],))
        elif found := _PRESENCE.fullmatch(stripped):
            yield Requirement(found["key"], "DoesNotExist" if found["absent"] else "Exists")
        else:
            raise ValueError(f"not a selector: {text!r}")
