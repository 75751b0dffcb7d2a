"""``features_of`` says what an evaluator must support: each feature by example, and what is none of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from netpol_verify.verify.fuzz.features import FEATURES
from netpol_verify.verify.fuzz.features_of import contradictory, features_of
from netpol_verify.verify.fuzz.model import Cluster, Flow, Raw

SPACE: Raw = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
TCP = {"name": "web", "containerPort": 80, "protocol": "TCP"}


def policy(spec: Any, **metadata: Any) -> Raw:
    named = {"name": "policy", "namespace": "a", **metadata}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": named, "spec": spec}


def pod(*ports: Raw, address: str = "10.0.0.1", spec: Raw | None = None, **metadata: Any) -> Raw:
    inside = {"containers": [{"name": "c", "image": "i", "ports": [*ports]}], **(spec or {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pod", "namespace": "a", **metadata},
        "spec": inside,
        "status": {"podIPs": [{"ip": address}]},
    }


def ingress(*peers: Raw, ports: list[Any] | None = None) -> Raw:
    return policy({"policyTypes": ["Ingress"], "ingress": [{"from": [*peers], "ports": ports or []}]})


def egress(*peers: Raw, ports: list[Any] | None = None) -> Raw:
    return policy({"policyTypes": ["Egress"], "egress": [{"to": [*peers], "ports": ports or []}]})


def block(cidr: str, *exceptions: str) -> Raw:
    return {"ipBlock": {"cidr": cidr, **({"except": [*exceptions]} if exceptions else {})}}


def of(*objects: Raw, flow: Flow | None = None) -> set[str]:
    return set(features_of(Cluster.of([SPACE, *objects]), flow))


def anp(*rules: Raw, kind: str = "AdminNetworkPolicy", **spec: Any) -> Raw:
    return {
        "kind": kind,
        "metadata": {"name": "p"},
        "spec": {"subject": {"namespaces": {}}, "egress": [*rules], **spec},
    }


def to(*peers: Raw, action: str = "Deny", **more: Any) -> Raw:
    return {"action": action, "to": [*(peers or ({"namespaces": {}},))], **more}


NAMED = {"protocol": "TCP", "port": "web"}
ANP, BANP, CNP = "admin-network-policy", "baseline-admin-network-policy", "cluster-network-policy"
BASELINE, CLUSTER = "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"
ANY_TCP = {"any-port-of-protocol", "default-protocol"}
TIER_CASES: dict[str, tuple[list[Raw], set[str]]] = {
    "an AdminNetworkPolicy": ([anp(to())], {ANP}),
    "no rules": ([anp()], {ANP, "no-tier-rules"}),
    "Pass": ([anp(to(action="Pass"))], {ANP, "pass"}),
    "one priority": ([anp(to(), priority=1), anp(to(), priority=1)], {ANP, "equal-priorities"}),
    "two priorities": ([anp(to(), priority=1), anp(to(), priority=2)], {ANP}),
    "one priority in two tiers": (
        [anp(to(), priority=1), anp(to(), kind=CLUSTER, tier="Baseline", priority=1)],
        {ANP, CNP},
    ),
    "both kinds of the Baseline tier": (
        [anp(to(), kind=BASELINE), anp(to(), kind=CLUSTER, tier="Baseline", priority=1)],
        {BANP, CNP, "equal-priorities"},
    ),
    "networks": ([anp(to({"networks": ["203.0.113.0/24"]})), pod()], {ANP, "networks"}),
    "networks of a pod": (
        [anp(to({"networks": ["10.0.0.9/24"]})), pod()],
        {ANP, "networks", "pod-networks", "host-bits"},
    ),
    "a range": (
        [anp(to(ports=[{"portRange": {"protocol": "TCP", "start": 1, "end": 2}}]))],
        {ANP, "tier-port-range"},
    ),
    "a range of one port": (
        [anp(to(ports=[{"portRange": {"start": 2, "end": 2}}]))],
        {ANP, "tier-port-range", "narrow-port-range", "default-protocol"},
    ),
    "numbers of version 2": (
        [anp(to(protocols=[{"udp": {"destinationPort": {"number": 1}}}]), kind=CLUSTER, tier="Admin", priority=1)],
        {CNP, "udp"},
    ),
    "a range of version 2": (
        [
            anp(
                to(protocols=[{"sctp": {"destinationPort": {"range": {"start": 1, "end": 2}}}}]),
                kind=CLUSTER,
                tier="Admin",
                priority=1,
            )
        ],
        {CNP, "sctp", "tier-port-range"},
    ),
    "a named port of the tiers": ([anp(to(ports=[{"namedPort": "web"}])), pod(TCP)], {ANP, "named-port"}),
    "a named port that a pod lacks": (
        [anp(to(ports=[{"namedPort": "dns"}])), pod(TCP)],
        {ANP, "named-port", "wrong-protocol-named-port"},
    ),
    "an expression of a subject": (
        [anp(to(), subject={"namespaces": {"matchExpressions": [{"key": "k", "operator": "Exists"}]}})],
        {ANP, "match-expressions"},
    ),
}
CASES: dict[str, tuple[list[Raw], set[str]]] = {
    **TIER_CASES,
    "a plain policy and pod": (
        [ingress({"podSelector": {}}, ports=[{"protocol": "TCP", "port": 80}]), pod(TCP)],
        set(),
    ),
    "an IPv6 pod": ([pod(address="fd00::1")], {"ipv6"}),
    "an IPv6 block": ([ingress(block("2001:db8::/32"))], {"ipv6", "ip-block"}),
    "an exception": ([ingress(block("10.1.0.0/16", "10.1.1.0/24"))], {"ip-block", "except"}),
    "no exceptions": ([ingress({"ipBlock": {"cidr": "10.1.0.0/16", "except": []}})], {"ip-block", "except"}),
    "host bits": ([ingress(block("10.1.0.1/16"))], {"ip-block", "host-bits"}),
    "host bits of an exception": ([ingress(block("10.1.0.0/16", "10.1.1.1/24"))], {"ip-block", "except", "host-bits"}),
    "leading zeros": ([ingress(block("010.001.0.0/16"))], {"ip-block"}),
    "a mapped block": ([ingress(block("::ffff:10.1.0.0/112"))], {"ip-block", "ipv6", "mapped-address"}),
    "a mapped block, written in hexadecimal": (
        [ingress(block("::ffff:a01:1/112"))],
        {"ip-block", "ipv6", "mapped-address", "host-bits"},
    ),
    "a block with a pod": ([ingress(block("10.0.0.0/8")), pod()], {"ip-block", "pod-block"}),
    "a block that excepts its pod": ([ingress(block("10.0.0.0/8", "10.0.0.1/32")), pod()], {"ip-block", "except"}),
    "UDP in a rule": ([ingress(ports=[{"protocol": "UDP", "port": 53}])], {"udp"}),
    "SCTP of a container": ([pod({"containerPort": 1, "protocol": "SCTP"})], {"sctp"}),
    "a container's default protocol": ([pod({"containerPort": 1})], {"default-protocol"}),
    "a range": ([ingress(ports=[{"protocol": "TCP", "port": 1, "endPort": 2}])], {"end-port"}),
    "a range without an end": (
        [ingress(ports=[{"protocol": "TCP", "port": 1, "endPort": None}])],
        {"end-port", "null-list"},
    ),
    "a named port": ([ingress(ports=[NAMED]), pod(TCP)], {"named-port"}),
    "a named port of pods on egress": ([egress({"podSelector": {}}, ports=[NAMED]), pod(TCP)], {"named-port"}),
    "a named port that a pod declares for UDP": (
        [ingress(ports=[NAMED]), pod({**TCP, "protocol": "UDP"})],
        {"named-port", "wrong-protocol-named-port", "udp"},
    ),
    "a named port that a pod does not declare": (
        [ingress(ports=[NAMED]), pod(TCP), pod(name="other")],
        {"named-port", "wrong-protocol-named-port"},
    ),
    "a named port of anybody": ([egress(ports=[NAMED]), pod(TCP)], {"named-port", "wrong-protocol-named-port"}),
    "a named port of a block": (
        [egress(block("192.0.2.0/24"), ports=[NAMED]), pod(TCP)],
        {"named-port", "wrong-protocol-named-port", "ip-block"},
    ),
    "any TCP port": ([ingress(ports=[{"protocol": "TCP"}])], {"any-port-of-protocol"}),
    "an empty port": ([ingress(ports=[{}])], ANY_TCP),
    "a null port": ([ingress(ports=[None])], {"null-rule", *ANY_TCP}),
    "a null protocol": ([ingress(ports=[{"protocol": None, "port": 1}])], {"default-protocol", "null-list"}),
    "a null rule": ([policy({"policyTypes": ["Egress"], "egress": [None]})], {"null-rule"}),
    "null rules": ([policy({"policyTypes": ["Egress"], "egress": None})], {"null-list"}),
    "a null selector": ([policy({"policyTypes": ["Egress"], "podSelector": None})], {"null-list"}),
    "a null block beside a selector": ([ingress({"podSelector": {}, "ipBlock": None})], {"null-list"}),
    "null labels": ([pod(labels=None)], {"null-list"}),
    "no spec": ([policy({})], {"no-spec", "default-policy-types"}),
    "a null spec": ([policy(None)], {"no-spec", "default-policy-types", "null-list"}),
    "no types": ([policy({"podSelector": {}})], {"default-policy-types"}),
    "empty types": ([policy({"podSelector": {}, "policyTypes": []})], {"default-policy-types"}),
    "an empty label": ([pod(labels={"k": ""})], {"empty-label-value"}),
    "an empty value wanted": ([ingress({"podSelector": {"matchLabels": {"k": ""}}})], {"empty-label-value"}),
    "an empty value of an expression": (
        [ingress({"namespaceSelector": {"matchExpressions": [{"key": "k", "operator": "In", "values": ["", "v"]}]}})],
        {"empty-label-value", "match-expressions"},
    ),
    "a number of a pod": ([pod(labels={"k": "1e3"})], {"number-like-value"}),
    "an octal number wanted": ([ingress({"podSelector": {"matchLabels": {"k": "010"}}})], {"number-like-value"}),
    "a number of an expression": (
        [ingress({"podSelector": {"matchExpressions": [{"key": "k", "operator": "NotIn", "values": ["v", "1_0"]}]}})],
        {"number-like-value", "match-expressions"},
    ),
    "a boolean of a namespace": (
        [{**SPACE, "metadata": {"name": "b", "labels": {"k": "y"}}}],
        {"boolean-like-value"},
    ),
    "null as a text": ([pod(labels={"k": "null", "l": "Off"})], {"boolean-like-value"}),
    "a text that begins like a number, and a number as a key": (
        [pod(labels={"k": "1.0.0", "l": "0x", "1": "v"})],
        set(),
    ),
    "no expressions": ([ingress({"podSelector": {"matchExpressions": []}})], {"match-expressions"}),
    "a contradiction": (
        [policy({"policyTypes": ["Egress"], "podSelector": {"matchLabels": {"kubernetes.io/metadata.name": ""}}})],
        {"empty-label-value"},
    ),
    "a namespace without its name": (
        [ingress({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": ""}}})],
        {"empty-label-value", "contradiction"},
    ),
    "an unsaid namespace": (
        [{**SPACE, "metadata": {"name": "default"}}, policy({"policyTypes": ["Egress"]}, namespace="")],
        {"default-namespace"},
    ),
    "a namespace default": (
        [{**SPACE, "metadata": {"name": "default"}}, policy({"policyTypes": ["Egress"]}, namespace="default")],
        set(),
    ),
    "a list": (
        [{"apiVersion": "v1", "kind": "List", "items": [pod(TCP), ingress({"podSelector": {}}, ports=[NAMED])]}],
        {"list-kind", "named-port"},
    ),
    "a list without items": ([{"apiVersion": "v1", "kind": "List", "items": []}], {"list-kind"}),
    "a list of policies whose kind it says": (
        [
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicyList",
                "items": [{"metadata": {"name": "policy", "namespace": "a"}, "spec": {"policyTypes": ["Ingress"]}}],
            }
        ],
        {"list-kind"},
    ),
    "an undeclared namespace in a list": (
        [{"apiVersion": "v1", "kind": "List", "items": [pod(namespace="b")]}],
        {"list-kind", "undeclared-namespace"},
    ),
    "a namespace declared in a list": (
        [
            pod(namespace="b"),
            {"apiVersion": "v1", "kind": "NamespaceList", "items": [{"metadata": {"name": "b"}}]},
        ],
        {"list-kind"},
    ),
    "a block with a pod of a list": (
        [
            ingress(block("10.0.0.0/8")),
            {"apiVersion": "v1", "kind": "PodList", "items": [pod(), pod(address="fd00::1")]},
        ],
        {"list-kind", "ip-block", "pod-block", "ipv6"},
    ),
    "an undeclared namespace": ([pod(namespace="b")], {"undeclared-namespace"}),
    "an undeclared default": (
        [policy({"policyTypes": ["Egress"]}, namespace=None)],
        {"default-namespace", "undeclared-namespace", "null-list"},
    ),
    "a node's network": ([pod(spec={"hostNetwork": True})], {"host-network"}),
    "not a node's network": ([pod(spec={"hostNetwork": False})], set()),
}


@pytest.mark.parametrize("case", CASES)
def test_a_cluster_has_the_features_that_it_shows(case: str) -> None:
    objects, expected = CASES[case]
    assert of(*objects) == expected


def test_several_objects_in_a_file_are_a_feature_of_their_layout() -> None:
    assert features_of(Cluster((SPACE, pod()), ((0, 1),))) == {"several-documents"}


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        (Flow("a/pod", "a/other", "TCP", 80), set[str]()),
        (Flow("a/pod", "a/other", "UDP", 80), {"udp"}),
        (Flow("a/pod", "a/other", "SCTP", 80), {"sctp"}),
        (Flow("a/pod", "a/other", "TCP", 80, "IPv6"), {"ipv6"}),
        (Flow("192.0.2.1", "a/pod", "TCP", 80), {"outside-source"}),
        (Flow("a/pod", "2001:db8::1", "TCP", 80, "IPv6"), {"outside-destination", "ipv6"}),
    ],
)
def test_a_flow_adds_its_own_features(flow: Flow, expected: set[str]) -> None:
    assert of(pod(), flow=flow) == expected
    assert of(pod()) == set()


def test_every_feature_has_an_example_here() -> None:
    shown = {feature for _, features in CASES.values() for feature in features}
    flows = {"outside-source", "outside-destination", "several-documents"}
    assert sorted(shown | flows) == sorted(FEATURES)


def test_the_documentation_explains_every_feature() -> None:
    page = (Path(__file__).parent.parent / "docs" / "strategies.md").read_text("utf-8")
    assert [name for name, meaning in FEATURES.items() if f"| `{name}` | {meaning} |" not in page] == []


def expression(key: str, operator: str, *values: str) -> Raw:
    return {"key": key, "operator": operator, **({"values": [*values]} if values else {})}


@pytest.mark.parametrize(
    ("labels", "expressions", "expected"),
    [
        ({"k": "v"}, [expression("k", "NotIn", "v")], True),
        ({"k": "v"}, [expression("k", "NotIn", "w")], False),
        ({"k": "v"}, [expression("other", "NotIn", "v")], False),
        ({"k": "v"}, [expression("k", "In", "w")], True),
        ({"k": "v"}, [expression("k", "DoesNotExist")], True),
        ({}, [expression("k", "Exists"), expression("k", "DoesNotExist")], True),
        ({}, [expression("k", "NotIn", "v"), expression("k", "DoesNotExist")], False),
        ({}, [expression("k", "NotIn", "v"), expression("k", "Exists")], False),
        ({}, [expression("k", "In", "v", "w"), expression("k", "NotIn", "v")], False),
        ({}, [expression("k", "In", "v", "w"), expression("k", "NotIn", "v"), expression("k", "NotIn", "w")], True),
        ({}, [expression("k", "In", "v"), expression("k", "In", "w")], True),
    ],
)
def test_a_selector_contradicts_itself_if_no_labels_match(labels: Raw, expressions: list[Raw], expected: bool) -> None:
    assert contradictory({"matchLabels": labels, "matchExpressions": expressions}) is expected


def test_every_namespace_has_its_name_as_a_label() -> None:
    gone = {"matchExpressions": [expression("kubernetes.io/metadata.name", "DoesNotExist")]}
    assert contradictory(gone, of_namespaces=True)
    assert not contradictory(gone)
