"""The specification that runs: with every rule kept it is the semantics, and each of its rules can be broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from corpus import CELLS, truth_cases
from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.verify.fuzz import spec as spec_package
from netpol_verify.verify.fuzz.illustrations import EXAMPLES, Example
from netpol_verify.verify.fuzz.judge import BOTH, Judge
from netpol_verify.verify.fuzz.model import Cluster, Family, Flow, Raw
from netpol_verify.verify.fuzz.readings import OPEN, Reading
from netpol_verify.verify.fuzz.rules import RULES
from netpol_verify.verify.fuzz.spec import Spec
from netpol_verify.verify.run import ManifestsRequest
from netpol_verify.verify.run_evaluate import EvaluateRequest, run_evaluate
from oracle.clusters import NAMESPACE_VALUES, NAMESPACES, POD_VALUES, containers, labels, spec, weighted

PROTOCOLS = ("TCP", "UDP", "SCTP")
PORTS = (80, 81, 82, 8000, 8005, 8010, 8011)
OUTSIDE: dict[Family, tuple[str, ...]] = {
    "IPv4": ("10.1.0.1", "169.254.169.254", "203.0.113.0", "203.0.113.200"),
    "IPv6": ("2001:db8::1", "2001:db8:1::1", "fd00:10:244::77"),
}
FAMILIES: tuple[Family, ...] = ("IPv4", "IPv6")


def metadata(name: str, namespace: str | None, **more: Any) -> Raw:
    return {"name": name, **({} if namespace is None else {"namespace": namespace}), **more}


@st.composite
def pods(draw: st.DrawFn, index: int) -> Raw:
    own = draw(labels(("k1", "k2"), POD_VALUES))
    namespace = draw(st.sampled_from(NAMESPACES))
    addresses = draw(weighted((1, (4,)), (1, (6,)), (3, (4, 6))))
    found = [{"ip": f"10.244.0.{5 + index}" if each == 4 else f"fd00:10:244::{5 + index}"} for each in addresses]
    inner: Raw = {"containers": draw(containers()), "hostNetwork": draw(weighted((6, False), (1, True)))}
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata(f"pod-{index}", namespace, labels=own)}
    return {**whole, "spec": inner, "status": {"podIPs": found}}


@st.composite
def policies(draw: st.DrawFn, index: int) -> Raw:
    namespace = draw(weighted((5, "a"), (2, "b"), (1, "c"), (1, None)))
    whole: Raw = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    body = draw(weighted((20, True), (1, False)))
    fields: Raw = {"spec": draw(spec())} if body else draw(st.sampled_from(({}, {"spec": None}, {"spec": {}})))
    return {**whole, "metadata": metadata(f"policy-{index}", namespace), **fields}


@st.composite
def clusters(draw: st.DrawFn, declared: bool) -> Cluster:
    """Namespaces are all ``declared``, or only some."""
    names = NAMESPACES if declared else draw(st.lists(st.sampled_from(NAMESPACES), unique=True))
    spaces = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": draw(labels(("n1",), NAMESPACE_VALUES))},
        }
        for name in names
    ]
    drawn = [draw(pods(index)) for index in range(draw(st.integers(2, 4)))]
    written = [draw(policies(index)) for index in range(draw(st.integers(1, 4)))]
    return Cluster.of([*spaces, *drawn, *written])


def every_flow(cluster: Cluster) -> Iterator[Flow]:
    """Flows between all pairs of pods, and pods and addresses, on all ports."""
    for family in FAMILIES:
        inside = [pod.reference for pod in cluster.pods() if family in pod.addresses]
        ends = [*product(inside, inside), *product(inside, OUTSIDE[family]), *product(OUTSIDE[family], inside)]
        for (source, destination), protocol, port in product(ends, PROTOCOLS, PORTS):
            if source != destination:
                yield Flow(source, destination, protocol, port, family)


def judge(cluster: Cluster, reading: Reading) -> Judge:
    return Judge(
        cluster, ip_block_matches_pods=reading.ip_block_matches_pods, host_network_pods=reading.host_network_pods
    )


@settings(max_examples=120, deadline=None)
@given(clusters(declared=True), st.sampled_from(OPEN.each()))
def test_with_every_rule_kept_it_is_the_concrete_evaluator(cluster: Cluster, reading: Reading) -> None:
    """Written apart, they agree on every flow of random clusters, under every reading."""
    judged, specified = judge(cluster, reading), Spec(cluster, reading=reading)
    for flow in every_flow(cluster):
        assert judged.truth(flow) == {specified.allowed(flow)}, flow


@settings(max_examples=60, deadline=None)
@given(clusters(declared=False))
def test_its_answer_is_among_the_possible_ones(cluster: Cluster) -> None:
    """Also where labels of a namespace are unknown; and where the truth is certain, every reading gives it."""
    judged = Judge(cluster)
    specified = [Spec(cluster, reading=reading) for reading in OPEN.each()]
    for flow in every_flow(cluster):
        assert {each.allowed(flow) for each in specified} <= judged.truth(flow), flow


def test_every_cell_of_the_truth_tables_agrees() -> None:
    """The 123,669 published answers, pods to themselves included."""
    cells = 0
    wrong: list[str] = []
    for step in (step for case in truth_cases() for step in case["steps"]):
        cluster = published(step)
        specified = Spec(cluster)
        ports = {pod["metadata"]["namespace"] + "/" + pod["metadata"]["name"]: pod for pod in cluster.of_kind("Pod")}
        for source, row in step["expected"].items():
            for destination, answers in row.items():
                for key, answer in answers.items():
                    protocol, _, port = key.partition("/")
                    number = int(port) if port.isdigit() else named(ports[destination], protocol, port)
                    cells += 1
                    if specified.allowed(Flow(source, destination, protocol, number)) != (answer == "allowed"):
                        wrong.append(f"{source} to {destination} {key}: {answer}")
    assert not wrong, "\n".join(wrong[:20])
    assert cells == CELLS


def published(step: Any) -> Cluster:
    """A step of a published case as a cluster."""
    resources = step["resources"]
    objects: list[Raw] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": own}}
        for name, own in resources["Namespaces"].items()
    ]
    for pod in resources["Pods"]:
        declared = [
            {"name": each["PortName"], "containerPort": each["Port"], "protocol": each["Protocol"]}
            for each in pod["Containers"]
        ]
        objects.append(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": metadata(pod["Name"], pod["Namespace"], labels=pod["Labels"]),
                "spec": {"containers": [{"name": "main", "ports": declared}]},
                "status": {"podIPs": [{"ip": pod["IP"]}]},
            }
        )
    return Cluster.of([*objects, *({**each, "kind": "NetworkPolicy"} for each in step["policies"] or ())])


def named(pod: Raw, protocol: str, name: str) -> int:
    ports = pod["spec"]["containers"][0]["ports"]
    return next(each["containerPort"] for each in ports if (each["name"], each["protocol"]) == (name, protocol))


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_each_rule_decides_its_example(example: Example) -> None:
    """The specification and the judge give the example's answer; with the rule broken it is the other one."""
    assert judge(example.cluster, example.reading).truth(example.flow) == {example.allowed}
    assert Spec(example.cluster, reading=example.reading).allowed(example.flow) is example.allowed
    broken = Spec(example.cluster, frozenset({example.rule}), example.reading)
    assert broken.allowed(example.flow) is not example.allowed


