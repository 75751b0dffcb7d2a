"""Domain names from end to end: what an unbound name leaves open is unknown and says what would settle it; bound names
are exact."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from netpol_verify.verify import commands
from typer.testing import CliRunner, Result

POD = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main}]}
"""
SHOP, PARTNER = {"namespace": "shop"}, {"cidr": "198.51.100.0/24"}
NEVER = {"never": {"from": SHOP, "to": PARTNER}}
ALWAYS = {"always": {"from": SHOP, "to": PARTNER, "ports": [443]}}
CAN = {"can": {"from": SHOP, "to": PARTNER, "ports": [443]}}
SETTLES = 'world: {domains: {"*.example.com": [203.0.113.0/24]}}'


def accepting(*names: str, version: str = "v1alpha2") -> str:
    """Calls to these names are accepted, all others denied."""
    every = [{"networks": ["0.0.0.0/0", "::/0"]}]
    accept = {"name": "named", "action": "Accept", "to": [{"domainNames": list(names)}]}
    deny = {"name": "rest", "action": "Deny", "to": every}
    spec: dict[str, Any] = {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}, "egress": [accept, deny]}
    kind = "ClusterNetworkPolicy"
    if version == "v1alpha1":
        kind = "AdminNetworkPolicy"
        del spec["tier"]
        accept["action"] = "Allow"
    policy = {
        "apiVersion": f"policy.networking.k8s.io/{version}",
        "kind": kind,
        "metadata": {"name": "names"},
        "spec": spec,
    }
    return POD + "---\n" + yaml.safe_dump(policy, sort_keys=False)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


def prove(manifests: str, verb: dict[str, Any], *options: str, **world: Any) -> Result:
    """A suite of one property, proved as a user does."""
    Path("k8s.yaml").write_text(manifests, encoding="utf-8")
    suite = {
        "apiVersion": "netpol-verify/v1",
        "kind": "PropertySuite",
        "manifests": ["k8s.yaml"],
        "world": world,
        "properties": [{"id": "it", **verb}],
    }
    Path("suite.yaml").write_text(yaml.safe_dump(suite, sort_keys=False), encoding="utf-8")
    return CliRunner(env={"NO_COLOR": "1"}).invoke(commands.app, ["prove", "suite.yaml", *options])


