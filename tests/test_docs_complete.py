"""What the program knows, the documentation explains: options, keys of suites and reports, assumptions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast, get_args

import pytest
from netpol_verify.properties.property_checks import VERB_MODELS
from netpol_verify.properties.suite import Model, Property, PropertySuite
from netpol_verify.verify import commands
from pages.blocks import PAGES, ROOT, text_of
from typer.testing import CliRunner

DOCS = ROOT / "docs"


def keys_of(model: type[Model]) -> Iterator[str]:
    """Every key that a model and the models inside it know."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        yield from keys_inside(field.annotation)


def keys_inside(annotation: object) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield from keys_of(annotation)
    for part in get_args(annotation):
        yield from keys_inside(part)


def test_every_key_of_a_suite_is_explained() -> None:
    known = {*keys_of(PropertySuite), *keys_of(Property), *VERB_MODELS}
    page = text_of(DOCS / "suite.md")
    assert sorted(key for key in known if not re.search(rf"\b{key}\b", page)) == []


def json_keys(value: object, inside: str = "") -> Iterator[str]:
    """Every key of a report, except those that are names of kinds and labels."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from json_keys(item, inside)
    elif isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            if inside not in ("objects", "ignored", "labels", "namespaceLabels"):
                yield key
            yield from json_keys(item, key)


def report_of(*arguments: str) -> dict[str, Any]:
    return json.loads(CliRunner().invoke(commands.app, ["prove", *arguments, "-o", "json"]).stdout)


def test_every_key_of_the_json_report_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = text_of(DOCS / "verdicts.md")
    keys = set(json_keys(report_of("docs/shop/properties.yaml")))
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def test_every_key_of_the_json_of_a_comparison_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ``diff``, and of a property over changes that is refuted."""
    monkeypatch.chdir(ROOT)
    sides = ("--base", "examples/6-changes/base", "--head", "examples/6-changes/head")
    listed = json.loads(CliRunner().invoke(commands.app, ["diff", *sides, "-o", "json"]).stdout)
    proved = report_of("examples/6-changes/properties.yaml")
    page = text_of(DOCS / "verdicts.md") + text_of(DOCS / "changes.md")
    keys = {*json_keys(listed), *json_keys(proved)}
    assert {"causes", "inBase", "witness", "limited"} <= keys
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


@pytest.mark.parametrize(
    "suite",
    [
        "docs/shop/properties.yaml",
        "examples/3-pitfalls/3-forgotten-dns/properties-before.yaml",
        "examples/3-pitfalls/6-host-network/properties-before.yaml",
    ],
)
def test_every_assumption_of_a_report_is_explained(suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first words, as the report has them, stand in the page of semantics."""
    monkeypatch.chdir(ROOT)
    page = text_of(DOCS / "semantics.md")
    assert [
        text for text in report_of(suite)["assumptions"] if re.split(r"[:,(]", text)[0].rstrip(" .") not in page
    ] == []


def command_names() -> list[str]:
    callbacks = (each.callback for each in commands.app.registered_commands)
    return [callback.__name__ for callback in callbacks if callback is not None]


@pytest.mark.parametrize("command", command_names())
def test_every_command_and_every_option_is_explained(command: str) -> None:
    helped = CliRunner(env={"COLUMNS": "80"}).invoke(commands.app, [command, "--help"]).output
    options = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", helped, re.MULTILINE))
    pages = "".join(map(text_of, PAGES))
    assert options
    assert sorted(option for option in options if option not in pages) == []
    assert f"`netpol-verify {command}" in text_of(DOCS / "index.md")
