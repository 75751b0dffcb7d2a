"""The concrete evaluator: evidence, what it does not know, and laws that every set of policies obeys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import Decision, Reason, all_of, any_of, known, negation, unknown
from netpol_verify.encodings.concrete.networkpolicy import NetworkPolicy, read_network_policy
from netpol_verify.encodings.concrete.reading import Reading, Readings
from netpol_verify.encodings.concrete.traffic import Traffic
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import Map, Seq, WrittenObject, written


def policy(spec: Any, name: str = "p", namespace: str = "shop", line: int = 1) -> WrittenObject:
    fields = written({"metadata": {"name": name}, "spec": spec}, line)
    return WrittenObject("p.yaml", line, "networking.k8s.io/v1", "NetworkPolicy", namespace, name, fields)


def pod(app: str = "web", ip: str = "10.0.0.1", namespace: str = "shop", **changes: Any) -> ConcreteEndpoint:
    values: dict[str, Any] = {"labels": {"app": app}, "ips": (ip,), "title": f"{namespace}/{app}", **changes}
    return ConcreteEndpoint("pod", namespace, **values)


WEB, DB = pod(), pod("db", "10.0.0.2")
OUTSIDE = ConcreteEndpoint("external", ips=("8.8.8.8",))


def decide(
    source: ConcreteEndpoint,
    destination: ConcreteEndpoint,
    *policies: WrittenObject,
    pods: bool | None = True,
    unmodelled: tuple[WrittenObject, ...] = (),
    port: int = 80,
) -> Decision:
    cluster = Cluster.of(Manifests(policies, unmodelled))
    return cluster.decide(source, destination, "TCP", port, "IPv4", reading=Readings(pods))


def test_without_policies_nothing_isolates_either_end() -> None:
    not_isolated = [Reason(way, None, None, "not-isolated", None, None) for way in ("egress", "ingress")]
    assert decide(WEB, DB) == Decision(True, tuple(not_isolated))
    assert decide(OUTSIDE, DB) == Decision(True, (not_isolated[1],))
    assert decide(WEB, OUTSIDE) == Decision(True, (not_isolated[0],))


def test_every_rule_that_allows_is_named_with_its_own_line() -> None:
    rules = Seq(4)
    items: list[Any] = [{"ports": [{"port": 81}]}, {}, {"from": [{"podSelector": {}}]}]
    for line, rule in zip((5, 8, 9), items, strict=True):
        rules.append(written(rule, line))
        rules.lines.append(line)
    spec = Map(3)
    spec.update({"ingress": rules})
    spec.lines["ingress"] = 4
    allow = policy({}, "allow")
    allow.fields["spec"] = spec
    deny = policy({}, "deny", line=20)
    decision = decide(WEB, pod("x", "10.0.0.2", namespace="shop"), deny, allow)
    named = [(reason.policy, reason.rule, reason.line) for reason in decision.because if reason.rule is not None]
    assert decision.allowed is True
    assert named == [("shop/allow", 1, 8), ("shop/allow", 2, 9)]
    assert [reason.effect for reason in decision.because] == ["not-isolated", "allows", "allows"]


def test_a_blocked_connection_names_the_isolating_policies_of_blocked_ends_only() -> None:
    deny_db = policy({"podSelector": {"matchLabels": {"app": "db"}}}, "a", line=7)
    also = policy({"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"ports": [{"port": 1}]}]}, "b")
    other = policy({"podSelector": {"matchLabels": {"app": "other"}}}, "c")
    expected = (
        Reason("ingress", "shop/a", None, "isolates", "p.yaml", 7),
        Reason("ingress", "shop/b", None, "isolates", "p.yaml", 1),
    )
    assert decide(WEB, DB, deny_db, also, other) == Decision(False, expected)


def test_one_ip_block_under_two_readings_is_undetermined() -> None:
    rule = {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}
    allow = policy({"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [rule]})
    decision = decide(WEB, DB, allow, pods=None)
    assert (decision.allowed, decision.depends_on) == (None, ("ipBlockMatchesPods",))
    elsewhere = policy({"ingress": [{"from": [{"ipBlock": {"cidr": "11.0.0.0/8"}}]}]})
    assert decide(WEB, DB, elsewhere, pods=None).allowed is False
    assert decide(OUTSIDE, DB, policy({"ingress": [{}]}), pods=None).allowed is True


def test_an_unknown_address_matters_only_where_a_block_may_hold_it() -> None:
    nowhere = pod(ips=())
    for cidr, expected in (("10.0.0.0/8", None), ("0.0.0.0/0", True), ("::/0", False)):
        allow = policy(
            {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"from": [{"ipBlock": {"cidr": cidr}}]}]}
        )
        decision = decide(nowhere, DB, allow)
        assert decision.allowed is expected
        assert decision.depends_on == (("address of shop/web",) if expected is None else ())


def test_unknown_labels_ports_and_namespaces_are_named() -> None:
    by_namespace = policy({"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"env": "x"}}}]}]})
    stranger = pod("web", "10.0.0.9", namespace="foo", namespace_labels=None)
    assert decide(stranger, DB, by_namespace).depends_on == ("labels of namespace foo",)
    by_hash = policy({"podSelector": {"matchLabels": {"pod-template-hash": "1"}}})
    vague = pod("db", "10.0.0.2", unknown_labels=frozenset(["pod-template-hash"]))
    assert decide(OUTSIDE, vague, by_hash).depends_on == ("label pod-template-hash of shop/db",)
    by_name = policy({"ingress": [{"ports": [{"port": "http"}]}]})
    assert decide(OUTSIDE, pod("db", ports=None), by_name).depends_on == ("container ports of shop/db",)


def test_a_policy_that_may_select_cannot_block_what_it_allows() -> None:
    vague = pod("db", "10.0.0.2", unknown_labels=frozenset(["hash"]))
    may = {"podSelector": {"matchLabels": {"hash": "1"}}}
    assert decide(OUTSIDE, vague, policy({**may, "ingress": [{}]})).allowed is True
    assert decide(OUTSIDE, vague, policy({**may, "ingress": [{}]}, "a"), policy({}, "b")).allowed is None
    assert decide(OUTSIDE, vague, policy(may, "a"), policy({"ingress": [{}]}, "b")).allowed is True
    assert decide(OUTSIDE, vague, policy(may, "a"), policy({}, "b")).allowed is False


def calico(kind: str, namespace: str | None, spec: Any) -> WrittenObject:
    fields = written({"apiVersion": "projectcalico.org/v3", "kind": kind, "spec": spec}, 1)
    return WrittenObject("c.yaml", 1, "projectcalico.org/v3", kind, namespace, "x", fields)


def test_an_unmodelled_policy_leaves_its_scope_open() -> None:
    egress_only = calico("NetworkPolicy", "shop", {"types": ["Egress"]})
    name = "unmodelled shop/NetworkPolicy/x (projectcalico.org)"
    decision = decide(WEB, OUTSIDE, unmodelled=(egress_only,))
    assert (decision.allowed, decision.depends_on) == (None, (name,))
    assert decide(OUTSIDE, WEB, unmodelled=(egress_only,)).allowed is True
    assert decide(pod(namespace="other"), OUTSIDE, unmodelled=(egress_only,)).allowed is True
    everywhere = calico("GlobalNetworkPolicy", None, {"types": ["Ingress", "Egress"]})
    assert decide(pod(namespace="other"), OUTSIDE, unmodelled=(everywhere,)).allowed is None


def test_a_certain_refusal_at_one_end_outweighs_ignorance_at_the_other() -> None:
    egress_only = calico("NetworkPolicy", "shop", {"types": ["Egress"]})
    closed = policy({"podSelector": {"matchLabels": {"app": "db"}}})
    assert decide(WEB, DB, closed, unmodelled=(egress_only,)).allowed is False


def test_a_calico_policy_of_the_same_kind_name_is_not_read_as_kubernetes() -> None:
    same_kind = calico("NetworkPolicy", "shop", {})
    assert Cluster.of(Manifests((same_kind,))).policies == {}


def test_an_address_is_never_restricted_itself() -> None:
    side = Cluster([]).decide_side("egress", Traffic(OUTSIDE, DB, "TCP", 80, "IPv4", Reading(True)))
    assert (side.allowed, side.isolated, side.because) == (True, False, ())


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, None, None, True),
        (False, None, False, None),
        (None, None, None, None),
        (True, True, True, True),
        (True, False, False, True),
        (False, False, False, False),
    ],
)
def test_truth_has_three_values(left: bool | None, right: bool | None, both: bool | None, either: bool | None) -> None:
    truths = [unknown(str(index)) if value is None else known(value) for index, value in enumerate((left, right))]
    assert all_of(truths).value is both is all_of(reversed(truths)).value
    assert any_of(truths).value is either is any_of(reversed(truths)).value
    assert negation(truths[0]).value is (None if left is None else not left)


def pod_peer(selector: Any) -> Any:
    return {"podSelector": selector}


def namespace_peer(selector: Any) -> Any:
    return {"namespaceSelector": selector}


def ingress_rule(peers: list[Any], ports: list[Any]) -> Any:
    return {"from": peers, "ports": ports}


def spec_of(selector: Any, rules: list[Any]) -> Any:
    return {"podSelector": selector, "ingress": rules}


def random_pod(labels: dict[str, str], ip: str, ports: tuple[NamedPort, ...]) -> ConcreteEndpoint:
    return ConcreteEndpoint("pod", "shop", labels, {"app": "web"}, ports, (ip,))


EMPTY: dict[str, Any] = {}
SELECTORS: st.SearchStrategy[Any] = st.sampled_from(
    [
        EMPTY,
        {"matchLabels": {"app": "web"}},
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]},
        {"matchExpressions": [{"key": "tier", "operator": "Exists"}]},
    ]
)
BLOCKS: st.SearchStrategy[Any] = st.sampled_from(
    [{"ipBlock": {"cidr": "10.0.0.0/30"}}, {"ipBlock": {"cidr": "0.0.0.0/0"}}]
)
PEERS = st.builds(pod_peer, SELECTORS) | st.builds(namespace_peer, SELECTORS) | BLOCKS
PORTS: st.SearchStrategy[Any] = st.sampled_from(
    [EMPTY, {"port": 80}, {"port": 80, "endPort": 90}, {"port": "http"}, {"protocol": "UDP"}]
)
RULES = st.builds(ingress_rule, st.lists(PEERS, max_size=2), st.lists(PORTS, max_size=2))
SPECS = st.builds(spec_of, SELECTORS, st.lists(RULES, max_size=2))
NO_PORTS: tuple[NamedPort, ...] = ()
PODS = st.builds(
    random_pod,
    st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["web", "db", ""])),
    st.sampled_from(["10.0.0.1", "10.0.0.9"]),
    st.sampled_from([NO_PORTS, (NamedPort("http", "TCP", 80),)]),
)


def read(specs: list[Any]) -> list[NetworkPolicy]:
    return [read_network_policy(policy(spec, f"p{index}")) for index, spec in enumerate(specs)]


def verdict(specs: list[Any], source: ConcreteEndpoint, destination: ConcreteEndpoint, port: int) -> bool | None:
    cluster = Cluster(read(specs))
    return cluster.decide(source, destination, "TCP", port, "IPv4", reading=Reading(True)).allowed


@given(st.lists(SPECS, min_size=1, max_size=3), RULES, PODS, PODS, st.sampled_from([80, 85, 443]))
@settings(max_examples=60)
def test_adding_a_rule_to_a_policy_never_blocks(
    specs: list[Any], rule: Any, source: ConcreteEndpoint, destination: ConcreteEndpoint, port: int
) -> None:
    more = [{**specs[0], "ingress": [*specs[0]["ingress"], rule]}, *specs[1:]]
    if verdict(specs, source, destination, port):
        assert verdict(more, source, destination, port)


@given(st.lists(SPECS, max_size=4), PODS, PODS, st.sampled_from([80, 85, 443]))
@settings(max_examples=60)
def test_the_order_of_policies_does_not_matter(
    specs: list[Any], source: ConcreteEndpoint, destination: ConcreteEndpoint, port: int
) -> None:
    assert verdict(specs, source, destination, port) == verdict(specs[::-1], source, destination, port)


@given(st.lists(SPECS, max_size=3), PODS, PODS, st.sampled_from([80, 85]), st.sampled_from(["web", "db", ""]))
@settings(max_examples=60)
def test_a_verdict_reached_without_knowing_holds_however_it_turns_out(
    specs: list[Any], source: ConcreteEndpoint, destination: ConcreteEndpoint, port: int, value: str
) -> None:
    labels = {key: text for key, text in destination.labels.items() if key != "app"}
    vague = ConcreteEndpoint("pod", "shop", labels, {"app": "web"}, None, (), unknown_labels=frozenset(["app"]))
    exact = ConcreteEndpoint(
        "pod", "shop", {**labels, "app": value}, {"app": "web"}, destination.ports, destination.ips
    )
    assert verdict(specs, source, vague, port) in (None, verdict(specs, source, exact, port))


@given(st.lists(SPECS, max_size=3), PODS, PODS)
@settings(max_examples=20)
def test_between_two_port_breaks_nothing_changes(
    specs: list[Any], source: ConcreteEndpoint, destination: ConcreteEndpoint
) -> None:
    cluster = Cluster(read(specs))
    breaks = cluster.port_breaks(source, destination)
    before: bool | None = None
    for port in range(1, 120):
        now = cluster.decide(source, destination, "TCP", port, "IPv4", reading=Reading(True)).allowed
        assert port == 1 or port in breaks or now == before
        before = now
