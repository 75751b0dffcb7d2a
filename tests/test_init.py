"""A first suite: it passes at once, rests on policies and misses one that goes, says what is wanting, and is stable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from init_support import SUITE, exit_of, init, manifests_in, needed_policies, proposed, without_policy
from jsonschema import Draft202012Validator
from netpol_verify.properties.files import read_mapping
from netpol_verify.properties.json_schema import suite_schema
from netpol_verify.verify.exit_codes import exit_code
from netpol_verify.verify.proposals.flow import flow
from netpol_verify.verify.proposals.flow import text as line_of
from pages.blocks import ROOT

EXAMPLES = ROOT / "examples"
PITFALLS = "3-pitfalls"
CASES: dict[str, list[str]] = {
    "a-rogue-pod": ["1-three-tiers/tiers", "1-three-tiers/article"],
    "three-tiers": ["1-three-tiers/tiers", "1-three-tiers/policies"],
    "no-policy": ["2-frontend-backend/stage-1-no-policy/manifests"],
    "deny-all": ["2-frontend-backend/stage-2-deny-all/manifests"],
    "admit-frontend": ["2-frontend-backend/stage-3-admit-frontend/manifests"],
    "without-labels": [f"{PITFALLS}/1-namespace-without-labels/{each}.yaml" for each in ("app", "before")],
    "callers": [f"{PITFALLS}/2-forgotten-callers/{each}.yaml" for each in ("app", "after")],
    "dns": [f"{PITFALLS}/3-forgotten-dns/{each}.yaml" for each in ("app", "after")],
    "no-dns": [f"{PITFALLS}/3-forgotten-dns/{each}.yaml" for each in ("app", "before")],
    "api-server": [f"{PITFALLS}/4-forgotten-api-server/{each}.yaml" for each in ("app", "before")],
    "or": [f"{PITFALLS}/5-and-or/{each}.yaml" for each in ("app", "before")],
    "host-network": [f"{PITFALLS}/6-host-network/{each}.yaml" for each in ("app", "before")],
    "production": ["4-production-namespace/namespaces", "4-production-namespace/policies"],
    "production-copied": [f"4-production-namespace/{each}" for each in ("namespaces", "policies", "copied")],
    "fleet": ["5-fleet/clusters/ap-south"],
    "fleet-of-tenants": ["5-fleet/clusters/eu-west"],
}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


def given(folder: Path, case: str) -> Path:
    return manifests_in(folder, [EXAMPLES / source for source in CASES[case]])


@pytest.mark.parametrize("case", CASES)
def test_a_first_suite_passes_at_once_and_notices_when_a_policy_it_needs_goes(case: str, tmp_path: Path) -> None:
    """Everything written holds by the help of a policy, in a file that its own schema accepts."""
    manifests = given(tmp_path, case)
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    checked: Any = Draft202012Validator(suite_schema())
    assert checked.is_valid(suite.written)
    assert all(each.verdict == "proved" for each in suite.report.results) or case == "no-policy"
    for result in suite.report.results:
        assert result.verdict != "proved" or any(line.policy for line in result.because), result.id
    for policy in needed_policies(suite.report.results):
        assert exit_of(without_policy(manifests, policy)) == 1, policy


def test_who_reaches_a_workload_is_read_off_its_policies(tmp_path: Path) -> None:
    given(tmp_path, "three-tiers")
    suite = proposed(tmp_path)
    assert suite.verb("only-known-peers-reach-hollowdb") == {
        "only": {"to": "hollowdb", "from": [{"who": {"pods": "app=hollowapp"}, "ports": ["TCP/3306"]}]}
    }
    assert suite.verb("hollowapp-can-reach-hollowdb")["can"] == {"from": "hollowapp", "to": "hollowdb"}
    assert suite.verb("hollowweb-never-reaches-hollowdb") == {"never": {"from": "hollowweb", "to": "hollowdb"}}
    assert suite.written["groups"]["hollowdb"] == {"namespace": "hollow", "pods": "app=hollowdb"}


def test_every_policy_of_three_tiers_is_missed_when_it_goes(tmp_path: Path) -> None:
    """Also one that lets traffic through: somebody can reach what it opens."""
    manifests = given(tmp_path, "three-tiers")
    proposed(tmp_path)
    for name in ("default-deny", "hollowweb", "hollowapp", "hollowdb", "allow-dns"):
        assert exit_of(without_policy(manifests, f"hollow/{name}")) == 1, name


def test_what_is_expected_and_does_not_hold_is_a_comment_that_can_be_uncommented(tmp_path: Path) -> None:
    given(tmp_path, "three-tiers")
    text = proposed(tmp_path).text
    block = text[text.index("# Not so today:") :].split("\n\n")[0]
    assert "nobody declared it; it could exist" in block
    assert "# This stands for any pod in namespace dev (ingress), any port." in block
    assert "# - id: default-deny-ingress\n" in block
    uncommented = "\n".join(line.removeprefix("# ") for line in block[block.index("# - id:") :].splitlines())
    Path(SUITE).write_text(f"{text}{uncommented}\n", encoding="utf-8")
    assert exit_of(tmp_path / "k8s") == 1


def test_each_property_has_the_widest_world_in_which_it_holds(tmp_path: Path) -> None:
    """Among pods that could exist one may carry the label that opens the way out."""
    given(tmp_path, "fleet-of-tenants")
    suite = proposed(tmp_path)
    assert suite.written["world"] == {"pods": "open", "namespaces": "open"}
    assert "world" not in suite.verb("default-deny")
    assert suite.verb("no-way-out-to-the-internet")["world"] == {"pods": "closed", "namespaces": "closed"}
    assert "# In a wider world not so: a pod with egress=internet" in suite.text


def test_tenants_by_a_label_are_apart_but_for_the_doors_that_policies_name(tmp_path: Path) -> None:
    given(tmp_path, "fleet-of-tenants")
    isolate = proposed(tmp_path).verb("apart-by-tenant")["isolate"]
    assert isolate["by"] == {"namespaceLabel": "tenant"}
    assert {"to": "dns", "ports": ["UDP/53", "TCP/53"]} in isolate["except"]


def test_where_no_policy_does_anything_one_expectation_stands_as_refuted(tmp_path: Path) -> None:
    given(tmp_path, "no-policy")
    suite = proposed(tmp_path)
    (only,) = suite.written["properties"]
    assert (only["id"], only["expect"]) == ("default-deny-ingress", "refuted")
    assert "once it is mended, remove `expect`" in suite.text.replace("\n# ", " ")


def test_manifests_without_a_namespace_leave_nothing_to_say() -> None:
    Path("role.yaml").write_text(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n", encoding="utf-8"
    )
    result = init("-f", "role.yaml")
    assert result.exit_code == 2
    assert "there is no namespace to say anything about" in result.stderr
    assert not Path(SUITE).exists()


def test_no_manifests_are_bad_usage(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert init().exit_code == 2
    assert init("-f", "empty").exit_code == 2


# Files


def test_two_runs_write_the_same(tmp_path: Path) -> None:
    given(tmp_path, "production")
    texts = {init("-f", "k8s", "-o", "-").stdout for _ in range(2)}
    assert len(texts) == 1
    assert texts.pop().startswith("# yaml-language-server: $schema=netpol-verify.schema.json\n")


def test_a_file_is_never_overwritten_without_force(tmp_path: Path) -> None:
    given(tmp_path, "deny-all")
    Path(SUITE).write_text("mine\n", encoding="utf-8")
    refused = init("-f", "k8s")
    assert refused.exit_code == 2
    assert "exists already" in refused.stderr
    assert "--force" in refused.stderr
    assert Path(SUITE).read_text(encoding="utf-8") == "mine\n"
    assert init("-f", "k8s", "--force").exit_code == 0
    assert "kind: PropertySuite" in Path(SUITE).read_text(encoding="utf-8")


@pytest.mark.parametrize("target", [".", "no/such/folder.yaml"])
def test_a_target_that_cannot_be_written_is_refused_before_the_work(target: str) -> None:
    assert init("-f", "k8s-that-is-not-there", "-o", target).exit_code == 2


def test_manifests_are_named_relative_to_the_suite(tmp_path: Path) -> None:
    given(tmp_path, "deny-all")
    (tmp_path / "checks").mkdir()
    assert init("-f", "k8s", "--exclude", "*.tpl.yaml", "-o", "checks/suite.yaml").exit_code == 0
    written = yaml.safe_load(Path("checks/suite.yaml").read_text(encoding="utf-8"))
    assert written["manifests"] == [{"path": "../k8s", "exclude": ["*.tpl.yaml"]}]


def test_what_a_suite_cannot_name_is_said_in_it(tmp_path: Path) -> None:
    manifests = given(tmp_path, "deny-all")
    text = "---\n".join(path.read_text(encoding="utf-8") for path in sorted(manifests.rglob("*.yaml")))
    from netpol_verify.verify import commands
    from typer.testing import CliRunner

    result = CliRunner().invoke(commands.app, ["init", "-f", "-", "-n", "shop", "-o", "-"], input=text)
    assert result.exit_code == 0, result.output
    assert "manifests" not in yaml.safe_load(result.stdout)
    said = result.stdout.replace("\n# ", " ")
    assert "Manifests came from standard input, which a suite cannot name: prove it with -f." in said
    assert "Prove it with -n shop" in said


def test_the_world_and_the_semantics_of_the_command_line_are_written_down(tmp_path: Path) -> None:
    """And nothing is claimed of a wider world than they say."""
    given(tmp_path, "production")
    suite = proposed(
        tmp_path,
        "--world",
        "pods=closed",
        "--world",
        "podCIDRs=10.244.0.0/16",
        "--semantics",
        "ipBlockMatchesPods=false",
    )
    assert suite.written["world"] == {"pods": "closed", "namespaces": "open", "podCIDRs": ["10.244.0.0/16"]}
    assert suite.written["semantics"] == {"ipBlockMatchesPods": False}
    assert exit_code(suite.report) == 0
    assert all(result.world["pods"] == "closed" for result in suite.report.results)


def test_a_run_that_is_cut_short_still_writes_what_it_knows(tmp_path: Path) -> None:
    """Nothing that was not proved is written as a property that holds."""
    given(tmp_path, "production")
    result = init("-f", "k8s", "--effort", "1", "-o", "-")
    assert result.exit_code == 0, result.output
    properties = yaml.safe_load(result.stdout)["properties"]
    assert all(each.get("expect") in (None, "unknown") for each in properties)


def test_the_summary_goes_to_standard_error_and_names_the_schema(tmp_path: Path) -> None:
    given(tmp_path, "deny-all")
    result = init("-f", "k8s")
    assert result.stdout == ""
    assert f"{SUITE}: 2 properties; 5 more, which do not hold, as comments" in result.stderr
    assert "netpol-verify schema -o netpol-verify.schema.json" in result.stderr
    assert init("-f", "k8s", "--force", "-q").stderr == ""


# Particular manifests

ALL: dict[str, object] = {}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}


def policy(name: str, **spec: object) -> dict[str, object]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    }


def given_policies(*policies: Mapping[str, object]) -> None:
    Path("k8s").mkdir()
    Path("k8s/all.json").write_text(
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [NAMESPACE, *policies]}), encoding="utf-8"
    )


def test_selectors_that_have_no_text_are_written_as_mappings(tmp_path: Path) -> None:
    """An empty value cannot stand in a list of values of a text."""
    selector = {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["", "db"]}]}
    given_policies(policy("db", podSelector=selector, ingress=[{"from": [{"podSelector": ALL}]}]))
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    assert {"namespace": "shop", "pods": selector} in suite.written["groups"].values()


def test_a_pod_under_two_policies_has_the_peers_of_both(tmp_path: Path) -> None:
    """A pod nobody declared may carry the labels of both, so the list of one alone holds for no open world."""
    given_policies(
        policy(
            "web",
            podSelector={"matchLabels": {"app": "web"}},
            ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "proxy"}}}], "ports": [{"port": 80}]}],
        ),
        policy(
            "metered",
            podSelector={"matchLabels": {"metered": "yes"}},
            ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"team": "metrics"}}}], "ports": [{"port": "m"}]}],
        ),
    )
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    only = suite.verb("only-known-peers-reach-web")
    assert only == {
        "only": {
            "to": "web",
            "from": [{"who": "proxy", "ports": ["TCP/80"]}, {"who": "team-metrics", "ports": ["TCP/m"]}],
        }
    }


def test_blocks_that_may_hold_pods_fix_the_reading(tmp_path: Path) -> None:
    given_policies(
        policy(
            "db",
            podSelector={"matchLabels": {"app": "db"}},
            ingress=[
                {"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}], "ports": [{"port": 5432}]}
            ],
        )
    )
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    assert suite.verb("only-known-peers-reach-db") == {
        "semantics": {"ipBlockMatchesPods": False},
        "only": {
            "to": "db",
            "from": [{"who": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}, "ports": ["TCP/5432"]}],
        },
    }


def test_names_that_yaml_would_take_for_something_else_are_quoted(tmp_path: Path) -> None:
    given_policies(policy("no", podSelector={"matchLabels": {"app": "no"}}, ingress=[], policyTypes=["Ingress"]))
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    assert suite.verb("nobody-reaches-no") == {"never": {"from": {"any": True}, "to": "no"}}


@pytest.mark.parametrize(
    "text",
    [
        *("y", "No", "on", "null", "~", "", "1", "1e3", "0o7", "1_0", "12:30", "2024-01-01", ".5", "0x1f", "+1", "- a"),
        *("a: b", "a #b", "'", '"', "a,b", "[a]", "{a}", "&a", "*a", "!a", "%a", "@a", "`a", "app=web", "app in (a,b)"),
        *("4-namespaces", "10.0.0.0/8", "TCP/80", "kubernetes.io/metadata.name!=a", "fd00::/8", "\u0085", "é"),
    ],
)
def test_a_text_is_read_back_as_it_was(text: str, tmp_path: Path) -> None:
    """Also one that some reader of YAML takes for a number, a switch or a day."""
    file = tmp_path / "text.yaml"
    file.write_text(f"a: {flow({'b': [text, {'c': text}]}, 2, 3)}\nd: {line_of(text)}\n", encoding="utf-8")
    assert read_mapping(str(file)).document == {"a": {"b": [text, {"c": text}]}, "d": text}


def test_policies_that_are_not_understood_make_no_property_and_are_named(tmp_path: Path) -> None:
    calico = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "deny", "namespace": "shop"},
        "spec": {"types": ["Egress"]},
    }
    given_policies(calico, policy("deny", podSelector=ALL, policyTypes=["Ingress"]))
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    assert "# Unknown today: it depends on policies that are not modelled: shop/NetworkPolicy/deny" in suite.text
    assert [each["id"] for each in suite.written["properties"]] == [
        "default-deny-ingress-strict",
        "no-way-in-from-the-internet",
    ]


def many_namespaces(count: int, **labels: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number in range(count):
        name = f"team-{number:02}"
        found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        same = policy("own", podSelector=ALL, ingress=[{"from": [{"podSelector": ALL}]}])
        found.append({**same, "metadata": {"name": "own", "namespace": name}})
    return found


def test_namespaces_with_one_outcome_share_one_property(tmp_path: Path) -> None:
    """Many by what tells them from the few others, in a world whose namespaces are all declared."""
    given_policies(*many_namespaces(30))
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    deny = suite.verb("default-deny-ingress")
    assert deny["world"] == {"namespaces": "closed"}
    assert suite.written["groups"][deny["defaultDeny"]["for"]] == {
        "namespaces": {
            "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["shop"]}]
        }
    }
    assert suite.verb("namespaces-keep-to-themselves")["isolate"]["by"] == {
        "namespaceLabel": "kubernetes.io/metadata.name"
    }
    assert len(suite.written["properties"]) < 40


def test_a_label_that_says_the_same_names_the_namespaces(tmp_path: Path) -> None:
    others = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"system-{number}"}} for number in range(25)
    ]
    given_policies(*many_namespaces(25, tenant="yes"), *others)
    suite = proposed(tmp_path)
    assert exit_code(suite.report) == 0
    assert suite.written["groups"][suite.verb("default-deny-ingress")["defaultDeny"]["for"]] == {
        "namespaces": "tenant=yes"
    }
