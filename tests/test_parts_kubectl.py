"""``kubectl netpol-verify``: the command line as a plugin of kubectl, with kubectl itself where it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import which

import pytest
from parts_support import ROOT, ran, run, tool

needs_kubectl = pytest.mark.skipif(which("kubectl") is None, reason="it needs kubectl")
SUITE = "examples/1-three-tiers/properties.yaml"


def test_the_usage_names_the_plugin() -> None:
    assert "Usage: kubectl netpol-verify [OPTIONS] COMMAND" in ran(tool("kubectl-netpol_verify"), "--help")
    refused = run(tool("kubectl-netpol_verify"), "prove", "--nonsense")
    assert refused.returncode == 2
    assert "Usage: kubectl netpol-verify prove [OPTIONS]" in refused.stdout


def test_the_plugin_prints_what_the_program_prints() -> None:
    alone = run(tool("netpol-verify"), "prove", SUITE, "-o", "json")
    plugin = run(tool("kubectl-netpol_verify"), "prove", SUITE, "-o", "json")
    assert (plugin.returncode, json.loads(plugin.stdout)) == (1, json.loads(alone.stdout))


@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_the_plugin_has_no_completion_script_of_its_own(option: str) -> None:
    """It would be one for the command ``kubectl``, in place of kubectl's."""
    assert option not in ran(tool("kubectl-netpol_verify"), "--help")
    assert run(tool("kubectl-netpol_verify"), option).returncode == 2


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["ex"], ["explain"]),
        (["prove", "--fa"], ["--fail-on"]),
        (["diff", "--fail-on-c"], ["--fail-on-change"]),
        (["prove", "a file; it's", "--sem"], ["--semantics"]),
        (["nonsense"], []),
    ],
)
def test_completion_is_what_kubectl_asks_plugins_for(words: list[str], completed: list[str]) -> None:
    assert ran(tool("kubectl_complete-netpol_verify"), *words).splitlines() == [*completed, ":0"]


@needs_kubectl
def test_kubectl_lists_the_plugin() -> None:
    assert tool("kubectl-netpol_verify") in run("kubectl", "plugin", "list").stdout


@needs_kubectl
def test_kubectl_runs_the_plugin_and_hands_on_its_exit_code(tmp_path: Path) -> None:
    assert ran("kubectl", "netpol-verify", "--version") == ran(tool("netpol-verify"), "--version")
    refuted = run("kubectl", "netpol-verify", "prove", SUITE, "-q")
    assert (refuted.returncode, refuted.stdout.splitlines()[-1]) == (1, "7 proved, 1 refuted — FAIL")
    assert run("kubectl", "netpol-verify", "prove", cwd=tmp_path).returncode == 2


@needs_kubectl
def test_kubectl_hands_on_standard_input() -> None:
    """As in ``kubectl kustomize … | kubectl netpol-verify …``."""
    policy = (ROOT / "examples/1-three-tiers/policies/db.yaml").read_text(encoding="utf-8")
    asked = ("--from", "hollow:app=web", "--to", "hollow:app=hollowdb", "--port", "3306", "-q")
    assert "BLOCKED" in ran("kubectl", "netpol-verify", "evaluate", "-f", "-", *asked, stdin=policy)


@needs_kubectl
def test_kubectl_completes_the_plugin() -> None:
    """The completion scripts of kubectl ask it this way, and it asks the plugin."""
    printed = ran("kubectl", "__complete", "netpol-verify", "prove", "--fail")
    assert "--fail-on" in printed.splitlines()
