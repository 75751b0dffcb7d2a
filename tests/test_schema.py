"""The JSON Schemas: what loads fits them, what has a wrong shape does not, and every key is explained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import test_suite_refusals as refusals
from jsonschema import Draft202012Validator
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.written import Map
from netpol_verify.properties.files import read_mapping
from netpol_verify.properties.loading import load_suite
from netpol_verify.properties.property_checks import WRITTEN_VERBS
from netpol_verify.properties.suite import PropertySuite
from netpol_verify.verify import commands
from pages.blocks import PAGES, ROOT, blocks
from pydantic import ValidationError
from typer.testing import CliRunner

SCHEMAS = ("suite", "waivers", "report", "diff")


def printed(*arguments: str) -> Any:
    result = CliRunner().invoke(commands.app, ["schema", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def checking(schema: object) -> Any:
    """A validator, whose stubs would have JSON be of one type of their own."""
    return Draft202012Validator(cast("dict[str, object]", schema))


def validator(what: str) -> Any:
    return checking(printed(what))


def mistakes(checked: Any, value: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in checked.iter_errors(value)]


# The schemas themselves


@pytest.mark.parametrize("what", SCHEMAS)
def test_a_schema_is_one(what: str) -> None:
    schema = printed(what)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_that_of_suites_is_the_default() -> None:
    assert printed() == printed("suite")


def test_it_goes_to_a_file_also_over_an_older_one(tmp_path: Path) -> None:
    file = tmp_path / "suite.json"
    for _ in range(2):
        result = CliRunner().invoke(commands.app, ["schema", "suite", "-o", str(file)])
        assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(file.read_text(encoding="utf-8")) == printed("suite")


@pytest.mark.parametrize("arguments", [("sute",), ("suite", "-o", "no/such/folder/file.json")])
def test_bad_usage_is_refused(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(commands.app, ["schema", *arguments]).exit_code == 2


def mappings(schema: Any) -> Iterator[tuple[str, Any]]:
    yield "(top)", schema
    yield from schema["$defs"].items()


@pytest.mark.parametrize("what", ["suite", "waivers"])
def test_every_mapping_is_closed_and_every_key_has_words_for_an_editor(what: str) -> None:
    for name, part in mappings(printed(what)):
        if "properties" in part:
            assert part["additionalProperties"] is False, name
            assert [key for key, each in part["properties"].items() if not each.get("description")] == [], name
        text = json.dumps({key: value for key, value in part.items() if key != "$defs"})
        assert '"null"' not in text or name == "ManifestEntry", f"{name}: a key without a value is refused"
        assert "``" not in text, name


def test_a_property_has_exactly_one_of_all_verbs() -> None:
    known = printed("suite")["$defs"]["Property"]
    assert [each["required"] for each in known["oneOf"]] == [[verb] for verb in WRITTEN_VERBS]
    assert set(WRITTEN_VERBS) <= known["properties"].keys()


# Suites


def suites() -> list[Path]:
    """Every suite of the examples and the documentation that loads."""
    found: list[Path] = []
    for path in sorted((*(ROOT / "examples").rglob("*.yaml"), *(ROOT / "docs").rglob("*.yaml"))):
        try:
            load_suite(str(path))
        except InputErrors:
            continue
        found.append(path)
    return found


def test_every_suite_of_the_examples_and_the_documentation_fits() -> None:
    checked, found = validator("suite"), suites()
    assert len(found) > 20
    assert {str(path): wrong for path in found if (wrong := mistakes(checked, read_mapping(str(path)).document))} == {}


def test_every_suite_that_a_page_shows_fits(tmp_path: Path) -> None:
    checked, file = validator("suite"), tmp_path / "suite.yaml"
    shown = [
        block
        for page in PAGES
        for block in blocks(page)
        if block.language == "yaml" and "suite" in block.words and "refused" not in block.words
    ]
    assert len(shown) > 5
    for block in shown:
        file.write_text(block.text, encoding="utf-8")
        assert mistakes(checked, read_mapping(str(file)).document) == [], block.place


def refused_texts() -> list[str]:
    """The suites of the tests of refusals."""

    def rows(test: Any) -> list[Any]:
        return test.pytestmark[0].args[1]

    texts = [refusals.GROUP.replace("GIVEN", row[0]) for row in rows(refusals.test_groups)]
    texts += [refusals.PROPERTY.replace("GIVEN", row[0]) for row in rows(refusals.test_verbs)]
    texts += [
        refusals.PROPERTY.replace("GIVEN", f"{row[0]}\n  never: {{from: web, to: db}}")
        for row in rows(refusals.test_keys_of_a_property)
    ]
    texts += [refusals.WORLD.replace("GIVEN", row[0]) for row in rows(refusals.test_worlds)]
    return [*texts, *(row[0] for row in rows(refusals.test_whole_files))]


def has_wrong_shape(document: Map) -> bool:
    """Would the models refuse it, or has it a property without exactly one verb?"""
    try:
        found = PropertySuite.model_validate(document, by_alias=True, by_name=False)
    except ValidationError:
        return True
    items = [cast("dict[str, object]", item) for item in cast("list[object]", document.get("properties") or [])]
    return not found.properties or any(len(item.keys() & set(WRITTEN_VERBS)) != 1 for item in items)


def test_what_has_the_wrong_shape_does_not_fit(tmp_path: Path) -> None:
    checked, file = validator("suite"), tmp_path / "suite.yaml"
    wrong: list[Map] = []
    for text in refused_texts():
        file.write_text(text, encoding="utf-8")
        try:
            document = read_mapping(str(file)).document
        except InputErrors:
            continue
        if has_wrong_shape(document):
            wrong.append(document)
    assert len(wrong) > 50
    assert [document for document in wrong if checked.is_valid(document)] == []


PROPERTY: dict[str, object] = {"id": "it", "never": {"from": "web", "to": "db"}}
HEAD: dict[str, object] = {"apiVersion": "netpol-verify/v1", "kind": "PropertySuite"}


PARTS: list[dict[str, object]] = [
    {"groups": {"web": {"pods": None}}},
    {"groups": {"web": {"namespace": []}}},
    {"groups": {"web": {"namespace": "shop", "cidr": "10.0.0.0/8"}}},
    {"groups": {"web": {"builtin": "internet", "pods": "app=web"}}},
    {"groups": {"web": {"workload": "shop/web", "any": True}}},
    {"groups": {"web": {"except": ["10.0.0.0/8"]}}},
    {"groups": {"web": {"pods": ""}}},
    {"groups": {"web": {"pods": {"matchExpressions": [{"key": "a", "operator": "In"}]}}}},
    {"groups": {"web": {"pods": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}}}},
    {"manifests": [{"path": "k8s", "helm": "chart"}]},
    {"manifests": [{"path": "k8s", "values": ["a.yaml"]}]},
    {"manifests": [{"exclude": ["*.yaml"]}]},
    {"properties": []},
    {"properties": [{"id": "it"}]},
    {"properties": [{**PROPERTY, "can": {"from": "web", "to": "db"}}]},
    {"properties": [{"id": "it", "only": {"to": "web", "from": "db"}}]},
    {"properties": [{"id": "it", "only": {"to": [{"who": "web"}], "from": [{"who": "db"}]}}]},
    {"properties": [{"id": "it", "isolate": {"groups": ["web"]}}]},
    {"properties": [{"id": "it", "isolate": {"groups": ["web", "db"], "by": {"namespaceLabel": "a"}}}]},
    {"properties": [{"id": "it", "isolate": {"groups": ["web", "db"], "except": [{}]}}]},
    {"properties": [{"id": "it", "never": {"from": "web", "to": "db", "ports": [70000]}}]},
    {"properties": [{"id": "it", "never": {"from": "web", "to": "db", "ports": ["tcp/80"]}}]},
    {"properties": [{"id": "it", "never": {"from": "web", "to": "db", "ports": []}}]},
]


@pytest.mark.parametrize("part", PARTS)
def test_what_the_checks_refuse_and_a_schema_can_tell_does_not_fit(part: dict[str, object]) -> None:
    assert validator("suite").is_valid({**HEAD, "properties": [PROPERTY]})
    assert not validator("suite").is_valid({**HEAD, "properties": [PROPERTY], **part})


def test_the_current_context_of_live_may_stand_without_a_value() -> None:
    assert validator("suite").is_valid({**HEAD, "manifests": [{"live": None}], "properties": [PROPERTY]})


WAIVER: dict[str, object] = {
    "property": "it",
    "allow": {"from": "web", "ports": [80]},
    "reason": "a migration",
    "owner": "team-a",
    "expires": "2030-01-31",
}


WAIVERS: list[tuple[dict[str, object], bool]] = [
    (WAIVER, True),
    (WAIVER | {"allow": [{"to": "db"}, {"ports": ["UDP/53"]}]}, True),
    (WAIVER | {"expires": "soon"}, False),
    (WAIVER | {"allow": {}}, False),
    (WAIVER | {"allow": []}, False),
    (WAIVER | {"reason": " "}, False),
    (WAIVER | {"until": "2030-01-31"}, False),
    ({key: value for key, value in WAIVER.items() if key != "owner"}, False),
]


@pytest.mark.parametrize(("waiver", "fits"), WAIVERS)
def test_waivers(waiver: dict[str, object], fits: bool) -> None:
    file = {"apiVersion": "netpol-verify/v1", "kind": "Waivers", "waivers": [waiver]}
    assert validator("waivers").is_valid(file) is fits
    assert validator("suite").is_valid({**HEAD, "properties": [PROPERTY], "waivers": [waiver]}) is fits


# Reports


def closed(schema: object) -> object:
    """The schema with every object closed, so that a key of a report that it does not know is found."""
    if isinstance(schema, list):
        return [closed(item) for item in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in cast("dict[str, object]", schema).items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


def report_of(*arguments: str) -> Any:
    return json.loads(CliRunner().invoke(commands.app, [*arguments, "-o", "json"]).stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("docs/shop/properties.yaml", "--all-classes"),
        ("docs/shop/properties.yaml", "--world", "pods=mixed", "--only", "web-always-reaches-port-3000"),
        ("examples/6-changes/properties.yaml",),
        ("examples/5-fleet/properties.yaml", "-f", "examples/5-fleet/clusters/us-east"),
        ("examples/3-pitfalls/6-host-network/properties-before.yaml",),
    ],
)
def test_reports_of_real_runs_fit_and_hold_no_key_that_the_schema_does_not_know(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    checked = checking(closed(printed("report")))
    report = report_of("prove", *arguments)
    assert report["results"]
    assert mistakes(checked, report) == []


def test_what_diff_reports_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    checked = checking(closed(printed("diff")))
    for head in ("head", "fixed"):
        report = report_of("diff", "--base", "examples/6-changes/base", "--head", f"examples/6-changes/{head}")
        assert mistakes(checked, report) == []


def test_a_report_without_a_key_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    report = report_of("prove", "docs/shop/properties.yaml", "--only", "web-never-reaches-db")
    checked = validator("report")
    assert checked.is_valid(report)
    for key in report["results"][0]:
        changed = {name: value for name, value in report["results"][0].items() if name != key}
        assert not checked.is_valid({**report, "results": [changed]}), key
