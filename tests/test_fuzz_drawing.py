"""Clusters and flows as they are drawn: legal, full of corners, spared of what an evaluator lacks, and shrinkable."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from netpol_verify import strategies
from netpol_verify.encodings.reading import entry_of
from netpol_verify.encodings.reading.scalars import plain
from netpol_verify.strategies import FEATURES, Cluster, Flow, clusters, features_of, flows
from netpol_verify.verify.fuzz.drawing import draw_one
from netpol_verify.verify.fuzz.drawing.one import bytes_of
from netpol_verify.verify.fuzz.features import TIER_FEATURES
from netpol_verify.verify.fuzz.judge import Judge
from netpol_verify.verify.fuzz.model import Raw
from netpol_verify.verify.fuzz.rules import READING_RULES, RULES, TIER_RULES
from netpol_verify.verify.fuzz.spec import Manifest, Spec
from netpol_verify.verify.fuzz.walk import container_ports, is_list, mapping, objects_of, rules_of, sequence
from netpol_verify.verify.run import ManifestsRequest, read_cluster

DRAWN = 300


def some_flows(cluster: Cluster, seed: str, number: int = 1, without: Sequence[str] = ()) -> list[Flow]:
    several = st.lists(flows(cluster, without=without), min_size=number, max_size=number)
    return draw_one(several, seed)


@pytest.fixture(scope="module")
def drawn() -> list[Cluster]:
    return [draw_one(clusters(), f"drawn/{number}") for number in range(DRAWN)]


def test_every_feature_is_drawn_and_none_always(drawn: list[Cluster]) -> None:
    """Each often enough that a few hundred clusters show it, and none so often that it hides the rest."""
    seen: Counter[str] = Counter()
    for number, cluster in enumerate(drawn):
        for flow in some_flows(cluster, f"{number}"):
            seen.update(features_of(cluster, flow))
    drawable = FEATURES.keys() - TIER_FEATURES.keys()
    assert [feature for feature in sorted(drawable) if not DRAWN // 40 <= seen[feature] <= DRAWN * 19 // 20] == []


def corners(cluster: Cluster) -> Iterator[str]:
    """Which of the corners that have bitten other evaluators a cluster has, beyond its features."""
    policies = [*objects_of(cluster, "NetworkPolicy")]
    for spec in (mapping(each.get("spec")) for each in policies):
        types = sequence(spec.get("policyTypes"))
        if spec.get("egress") == [] and not types:
            yield "egress: [] without types"
        if types == ["Egress"] and spec.get("ingress"):
            yield "rules in a direction that is not governed"
        if spec.get("ingress") == [None] or spec.get("egress") == [None]:
            yield "[null]"
        if any(None in sequence(mapping(rule).get("ports")) for rule in sequence(spec.get("ingress"))):
            yield "a null port"
        if [len(sequence(mapping(rule).get("ports"))) for rule in sequence(spec.get("ingress"))] == [3, 1, 1]:
            yield "shared ranges"
        yield from corners_of_selector(mapping(spec.get("podSelector")))
    for rule in rules_of(policies):
        for peer in rule.peers:
            yield from ("peer with " + " and ".join(sorted(key for key in peer if peer[key] is not None)),)
            yield from corners_of_selector(mapping(peer.get("podSelector")))
        for port in rule.ports:
            if port.get("port") == port.get("endPort"):
                yield "a range of one"
            if {**port, "protocol": "TCP"} == {"protocol": "TCP", "port": "web"}:
                yield "a named port" + ("" if rule.direction == "ingress" or rule.peers else " towards anybody")
    names = Counter(pod.name for pod in cluster.pods())
    if any(count > 1 for count in names.values()):
        yield "a pod's name in two namespaces"
    for families in {tuple(pod.addresses) for pod in cluster.pods()}:
        yield f"pods of {' and '.join(families)}"
    for port in (each for pod in cluster.of_kind("Pod") for each in container_ports(pod)):
        if "name" in port and "protocol" not in port:
            yield "a name without a protocol"
    if not policies:
        yield "no policy"
    yield from corners_of_form(cluster)
    yield from corners_of_words(cluster)
    yield from corners_of_undeclared(cluster)


def corners_of_form(cluster: Cluster) -> Iterator[str]:
    for each in filter(is_list, cluster.objects):
        yield each["kind"]
        for item in each["items"]:
            yield each["kind"] + (" of typed items" if "kind" in item else " of items without kind")
        if not each["items"]:
            yield "a list of nothing"


def corners_of_words(cluster: Cluster) -> Iterator[str]:
    labels: dict[str, set[str]] = {}
    for each in objects_of(cluster, "Pod", "Namespace"):
        for key, value in mapping(each["metadata"].get("labels")).items():
            labels.setdefault(key, set()).add(value)
    if any(f"example.com/{key}" in labels for key in labels):
        yield "a key with a prefix and one without"
    for values in labels.values():
        if len({value.lower() for value in values}) < len(values):
            yield "values that differ in case"
        if len({plain(value) for value in values if value}) < len(values - {""}):
            yield "values that are one number"
        yield from (f"the value {value}" for value in values)


def corners_of_undeclared(cluster: Cluster) -> Iterator[str]:
    """Namespaces without an object that peers in other namespaces select."""
    spaces = {each["metadata"]["name"] for each in objects_of(cluster, "Namespace")}
    undeclared = {pod.namespace for pod in cluster.pods()} - spaces
    for rule in rules_of(objects_of(cluster, "NetworkPolicy")):
        for selector in (peer["namespaceSelector"] for peer in rule.peers if peer.get("namespaceSelector") is not None):
            if undeclared - {rule.namespace} and not selector:
                yield "every namespace, also an undeclared one"
            if mapping(selector.get("matchLabels")).get("kubernetes.io/metadata.name") in undeclared:
                yield "an undeclared namespace by name"


def corners_of_selector(selector: Raw) -> Iterator[str]:
    for entry in sequence(selector.get("matchExpressions")):
        yield entry["operator"]
        if entry["key"] in mapping(selector.get("matchLabels")):
            yield "a key twice"


def test_the_corners_that_bite_are_drawn(drawn: list[Cluster]) -> None:
    seen = {corner for cluster in drawn for corner in corners(cluster)}
    assert seen >= {
        *("In", "NotIn", "Exists", "DoesNotExist", "a key twice"),
        *("peer with podSelector", "peer with namespaceSelector", "peer with ipBlock"),
        "peer with namespaceSelector and podSelector",
        *("egress: [] without types", "rules in a direction that is not governed", "[null]", "shared ranges"),
        *("a range of one", "a named port", "a named port towards anybody"),
        *("a pod's name in two namespaces", "no policy", "pods of IPv4", "pods of IPv6", "pods of IPv4 and IPv6"),
        *("a null port", "a name without a protocol"),
        *("List of typed items", "NetworkPolicyList of typed items", "NetworkPolicyList of items without kind"),
        *("a key with a prefix and one without", "values that differ in case", "values that are one number"),
        *("the value ", "the value 010", "the value true", "the value null", "the value y"),
        *("every namespace, also an undeclared one", "an undeclared namespace by name"),
    }


def test_a_cluster_is_as_small_as_promised(drawn: list[Cluster]) -> None:
    for cluster in drawn:
        objects = [*objects_of(cluster, "Namespace", "NetworkPolicy", "Pod")]
        kinds = Counter(each["kind"] for each in objects)
        assert 1 <= kinds["Namespace"] <= 3
        assert kinds["NetworkPolicy"] <= 4
        assert 1 <= kinds["Pod"] <= 5
        lists = [*filter(is_list, cluster.objects)]
        assert len(lists) <= 1
        assert len(objects) == len(cluster.objects) + sum(len(each["items"]) - 1 for each in lists)
        assert sorted(at for file in cluster.layout for at in file) == list(range(len(cluster.objects)))


def test_every_pod_has_its_own_name_and_addresses(drawn: list[Cluster]) -> None:
    for cluster in drawn:
        pods = cluster.pods()
        addresses = [address for pod in pods for address in pod.addresses.values()]
        assert len(set(addresses)) == len(addresses) >= len(pods)
        assert len({pod.reference for pod in pods}) == len(pods)
        assert all(each["metadata"]["namespace"] for each in cluster.of_kind("Pod"))


def test_no_node_has_a_port_twice(drawn: list[Cluster]) -> None:
    """The API server refuses a pod on its node's network that declares a number twice for a protocol."""
    for pod in (each for cluster in drawn for each in cluster.of_kind("Pod") if each["spec"].get("hostNetwork")):
        ports = [(port["containerPort"], port.get("protocol", "TCP")) for port in container_ports(pod)]
        assert len(set(ports)) == len(ports)


