"""Cluster-wide policies in the concrete evaluator: subjects, peers, ports, domain names; one test for each corner."""

from __future__ import annotations

from typing import Any

import pytest
from admin_support import (
    DB,
    EVERYONE,
    OUTSIDE,
    WEB,
    Spec,
    allowed,
    anp,
    asked,
    banp,
    cnp,
    made,
    np,
    out,
    pod,
    rule,
    walked,
)
from netpol_verify.encodings.concrete.addresses import parse_address
from netpol_verify.encodings.concrete.adminpolicy import read_admin_policy
from netpol_verify.encodings.concrete.domains import Domains, assumptions, covers, plain
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.written import Map, Seq, WrittenObject, written

STRANGER = pod("x", "10.0.0.9", "elsewhere", namespace_labels=None)
HOST = pod("agent", "192.168.0.4", host_network=True)
SERVING = pod("db", "10.0.0.2", "data", ports=(NamedPort("web", "TCP", 8080), NamedPort("dns", "UDP", 53)))


def labels(**wanted: str) -> Spec:
    return {"matchLabels": wanted}


def pods(namespaces: Spec | None, selector: Spec) -> Spec:
    spaces = {} if namespaces is None else {"namespaceSelector": namespaces}
    return {"pods": {**spaces, "podSelector": selector}}


@pytest.mark.parametrize(
    ("subject", "end", "selected"),
    [
        ({"namespaces": {}}, DB, True),
        ({"namespaces": labels(team="data")}, DB, True),
        ({"namespaces": labels(team="shop")}, DB, False),
        ({"namespaces": {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["shop"]}]}}, DB, True),
        ({"namespaces": labels(**{"kubernetes.io/metadata.name": "data"})}, DB, True),
        (pods({}, {}), DB, True),
        (pods(None, {}), DB, True),
        (pods(None, labels(app="db")), DB, True),
        (pods(labels(team="data"), labels(app="db")), DB, True),
        (pods(labels(team="data"), labels(app="web")), DB, False),
        (pods(labels(team="shop"), labels(app="db")), DB, False),
        ({"namespaces": labels(team="data")}, STRANGER, None),
        ({"namespaces": {}}, HOST, False),
        (pods({}, {}), HOST, False),
        ({"namespaces": {}}, OUTSIDE, False),
    ],
)
@pytest.mark.parametrize("make", [anp, cnp])
def test_subjects(make: Any, subject: Spec, end: ConcreteEndpoint, selected: bool | None) -> None:
    """Whoever is a subject is denied; pods in their host's network and addresses never are."""
    decision = asked(make(subject=subject, ingress=[rule("Deny")]), destination=end)
    assert decision.allowed is {True: False, False: True, None: None}[selected]
    assert decision.depends_on == (("labels of namespace elsewhere",) if selected is None else ())


@pytest.mark.parametrize(
    ("peer", "matching", "others"),
    [
        ({"namespaces": {}}, [WEB, STRANGER], [OUTSIDE, HOST]),
        ({"namespaces": labels(team="shop")}, [WEB], [pod(namespace="other"), OUTSIDE, HOST]),
        (pods({}, {}), [WEB], [OUTSIDE, HOST]),
        (pods(None, labels(app="web")), [WEB], [pod("x"), OUTSIDE]),
        (pods(labels(team="shop"), labels(app="web")), [WEB], [pod(namespace="other"), pod("x")]),
    ],
)
@pytest.mark.parametrize("make", [anp, cnp])
def test_peers_of_ingress_are_pods(
    make: Any, peer: Spec, matching: list[ConcreteEndpoint], others: list[ConcreteEndpoint]
) -> None:
    for end in (*matching, *others):
        assert allowed(make(ingress=[rule("Deny", [peer])]), source=end) is (end in others), end


def test_outside_sources_are_never_denied_by_an_ingress_rule() -> None:
    assert allowed(cnp(ingress=[rule("Deny")]), banp(ingress=[rule("Deny")]), source=OUTSIDE) is True


SIX = pod("six", "2001:db8::5", "data")
NOWHERE = pod("db", "10.0.0.2", "data", ips=())


