"""Every rule by which cluster-wide policies decide, in small tables that anybody can check by hand.

Each case is asked twice, as a property that wants the connection refused and as one that wants it allowed, so that both
an encoding which lets too much through and one which lets too little through are seen.
"""

from __future__ import annotations

from typing import Any

import pytest
from tiers_support import (
    ALL,
    DESTINATION,
    SOURCE,
    WEB,
    Said,
    Spec,
    anp,
    app,
    banp,
    cnp,
    egress,
    ingress,
    named,
    node,
    np,
    pod,
    results,
    said,
)

OPEN = np("open", "shop", policyTypes=["Ingress"], ingress=[{}])
CLOSED = np("closed", "shop", policyTypes=["Ingress"])
OUT = np("out", "shop", policyTypes=["Egress"], egress=[{}])


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        pytest.param([], "allowed", id="nothing decides"),
        pytest.param([anp("a", 5)], "allowed", id="selecting a pod isolates nobody"),
        pytest.param([anp("a", 5, ingress=[ingress("Deny")])], "blocked", id="a rule denies"),
        pytest.param([anp("a", 5, egress=[egress("Deny")])], "blocked", id="a rule denies at the source"),
        pytest.param([anp("a", 5, ingress=[ingress("Deny", app("api"))])], "allowed", id="another peer"),
        pytest.param([anp("a", 5, app("api"), ingress=[ingress("Deny")])], "allowed", id="another subject"),
        pytest.param([anp("a", 5, named("shop"), ingress=[ingress("Deny")])], "blocked", id="a subject by namespace"),
        pytest.param([anp("a", 5, named("other"), ingress=[ingress("Deny")])], "allowed", id="another namespace"),
        pytest.param([anp("a", 5, ingress=[ingress("Allow"), ingress("Deny")])], "allowed", id="the first rule wins"),
        pytest.param([anp("a", 5, ingress=[ingress("Deny"), ingress("Allow")])], "blocked", id="not the last one"),
        pytest.param(
            [anp("a", 5, ingress=[ingress("Deny", app("api")), ingress("Allow")]), CLOSED],
            "allowed",
            id="the first that matches",
        ),
        pytest.param(
            [anp("b", 9, ingress=[ingress("Deny")]), anp("a", 5, ingress=[ingress("Allow")])],
            "allowed",
            id="the lower number first, as it was read last",
        ),
        pytest.param(
            [anp("b", 5, ingress=[ingress("Deny")]), anp("a", 9, ingress=[ingress("Allow")])],
            "blocked",
            id="the lower number first, as its name is last",
        ),
        pytest.param([anp("a", 0, ingress=[ingress("Deny")]), OPEN], "blocked", id="no NetworkPolicy reopens"),
        pytest.param([anp("a", 0, ingress=[ingress("Allow")]), CLOSED], "allowed", id="no NetworkPolicy closes"),
        pytest.param(
            [anp("a", 0, egress=[egress("Allow")]), CLOSED], "blocked", id="the source's Allow binds no destination"
        ),
        pytest.param(
            [anp("a", 0, ingress=[ingress("Pass")]), anp("b", 1, ingress=[ingress("Deny")]), OPEN],
            "allowed",
            id="Pass leaves the tier",
        ),
        pytest.param(
            [anp("a", 0, ingress=[ingress("Pass"), ingress("Allow")]), CLOSED], "blocked", id="to NetworkPolicies"
        ),
        pytest.param(
            [anp("a", 0, ingress=[ingress("Pass")]), banp(ingress=[ingress("Deny")])],
            "blocked",
            id="Pass, no NetworkPolicy, Baseline",
        ),
        pytest.param(
            [cnp("a", "Admin", 0, ingress=[ingress("Accept")]), cnp("b", "Baseline", 0, ingress=[ingress("Deny")])],
            "allowed",
            id="tiers are not told apart by priority",
        ),
        pytest.param([banp(ingress=[ingress("Deny")])], "blocked", id="Baseline denies"),
        pytest.param([banp(ingress=[ingress("Deny")]), OPEN], "allowed", id="a NetworkPolicy hides Baseline"),
        pytest.param([banp(ingress=[ingress("Allow")]), CLOSED], "blocked", id="also a Baseline that allows"),
        pytest.param(
            [
                cnp("a", "Baseline", 3, ingress=[ingress("Pass")]),
                cnp("b", "Baseline", 4, ingress=[ingress("Deny")]),
            ],
            "allowed",
            id="Pass in Baseline is the default",
        ),
        pytest.param(
            [
                cnp("a", "Baseline", 4, ingress=[ingress("Pass")]),
                cnp("b", "Baseline", 3, ingress=[ingress("Deny")]),
            ],
            "blocked",
            id="Baseline by priority",
        ),
        pytest.param(
            [cnp("a", "Admin", 3, ingress=[ingress("Deny")]), anp("b", 2, ingress=[ingress("Allow")])],
            "allowed",
            id="both kinds are one Admin tier",
        ),
    ],
)
def test_the_first_matching_rule_decides(objects: list[Spec], expected: Said) -> None:
    assert said(*objects) == expected


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        pytest.param(
            [anp("a", 5, ingress=[ingress("Allow")]), anp("b", 5, ingress=[ingress("Deny")])],
            "either way",
            id="two of one priority",
        ),
        pytest.param(
            [anp("a", 5, ingress=[ingress("Allow")]), cnp("b", "Admin", 5, ingress=[ingress("Deny")])],
            "either way",
            id="of two kinds",
        ),
        pytest.param(
            [cnp("a", "Admin", 5, ingress=[ingress("Accept")]), cnp("b", "Baseline", 5, ingress=[ingress("Deny")])],
            "allowed",
            id="not of two tiers",
        ),
        pytest.param(
            [anp("a", 5, ingress=[ingress("Deny")]), anp("b", 5, ingress=[ingress("Deny")])],
            "blocked",
            id="of one opinion",
        ),
        pytest.param(
            [anp("a", 5, ingress=[ingress("Allow")]), anp("b", 5, app("web"), ingress=[ingress("Deny")])],
            "allowed",
            id="of two subjects",
        ),
        pytest.param(
            [
                anp("a", 5, ingress=[ingress("Allow")]),
                anp("b", 5, ingress=[ingress("Deny")]),
                anp("c", 4, ingress=[ingress("Pass")]),
                CLOSED,
            ],
            "blocked",
            id="below one that decides",
        ),
        pytest.param(
            [
                anp("a", 5, ingress=[ingress("Pass")]),
                anp("b", 5, ingress=[ingress("Allow")]),
                banp(ingress=[ingress("Deny")]),
            ],
            "either way",
            id="Pass and Allow before Baseline",
        ),
        pytest.param(
            [anp("a", 5, ingress=[ingress("Pass")]), anp("b", 5, ingress=[ingress("Allow")])],
            "allowed",
            id="Pass and Allow before nothing",
        ),
        pytest.param(
            [
                anp("a", 5, ingress=[ingress("Deny")]),
                anp("b", 5, ingress=[ingress("Allow"), ingress("Deny")]),
                anp("c", 5, ingress=[ingress("Allow", app("api")), ingress("Pass", app("web"))]),
                CLOSED,
            ],
            "either way",
            id="three",
        ),
        pytest.param(
            [
                anp("a", 5, ingress=[ingress("Deny", app("api"))]),
                anp("b", 5, ingress=[ingress("Allow")]),
                anp("c", 6, ingress=[ingress("Deny")]),
            ],
            "allowed",
            id="one that does not match",
        ),
        pytest.param(
            [banp(ingress=[ingress("Deny")]), cnp("b", "Baseline", 7, ingress=[ingress("Accept")])],
            "either way",
            id="BaselineAdminNetworkPolicy beside a Baseline one",
        ),
        pytest.param(
            [
                cnp("a", "Baseline", 1, ingress=[ingress("Pass")]),
                banp(ingress=[ingress("Allow")]),
                cnp("b", "Baseline", 7, ingress=[ingress("Accept")]),
            ],
            "allowed",
            id="wherever it stands",
        ),
        pytest.param(
            [
                cnp("a", "Baseline", 1, ingress=[ingress("Accept")]),
                banp(app("web"), ingress=[ingress("Deny")]),
                cnp("b", "Baseline", 7, ingress=[ingress("Deny")]),
            ],
            "allowed",
            id="the others keep their order",
        ),
    ],
)
def test_every_order_of_policies_of_one_priority_is_possible(objects: list[Spec], expected: Said) -> None:
    assert said(*objects) == expected


