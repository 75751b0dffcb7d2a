"""Label selectors of the concrete evaluator: every operator on absent, present and unknown keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.selectors import Labels, Requirement, Selector, read_selector
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.written import WrittenObject, written


def selector(value: Any) -> Selector:
    owner = WrittenObject("p.yaml", 1, "networking.k8s.io/v1", "NetworkPolicy", "shop", "p", written({}, 1))
    return read_selector(Field(owner, ("spec", "podSelector"), written(value, 3)))


def matches(value: Any, labels: dict[str, str]) -> bool | None:
    return selector(value).matches(Labels(labels, "shop/web")).value


def expression(operator: str, *values: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"key": "k", "operator": operator}
    return {"matchExpressions": [{**entry, "values": list(values)} if values else entry]}


@pytest.mark.parametrize(
    ("value", "absent", "same", "other"),
    [
        ({"matchLabels": {"k": "x"}}, False, True, False),
        (expression("In", "x", "z"), False, True, False),
        (expression("NotIn", "x", "z"), True, False, True),
        (expression("Exists"), False, True, True),
        (expression("DoesNotExist"), True, False, False),
    ],
)
def test_operators_on_absent_and_present_keys(value: Any, absent: bool, same: bool, other: bool) -> None:
    assert [matches(value, labels) for labels in ({}, {"k": "x"}, {"k": "y"})] == [absent, same, other]


def test_the_empty_value_is_not_absence() -> None:
    for value in ({"matchLabels": {"k": ""}}, expression("In", "")):
        assert [matches(value, labels) for labels in ({}, {"k": ""}, {"k": "x"})] == [False, True, False]


def test_a_null_value_is_the_empty_one() -> None:
    assert matches({"matchLabels": {"k": None}}, {"k": ""}) is True
    assert matches({"matchLabels": {"k": None}}, {}) is False


@pytest.mark.parametrize("value", [None, {}, {"matchLabels": None}, {"matchLabels": {}}, {"matchExpressions": []}])
def test_selectors_without_a_requirement_select_everything(value: Any) -> None:
    assert matches(value, {}) is True
    assert matches(value, {"k": "x"}) is True


def test_every_requirement_must_hold_and_a_contradiction_selects_nothing() -> None:
    contradiction = {"matchLabels": {"k": "x"}, **expression("NotIn", "x")}
    assert matches(contradiction, {"k": "x"}) is False
    assert matches({"matchLabels": {"k": "x", "l": "y"}}, {"k": "x"}) is False
    assert matches({"matchLabels": {"k": "x", "l": "y"}}, {"k": "x", "l": "y", "m": "z"}) is True


def test_an_unknown_operator_is_an_error_not_a_guess() -> None:
    with pytest.raises(InputErrors, match="not a valid selector operator"):
        selector(expression("Gt", "1"))


def test_a_label_that_is_not_a_string_is_an_error() -> None:
    with pytest.raises(InputErrors, match="must be a string"):
        selector({"matchLabels": {"k": 1}})


def test_a_key_present_with_an_unknown_value_exists_but_cannot_be_compared() -> None:
    labels = Labels({}, "shop/web", frozenset(["k"]))
    assert Requirement("k", "Exists").matches(labels).value is True
    assert Requirement("k", "DoesNotExist").matches(labels).value is False
    inside = Requirement("k", "In", frozenset(["x"])).matches(labels)
    assert (inside.value, inside.depends_on) == (None, ("label k of shop/web",))
    assert Requirement("k", "NotIn", frozenset(["x"])).matches(labels).value is None
    assert Requirement("other", "Exists").matches(labels).value is False


def test_with_incomplete_labels_only_known_keys_decide() -> None:
    labels = Labels({"k": "x"}, "namespace shop", complete=False)
    assert Requirement("k", "In", frozenset(["x"])).matches(labels).value is True
    for operator in ("In", "NotIn", "Exists", "DoesNotExist"):
        truth = Requirement("l", operator, frozenset(["x"])).matches(labels)
        assert (truth.value, truth.depends_on) == (None, ("labels of namespace shop",))


VALUES = st.sampled_from(["", "a", "b", "c"])
LABELS = st.dictionaries(st.sampled_from(["k", "l"]), VALUES)
REQUIREMENTS = st.builds(
    Requirement,
    st.sampled_from(["k", "l"]),
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    st.frozensets(VALUES, min_size=1),
)


@given(LABELS, st.frozensets(VALUES, min_size=1))
def test_in_is_the_opposite_of_not_in(labels: dict[str, str], values: frozenset[str]) -> None:
    known = Labels(labels, "pod")
    inside = Requirement("k", "In", values).matches(known).value
    assert Requirement("k", "NotIn", values).matches(known).value is not inside


@given(LABELS, st.lists(REQUIREMENTS), REQUIREMENTS)
def test_another_requirement_never_selects_more(
    labels: dict[str, str], some: list[Requirement], extra: Requirement
) -> None:
    known = Labels(labels, "pod")
    if Selector((*some, extra)).matches(known).value:
        assert Selector(tuple(some)).matches(known).value


@given(LABELS, VALUES, st.lists(REQUIREMENTS))
def test_what_is_decided_with_an_unknown_value_holds_for_every_value(
    labels: dict[str, str], value: str, requirements: list[Requirement]
) -> None:
    others = {key: text for key, text in labels.items() if key != "k"}
    vague = Selector(tuple(requirements)).matches(Labels(others, "pod", frozenset(["k"]))).value
    exact = Selector(tuple(requirements)).matches(Labels({**others, "k": value}, "pod")).value
    assert vague in (None, exact)