def test_blind_flows_over_drawn_clusters_reach_every_rule(drawn: list[Cluster]) -> None:
    """For every rule some flow has one right answer, and another one where the rule is broken. The rules of readings
    are none that an evaluator must keep. Where a rule that is left decides some of 40 flows, more are drawn."""
    left = RULES.keys() - READING_RULES - TIER_RULES
    for number, cluster in enumerate(drawn):
        for attempt in range(4):
            decided = reached(cluster, some_flows(cluster, f"reach/{number}/{attempt}", 40), left)
            if decided.isdisjoint(left):
                break
    assert sorted(left) == []


def reached(cluster: Cluster, asked: Sequence[Flow], left: set[str]) -> set[str]:
    """Takes from ``left`` the rules whose breaking changes a flow's answer. Gives those that decide anything."""
    manifest, decided = Manifest.of(cluster), set[str]()
    judge = cache(lambda: Judge(cluster))
    for flow in asked:
        deciding: set[str] = set()
        right = Spec(manifest, asked=deciding).allowed(flow)
        for rule in sorted(deciding & left):
            if Spec(manifest, frozenset({rule})).allowed(flow) != right and judge().truth(flow) == frozenset({right}):
                left.discard(rule)
        decided |= deciding
    return decided


def read(cluster: Cluster, folder: Path) -> int:
    """How many objects there are once the manifests are read and found valid."""
    cluster.write(folder)
    return sum(read_cluster([entry_of(str(folder))], ManifestsRequest(), "error").manifests.counts.values())