def test_both_directions_and_both_ends_have_one_order() -> None:
    """The two policies contradict each other at each end; whichever goes first, one of the ends refuses."""
    one = anp("a", 5, ingress=[ingress("Allow")], egress=[egress("Deny")])
    other = anp("b", 5, ingress=[ingress("Deny")], egress=[egress("Allow")])
    assert said(one, other) == "blocked"


@pytest.mark.parametrize(
    ("policy", "hidden_by", "expected"),
    [
        (OPEN, "direction", "allowed"),
        (OPEN, "pod", "allowed"),
        (CLOSED, "pod", "blocked"),
        (OUT, "direction", "blocked"),
        (OUT, "pod", "allowed"),
        (OUT, "either", "either way"),
        (np("out", "shop", podSelector={"matchLabels": {"app": "web"}}, policyTypes=["Egress"]), "pod", "blocked"),
    ],
)
def test_what_hides_the_baseline_tier(policy: Spec, hidden_by: str, expected: Said) -> None:
    """A NetworkPolicy that governs the direction, or one that selects the pod at all; never one that selects others."""
    assert said(banp(ingress=[ingress("Deny")]), policy, semantics={"baselineHiddenBy": hidden_by}) == expected


def test_an_admin_pass_leads_to_what_the_reading_hides() -> None:
    objects = (anp("a", 1, ingress=[ingress("Pass")]), banp(ingress=[ingress("Deny")]), OUT)
    assert said(*objects, semantics={"baselineHiddenBy": "pod"}) == "allowed"
    assert said(*objects, semantics={"baselineHiddenBy": "direction"}) == "blocked"


