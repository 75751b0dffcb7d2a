"""Label selectors over plain labels.

The order of a selector's life: read its requirements, decide each of them, join the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..model import Raw
from .kept import EVERY_RULE, Kept, items, mapping


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one key; ``operator`` is Equals for a pair of matchLabels."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


def matches(selector: Raw, labels: Mapping[str, str], keeps: Kept) -> bool:
    """Whether a selector that is written (not null) matches these labels."""
    equalities = [
        Requirement(key, "Equals", (value or "",)) for key, value in mapping(selector.get("matchLabels")).items()
    ]
    expressions = [
        Requirement(each["key"], each["operator"], tuple(items(each.get("values"))))
        for each in items(selector.get("matchExpressions"))
    ]
    if selector and not equalities and not expressions and not keeps("empty-requirement-lists-select-everything"):
        return False
    if not keeps("match-expressions-count"):
        expressions = []
    if expressions and not keeps("match-labels-count-beside-expressions"):
        equalities = []
    if not keeps("label-key-includes-its-prefix"):
        labels = {_without_prefix(key): value for key, value in labels.items()}
        equalities, expressions = ([_bare(each) for each in some] for some in (equalities, expressions))
    if not keeps("every-requirement-of-a-key-counts"):
        last = {each.key: each for each in (*equalities, *expressions)}
        equalities, expressions = (
            [each for each in some if last[each.key] is each] for some in (equalities, expressions)
        )
    if not keeps("contradictory-selector-matches-nothing") and _contradictory((*equalities, *expressions)):
        return True
    return _joined(equalities, expressions, labels, keeps)


def _joined(
    equalities: Sequence[Requirement], expressions: Sequence[Requirement], labels: Mapping[str, str], keeps: Kept
) -> bool:
    by_labels = _together([_meets(each, labels, keeps) for each in equalities], anded=keeps("match-labels-are-anded"))
    by_expressions = _together(
        [_meets(each, labels, keeps) for each in expressions], anded=keeps("match-expressions-are-anded")
    )
    both = [each for each, written in ((by_labels, equalities), (by_expressions, expressions)) if written]
    return _together(both, anded=keeps("match-labels-and-expressions-are-anded"))


def _together(answers: Sequence[bool], *, anded: bool) -> bool:
    """All of the answers, or one of them; without any there is nothing to fail."""
    return all(answers) if anded or not answers else any(answers)


def _meets(requirement: Requirement, labels: Mapping[str, str], keeps: Kept) -> bool:
    value = labels.get(requirement.key)
    if requirement.operator in ("Exists", "DoesNotExist"):
        present = value is not None and (value != "" or keeps("empty-value-is-present"))
        if requirement.operator == "Exists":
            return keeps("exists-holds-on-any-value") if present else not keeps("exists-needs-the-key")
        if present:
            return not keeps("does-not-exist-fails-on-present-key")
        return keeps("does-not-exist-holds-on-absent-key")
    if value is None:
        return _meets_without_key(requirement, keeps)
    return _meets_with_value(requirement, value, keeps)


def _meets_without_key(requirement: Requirement, keeps: Kept) -> bool:
    names_empty = "" in requirement.values
    if requirement.operator == "Equals":
        if names_empty and not keeps("match-labels-empty-value-needs-the-key"):
            return True
        return not keeps("match-labels-needs-the-key")
    if requirement.operator == "In":
        if names_empty and not keeps("in-with-empty-value-needs-the-key"):
            return True
        return not keeps("in-needs-the-key")
    if names_empty and not keeps("not-in-with-empty-value-holds-on-absent-key"):
        return False
    return keeps("not-in-holds-on-absent-key")


def _meets_with_value(requirement: Requirement, value: str, keeps: Kept) -> bool:
    values = requirement.values
    if requirement.operator == "Equals":
        if values == ("",) and not keeps("match-labels-empty-value-is-a-value"):
            return True
        return _is_one_of(value, values, keeps) or not keeps("match-labels-needs-the-value")
    if requirement.operator == "In":
        if not keeps("in-reads-every-value"):
            values = values[:1]
        return _is_one_of(value, values, keeps) or not keeps("in-needs-a-listed-value")
    if not keeps("not-in-reads-every-value"):
        values = values[:1]
    if _is_one_of(value, values, keeps):
        return not keeps("not-in-fails-on-a-listed-value")
    return keeps("not-in-holds-on-another-value")


def _is_one_of(value: str, values: Iterable[str], keeps: Kept) -> bool:
    return any(_same(value, each, keeps) for each in values)


def _same(one: str, other: str, keeps: Kept) -> bool:
    if one == other:
        return True
    if not keeps("label-values-are-case-sensitive") and one.lower() == other.lower():
        return True
    return not keeps("label-values-are-texts") and _number(one) is not None and _number(one) == _number(other)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _without_prefix(key: str) -> str:
    return key.rpartition("/")[2]


def _bare(requirement: Requirement) -> Requirement:
    return Requirement(_without_prefix(requirement.key), requirement.operator, requirement.values)


def _contradictory(requirements: Sequence[Requirement]) -> bool:
    """Whether no labels meet all requirements: no value of some key does, mentioned or not, nor does its absence."""
    for key in {each.key for each in requirements}:
        on_key = [each for each in requirements if each.key == key]
        mentioned = {value for each in on_key for value in each.values}
        candidates: list[dict[str, str]] = [{}, {key: "".join(sorted(mentioned)) + "-other"}]
        candidates += [{key: value} for value in mentioned]
        if not any(all(_meets(each, labels, EVERY_RULE) for each in on_key) for labels in candidates):
            return True
    return False