def test_every_cluster_is_valid_for_the_api_server(drawn: list[Cluster], tmp_path: Path) -> None:
    for number, cluster in enumerate(drawn[:120]):
        objects = [*objects_of(cluster, "Namespace", "NetworkPolicy", "Pod")]
        assert read(cluster, tmp_path / str(number)) == len(objects)


def test_the_files_hold_the_objects_and_share_nothing(drawn: list[Cluster]) -> None:
    """YAML writes data that is shared as anchors and aliases, which is another feature."""
    for cluster in drawn[:80]:
        texts = [*cluster.files().values()]
        assert not any("&id" in text for text in texts)
        documents = [document for text in texts for document in yaml.safe_load_all(text)]
        assert documents == [cluster.objects[at] for file in cluster.layout for at in file]


@pytest.mark.parametrize("feature", sorted(FEATURES.keys() - TIER_FEATURES.keys()))
def test_what_is_left_out_is_never_drawn(feature: str) -> None:
    for number in range(15):
        cluster = draw_one(clusters(without=(feature,)), f"{feature}/{number}")
        used = [features_of(cluster, flow) for flow in some_flows(cluster, f"{number}", 5, (feature,))]
        assert all(feature not in each for each in used), cluster


@pytest.mark.parametrize("number", range(12))
def test_several_features_can_be_left_out_together(number: int) -> None:
    spared = Random(number).sample(sorted(FEATURES), 2 * number + 2)
    for seed in range(8):
        cluster = draw_one(clusters(without=spared), f"{number}/{seed}")
        for flow in some_flows(cluster, f"{seed}", 5, spared):
            assert features_of(cluster, flow).isdisjoint(spared)


@pytest.mark.parametrize("spared", [(), tuple(FEATURES)], ids=["nothing", "everything"])
def test_flows_are_allowed_and_blocked_whatever_is_left_out(spared: tuple[str, ...]) -> None:
    answers: Counter[frozenset[bool]] = Counter()
    for number in range(40):
        cluster = draw_one(clusters(without=spared), f"{number}")
        judge = Judge(cluster)
        answers.update(judge.truth(flow) for flow in some_flows(cluster, f"{number}", 10, spared))
    allowed, blocked = answers[frozenset({True})], answers[frozenset({False})]
    assert min(allowed, blocked) * 4 > allowed + blocked
    assert answers[frozenset({True, False})] * 10 < allowed + blocked


def test_flows_have_two_ends_of_which_one_is_a_pod(drawn: list[Cluster]) -> None:
    for number, cluster in enumerate(drawn):
        pods = {pod.reference: pod for pod in cluster.pods()}
        taken = {address for pod in pods.values() for address in pod.addresses.values()}
        for flow in some_flows(cluster, f"{number}", 5):
            ends = (flow.source, flow.destination)
            assert flow.source != flow.destination
            assert any(end in pods for end in ends)
            assert 1 <= flow.port <= 65535
            for end in ends:
                if end in pods:
                    assert flow.family in pods[end].addresses
                else:
                    assert f"IPv{ip_address(end).version}" == flow.family
                    assert end not in taken