def test_the_judge_says_what_evaluate_says(tmp_path: Path) -> None:
    """Of the files that a cluster is written to, and the flow as a line of a flows file."""
    for rule, example in EXAMPLES.items():
        folder, asked = tmp_path / rule, tmp_path / f"{rule}.jsonl"
        example.cluster.write(folder)
        asked.write_text(json.dumps(example.flow.as_json()), encoding="utf-8")
        answers = run_evaluate(EvaluateRequest(ManifestsRequest((str(folder),)), flows=str(asked))).answers
        truth = Judge(example.cluster, host_network_pods="excluded").truth(example.flow)
        assert truth == (BOTH if answers[0].allowed is None else {answers[0].allowed}), rule


def test_examples_need_no_reading_but_those_of_the_readings_themselves() -> None:
    """So every other one tests any evaluator."""
    undecided = [rule for rule, each in EXAMPLES.items() if Judge(each.cluster).truth(each.flow) == BOTH]
    assert undecided == ["reading-ip-block-matches-pods", "reading-host-network-pods"]


def test_the_catalogue_and_the_specification_name_the_same_rules() -> None:
    """No rule that decides nothing, no decision without a rule."""
    folder = Path(spec_package.__file__).parent
    named_in_code = {
        rule
        for path in folder.glob("*.py")
        for rule in re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', path.read_text(encoding="utf-8"))
    }
    assert named_in_code == RULES.keys()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_are_told_in_sentences(rule: Any) -> None:
    """Each says what holds, where that is written, and what goes wrong otherwise."""
    for sentence in (rule.statement, rule.otherwise):
        assert sentence.endswith(".")
        assert "  " not in sentence
    assert rule.source.startswith(
        ("kubernetes/kubernetes:", "kubernetes-sigs/network-policy-api:", "golang/go:", "https://kubernetes.io/docs/")
    )