WEB4, DB4 = pod("shop", "web4", "10.1.0.1", "fd00::1"), pod("shop", "db4", "10.1.0.2", "fd00::2")
WEB4_END, DB4_END = {"workload": "shop/web4"}, {"workload": "shop/db4"}


@pytest.mark.parametrize("matches", [True, False])
@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        (["10.1.0.2/32", "fd00::/64"], "blocked"),
        (["10.1.0.2/32"], "either way"),  # open over IPv6
        (["10.1.0.1/32", "fd00::1/128"], "allowed"),
        (["0.0.0.0/0", "::/0"], "blocked"),
    ],
)
def test_networks_match_pods_by_address_under_every_reading(networks: list[str], expected: Said, matches: bool) -> None:
    policy = anp("a", 5, egress=[egress("Deny", {"networks": networks})])
    semantics = {"ipBlockMatchesPods": matches}
    assert said(WEB4, DB4, policy, source=WEB4_END, destination=DB4_END, semantics=semantics) == expected


def test_networks_hold_outside_addresses_and_nodes() -> None:
    policy = anp("a", 5, egress=[egress("Deny", {"networks": ["203.0.113.0/24", "192.168.0.0/16"]})])
    assert said(policy, destination={"cidr": "203.0.113.0/25"}) == "blocked"
    assert said(policy, destination={"cidr": "203.0.112.0/23"}) == "either way"
    world: Spec = {"nodeCIDRs": ["192.168.7.0/24"], "podCIDRs": ["10.0.0.0/8"]}
    assert said(policy, destination={"node": True}, world=world) == "blocked"


NODES = (node("edge-1", "192.168.0.1", role="edge"), node("core-1", "192.168.0.2", role="core"))
HAS_ROLE: Spec = {"key": "role", "operator": "Exists"}
NO_EDGE: Spec = {"key": "role", "operator": "NotIn", "values": ["edge"]}
EDGE: Spec = {"nodes": {"matchLabels": {"role": "edge"}}}


