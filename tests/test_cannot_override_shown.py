"""What a refuted or proved `cannotOverride` shows: NetworkPolicies, Admin rules, and all of it in every format."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.validation import validate
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.flow_replays import replay_counterexample
from netpol_verify.verify.owner_policies import yaml_lines
from netpol_verify.verify.reports import FORMATS
from netpol_verify.verify.reports.json_report import render_json
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.reports.report_schema import report_schema
from netpol_verify.verify.reports.text import render_text
from override_support import OUTCOMES, as_written, asked, one, opens_of, override_of, policy, rule_of
from support import suite_of
from tiers_support import ALL, DB, DESTINATION, SOURCE, WEB, Spec, app, cnp, ingress, np, read

# What is shown


def test_no_network_policy_at_all_is_the_first_thing_tried() -> None:
    result = one(outcome="any")
    assert override_of(result).undecided == ("egress", "ingress")
    assert override_of(result).opens == ()
    assert len(override_of(result).closes) == 1
    denied = one(policy(at="Deny", tier="Baseline"), outcome="any")
    assert len(override_of(denied).opens) == 1
    assert override_of(denied).closes == ()


def test_a_policy_that_opens_selects_the_pod_and_allows_the_very_connection() -> None:
    result = one(policy(at="Deny", tier="Baseline"), outcome="closed")
    assert opens_of(result) == [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "opens-ingress", "namespace": "shop"},
            "spec": {
                "podSelector": {"matchLabels": {"app": "db"}},
                "policyTypes": ["Ingress"],
                "ingress": [
                    {
                        "from": [{"podSelector": {"matchLabels": {"app": "web"}}}],
                        "ports": [{"protocol": "TCP", "port": 80}],
                    }
                ],
            },
        }
    ]


def test_a_pod_of_another_namespace_is_named_by_that_namespace() -> None:
    site: Spec = {"pods": "app=site", "namespace": "blog"}
    result = one(policy(at="Deny", tier="Baseline"), outcome="closed", source=site)
    (shown,) = opens_of(result)
    assert rule_of(shown, "ingress")["from"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "blog"}},
            "podSelector": {"matchLabels": {"app": "site"}},
        }
    ]


def test_labels_that_a_controller_makes_up_are_in_no_policy() -> None:
    deployed: Spec = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "shop", "name": "api"},
                      "spec": {"template": {"metadata": {"labels": {"app": "api"}},
                                            "spec": {"containers": [{"name": "c", "image": "i"}]}}}}  # fmt: skip
    result = one(deployed, policy(at="Deny", tier="Baseline"), outcome="closed", destination={"workload": "shop/api"})
    (shown,) = opens_of(result)
    assert shown["spec"]["podSelector"] == {"matchLabels": {"app": "api"}}


def test_a_policy_is_written_in_block_style() -> None:
    spec: Spec = {
        "podSelector": {},
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "8"}}}], "ports": []}],
    }
    lines = [*yaml_lines({"kind": "NetworkPolicy", "spec": spec})]
    assert lines == [
        "kind: NetworkPolicy",
        "spec:",
        "  podSelector: {}",
        "  ingress:",
        "  - from:",
        "    - podSelector:",
        "        matchLabels:",
        "          app: '8'",
        "    ports: []",
    ]


@pytest.mark.parametrize(("first", "shown"), [(1, 80), (8000, 8000)])
def test_a_rule_about_a_range_is_shown_at_its_first_port_unless_that_is_any_port(first: int, shown: int) -> None:
    ports = [{"tcp": {"destinationPort": {"range": {"start": first, "end": 65535}}}}]
    result = one(cnp("x", "Admin", 5, ALL, ingress=[ingress("Pass", protocols=ports)]), outcome="closed")
    assert result.counterexample is not None
    assert result.counterexample.port == shown


def test_an_undecided_end_beside_a_deny_decides_nothing() -> None:
    result = one(policy(at="Deny"), outcome="open")
    assert override_of(result).undecided == ()
    assert override_of(result).closes == ()
    text = render_text(asked([policy(at="Deny")], "open"), Look())
    assert "shop/Pod/web cannot reach shop/Pod/db on TCP/80 whatever NetworkPolicies there are" in text


def test_a_proof_names_the_admin_rules_that_settle_it() -> None:
    """And no more of them than it takes."""
    rules = [
        policy("first", 1, at="Deny"),
        policy("second", 2, at="Deny", out="Accept"),
        policy("third", 3, at="Accept"),
    ]
    result = one(*rules, outcome="closed")
    assert [(line.policy, line.direction, line.rule, line.effect) for line in result.because] == [
        ("ClusterNetworkPolicy/first", "ingress", 0, "denies")
    ]
    assert [line.detail for line in result.because] == ["denies every pod in any namespace"]
    result = one(policy("in", at="Accept"), policy("out", 6, out="Accept"), outcome="open")
    assert [(line.policy, line.direction, line.effect) for line in result.because] == [
        ("ClusterNetworkPolicy/out", "egress", "allows"),
        ("ClusterNetworkPolicy/in", "ingress", "allows"),
    ]


def test_a_proof_in_parts_names_a_rule_for_each_part() -> None:
    on_80: Spec = {"protocols": [{"tcp": {"destinationPort": {"number": 80}}}]}
    parts = cnp("x", "Admin", 5, ALL, ingress=[ingress("Deny", **on_80), ingress("Deny", app("web")), ingress("Pass")])
    result = one(parts, outcome="closed", ports=["TCP/80"])
    assert [line.rule for line in result.because] == [0]
    result = one(parts, outcome="closed")
    assert [line.rule for line in result.because] == [1]


# Reports


def test_the_json_report_holds_the_policies_as_objects_that_can_be_applied() -> None:
    report = asked([policy(at="Accept"), policy("b", out="Deny", tier="Baseline")], *OUTCOMES)
    printed = json.loads(render_json(report))
    keys = [result["counterexample"]["override"].keys() for result in printed["results"]]
    assert [list(each) for each in keys] == [["undecided", "opens", "closes"]] * 3
    closed, opened, either = (result["counterexample"]["override"] for result in printed["results"])
    assert closed["undecided"] == [{"end": "source", "direction": "egress"}]
    assert (closed["closes"], opened["opens"], opened["closes"]) == (None, None, [])
    assert either["opens"] == closed["opens"]
    assert validate([as_written(each) for each in closed["opens"]])[0] == ()


GUARDED = [
    policy("accepts", at="Accept"),
    cnp("settled", "Admin", 1, app("web"), ingress=[ingress("Deny")]),
    policy("base", out="Deny", tier="Baseline"),
]
"""Egress is left to NetworkPolicies, and the Baseline tier denies it; nothing gets into `web`."""


@pytest.mark.parametrize("name", ["override.txt", "override_verbose.txt", "override.json"])
def test_reports_are_as_kept(name: str) -> None:
    """``NETPOL_VERIFY_UPDATE_GOLDEN=1`` writes the files anew; read the difference."""
    found = asked(GUARDED, *OUTCOMES, destination={"namespace": "shop"})
    results = tuple(replace(each, suite="properties.yaml") for each in found.results)
    found = replace(found, version="0.1.0", z3="4.13.0", results=results)
    look = Look(verbose="verbose" in name)
    text = render_json(found) if name.endswith(".json") else render_text(found, look)
    path = Path(__file__).parent / "golden" / name
    if os.environ.get("NETPOL_VERIFY_UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def test_the_json_report_fits_its_schema() -> None:
    printed = json.loads(render_json(asked(GUARDED, *OUTCOMES)))
    schema: Any = report_schema()
    validator: Any = Draft202012Validator(schema)
    validator.validate(printed)
    assert "override" in schema["$defs"]["Counterexample"]["required"]


def test_evaluate_asks_about_the_connection_as_policies_stand() -> None:
    """What a report holds of NetworkPolicies to come does not get in its way."""
    printed = json.loads(render_json(asked(GUARDED, "closed")))
    replay = replay_counterexample(printed, "closed")
    decision = replay.ask(Cluster.of(read([WEB, DB, *GUARDED])))
    assert decision.allowed is replay.allowed is False


def test_other_verbs_have_the_key_without_a_value() -> None:
    never = {"id": "it", "never": {"from": SOURCE, "to": DESTINATION}}
    printed = json.loads(render_json(prove([suite_of([never])], read([WEB, DB]))))
    assert printed["results"][0]["counterexample"]["override"] is None


def test_the_text_report_holds_yaml_that_says_the_same() -> None:
    denied = policy("b", at="Deny", out="Deny", tier="Baseline")
    report = asked([denied], "closed")
    lines = render_text(report, Look()).splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("allowed with these NetworkPolicies"))
    block = lines[first + 1 :]
    block = block[: next(n for n, line in enumerate(block) if line.strip().startswith("stands for"))]
    read_back = list(yaml.safe_load_all("\n".join(line[8:] for line in block)))
    assert read_back == opens_of(report.results[0])


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_shows_what_is_left_to_network_policies(name: str) -> None:
    report = asked([policy("b", at="Deny", tier="Baseline")], "closed", "any")
    text = FORMATS[name](report, Look(), "low")
    assert "opens-ingress" in text
    assert "no Admin rule decides about the source" in text or name == "json"


@pytest.mark.parametrize("options", [Options(sliced=False), Options(shared=False)])
def test_slicing_and_sharing_change_nothing(options: Options) -> None:
    standing = np("now", "shop", ingress=[{"from": [{"podSelector": {}}], "ports": [{"port": 81}]}])
    objects = [WEB, DB, standing, *GUARDED]
    flow = {"from": {"namespace": "shop"}, "to": {"namespace": "shop"}}
    suite = suite_of([{"id": each, "cannotOverride": {**flow, "outcome": each}} for each in OUTCOMES])
    assert prove([suite], read(objects), options=options).results == prove([suite], read(objects)).results


def test_the_class_of_a_counterexample_and_all_classes() -> None:
    deny = cnp("x", "Admin", 5, ALL, ingress=[ingress("Deny", app("web"))])
    report = asked([deny], "closed", source={"namespace": "shop"}, all_classes=True)
    (result,) = report.results
    assert result.class_ is not None
    assert "app!=web" in result.class_
    assert result.classes_complete is True
    assert result.classes is not None
    assert len(result.classes) == 1


def test_a_waiver_leaves_traffic_out() -> None:
    deny = cnp("x", "Admin", 5, ALL, ingress=[ingress("Deny", app("web"))])
    waiver = {"property": "closed", "allow": {"from": {"namespace": "shop", "pods": "app!=web"}},
              "reason": "for now", "owner": "platform", "expires": "2099-12-31"}  # fmt: skip
    report = asked([deny], "closed", source={"namespace": "shop"}, waivers=[waiver])
    (result,) = report.results
    assert (result.verdict, result.status) == ("refuted", "waived")


def test_the_reproduction_has_the_policies_judged_and_changes_nothing() -> None:
    result = one(policy("b", at="Deny", tier="Baseline"), outcome="closed")
    commands = [line for line in result.reproduce if not line.startswith("#")]
    assert len(commands) == 1
    assert commands[0].endswith(" | kubectl apply --dry-run=server -f -")
    assert any("no connection" in line for line in result.reproduce)


def test_a_mixed_world_says_what_the_open_one_would() -> None:
    deny = cnp("x", "Admin", 5, app("db"), ingress=[ingress("Deny", app("web"))])
    report = asked([deny], "closed", source={"namespace": "shop", "pods": "app!=db"},
                   destination={"namespace": "shop", "pods": "app=db"}, world={"pods": "mixed"})  # fmt: skip
    (result,) = report.results
    assert result.verdict == "proved"
    assert result.open_world is not None
    assert result.open_world.counterexample is not None
    assert result.open_world.counterexample.override is not None
    assert "reaches" in render_text(report, Look())
