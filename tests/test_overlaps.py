"""Two policies of one priority that decide differently about some connection are named, with such a connection.

That the connection shown is one, the concrete evaluator confirms on every run. Here the oracle looks for pairs that
are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any, cast

import hypothesis.strategies as st
import pytest
from effort import COUNTED, scaled
from netpol_verify.properties.loading import LoadedSuite
from netpol_verify.verify.engine import Options, prove
from oracle.admin import AdminPolicy
from oracle.admin_clusters import admin_clusters
from oracle.admin_properties import admin_worlds
from oracle.bruteforce import Scope, question, world_of
from oracle.clusters import manifests
from oracle.draws import each_drawn
from oracle.policies import DIRECTIONS
from oracle.properties import loaded
from oracle.readings import goes_first, host_networks, readings_of
from oracle.tiers import Case
from oracle.walks import places_of, walks
from support import manifests_of, result_of, suite_of
from tiers_support import banp, cnp, ingress, read

CLUSTERS = 150
WALKS = 150
NAMED = re.compile(r"(\S+) and ([^\s,]+), .* decide differently")

POLICIES = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: one}}
spec:
  tier: {tier}
  priority: 7
  subject: {{namespaces: {{}}}}
  {way}:
  - {{action: Accept, {peers}, protocols: [{{tcp: {{destinationPort: {{range: {{start: 80, end: 90}}}}}}}}]}}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: other}}
spec:
  tier: {tier}
  priority: {priority}
  subject: {{{subject}}}
  {way}:
  - {{action: {action}, {peers}, protocols: [{{tcp: {{destinationPort: {{range: {{start: {start}, end: 99}}}}}}}}]}}
---
{more}
"""
ANYTHING: dict[str, Any] = {"never": {"from": {}, "to": {}}}
INGRESS = {"way": "ingress", "peers": "from: [{namespaces: {}}]"}
EGRESS = {"way": "egress", "peers": 'to: [{domainNames: ["api.example.com"]}]'}
GOVERNING = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: np, namespace: shop}
spec: {podSelector: {}, policyTypes: [%s]}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: prod}}}
"""
DECIDED_BEFORE = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: before}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress: [{action: %s, from: [{namespaces: {}}]}]
"""


def notices(**changes: Any) -> list[str]:
    """What is said of overlaps of the two policies, with these changes to them or to the suite."""
    parts = {"tier": "Admin", "priority": 7, "action": "Deny", "start": 90, "more": "", "rules": INGRESS}
    parts["subject"] = "namespaces: {matchLabels: {env: prod}}"
    parts.update({key: changes.pop(key) for key in parts.keys() & changes.keys()})
    rules, verb = cast(dict[str, str], parts.pop("rules")), changes.pop("verb", ANYTHING)
    manifests, options = manifests_of(POLICIES.format(**parts, **rules)), changes.pop("options", None)
    report = prove([suite_of([{"id": "it", **verb}], **changes)], manifests, options=options)
    return [notice.message for notice in report.notices if "decide differently" in notice.message]


@pytest.mark.parametrize("action", ["Deny", "Pass"])
@pytest.mark.parametrize("tier", ["Admin", "Baseline"])
def test_two_actions_for_one_connection_are_an_overlap_and_the_connection_is_shown(tier: str, action: str) -> None:
    (said,) = notices(tier=tier, action=action)
    assert said.startswith("ClusterNetworkPolicy/one and ClusterNetworkPolicy/other, both of priority 7, decide ")
    assert "about the ingress of TCP/90 from a pod without labels in an undeclared namespace" in said
    assert "to a pod without labels in an undeclared namespace with env=prod (also undeclared): " in said
    ways = {"Deny": "denied by", "Pass": "passed on by"}
    assert "allowed by ClusterNetworkPolicy/one, ingress[0] (" in said
    assert f" or {ways[action]} ClusterNetworkPolicy/other, ingress[0] (" in said