@pytest.mark.parametrize(
    ("networks", "end", "matches"),
    [
        (["0.0.0.0/0"], DB, True),
        (["0.0.0.0/0"], OUTSIDE, True),
        (["0.0.0.0/0"], HOST, True),
        (["10.0.0.0/24"], DB, True),
        (["10.0.1.0/24", "10.0.0.2/32"], DB, True),
        (["10.0.1.0/24"], DB, False),
        (["10.0.0.77/24"], DB, True),
        (["::/0"], DB, False),
        (["203.0.113.0/24"], OUTSIDE, True),
        (["192.168.0.0/24"], HOST, True),
        (["0.0.0.0/0"], NOWHERE, True),
        (["::/0"], NOWHERE, False),
        (["10.0.0.0/8"], NOWHERE, None),
        (["::/0"], SIX, True),
        (["2001:db8::/32"], SIX, True),
        (["0.0.0.0/0"], SIX, False),
    ],
)
@pytest.mark.parametrize("pods_matched", [True, False])
def test_networks_match_by_address_whoever_has_it_and_however_ip_block_is_read(
    networks: list[str], end: ConcreteEndpoint, matches: bool | None, pods_matched: bool
) -> None:
    """A denial of 0.0.0.0/0 denies all IPv4 traffic between pods."""
    decision = asked(
        cnp(egress=[out("Deny", [{"networks": networks}])]),
        source=pod(ip="10.0.0.1") if end is not SIX else pod(ip="2001:db8::1"),
        destination=end,
        family="IPv6" if end is SIX else "IPv4",
        reading=Reading(pods_matched),
    )
    assert decision.allowed is {True: False, False: True, None: None}[matches]
    assert decision.depends_on == (("address of data/db",) if matches is None else ())


def test_a_pass_before_networks_exempts_pods() -> None:
    """The way that the API's documentation recommends."""
    closed = cnp(egress=[out("Pass"), out("Deny", [{"networks": ["0.0.0.0/0"]}])])
    assert allowed(closed) is True
    assert allowed(closed, destination=OUTSIDE) is False


PORTS_V1: list[tuple[Spec, list[str], list[str]]] = [
    ({"portNumber": {"port": 80}}, ["TCP/80"], ["UDP/80", "SCTP/80", "TCP/81"]),
    ({"portNumber": {"protocol": "UDP", "port": 53}}, ["UDP/53"], ["TCP/53", "UDP/54"]),
    ({"portRange": {"start": 80, "end": 90}}, ["TCP/80", "TCP/85", "TCP/90"], ["TCP/79", "TCP/91", "UDP/85"]),
    ({"portRange": {"protocol": "SCTP", "start": 80, "end": 80}}, ["SCTP/80"], ["SCTP/81", "TCP/80"]),
    ({"portRange": {"start": 90, "end": 80}}, [], ["TCP/80", "TCP/85", "TCP/90"]),
    ({"namedPort": "web"}, ["TCP/8080"], ["UDP/8080", "TCP/80", "TCP/443"]),
    ({"namedPort": "dns"}, ["UDP/53"], ["TCP/53"]),
    ({"namedPort": "web-tcp"}, [], ["TCP/8080"]),
]
PORTS_V2: list[tuple[Spec, list[str], list[str]]] = [
    ({"tcp": {"destinationPort": {"number": 80}}}, ["TCP/80"], ["UDP/80", "TCP/81"]),
    ({"udp": {"destinationPort": {"number": 53}}}, ["UDP/53"], ["TCP/53"]),
    ({"sctp": {"destinationPort": {"range": {"start": 80, "end": 90}}}}, ["SCTP/80", "SCTP/90"], ["SCTP/91", "TCP/80"]),
    ({"tcp": {"destinationPort": {"range": {"start": 1, "end": 65535}}}}, ["TCP/1", "TCP/65535"], ["UDP/1"]),
    ({"destinationNamedPort": "web"}, ["TCP/8080"], ["UDP/8080", "TCP/80"]),
    ({"destinationNamedPort": "dns"}, ["UDP/53"], ["TCP/53"]),
]


@pytest.mark.parametrize(
    ("policy", "matching", "others"),
    [
        *((anp(ingress=[rule("Deny", ports=[port])]), yes, no) for port, yes, no in PORTS_V1),
        *((banp(ingress=[rule("Deny", ports=[port])]), yes, no) for port, yes, no in PORTS_V1),
        *((anp(egress=[out("Deny", ports=[port])]), yes, no) for port, yes, no in PORTS_V1),
        *((cnp(ingress=[rule("Deny", protocols=[port])]), yes, no) for port, yes, no in PORTS_V2),
        *((cnp(egress=[out("Deny", protocols=[port])]), yes, no) for port, yes, no in PORTS_V2),
        (anp(ingress=[rule("Deny")]), ["TCP/1", "UDP/65535", "SCTP/9"], []),
        (cnp(ingress=[rule("Deny")]), ["TCP/1", "UDP/65535", "SCTP/9"], []),
        (
            anp(ingress=[rule("Deny", ports=[{"portNumber": {"port": 80}}, {"namedPort": "dns"}])]),
            ["TCP/80", "UDP/53"],
            ["TCP/53"],
        ),
    ],
)
def test_ports(policy: WrittenObject, matching: list[str], others: list[str]) -> None:
    """A name stands for the number and the protocol that the destination gives it, whatever the name ends in."""
    for port in (*matching, *others):
        assert allowed(policy, destination=SERVING, port=port) is (port in others), port


