"""``explain`` over realistic clusters, in every format, byte for byte: ``tests/golden/explain/CASE/``.

``NETPOL_VERIFY_UPDATE_GOLDEN=1 pytest tests/test_explain_golden.py`` writes the files anew; read the difference.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, cast

import pytest
from netpol_verify.verify import commands
from typer.testing import CliRunner

GOLDEN = Path(__file__).parent / "golden" / "explain"
CASES: dict[str, tuple[str, str, str]] = {
    "typo-in-a-label": ("shop/web", "shop/db", "5432"),
    "namespace-selector": ("monitoring/prometheus", "shop/web", "TCP/metrics"),
    "named-port": ("net/web", "net/resolver", "UDP/dns"),
    "ip-block-except": ("shop/web", "10.1.2.3", "443"),
    "missing-dns": ("shop/web", "kube-system/coredns", "UDP/53"),
    "undetermined": ("backups:app=dump", "shop/db", "TCP/pg"),
    "cluster-wide": ("shop/db", "shop/web", "80"),
    "tied-policies": ("shop/web", "node/worker", "22"),
}
WITH_TIERS = ("cluster-wide", "tied-policies")
"""Cases with cluster-wide policies, whose JSON has two more keys for them."""
FORMATS = {
    "explain.txt": ("-o", "text"),
    "quiet.txt": ("-o", "text", "-q"),
    "verbose.txt": ("-o", "text", "-v"),
    "explain.md": ("-o", "markdown"),
    "explain.json": ("-o", "json"),
}


def explained(case: str, *more: str) -> str:
    source, destination, port = CASES[case]
    arguments = ["explain", "-f", "k8s.yaml", "--from", source, "--to", destination, "--port", port, *more]
    ran = CliRunner().invoke(commands.app, arguments)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(GOLDEN / request.param)
    return request.param


@pytest.mark.parametrize("name", FORMATS)
def test_an_explanation_is_as_kept(case: str, name: str) -> None:
    text, path = explained(case, *FORMATS[name]), GOLDEN / case / name
    if os.environ.get("NETPOL_VERIFY_UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def test_quiet_is_the_beginning_and_verbose_leaves_nothing_out(case: str) -> None:
    usual = explained(case).splitlines()
    quiet = explained(case, "-q").splitlines()
    assert usual[: len(quiet)] == quiet
    assert len(explained(case, "-v").splitlines()) >= len(usual)


def test_json_is_the_answer_of_evaluate_and_the_walk(case: str) -> None:
    value: dict[str, Any] = json.loads(explained(case, "-o", "json"))
    source, destination, port = CASES[case]
    arguments = ["-f", "k8s.yaml", "--from", source, "--to", destination, "--port", port, "-o", "json"]
    evaluated = json.loads(CliRunner().invoke(commands.app, ["evaluate", *arguments]).stdout)
    assert list(value) == [*evaluated, "explanation"]
    assert {key: value[key] for key in evaluated} == evaluated
    assert explained(case, "-o", "json", "-q") == explained(case, "-o", "json", "-v")


def keys_of(value: object, path: str = "") -> dict[str, list[str]]:
    """The keys of every object of a JSON value, in order, by their place in it."""
    found: dict[str, list[str]] = {}
    if isinstance(value, dict):
        inside = cast("dict[str, object]", value)
        if not path.endswith(("labels", "namespaceLabels")):
            found[path] = list(inside)
        for key, item in inside.items():
            found |= keys_of(item, f"{path}.{key}")
    if isinstance(value, list):
        for item in cast("list[object]", value):
            inner = keys_of(item, path)
            assert all(found.get(place, keys) == keys for place, keys in inner.items()), path
            found |= inner
    return found


def test_every_object_of_a_kind_has_the_same_keys_and_the_page_explains_them() -> None:
    page = (GOLDEN.parents[2] / "docs" / "explain.md").read_text(encoding="utf-8")
    report = (GOLDEN.parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
    kept = {name: json.loads((GOLDEN / name / "explain.json").read_text(encoding="utf-8")) for name in CASES}
    plain = keys_of([value["explanation"] for name, value in kept.items() if name not in WITH_TIERS])
    tiered = keys_of([kept[name]["explanation"] for name in WITH_TIERS if name != "tied-policies"])
    of_node = keys_of(kept["tied-policies"]["explanation"])
    for path, own in plain.items():
        more = ["admin", "baseline"] if path.endswith(("egress", "ingress")) else []
        assert tiered.get(path, [*own, *more]) == [*own, *more]
    keys = {
        path: [*plain.get(path, ()), *tiered.get(path, ()), *of_node.get(path, ())] for path in plain | tiered | of_node
    }
    assert {key for names in keys.values() for key in names if f"`{key}`" not in page + report} == set()
    assert not [key for names in keys.values() for key in names if re.search(r"time|date", key, re.I)]
