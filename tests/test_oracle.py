"""The oracle's own sanity: known verdicts by hand, agreement with the concrete evaluator, and what must be monotone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.properties.loading import LoadedProperty, load_suite
from oracle.addresses import render
from oracle.agreement import check_agreement
from oracle.bruteforce import DECLARED, DECLARED_NAMESPACES, Outcome, Scope, brute_force, question, world_of
from oracle.clusters import calico, clusters, made, manifests
from oracle.endpoints import Endpoint
from oracle.flows import Connection, Ends, Flows
from oracle.labels import from_suite
from oracle.properties import GROUPS, loaded, properties
from oracle.raw import Raw

CLOSED: Raw = {"pods": "closed", "namespaces": "closed"}
ANY: Raw = {"any": True}
A: Raw = {"namespace": "a"}
B: Raw = {"namespace": "b"}


def drawn(examples: int) -> settings:
    """Settings of a drawn test: the same draws on every run."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Manifests, LoadedProperty]:
    cluster = draw(clusters())
    return cluster, draw(properties(cluster))


def space(name: str, **labels: str) -> WrittenObject:
    return made("Namespace", None, name, {"metadata": {"labels": labels}})


def pod(
    name: str,
    namespace: str = "a",
    labels: Raw | None = None,
    ports: list[Raw] | None = None,
    status: Raw | None = None,
) -> WrittenObject:
    fields: Raw = {"metadata": {"labels": labels or {}}, "spec": {"containers": [{"name": "c", "ports": ports or []}]}}
    return made("Pod", namespace, name, fields | ({"status": status} if status else {}))


def deployment(name: str, namespace: str = "a", **labels: str) -> WrittenObject:
    return made("Deployment", namespace, name, {"spec": {"template": {"metadata": {"labels": labels}, "spec": {}}}})


def policy(spec: Raw | None, namespace: str = "a", name: str = "p") -> WrittenObject:
    return made("NetworkPolicy", namespace, name, {"spec": spec})


def verdict(objects: list[WrittenObject], verb: str, body: Raw, world: Raw | None = None, **more: Any) -> str:
    return brute_force(manifests(objects), loaded(verb, body, world, more)).verdict


def reached(spec: Raw | None, ports: list[str | int] | None = None, labels: Raw | None = None) -> bool:
    """Whether some connection from any pod to pod a/s, which has these labels, gets in."""
    body: Raw = {"from": {}, "to": {"workload": "a/s"}} | ({"ports": ports} if ports else {})
    ports_of_s = [{"name": "p", "containerPort": 80, "protocol": "UDP"}]
    objects = [pod("s", labels=labels, ports=ports_of_s), policy(spec)]
    return verdict(objects, "never", body) == "refuted"


SELECTOR_TRAPS: list[tuple[Raw | None, Raw, bool]] = [
    ({"matchLabels": {"k": ""}}, {}, False),
    ({"matchLabels": {"k": ""}}, {"k": ""}, True),
    ({"matchExpressions": [{"key": "k", "operator": "NotIn", "values": ["v"]}]}, {}, True),
    ({"matchExpressions": [{"key": "k", "operator": "NotIn", "values": ["v"]}]}, {"k": "v"}, False),
    ({"matchExpressions": [{"key": "k", "operator": "DoesNotExist"}]}, {}, True),
    ({"matchExpressions": [{"key": "k", "operator": "DoesNotExist", "values": None}]}, {"k": ""}, False),
    ({"matchExpressions": [{"key": "k", "operator": "Exists", "values": []}]}, {"k": ""}, True),
    ({"matchExpressions": [{"key": "k", "operator": "In", "values": ["v", "w"]}]}, {"k": "w"}, True),
    (
        {"matchLabels": {"k": "v"}, "matchExpressions": [{"key": "k", "operator": "NotIn", "values": ["v"]}]},
        {"k": "v"},
        False,
    ),
    (None, {"k": "v"}, True),
]


@pytest.mark.parametrize(("selector", "labels", "selected"), SELECTOR_TRAPS)
def test_a_selector_isolates_exactly_the_pods_it_selects(selector: Raw | None, labels: Raw, selected: bool) -> None:
    assert reached({"podSelector": selector, "policyTypes": ["Ingress"]}, labels=labels) is not selected


