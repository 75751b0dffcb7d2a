"""The examples test themselves: every suite runs through the command line, and finds what it says it finds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SUITES = sorted(path.relative_to(ROOT).as_posix() for path in EXAMPLES.rglob("properties*.yaml"))
FIRST = "examples/1-three-tiers/properties.yaml"
FIRST_FIXED = "examples/1-three-tiers/properties-fixed.yaml"
PRODUCTION = "examples/4-production-namespace"
FLEET = "examples/5-fleet/properties.yaml"
SITUATIONS = sorted(path for path in EXAMPLES.iterdir() if path.name[0].isdigit())
PITFALLS = sorted(path for path in (EXAMPLES / "3-pitfalls").iterdir() if path.is_dir())

Report = dict[str, Any]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``netpol-verify`` as a user runs it from the repository's root, without a user's environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NETPOL_VERIFY_")}
    command = [sys.executable, "-m", "netpol_verify", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def prove(*arguments: str) -> tuple[int, dict[str, Report]]:
    """The exit code of ``prove`` and its results by id."""
    done = run("prove", *arguments, "-q", "-o", "json")
    assert done.stdout, done.stderr
    return done.returncode, {result["id"]: result for result in json.loads(done.stdout)["results"]}


def verdicts(results: dict[str, Report]) -> dict[str, str]:
    return {name: result["verdict"] for name, result in results.items()}


def properties(suite: str) -> list[Report]:
    """The properties of a suite as written."""
    return yaml.safe_load((ROOT / suite).read_text(encoding="utf-8"))["properties"]


def test_there_is_an_example_of_each_situation_with_a_readme() -> None:
    assert [path.name[0] for path in SITUATIONS] == ["1", "2", "3", "4", "5", "6", "7"]
    assert all((path / "README.md").is_file() for path in SITUATIONS)


@pytest.mark.parametrize("suite", [suite for suite in SUITES if suite not in (FIRST, FIRST_FIXED)])
def test_every_property_states_its_verdict_and_has_it(suite: str) -> None:
    expected = {each["id"]: each["expect"] for each in properties(suite)}
    code, results = prove(suite)
    assert verdicts(results) == expected
    assert code == 0


def test_the_first_suite_shows_one_hole_and_fails() -> None:
    """A new user's first command prints proofs and one refutation."""
    code, results = prove(FIRST)
    refuted = [name for name, verdict in verdicts(results).items() if verdict != "proved"]
    assert code == 1
    assert refuted == ["only-app-reaches-db"]
    assert len(results) == len(properties(FIRST)) > 1


def test_the_first_counterexample_is_a_rogue_pod_of_another_namespace() -> None:
    counterexample = prove(FIRST, "--only", "only-app-reaches-db")[1]["only-app-reaches-db"]["counterexample"]
    source, destination = counterexample["source"], counterexample["destination"]
    assert (source["namespace"], source["labels"], source["workload"]) == ("dev", {"app": "hollowapp"}, None)
    assert (destination["namespace"], destination["workload"]) == ("hollow", "hollow/StatefulSet/hollowdb")
    assert (counterexample["protocol"], counterexample["port"], counterexample["allowed"]) == ("TCP", 3306, True)


def test_the_repaired_first_suite_proves_the_same_properties() -> None:
    code, results = prove(FIRST_FIXED)
    assert code == 0
    assert set(verdicts(results).values()) == {"proved"}
    assert properties(FIRST_FIXED) == properties(FIRST)


@pytest.mark.parametrize("variant", ["removed", "mistyped"])
def test_without_a_policy_that_selects_the_database_a_rogue_pod_without_labels_is_in(variant: str) -> None:
    suite = f"examples/1-three-tiers/properties-{variant}.yaml"
    counterexample = prove(suite, "--only", "rogue-never-reaches-db")[1]["rogue-never-reaches-db"]["counterexample"]
    assert counterexample["source"]["namespace"] == "hollow"
    assert counterexample["source"]["labels"] == {}


@pytest.mark.parametrize("folder", PITFALLS, ids=lambda path: path.name)
def test_a_pitfall_is_refuted_before_and_proved_after(folder: Path) -> None:
    before, after = (
        {each["id"]: each["expect"] for each in properties(f"examples/3-pitfalls/{folder.name}/properties-{half}.yaml")}
        for half in ("before", "after")
    )
    assert list(before) == list(after)
    assert "refuted" in before.values()
    assert "refuted" not in after.values()


def test_a_cluster_ip_in_a_rule_is_noticed() -> None:
    """The forgotten API server: nothing is wrong with the manifest, and the report says why it does not help."""
    suite = "examples/3-pitfalls/4-forgotten-api-server/properties-before.yaml"
    report = json.loads(run("prove", suite, "-q", "-o", "json").stdout)
    assert ["10.96.0.1/32" in notice["message"] for notice in report["notices"]] == [True]


def test_the_namespace_with_the_same_label_is_one_that_nobody_declared() -> None:
    name = "only-production-reaches-internal-pods"
    result = prove(f"{PRODUCTION}/properties.yaml", "--only", name)[1][name]
    source = result["counterexample"]["source"]
    assert source["namespaceDeclared"] is False
    assert source["namespaceLabels"] == {"role": "production"}
    assert result["holdsForDeclaredNamespaces"] is True


def test_the_copied_namespace_is_found_as_it_is_declared() -> None:
    name = "only-production-reaches-internal-pods"
    result = prove(f"{PRODUCTION}/properties-copied.yaml", "--only", name)[1][name]
    assert result["counterexample"]["source"]["namespace"] == "production-copy"
    assert result["holdsForDeclaredNamespaces"] is False


