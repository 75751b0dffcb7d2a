"""Flows that the solver proposes: what it expects of them is true, and they reveal evaluators that err."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.verify.fuzz.drawing.clusters import clusters
from netpol_verify.verify.fuzz.drawing.flows import flows
from netpol_verify.verify.fuzz.drawing.one import draw_one
from netpol_verify.verify.fuzz.features import FEATURES, TIER_FEATURES
from netpol_verify.verify.fuzz.features_of import features_of
from netpol_verify.verify.fuzz.guided import Guided, Proposed, guided
from netpol_verify.verify.fuzz.judge import Judge
from netpol_verify.verify.fuzz.model import Cluster, Flow
from netpol_verify.verify.fuzz.rules import READING_RULES, RULES, TIER_RULES
from netpol_verify.verify.fuzz.spec import Spec

Raw = dict[str, Any]
PARTS = 2


def drawn(seed: str, without: Iterable[str] = ()) -> Cluster:
    return draw_one(clusters(without=frozenset(without)), seed)


def policy(spec: Raw, *, name: str = "policy", namespace: str = "shop") -> Raw:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def namespace(name: str, **labels: str) -> Raw:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod(name: str, address: str, *, host_network: bool = False, space: str = "shop", **labels: str) -> Raw:
    spec: Raw = {"containers": [{"name": "c", "image": "image"}]}
    if host_network:
        spec["hostNetwork"] = True
    metadata = {"name": name, "namespace": space, "labels": labels}
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def ingress(*rules: Any, subject: Raw | None = None) -> Raw:
    return {"podSelector": subject or {}, "policyTypes": ["Ingress"], "ingress": [*rules]}


def shop(*policies: Raw) -> Cluster:
    return Cluster.of([namespace("shop"), *policies])


def false_expectations(found: Guided, reading: bool | None = None) -> list[tuple[Flow, bool]]:
    judge = Judge(found.cluster, ip_block_matches_pods=reading)
    return [(each.flow, each.expected) for each in found.flows if judge.truth(each.flow) != frozenset({each.expected})]


def deciding(found: Guided, boundary: str) -> dict[str, Proposed]:
    """The flows that decide a boundary, by side."""
    return {
        claim.side: each
        for each in found.flows
        for claim in each.claims
        if claim.boundary == boundary and claim.deciding
    }


def labels_of(found: Guided, reference: str) -> dict[str, str]:
    return next(each.labels for each in found.cluster.pods() if each.reference == reference)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_concrete_evaluator_says_what_the_solver_expects(part: int) -> None:
    """Over 120 random clusters; a flow that is proposed also has only one right answer."""
    for number in range(part, 120, PARTS):
        found = guided(drawn(f"expectations/{number}"), limit=60)
        assert not false_expectations(found), number


@pytest.mark.parametrize("reading", [True, False])
def test_expectations_hold_under_a_fixed_reading_of_ip_block(reading: bool) -> None:
    for number in range(12):
        found = guided(drawn(f"reading/{number}"), ip_block_matches_pods=reading)
        assert not false_expectations(found, reading), number


def test_a_reading_that_is_fixed_is_exercised() -> None:
    spec = ingress({"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]})
    open_reading, fixed = (guided(shop(policy(spec)), ip_block_matches_pods=each) for each in (None, True))
    boundary = "shop/policy ingress[0].from[0] pods"
    assert not deciding(open_reading, boundary)
    (flow,) = deciding(fixed, boundary).values()
    assert "/" in flow.flow.source
    assert flow.expected


def test_the_same_cluster_gets_the_same_flows() -> None:
    """Whatever was asked before."""
    cluster = drawn("again")
    first = guided(cluster)
    guided(drawn("between"))
    assert guided(cluster) == first


def test_breaking_a_rule_of_the_semantics_is_revealed() -> None:
    """Wherever a broken rule changes the answer to some random flow, it changes the answer to a proposed one."""
    revealed, hidden = 0, list[tuple[int, str, Flow]]()
    for number in range(8):
        found = guided(drawn(f"broken/{number}"))
        others = [draw_one(flows(found.cluster), f"broken/{number}/{each}") for each in range(50)]
        judge = Judge(found.cluster)
        others = [each for each in others if len(judge.truth(each)) == 1]
        right = Spec(found.cluster)
        for rule in RULES.keys() - READING_RULES - TIER_RULES:
            broken = Spec(found.cluster, frozenset({rule}))
            changed = [each for each in others if broken.allowed(each) != right.allowed(each)]
            if changed and all(broken.allowed(each.flow) == each.expected for each in found.flows):
                hidden.append((number, rule, changed[0]))
            revealed += bool(changed)
    assert revealed > 100
    assert len(hidden) <= revealed // 50, hidden


@pytest.mark.parametrize("feature", sorted(FEATURES.keys() - TIER_FEATURES.keys()))
def test_a_feature_that_is_left_out_is_not_used(feature: str) -> None:
    for number in range(2):
        cluster = drawn(f"without/{feature}/{number}", [feature])
        found = guided(cluster, without=[feature])
        used = [each.flow for each in found.flows if feature in features_of(found.cluster, each.flow)]
        assert not used
        assert found.flows


def test_what_is_added_changes_no_answer() -> None:
    """Pods and namespaces are added, and nothing else: the objects of the cluster come first, as they were."""
    cluster = drawn("added")
    found = guided(cluster)
    assert found.cluster.objects[: len(cluster.objects)] == cluster.objects
    assert {each["kind"] for each in found.cluster.objects[len(cluster.objects) :]} <= {"Namespace", "Pod"}


def test_no_two_pods_share_an_address_or_a_name() -> None:
    for number in range(10):
        found = guided(drawn(f"names/{number}"))
        pods = found.cluster.pods()
        addresses = [address for each in pods for address in each.addresses.values()]
        outside = [end for each in found.flows for end in (each.flow.source, each.flow.destination) if "/" not in end]
        assert len({each.reference for each in pods}) == len(pods)
        assert len(set(addresses)) == len(addresses)
        assert not {*addresses} & {*outside}


def test_flows_stay_within_the_limits() -> None:
    """Those that decide come first, so that what is cut off decides nothing."""
    cluster = drawn("limits/3")
    every = guided(cluster)
    kinds = [each.claims[0].deciding for each in every.flows]
    assert kinds == sorted(kinds, reverse=True)
    few = guided(cluster, limit=7)
    assert few.flows == every.flows[:7] or [each.flow for each in few.flows] == [e.flow for e in every.flows[:7]]
    lonely = guided(cluster, most_pods=2)
    assert len(lonely.cluster.pods()) <= len(cluster.pods()) + 2


def test_flows_of_a_removed_rule_change_their_answer() -> None:
    """A flow that decides whether a rule exists is answered otherwise without the rule."""
    spec = ingress(
        {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 80}]},
        {"from": [{"namespaceSelector": {"matchLabels": {"env": "prod"}}}]},
    )
    found = guided(shop(policy(spec)))
    for number in range(2):
        flow = deciding(found, f"shop/policy ingress[{number}]")["inside"]
        rules = [each for position, each in enumerate(spec["ingress"]) if position != number]
        objects = [replaced_policy(each, {**spec, "ingress": rules}) for each in found.cluster.objects]
        assert flow.expected
        assert Judge(Cluster.of(objects)).truth(flow.flow) == frozenset({False})


def replaced_policy(written: Raw, spec: Raw) -> Raw:
    return {**written, "spec": spec} if written["kind"] == "NetworkPolicy" else written


def test_absent_and_empty_labels_are_told_apart() -> None:
    spec = ingress({"from": [{"podSelector": {"matchLabels": {"app": ""}}}]})
    found = guided(shop(policy(spec)))
    place = "shop/policy ingress[0].from[0].podSelector"
    empty = deciding(found, f'{place} app=""')["inside"]
    absent = deciding(found, f"{place} app absent")["outside"]
    assert labels_of(found, empty.flow.source)["app"] == ""
    assert "app" not in labels_of(found, absent.flow.source)
    assert (empty.expected, absent.expected) == (True, False)


def test_not_in_is_tried_without_the_label() -> None:
    peer = {"podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}}
    found = guided(shop(policy(ingress({"from": [peer]}))))
    absent = deciding(found, "shop/policy ingress[0].from[0].podSelector app absent")["inside"]
    assert "app" not in labels_of(found, absent.flow.source)
    assert absent.expected


def test_ends_of_a_range_are_tried_on_both_sides() -> None:
    found = guided(shop(policy(ingress({"ports": [{"port": 8000, "endPort": 8010}]}))))
    place = "shop/policy ingress[0].ports[0]"
    first, last = deciding(found, f"{place} first"), deciding(found, f"{place} last")
    assert {side: each.flow.port for side, each in first.items()} == {"inside": 8000, "outside": 7999}
    assert {side: each.flow.port for side, each in last.items()} == {"inside": 8010, "outside": 8011}


def test_edges_of_blocks_and_exceptions_are_tried_on_both_sides() -> None:
    block = {"cidr": "203.0.113.0/24", "except": ["203.0.113.64/26"]}
    found = guided(shop(policy(ingress({"from": [{"ipBlock": block}]}))))
    place = "shop/policy ingress[0].from[0]"
    sources = {
        edge: {side: each.flow.source for side, each in deciding(found, f"{place} {edge}").items()}
        for edge in ("203.0.113.0/24 first", "203.0.113.0/24 last", "except 203.0.113.64/26 first")
    }
    assert sources == {
        "203.0.113.0/24 first": {"inside": "203.0.113.0", "outside": "203.0.112.255"},
        "203.0.113.0/24 last": {"inside": "203.0.113.255", "outside": "203.0.114.0"},
        "except 203.0.113.64/26 first": {"inside": "203.0.113.63", "outside": "203.0.113.64"},
    }
    other = deciding(found, f"{place} family")["outside"]
    assert other.flow.family == "IPv6"
    assert not other.expected


def test_a_named_port_is_tried_declared_and_not() -> None:
    found = guided(shop(policy(ingress({"ports": [{"port": "web"}]}))))
    sides = deciding(found, "shop/policy ingress[0].ports[0] web declared")
    ports = {side: declared_ports(found, each.flow.destination) for side, each in sides.items()}
    number = sides["inside"].flow.port
    assert ("web", "TCP", number) in ports["inside"]
    assert sides["outside"].flow.port == number
    assert ("web", "TCP", number) not in ports["outside"]
    udp = deciding(found, "shop/policy ingress[0].ports[0] web declared for UDP")["outside"]
    assert ("web", "UDP", udp.flow.port) in declared_ports(found, udp.flow.destination)
    assert not udp.expected


def declared_ports(found: Guided, reference: str) -> set[tuple[str, str, int]]:
    written = next(
        each
        for each in found.cluster.of_kind("Pod")
        if f"{each['metadata']['namespace']}/{each['metadata']['name']}" == reference
    )
    return {
        (port["name"], port["protocol"], port["containerPort"])
        for container in written["spec"]["containers"]
        for port in container.get("ports", [])
    }


def test_a_pod_selector_alone_is_tried_in_another_namespace() -> None:
    spec = ingress({"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]})
    found = guided(shop(policy(spec)))
    flow = deciding(found, "shop/policy ingress[0].from[0] own namespace")["outside"]
    assert not flow.flow.source.startswith("shop/")
    assert labels_of(found, flow.flow.source) == {"app": "web"}
    assert not flow.expected


def test_peers_of_one_rule_are_tried_on_ports_of_another() -> None:
    spec = ingress(
        {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 80}]},
        {"from": [{"podSelector": {"matchLabels": {"app": "api"}}}], "ports": [{"port": 443}]},
    )
    found = guided(shop(policy(spec)))
    flow = deciding(found, "shop/policy ingress[0] with ports of shop/policy ingress[1]")["outside"]
    assert labels_of(found, flow.flow.source)["app"] == "web"
    assert flow.flow.port == 443
    assert not flow.expected


def test_a_direction_that_is_not_governed_is_tried() -> None:
    spec: Raw = {"podSelector": {}, "policyTypes": ["Ingress"], "egress": [{"ports": [{"port": 80}]}]}
    found = guided(shop(policy(spec)))
    flow = deciding(found, "shop/policy egress rules not in force")["outside"]
    assert flow.flow.source.startswith("shop/")
    assert flow.expected


def test_a_rule_hidden_by_another_is_tried_where_it_differs_by_itself() -> None:
    spec = ingress({}, {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]})
    found = guided(shop(policy(spec)))
    place = "shop/policy ingress[1].from[0].podSelector app=web"
    assert not deciding(found, place)
    near = [each for each in found.flows for claim in each.claims if (claim.boundary, claim.side) == (place, "inside")]
    assert [labels_of(found, each.flow.source)["app"] for each in near] == ["web"]


def test_without_policies_there_are_flows_between_all_kinds_of_ends() -> None:
    found = guided(Cluster.of([namespace("shop")]))
    kinds = {("/" in each.flow.source, "/" in each.flow.destination) for each in found.flows}
    assert kinds == {(True, True), (True, False), (False, True)}
    assert all(each.expected for each in found.flows)
    assert guided(Cluster.of([])).flows


def test_a_namespace_without_an_object_is_used_where_its_labels_do_not_matter() -> None:
    peers = [{"namespaceSelector": {"matchLabels": {"env": "prod"}}}]
    found = guided(Cluster.of([policy(ingress({"from": peers}))]))
    assert not false_expectations(found)
    assert not any(each["metadata"]["name"] == "shop" for each in found.cluster.of_kind("Namespace"))
    assert any(each.flow.destination.startswith("shop/") for each in found.flows)


def test_pods_of_the_cluster_are_preferred_but_not_those_on_their_node() -> None:
    spec = ingress({"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]})
    pods = [pod("web", "10.9.0.1", app="web"), pod("node", "10.9.0.2", host_network=True, app="web")]
    found = guided(Cluster.of([namespace("shop"), policy(spec), *pods]))
    used = {end for each in found.flows for end in (each.flow.source, each.flow.destination)}
    assert "shop/web" in used
    assert "shop/node" not in used
    assert "10.9.0.2" not in used
    assert not false_expectations(found)


def test_policies_that_are_not_understood_leave_their_pods_out() -> None:
    calico: Raw = {"apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy", "spec": {}}
    metadata = {"name": "calico", "namespace": "shop"}
    cluster = Cluster.of([namespace("shop"), policy(ingress()), {**calico, "metadata": metadata}])
    found = guided(cluster)
    assert found.flows
    assert not any(end.startswith("shop/") for each in found.flows for end in (each.flow.source, each.flow.destination))
    everywhere = {**calico, "kind": "GlobalNetworkPolicy", "metadata": {"name": "all"}}
    assert not guided(Cluster.of([policy(ingress()), everywhere])).flows


def test_manifests_that_no_cluster_would_accept_are_refused() -> None:
    with pytest.raises(InputErrors):
        guided(shop(policy(ingress({"from": [{}]}))))


def test_clusters_of_several_documents_a_file_are_read_whole() -> None:
    cluster = shop(policy(ingress()))
    together = replace(cluster, layout=(tuple(range(len(cluster.objects))),))
    assert [each.flow for each in guided(together).flows] == [each.flow for each in guided(cluster).flows]