FIELD_TRAPS: list[tuple[Raw | None, bool]] = [
    (None, False),
    ({}, False),
    ({"ingress": None}, False),
    ({"ingress": []}, False),
    ({"ingress": [None]}, True),
    ({"ingress": [{}]}, True),
    ({"ingress": [{"from": [], "ports": None}]}, True),
    ({"ingress": [{}], "policyTypes": ["Ingress", "Ingress"]}, True),
    ({"policyTypes": ["Egress"]}, True),
    ({"policyTypes": [], "egress": [{}]}, False),
    ({"ingress": [{"from": [{"podSelector": {}}]}]}, True),
    ({"ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}]}, True),
]


@pytest.mark.parametrize(("spec", "gets_in"), FIELD_TRAPS)
def test_empty_missing_and_null_fields_mean_what_the_api_makes_of_them(spec: Raw | None, gets_in: bool) -> None:
    assert reached(spec) is gets_in


PORT_TRAPS: list[tuple[list[Raw | None], str, bool]] = [
    ([{}], "TCP/80", True),
    ([None], "UDP/80", False),
    ([{"protocol": "UDP"}], "UDP/9", True),
    ([{"protocol": "UDP"}], "TCP/9", False),
    ([{"port": 80, "endPort": 82}], "TCP/82", True),
    ([{"port": 80, "endPort": 82}], "TCP/83", False),
    ([{"port": 80, "endPort": 82}], "TCP/79", False),
    ([{"port": "p"}], "TCP/1-65535", False),
    ([{"port": "p", "protocol": "UDP"}], "UDP/80", True),
    ([{"port": "p", "protocol": "UDP"}], "UDP/81", False),
    ([{"port": "p", "protocol": "UDP"}], "UDP/p", True),
    ([{"port": "q", "protocol": "UDP"}], "UDP/p", False),
]


@pytest.mark.parametrize(("entries", "port", "gets_in"), PORT_TRAPS)
def test_ports_are_the_destinations_with_their_protocol(entries: list[Raw | None], port: str, gets_in: bool) -> None:
    assert reached({"ingress": [{"ports": entries}]}, [port]) is gets_in


def test_egress_is_isolated_by_one_rule_but_not_by_an_empty_list() -> None:
    objects = [space("a"), space("b")]
    nothing_leaves: Raw = {"from": A, "to": B}
    assert verdict([*objects, policy({"egress": []})], "never", nothing_leaves) == "refuted"
    assert (
        verdict([*objects, policy({"egress": [{"ports": [{"port": 1}]}]})], "never", nothing_leaves | {"ports": [2]})
        == "proved"
    )


def test_a_named_port_on_egress_is_resolved_on_the_destination() -> None:
    spec: Raw = {"egress": [{"ports": [{"port": "p"}]}], "policyTypes": ["Egress"]}
    assert verdict([space("a"), policy(spec)], "never", {"from": A, "to": {"cidr": "192.0.2.0/24"}}) == "proved"
    assert verdict([space("a"), policy(spec)], "never", {"from": A, "to": B, "ports": [9]}) == "refuted"
    served = [pod("s", "b", ports=[{"name": "p", "containerPort": 80}]), policy(spec)]
    assert verdict(served, "never", {"from": A, "to": {"workload": "b/s"}, "ports": ["TCP/81"]}) == "proved"
    assert verdict(served, "never", {"from": A, "to": {"workload": "b/s"}, "ports": ["TCP/p"]}) == "refuted"


def test_peers_in_one_element_are_joined_and_in_two_are_alternatives() -> None:
    both = {"namespaceSelector": {"matchLabels": {"n1": "x"}}, "podSelector": {"matchLabels": {"k1": "v1"}}}
    one, two = [both], [{key: value} for key, value in both.items()]
    outsider: Raw = {"namespaces": "n1!=x", "pods": "k1=v1"}
    to_a: Raw = {"from": outsider, "to": A}
    assert verdict([space("a"), policy({"ingress": [{"from": one}]})], "never", to_a) == "proved"
    # Alternatives: a pod k1=v1 of the policy's own namespace a, whose label n1 is absent.
    assert verdict([space("a"), policy({"ingress": [{"from": two}]})], "never", to_a) == "refuted"


def test_any_namespace_may_carry_the_right_label_unless_namespaces_are_closed() -> None:
    spec: Raw = {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"n1": "x"}}}]}]}
    objects = [space("a", n1="x"), space("b", n1="y"), policy(spec)]
    alone: Raw = {"to": A, "from": [{"who": A}, {"who": {"node": True}}]}
    assert verdict(objects, "only", alone) == "refuted"
    assert verdict(objects, "only", alone, {"namespaces": "closed"}) == "proved"
    assert verdict([*objects, pod("only-named", "d")], "only", alone, {"namespaces": "closed"}) == "refuted"


