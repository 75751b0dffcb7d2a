"""Groups and verbs of a suite, decided for one concrete connection."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.networkpolicy import read_network_policy
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.concrete.selectors import Labels
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.properties.concrete import members, violates
from netpol_verify.properties.concrete_groups import Connection
from netpol_verify.properties.concrete_selectors import parse_selector
from netpol_verify.properties.suite import Group, Property, World

WEB = ConcreteEndpoint("pod", "shop", {"app": "web"}, {"team": "a"}, ips=("10.244.0.1",))
DB = ConcreteEndpoint(
    "pod",
    "data",
    {"app": "db"},
    {"team": "b"},
    (NamedPort("pg", "TCP", 5432),),
    ("10.244.0.2",),
    workload="data/StatefulSet/db",
)
HOST = ConcreteEndpoint("pod", "shop", {"app": "web"}, {}, ips=("10.0.0.9",), host_network=True)
NODE = ConcreteEndpoint("node", ips=("10.0.0.1",))


def outside(ip: str) -> ConcreteEndpoint:
    return ConcreteEndpoint("external", ips=(ip,))


def group(**fields: Any) -> Group:
    return Group.model_validate(fields)


def holds(some: Group, endpoint: ConcreteEndpoint, world: World | None = None, family: Any = "IPv4") -> bool | None:
    connection = Connection(endpoint, endpoint, "TCP", 80, family, Reading(True))
    return members(some, endpoint, world or World(), connection).value


@pytest.mark.parametrize(
    ("text", "absent", "x", "y", "empty"),
    [
        ("k=x", False, True, False, False),
        ("k==x", False, True, False, False),
        (" k = x ", False, True, False, False),
        ("k!=x", True, False, True, True),
        ("k in (x, z)", False, True, False, False),
        ("k in(x,)", False, True, False, True),
        ("k notin (x)", True, False, True, True),
        ("k", False, True, True, True),
        ("!k", True, False, False, False),
        ("k=", False, False, False, True),
        ("k,k!=y", False, True, False, True),
        ("k in (in,x)", False, True, False, False),
        ("", True, True, True, True),
    ],
)
def test_selector_strings_mean_what_kubectl_means(text: str, absent: bool, x: bool, y: bool, empty: bool) -> None:
    selector = parse_selector(text)
    bearers: list[dict[str, str]] = [{}, {"k": "x"}, {"k": "y"}, {"k": ""}]
    assert [selector.matches(Labels(labels, "pod")).value for labels in bearers] == [absent, x, y, empty]


@pytest.mark.parametrize("text", ["=x", "k in x", "k in (x", "k>1", "k x", ",", "k,", "!", "k in (x))", "k notin"])
def test_selector_strings_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_selector(text)


def test_pod_groups_hold_pods_only() -> None:
    everyone = group()
    assert [holds(everyone, each) for each in (WEB, DB, HOST, NODE, outside("8.8.8.8"))] == [True, True, *[False] * 3]
    assert holds(group(namespace="shop"), WEB) is True
    assert holds(group(namespace=["x", "data"]), WEB) is False
    assert holds(group(namespaces="team=a", pods={"matchLabels": {"app": "web"}}), WEB) is True
    not_web = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}
    assert holds(group(namespaces="team=a", pods=not_web), WEB) is False
    assert holds(group(namespaces="kubernetes.io/metadata.name=shop"), WEB) is True
    assert holds(group(namespaces="team"), ConcreteEndpoint("pod", "x", namespace_labels=None)) is None


def test_workloads_are_told_by_what_the_endpoint_says() -> None:
    assert holds(group(workload="data/db"), DB) is True
    assert holds(group(workload="data/StatefulSet/db"), DB) is True
    assert holds(group(workload="data/Deployment/db"), DB) is False
    assert holds(group(workload="shop/web"), WEB) is False


def test_any_holds_pods_and_addresses_and_node_the_rest() -> None:
    ends = (WEB, outside("8.8.8.8"), NODE, HOST)
    assert [holds(group(any=True), each) for each in ends] == [True, True, False, False]
    assert [holds(group(node=True), each) for each in ends] == [False, False, True, True]


def test_cidr_groups_are_outside_addresses_without_the_clusters_ranges() -> None:
    ten = Group.model_validate({"cidr": "10.0.0.0/8", "except": ["10.9.0.0/16"]})
    world = World.model_validate({"podCIDRs": ["10.244.0.0/16"], "nodeCIDRs": ["10.0.0.0/16"]})
    assert holds(ten, outside("10.1.0.1")) is True
    assert holds(ten, outside("10.9.0.1")) is False
    assert holds(ten, WEB) is holds(ten, NODE) is False
    assert holds(ten, outside("10.0.0.7"), world) is holds(ten, outside("10.244.0.7"), world) is False
    assert holds(ten, outside("10.1.0.1"), family="IPv6") is False


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("8.8.8.8", True),
        ("172.15.255.255", True),
        ("172.16.0.0", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("100.128.0.1", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("2001:4860:4860::8888", True),
        ("fd00::1", False),
        ("::1", False),
        ("fe80::1", False),
        ("ff02::1", False),
    ],
)
def test_the_internet_is_what_is_not_private(ip: str, expected: bool) -> None:
    assert holds(group(builtin="internet"), outside(ip), family="IPv6" if ":" in ip else "IPv4") is expected


def test_cloud_metadata_holds_the_common_addresses_and_those_of_the_clouds_named() -> None:
    plain, more = group(builtin="cloud-metadata"), group(builtin="cloud-metadata", clouds=["eks", "azure"])
    assert holds(plain, outside("169.254.169.254")) is True
    assert holds(plain, outside("fd00:ec2::254"), family="IPv6") is True
    assert holds(plain, outside("169.254.170.23")) is False
    assert holds(more, outside("169.254.170.23")) is holds(more, outside("168.63.129.16")) is True
    assert holds(more, outside("100.100.100.200")) is False


def prop(**verb: Any) -> Property:
    return Property.model_validate({"id": "p", **verb})


def policy(spec: Any, namespace: str = "shop") -> WrittenObject:
    fields = written({"spec": spec}, 1)
    return WrittenObject("p.yaml", 1, "networking.k8s.io/v1", "NetworkPolicy", namespace, "p", fields)


GROUPS = {
    "web": group(namespace="shop", pods="app=web"),
    "db": group(workload="data/db"),
    "out": group(builtin="internet"),
    "anyone": group(any=True),
}


def reasons(
    some: Property,
    allowed: bool,
    source: ConcreteEndpoint = WEB,
    destination: ConcreteEndpoint = DB,
    *,
    policies: tuple[WrittenObject, ...] = (),
    world: World | None = None,
    **changes: Any,
) -> list[str]:
    values: dict[str, Any] = {"protocol": "TCP", "port": 5432, "family": "IPv4", **changes}
    cluster = Cluster([read_network_policy(item) for item in policies])
    return violates(
        some,
        GROUPS,
        world or World(),
        source,
        destination,
        allowed=allowed,
        cluster=cluster,
        reading=Reading(True),
        **values,
    )


NEVER = prop(never={"from": "web", "to": ["out", "db"], "ports": ["TCP/pg", "UDP/53", "TCP/8000-8010"]})


def test_never_is_refuted_by_an_allowed_connection_of_its_hypothesis() -> None:
    assert reasons(NEVER, True) == []
    assert reasons(NEVER, True, port=8010) == []
    assert reasons(NEVER, False) == ["the connection is blocked"]
    assert reasons(NEVER, True, port=8011) == ["the port is not among `ports`"]
    assert reasons(NEVER, True, protocol="UDP") == ["the port is not among `ports`"]
    assert reasons(NEVER, True, source=DB, destination=WEB, port=8000) == [
        "the source is not in `from`",
        "the destination is not in `to`",
    ]
    assert reasons(NEVER, True, destination=outside("8.8.8.8"), port=53, protocol="UDP") == []
    assert reasons(NEVER, True, destination=outside("8.8.8.8")) == ["the port is not among `ports`"]


@pytest.mark.parametrize("verb", ["always", "can"])
def test_always_and_can_are_refuted_by_a_blocked_connection(verb: str) -> None:
    some = prop(**{verb: {"from": "web", "to": "db", "ports": [5432]}})
    assert reasons(some, False) == []
    assert reasons(some, True) == ["the connection is allowed"]
    assert reasons(some, False, port=80) == ["the port is not among `ports`"]


def test_what_is_no_connection_refutes_nothing() -> None:
    everything = prop(never={"from": "anyone", "to": "anyone"})
    assert reasons(everything, True, source=outside("8.8.8.8"), destination=NODE)[0] == "neither end is a pod"
    assert reasons(everything, True, port=0) == ["0 is not a port"]
    assert reasons(everything, True, protocol="ICMP") == ["ICMP is not one of the three protocols"]
    assert reasons(everything, True, family="IPv6") == [
        "the source has no IPv6 address",
        "the destination has no IPv6 address",
    ]


def test_only_is_refuted_by_a_peer_that_no_entry_admits() -> None:
    some = prop(only={"to": "db", "from": [{"who": "web", "ports": [5432]}]})
    assert reasons(some, True) == ["entry 0 admits the connection"]
    assert reasons(some, True, port=5433) == []
    assert reasons(some, True, source=outside("8.8.8.8")) == []
    assert reasons(some, False, source=outside("8.8.8.8")) == ["the connection is blocked"]
    assert reasons(some, True, source=NODE) == ["the other end is a node"]
    assert reasons(some, True, source=DB, destination=WEB) == ["the protected end is not in the protected group"]
    assert reasons(prop(only={"to": "db", "from": []}), True) == []


def test_only_mirrored_protects_the_source() -> None:
    some = prop(only={"from": "web", "to": [{"who": ["db"]}]})
    assert reasons(some, True) == ["entry 0 admits the connection"]
    assert reasons(some, True, destination=outside("8.8.8.8")) == []
    assert reasons(prop(only={"from": ["web"], "to": []}), True) == []


def test_isolate_is_refuted_between_different_groups_unless_excepted() -> None:
    carve_out = {"from": "web", "to": "db", "ports": [5432]}
    some = prop(isolate={"groups": ["web", "db"], "except": [carve_out]})
    assert reasons(some, True) == ["the connection is left out by except[0]"]
    assert reasons(some, True, port=80) == []
    assert reasons(some, True, source=DB, destination=WEB) == []
    same = prop(isolate={"groups": ["web", "out"]})
    assert reasons(same, True) == ["the ends are not in different groups"]


def test_isolate_by_a_label_takes_absence_for_one_more_value() -> None:
    some = prop(isolate={"by": {"namespaceLabel": "team"}})
    bare = ConcreteEndpoint("pod", "x", ips=("10.244.0.3",))
    empty = ConcreteEndpoint("pod", "y", namespace_labels={"team": ""}, ips=("10.244.0.4",))
    other = ConcreteEndpoint("pod", "z", ips=("10.244.0.5",))
    assert reasons(some, True) == reasons(some, True, destination=bare) == []
    assert reasons(some, True, source=empty, destination=bare) == []
    assert reasons(some, True, source=other, destination=bare) == ["both namespaces have the same team"]
    assert reasons(some, True, destination=outside("8.8.8.8")) == ["one end is not a pod"]
    by_name = prop(isolate={"by": {"namespaceLabel": "kubernetes.io/metadata.name"}})
    assert reasons(by_name, True, source=other, destination=bare) == []


def deny(directions: Any = None, **more: Any) -> Property:
    return prop(defaultDeny={"for": "web", "directions": directions, **more})


def test_default_deny_is_refuted_where_nothing_isolates() -> None:
    egress: dict[str, Any] = {"subject": "source", "direction": "egress"}
    assert reasons(deny(), False, **egress) == []
    assert reasons(deny(["ingress"]), True, **egress) == ["egress is not among `directions`"]
    isolating = (policy({"policyTypes": ["Egress"], "egress": [{}]}),)
    assert reasons(deny(), True, policies=isolating, **egress) == [
        "a rule lets the connection through at the subject's egress, or may"
    ]
    carve_out: dict[str, Any] = {"except": [{"to": "db"}]}
    excepted = deny(**carve_out)
    assert reasons(excepted, True, **egress) == ["the connection is left out by except[0]"]
    assert reasons(deny(), True, subject="destination", direction="egress")[0].startswith("direction egress")
    assert reasons(deny(), True, subject="destination", direction="ingress") == ["the subject is not in `for`"]


def test_strict_default_deny_is_refuted_where_a_policy_lets_everyone_through() -> None:
    egress: dict[str, Any] = {"subject": "source", "direction": "egress"}
    open_to_all = (policy({"policyTypes": ["Egress"], "egress": [{}]}),)
    assert reasons(deny(strict=True), True, policies=open_to_all, **egress) == []
    closed = (policy({"policyTypes": ["Egress"]}),)
    blocked = ["the subject's egress does not surely let the connection through"]
    assert reasons(deny(strict=True), False, policies=closed, **egress) == blocked


def test_a_singled_out_label_earns_its_access_unless_the_group_speaks_of_it() -> None:
    egress: dict[str, Any] = {"subject": "source", "direction": "egress"}
    for_web: dict[str, Any] = {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Egress"],
        "egress": [{}],
    }
    assert reasons(deny(strict=True), True, policies=(policy(for_web),), **egress) == []
    everywhere = prop(defaultDeny={"for": {}, "strict": True})
    assert reasons(everywhere, True, policies=(policy(for_web),), **egress) == [
        "a policy singles out the subject's label app=web"
    ]
    peers: Any = {"policyTypes": ["Egress"], "egress": [{}, {"to": [{"podSelector": {"matchLabels": {"app": "x"}}}]}]}
    assert reasons(everywhere, True, policies=(policy(peers),), **egress) == []
    exists = {"matchExpressions": [{"key": "app", "operator": "Exists"}]}
    peers["egress"] = [{}, {"to": [{"podSelector": exists}]}]
    assert reasons(everywhere, True, policies=(policy(peers),), **egress) != []


DNS_PORTS = (NamedPort("dns", "UDP", 53), NamedPort("dns-tcp", "TCP", 53), NamedPort("metrics", "TCP", 9153))


def dns_server(**changes: Any) -> ConcreteEndpoint:
    values: dict[str, Any] = {"labels": {"k8s-app": "kube-dns"}, "ports": DNS_PORTS, "ips": ("10.244.0.53",), **changes}
    return ConcreteEndpoint("pod", "kube-system", **values)


def test_dns_is_refuted_by_a_blocked_question() -> None:
    some, server = prop(dns={"for": "web"}), dns_server()
    assert reasons(some, False, destination=server, port=53, protocol="UDP") == []
    assert reasons(some, False, destination=server, port=53) == []
    assert reasons(some, True, destination=server, port=53) == ["the connection is allowed"]
    wrong_port = ["the port is not one that the server names dns or dns-tcp"]
    assert reasons(some, False, destination=server, port=9153) == wrong_port
    assert reasons(some, False, source=DB, destination=server, port=53) == ["the source is not in `for`"]


def test_hypothetical_pods_are_never_dns_servers() -> None:
    some = prop(dns={"for": "web"})
    hypothetical = dns_server(labels={"k8s-app": "kube-dns", "x": "y"})
    assert reasons(some, False, destination=hypothetical, port=53) == [
        "the destination is a hypothetical pod, never a server"
    ]
    pods = [{"labels": {"k8s-app": "kube-dns", "x": "y"}, "ports": {"dns": "UDP/53"}}]
    world = World.model_validate({"external": [{"name": "kube-system", "pods": pods}]})
    assert reasons(some, False, destination=hypothetical, port=53, world=world) == []
    elsewhere = prop(dns={"for": "web", "servers": "db"})
    assert "the destination is not in `servers`" in reasons(elsewhere, False, destination=dns_server(), port=53)


def test_an_unknown_group_is_an_error() -> None:
    with pytest.raises(ValueError, match="no group is called 'nobody'"):
        reasons(prop(never={"from": "nobody", "to": "db"}), True)