@pytest.mark.parametrize(
    "without",
    [
        pytest.param({"priority": 8}, id="priorities of their own"),
        pytest.param({"action": "Accept"}, id="one action"),
        pytest.param({"start": 91}, id="no port in common"),
        pytest.param({"more": DECIDED_BEFORE % "Accept"}, id="decided before"),
        pytest.param({"tier": "Baseline", "more": DECIDED_BEFORE % "Deny"}, id="decided in the tier before"),
        pytest.param(
            {"tier": "Baseline", "more": GOVERNING % "Ingress", "world": {"namespaces": "closed"}}, id="hidden"
        ),
        pytest.param(
            {
                "tier": "Baseline",
                "more": GOVERNING % "Egress",
                "world": {"namespaces": "closed"},
                "semantics": {"baselineHiddenBy": "pod"},
            },
            id="hidden by the other direction",
        ),
        pytest.param({"world": {"pods": "closed"}}, id="no pod there"),
    ],
)
def test_without_a_connection_to_disagree_about_there_is_no_overlap(without: dict[str, Any]) -> None:
    assert notices(**without) == []


@pytest.mark.parametrize(
    "also",
    [
        pytest.param({"tier": "Baseline", "more": DECIDED_BEFORE % "Pass"}, id="passed on"),
        pytest.param(
            {"tier": "Baseline", "more": GOVERNING % "Egress", "world": {"namespaces": "closed"}},
            id="governed in the other direction",
        ),
    ],
)
def test_what_does_not_decide_hides_no_overlap(also: dict[str, Any]) -> None:
    assert len(notices(**also)) == 1


def test_a_policy_that_another_always_goes_before_does_not_take_its_place() -> None:
    """A BaselineAdminNetworkPolicy is tied with both, but at TCP/80 the second never decides."""
    block: dict[str, Any] = {"action": "Deny", "from": [{"namespaces": {}}]}
    ports = {
        number: {"protocols": [{"tcp": {"destinationPort": span}}]}
        for number, span in ((80, {"number": 80}), (90, {"range": {"start": 80, "end": 90}}))
    }
    objects = [
        banp(ingress=[ingress("Allow")]),
        cnp("early", "Baseline", 1, ingress=[{**block, **ports[80]}]),
        cnp("late", "Baseline", 2, ingress=[{**block, **ports[90]}]),
    ]
    report = prove([suite_of([{"id": "it", **ANYTHING}])], read(objects))
    said = [each.message for each in report.notices if "decide differently" in each.message]
    pairs = [re.findall(r"Policy/(\w+)(?=,| and)", each)[:2] for each in said]
    assert pairs == [["default", "early"], ["default", "late"]]
    assert [re.findall(r"TCP/\d+", each) for each in said] == [["TCP/80"], ["TCP/81"]]


def test_an_overlap_that_turns_on_a_domain_name_is_said_to_be_possible() -> None:
    (said,) = notices(rules=EGRESS)
    assert said.endswith("may decide differently, depending on what domain names stand for")
    (said,) = notices(rules=EGRESS, world={"domains": {"api.example.com": ["203.0.113.7/32"]}})
    assert "about the egress of TCP/90 from a pod without labels" in said
    assert "to address 203.0.113.7 (outside the cluster): " in said


def test_the_namespace_of_a_dns_server_that_a_property_assumes_exists() -> None:
    labelled = "pods: {namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}"
    rules = {"way": "ingress", "peers": f"from: [{{{labelled}}}]"}
    (said,) = notices(verb={"dns": {"for": {}}}, world={"namespaces": "closed"}, rules=rules, subject=labelled)
    assert "from a pod with a=b in namespace kube-system (nobody declared it; it could exist) to a pod with a=b" in said


def test_a_pair_that_is_doubtful_in_one_world_is_shown_in_another() -> None:
    """And what is shown stays, whichever world comes first."""
    worlds: list[dict[str, Any]] = [{}, {"world": {"domains": {"api.example.com": ["203.0.113.7/32"]}}}]
    parts = {"tier": "Admin", "priority": 7, "action": "Deny", "start": 90, "more": "", "subject": "namespaces: {}"}
    manifests = manifests_of(POLICIES.format(**parts, **EGRESS))
    for order in (worlds, worlds[::-1]):
        suite = suite_of([{"id": f"p{number}", **ANYTHING, **each} for number, each in enumerate(order)])
        found = [each.message for each in prove([suite], manifests).notices if "decide differently" in each.message]
        assert len(found) == 1
        assert "to address 203.0.113.7 (outside the cluster): " in found[0]


