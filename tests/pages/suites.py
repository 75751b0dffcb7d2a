"""YAML blocks: suites and parts of them are loaded, manifests read and validated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import yaml
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.properties.loading import load_suite
from netpol_verify.properties.property_checks import VERB_MODELS
from netpol_verify.properties.suite import Model, Property, PropertySuite
from netpol_verify.verify.run import ManifestsRequest, read_named

from .blocks import ROOT, Block, text_of

SHOP = ROOT / "docs" / "shop" / "properties.yaml"
HEAD = {"apiVersion": "netpol-verify/v1", "kind": "PropertySuite"}
SOME_VERB = {"never": {"from": {}, "to": {"node": True}}}


def keys(model: type[Model]) -> frozenset[str]:
    """The keys that a model's mapping may have."""
    return frozenset(field.alias or name for name, field in model.model_fields.items())


def complaints(block: Block, folder: Path) -> Iterator[str]:
    """What is wrong with a YAML block; with ``file=PATH`` it is left in ``folder`` under that path."""
    kinds = block.words & CHECKS.keys()
    if len(kinds) != 1 or block.words - CHECKS.keys() - {"refused"}:
        yield f"say what it is: one of {', '.join(CHECKS)}"
        return
    with TemporaryDirectory() as scratch:
        path = (folder / block.options["file"]) if "file" in block.options else Path(scratch) / "block.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        try:
            CHECKS[next(iter(kinds))](path)
            mistake = ""
        except (InputErrors, AssertionError, yaml.YAMLError) as error:
            mistake = str(error) or "it does not fit"
    if mistake and "refused" not in block.words:
        yield mistake
    if "refused" in block.words and not mistake:
        yield "it is to be refused, and is not"


def _suite(path: Path) -> None:
    assert load_suite(str(path)).properties


def _groups(path: Path) -> None:
    suite = path.with_name("suite-of-groups.yaml")
    _load({**HEAD, "include": [path.name], "properties": [{"id": "it", **SOME_VERB}]}, suite)
    suite.unlink()


def _properties(path: Path) -> None:
    """The properties shown by themselves are those of the shop, to the letter."""
    shop = text_of(SHOP)
    for part in re.split(r"^(?=- id:)", text_of(path), flags=re.MULTILINE):
        assert part.rstrip() in shop, f"{part} is not in docs/shop/properties.yaml"


def _part(path: Path) -> None:
    """Some keys of a suite, or of a property, fit beside the rest; groups it does not define are the shop's."""
    part = _mapping(path)
    whole = {**HEAD, "groups": _mapping(SHOP)["groups"]}
    if part.keys() <= keys(PropertySuite):
        whole |= {"properties": [{"id": "it", **SOME_VERB}], **part}
    else:
        assert part.keys() <= keys(Property), f"no keys of a suite or a property: {', '.join(part)}"
        verb = {} if part.keys() & VERB_MODELS.keys() else SOME_VERB
        whole |= {"properties": [{"id": "it", **verb, **part}]}
    _load(whole, path.with_name("whole.yaml"))


def _manifests(path: Path) -> None:
    read_named(ManifestsRequest((str(path),)), "error")


def _other(path: Path) -> None:
    assert yaml.safe_load(text_of(path)) is not None


def _mapping(path: Path) -> dict[str, Any]:
    value: object = yaml.safe_load(text_of(path))
    assert isinstance(value, dict), "it is no mapping"
    return cast("dict[str, Any]", value)


def _load(suite: dict[str, Any], path: Path) -> None:
    path.write_text(yaml.safe_dump(suite, sort_keys=False), encoding="utf-8")
    assert load_suite(str(path)).properties


CHECKS: dict[str, Callable[[Path], None]] = {
    "suite": _suite,
    "groups": _groups,
    "properties": _properties,
    "part": _part,
    "manifests": _manifests,
    "other": _other,
}
