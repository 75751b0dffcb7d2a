"""Labels and label selectors."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from hypothesis import strategies as st

from ..features_of import NAME_LABEL, contradictory
from ..model import Raw
from .odds import ABSENT, Odds, Without, fields, pick
from .places import NAMED
from .vocabulary import NAMESPACE_KEYS, POD_KEYS, values


@cache
def labels(keys: tuple[str, ...], without: Without) -> st.SearchStrategy[Raw]:
    """The field ``labels``, or none: each key is absent nearly half of the time."""
    odds: list[Odds[Any]] = [(4, ABSENT), (16, "some"), (1, {}), (1, None, "null-list")]
    form = pick(without, *odds)
    value = pick(without, (6, ABSENT), (6, "x"), (4, "z"), (3, "", "empty-label-value"))

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(form)
        if chosen == "some":
            chosen = fields(**{key: draw(value) for key in keys})
        return fields(labels=chosen)

    return drawn()


@cache
def pod_selectors(without: Without) -> st.SearchStrategy[Raw]:
    """Selectors of pods."""
    return _selectors(POD_KEYS, values(without), 6, without)


@cache
def namespace_selectors(without: Without) -> st.SearchStrategy[Raw]:
    """Selectors of namespaces, many of them by the name that every namespace carries as a label."""
    by_label = _selectors(NAMESPACE_KEYS, values(without), 15, without)
    by_name = _selectors((NAME_LABEL,), (*NAMED, *NAMED[:2], NAMED[1]), 3, without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        selector = draw(by_name if draw(pick(without, (1, False), (1, True))) else by_label)
        return _satisfiable(selector) if "contradiction" in without else selector

    return drawn()


@cache
def _selectors(keys: tuple[str, ...], given: tuple[str, ...], empty: int, without: Without) -> st.SearchStrategy[Raw]:
    """A selector: empty in all its forms, the plainest with the weight given, equalities, expressions, both, or a
    contradiction."""
    odds: list[Odds[Any]] = [
        (empty, {}),
        (18, "equal"),
        (18, "expressions", "match-expressions"),
        (6, "both", "match-expressions"),
        (3, "contradiction", "match-expressions contradiction"),
        (1, {"matchLabels": {}}),
        (1, {"matchLabels": None}, "null-list"),
        (1, {"matchExpressions": []}, "match-expressions"),
        (1, {"matchExpressions": None}, "match-expressions null-list"),
    ]
    form = pick(without, *odds)
    equalities = st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True)
    value, expression = st.sampled_from(given), _expressions(keys, given, without)
    # Mostly one: two often contradict each other.
    expressions = st.one_of(*(st.lists(expression, min_size=1, max_size=most) for most in (1, 1, 2)))
    contradiction = _contradictions(keys, given)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(form)
        if isinstance(chosen, dict):
            return cast(Raw, chosen)
        if chosen == "contradiction":
            return draw(contradiction)
        selector: Raw = {}
        if chosen in ("equal", "both"):
            selector["matchLabels"] = {key: draw(value) for key in draw(equalities)}
        if chosen in ("expressions", "both"):
            selector["matchExpressions"] = draw(expressions)
        return _satisfiable(selector) if "contradiction" in without else selector

    return drawn()


@cache
def _expressions(keys: tuple[str, ...], given: tuple[str, ...], without: Without) -> st.SearchStrategy[Raw]:
    """One entry of matchExpressions."""
    key, operator = st.sampled_from(keys), pick(without, (3, "In"), (3, "NotIn"), (2, "Exists"), (2, "DoesNotExist"))
    listed = st.sampled_from(given)
    several = st.one_of(*(st.lists(listed, min_size=least, max_size=2, unique=True) for least in (1, 2)))
    none = pick(without, (4, ABSENT), (1, []), (1, None, "null-list"))

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen, how = draw(key), draw(operator)
        return fields(key=chosen, operator=how, values=draw(several if how in ("In", "NotIn") else none))

    return drawn()


def _contradictions(keys: tuple[str, ...], given: tuple[str, ...]) -> st.SearchStrategy[Raw]:
    """A value required and refused, a key required and refused, or two values required at once."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        key, value = draw(st.sampled_from(keys)), draw(st.sampled_from(given))
        other = next(each for each in given if each != value)
        refusal: Raw = draw(
            st.sampled_from(
                (
                    {"operator": "NotIn", "values": [value]},
                    {"operator": "DoesNotExist"},
                    {"operator": "In", "values": [other]},
                )
            )
        )
        return {"matchLabels": {key: value}, "matchExpressions": [{"key": key, **refusal}]}

    return drawn()


def _satisfiable(selector: Raw) -> Raw:
    """The same, or what is left of it once no requirement contradicts another."""
    left = dict(selector)
    while contradictory(left, of_namespaces=True):
        left["matchExpressions"] = left["matchExpressions"][:-1]
        if not left["matchExpressions"]:
            del left["matchExpressions"]
    return left