def test_a_limit_leaves_open_whether_they_overlap() -> None:
    (said,) = notices(options=Options(timeout=0.0))
    doubt = "may decide differently about some connection: the solver's limit was reached before that was known"
    assert said.endswith(f"both of priority 7, {doubt}")


def test_a_run_that_explains_nothing_has_the_same_verdict_and_counterexample() -> None:
    assert notices(options=Options(explained=False)) == []
    text = POLICIES.format(
        tier="Admin", priority=7, action="Deny", start=90, more="", subject="namespaces: {}", **INGRESS
    )
    shown, bare = (result_of(text, ANYTHING, options=Options(explained=each)) for each in (True, False))
    assert (bare.verdict, bare.counterexample) == (shown.verdict, shown.counterexample)
    assert (shown.class_ is None, bare.class_) == (False, None)
    never: dict[str, Any] = {"never": {"from": {}, "to": {}, "ports": ["TCP/99"]}}
    closed = text.replace("action: Accept", "action: Deny").replace("start: 80, end: 90", "start: 80, end: 99")
    shown, bare = (result_of(closed, never, options=Options(explained=each)) for each in (True, False))
    assert (shown.verdict, bare.verdict) == ("proved", "proved")
    assert (bool(shown.because), bare.because) == (True, ())


def test_no_pair_is_missing() -> None:
    """On random clusters: where a walk meets a connection about which two tied policies decide differently, the pair is
    named."""
    met: list[frozenset[str]] = []

    def check(data: st.DataObject) -> None:
        drawn = data.draw(admin_clusters())
        cluster = manifests(drawn.modelled, (), drawn.named_namespaces)
        raw, chance = data.draw(admin_worlds(cluster)), Random(data.draw(st.integers(0, 2**32)))
        prop = loaded("never", {"from": {"any": True}, "to": [{"any": True}, {"node": True}]}, raw, {})
        report = prove([LoadedSuite("drawn.yaml", (prop,), (), prop.semantics)], cluster)
        named = {frozenset(found.groups()) for each in report.notices if (found := NAMED.match(each.message))}
        for host in host_networks(prop.semantics):
            setting, verbs = question(cluster, prop, host)
            scope = Scope(prop.world.pods == "open", prop.world.namespaces == "open")
            world = world_of(setting, verbs, scope)
            readings = [each for each in readings_of(prop.semantics, setting.admin, True) if each.host_network == host]
            places = places_of(world)
            for case, _, _ in walks(setting, places, world.connections, readings, chance=chance, count=WALKS):
                for pair in overlaps(case):
                    assert pair in named, f"{sorted(pair)} {case}"
                    met.append(pair)

    each_drawn(check, scaled(CLUSTERS), 3)
    assert len(met) >= 100 or not COUNTED


def overlaps(case: Case) -> Iterator[frozenset[str]]:
    """The pairs that decide differently at one end of a connection, whichever of them goes first."""
    policies = {policy.reference: policy for policy in case.setting.admin}
    for direction in DIRECTIONS:
        answer = case.side(direction)
        for tier in ("Admin", "Baseline"):
            matching = case.matching(tier, direction)
            reached = tier == "Admin" or answer.stage == "Baseline" or "Baseline" in answer.passed
            if reached and matching:
                first, _, action = matching[0]
                decides = {name: of for name, _, of in reversed(matching)}  # of each policy the first rule that matches
                for other, of in decides.items():
                    if of != action and tied(policies[first], policies[other]):
                        yield frozenset((first, other))


def tied(one: AdminPolicy, other: AdminPolicy) -> bool:
    return one.reference != other.reference and not goes_first(one, other) and not goes_first(other, one)
