"""A real platform's manifests: the first suite for 1,460 namespaces is short enough to read, and passes."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
import yaml
from corpus import live_manifests
from init_support import SUITE, exit_of, init, needed_policies
from netpol_verify.verify.exit_codes import exit_code
from netpol_verify.verify.results import Report
from netpol_verify.verify.run import ProveRequest, run_prove


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manifests with a suite proposed for them; prints how long that took (``pytest -s``)."""
    root = tmp_path_factory.mktemp("init")
    live = live_manifests(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        started = perf_counter()
        result = init("-f", live.name, "--semantics", "duplicateObjects=last", "-q")
        print(f"\ninit: {perf_counter() - started:.0f} s")
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return run_prove(ProveRequest((SUITE,)))


def test_it_passes_at_once(report: Report) -> None:
    assert exit_code(report) == 0
    assert {result.verdict for result in report.results} == {"proved"}


def test_it_can_be_read(folder: Path) -> None:
    """Namespaces with one outcome share one property; what there was no room for is said."""
    text = (folder / SUITE).read_text(encoding="utf-8")
    written = yaml.safe_load(text)
    assert 10 < len(written["properties"]) < 80
    assert len(text) < 100_000
    assert "# Left out for want of room:" in text
    by_id = {each["id"]: each for each in written["properties"]}
    closed = written["groups"][by_id["default-deny-ingress"]["defaultDeny"]["for"]]
    assert closed["namespaces"]["matchExpressions"][0]["operator"] == "NotIn"
    assert "namespaces-keep-to-themselves" in by_id


def test_what_is_known_of_the_platform_is_in_it(folder: Path) -> None:
    """The four namespaces that are open, and the policies that are not understood."""
    text = (folder / SUITE).read_text(encoding="utf-8")
    for name in ("formbuilder-monitoring", "formbuilder-repos", "hmpps-github-actions-runners"):
        assert name in text
    assert "# Unknown today: it depends on policies that are not modelled" in text


def test_a_policy_that_a_property_needs_is_missed(
    folder: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    result = next(each for each in report.results if each.id == "default-deny-strict")
    wanted = needed_policies([result])[0]
    namespace, name = wanted.split("/")
    (file,) = [
        path
        for path in (folder / "live" / namespace).rglob("*.yaml")
        if any(
            each and each.get("kind") == "NetworkPolicy" and each["metadata"]["name"] == name
            for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        )
    ]
    kept = file.read_text(encoding="utf-8")
    documents = [each for each in yaml.safe_load_all(kept) if each and each["metadata"]["name"] != name]
    try:
        file.write_text(yaml.safe_dump_all(documents) if documents else "# gone\n", encoding="utf-8")
        assert exit_of(folder / "live", "default-deny-strict") == 1
    finally:
        file.write_text(kept, encoding="utf-8")
