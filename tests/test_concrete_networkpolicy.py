"""NetworkPolicy v1 in the concrete evaluator: defaults, nulls, peers and ports, one test for each corner."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.networkpolicy import read_network_policy
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.written import WrittenObject, written

MISSING = "missing"
EMPTY: dict[str, Any] = {}


def policy(spec: Any, name: str = "p", namespace: str = "shop") -> WrittenObject:
    fields: dict[str, Any] = {"metadata": {"name": name}}
    if spec != MISSING:
        fields["spec"] = spec
    api = "networking.k8s.io/v1"
    return WrittenObject("p.yaml", 1, api, "NetworkPolicy", namespace, name, written(fields, 1))


def pod(namespace: str = "shop", ip: str = "10.0.0.1", **changes: Any) -> ConcreteEndpoint:
    values: dict[str, Any] = {"labels": {"app": "web"}, "ips": (ip,), **changes}
    return ConcreteEndpoint("pod", namespace, **values)


def external(ip: str) -> ConcreteEndpoint:
    return ConcreteEndpoint("external", ips=(ip,))


WEB = pod()
DB = pod(ip="10.0.0.2", labels={"app": "db"}, ports=(NamedPort("pg", "TCP", 5432), NamedPort("dns", "UDP", 53)))
OUTSIDE = external("8.8.8.8")


def allowed(
    source: ConcreteEndpoint,
    destination: ConcreteEndpoint,
    *specs: Any,
    protocol: str = "TCP",
    port: int = 80,
    pods: bool = True,
    family: Any = "IPv4",
) -> bool | None:
    cluster = Cluster.of(Manifests(tuple(policy(spec, f"p{index}") for index, spec in enumerate(specs))))
    decision = cluster.decide(source, destination, protocol, port, family, reading=Reading(pods))
    return decision.allowed


def ingress(*rules: Any, **spec: Any) -> dict[str, Any]:
    return {"policyTypes": ["Ingress"], "ingress": list(rules), **spec}


def egress(*rules: Any, **spec: Any) -> dict[str, Any]:
    return {"policyTypes": ["Egress"], "egress": list(rules), **spec}


@pytest.mark.parametrize(
    ("spec", "directions"),
    [
        (EMPTY, ["ingress"]),
        ({"policyTypes": None}, ["ingress"]),
        ({"policyTypes": []}, ["ingress"]),
        ({"egress": None}, ["ingress"]),
        ({"egress": []}, ["ingress"]),
        ({"policyTypes": [], "egress": [EMPTY]}, ["ingress", "egress"]),
        ({"egress": [None]}, ["ingress", "egress"]),
        ({"policyTypes": ["Egress"], "ingress": [EMPTY]}, ["egress"]),
        ({"policyTypes": ["Ingress"], "egress": [EMPTY]}, ["ingress"]),
        ({"policyTypes": ["Ingress", "Ingress"]}, ["ingress"]),
        ({"policyTypes": ["Egress", "Ingress"]}, ["egress", "ingress"]),
    ],
)
def test_policy_types_default_by_the_length_of_egress(spec: Any, directions: list[str]) -> None:
    assert list(read_network_policy(policy(spec)).rules) == directions


@pytest.mark.parametrize("spec", [MISSING, None, {}, {"podSelector": None}, {"podSelector": {"matchLabels": {}}}])
def test_a_policy_without_a_spec_denies_ingress_to_every_pod_of_its_namespace(spec: Any) -> None:
    assert allowed(DB, WEB, spec) is False
    assert allowed(WEB, OUTSIDE, spec) is True
    assert allowed(WEB, pod("other", "10.0.0.9"), spec) is True


@pytest.mark.parametrize("rules", [None, [], MISSING])
def test_no_rules_allow_nothing(rules: Any) -> None:
    spec: dict[str, Any] = {"policyTypes": ["Ingress"]}
    assert allowed(DB, WEB, spec if rules == MISSING else {**spec, "ingress": rules}) is False


@pytest.mark.parametrize("rule", [{}, None, {"from": None}, {"from": []}, {"ports": None}, {"ports": []}])
def test_an_empty_rule_allows_everything(rule: Any) -> None:
    spec = ingress(rule)
    for source in (DB, OUTSIDE, pod("other", "10.0.0.9")):
        for protocol in ("TCP", "UDP", "SCTP"):
            assert allowed(source, WEB, spec, protocol=protocol) is True


@pytest.mark.parametrize("peer", [{}, None, {"podSelector": None}, {"namespaceSelector": None}])
def test_a_peer_without_a_field_is_an_error(peer: Any) -> None:
    with pytest.raises(InputErrors, match="must specify a peer"):
        read_network_policy(policy(ingress({"from": [peer]})))


def test_a_block_beside_a_selector_is_an_error() -> None:
    peer: dict[str, Any] = {"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}
    with pytest.raises(InputErrors, match="may not specify both ipBlock and another peer"):
        read_network_policy(policy(ingress({"from": [peer]})))


def test_a_pod_selector_alone_means_the_namespace_of_the_policy_by_name() -> None:
    spec = ingress({"from": [{"podSelector": {}}]})
    assert allowed(DB, WEB, spec) is True
    assert allowed(pod("other", "10.0.0.9"), WEB, spec) is False
    assert allowed(OUTSIDE, WEB, spec) is False


def test_a_namespace_selector_alone_means_every_pod_of_matching_namespaces() -> None:
    anywhere = ingress({"from": [{"namespaceSelector": {}}]})
    labelled = ingress({"from": [{"namespaceSelector": {"matchLabels": {"env": "prod"}}}]})
    prod = pod("other", "10.0.0.9", namespace_labels={"env": "prod"})
    assert allowed(prod, WEB, anywhere) is True
    assert allowed(OUTSIDE, WEB, anywhere) is False
    assert allowed(ConcreteEndpoint("node", ips=("10.1.0.1",)), WEB, anywhere) is False
    assert allowed(prod, WEB, labelled) is True
    assert allowed(DB, WEB, labelled) is False


def test_both_selectors_in_one_peer_are_and_in_two_peers_or() -> None:
    by_namespace = {"namespaceSelector": {"matchLabels": {"env": "prod"}}}
    by_pod = {"podSelector": {"matchLabels": {"app": "db"}}}
    both, either = ingress({"from": [{**by_namespace, **by_pod}]}), ingress({"from": [by_namespace, by_pod]})
    prod_web = pod("other", "10.0.0.9", namespace_labels={"env": "prod"})
    prod_db = pod("other", "10.0.0.9", labels={"app": "db"}, namespace_labels={"env": "prod"})
    assert [allowed(source, WEB, both) for source in (prod_web, prod_db, DB)] == [False, True, False]
    assert [allowed(source, WEB, either) for source in (prod_web, prod_db, DB)] == [True, True, True]


def test_every_namespace_carries_its_own_name_whatever_is_written() -> None:
    named = {"matchLabels": {"kubernetes.io/metadata.name": "other"}}
    spec = ingress({"from": [{"namespaceSelector": named}]})
    lying = pod("third", "10.0.0.9", namespace_labels={"kubernetes.io/metadata.name": "other"})
    assert allowed(pod("other", "10.0.0.9"), WEB, spec) is True
    assert allowed(pod("other", "10.0.0.9", namespace_labels=None), WEB, spec) is True
    assert allowed(lying, WEB, spec) is False


@pytest.mark.parametrize(
    ("ports", "tcp", "udp"),
    [
        ([EMPTY], True, False),
        ([None], True, False),
        ([{"protocol": "UDP"}], False, True),
        ([{"port": None}], True, False),
    ],
)
def test_a_port_entry_without_a_number_is_every_port_of_one_protocol(ports: Any, tcp: bool, udp: bool) -> None:
    spec = ingress({"ports": ports})
    assert allowed(DB, WEB, spec, port=1) is allowed(DB, WEB, spec, port=65535) is tcp
    assert allowed(DB, WEB, spec, protocol="UDP") is udp
    assert allowed(DB, WEB, spec, protocol="SCTP") is False


def test_end_port_is_inclusive() -> None:
    spec = ingress({"ports": [{"port": 80, "endPort": 82}]})
    got = [allowed(DB, WEB, spec, port=port) for port in (79, 80, 81, 82, 83)]
    assert got == [False, True, True, True, False]
    assert allowed(DB, WEB, spec, port=80, protocol="UDP") is False


def test_a_named_port_resolves_on_the_destination_with_its_protocol() -> None:
    to_db = ingress({"ports": [{"port": "pg"}]})
    assert allowed(WEB, DB, to_db, port=5432) is True
    assert allowed(WEB, DB, to_db, port=5433) is False
    assert allowed(WEB, DB, ingress({"ports": [{"port": "dns"}]}), port=53, protocol="UDP") is False
    assert allowed(WEB, DB, ingress({"ports": [{"port": "dns"}]}), port=53) is False
    right = ingress({"ports": [{"port": "dns", "protocol": "UDP"}]})
    assert allowed(WEB, DB, right, port=53, protocol="UDP") is True


def test_a_named_port_on_egress_is_the_peers_and_never_that_of_an_address() -> None:
    spec = egress({"ports": [{"port": "pg"}]})
    assert allowed(WEB, DB, spec, port=5432) is True
    assert allowed(WEB, OUTSIDE, spec, port=5432) is False
    assert allowed(DB, WEB, spec, port=5432) is False
    block = egress({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": "pg"}]})
    assert allowed(WEB, OUTSIDE, block, port=5432) is False
    in_host_network = pod(ip="10.9.0.1", ports=DB.ports, host_network=True)
    assert allowed(WEB, in_host_network, spec, port=5432) is False


def test_a_name_declared_twice_means_both_numbers() -> None:
    both = pod(ip="10.0.0.3", ports=(NamedPort("web", "TCP", 80), NamedPort("web", "TCP", 81)))
    got = [allowed(WEB, both, ingress({"ports": [{"port": "web"}]}), port=port) for port in (80, 81, 82)]
    assert got == [True, True, False]


def test_ports_and_peers_must_match_in_one_rule() -> None:
    to_db = {"matchLabels": {"app": "db"}}
    first = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 1}]}
    second = {"from": [{"podSelector": {"matchLabels": {"app": "x"}}}], "ports": [{"port": 2}]}
    spec = ingress(first, second, podSelector=to_db)
    assert allowed(WEB, DB, spec, port=1) is True
    assert allowed(WEB, DB, spec, port=2) is False


def test_port_ranges_of_one_peer_do_not_leak_to_another() -> None:
    shared = [{"port": 10, "endPort": 19}, {"port": 30, "endPort": 39}, {"port": 50, "endPort": 59}]
    web, other = {"podSelector": {"matchLabels": {"app": "web"}}}, {"podSelector": {"matchLabels": {"app": "x"}}}
    spec = ingress(
        {"from": [web, other], "ports": shared},
        {"from": [web], "ports": [{"port": 70, "endPort": 79}]},
        {"from": [other], "ports": [{"port": 90, "endPort": 99}]},
        podSelector={"matchLabels": {"app": "db"}},
    )
    x = pod(ip="10.0.0.4", labels={"app": "x"})
    assert [allowed(WEB, DB, spec, port=port) for port in (10, 35, 59, 75, 95)] == [True, True, True, True, False]
    assert [allowed(x, DB, spec, port=port) for port in (10, 35, 59, 75, 95)] == [True, True, True, False, True]


def test_rules_of_a_direction_not_governed_are_ignored() -> None:
    assert allowed(DB, WEB, {"policyTypes": ["Egress"], "ingress": []}) is False  # DB's egress is closed
    assert allowed(OUTSIDE, WEB, {"policyTypes": ["Egress"], "ingress": []}) is True
    assert allowed(WEB, OUTSIDE, {"policyTypes": ["Ingress"], "egress": [{}]}) is True


def test_policies_add_up_and_both_ends_must_allow() -> None:
    assert allowed(OUTSIDE, WEB, ingress(), ingress({})) is True
    assert allowed(WEB, DB, egress({}), ingress()) is False
    assert allowed(WEB, DB, egress(), ingress({})) is False
    assert allowed(WEB, DB, egress({}), ingress({})) is True


def block(cidr: str, *excepted: str) -> dict[str, Any]:
    return ingress({"from": [{"ipBlock": {"cidr": cidr, "except": list(excepted) or None}}]})


def test_an_exception_only_subtracts_inside_its_own_block() -> None:
    assert allowed(external("10.1.0.1"), WEB, block("10.0.0.0/8", "10.1.0.0/16")) is False
    assert allowed(external("10.2.0.1"), WEB, block("10.0.0.0/8", "10.1.0.0/16")) is True
    assert allowed(external("10.1.0.1"), WEB, block("10.0.0.0/8", "10.1.0.0/16"), block("10.1.0.1/32")) is True
    assert allowed(external("10.1.0.1"), WEB, block("10.1.0.0/16", "10.1.0.0/16")) is False


def test_a_block_of_one_family_says_nothing_about_the_other() -> None:
    six = external("fd00::9")
    web = pod(ip="fd00::1")
    assert allowed(six, web, block("0.0.0.0/0"), family="IPv6") is False
    assert allowed(six, web, block("::/0"), family="IPv6") is True
    assert allowed(OUTSIDE, WEB, block("::/0")) is False
    dual = pod(ip="10.0.0.1", ips=("10.0.0.1", "fd00::1"))
    assert allowed(dual, web, block("10.0.0.0/8"), family="IPv6") is False


def test_blocks_match_pods_only_under_that_reading_and_nodes_always() -> None:
    assert allowed(DB, WEB, block("10.0.0.0/8"), pods=True) is True
    assert allowed(DB, WEB, block("10.0.0.0/8"), pods=False) is False
    node = ConcreteEndpoint("node", ips=("10.9.0.1",))
    assert allowed(node, WEB, block("10.0.0.0/8"), pods=False) is True


def test_a_pod_in_the_hosts_network_counts_as_its_node() -> None:
    host = pod(ip="10.9.0.1", labels={"app": "db"}, host_network=True)
    assert allowed(OUTSIDE, host, ingress()) is True
    assert allowed(host, WEB, ingress({"from": [{"podSelector": {}}]})) is False
    assert allowed(host, WEB, block("10.9.0.1/32"), pods=False) is True


@pytest.mark.parametrize("cidr", ["10.0.0.1", "", "10.0.0.0/40"])
def test_a_block_that_cannot_be_read_is_an_error(cidr: str) -> None:
    with pytest.raises(InputErrors, match="must be a valid CIDR value"):
        read_network_policy(policy(block(cidr)))


@pytest.mark.parametrize(
    "spec",
    [[], {"ingress": {}}, {"podSelector": {"matchLabels": "app=web"}}, ingress({"ports": [{"port": True}]})],
)
def test_a_field_of_another_type_is_an_error(spec: Any) -> None:
    with pytest.raises(InputErrors):
        read_network_policy(policy(spec))
