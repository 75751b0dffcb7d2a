"""A part of a suite as its model, or what keeps it from being one, in plain words.

Trusts pydantic for what is wrong, never for how to say it: its paths name union members, its
messages its own types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..encodings.problems import Problem, did_you_mean
from ..encodings.validation.fields import LONGEST_QUOTED, quoting_hint, shown
from ..encodings.written import Map, Seq
from .places import Place
from .suite import Model

M = TypeVar("M", bound=Model)
_EXPECTED = {
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "bool_type": "true or false",
    "int_type": "a whole number",
}
_SELECTOR_KEYS = ["matchExpressions", "matchLabels"]
_SOURCES = frozenset(("manifests", "base", "left", "right"))
"""Keys below which manifests are named."""
_NAMES = 'may hold letters, digits, ".", "_" and "-", and must begin and end with a letter or digit'


def shaped(model: type[M], value: object, place: Place) -> tuple[M | None, list[Problem]]:
    """``value``, written at ``place``, as ``model``; or None and every problem with its shape."""
    empty = list(_empty(value, place))
    try:
        # By alias only: ``from_`` and ``match_labels`` are names for code, not for files.
        result = model.model_validate(value, by_alias=True, by_name=False)
    except ValidationError as error:
        found = (_problem(model, value, place, item) for item in error.errors(include_url=False))
        return None, empty + [problem for problem in found if problem]
    return (None if empty else result), empty


def _empty(value: object, place: Place) -> Iterator[Problem]:
    """Every key and item without a value. A dangling ``pods:`` must not come to mean every pod."""
    pending, seen = [(value, place)], set[int]()
    while pending:
        current, where = pending.pop()
        if current is None and _is_current_context(where):
            continue
        if current is None:
            yield where.problem("has no value", "give it one, or remove it")
        elif isinstance(current, Map | Seq) and id(current) not in seen:
            seen.add(id(current))  # anchors make one mapping appear in several places
            items = current.items() if isinstance(current, Map) else enumerate(current)
            pending += [(item, where.at(step)) for step, item in items]


def _is_current_context(where: Place) -> bool:
    """Whether this is ``live:`` among manifests: the one key that means something without a value."""
    return where.path[-1:] == ("live",) and not _SOURCES.isdisjoint(where.path)


def _problem(model: type[Model], value: object, place: Place, error: ErrorDetails) -> Problem | None:
    """One of pydantic's errors in the suite's own words; None for what ``_empty`` already says."""
    steps = _written_steps(value, error)
    where, given = place.at(*steps), error["input"]
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return place.at(*steps[:-1]).problem(f'the key "{steps[-1]}" is missing')
    if given is None:
        return None
    if kind == "extra_forbidden":
        known = known_keys(model, steps[:-1])
        return where.problem(f'unknown key "{steps[-1]}"', _unknown_hint(str(steps[-1]), given, known))
    if kind == "literal_error":
        return _none_of(where, given, str(context["expected"]))
    if kind == "shape":
        return where.problem(f"expected {error['msg']}, got {describe(given)}", _shape_hint(error["msg"], given))
    if kind == "string_pattern_mismatch":
        return where.problem(f'"{given}" {_NAMES}')
    if kind == "string_too_long":
        return where.problem(f"is longer than {context['max_length']} characters")
    if kind in _EXPECTED:
        return where.problem(f"expected {_EXPECTED[kind]}, got {describe(given)}", _hint(kind, given, where))
    return where.problem(error["msg"])


def _none_of(where: Place, given: object, expected: str) -> Problem:
    """A value outside a fixed list. pydantic gives the list as ``'a', 'b' or 'c'``."""
    allowed = re.findall(r"'([^']*)'", expected)
    if not allowed:
        return where.problem(f"expected {expected.lower()}, got {describe(given)}", "leave the key out otherwise")
    hint = near(given, allowed) if isinstance(given, str) else ""
    listed = f'"{allowed[0]}"' if len(allowed) == 1 else f"one of {', '.join(allowed)}"
    return where.problem(f"expected {listed}, got {describe(given)}", hint)


def _hint(kind: str, given: object, where: Place) -> str:
    if kind == "string_type":
        return quoting_hint(given, where.spelling).replace("quote it", "put it in quotes", 1)
    if kind == "list_type":
        text = given if isinstance(given, str) else where.spelling or shown(given)
        simple = isinstance(given, str | int | float) and 0 < len(text) <= LONGEST_QUOTED
        return f"write it as a list: [{text if simple else '…'}]"
    return ""


def _unknown_hint(key: str, given: object, known: Sequence[str]) -> str:
    """What an unknown key is likely to be; straight under a selector, it is a label."""
    if list(known) == _SELECTOR_KEYS and isinstance(given, str | int | float) and not near(key, known):
        text = given if isinstance(given, str) else shown(given)
        return f'write "{key}={text}", or {{matchLabels: {{{key}: {text}}}}}'
    return near(key, known)


def _shape_hint(expected: str, given: object) -> str:
    if isinstance(given, bool | int | float) and "name" in expected:
        return "a name is a text: put it in quotes"
    return ""


def near(word: str, known: Sequence[str]) -> str:
    """The hint that ``word`` is one of ``known`` misspelt, or ""; case alone is the likeliest mistake."""
    same = [each for each in known if each.lower() == word.lower()]
    return f'did you mean "{same[0]}"?' if same else did_you_mean(word, known)


def describe(value: object) -> str:
    """A value as a message names it."""
    match value:
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return shown(value)
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return "nothing"


def _written_steps(value: Any, error: ErrorDetails) -> tuple[str | int, ...]:
    """The error's path as the user wrote it: without the names of union members, which stand in no file."""
    steps: list[str | int] = []
    for step in error["loc"]:
        if _holds(value, step):
            value = value[step]
            steps.append(step)
    return (*steps, error["loc"][-1]) if error["type"] == "missing" else tuple(steps)


def _holds(value: object, step: str | int) -> bool:
    """Whether something is written at ``step`` of ``value``."""
    if isinstance(step, int):
        return isinstance(value, Seq) and step < len(value)
    return isinstance(value, Map) and step in value


def known_keys(model: type[Model], steps: tuple[str | int, ...]) -> list[str]:
    """The keys that may be written at ``steps`` below ``model``; of every shape that is possible there."""
    models: list[type[BaseModel]] = [model]
    for step in steps:
        fields = [field for each in models for name, field in each.model_fields.items() if step in (field.alias, name)]
        models = [found for field in fields for found in _models(field.annotation)] or models
    return sorted({field.alias or name for each in models for name, field in each.model_fields.items()})


def _models(annotation: object) -> list[type[BaseModel]]:
    """The models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models(argument)]
