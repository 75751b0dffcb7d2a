"""Nodes in the concrete evaluator: as declared, as peers, as ends of connections on the command line and in reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from admin_support import DB, OUTSIDE, WEB, Spec, allowed, anp, asked, cluster, cnp, made, node, out, pod
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.inventory import Inventory, read_inventory
from netpol_verify.encodings.concrete.merging import as_seen, both
from netpol_verify.encodings.concrete.nodes import Node, Nodes, read_nodes
from netpol_verify.encodings.concrete.printed import from_printed, reading_from_printed
from netpol_verify.encodings.concrete.reading import Reading, Readings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.properties.concrete_groups import Connection
from netpol_verify.properties.concrete_world import in_world, unreal
from netpol_verify.properties.suite import World
from netpol_verify.verify.flow_endpoints import Place, resolve_endpoint
from netpol_verify.verify.flows import resolve

PLACE = Place("command line")


def test_a_node_has_its_labels_and_those_of_its_addresses_that_are_ips() -> None:
    listed = [
        {"type": "InternalIP", "address": "10.0.0.10"},
        {"type": "ExternalIP", "address": "2001:db8::10"},
        {"type": "Hostname", "address": "worker"},
        {"type": "InternalDNS", "address": "worker.example"},
        {"type": "Hostname", "address": "10.0.0.10"},
    ]
    item = made("v1", "Node", "w", metadata={"labels": {"zone": "a", "gpu": None}}, status={"addresses": listed})
    other = made("projectcalico.org/v3", "Node", "x")
    bare = made("v1", "Node", "bare")
    found = read_nodes(Manifests((item, other, bare)))
    assert found == (Node("w", {"zone": "a", "gpu": ""}, ("10.0.0.10", "2001:db8::10")), Node("bare"))
    assert found[0].of_family("IPv6") == ("2001:db8::10",)


def test_an_address_that_is_none_is_a_mistake() -> None:
    status = {"addresses": [{"type": "InternalIP", "address": "10.0.0"}]}
    with pytest.raises(InputErrors, match=r"status.addresses\[0\].address: must be an IP address"):
        read_nodes(Manifests((made("v1", "Node", "w", status=status),)))


def test_nodes_and_cluster_wide_policies_are_no_workloads() -> None:
    inventory = read_inventory(Manifests((node("w", "10.0.0.10"), anp(), cnp())))
    assert inventory == Inventory(nodes=Nodes((Node("w", {}, ("10.0.0.10",)),)))


WORKER = node("worker", "192.168.0.4", zone="a")
LABELLED = ConcreteEndpoint("node", ips=("192.168.0.9",), node_labels={"zone": "a"})
NAMED = ConcreteEndpoint("node", node="worker", ips=("192.168.0.4",))
AT_ADDRESS = ConcreteEndpoint("node", ips=("192.168.0.4",))
UNKNOWN = ConcreteEndpoint("node", ips=("192.168.0.9",))
HOSTED = pod("agent", "192.168.0.4", host_network=True)
ON_WORKER = replace(HOSTED, ips=(), node="worker")
SOMEWHERE = replace(HOSTED, ips=("192.168.0.9",))
PRINTED_THERE = replace(SOMEWHERE, node_labels={"zone": "a"})


@pytest.mark.parametrize(
    ("end", "in_zone_a", "in_zone_b", "anywhere"),
    [
        (LABELLED, True, False, True),
        (replace(LABELLED, node_labels={}), False, False, True),
        (NAMED, True, False, True),
        (AT_ADDRESS, True, False, True),
        (UNKNOWN, None, None, True),
        (replace(OUTSIDE, ips=("192.168.0.4",)), True, False, True),
        (OUTSIDE, False, False, False),
        (DB, False, False, False),
        (replace(DB, node="worker"), False, False, False),
        (HOSTED, True, False, True),
        (ON_WORKER, True, False, True),
        (SOMEWHERE, None, None, True),
        (PRINTED_THERE, True, False, True),
    ],
)
@pytest.mark.parametrize("reading", [Reading(True), Reading(True, host_network_pods="ordinary")])
def test_the_nodes_peer_matches_nodes_and_pods_in_their_network_and_no_pods_that_run_there(
    end: ConcreteEndpoint, in_zone_a: bool | None, in_zone_b: bool | None, anywhere: bool, reading: Reading
) -> None:
    zones: list[tuple[Spec, bool | None]] = [
        ({"matchLabels": {"zone": "a"}}, in_zone_a),
        ({"matchLabels": {"zone": "b"}}, in_zone_b),
        ({}, anywhere),
    ]
    for selector, matches in zones:
        decision = asked(WORKER, cnp(egress=[out("Deny", [{"nodes": selector}])]), destination=end, reading=reading)
        assert decision.allowed is {True: False, False: True, None: None}[matches], selector


def test_what_is_unknown_of_a_node_is_named() -> None:
    zone = cnp(egress=[out("Deny", [{"nodes": {"matchLabels": {"zone": "a"}}}])])
    assert asked(zone, destination=UNKNOWN).depends_on == ("labels of 192.168.0.9",)
    assert asked(zone, destination=replace(UNKNOWN, node="w")).depends_on == ("labels of node w",)
    assert asked(zone, destination=SOMEWHERE).depends_on == ("labels of the node of shop/agent",)


def test_a_node_is_never_the_source_that_an_ingress_rule_means() -> None:
    everyone: list[Spec] = [{"action": "Deny", "from": [{"namespaces": {}}, {"pods": {"podSelector": {}}}]}]
    assert allowed(cnp(ingress=everyone), source=NAMED) is True


def test_a_world_declares_nodes_and_binds_domain_names() -> None:
    world = World.model_validate(
        {
            "nodes": [{"name": "extra", "labels": {"zone": "a"}, "addresses": ["192.168.0.9"]}],
            "domains": {"*.example.com": ["203.0.113.0/24"]},
        }
    )
    rules = [
        out("Deny", [{"nodes": {"matchLabels": {"zone": "a"}}}]),
        out("Deny", [{"domainNames": ["*.example.com"]}]),
    ]
    policies = in_world(cluster(WORKER, anp(egress=rules)), world)
    for end in (NAMED, UNKNOWN, OUTSIDE):
        assert policies.decide(WEB, end, "TCP", 80, "IPv4", reading=Reading(True)).allowed is False
    elsewhere = replace(OUTSIDE, ips=("198.51.100.1",))
    assert policies.decide(WEB, elsewhere, "TCP", 80, "IPv4", reading=Reading(True)).allowed is True


PRINTED: dict[str, Any] = {
    **{"kind": "node", "namespace": None, "namespaceLabels": {}, "namespaceDeclared": None, "workload": None},
    **{"ports": [], "hostNetwork": False},
}


def test_a_printed_node_is_read_back() -> None:
    found = from_printed({**PRINTED, "node": None, "labels": {"zone": "a"}, "ips": ["192.168.0.9"]})
    assert found == LABELLED
    named = from_printed({**PRINTED, "node": "worker", "labels": {"zone": "a"}, "ips": ["192.168.0.4"]})
    assert (named.node, named.node_labels, named.name) == ("worker", {"zone": "a"}, "node worker")
    there = {"kind": "pod", "namespace": "shop", "hostNetwork": True, "node": "w", "nodeLabels": {"zone": "b"}}
    assert (from_printed(there).node, from_printed(there).node_labels) == ("w", {"zone": "b"})


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ({"ipBlockMatchesPods": False, "order": []}, Reading(False)),
        (
            {
                "ipBlockMatchesPods": True,
                "order": ["ClusterNetworkPolicy/b", "ClusterNetworkPolicy/a"],
                "baselineHiddenBy": "pod",
                "hostNetworkPods": "ordinary",
            },
            Reading(True, ("ClusterNetworkPolicy/b", "ClusterNetworkPolicy/a"), "pod", "ordinary"),
        ),
    ],
)
def test_a_printed_reading_is_read_back(printed: dict[str, Any], expected: Reading) -> None:
    """Reports of older releases have the first two keys only."""
    assert reading_from_printed(printed) == expected


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        (None, "must be an object"),
        ({}, "needs ipBlockMatchesPods, true or false"),
        ({"ipBlockMatchesPods": "either"}, "needs ipBlockMatchesPods, true or false"),
        ({"ipBlockMatchesPods": True, "order": "a"}, "order: must be a list"),
        ({"ipBlockMatchesPods": True, "order": [1]}, "order: must be a list of policies"),
        ({"ipBlockMatchesPods": True, "baselineHiddenBy": "either"}, "baselineHiddenBy: must be one of direction, pod"),
        ({"ipBlockMatchesPods": True, "hostNetworkPods": []}, "hostNetworkPods: must be one of excluded, ordinary"),
        ({"ipBlockMatchesPods": True, "orders": []}, 'did you mean "order"?'),
    ],
)
def test_a_reading_that_no_report_prints_is_refused(printed: Any, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        reading_from_printed(printed)
    assert message in str(caught.value)


def bare_pod(name: str, ip: str, namespace: str = "shop", **spec: Any) -> Any:
    return made("v1", "Pod", name, namespace, spec={"containers": [], **spec}, status={"podIP": ip})


INVENTORY = read_inventory(
    Manifests(
        (
            WORKER,
            node("dual", "192.168.0.5", "2001:db8::5"),
            node("two", "192.168.0.6", "192.168.0.7"),
            node("a", "192.168.0.8"),
            node("b", "192.168.0.8"),
            bare_pod("web", "10.0.0.1", nodeName="worker"),
            bare_pod("agent", "192.168.0.4", hostNetwork=True, nodeName="worker"),
            bare_pod("dual", "10.0.0.7", "node"),
        )
    )
)


@pytest.mark.parametrize(
    ("expression", "name", "ips"),
    [
        ("node/worker", "worker", ("192.168.0.4",)),
        ("192.168.0.4", "worker", ("192.168.0.4",)),
        ("192.168.0.7", "two", ("192.168.0.7",)),
        ({"kind": "node", "node": "dual"}, "dual", ("192.168.0.5", "2001:db8::5")),
        ({"kind": "node", "node": "unheard"}, "unheard", ()),
        ({"kind": "node", "ips": ["192.168.0.99"]}, None, ("192.168.0.99",)),
    ],
)
def test_an_end_that_is_a_node(expression: Any, name: str | None, ips: tuple[str, ...]) -> None:
    found = resolve_endpoint(expression, INVENTORY, PLACE).endpoint
    assert (found.kind, found.node, found.ips) == ("node", name, ips)
    declared = INVENTORY.nodes.named(name)
    assert found.node_labels == (None if declared is None else declared.labels)


def test_a_workload_of_a_namespace_that_is_called_node_comes_before_a_node() -> None:
    assert resolve_endpoint("node/dual", INVENTORY, PLACE).endpoint.workload == "node/Pod/dual"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("node/two", "node two has several IPv4 addresses: 192.168.0.6, 192.168.0.7"),
        ("192.168.0.8", "192.168.0.8 is the address of several nodes: a, b"),
        ("node/wrker", 'did you mean "node/worker"?'),
        ({"kind": "node"}, "needs an address in `ips`, or a name in `node`"),
    ],
)
def test_an_end_that_is_no_certain_node(expression: Any, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        resolve_endpoint(expression, INVENTORY, PLACE)
    assert message in str(caught.value)


def test_a_pod_and_its_own_node_are_outside_the_model() -> None:
    for ends in (("shop/web", "node/worker"), ("192.168.0.4", "shop/web")):
        with pytest.raises(InputErrors, match="its own node"):
            resolve({"from": ends[0], "to": ends[1], "port": 80}, INVENTORY, Readings(), PLACE)
    assert resolve({"from": "shop/web", "to": "192.168.0.7", "port": 80}, INVENTORY, Readings(), PLACE)


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("excluded", "it counts as its node, which no selector matches"),
        ("ordinary", "it counts as a pod to NetworkPolicies, and as its node to cluster-wide policies"),
        (None, "it counts as a pod to some plugins, and as its node to others (hostNetworkPods)"),
    ],
)
def test_what_a_pod_in_the_hosts_network_counts_as_is_said(host: Any, message: str) -> None:
    flow = {"from": "shop/agent", "to": "10.9.9.9", "port": 80}
    (notice,) = resolve(flow, INVENTORY, Readings(host_network_pods=host), PLACE).notices
    assert notice.message == f"shop/agent is in its host's network: {message}"


def objections(source: ConcreteEndpoint, destination: ConcreteEndpoint, **world: Any) -> list[str]:
    connection = Connection(source, destination, "TCP", 80, "IPv4", Reading(True))
    return unreal(connection, INVENTORY, World.model_validate(world))


STRANGER = ConcreteEndpoint("pod", "foo", {}, {}, ips=("10.244.0.2",))
REAL = ConcreteEndpoint("node", node="worker", node_labels={"zone": "a"}, ips=("192.168.0.4",))
ADDED: Spec = {"nodes": [{"name": "extra", "labels": {"zone": "b"}, "addresses": []}]}


@pytest.mark.parametrize(
    ("end", "world", "reasons"),
    [
        (REAL, {}, []),
        (REAL, {"nodeCIDRs": ["10.0.0.0/16"]}, []),
        (replace(REAL, node_labels={}), {}, ["node worker has other labels"]),
        (replace(REAL, ips=("192.168.0.9",)), {}, ["192.168.0.9 is not an address of node worker"]),
        (replace(REAL, node="unheard"), {}, ["nothing declares node unheard"]),
        (replace(REAL, node="extra", node_labels={"zone": "b"}, ips=("192.168.0.9",)), ADDED, []),
        (replace(REAL, node=None), {}, ["192.168.0.4 is the address of node worker"]),
        (replace(REAL, node=None, ips=("192.168.0.9",)), {}, []),
        (
            replace(REAL, node=None, ips=("192.168.0.9",)),
            {"nodeCIDRs": ["10.0.0.0/16"]},
            ["192.168.0.9 is in none of 10.0.0.0/16"],
        ),
        (replace(OUTSIDE, ips=("192.168.0.4",)), {}, ["192.168.0.4 is the address of node worker"]),
        (replace(STRANGER, ips=("192.168.0.4",)), {}, ["192.168.0.4 is the address of node worker"]),
    ],
)
def test_what_of_nodes_cannot_be(end: ConcreteEndpoint, world: dict[str, Any], reasons: list[str]) -> None:
    """A declared node is as declared, and its addresses are nobody else's."""
    other = replace(STRANGER, ips=("10.244.0.3",))
    assert objections(other, end, **world) == [f"the destination: {each}" for each in reasons]


def test_the_pods_own_node_is_no_other_node() -> None:
    web = ConcreteEndpoint("pod", "shop", {}, None, (), ("10.0.0.1",), workload="shop/Pod/web")
    assert objections(web, REAL) == objections(REAL, web) == ["node worker is the pod's own"]
    there = replace(REAL, node="dual", node_labels={}, ips=("192.168.0.5",))
    assert objections(web, there) == []
    assert objections(replace(STRANGER, node="dual"), there) == ["node dual is the pod's own"]


def test_each_side_of_a_comparison_has_its_own_labels_of_a_node() -> None:
    base = Inventory(nodes=Nodes((Node("w", {"zone": "a"}), Node("old"))))
    head = Inventory(nodes=Nodes((Node("w", {"zone": "b"}), Node("new"))))
    assert [each.name for each in both(base, head).nodes.known] == ["w", "old", "new"]
    printed = ConcreteEndpoint("node", node="w", node_labels={"zone": "b"})
    assert as_seen(printed, both(base, head)).node_labels == {"zone": "a"}
    nameless = replace(printed, node=None)
    assert as_seen(nameless, both(base, head)) == nameless