def test_the_broken_manifest_is_refused_with_file_line_and_the_likely_fix() -> None:
    done = run("prove", "-f", f"{PRODUCTION}/broken", f"{PRODUCTION}/properties.yaml")
    assert done.returncode == 2
    assert f"{PRODUCTION}/broken/web-server.yaml:9: spec.podSelector.matchLabels" in done.stderr
    assert "app: web-server" in done.stderr
    assert done.stdout == ""


def test_the_fleet_suite_holds_on_a_cluster_with_other_tenants() -> None:
    code, results = prove("-f", "examples/5-fleet/clusters/ap-south", FLEET)
    assert code == 0
    assert verdicts(results) == {each["id"]: each["expect"] for each in properties(FLEET)}


def test_the_fleet_suite_finds_the_cluster_that_has_drifted() -> None:
    code, results = prove("-f", "examples/5-fleet/clusters/us-east", FLEET)
    assert code == 1
    assert [name for name, result in results.items() if result["status"] == "fail"] == [
        "tenants-are-isolated",
        "every-tenant-is-denied-by-default",
        "the-internet-never-reaches-a-tenant",
        "tenants-never-reach-the-metadata-service",
        "tenants-call-the-internet-by-https-alone",
    ]


CHANGES = "examples/6-changes"


def test_the_change_and_its_fix_differ_by_what_the_dash_opened() -> None:
    fixed = {each["id"]: each["expect"] for each in properties(f"{CHANGES}/properties-fixed.yaml")}
    assert list(fixed) == [each["id"] for each in properties(f"{CHANGES}/properties.yaml")]
    assert set(fixed.values()) == {"proved"}
    done = run("diff", "--base", f"{CHANGES}/fixed", "--head", f"{CHANGES}/head", "-q", "-o", "json")
    causes = [cause for each in json.loads(done.stdout)["gained"]["classes"] for cause in each["causes"]]
    assert done.returncode == 1
    assert {(cause["side"], cause["file"], cause["line"]) for cause in causes} == {
        ("head", f"{CHANGES}/head/dex.yaml", 13),
        ("base", f"{CHANGES}/fixed/dex.yaml", 13),
    }


def test_the_overlay_that_was_forgotten_is_found_at_its_dash() -> None:
    name = "production-is-as-staging"
    causes = prove(f"{CHANGES}/properties-overlays.yaml", "--only", name)[1][name]["causes"]
    assert (causes[0]["file"], causes[0]["line"]) == (f"{CHANGES}/overlays/production/lister.yaml", 44)


TIERS = "examples/7-tiers"


def test_the_quarantine_is_refuted_in_one_order_and_the_scraping_in_the_other() -> None:
    _, results = prove(f"{TIERS}/3-equal-priorities/properties.yaml")
    scraping, quarantine = "ClusterNetworkPolicy/scraping", "ClusterNetworkPolicy/quarantine"
    found = {name: each["counterexample"] for name, each in results.items() if each["counterexample"] is not None}
    assert found["quarantine-is-complete"]["reading"]["order"] == [scraping, quarantine]
    assert found["quarantine-is-complete"]["allowed"] is True
    assert found["prometheus-scrapes-quarantined-pods"]["reading"]["order"] == [quarantine, scraping]
    assert found["prometheus-scrapes-quarantined-pods"]["allowed"] is False


def test_the_baseline_is_what_isolates_the_namespaces_of_tomorrow() -> None:
    """With it the proof needs a rule of the baseline; without it only namespaces that nobody declared refute it."""
    name = "tenants-are-isolated"
    _, with_it = prove(f"{TIERS}/2-baseline/properties.yaml", "--only", name)
    assert "ClusterNetworkPolicy/closed-by-default" in [each["policy"] for each in with_it[name]["because"]]
    assert with_it[name]["world"] == {"pods": "open", "namespaces": "open"}
    _, without = prove(f"{TIERS}/2-baseline/properties-without.yaml", "--only", name)
    assert (without[name]["verdict"], without[name]["holdsForDeclaredNamespaces"]) == ("refuted", True)


def test_what_a_networkpolicy_closes_is_open_without_it_and_the_report_says_so() -> None:
    name = "nobody-can-reopen-metadata"
    result = prove(f"{TIERS}/1-out-of-reach/properties-networkpolicy.yaml", "--only", name)[1][name]
    assert result["counterexample"]["allowed"] is False
    assert result["counterexample"]["override"]["opens"] == []


def test_the_hole_is_in_one_family_alone() -> None:
    name = "metadata-is-unreachable"
    result = prove(f"{TIERS}/4-ipv6/properties.yaml", "--only", name)[1][name]
    assert result["counterexample"]["family"] == "IPv6"
    assert prove(f"{TIERS}/4-ipv6/properties-ipv4.yaml")[1][name]["verdict"] == "proved"


@pytest.mark.parametrize("readme", sorted(EXAMPLES.rglob("README.md")), ids=lambda path: path.parent.name)
def test_what_a_readme_names_exists(readme: Path) -> None:
    """Paths of commands, and the suites and properties that the prose speaks of."""
    text = readme.read_text(encoding="utf-8")
    commands = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
    paths = [word for command in commands for word in command.split() if re.fullmatch(r"examples/[\w./-]+", word)]
    assert all((ROOT / path).exists() for path in paths)
    linked = re.findall(r"\]\(([\w./-]+)\)", text) + re.findall(r"`(properties[\w-]*\.yaml)`", text)
    assert all((readme.parent / path).exists() for path in linked)
    assert paths or readme.parent.name == "3-pitfalls"