def test_a_named_port_is_of_pods_alone_and_of_the_destination() -> None:
    named = cnp(
        egress=[out("Deny", [*EVERYONE, {"networks": ["0.0.0.0/0"]}], protocols=[{"destinationNamedPort": "web"}])]
    )
    assert allowed(named, destination=OUTSIDE, port="TCP/8080") is True
    assert allowed(named, destination=pod(ports=(), ip="10.0.0.3"), port="TCP/8080") is True
    assert allowed(named, destination=SERVING, port="TCP/8080") is False
    asking = asked(named, destination=pod("y", "10.0.0.3", ports=None), port="TCP/8080")
    assert (asking.allowed, asking.depends_on) == (None, ("container ports of shop/y",))
    assert allowed(named, source=SERVING, destination=WEB, port="TCP/8080") is True


def test_a_named_port_is_none_of_a_pod_in_its_hosts_network_however_that_is_read() -> None:
    """To cluster-wide policies it is its node."""
    hosted = pod("agent", "192.168.0.4", host_network=True, ports=SERVING.ports)
    named = cnp(egress=[out("Deny", [{"networks": ["0.0.0.0/0"]}], protocols=[{"destinationNamedPort": "web"}])])
    reading = Reading(True, host_network_pods="ordinary")
    assert allowed(named, destination=hosted, port="TCP/8080", reading=reading) is True


def test_ports_and_peers_of_one_rule_belong_together() -> None:
    policy = anp(
        ingress=[
            rule("Deny", [pods(None, labels(app="web"))], ports=[{"portNumber": {"port": 80}}]),
            rule("Deny", [pods(None, labels(app="x"))], ports=[{"portNumber": {"port": 81}}]),
        ]
    )
    assert [allowed(policy, port=port) for port in ("TCP/80", "TCP/81")] == [False, True]


@pytest.mark.parametrize("make", [anp, cnp])
@pytest.mark.parametrize(
    ("action", "here", "there"),
    [("Allow", True, True), ("Accept", True, True), ("Deny", False, False), ("Pass", False, False)],
)
def test_a_peer_of_an_unknown_kind_fails_closed(make: Any, action: str, here: bool, there: bool) -> None:
    """The rule as a whole: one that allows matches nothing, any other denies everything, on every port."""
    unknown = {"identities": ["spiffe://x"]}
    policy = make(ingress=[rule(action, [unknown, *EVERYONE], ports=[{"portNumber": {"port": 1}}])])
    assert allowed(policy) is here
    assert allowed(policy, source=OUTSIDE) is there
    closed = np(podSelector={}, namespace="data")
    assert allowed(policy, closed) is False


def test_a_policy_without_rules_in_a_direction_does_nothing_there() -> None:
    assert allowed(cnp(), anp(), banp()) is True
    assert allowed(cnp(egress=[out("Deny")]), source=OUTSIDE) is True