@pytest.mark.parametrize(
    ("rules", "nodes", "expected"),
    [
        ([egress("Deny", {"nodes": {}})], (), "blocked"),
        ([egress("Deny", {"nodes": {}})], NODES, "blocked"),
        ([egress("Deny", EDGE)], (), "either way"),
        ([egress("Deny", {"nodes": {"matchExpressions": [HAS_ROLE]}})], NODES, "either way"),
        ([egress("Deny", EDGE), egress("Deny", {"nodes": {"matchExpressions": [NO_EDGE]}})], NODES, "blocked"),
    ],
)
def test_the_nodes_peer_selects_nodes_by_label(rules: list[Spec], nodes: tuple[Spec, ...], expected: Said) -> None:
    """Whether declared or not: there are nodes that nobody declares, with any labels."""
    assert said(anp("a", 5, egress=rules), *nodes, destination={"node": True}) == expected


def test_the_nodes_peer_selects_no_pod_and_no_outside_address() -> None:
    policy = anp("a", 5, egress=[egress("Deny", {"nodes": {}})])
    assert said(policy, *NODES) == "allowed"
    assert said(policy, *NODES, destination={"cidr": "203.0.113.0/24"}) == "allowed"


def test_a_nodes_address_is_no_outside_address_and_no_pods() -> None:
    """So what is denied to these addresses is denied to nobody else."""
    policy = anp("a", 5, egress=[egress("Deny", {"networks": ["192.168.0.1/32", "192.168.0.2/32"]})])
    assert said(policy, *NODES, destination={"cidr": "192.168.0.0/24"}) == "allowed"
    assert said(policy, destination={"cidr": "192.168.0.0/24"}) == "either way"
    assert said(policy, *NODES, destination={"namespace": "other"}) == "allowed"
    assert said(policy, destination={"namespace": "other"}) == "either way"


def test_a_suite_can_declare_nodes() -> None:
    policy = anp("a", 5, egress=[egress("Deny", {"networks": ["192.168.0.1/32"]})])
    world: Spec = {"nodes": [{"name": "edge-1", "labels": {"role": "edge"}, "addresses": ["192.168.0.1"]}]}
    assert said(policy, destination={"cidr": "192.168.0.0/24"}, world=world) == "allowed"


API: Spec = {"domainNames": ["api.example.com"]}
BELOW: Spec = {"domainNames": ["*.example.com"]}
OUTSIDE: Spec = {"cidr": "203.0.113.0/24"}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([egress("Allow", API), egress("Deny", {"networks": ["0.0.0.0/0"]})], "unknown"),
        ([egress("Deny", API)], "unknown"),
        ([egress("Allow", API)], "allowed"),
        ([egress("Deny", API), egress("Deny", {"networks": ["0.0.0.0/0"]})], "blocked"),
        ([egress("Pass", API), egress("Deny", {"networks": ["0.0.0.0/0"]})], "unknown"),
        ([egress("Pass", API), egress("Allow", {"networks": ["0.0.0.0/0"]})], "allowed"),
    ],
)
def test_a_domain_name_may_stand_for_any_outside_address(rules: list[Spec], expected: Said) -> None:
    """Decided where it does not matter what it stands for."""
    assert said(anp("a", 5, egress=rules), destination=OUTSIDE) == expected


def test_a_tied_policy_that_surely_decides_on_one_of_two_actions_goes_before_the_other() -> None:
    """Whatever the name stands for, the first allows the connection: by the name's rule, or by passing it on."""
    anywhere: Spec = {"networks": ["0.0.0.0/0"]}
    first = cnp("a", "Baseline", 5, egress=[egress("Accept", API), egress("Pass", anywhere)])
    assert said(first, cnp("b", "Baseline", 5, egress=[egress("Deny", anywhere)]), destination=OUTSIDE) == "either way"
    assert said(first, cnp("b", "Baseline", 6, egress=[egress("Deny", anywhere)]), destination=OUTSIDE) == "allowed"


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (BELOW, API, "proved"),
        (API, BELOW, "unknown"),
        ({"domainNames": ["*.com"]}, BELOW, "proved"),
        (BELOW, {"domainNames": ["example.com"]}, "unknown"),
        (BELOW, {"domainNames": ["api.example.com.other.org"]}, "unknown"),
    ],
)
def test_a_wildcard_holds_the_names_that_it_covers(first: Spec, second: Spec, verdict: str) -> None:
    """What it allows first, a rule about such a name does not deny; the domain itself is not covered."""
    policy = anp("a", 5, egress=[egress("Allow", first), egress("Deny", second)])
    flow = {"from": SOURCE, "to": {"cidr": "203.0.113.0/24"}, "ports": ["TCP/443"]}
    assert results([WEB, policy], {"always": flow})[0].verdict == verdict


