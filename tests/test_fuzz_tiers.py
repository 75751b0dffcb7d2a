"""Fuzzing with cluster-wide policies: what is drawn, judged, specified and found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from netpol_verify import strategies
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.strategies import Cluster, Flow, admin_policies, clusters, features_of, flows
from netpol_verify.verify.fuzz.adapters.cyclonus import Cyclonus
from netpol_verify.verify.fuzz.adapters.lacking import lacking
from netpol_verify.verify.fuzz.adapters.netpol_analyzer import NetpolAnalyzer
from netpol_verify.verify.fuzz.adapters.network_config_analyzer import NetworkConfigAnalyzer
from netpol_verify.verify.fuzz.adapters.policy_assistant import PolicyAssistant
from netpol_verify.verify.fuzz.adapters.traffic import policies_of
from netpol_verify.verify.fuzz.compare import Case
from netpol_verify.verify.fuzz.drawing import draw_one
from netpol_verify.verify.fuzz.features import FEATURES, TIER_FEATURES, TIER_KINDS
from netpol_verify.verify.fuzz.hunt import Hunt, Options
from netpol_verify.verify.fuzz.illustrations import EXAMPLES
from netpol_verify.verify.fuzz.judge import BOTH, Judge
from netpol_verify.verify.fuzz.known import Known
from netpol_verify.verify.fuzz.model import Answer, Raw
from netpol_verify.verify.fuzz.readings import OPEN
from netpol_verify.verify.fuzz.rules import TIER_RULES
from netpol_verify.verify.fuzz.spec import Manifest, Spec
from netpol_verify.verify.fuzz.walk import mapping, objects_of, sequence, tier_rules_of

DRAWN = 240


@pytest.fixture(scope="module")
def drawn() -> list[Cluster]:
    return [draw_one(clusters(profile="admin"), f"tiers/{number}") for number in range(DRAWN)]


def some_flows(cluster: Cluster, seed: str, number: int, without: Sequence[str] = ()) -> list[Flow]:
    strategy = flows(cluster, without=without)
    return [draw_one(strategy, f"{seed}/{each}") for each in range(number)]


def test_every_feature_of_the_tiers_is_drawn_and_the_kinds_mix(drawn: list[Cluster]) -> None:
    seen: Counter[str] = Counter()
    for cluster in drawn:
        seen.update(features_of(cluster))
    assert [feature for feature in TIER_FEATURES if not DRAWN // 40 <= seen[feature] <= DRAWN * 19 // 20] == []
    assert sum(1 for cluster in drawn if [*objects_of(cluster, "NetworkPolicy")]) > DRAWN // 2


def corners(policy: Raw) -> set[str]:
    spec = policy["spec"]
    rules = [*tier_rules_of([policy])]
    found = {f"{policy['kind']} of tier {spec.get('tier')}", *(f"subject {key}" for key in spec["subject"])}
    found |= {f"{rule.action} in {spec.get('tier')}" for rule in rules}
    found |= {f"{rule.direction} peer {key}" for rule in rules for peer in rule.peers for key in peer}
    if len({rule.direction for rule in rules}) == 1:
        found.add("rules in one direction")
    for pods in (mapping(peer.get("pods")) for rule in rules for peer in rule.peers):
        if pods and "namespaceSelector" not in pods:
            found.add("pods without namespaceSelector")
    for port in (port for rule in rules for port in rule.ports):
        found.add("name" if port.name else "range" if port.is_range else "number")
        if port.is_range:
            found.add("range of one" if port.first == port.last else "range of none" * (port.first > port.last))
    return found


def test_the_corners_that_bite_are_drawn(drawn: list[Cluster]) -> None:
    seen = {corner for cluster in drawn for policy in objects_of(cluster, *TIER_KINDS) for corner in corners(policy)}
    assert seen >= {
        *("AdminNetworkPolicy of tier None", "BaselineAdminNetworkPolicy of tier None"),
        *("ClusterNetworkPolicy of tier Admin", "ClusterNetworkPolicy of tier Baseline"),
        *("Pass in Baseline", "Pass in Admin", "subject namespaces", "subject pods", "pods without namespaceSelector"),
        *("ingress peer pods", "ingress peer namespaces", "egress peer networks", "rules in one direction"),
        *("number", "range", "name", "range of one", "range of none"),
    }


def test_every_cluster_and_policy_is_valid(drawn: list[Cluster]) -> None:
    for cluster in drawn[:120]:
        Judge(cluster)
    for number in range(100):
        Judge(Cluster.of([draw_one(admin_policies(), f"{number}")]))


@settings(max_examples=20, deadline=None)
@given(strategies.admin_policies(without=("admin-network-policy", "baseline-admin-network-policy", "pass")))
def test_single_policies_keep_to_what_is_left(policy: Raw) -> None:
    assert policy["kind"] == "ClusterNetworkPolicy"
    assert all(rule.action != "Pass" for rule in tier_rules_of([policy]))


@pytest.mark.parametrize("feature", FEATURES)
def test_what_is_left_out_is_never_drawn(feature: str) -> None:
    for number in range(12):
        cluster = draw_one(clusters(profile="admin", without=(feature,)), f"{feature}/{number}")
        used = [features_of(cluster, flow) for flow in some_flows(cluster, f"{number}", 2, (feature,))]
        assert all(feature not in each for each in used), cluster


def test_a_profile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of cluster-wide policy is left"):
        draw_one(clusters(profile="admin", without=[*TIER_KINDS.values()]), "")
    with pytest.raises(ValueError, match="is not a profile"):
        clusters(profile="both")  # pyright: ignore[reportArgumentType]


def test_the_concrete_evaluator_and_the_specification_agree(drawn: list[Cluster]) -> None:
    """Where the judge is certain, every reading of the specification says so; and no reading says what it excludes."""
    certain: Counter[bool] = Counter()
    for number, cluster in enumerate(drawn):
        manifest, judge = Manifest.of(cluster), Judge(cluster)
        readings = OPEN.each(on_host=manifest.any_on_host, baseline=manifest.any_baseline, tied=manifest.any_tie)
        specified = [Spec(manifest, reading=reading) for reading in readings]
        for flow in some_flows(cluster, f"{number}", 12):
            truth = judge.truth(flow)
            assert {each.allowed(flow) for each in specified} <= truth, (cluster.files(), flow)
            if truth != BOTH:
                certain.update(truth)
    assert min(certain.values()) > 400


def test_drawn_flows_reach_every_rule_of_the_tiers(drawn: list[Cluster]) -> None:
    """For every rule some flow has one right answer, and another one where the rule is broken."""
    left = set(TIER_RULES)
    for number, cluster in enumerate(drawn):
        manifest, judge = Manifest.of(cluster), Judge(cluster)
        for flow in some_flows(cluster, f"reach/{number}", 25):
            deciding: set[str] = set()
            right = Spec(manifest, asked=deciding).allowed(flow)
            for rule in sorted(deciding & left):
                if Spec(manifest, frozenset({rule})).allowed(flow) != right and judge.truth(flow) == frozenset({right}):
                    left.discard(rule)
        if not left:
            break
    assert sorted(left) == []


def of_baseline(name: str, priority: int, action: str) -> Raw:
    spec: Raw = {
        "tier": "Baseline",
        "priority": priority,
        "subject": {"namespaces": {}},
        "ingress": [{"action": action, "from": [{"namespaces": {}}]}],
    }
    metadata = {"name": name}
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": metadata,
        "spec": spec,
    }


class TestReadings:
    """What the APIs leave open has two right answers."""

    flow = Flow("shop/web", "shop/db", "TCP", 5432)
    pods = tuple(each for each in EXAMPLES["admin-tier-counts"].cluster.objects if each["kind"] in ("Pod", "Namespace"))

    def test_the_order_of_policies_of_one_priority_is_open(self) -> None:
        tied = [of_baseline("one", 5, "Deny"), of_baseline("two", 5, "Pass")]
        assert Judge(Cluster.of([*self.pods, *tied])).truth(self.flow) == BOTH
        tied[1]["spec"]["priority"] = 6
        assert Judge(Cluster.of([*self.pods, *tied])).truth(self.flow) == {False}

    def test_what_hides_the_baseline_tier_is_open(self) -> None:
        egress: Raw = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}
        policy: Raw = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": egress}
        selected = {**policy, "metadata": {"name": "out", "namespace": "shop"}}
        base = of_baseline("one", 5, "Deny")
        assert Judge(Cluster.of([*self.pods, base, selected])).truth(self.flow) == BOTH

    @pytest.mark.parametrize("peer", [{"nodes": {}}, {"domainNames": ["example.com"]}])
    def test_peers_that_no_flow_shows_are_refused(self, peer: Raw) -> None:
        policy = of_baseline("one", 5, "Accept")
        policy["spec"]["egress"] = [{"action": "Accept", "to": [peer]}]
        with pytest.raises(InputErrors, match="not judged here"):
            Judge(Cluster.of([*self.pods, policy]))


class Breaking:
    """An evaluator that breaks rules of the semantics."""

    name = "breaking"
    unsupported: frozenset[str] = frozenset()

    def __init__(self, *rules: str, unsupported: Sequence[str] = ()) -> None:
        self._rules = frozenset(rules)
        self._unsupported = unsupported

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> list[Answer]:
        for feature in self._unsupported:
            if feature in features_of(cluster):
                return [Answer(None, feature) for _ in flows]
        spec = Spec(cluster, self._rules)
        return [Answer(spec.allowed(flow)) for flow in flows]

    def close(self) -> None:
        """Nothing."""


ADMIN = Options(examples=150, most=1, shrinking=60, profile="admin")
HUNTED = (
    "admin-before-network-policies",
    "baseline-after-network-policies",
    "baseline-pass-allows",
    "egress-allow-does-not-bypass-ingress",
    "first-rule-decides",
    "lower-priority-number-first",
    "networks-match-pods",
    "pass-leaves-the-tier",
    "tier-named-port-covers-only-its-number",
    "tier-range-includes-its-end",
)


@pytest.mark.parametrize("rule", HUNTED)
def test_a_broken_rule_is_found_by_its_name(rule: str) -> None:
    """Proposed flows reach every rule (``test_fuzz_guided_tiers``), and every one is told from the others
    (``test_fuzz_diagnosis``)."""
    [finding] = Hunt(Breaking(rule), ADMIN, Known()).run().findings
    assert finding.kind == "disagreement"
    assert finding.rules[0] == rule
    assert len([*objects_of(finding.case.cluster, *TIER_KINDS)]) <= 2


def test_an_evaluator_that_is_right_is_never_wrong() -> None:
    tally = Hunt(Breaking(), replace(ADMIN, examples=25), Known()).run()
    assert tally.findings == []
    assert tally.compared == tally.flows == 500  # no answer hangs on what the API leaves open


def test_a_finding_is_asked_again() -> None:
    example = EXAMPLES["pass-leaves-the-tier"]
    tally = Hunt(Breaking(example.rule), ADMIN, Known()).replay(Case(example.cluster, (example.flow,)))
    assert [each.rules[0] for each in tally.findings] == [example.rule]


def test_an_evaluator_without_the_kinds_is_not_compared() -> None:
    """It would be asked about NetworkPolicies alone, and said to agree."""
    tally = Hunt(Breaking(unsupported=[*TIER_KINDS.values()]), replace(ADMIN, examples=40), Known()).run()
    assert tally.compared == 0
    assert set(tally.unsupported) == set(TIER_KINDS.values())
    assert tally.clusters < 40
    assert sequence(tally.findings) == []


def test_tools_that_know_network_policies_alone_say_so_by_the_feature() -> None:
    for tool in (Cyclonus, NetworkConfigAnalyzer):
        assert tool.unsupported == set(TIER_KINDS.values())
    cluster, flow = EXAMPLES["admin-tier-counts"].cluster, EXAMPLES["admin-tier-counts"].flow
    assert lacking(cluster, [flow], Cyclonus.unsupported) == (Answer(None, "admin-network-policy"),)
    assert lacking(cluster, [flow], PolicyAssistant.unsupported | NetpolAnalyzer.unsupported) is None


@pytest.mark.parametrize("tool", [PolicyAssistant, NetpolAnalyzer])
def test_what_a_tool_gives_up_on_is_unsupported(tool: type[PolicyAssistant | NetpolAnalyzer]) -> None:
    tied = [of_baseline("one", 5, "Deny"), of_baseline("two", 5, "Pass")]
    said = lacking(Cluster.of(tied[:1]), [TestReadings.flow], tool.unsupported)
    assert said == (Answer(None, "cluster-network-policy"),)
    said = lacking(Cluster.of(tied), [TestReadings.flow], tool.unsupported - {"cluster-network-policy"})
    assert said == (Answer(None, "equal-priorities"),)


def test_policies_are_told_to_policy_assistant_in_old_words() -> None:
    """Selectors of peers stand one level deeper; subjects stay as they are."""
    example = EXAMPLES["later-tier-peers-count"].cluster
    [policy] = policies_of(example).objects
    [own] = objects_of(example, "AdminNetworkPolicy")
    assert policy["spec"]["subject"] == own["spec"]["subject"]
    old, new = policy["spec"]["ingress"][0]["from"][0], own["spec"]["ingress"][0]["from"][0]["pods"]
    spaces = {"namespaceSelector": new["namespaceSelector"]}
    assert old == {"pods": {"namespaces": spaces, "podSelector": new["podSelector"]}}
    everyone = policies_of(EXAMPLES["empty-tier-selector-means-everything"].cluster).objects[0]
    assert everyone["spec"]["ingress"][0]["from"] == [{"namespaces": {"namespaceSelector": {}}}]
