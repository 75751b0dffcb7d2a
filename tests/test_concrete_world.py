"""Does the connection of a counterexample exist in the property's world?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.inventory import Inventory, Workload
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.properties.concrete_groups import Connection
from netpol_verify.properties.concrete_world import unreal
from netpol_verify.properties.suite import World

DEPLOYMENT = Workload(
    "shop/Deployment/web",
    "shop",
    "Deployment",
    "web",
    "shop/Deployment/web",
    {"app": "web"},
    frozenset(["pod-template-hash"]),
    (NamedPort("http", "TCP", 80),),
    (),
    False,
    "w.yaml",
    1,
)
POD = replace(DEPLOYMENT, reference="shop/Pod/one", kind="Pod", name="one", owner="shop/Pod/one")
INVENTORY = Inventory({"shop": {"env": "prod"}}, frozenset(["named"]), (DEPLOYMENT, POD))

WEB = ConcreteEndpoint(
    "pod",
    "shop",
    {"app": "web", "pod-template-hash": "a"},
    {"env": "prod"},
    DEPLOYMENT.ports,
    ("10.244.0.1",),
    workload="shop/Deployment/web",
)
STRANGER = ConcreteEndpoint("pod", "foo", {"x": "y"}, {}, ips=("10.244.0.2",))
OUTSIDE = ConcreteEndpoint("external", ips=("8.8.8.8",))


def reasons(source: ConcreteEndpoint, destination: ConcreteEndpoint, **world: Any) -> list[str]:
    connection = Connection(source, destination, "TCP", 80, "IPv4", Reading(True))
    return unreal(connection, INVENTORY, World.model_validate(world))


def test_declared_and_hypothetical_pods_exist_in_an_open_world() -> None:
    assert reasons(WEB, STRANGER) == reasons(OUTSIDE, WEB) == []


def test_two_pods_of_one_workload_are_two_but_a_pod_is_one() -> None:
    twin = replace(WEB, ips=("10.244.0.9",))
    assert reasons(WEB, twin) == []
    one = replace(WEB, workload="shop/Pod/one")
    assert reasons(one, replace(one, ips=("10.244.0.9",))) == ["both ends are the same pod"]
    assert reasons(WEB, WEB) == ["both ends have one address"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"labels": {"pod-template-hash": "a"}}, "it lacks labels of shop/Deployment/web"),
        ({"labels": {"app": "web", "x": "y"}}, "it has labels that shop/Deployment/web does not have"),
        ({"ports": ()}, "its named ports are not those of shop/Deployment/web"),
        ({"host_network": True}, "its network is not that of shop/Deployment/web"),
        ({"workload": "shop/Deployment/x"}, "no manifest declares shop/Deployment/x"),
        ({"namespace_labels": {}}, "namespace shop has other labels"),
    ],
)
def test_a_declared_pod_is_as_declared(change: dict[str, Any], reason: str) -> None:
    assert reasons(replace(WEB, **change), OUTSIDE) == [f"the source: {reason}"]


def test_closed_worlds_hold_only_what_is_declared_or_named() -> None:
    assert reasons(WEB, STRANGER, pods="closed") == ["the destination: only declared pods exist"]
    assert reasons(WEB, STRANGER, namespaces="closed") == ["the destination: namespace foo does not exist"]
    assert reasons(WEB, replace(STRANGER, namespace="named"), namespaces="closed") == []
    external: list[dict[str, Any]] = [{"name": "foo", "labels": {}, "pods": [{"labels": {"x": "y"}}]}]
    assert reasons(WEB, STRANGER, pods="closed", namespaces="closed", external=external) == []
    external[0]["labels"] = {"env": "dev"}
    assert reasons(WEB, STRANGER, external=external) == ["the destination: namespace foo has other labels"]


def test_addresses_lie_where_the_world_says() -> None:
    ranges = {"podCIDRs": ["10.244.0.0/24"], "nodeCIDRs": ["10.0.0.0/16"]}
    assert reasons(WEB, STRANGER, **ranges) == []
    far = replace(STRANGER, ips=("10.245.0.1",))
    assert reasons(WEB, far, **ranges) == ["the destination: 10.245.0.1 is in none of 10.244.0.0/24"]
    inside = ConcreteEndpoint("external", ips=("10.0.0.1",))
    assert reasons(inside, WEB, **ranges) == ["the source: 10.0.0.1 is inside the cluster"]
    node = ConcreteEndpoint("node", ips=("10.0.0.1",))
    assert reasons(node, WEB, **ranges) == []
    assert reasons(replace(node, ips=("10.1.0.1",)), WEB, **ranges) == [
        "the source: 10.1.0.1 is in none of 10.0.0.0/16"
    ]


def test_a_namespace_has_one_set_of_labels() -> None:
    other = replace(STRANGER, namespace_labels={"a": "b"}, ips=("10.244.0.3",))
    assert reasons(STRANGER, other) == ["the ends disagree about the labels of their namespace"]