def test_every_line_of_evidence_has_the_place_of_its_rule() -> None:
    rules = Seq(4)
    for line, value in ((5, rule("Pass")), (9, rule("Deny"))):
        rules.append(written(value, line))
        rules.lines.append(line)
    policy = cnp("x")
    spec: Map = policy.fields["spec"]
    spec["ingress"], spec.lines["ingress"] = rules, 4
    (reason,) = [reason for reason in asked(policy).because if reason.effect == "passes"]
    assert (reason.policy, reason.rule, reason.file, reason.line) == ("ClusterNetworkPolicy/x", 0, "x.yaml", 5)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (made("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "x", spec={"priority": 1}), "spec.tier"),
        (made("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "x", spec={"subject": {}}), "spec.priority"),
        (anp(subject={"pod": {}}), "must be one of namespaces, pods"),
        (anp(ingress=[rule("allow")]), "spec.ingress[0].action"),
        (anp(ingress=[rule("Deny", ports=[{}])]), "spec.ingress[0].ports[0]"),
        (
            anp(ingress=[rule("Deny", ports=[{"portNumber": {}}])]),
            "spec.ingress[0].ports[0].portNumber.port: is missing",
        ),
        (cnp(ingress=[rule("Deny", protocols=[{"icmp": {}}])]), "must be one of tcp, udp, sctp"),
        (cnp(egress=[out("Deny", [{"networks": ["10.0.0.0"]}])]), "must be a valid CIDR value"),
    ],
)
def test_what_the_api_would_refuse_is_never_guessed(policy: WrittenObject, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        read_admin_policy(policy)
    assert message in str(caught.value)


def domain(action: str, *names: str) -> Spec:
    return out(action, [{"domainNames": [*names]}])


ALL = out("Deny", [{"networks": ["0.0.0.0/0", "::/0"]}])


@pytest.mark.parametrize(
    ("rules", "expected", "depends_on"),
    [
        ([domain("Allow", "a.example.com"), ALL], None, ("domain a.example.com",)),
        ([domain("Deny", "*.example.com")], None, ("domain *.example.com",)),
        ([domain("Allow", "a.example.com")], True, ()),
        ([ALL, domain("Allow", "a.example.com")], False, ()),
        ([domain("Deny", "a.example.com"), ALL], False, ()),
        ([domain("Deny", "a.example.com", "b.example.com")], None, ("domain a.example.com", "domain b.example.com")),
        ([domain("Pass", "a.example.com"), domain("Deny", "A.Example.com.")], True, ()),
        ([domain("Pass", "*.example.com"), domain("Deny", "a.example.com", "*.b.example.com")], True, ()),
        (
            [domain("Pass", "a.example.com"), domain("Deny", "*.example.com")],
            None,
            ("domain *.example.com", "domain a.example.com"),
        ),
        ([domain("Deny", "*.example.com"), domain("Pass", "a.example.com"), ALL], False, ()),
        (
            [domain("Pass", "*.example.com"), domain("Deny", "example.com")],
            None,
            ("domain *.example.com", "domain example.com"),
        ),
    ],
)
def test_an_unbound_domain_name_is_an_unknown_set_of_outside_addresses(
    rules: list[Spec], expected: bool | None, depends_on: tuple[str, ...]
) -> None:
    """What is a name's is its wildcard's too, so rules about both may cancel each other out."""
    decision = asked(anp(egress=rules), destination=OUTSIDE)
    assert (decision.allowed, decision.depends_on) == (expected, depends_on)
    traffic_side = asked(anp(egress=rules), destination=OUTSIDE, reading=Reading(True))
    assert traffic_side.allowed is expected


def test_domain_names_hold_no_pods_and_no_nodes() -> None:
    everything = anp(egress=[domain("Deny", "*.example.com")])
    for end in (DB, HOST, ConcreteEndpoint("node", ips=("192.168.0.4",))):
        assert allowed(everything, destination=end) is True


BOUND = {"*.example.com": ["203.0.113.0/24", "2001:db8::/32"], "a.example.com": ["203.0.113.0/28"]}


@pytest.mark.parametrize(
    ("name", "address", "held"),
    [
        ("*.example.com", "203.0.113.77", True),
        ("*.example.com", "198.51.100.1", False),
        ("a.example.com", "203.0.113.7", True),
        ("A.EXAMPLE.COM.", "203.0.113.7", True),
        ("a.example.com", "203.0.113.77", False),
        ("b.example.com", "198.51.100.1", False),
        ("b.example.com", "203.0.113.7", None),
        ("*.c.example.com", "203.0.113.7", None),
        ("example.com", "203.0.113.7", None),
        ("*.com", "203.0.113.77", True),
        ("*.com", "198.51.100.1", None),
        ("other.net", "203.0.113.7", None),
    ],
)
def test_a_bound_name_is_exact_and_bounds_those_above_and_below_it(name: str, address: str, held: bool | None) -> None:
    assert Domains(BOUND).holds(plain(name), parse_address(address)) is held
    decision = asked(
        cnp(egress=[domain("Deny", name)]), destination=ConcreteEndpoint("external", ips=(address,)), domains=BOUND
    )
    assert decision.allowed is (None if held is None else not held)


@pytest.mark.parametrize(
    ("wildcard", "name", "covered"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "b.a.example.com", True),
        ("*.example.com", "*.a.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "*.example.com", False),
        ("*.example.com", "myexample.com", False),
        ("*.a.example.com", "*.example.com", False),
        ("example.com", "a.example.com", False),
    ],
)
def test_a_wildcard_covers_whole_labels_and_not_the_apex(wildcard: str, name: str, covered: bool) -> None:
    assert covers(wildcard, name) is covered


def test_assumptions_keep_to_what_covers_what() -> None:
    found = {tuple(held for _, held in each) for each in assumptions(("*.x.y", "a.x.y", "y"))}
    assert found == {(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True) if a or not b}


def test_an_admin_pass_shows_before_what_decides() -> None:
    passing = anp("x", ingress=[rule("Pass")])
    denied = banp(ingress=[rule("Deny")])
    assert walked(asked(passing, denied)) == [
        "ingress AdminNetworkPolicy/x 0 passes",
        "ingress BaselineAdminNetworkPolicy/default 0 denies",
    ]
    assert walked(asked(passing)) == [
        "egress not-isolated",
        "ingress AdminNetworkPolicy/x 0 passes",
        "ingress not-isolated",
    ]
    open_ = np("open", "data", podSelector={}, ingress=[{}])
    assert walked(asked(passing, denied, open_))[1:] == [
        "ingress AdminNetworkPolicy/x 0 passes",
        "ingress data/open 0 allows",
    ]
