"""The oracle for cluster-wide policies on tables by hand, row for row from the semantics' section 2."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.written import WrittenObject
from oracle.addresses import Region, parse_address
from oracle.admin import admin_policies_of
from oracle.bruteforce import brute_force, question
from oracle.clusters import made, manifests
from oracle.domains import covers, domains_of
from oracle.endpoints import Endpoint, Namespace, Node, Pod
from oracle.flows import Connection
from oracle.properties import loaded
from oracle.raw import Raw
from oracle.readings import Reading, orders_of
from oracle.tiers import Case

EVERYONE: Raw = {"namespaces": {}}
ANYONE: Raw = {"from": {"any": True}, "to": [{"any": True}, {"node": True}]}


def rule(action: str, *peers: Raw, **rest: Any) -> Raw:
    return {"action": action, "from": list(peers or (EVERYONE,)), **rest}


def out(action: str, *peers: Raw, **rest: Any) -> Raw:
    return {"action": action, "to": list(peers or (EVERYONE,)), **rest}


def cnp(
    name: str = "c", tier: str = "Admin", priority: int = 5, subject: Raw = EVERYONE, **rules: Any
) -> WrittenObject:
    fields = {"tier": tier, "priority": priority, "subject": subject, **rules}
    return made("ClusterNetworkPolicy", None, name, {"spec": fields})


def anp(name: str = "a", priority: int = 5, subject: Raw = EVERYONE, **rules: Any) -> WrittenObject:
    return made("AdminNetworkPolicy", None, name, {"spec": {"priority": priority, "subject": subject, **rules}})


def banp(subject: Raw = EVERYONE, **rules: Any) -> WrittenObject:
    return made("BaselineAdminNetworkPolicy", None, "default", {"spec": {"subject": subject, **rules}})


def np(namespace: str = "b", name: str = "np", **spec: Any) -> WrittenObject:
    return made("NetworkPolicy", namespace, name, {"spec": spec})


def at(kind: Any, address: str, pod: Pod | None = None, node: Node | None = None, *names: str) -> Endpoint:
    family, number = parse_address(address)
    return Endpoint(kind, Region(family, number, alone=True), pod, frozenset(names), node)


def pod(
    space: str = "a", address: str = "10.244.0.1", *names: str, host: Node | None = None, **labels: str
) -> Endpoint:
    own = Namespace(space, {"team": space, "kubernetes.io/metadata.name": space})
    return at("pod", address, Pod(own, labels, host_network=host is not None), host, *names)


WORKER = Node("worker", {"role": "w"}, (("IPv4", 0x0A010009),))
A, B = pod(), pod("b", "10.244.0.2", "web", app="db")
INTERNET = at("external", "203.0.113.7")
NODE = at("node", "10.1.0.9", None, WORKER)


def allowed(
    *objects: WrittenObject,
    source: Endpoint = A,
    destination: Endpoint = B,
    port: Connection = ("TCP", 80),
    reading: Reading | None = None,
    **domains: bool,
) -> bool:
    """What the oracle says; domain names by their first label."""
    setting, _ = question(manifests(objects), loaded("never", ANYONE))
    order = next(orders_of(setting.admin))
    meaning = {name: domains.get(name.split(".")[0], False) for name in setting.domains.unbound}
    return Case(setting, source, destination, port, reading or Reading(True, order), meaning).allowed()


ADMIT, REFUSE = np(ingress=[{}]), np(ingress=[])
TIERS: list[tuple[str | None, WrittenObject | None, str | None, bool]] = [
    (None, None, None, True),
    (None, None, "Accept", True),
    (None, None, "Deny", False),
    (None, None, "Pass", True),
    (None, ADMIT, "Deny", True),
    (None, REFUSE, "Accept", False),
    ("Accept", REFUSE, "Deny", True),
    ("Accept", None, "Deny", True),
    ("Deny", ADMIT, "Accept", False),
    ("Deny", None, None, False),
    ("Pass", None, None, True),
    ("Pass", ADMIT, "Deny", True),
    ("Pass", REFUSE, "Accept", False),
    ("Pass", None, "Deny", False),
    ("Pass", None, "Accept", True),
    ("Pass", None, "Pass", True),
]


@pytest.mark.parametrize(("admin", "between", "baseline", "expected"), TIERS)
def test_network_policies_stand_between_the_tiers_and_pass_leaves_one(
    admin: str | None, between: WrittenObject | None, baseline: str | None, expected: bool
) -> None:
    objects = [between] if between else []
    objects += [cnp(ingress=[rule(admin)])] if admin else []
    objects += [cnp("base", "Baseline", ingress=[rule(baseline)])] if baseline else []
    assert allowed(*objects) is expected


def test_the_first_rule_that_matches_decides_and_then_the_lower_number() -> None:
    deny, accept = rule("Deny"), rule("Accept")
    elsewhere = rule("Deny", {"namespaces": {"matchLabels": {"team": "c"}}})
    assert allowed(cnp(ingress=[accept, deny]))
    assert not allowed(cnp(ingress=[deny, accept]))
    assert allowed(cnp(ingress=[elsewhere, accept, deny]))
    assert not allowed(cnp("x", priority=1, ingress=[deny]), cnp("y", priority=2, ingress=[accept]))
    assert allowed(cnp("x", priority=3, ingress=[deny]), cnp("y", priority=2, ingress=[accept]))
    assert allowed(cnp("x", priority=0, ingress=[rule("Pass")]), cnp("y", priority=1, ingress=[deny]))
    assert not allowed(cnp("x", priority=0, ingress=[elsewhere]), cnp("y", priority=1, ingress=[deny]))
    assert not allowed(anp("x", 0, ingress=[deny]), cnp("y", priority=1, ingress=[accept]))
    assert not allowed(cnp("x", "Baseline", 1, ingress=[deny]), cnp("y", "Baseline", 2, ingress=[accept]))
    assert allowed(cnp("x", "Baseline", 1, ingress=[rule("Pass")]), cnp("y", "Baseline", 2, ingress=[deny]))


def test_selecting_a_pod_isolates_nothing_and_both_ends_must_agree() -> None:
    assert allowed(cnp(ingress=[]), cnp("d", egress=None))
    assert not allowed(cnp(ingress=[rule("Accept")], egress=[out("Deny")]))
    assert not allowed(cnp(ingress=[rule("Deny")], egress=[out("Accept")]))
    assert not allowed(cnp(egress=[out("Accept")]), REFUSE)
    only_b = {"namespaces": {"matchLabels": {"team": "b"}}}
    assert allowed(cnp(subject=only_b, egress=[out("Deny")]))
    assert not allowed(cnp(subject=only_b, ingress=[rule("Deny")]))


CHOSEN: list[tuple[Raw, bool]] = [
    (EVERYONE, True),
    ({"namespaces": {"matchLabels": {"team": "b"}}}, True),
    ({"namespaces": {"matchLabels": {"team": "a"}}}, False),
    ({"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "b"}}}, True),
    ({"namespaces": {"matchExpressions": [{"key": "x", "operator": "NotIn", "values": ["y"]}]}}, True),
    ({"pods": {"podSelector": {"matchLabels": {"app": "db"}}}}, True),
    ({"pods": {"namespaceSelector": None, "podSelector": {}}}, True),
    (
        {"pods": {"namespaceSelector": {"matchLabels": {"team": "b"}}, "podSelector": {"matchLabels": {"app": "x"}}}},
        False,
    ),
    ({"pods": {"namespaceSelector": {"matchLabels": {"team": "a"}}, "podSelector": {}}}, False),
]


@pytest.mark.parametrize(("chosen", "expected"), CHOSEN)
def test_subjects_and_peers_select_pods_by_namespace_and_by_labels(chosen: Raw, expected: bool) -> None:
    assert allowed(cnp(subject=chosen, ingress=[rule("Deny")])) is not expected
    assert allowed(cnp(egress=[out("Deny", chosen)])) is not expected


def test_ingress_rules_know_pods_alone_and_ends_that_are_no_pods_are_unrestricted() -> None:
    deny = cnp(ingress=[rule("Deny")], egress=[out("Deny")])
    assert allowed(deny, source=INTERNET)
    assert allowed(deny, source=NODE)
    assert allowed(deny, destination=INTERNET)
    assert not allowed(cnp(ingress=[rule("Deny")]))


ADDRESSED: list[tuple[Raw, Endpoint, bool]] = [
    ({"networks": ["0.0.0.0/0"]}, B, True),
    ({"networks": ["0.0.0.0/0"]}, INTERNET, True),
    ({"networks": ["0.0.0.0/0"]}, NODE, True),
    ({"networks": ["::/0"]}, B, False),
    ({"networks": ["0.0.0.0/0"]}, pod("b", "fd00::2"), False),
    ({"networks": ["::/0"]}, pod("b", "fd00::2"), True),
    ({"networks": ["10.244.0.2/32"]}, B, True),
    ({"networks": ["203.0.113.99/24"]}, INTERNET, True),
    ({"networks": ["10.1.0.0/16"]}, pod("b", "10.1.0.9", host=WORKER), True),
    ({"nodes": {}}, NODE, True),
    ({"nodes": {}}, at("node", "10.9.9.9", None, Node(None, {})), True),
    ({"nodes": {}}, B, False),
    ({"nodes": {}}, INTERNET, False),
    ({"nodes": {"matchLabels": {"role": "w"}}}, NODE, True),
    ({"nodes": {"matchLabels": {"role": "x"}}}, NODE, False),
    ({"nodes": {"matchLabels": {"role": "w"}}}, pod("b", "10.1.0.9", host=WORKER), True),
    ({"namespaces": {}}, pod("b", "10.1.0.9", host=WORKER), False),
    ({"namespaces": {}}, NODE, False),
]


@pytest.mark.parametrize(("peer", "destination", "expected"), ADDRESSED)
def test_networks_match_by_address_whoever_has_it_and_nodes_by_their_labels(
    peer: Raw, destination: Endpoint, expected: bool
) -> None:
    for reading in (True, False):
        policy = cnp(egress=[out("Deny", peer)])
        order = ("ClusterNetworkPolicy/c",)
        assert allowed(policy, destination=destination, reading=Reading(reading, order)) is not expected


PORTS: list[tuple[str, Raw, Connection, bool]] = [
    ("ports", {"portNumber": {"port": 80}}, ("TCP", 80), True),
    ("ports", {"portNumber": {"port": 80, "protocol": None}}, ("UDP", 80), False),
    ("ports", {"portNumber": {"port": 80, "protocol": "UDP"}}, ("UDP", 80), True),
    ("ports", {"portRange": {"start": 80, "end": 82}}, ("TCP", 82), True),
    ("ports", {"portRange": {"start": 80, "end": 82}}, ("TCP", 83), False),
    ("ports", {"portRange": {"start": 80, "end": 80}}, ("TCP", 80), True),
    ("ports", {"portRange": {"start": 82, "end": 80}}, ("TCP", 81), False),
    ("ports", {"portRange": {"start": 1, "end": 65535, "protocol": "SCTP"}}, ("SCTP", 65535), True),
    ("ports", {"namedPort": "web"}, ("UDP", 80), True),
    ("ports", {"namedPort": "dns"}, ("UDP", 80), False),
    ("protocols", {"tcp": {"destinationPort": {"number": 80}}}, ("TCP", 80), True),
    ("protocols", {"udp": {"destinationPort": {"number": 80}}}, ("TCP", 80), False),
    ("protocols", {"sctp": {"destinationPort": {"range": {"start": 80, "end": 82}}}}, ("SCTP", 82), True),
    ("protocols", {"sctp": {"destinationPort": {"range": {"start": 80, "end": 82}}}}, ("SCTP", 79), False),
    ("protocols", {"destinationNamedPort": "web"}, ("SCTP", 80), True),
    ("protocols", {"destinationNamedPort": "dns"}, ("SCTP", 80), False),
]


@pytest.mark.parametrize(("field", "entry", "port", "expected"), PORTS)
def test_ports_are_the_destinations_in_both_directions_and_names_have_any_protocol(
    field: str, entry: Raw, port: Connection, expected: bool
) -> None:
    make = anp if field == "ports" else cnp
    assert allowed(make(ingress=[rule("Deny", **{field: [entry]})]), port=port) is not expected
    assert allowed(make(egress=[out("Deny", **{field: [entry]})]), port=port) is not expected
    assert not allowed(make(ingress=[rule("Deny", **{field: None})]), port=port)


def test_a_named_port_is_none_of_an_addresses_nor_of_a_pod_in_its_hosts_network() -> None:
    named = {"protocols": [{"destinationNamedPort": "web"}]}
    assert allowed(cnp(egress=[out("Deny", {"networks": ["0.0.0.0/0"]}, **named)]), destination=INTERNET)
    assert not allowed(cnp(egress=[out("Deny", {"networks": ["0.0.0.0/0"]}, **named)]))
    hosted = pod("b", "10.1.0.9", "web", host=WORKER)
    assert allowed(cnp(egress=[out("Deny", {"networks": ["0.0.0.0/0"]}, **named)]), destination=hosted)


def test_a_network_policy_of_the_other_direction_hides_the_baseline_under_one_reading_only() -> None:
    objects = (cnp("base", "Baseline", ingress=[rule("Deny")]), np(policyTypes=["Egress"]))
    order = ("ClusterNetworkPolicy/base",)
    assert not allowed(*objects, reading=Reading(True, order))
    assert allowed(*objects, reading=Reading(True, order, hidden_by="pod"))
    admin = cnp("admin", ingress=[rule("Deny")])
    both = Reading(True, ("ClusterNetworkPolicy/admin", *order), hidden_by="pod")
    assert not allowed(*objects, admin, reading=both)


def test_pods_in_the_hosts_network_are_ordinary_to_network_policies_alone() -> None:
    hosted = pod("b", "10.1.0.9", host=WORKER)
    everything = [rule("Deny")]
    assert allowed(cnp(ingress=everything), banp(ingress=everything), destination=hosted)
    assert not allowed(cnp(ingress=everything), REFUSE, destination=hosted)
    from_b = np("a", egress=[{"to": [{"namespaceSelector": {"matchLabels": {"team": "b"}}}]}])
    assert allowed(from_b, destination=hosted)
    there = made("Pod", "b", "h", {"spec": {"hostNetwork": True, "containers": []}})
    never: Raw = {"from": {"namespace": "a"}, "to": {"workload": "b/h"}}
    for host, verdict in (("excluded", "vacuous"), ("ordinary", "refuted"), ("either", "refuted")):
        assert (
            brute_force(manifests([there]), loaded("never", never, None, {"hostNetworkPods": host})).verdict == verdict
        )


def test_every_order_that_the_numbers_allow_is_a_reading_and_no_other() -> None:
    def orders(*objects: WrittenObject) -> list[str]:
        found = orders_of(admin_policies_of(manifests(objects)))
        return ["".join(reference.rpartition("/")[2][0] for reference in order) for order in found]

    assert orders(cnp("x", priority=2), cnp("y", priority=1)) == ["yx"]
    assert sorted(orders(cnp("x"), anp("y"))) == ["xy", "yx"]
    assert len(orders(cnp("x"), cnp("y"), anp("z"))) == 6
    assert sorted(orders(cnp("x", priority=1), cnp("y"), cnp("z"))) == ["xyz", "xzy"]
    assert orders(cnp("x"), cnp("y", "Baseline")) == ["xy"]
    low, high = cnp("x", "Baseline", 1), cnp("y", "Baseline", 2)
    assert sorted(orders(low, high, banp())) == ["dxy", "xdy", "xyd"]


def test_a_tie_leaves_nothing_proved_that_an_order_breaks() -> None:
    accept, deny = cnp("x", ingress=[rule("Accept")]), cnp("y", ingress=[rule("Deny")])
    between: Raw = {"from": {}, "to": {}}
    for verb, alone, tied in (
        ("never", {"x": "refuted", "y": "proved"}, "refuted"),
        ("always", {"x": "proved", "y": "refuted"}, "refuted"),
        ("can", {"x": "proved", "y": "refuted"}, "refuted"),
    ):
        body = between | ({"ports": ["TCP/80"]} if verb == "always" else {})
        assert brute_force(manifests([accept]), loaded(verb, body)).verdict == alone["x"]
        assert brute_force(manifests([deny]), loaded(verb, body)).verdict == alone["y"]
        assert brute_force(manifests([accept, deny]), loaded(verb, body)).verdict == tied
    # Another connection may fulfil `can` under each order.
    partly = [cnp(name, ingress=[rule("Accept", **port), rule("Deny")]) for name, port in _TWO_PORTS.items()]
    assert brute_force(manifests(partly), loaded("can", between | {"ports": [80, 81]})).verdict == "proved"
    assert brute_force(manifests(partly), loaded("can", between | {"ports": [80]})).verdict == "refuted"


_TWO_PORTS: dict[str, Raw] = {
    "x": {"protocols": [{"tcp": {"destinationPort": {"number": 80}}}]},
    "y": {"protocols": [{"tcp": {"destinationPort": {"number": 81}}}]},
}


def test_default_deny_wants_an_allow_rule_that_decides() -> None:
    ingress: Raw = {"for": {}, "directions": ["ingress"]}

    def verdict(*objects: WrittenObject, **more: Any) -> str:
        return brute_force(manifests(objects), loaded("defaultDeny", ingress | more)).verdict

    deny, accept = [rule("Deny")], [rule("Accept")]
    outside: Raw = {"except": [{"from": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}, {"node": True}]}]}
    assert verdict(banp(ingress=deny)) == "refuted"  # no ingress rule matches what comes from outside
    assert verdict(banp(ingress=deny), **outside) == "proved"
    assert verdict(banp(ingress=accept), **outside) == "proved"
    assert verdict(cnp(ingress=accept), **outside) == "proved"
    assert verdict(cnp(ingress=[rule("Pass")]), **outside) == "refuted"
    assert verdict(cnp(ingress=[rule("Pass"), *accept]), **outside) == "refuted"
    assert verdict(cnp(ingress=accept), **outside, strict=True) == "refuted"


def test_domain_names_are_any_set_of_outside_addresses_unless_they_are_bound() -> None:
    name: Raw = {"domainNames": ["api.example.com"]}
    policy = cnp(egress=[out("Accept", name), out("Deny", {"networks": ["0.0.0.0/0", "::/0"]})])
    assert allowed(policy, destination=INTERNET, api=True)
    assert not allowed(policy, destination=INTERNET, api=False)
    assert not allowed(policy, api=True)
    outside: Raw = {"from": {}, "to": {"cidr": "203.0.113.0/24"}}

    def verdict(verb: str, **domains: list[str]) -> str:
        bound = {key.replace("_", "."): value for key, value in domains.items()}
        body = outside | ({"ports": [80]} if verb == "always" else {})
        return brute_force(manifests([policy]), loaded(verb, body, {"domains": bound})).verdict

    for verb, unknown, inside, beside in (
        ("never", "unknown", "refuted", "proved"),
        ("always", "unknown", "proved", "refuted"),
        ("can", "unknown", "proved", "refuted"),
    ):
        assert verdict(verb) == unknown
        assert verdict(verb, api_example_com=["203.0.112.0/23"]) == inside
        assert verdict(verb, api_example_com=["198.51.100.0/24"]) == beside
        assert verdict(verb, **{"*_example_com": ["198.51.100.0/24"]}) == beside
        assert verdict(verb, **{"*_example_com": ["203.0.112.0/23"]}) == unknown


def test_a_wildcard_covers_names_with_more_labels_and_its_addresses_hold_theirs() -> None:
    assert covers("*.example.com", "api.example.com")
    assert covers("*.example.com", "a.b.example.com")
    assert covers("*.example.com", "*.b.example.com")
    assert not covers("*.example.com", "example.com")
    assert not covers("*.example.com", "badexample.com")
    assert not covers("*.example.com", "*.example.com")
    assert not covers("example.com", "api.example.com")
    domains = domains_of(["API.example.com.", "*.example.com"], {})
    possible = [meaning for meaning in domains.meanings() if domains.possible(INTERNET, meaning)]
    assert {"api.example.com": True, "*.example.com": False} not in possible
    assert len(possible) == 3
    assert all(domains.possible(B, meaning) for meaning in domains.meanings())


def test_a_declared_nodes_address_is_nobody_elses_and_its_own_pods_are_outside() -> None:
    node = made("Node", None, "n", {"status": {"addresses": [{"type": "InternalIP", "address": "10.1.0.9"}]}})
    only_it = cnp(
        egress=[out("Accept", {"networks": ["10.1.0.9/32"]}), out("Deny"), out("Deny", {"networks": ["::/0"]})]
    )
    world: Raw = {"podCIDRs": ["10.244.0.0/16"]}

    def verdict(*objects: WrittenObject, to: Raw) -> str:
        space = made("Namespace", None, "a", {})
        return brute_force(
            manifests([only_it, space, *objects]), loaded("never", {"from": {}, "to": to}, world)
        ).verdict

    assert verdict(to={"cidr": "10.1.0.9/32"}) == "refuted"
    assert verdict(node, to={"cidr": "10.1.0.9/32"}) == "vacuous"
    assert verdict(node, to={"node": True}) == "refuted"
    placed = made("Pod", "a", "p", {"spec": {"nodeName": "n", "containers": []}})
    closed: Raw = {"pods": "closed", "podCIDRs": ["10.244.0.0/16"], "nodeCIDRs": ["10.1.0.9/32"]}
    never = loaded("never", {"from": {}, "to": {"node": True}}, closed)
    assert brute_force(manifests([node, placed]), never).verdict == "vacuous"
    assert (
        brute_force(manifests([node, made("Pod", "a", "p", {"spec": {"containers": []}})]), never).verdict == "refuted"
    )


def test_pods_that_share_the_address_of_their_node_have_no_connection() -> None:
    """What one sends to it goes to its own node, which is outside."""
    hosted = made("StatefulSet", "a", "s", {"spec": {"template": {"spec": {"hostNetwork": True, "containers": []}}}})
    placed = made(
        "StatefulSet",
        "a",
        "s",
        {"spec": {"template": {"spec": {"hostNetwork": True, "nodeName": "n", "containers": []}}}},
    )
    node = made("Node", None, "n", {"status": {"addresses": [{"type": "InternalIP", "address": "10.1.0.9"}]}})
    asked = loaded(
        "never",
        {"from": {"workload": "a/s"}, "to": {"workload": "a/s"}},
        {"pods": "closed", "podCIDRs": ["10.244.0.0/16"], "nodeCIDRs": ["10.1.0.0/16"]},
        {"hostNetworkPods": "ordinary"},
    )
    assert brute_force(manifests([node, placed]), asked).verdict == "vacuous"
    assert brute_force(manifests([node, hosted]), asked).verdict == "refuted"