def test_the_namespace_name_label_is_the_namespaces_name() -> None:
    name_label = "kubernetes.io/metadata.name"
    spec: Raw = {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {name_label: "b"}}}]}]}
    only_b: Raw = {"to": A, "from": [{"who": B}]}
    assert verdict([space("a"), policy(spec)], "only", only_b) == "proved"
    assert verdict([space("a"), policy(spec)], "isolate", {"by": {"namespaceLabel": name_label}}) == "refuted"


@pytest.mark.parametrize(("reading", "expected"), [(True, "refuted"), (False, "proved"), ("either", "refuted")])
def test_a_block_may_match_pods(reading: object, expected: str) -> None:
    objects = [space("a"), policy({"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]})]
    assert verdict(objects, "never", {"from": {}, "to": A}, ipBlockMatchesPods=reading) == expected
    can = {"proved": "refuted", "refuted": "proved"}[expected] if reading != "either" else "refuted"
    assert verdict(objects, "can", {"from": {}, "to": A}, ipBlockMatchesPods=reading) == can


def test_blocks_keep_to_their_family_mask_host_bits_and_leave_out_exceptions() -> None:
    def outside(cidr: str, block: Raw) -> str:
        objects = [space("a"), policy({"ingress": [{"from": [{"ipBlock": block}]}]})]
        return verdict(objects, "never", {"from": {"cidr": cidr}, "to": A})

    assert outside("::/0", {"cidr": "0.0.0.0/0"}) == "proved"
    assert outside("0.0.0.0/0", {"cidr": "::/0"}) == "proved"
    assert outside("1.2.3.0/30", {"cidr": "1.2.3.77/24"}) == "refuted"
    assert outside("10.9.0.0/16", {"cidr": "::ffff:10.0.0.0/104"}) == "refuted"
    assert outside("1.2.3.0/30", {"cidr": "1.2.3.0/24", "except": ["1.2.3.0/29"]}) == "proved"


def test_two_pods_of_a_workload_differ_but_a_bare_pod_is_alone() -> None:
    to_itself: Raw = {"from": {"workload": "a/s"}, "to": {"workload": "a/s"}}
    assert verdict([deployment("s")], "never", to_itself, CLOSED) == "refuted"
    assert verdict([pod("s")], "never", to_itself, CLOSED) == "vacuous"


def test_an_external_entry_stands_for_several_pods() -> None:
    world: Raw = {**CLOSED, "external": [{"name": "a", "pods": [{"labels": {"k1": "v1"}}]}]}
    assert verdict([], "never", {"from": A, "to": {"pods": "k1=v1"}}, world) == "refuted"


def test_the_dns_server_that_is_assumed_is_nobody_else() -> None:
    assert verdict([], "dns", {"for": {}}, CLOSED) == "vacuous"
    assert verdict([deployment("s")], "dns", {"for": {}}, CLOSED) == "proved"


def test_pods_at_known_addresses_are_the_only_ones_there() -> None:
    status: Raw = {"podIP": "10.244.0.5", "podIPs": [{"ip": "10.244.0.5"}]}
    only_it = policy({"ingress": [{"from": [{"ipBlock": {"cidr": "10.244.0.5/32"}}]}]})
    objects = [pod("s", "b", status=status), space("a"), only_it]
    assert verdict(objects, "only", {"to": A, "from": [{"who": {"workload": "b/s"}}]}) == "proved"
    assert (
        verdict([pod("s", "b"), space("a"), only_it], "only", {"to": A, "from": [{"who": {"workload": "b/s"}}]})
        == "refuted"
    )


def test_pods_in_the_host_network_and_finished_pods_are_nobody() -> None:
    host = made("Pod", "a", "h", {"spec": {"hostNetwork": True, "containers": []}})
    done = pod("d", status={"phase": "Succeeded"})
    for name, item in (("h", host), ("d", done)):
        assert (
            verdict([item, pod("s", "b")], "never", {"from": {"workload": f"a/{name}"}, "to": B}, CLOSED) == "vacuous"
        )


def test_an_element_that_matches_nothing_makes_a_property_vacuous_only_if_it_would_be_proved() -> None:
    objects = [deployment("s"), deployment("t", "b"), policy({})]
    nobody: Raw = {"namespace": "nowhere"}
    assert verdict(objects, "never", {"from": [B, nobody], "to": A}, CLOSED) == "vacuous"
    assert verdict(objects, "never", {"from": [B, nobody], "to": A}) == "proved"
    assert verdict(objects, "never", {"from": [A, nobody], "to": B}, CLOSED) == "refuted"
    assert verdict(objects, "only", {"to": A, "from": [{"who": [B, nobody]}]}, CLOSED) == "vacuous"
    assert verdict(objects, "always", {"from": A, "to": nobody, "ports": [80]}, CLOSED) == "vacuous"


def test_a_named_port_nobody_declares_makes_a_property_vacuous_in_a_closed_world() -> None:
    body: Raw = {"from": B, "to": A, "ports": ["TCP/p"]}
    assert verdict([deployment("s"), deployment("t", "b"), policy({})], "never", body, CLOSED) == "vacuous"
    assert verdict([deployment("s"), deployment("t", "b"), policy({})], "never", body) == "proved"


def test_isolate_speaks_of_groups_by_name_and_by_namespace_label() -> None:
    deny = [policy({}, "a"), policy({}, "b")]
    assert verdict([space("a"), space("b"), *deny], "isolate", {"groups": [A, B]}) == "proved"
    assert verdict([space("a"), space("b"), deny[0]], "isolate", {"groups": [A, B]}) == "refuted"
    carved = {"groups": [A, B], "except": [{"from": A, "to": B}]}
    assert verdict([space("a"), space("b"), deny[0]], "isolate", carved) == "proved"
    by: Raw = {"by": {"namespaceLabel": "n1"}}
    closed: Raw = {"namespaces": "closed"}
    assert verdict([space("a", n1=""), space("b"), *deny], "isolate", by, closed) == "proved"
    assert verdict([space("a", n1=""), space("b"), deny[0]], "isolate", by, closed) == "refuted"
    assert verdict([space("a"), space("b"), deny[0]], "isolate", by, closed) == "vacuous"
    assert verdict([pod("only-named", "d")], "isolate", by, closed) == "vacuous"


def test_default_deny_asks_for_a_policy_and_strictly_for_silence() -> None:
    deny, allow_all = policy({"policyTypes": ["Ingress", "Egress"]}), policy({"ingress": [{}]}, name="q")
    picked = policy({"podSelector": {"matchLabels": {"k1": "v1"}}, "ingress": [{}]}, name="r")
    ingress: Raw = {"for": A, "directions": ["ingress"]}
    assert verdict([deny], "defaultDeny", {"for": A}) == "proved"
    assert verdict([allow_all], "defaultDeny", {"for": A}) == "refuted"
    assert verdict([allow_all], "defaultDeny", ingress) == "proved"
    assert verdict([allow_all], "defaultDeny", ingress | {"strict": True}) == "refuted"
    assert verdict([deny, picked], "defaultDeny", ingress | {"strict": True}) == "proved"
    assert (
        verdict(
            [deny, picked],
            "defaultDeny",
            {"for": {"namespace": "a", "pods": "k1"}, "directions": ["ingress"], "strict": True},
        )
        == "refuted"
    )
    carved = ingress | {"strict": True, "except": [{"ports": [80]}]}
    on_80 = policy({"ingress": [{"ports": [{"port": 80}]}]})
    assert verdict([on_80], "defaultDeny", carved) == "proved"


def test_dns_asks_declared_servers_over_both_protocols() -> None:
    def dns_pod(*ports: Raw) -> WrittenObject:
        container = {"name": "c", "ports": list(ports)}
        labels = {"k8s-app": "kube-dns"}
        return made("Pod", "kube-system", "dns", {"metadata": {"labels": labels}, "spec": {"containers": [container]}})

    udp_only = policy({"policyTypes": ["Egress"], "egress": [{"ports": [{"protocol": "UDP", "port": 53}]}]})
    server = dns_pod({"name": "dns", "containerPort": 53, "protocol": "UDP"})
    assert verdict([server], "dns", {"for": A}) == "proved"
    assert verdict([server, udp_only], "dns", {"for": A}) == "refuted"
    assert verdict([udp_only], "dns", {"for": A}) == "refuted"
    both = policy(
        {"egress": [{"ports": [{"protocol": p, "port": 53} for p in ("UDP", "TCP")]}], "policyTypes": ["Egress"]}
    )
    assert verdict([both], "dns", {"for": A}) == "proved"
    by_label = policy(
        {"policyTypes": ["Egress"], "egress": [{"to": [{"namespaceSelector": {"matchLabels": {"n1": "x"}}}]}]}
    )
    # The assumed server's namespace has unknown labels until something says what they are.
    assert verdict([by_label], "dns", {"for": A}) == "refuted"
    assert (
        verdict([by_label], "dns", {"for": A}, {"external": [{"name": "kube-system", "labels": {"n1": "x"}}]})
        == "proved"
    )


def test_what_is_not_modelled_leaves_a_verdict_unknown_only_where_it_matters() -> None:
    ignorant = manifests([deployment("s"), deployment("t", "b"), policy({})], [calico("a", ("Ingress",))])

    def judged(verb: str, body: Raw) -> str:
        return brute_force(ignorant, loaded(verb, body, CLOSED)).verdict

    assert judged("never", {"from": B, "to": A}) == "unknown"
    assert judged("never", {"from": A, "to": B}) == "refuted"
    assert judged("can", {"from": B, "to": A}) == "unknown"
    assert judged("can", {"from": A, "to": B}) == "proved"
    assert judged("always", {"from": B, "to": A, "ports": [80]}) == "unknown"
    assert judged("defaultDeny", {"for": A, "directions": ["ingress"]}) == "unknown"
    assert judged("defaultDeny", {"for": B}) == "refuted"


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("k=v", {"k": "v"}, True),
        ("k==v,j!=w", {"k": "v"}, True),
        ("k!=v", {}, True),
        ("k notin (v, w)", {"k": "w"}, False),
        ("k in (,v)", {"k": ""}, True),
        ("k=", {}, False),
        ("!k", {}, True),
        ("k,!j", {"k": "", "j": ""}, False),
    ],
)
def test_selector_strings_mean_what_kubectl_makes_of_them(text: str, labels: dict[str, str], expected: bool) -> None:
    assert from_suite(text).matches(labels) is expected


class Said:
    """A prover's result, made up."""

    open_world = None

    def __init__(self, verdict: str, declared: bool | None, namespaces: bool | None) -> None:
        self.verdict, self.holds_for_declared, self.holds_for_declared_namespaces = verdict, declared, namespaces


def test_disagreement_is_told_and_agreement_is_none() -> None:
    cluster = manifests([deployment("s"), deployment("t", "b"), policy({}, "a"), space("a"), space("b")])
    prop = loaded("only", {"to": A, "from": [{"who": B}]})
    assert check_agreement(cluster, prop, Said("proved", True, True)) is None
    assert "verdict is refuted" in (check_agreement(cluster, prop, Said("refuted", True, True)) or "")
    assert "holdsForDeclared is False" in (check_agreement(cluster, prop, Said("proved", False, True)) or "")
    assert "holdsForDeclaredNamespaces is None" in (check_agreement(cluster, prop, Said("proved", True, None)) or "")


def concrete(end: Endpoint, connection: Connection) -> ConcreteEndpoint:
    """An endpoint of the oracle as the concrete evaluator takes it."""
    ips = (render(end.family, end.address),)
    if end.pod is None:
        return ConcreteEndpoint(end.kind, ips=ips)
    ports = tuple(NamedPort(name, *connection) for name in sorted(end.names_at(*connection)))
    space_of = end.pod.namespace
    return ConcreteEndpoint("pod", space_of.name, end.pod.labels, space_of.labels, ports, ips)


@drawn(150)
@given(clusters(), st.data())
def test_the_oracle_and_the_concrete_evaluator_decide_alike(cluster: Manifests, data: st.DataObject) -> None:
    setting, verbs = question(cluster, loaded("never", {"from": ANY, "to": ANY}))
    world = world_of(setting, verbs, Scope(True, True))
    evaluator = Cluster.of(cluster)
    reading = data.draw(st.booleans())
    for endpoints in world.endpoints.values():
        ends = Ends(endpoints, world.port_names)
        low, high = (Flows(setting, ends, blocks_match_pods=reading, free_allows=free) for free in (False, True))
        for _ in range(10):
            source = data.draw(st.sampled_from(ends.sources))
            index = data.draw(st.integers(0, len(ends.destinations) - 1))
            connection = data.draw(st.sampled_from(world.connections))
            surely, possibly = (bool(flows.through(source, connection) >> index & 1) for flows in (low, high))
            decision = evaluator.decide(
                concrete(source, connection),
                concrete(ends.destinations[index], connection),
                *connection,
                source.family,
                reading=Reading(reading),
            )
            expected = surely if surely == possibly else None
            assert decision.allowed is expected, (source, str(ends.destinations[index]), connection)


@drawn(150)
@given(cases())
def test_a_larger_world_only_adds_ways_to_refute(case: tuple[Manifests, LoadedProperty]) -> None:
    cluster, prop = case
    found = [brute_force(cluster, prop, scope) for scope in (DECLARED, DECLARED_NAMESPACES, Scope(True, True))]
    if prop.verb == "can":
        possible = [outcome.verdict == "proved" for outcome in found]
        assert possible == sorted(possible) or "vacuous" in {outcome.verdict for outcome in found}
        return
    # An element that matches nothing turns proved into vacuous, so the two stand on one step.
    steps = {"vacuous": 0, "proved": 0, "unknown": 1, "refuted": 2}
    climbed = [steps[outcome.verdict] for outcome in found]
    assert climbed == sorted(climbed)


@drawn(150)
@given(cases())
def test_either_reading_is_both_readings(case: tuple[Manifests, LoadedProperty]) -> None:
    cluster, prop = case

    def under(reading: object) -> str:
        return brute_force(cluster, with_reading(prop, reading)).verdict

    both = {under(True), under(False)}
    expected = next(verdict for verdict in ("refuted", "unknown", "vacuous", "proved") if verdict in both)
    assert under("either") == expected


def with_reading(prop: LoadedProperty, reading: object) -> LoadedProperty:
    written = prop.written.model_dump(by_alias=True, exclude_unset=True)
    return loaded(prop.verb, written[prop.verb], prop.world.model_dump(by_alias=True), {"ipBlockMatchesPods": reading})


@drawn(150)
@given(cases())
def test_an_unmodelled_policy_makes_verdicts_unknown_and_nothing_else(case: tuple[Manifests, LoadedProperty]) -> None:
    cluster, prop = case
    known = manifests(cluster.modelled, (), (*cluster.named_namespaces, "a"))
    blurred = manifests(cluster.modelled, (calico("a", None),), (*cluster.named_namespaces, "a"))
    before, after = brute_force(known, prop).verdict, brute_force(blurred, prop).verdict
    assert after in (before, "unknown")


@drawn(150)
@given(cases())
def test_drawn_properties_are_suites_that_load(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[Manifests, LoadedProperty]
) -> None:
    _, prop = case
    written = prop.written.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)
    written["world"] = prop.world.model_dump(by_alias=True, exclude_none=True)
    suite = {"apiVersion": "netpol-verify/v1", "kind": "PropertySuite", "groups": GROUPS, "properties": [written]}
    path: Path = tmp_path_factory.mktemp("suite") / "properties.yaml"
    path.write_text(json.dumps(suite))
    (prop_read,) = load_suite(str(path)).properties
    assert prop_read.written.model_copy(update={"world": None}) == prop.written
    assert prop_read.world == prop.world


def test_a_witness_is_shown_with_both_ends() -> None:
    outcome: Outcome = brute_force(manifests([deployment("s")]), loaded("never", {"from": ANY, "to": A}, CLOSED))
    assert outcome.verdict == "refuted"
    assert "a/s" in str(outcome.witness)