def test_a_domain_name_stands_for_no_pod_and_no_node() -> None:
    policy = anp("a", 5, egress=[egress("Deny", API)])
    assert said(policy) == "allowed"
    assert said(policy, destination={"node": True}) == "allowed"


@pytest.mark.parametrize(
    ("rules", "domains", "expected"),
    [
        ([egress("Deny", API)], {"api.example.com": ["203.0.113.0/24"]}, "blocked"),
        ([egress("Deny", API)], {"api.example.com": ["198.51.100.0/24"]}, "allowed"),
        ([egress("Deny", API)], {"api.example.com": ["203.0.113.0/25"]}, "either way"),
        ([egress("Deny", API)], {"*.example.com": ["198.51.100.0/24"]}, "allowed"),
        ([egress("Deny", API)], {"*.example.com": ["203.0.113.0/24"]}, "unknown"),
        ([egress("Deny", BELOW)], {"api.example.com": ["203.0.113.0/24"]}, "blocked"),
        ([egress("Deny", BELOW)], {"api.example.com": ["203.0.113.0/25"]}, "unknown"),
    ],
)
def test_what_a_suite_says_of_domain_names(rules: list[Spec], domains: Spec, expected: Said) -> None:
    """The name itself exactly; a wildcard bounds the names it covers, and holds at least those of them that are
    bound."""
    assert said(anp("a", 5, egress=rules), destination=OUTSIDE, world={"domains": domains}) == expected


