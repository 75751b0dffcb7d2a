"""A real platform's manifests against themselves with three things changed: each is found at its line, and no other.

Once over a slice of the namespaces and once over all of them; time and peak memory are printed (``pytest -s``).
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from changes_support import Report, all_places, classes, line_of, places
from corpus import live_manifests

REOPENED = "aaronf-sandbox"
STRIPPED = "abundant-namespace-dev"
CALLER, CALLED = "laa-maat-orchestration-dev", "laa-crime-evidence-dev"
POLICIES, NAMESPACE = "04-networkpolicy.yaml", "00-namespace.yaml"
SLICE = 50


@pytest.fixture(scope="module", params=[SLICE, None], ids=["slice", "whole"])
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``base`` and ``head``, so far the same."""
    root = tmp_path_factory.mktemp("changes")
    unpacked = live_manifests(root)
    if request.param is None:
        unpacked.rename(root / "base")
    else:
        names = sorted(path.name for path in unpacked.iterdir() if path.is_dir())
        for name in sorted({*names[: request.param], REOPENED, STRIPPED, CALLER, CALLED}):
            shutil.copytree(unpacked / name, root / "base" / name)
    shutil.copytree(root / "base", root / "head")
    return root


@pytest.fixture(scope="module")
def compare(folders: Path) -> Callable[..., tuple[int, Report]]:
    """``diff`` as a process of its own."""

    def compared(*options: str) -> tuple[int, Report]:
        command = [
            sys.executable,
            "-m",
            "netpol_verify",
            "diff",
            "--base",
            "base",
            "--head",
            "head",
            "-q",
            "-o",
            "json",
        ]
        start = perf_counter()
        done = subprocess.run(
            [*command, "--semantics", "duplicateObjects=last", *options], cwd=folders, capture_output=True, check=False
        )
        seconds = perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        megabytes = peak / 2**20 if sys.platform == "darwin" else peak / 2**10
        assert done.stdout, done.stderr.decode()
        report = json.loads(done.stdout)
        print(f"\n{report['head']['input']['objects']}: {seconds:.1f} s, {megabytes:.0f} MB at most so far")
        return done.returncode, report

    return compared


def test_a_platform_compared_with_itself_has_not_changed(compare: Callable[..., tuple[int, Report]]) -> None:
    code, report = compare()
    assert code == 0
    for name in ("gained", "lost"):
        for list_ in (report[name], report["declared"][name]):
            assert (list_["complete"], list_["dependsOn"], list_["classes"]) == (True, [], [])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, path
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_three_changes_are_found_at_their_lines(
    folders: Path, compare: Callable[..., tuple[int, Report]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy changed, the policies of a namespace removed, a namespace relabelled."""
    monkeypatch.chdir(folders)
    edit(Path("head", REOPENED, POLICIES), "component: ingress-controllers", "component: reopened")
    Path("head", STRIPPED, POLICIES).unlink()
    edit(Path("head", CALLER, NAMESPACE), f'component: "{CALLER}"', "component: somebody-else")
    code, report = compare("--max-classes", "0")
    assert code == 1
    assert (report["gained"]["complete"], report["lost"]["complete"]) == (True, True)
    # Whether pods behind Calico's egress policies reach what was opened, those decide, on both sides alike.
    assert all("projectcalico.org" in name for list_ in ("gained", "lost") for name in report[list_]["dependsOn"])

    rule = line_of(f"head/{REOPENED}/{POLICIES}", "component: reopened")
    label = line_of(f"head/{CALLER}/{NAMESPACE}", "component: somebody-else")
    removed = f"base/{STRIPPED}/{POLICIES}:"
    assert {rule} <= set(all_places(report, "gained")) <= {rule, *removed_policies(removed, report)}
    assert set(all_places(report, "lost")) == {rule, label}
    assert removed_policies(removed, report)

    assert all(
        f"in namespace {STRIPPED}" in text or f"in namespace {REOPENED}" in text for text in classes(report, "gained")
    )
    of_label = [each for each in report["lost"]["classes"] if places(each["causes"]) == [label]]
    called = {each["witness"]["destination"]["namespace"] for each in of_label}
    assert CALLED in called or any(CALLED in each["class"] for each in of_label)
    assert {each["witness"]["source"]["namespace"] for each in of_label} == {CALLER}
    assert all(each["witness"]["inBase"]["sourceNamespaceLabels"]["component"] == CALLER for each in of_label)


def removed_policies(file: str, report: Report) -> list[str]:
    """The places in the base of policies that are gone from this file."""
    return [
        place
        for each in report["gained"]["classes"]
        for place in places([cause for cause in each["causes"] if cause["change"] == "removed"])
        if place.startswith(file) and place.endswith(" in base")
    ]