def test_flows_try_the_edges_of_ranges_and_blocks() -> None:
    rule = {"to": [{"ipBlock": {"cidr": "192.0.2.0/25"}}], "ports": [{"protocol": "UDP", "port": 7, "endPort": 9}]}
    policy: Raw = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "policy", "namespace": "a"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]},
    }
    pod = draw_one(strategies.pods(namespace="a"), "a pod")
    asked = some_flows(Cluster.of([policy, pod]), "edges", 400)
    assert {"192.0.1.255", "192.0.2.0", "192.0.2.127", "192.0.2.128"} <= {flow.destination for flow in asked}
    assert {("UDP", 6), ("UDP", 7), ("UDP", 9), ("UDP", 10)} <= {(flow.protocol, flow.port) for flow in asked}


def test_no_flow_is_drawn_where_there_are_no_two_ends() -> None:
    pod = draw_one(strategies.pods(), "a pod")
    nothing = flows(Cluster.of([pod]), without=("outside-source", "outside-destination"))
    assert nothing.is_empty
    with pytest.raises(ValueError, match="nothing can be drawn"):
        draw_one(nothing, "a flow")


def test_single_objects_are_valid_and_where_they_should_be(tmp_path: Path) -> None:
    for number in range(40):
        seed = f"{number}"
        policy = draw_one(strategies.network_policies(namespace="shop", without=("default-namespace",)), seed)
        pod = draw_one(strategies.pods(namespace="shop"), seed)
        assert policy["metadata"]["namespace"] == pod["metadata"]["namespace"] == "shop"
        several = [draw_one(strategies.namespaces(), seed), policy, pod, draw_one(strategies.network_policies(), seed)]
        several[3]["metadata"]["name"] = "another"
        assert read(Cluster.of(several), tmp_path / seed) == 4


@pytest.mark.parametrize(
    "strategy", [strategies.clusters, strategies.network_policies, strategies.namespaces, strategies.pods]
)
def test_a_name_that_is_no_feature_is_refused(strategy: object) -> None:
    with pytest.raises(ValueError, match='is not a feature: did you mean "named-port"'):
        strategy(without=("name-port",))  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
    with pytest.raises(ValueError, match="'name-port' is not a feature"):
        flows(Cluster.of([]), without="name-port")


DIGEST = """
from netpol_verify.verify.fuzz.drawing import clusters, draw_one, flows
for number in range(20):
    cluster = draw_one(clusters(without=("sctp", "no-spec", "wrong-protocol-named-port")), f"seed/{number}")
    print(cluster, draw_one(flows(cluster), f"{number}"))
"""


def test_a_seed_gives_the_same_value_in_every_run() -> None:
    """Whatever order Python's hashing puts sets in."""
    command = [sys.executable, "-c", DIGEST]
    outputs = [
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": number}, capture_output=True, check=True).stdout
        for number in ("1", "2")
    ]
    assert outputs[0]
    assert outputs[0] == outputs[1]


def test_seeds_give_different_values(drawn: list[Cluster]) -> None:
    assert len({repr(cluster) for cluster in drawn}) > DRAWN * 19 // 20


def test_every_cluster_is_drawn_from_the_first_bytes_of_its_seed() -> None:
    """So that hypothesis can be given the same bytes to shrink what was drawn."""
    seen: list[Cluster] = []

    @settings(database=None, deadline=None)
    @given(clusters())
    def keep(cluster: Cluster) -> None:
        seen.append(cluster)

    target = keep.hypothesis.fuzz_one_input  # pyright: ignore[reportFunctionMemberAccess, reportUnknownMemberType, reportUnknownVariableType]
    for number in range(50):
        target(bytes_of(f"drawn/{number}"))
    assert seen == [draw_one(clusters(), f"drawn/{number}") for number in range(50)]


def test_a_value_that_a_filter_refuses_is_drawn_again() -> None:
    tenths = st.integers(0, 99).filter(lambda number: number % 10 == 0)
    assert all(draw_one(tenths, f"{seed}") % 10 == 0 for seed in range(40))
    with pytest.raises(ValueError, match="nothing could be drawn"):
        draw_one(st.booleans().filter(lambda _: False), "a seed")


@settings(max_examples=30, deadline=None, database=None, phases=(Phase.generate,))
@given(st.data())
def test_hypothesis_draws_them_as_well(data: st.DataObject) -> None:
    cluster = data.draw(clusters())
    flow = data.draw(flows(cluster))
    assert strategies.right_answers(cluster, flow)


def test_a_cluster_shrinks_to_what_matters() -> None:
    least = find(
        clusters(),
        lambda cluster: "contradiction" in features_of(cluster),
        settings=settings(database=None, derandomize=True, deadline=None),
    )
    # Where exactly the shrinker stops hangs on its version.
    assert len(least.objects) <= 6
    assert len(least.of_kind("NetworkPolicy")) <= 2
    assert len(least.layout) == len(least.objects)
