"""Two IP families: a property speaks of both, a hole in one of them refutes it, and the report says that it is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from netpol_verify.verify import commands
from netpol_verify.verify.reports.words import sentence
from netpol_verify.verify.results import PropertyResult
from support import result_of
from typer.testing import CliRunner

CLUSTER = """
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
---
"""
BOTH_BLOCKS = ({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["203.0.113.0/24"]}}, {"ipBlock": {"cidr": "::/0"}})
SHOP, INTERNET = {"namespace": "shop"}, {"builtin": "internet"}
V4, V6 = "10.244.0.0/16", "fd00:10:244::/48"
ONLY_IPV6 = "over IPv6 only: over IPv4 it is closed"


def egress(*peers: dict[str, Any]) -> str:
    """A NetworkPolicy that lets the pods of the shop call these alone."""
    spec: dict[str, Any] = {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{"to": list(peers)}] if peers else [],
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", spec, namespace="shop")


def admin(*networks: str, direction: str = "egress") -> str:
    """A ClusterNetworkPolicy that denies every pod these networks."""
    rule = {"name": "no", "action": "Deny", "to": [{"networks": list(networks)}]}
    spec: dict[str, Any] = {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}, direction: [rule]}
    return _object("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", spec)


def _object(version: str, kind: str, spec: dict[str, Any], **metadata: str) -> str:
    return yaml.safe_dump(
        {"apiVersion": version, "kind": kind, "metadata": {"name": "it", **metadata}, "spec": spec}, sort_keys=False
    )


def said(result: PropertyResult) -> str:
    """The sentence of a refutation."""
    assert result.counterexample is not None, result.verdict
    return sentence(result.counterexample)


def test_an_except_in_one_family_leaves_the_other_open() -> None:
    """0.0.0.0/0 except a range says nothing of IPv6: an open ::/0 beside it is the hole, and nothing else is."""
    metadata = {"builtin": "cloud-metadata"}
    peers = ({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}, {"ipBlock": {"cidr": "::/0"}})
    found = result_of(CLUSTER + egress(*peers), {"never": {"from": SHOP, "to": metadata}})
    assert said(found) == (
        f"shop/Deployment/web reaches address fd00:ec2::254 (outside the cluster) on TCP/80 {ONLY_IPV6}"
    )
    closed = result_of(CLUSTER + egress(peers[0]), {"never": {"from": SHOP, "to": metadata}})
    assert closed.verdict == "proved"


def test_networks_of_one_family_leave_the_other_open() -> None:
    """A cluster-wide Deny of 0.0.0.0/0 without ::/0, to addresses and to pods."""
    for to in (INTERNET, {"any": True}, SHOP):
        found = result_of(CLUSTER + admin("0.0.0.0/0"), {"never": {"from": SHOP, "to": to}})
        assert found.verdict == "refuted"
        assert said(found).endswith(f"on TCP/80 {ONLY_IPV6}")
        assert found.class_ is not None
        assert found.class_.endswith("over IPv6")
        assert result_of(CLUSTER + admin("0.0.0.0/0", "::/0"), {"never": {"from": SHOP, "to": to}}).verdict == "proved"


def test_only_and_isolate_say_so_too() -> None:
    manifests = CLUSTER + admin("0.0.0.0/0")
    entries = [{"who": {"cidr": "203.0.113.0/24"}}]
    assert said(result_of(manifests, {"only": {"from": SHOP, "to": entries}})).endswith(ONLY_IPV6)
    tenants = {"groups": [SHOP, {"namespace": "blog"}]}
    assert said(result_of(manifests, {"isolate": tenants})).endswith(ONLY_IPV6)


def test_what_is_blocked_over_one_family_is_said_in_the_same_way() -> None:
    found = result_of(CLUSTER + admin("::/0"), {"always": {"from": SHOP, "to": INTERNET, "ports": [443]}})
    assert said(found).endswith("on TCP/443 over IPv6 only: over IPv4 it is open")


def test_default_deny_names_the_family_that_holds() -> None:
    found = result_of(CLUSTER + admin("0.0.0.0/0"), {"defaultDeny": {"for": SHOP, "directions": ["egress"]}})
    assert said(found).endswith("over IPv6: its egress is not denied by default; over IPv4 the property holds")


def test_nothing_is_said_where_both_families_are_open_or_only_one_is_asked_about() -> None:
    manifests = CLUSTER + egress(*BOTH_BLOCKS)
    both = result_of(manifests, {"never": {"from": SHOP, "to": INTERNET}})
    assert "IPv" not in said(both)
    one = result_of(manifests, {"never": {"from": SHOP, "to": {"cidr": "2000::/3"}}})
    assert said(one).endswith("on TCP/80 over IPv6")


@pytest.mark.parametrize(
    ("families", "verdict"), [([V4], "proved"), ([V6], "refuted"), ([V4, V6], "refuted"), ([], "refuted")]
)
def test_families_are_those_of_pod_cidrs(families: list[str], verdict: str) -> None:
    """A hole over IPv6 is none in a cluster that has IPv4 alone; where IPv6 is all there is, nothing is to be added."""
    world = {"podCIDRs": families}
    found = result_of(CLUSTER + admin("0.0.0.0/0"), {"never": {"from": SHOP, "to": INTERNET}}, world=world)
    assert found.verdict == verdict
    if verdict == "refuted":
        assert said(found).endswith("on TCP/80 over IPv6" if families == [V6] else ONLY_IPV6)


def test_the_open_world_beside_a_closed_verdict_says_so_too() -> None:
    world = {"pods": "mixed"}
    found = result_of(
        CLUSTER + admin("0.0.0.0/0"), {"never": {"from": {"pods": "app=new"}, "to": INTERNET}}, world=world
    )
    assert found.open_world is not None
    assert found.open_world.counterexample is not None
    assert sentence(found.open_world.counterexample).endswith(ONLY_IPV6)


def test_a_comparison_that_gains_one_family_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(CLUSTER + admin("0.0.0.0/0", "::/0"), encoding="utf-8")
    Path("head.yaml").write_text(CLUSTER + admin("0.0.0.0/0"), encoding="utf-8")
    suite = {
        "apiVersion": "netpol-verify/v1",
        "kind": "PropertySuite",
        "manifests": ["head.yaml"],
        "properties": [{"id": "nothing-new", "noNewAccess": {"base": "base.yaml"}}],
    }
    Path("suite.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    done = CliRunner(env={"NO_COLOR": "1"}).invoke(commands.app, ["prove", "suite.yaml"])
    assert (done.exit_code, ONLY_IPV6 in done.stdout) == (1, True), done.output


SUITE = """
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [k8s.yaml]
properties:
- id: nobody-calls-out
  never: {from: {namespace: shop}, to: {builtin: internet}}
"""


def test_the_text_report_says_it_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("k8s.yaml").write_text(CLUSTER + admin("0.0.0.0/0"), encoding="utf-8")
    Path("suite.yaml").write_text(SUITE, encoding="utf-8")
    done = CliRunner(env={"NO_COLOR": "1"}).invoke(commands.app, ["prove", "suite.yaml"])
    assert done.exit_code == 1
    assert done.stdout.split("\n\n")[0] == (
        "✗ nobody-calls-out  refuted  high  suite.yaml:6\n"
        "    shop/Deployment/web reaches address 2000::1 (outside the cluster) on TCP/80 over IPv6 only: "
        "over IPv4 it is closed\n"
        "      egress: no policy isolates the source\n"
        "      stands for any pod in namespace shop → any outside address not in ::1 or fe80::/10 or ff00::/8 or "
        "fc00::/7, any port, over IPv6"
    )