def result(manifests: str, verb: dict[str, Any], domains: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The property's result as JSON has it."""
    done = prove(manifests, verb, "-o", "json", **({"domains": domains} if domains else {}))
    assert done.stdout, done.stderr
    return cast("dict[str, Any]", json.loads(done.stdout)["results"][0])


@pytest.mark.parametrize("verb", [NEVER, ALWAYS, CAN])
@pytest.mark.parametrize("version", ["v1alpha1", "v1alpha2"])
def test_what_hangs_on_an_unbound_name_is_unknown_and_says_what_settles_it(verb: dict[str, Any], version: str) -> None:
    done = prove(accepting("*.example.com", version=version), verb)
    assert done.exit_code == 3
    assert done.stdout.split("\n\n")[0] == (
        "? it  unknown  suite.yaml:7\n"
        f"    it depends on what domain names stand for: *.example.com (say it with {SETTLES})"
    )
    found = result(accepting("*.example.com", version=version), verb)
    assert (found["verdict"], found["status"], found["counterexample"]) == ("unknown", "unknown", None)
    assert found["dependsOn"] == ["domain *.example.com"]


def test_the_line_that_is_printed_settles_it_as_it_stands() -> None:
    """It is YAML of a suite, for every name that the property depends on."""
    names = ("*.example.com", "api.other.net")
    done = prove(accepting(*names), NEVER)
    line = re.search(r"say it with (world: .*)\)$", done.stdout, re.MULTILINE)
    assert line is not None
    world = cast("dict[str, Any]", yaml.safe_load(line[1]))["world"]
    assert list(world["domains"]) == list(names)
    settled = prove(accepting(*names), NEVER, **world)
    assert settled.exit_code == 0, settled.output


@pytest.mark.parametrize(
    ("verb", "verdict"),
    [
        ({"never": {"from": SHOP, "to": SHOP}}, "proved"),
        ({"always": {"from": SHOP, "to": SHOP, "ports": [443]}}, "refuted"),
        ({"can": {"from": SHOP, "to": SHOP}}, "refuted"),
        ({"never": {"from": {"any": True}, "to": SHOP}}, "refuted"),
    ],
)
def test_what_holds_or_fails_whatever_names_stand_for_is_decided(verb: dict[str, Any], verdict: str) -> None:
    """Names stand for outside addresses alone, so they do not touch what pods may call."""
    found = result(accepting("*.example.com"), verb)
    assert (found["verdict"], found["dependsOn"]) == (verdict, [])


def test_rules_that_cancel_each_other_out_leave_nothing_open() -> None:
    """Accepted by name, and accepted anyway: the name does not matter."""
    policy = accepting("*.example.com").replace("action: Deny", "action: Accept")
    assert result(policy, NEVER)["verdict"] == "refuted"
    assert result(policy, ALWAYS)["verdict"] == "proved"


@pytest.mark.parametrize(
    ("bound", "never", "always"),
    [
        ("203.0.113.0/24", "proved", "refuted"),
        ("198.51.100.0/25", "refuted", "refuted"),
        ("198.51.100.0/24", "refuted", "proved"),
        ("198.51.0.0/16", "refuted", "proved"),
        ("2001:db8::/32", "proved", "refuted"),
    ],
)
def test_a_bound_name_is_exact(bound: str, never: str, always: str) -> None:
    domains = {"*.example.com": [bound]}
    assert result(accepting("*.example.com"), NEVER, domains)["verdict"] == never
    assert result(accepting("*.example.com"), ALWAYS, domains)["verdict"] == always


def test_the_class_of_a_counterexample_tells_the_bound_block() -> None:
    found = result(accepting("*.example.com"), NEVER, {"*.example.com": ["198.51.100.0/25"]})
    assert found["class"] == "any pod in namespace shop → any outside address in 198.51.100.0/25, any port"


@pytest.mark.parametrize(
    ("used", "bound", "verdict"),
    [
        # A name that a bound wildcard covers stands for some of what that one stands for.
        ("api.example.com", {"*.example.com": ["203.0.113.0/24"]}, "proved"),
        ("api.example.com", {"*.example.com": ["198.51.100.0/24"]}, "unknown"),
        ("a.b.example.com", {"*.example.com": ["203.0.113.0/24"]}, "proved"),
        ("*.b.example.com", {"*.example.com": ["203.0.113.0/24"]}, "proved"),
        # The apex is none of its subdomains, nor is a name that only ends alike.
        ("example.com", {"*.example.com": ["203.0.113.0/24"]}, "unknown"),
        ("notexample.com", {"*.example.com": ["203.0.113.0/24"]}, "unknown"),
        # A wildcard stands for what each bound name below it does, and perhaps for more.
        ("*.example.com", {"api.example.com": ["198.51.100.7/32"]}, "refuted"),
        ("*.example.com", {"api.example.com": ["203.0.113.7/32"]}, "unknown"),
        # A name that is bound itself is what it says, whatever covers it.
        ("api.example.com", {"api.example.com": ["198.51.0.7/32"], "*.example.com": ["198.51.0.0/16"]}, "proved"),
    ],
)
def test_names_and_the_wildcards_that_cover_them(used: str, bound: dict[str, list[str]], verdict: str) -> None:
    found = result(accepting(used), NEVER, bound)
    assert found["verdict"] == verdict
    assert found["dependsOn"] == ([f"domain {used}"] if verdict == "unknown" else [])


def test_a_flow_that_hangs_on_a_name_is_undetermined() -> None:
    Path("k8s.yaml").write_text(accepting("*.example.com"), encoding="utf-8")
    flow = ("--from", "shop/web", "--to", "198.51.100.7", "--port", "443")
    done = CliRunner(env={"NO_COLOR": "1"}).invoke(commands.app, ["evaluate", "-f", "k8s.yaml", *flow, "-o", "json"])
    answer = json.loads(done.stdout)
    assert (answer["undetermined"], answer["dependsOn"]) == (True, ["domain *.example.com"])


@pytest.mark.parametrize("name", ["exa mple.com", "*", "*.*.example.com", "a*.example.com", ""])
def test_a_name_that_no_policy_may_hold_is_refused_in_the_world(name: str) -> None:
    done = prove(accepting("*.example.com"), NEVER, domains={name: ["203.0.113.0/24"]})
    assert done.exit_code == 2
    assert "world.domains" in done.stderr


def test_capitals_and_a_final_dot_make_no_other_name() -> None:
    """Neither where a policy names it nor where the world says what it stands for."""
    for written, bound in (("API.Example.com.", "api.example.com"), ("api.example.com", "API.example.COM.")):
        assert result(accepting(written), NEVER, {bound: ["203.0.113.0/24"]})["verdict"] == "proved"
        assert result(accepting(written), NEVER, {bound: ["198.51.100.0/25"]})["verdict"] == "refuted"
    both = accepting("*.EXAMPLE.com", "api.example.com")
    assert result(both, NEVER, {"*.example.com": ["203.0.113.0/24"]})["verdict"] == "proved"


def test_a_name_that_is_bound_twice_is_an_error() -> None:
    done = prove(accepting("a.net"), NEVER, domains={"a.net": ["203.0.113.0/24"], "A.net.": ["198.51.100.0/24"]})
    assert done.exit_code == 2
    assert "world.domains['A.net.']" in done.stderr
    assert "stands here twice" in done.stderr