def test_an_unknown_rule_cannot_be_broken() -> None:
    with pytest.raises(ValueError, match="no-such-rule"):
        Spec(Cluster.of([]), frozenset({"no-such-rule"}))


class TestJudge:
    """What is open, and what is refused."""

    example = EXAMPLES["reading-host-network-pods"]

    def test_a_reading_that_is_not_fixed_leaves_both_answers(self) -> None:
        blocks = EXAMPLES["reading-ip-block-matches-pods"]
        assert Judge(blocks.cluster).truth(blocks.flow) == BOTH
        assert Judge(blocks.cluster, ip_block_matches_pods=True).truth(blocks.flow) == {True}

    def test_a_pod_in_its_hosts_network_may_be_on_the_others_node(self) -> None:
        """With which a pod may always talk, whatever policies say, unless the user says what such pods are."""
        closed = EXAMPLES["ingress-of-the-destination-counts"].cluster
        objects = [
            {**each, "spec": {**each["spec"], "hostNetwork": True}} if each["metadata"]["name"] == "web" else each
            for each in closed.objects
        ]
        cluster = replace(closed, objects=tuple(objects))
        flow = Flow("shop/web", "shop/db", "TCP", 80)
        assert Judge(cluster).truth(flow) == BOTH
        assert Judge(cluster, host_network_pods="excluded").truth(flow) == {False}
        assert Judge(cluster, host_network_pods="ordinary").truth(flow) == {False}

    def test_what_policies_do_not_govern_is_open(self) -> None:
        judged = Judge(self.example.cluster)
        assert judged.truth(Flow("shop/db", "shop/db", "TCP", 80)) == BOTH
        assert judged.truth(Flow("203.0.113.1", "203.0.113.2", "TCP", 80)) == BOTH

    def test_an_address_of_a_pod_is_that_pod(self) -> None:
        example = EXAMPLES["range-ends-at-its-last-port"]
        by_address = replace(example.flow, source="10.0.0.1", destination="10.0.0.2")
        assert Judge(example.cluster).truth(by_address) == {example.allowed}
        assert Spec(example.cluster).allowed(by_address) is example.allowed

    def test_a_flow_from_nowhere_is_refused(self) -> None:
        with pytest.raises(InputErrors):
            Judge(self.example.cluster).truth(Flow("shop/nobody", "shop/db", "TCP", 80))
        with pytest.raises(KeyError):
            Spec(self.example.cluster).allowed(Flow("shop/nobody", "shop/db", "TCP", 80))

    def test_manifests_that_no_cluster_accepts_are_refused(self) -> None:
        wrong: Raw = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "p"},
            "spec": {"ports": []},
        }
        with pytest.raises(InputErrors):
            Judge(Cluster.of([wrong]))
        with pytest.raises(InputErrors):
            Judge(Cluster.of([{"spec": {}}]))

    def test_an_explanation_names_the_rule_with_file_and_line(self) -> None:
        example = EXAMPLES["later-rules-count"]
        text = Judge(example.cluster).explanation(example.flow)
        assert "ALLOWED" in text
        assert "shop/db, ingress[1] (05.yaml:" in text