HTTP = [{"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 53, "protocol": "UDP"}]
OLD, NEW = "old", "new"


@pytest.mark.parametrize(
    ("api", "entry", "port", "expected"),
    [
        (OLD, {"portNumber": {"port": 80}}, "TCP/80", "blocked"),
        (OLD, {"portNumber": {"port": 80}}, "UDP/80", "allowed"),
        (OLD, {"portNumber": {"port": 80}}, "TCP/81", "allowed"),
        (OLD, {"portNumber": {"protocol": "SCTP", "port": 80}}, "SCTP/80", "blocked"),
        (OLD, {"portRange": {"start": 80, "end": 90}}, "TCP/90", "blocked"),
        (OLD, {"portRange": {"start": 80, "end": 90}}, "TCP/91", "allowed"),
        (OLD, {"portRange": {"start": 80, "end": 90}}, "TCP/79", "allowed"),
        (OLD, {"portRange": {"protocol": "UDP", "start": 80, "end": 80}}, "UDP/80", "blocked"),
        (OLD, {"portRange": {"start": 90, "end": 80}}, "TCP/85", "allowed"),
        (OLD, {"portRange": {"start": 90, "end": 80}}, "TCP/90", "allowed"),
        (OLD, {"namedPort": "http"}, "TCP/8080", "blocked"),
        (OLD, {"namedPort": "http"}, "UDP/8080", "allowed"),
        (OLD, {"namedPort": "http"}, "TCP/80", "allowed"),
        (OLD, {"namedPort": "dns"}, "UDP/53", "blocked"),
        (OLD, {"namedPort": "dns"}, "TCP/53", "allowed"),
        (NEW, {"tcp": {"destinationPort": {"number": 80}}}, "TCP/80", "blocked"),
        (NEW, {"tcp": {"destinationPort": {"number": 80}}}, "UDP/80", "allowed"),
        (NEW, {"udp": {"destinationPort": {"range": {"start": 80, "end": 90}}}}, "UDP/90", "blocked"),
        (NEW, {"udp": {"destinationPort": {"range": {"start": 80, "end": 90}}}}, "UDP/91", "allowed"),
        (NEW, {"sctp": {"destinationPort": {"range": {"start": 80, "end": 90}}}}, "SCTP/80", "blocked"),
        (NEW, {"destinationNamedPort": "dns"}, "UDP/53", "blocked"),
        (NEW, {"destinationNamedPort": "dns"}, "SCTP/53", "allowed"),
    ],
)
def test_ports(api: str, entry: Spec, port: str, expected: Said) -> None:
    """A named port is the destination's, with the protocol that its container gives it."""
    served = pod("shop", "served", ports=HTTP)
    rule: dict[str, Any] = {"ports" if api == OLD else "protocols": [entry]}
    into, out = [ingress("Deny", **rule)], [egress("Deny", **rule)]
    policies = (
        [anp("a", 5, ingress=into), anp("a", 5, egress=out)]
        if api == OLD
        else [cnp("a", "Admin", 5, ingress=into), cnp("a", "Admin", 5, egress=out)]
    )
    for policy in policies:
        assert said(served, policy, destination={"workload": "shop/served"}, port=port) == expected


@pytest.mark.parametrize("port", ["TCP/1", "UDP/65535", "SCTP/80"])
def test_a_rule_without_ports_is_about_all(port: str) -> None:
    assert said(cnp("a", "Baseline", 5, ingress=[ingress("Deny")]), port=port) == "blocked"


def test_several_ports_and_several_peers_of_one_rule() -> None:
    """One of the peers, and one of the ports."""
    ports = [{"portNumber": {"port": 80}}, {"portNumber": {"port": 443}}]
    policy = anp("a", 5, ingress=[ingress("Deny", app("web"), app("api"), ports=ports)])
    assert [said(policy, port=port) for port in ("TCP/80", "TCP/443", "TCP/8080")] == ["blocked", "blocked", "allowed"]


HOST = pod("shop", "host", "192.168.0.1", hostNetwork=True, nodeName="edge-1")
TO_HOST: Spec = {"workload": "shop/host"}


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([anp("a", 5, ingress=[ingress("Deny")])], "allowed"),
        ([anp("a", 5, egress=[egress("Deny")])], "allowed"),
        ([anp("a", 5, egress=[egress("Deny", EDGE)])], "blocked"),
        ([anp("a", 5, egress=[egress("Deny", {"nodes": {"matchLabels": {"role": "core"}}})])], "allowed"),
        ([anp("a", 5, egress=[egress("Deny", {"networks": ["192.168.0.1/32", "::/0"]})])], "blocked"),
        ([np("guard", "shop", podSelector={"matchLabels": {"app": "host"}})], "blocked"),
        ([np("guard", "shop", policyTypes=["Egress"], egress=[{"to": [{"podSelector": {}}]}])], "allowed"),
    ],
)
def test_pods_in_the_hosts_network_where_they_are_ordinary(objects: list[Spec], expected: Said) -> None:
    """NetworkPolicies see them; cluster-wide ones do not, but for their address and their node."""
    semantics = {"hostNetworkPods": "ordinary"}
    assert said(HOST, *NODES, *objects, destination=TO_HOST, semantics=semantics) == expected


def test_pods_in_the_hosts_network_either_way() -> None:
    """Where they are excluded there is nobody to reach, so what counts is the reading in which they are pods."""
    policy = np("guard", "shop", podSelector={"matchLabels": {"app": "host"}})
    assert said(HOST, *NODES, policy, destination=TO_HOST, semantics={"hostNetworkPods": "either"}) == "blocked"


def test_cluster_wide_policies_close_open_worlds() -> None:
    """What nobody declared is bound too: all pods of all namespaces."""
    policy = banp(ingress=[ingress("Deny")])
    assert said(policy, source={}, destination={"namespace": "elsewhere"}) == "blocked"
    assert said(policy, source={"cidr": "203.0.113.0/24"}, destination={}) == "allowed"
    assert said(anp("a", 5, ALL, egress=[egress("Deny", app("db"))]), source={}, destination=DESTINATION) == "blocked"
