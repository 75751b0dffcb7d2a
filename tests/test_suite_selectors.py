"""Selectors of a suite: LabelSelector maps and ``kubectl -l`` strings become the same requirements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netpol_verify.encodings.selectors import Operator, Requirement
from netpol_verify.properties.notation import NotationError
from netpol_verify.properties.selectors import requirements
from netpol_verify.properties.suite import LabelSelector, SelectorRequirement


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app=web", [Requirement("app", "In", ("web",))]),
        ("app==web", [Requirement("app", "In", ("web",))]),
        ("app!=web", [Requirement("app", "NotIn", ("web",))]),
        ("app in (a,b)", [Requirement("app", "In", ("a", "b"))]),
        ("app notin(a)", [Requirement("app", "NotIn", ("a",))]),
        ("app", [Requirement("app", "Exists")]),
        ("!app", [Requirement("app", "DoesNotExist")]),
        ("! app , x.io/b", [Requirement("app", "DoesNotExist"), Requirement("x.io/b", "Exists")]),
        (" a = b,\tc in ( d , e ) ", [Requirement("a", "In", ("b",)), Requirement("c", "In", ("d", "e"))]),
        ("a=,b!=", [Requirement("a", "In", ("",)), Requirement("b", "NotIn", ("",))]),
        ("in in (in,notin)", [Requirement("in", "In", ("in", "notin"))]),
        ("in=notin,notin", [Requirement("in", "In", ("notin",)), Requirement("notin", "Exists")]),
    ],
)
def test_strings_mean_what_kubectl_makes_of_them(text: str, expected: list[Requirement]) -> None:
    assert requirements(text) == tuple(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the selector is empty"),
        ("  ", "the selector is empty"),
        ("app in (a", '"," or ")" expected at >>>: "app in (a>>>"'),
        ("app in a", '"(" expected at >>>: "app in >>>a"'),
        ("app in ()", 'a value expected at >>>: "app in (>>>)"'),
        ("app in (a,)", 'a value expected at >>>: "app in (a,>>>)"'),
        ("a=b,", 'a label key expected at >>>: "a=b,>>>"'),
        (",a=b", 'a label key expected at >>>: ">>>,a=b"'),
        ("=b", 'a label key expected at >>>: ">>>=b"'),
        ("a=b c=d", '"," and another requirement, or the end expected at >>>: "a=b >>>c=d"'),
        ("a===b", 'a value expected at >>>: "a==>>>=b"'),
        ("a=b=c", '"," and another requirement, or the end expected at >>>: "a=b>>>=c"'),
        ("!a=b", '"," and another requirement, or the end expected at >>>: "!a>>>=b"'),
        ("!!a", 'a label key expected at >>>: "!>>>!a"'),
        ("a>3", '=, ==, !=, in (…) or notin (…) expected at >>>: "a>>>>3"'),
        ("a within (b)", '=, ==, !=, in (…) or notin (…) expected at >>>: "a >>>within (b)"'),
        ("-a=b", '"-a" is no label key: name part must consist of'),
        ("X.io/a=b", '"X.io/a" is no label key: prefix part'),
        ("a=b/c", '"b/c" is no label value: a valid label must be'),
        (f"a={'x' * 64}", "must be no more than 63 characters"),
    ],
)
def test_bad_strings_are_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(NotationError) as caught:
        requirements(text)
    assert message in caught.value.message


def test_maps_mean_match_labels_then_match_expressions() -> None:
    selector = LabelSelector(
        match_labels={"a": "b", "c": ""},
        match_expressions=[
            SelectorRequirement(key="d", operator="NotIn", values=["e", "f"]),
            SelectorRequirement(key="g", operator="Exists"),
            SelectorRequirement(key="h", operator="DoesNotExist", values=[]),
        ],
    )
    assert requirements(selector) == (
        Requirement("a", "In", ("b",)),
        Requirement("c", "In", ("",)),
        Requirement("d", "NotIn", ("e", "f")),
        Requirement("g", "Exists"),
        Requirement("h", "DoesNotExist"),
    )


def test_the_empty_map_requires_nothing() -> None:
    assert requirements(LabelSelector()) == ()
    assert requirements(LabelSelector(match_labels={}, match_expressions=[])) == ()


WORDS = st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,8}[A-Za-z0-9])?", fullmatch=True)
KEYS = WORDS | st.builds("{}/{}".format, st.sampled_from(["x.io", "kubernetes.io"]), WORDS)
BLANKS = st.sampled_from(["", " ", "  ", "\t"])


def _of_values(operator: Operator) -> st.SearchStrategy[Requirement]:
    return st.builds(Requirement, KEYS, st.just(operator), st.lists(WORDS, min_size=1, max_size=3).map(tuple))


def _of_keys(operator: Operator) -> st.SearchStrategy[Requirement]:
    return st.builds(Requirement, KEYS, st.just(operator))


REQUIREMENTS = _of_values("In") | _of_values("NotIn") | _of_keys("Exists") | _of_keys("DoesNotExist")


def _render(item: Requirement, blank: str) -> str:
    match item.operator:
        case "Exists":
            return f"{blank}{item.key}{blank}"
        case "DoesNotExist":
            return f"{blank}!{blank}{item.key}"
        case "In" | "NotIn":
            listed = f"{blank},{blank}".join(item.values)
            return f"{item.key} {item.operator.lower()}{blank}({listed}{blank})"


@given(st.lists(REQUIREMENTS, min_size=1, max_size=4), BLANKS)
def test_rendered_requirements_parse_back(items: list[Requirement], blank: str) -> None:
    assert requirements(",".join(_render(item, blank) for item in items)) == tuple(items)


@given(st.text(max_size=20) | st.text("ab=!(), <>innot", max_size=20))
def test_any_text_is_a_selector_or_bad_notation(text: str) -> None:
    try:
        assert requirements(text)
    except NotationError as error:
        assert error.message
