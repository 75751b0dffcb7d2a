"""The hooks for pre-commit: the manifest is valid, its commands are the program's, and pre-commit runs them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from parts_support import ROOT, copy_of_checkout, git, ran, run, tool, without_own_settings

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
SUITE = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [k8s]
groups:
  db: {namespace: shop, pods: app=db}
properties:
- id: nobody-reaches-the-database
  never: {from: {any: true}, to: db}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
"""
RULE = "  ingress: [{ports: [{port: 5432}]}]\n"


def test_pre_commit_accepts_the_manifest() -> None:
    ran(sys.executable, "-m", "pre_commit", "validate-manifest", MANIFEST)


def project(folder: Path) -> Path:
    """A repository whose last commit keeps its suite, and whose working tree does not."""
    (folder / "k8s").mkdir(parents=True)
    (folder / "properties.yaml").write_text(SUITE, encoding="utf-8")
    (folder / "k8s" / "db.yaml").write_text(POLICY, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "The suite")
    (folder / "k8s" / "db.yaml").write_text(POLICY + RULE, encoding="utf-8")
    return folder


def hook(name: str) -> list[str]:
    """A hook's command as pre-commit runs it without file names."""
    found = next(each for each in HOOKS if each["id"] == name)
    program, *words = shlex.split(found["entry"])
    return [tool(program), *words, *found["args"]]


def test_the_hook_fails_for_a_broken_property_and_passes_for_a_kept_one(tmp_path: Path) -> None:
    folder = project(tmp_path)
    broken = run(*hook("netpol-verify"), cwd=folder)
    assert broken.returncode == 1
    assert "allowed by shop/db, ingress[0] (k8s/db.yaml:7)" in broken.stdout
    (folder / "k8s" / "db.yaml").write_text(POLICY, encoding="utf-8")
    assert ran(*hook("netpol-verify"), cwd=folder).strip().endswith("PASS")


def test_the_hook_that_compares_shows_the_change_and_fails_for_nothing(tmp_path: Path) -> None:
    printed = ran(*hook("netpol-verify-diff"), cwd=project(tmp_path))
    assert "changed: NetworkPolicy shop/db, spec.ingress" in printed


@pytest.mark.parametrize("each", HOOKS, ids=lambda each: each["id"])
@pytest.mark.parametrize(
    ("file", "runs"),
    [("k8s/db.yaml", True), ("chart/values.yml", True), ("a.json", True), ("README.md", False), ("yaml.py", False)],
)
def test_a_hook_runs_for_files_that_may_be_manifests(each: dict[str, Any], file: str, runs: bool) -> None:
    assert bool(re.search(each["files"], file)) == runs
    assert each["pass_filenames"] is False


@pytest.mark.skipif(not os.environ.get("CI"), reason="it installs the package anew; a run under CI does it")
def test_pre_commit_installs_the_package_and_runs_both_hooks(tmp_path: Path) -> None:
    """From a clone, as other repositories use it."""
    clone = copy_of_checkout(tmp_path / "clone")
    shutil.rmtree(clone / "tests")
    git(clone, "init", "--quiet")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "The release")
    folder = project(tmp_path / "project")
    env = {**without_own_settings(), "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    done = run(tool("pre-commit"), "try-repo", clone, "--all-files", "--verbose", cwd=folder, env=env)
    assert done.returncode == 1, done.stdout
    assert re.search(r"network policies keep what the suite says\.+Failed", done.stdout), done.stdout
    assert re.search(r"what the change newly allows, or no longer\.+Passed", done.stdout), done.stdout
    assert "nobody-reaches-the-database  refuted" in done.stdout
