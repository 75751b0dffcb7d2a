"""Readings: orders of tied policies, switches, what a counterexample says of them, and what domain names leave open."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from netpol_verify.encodings.ordering import Order
from netpol_verify.encodings.policy import DirectedPolicy, PodPeer, Priority
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import Terms
from netpol_verify.encodings.vocabulary import Vocabulary
from netpol_verify.encodings.written import Origin
from netpol_verify.properties.overrides import merged_world
from netpol_verify.verify.changes.listing import Limits, Lister
from netpol_verify.verify.changes.pair import Comparison, pair_of
from netpol_verify.verify.engine import prove
from netpol_verify.verify.judge import LIMIT, Scope
from netpol_verify.verify.readings import Readings, in_line
from netpol_verify.verify.reports.json_report import result_object
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.reports.text import render_text
from netpol_verify.verify.results import PropertyResult
from netpol_verify.verify.settings import config_of
from support import suite_of
from tiers_support import (
    ALL,
    DB,
    DESTINATION,
    SOURCE,
    WEB,
    Spec,
    anp,
    app,
    banp,
    cnp,
    egress,
    ingress,
    node,
    np,
    pod,
    read,
    results,
    said,
)

FLOW: Spec = {"from": SOURCE, "to": DESTINATION, "ports": ["TCP/80"]}
FIXED: Spec = {"semantics": {"ipBlockMatchesPods": True}}
ALLOWS, DENIES = anp("allows", 5, ingress=[ingress("Allow")]), anp("denies", 5, ingress=[ingress("Deny")])


def policy(name: str, priority: Priority) -> DirectedPolicy:
    return DirectedPolicy(name, "ingress", PodPeer(), (), Origin("", 0), priority)


def result(objects: Sequence[Spec], verb: Spec, **suite: Any) -> PropertyResult:
    return results([WEB, DB, *objects], verb, **{**FIXED, **suite})[0]


# Orders


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_the_orders_of_tied_policies_are_their_permutations(count: int) -> None:
    """Each of them is possible, and nothing else is."""
    terms = Terms()
    names = [f"p{number}" for number in range(count)]
    order, policies = Order(terms, names), [policy(name, 5) for name in names]
    solver = Solver(terms)
    for line in itertools.permutations(policies):
        before = [order.before(one, other) for one, other in itertools.combinations(line, 2)]
        assert solver.check(before) == "sat"
        chain = [order.before(one, other) for one, other in itertools.pairwise(line)]
        assert solver.check([*chain, order.before(line[-1], line[0])]) == "unsat"
    for one, other in itertools.combinations(policies, 2):
        assert order.before(one, other) == -order.before(other, one)


def test_a_policy_without_a_priority_goes_anywhere_and_the_others_keep_theirs() -> None:
    terms = Terms()
    one, two, three, free = policy("a", 1), policy("b", 2), policy("c", 2), policy("free", "any")
    order, solver = Order(terms, ["free", "c", "b", "a"]), Solver(terms)
    possible = [
        line
        for line in itertools.permutations((one, two, three, free))
        if solver.check([order.before(left, right) for left, right in itertools.combinations(line, 2)]) == "sat"
    ]
    assert sorted("".join(each.reference[0] for each in line) for line in possible) == [
        *("abcf", "abfc", "acbf", "acfb", "afbc", "afcb", "fabc", "facb"),
    ]


def test_an_order_is_printed_with_what_was_read_first_first() -> None:
    index = {name: number for number, name in enumerate("abcd")}
    assert in_line([("a", "b")], index) == ("a", "b")
    assert in_line([("b", "a")], index) == ("b", "a")
    assert in_line([("d", "a"), ("b", "c")], index) == ("b", "c", "d", "a")
    assert in_line([], index) == ()


# What a counterexample says


def test_a_refutation_says_in_which_order() -> None:
    found = result([DENIES, ALLOWS], {"never": FLOW})
    assert found.counterexample is not None
    assert found.counterexample.reading.order == ("AdminNetworkPolicy/allows", "AdminNetworkPolicy/denies")
    assert [(line.policy, line.effect) for line in found.because if line.direction == "ingress"] == [
        ("AdminNetworkPolicy/allows", "allows")
    ]


def test_the_order_that_refutes_is_the_one_in_which_they_were_read_if_it_can_be() -> None:
    """Here both orders refute: the property wants one port refused and the other allowed by way of two properties."""
    found = result([DENIES, ALLOWS], {"always": FLOW})
    assert found.counterexample is not None
    assert found.counterexample.reading.order == ("AdminNetworkPolicy/denies", "AdminNetworkPolicy/allows")


def test_policies_that_agree_or_do_not_match_are_not_listed() -> None:
    others = [
        anp("agrees", 5, ingress=[ingress("Deny")]),
        anp("elsewhere", 5, app("api"), ingress=[ingress("Deny")]),
        anp("other-peer", 5, ingress=[ingress("Deny", app("api"))]),
    ]
    found = result([*others, DENIES, ALLOWS], {"never": FLOW})
    assert found.counterexample is not None
    listed = found.counterexample.reading.order
    assert listed == tuple(f"AdminNetworkPolicy/{name}" for name in ("allows", "agrees", "denies"))
    below = result([anp("first", 4, ingress=[ingress("Allow")]), DENIES, ALLOWS], {"never": FLOW})
    assert below.counterexample is not None
    assert below.counterexample.reading.order == ()


def test_every_key_of_a_reading_is_always_there() -> None:
    for objects in ([], [DENIES, ALLOWS]):
        shown: Any = result_object(result(objects, {"never": FLOW}))
        assert list(shown["counterexample"]["reading"]) == [
            *("ipBlockMatchesPods", "order", "baselineHiddenBy", "hostNetworkPods"),
        ]
        assert shown["semantics"] == {
            "ipBlockMatchesPods": True,
            "hostNetworkPods": "excluded",
            "baselineHiddenBy": "direction",
        }


def test_the_text_says_the_order() -> None:
    report = prove([suite_of([{"id": "it", "never": FLOW}], **FIXED)], read([WEB, DB, DENIES, ALLOWS]))
    text = "\n".join(render_text(report, Look()).splitlines())
    assert "tied policies in this order: AdminNetworkPolicy/allows, AdminNetworkPolicy/denies" in text


OUT = np("out", "shop", policyTypes=["Egress"], egress=[{}])


def test_the_first_value_of_a_switch_is_preferred() -> None:
    """``direction``, unless only ``pod`` refutes."""
    semantics: Spec = {"semantics": {"baselineHiddenBy": "either"}}
    open_, closed = banp(ingress=[ingress("Allow")]), banp(ingress=[ingress("Deny")])
    for objects, expected in (([open_, OUT], "direction"), ([closed, OUT], "pod")):
        found = result(objects, {"never": FLOW}, **semantics)
        assert found.counterexample is not None
        assert found.counterexample.reading.baseline_hidden_by == expected
        assert found.counterexample.reading.ip_block_matches_pods is True


# can: one reading after the other


def test_can_is_proved_by_another_connection_under_each_order() -> None:
    """One of two ports is open, whichever policy goes first."""
    web = {"ports": [{"portNumber": {"port": 80}}]}
    other = {"ports": [{"portNumber": {"port": 81}}]}
    one = anp("one", 5, ingress=[ingress("Allow", **web), ingress("Deny", **other)])
    two = anp("two", 5, ingress=[ingress("Allow", **other), ingress("Deny", **web)])
    rest = anp("rest", 6, ingress=[ingress("Deny")])
    flow = {**FLOW, "ports": ["TCP/80", "TCP/81"]}
    assert result([one, two, rest], {"can": flow}).verdict == "proved"
    assert result([one, two, rest], {"can": FLOW}).verdict == "refuted"


def test_a_refuted_can_names_the_order_in_which_nothing_is_allowed() -> None:
    found = result([ALLOWS, DENIES], {"can": FLOW})
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.allowed is False
    assert found.counterexample.reading.order == ("AdminNetworkPolicy/denies", "AdminNetworkPolicy/allows")


def test_can_must_hold_under_every_reading_of_every_switch() -> None:
    objects = [banp(ingress=[ingress("Deny")]), OUT]
    verdicts = {
        value: result(objects, {"can": FLOW}, semantics={"baselineHiddenBy": value}).verdict
        for value in ("direction", "pod", "either")
    }
    assert verdicts == {"direction": "refuted", "pod": "proved", "either": "refuted"}


def tied(count: int, action: str = "Deny") -> list[Spec]:
    """Policies of one priority, every other one of which denies while the rest allow; all denied is UDP."""
    return [anp(f"p{number:02}", 5, ingress=[ingress("Allow" if number % 2 else action)]) for number in range(count)]


def test_more_orders_than_are_tried_are_unknown_and_the_policies_named() -> None:
    few, many = (result(tied(count), {"can": FLOW}) for count in (4, 10))
    assert few.verdict == "refuted"
    assert many.verdict == "unknown"
    assert many.reason is not None
    assert "64" in many.reason
    assert "AdminNetworkPolicy/p00, AdminNetworkPolicy/p01" in many.reason
    assert many.reason != LIMIT


def test_policies_that_cannot_decide_differently_make_no_more_readings() -> None:
    agreeing = [anp(f"p{number}", 5, ingress=[ingress("Allow")]) for number in range(10)]
    apart = [
        anp(f"q{number}", 5, app(f"other-{number}"), ingress=[ingress("Deny"), ingress("Allow")])
        for number in range(10)
    ]
    assert result([*agreeing, *apart], {"can": FLOW}).verdict == "proved"
    assert result(tied(40, "Allow"), {"can": FLOW}).verdict == "proved"


def test_universal_properties_leave_every_order_to_the_solver() -> None:
    """However many there are."""
    closed = anp("first", 4, ingress=[ingress("Deny", app("web"))])
    assert result([*tied(24), closed], {"never": FLOW}).verdict == "proved"
    assert result(tied(24), {"never": FLOW}).verdict == "refuted"


HOST = pod("shop", "host", "192.168.0.1", hostNetwork=True)


def test_can_about_pods_that_one_reading_does_not_have_is_vacuous() -> None:
    flow = {**FLOW, "to": {"workload": "shop/host"}}
    verdicts = {
        value: result([HOST], {"can": flow}, semantics={"hostNetworkPods": value}) for value in ("ordinary", "either")
    }
    assert verdicts["ordinary"].verdict == "proved"
    assert verdicts["either"].verdict == "vacuous"
    assert "host's network" in (verdicts["either"].reason or "")


def test_can_is_refuted_by_the_reading_that_has_a_connection_to_show() -> None:
    """Also if another reading, tried first, has none that the property speaks of."""
    flow = {**FLOW, "to": {"workload": "shop/host"}}
    closed = anp("closes", 5, egress=[egress("Deny", {"networks": ["192.168.0.1/32"]})])
    found = result([HOST, closed], {"can": flow}, semantics={"hostNetworkPods": "either"})
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.reading.host_network_pods == "ordinary"


@pytest.mark.parametrize("host", [True, False])
def test_to_cluster_wide_policies_a_pod_in_its_hosts_network_is_an_address_without_port_names(host: bool) -> None:
    """NetworkPolicies find the names of such a pod where it is an ordinary one."""
    served = [{"name": "http", "containerPort": 80}]
    end = pod("shop", "end", "192.168.0.1", ports=served, hostNetwork=host)
    to_name = cnp("closes", "Admin", 5, egress=[egress("Deny", {"networks": ["0.0.0.0/0"]}, protocols=[NAMED])])
    flow = {**FLOW, "to": {"workload": "shop/end"}}
    ordinary: Spec = {"ipBlockMatchesPods": True, "hostNetworkPods": "ordinary"}
    assert result([end, to_name], {"never": flow}, semantics=ordinary).verdict == ("refuted" if host else "proved")
    only_name = np("opens", "shop", policyTypes=["Egress"], egress=[{"ports": [{"port": "http"}]}])
    assert result([end, only_name], {"always": flow}, semantics=ordinary).verdict == "proved"


NAMED: Spec = {"destinationNamedPort": "http"}

# Default deny


@pytest.mark.parametrize(
    ("objects", "verdict"),
    [
        ([], "refuted"),
        ([banp(ingress=[ingress("Deny")])], "proved"),
        ([banp(ingress=[ingress("Allow", app("web")), ingress("Deny")])], "proved"),
        ([cnp("b", "Baseline", 5, ingress=[ingress("Pass", app("web")), ingress("Deny")])], "refuted"),
        ([banp(app("web"), ingress=[ingress("Deny")])], "refuted"),
        ([anp("a", 5, ingress=[ingress("Allow", app("web"))]), banp(ingress=[ingress("Deny")])], "proved"),
        ([anp("a", 5, ingress=[ingress("Pass", app("web"))]), banp(ingress=[ingress("Deny")])], "proved"),
        # A rule that is never reached admits nothing.
        ([anp("a", 5, ingress=[ingress("Pass"), ingress("Allow")])], "refuted"),
        ([anp("a", 5, ingress=[ingress("Pass", app("web"))]), anp("b", 6, ingress=[ingress("Allow")])], "refuted"),
        ([cnp("b", "Baseline", 5, ingress=[ingress("Pass"), ingress("Allow")])], "refuted"),
    ],
)
def test_default_deny_by_cluster_wide_policies(objects: list[Spec], verdict: str) -> None:
    """Every pod of every namespace starts closed to other pods, save for what an allow rule of a policy admits."""
    outside: Spec = {"except": [{"from": {"cidr": "0.0.0.0/0"}}, {"from": {"cidr": "::/0"}}, {"from": {"node": True}}]}
    asked: Spec = {"defaultDeny": {"for": {}, "directions": ["ingress"], **outside}}
    assert result(objects, asked).verdict == verdict


def test_strict_default_deny_counts_the_labels_of_cluster_wide_policies() -> None:
    """A pod that such a policy singles out is not plain; one that it does not single out has no connection."""
    closed = banp(egress=[egress("Deny", {"networks": ["0.0.0.0/0", "::/0"]})])
    asked = {"defaultDeny": {"for": {"namespace": "shop"}, "directions": ["egress"], "strict": True}}
    allowing = anp("a", 5, app("web"), egress=[egress("Allow", {"networks": ["203.0.113.0/24"]})])
    everybody = anp("a", 5, ALL, egress=[egress("Allow", {"networks": ["203.0.113.0/24"]})])
    assert result([closed], asked).verdict == "proved"
    assert result([closed, allowing], asked).verdict == "proved"
    assert result([closed, everybody], asked).verdict == "refuted"


# Evidence


def lines(found: PropertyResult) -> set[tuple[str | None, str, int | None, str]]:
    return {(line.policy, line.direction, line.rule, line.effect) for line in found.because}


def test_a_proof_names_the_rules_that_deny() -> None:
    """One that no other stands in for, and no rule that does not matter."""
    objects = [
        anp("closes", 5, ingress=[ingress("Deny", app("api")), ingress("Deny", app("web"))]),
        anp("idle", 6, ingress=[ingress("Deny", app("other"))]),
    ]
    found = result(objects, {"never": FLOW})
    assert found.verdict == "proved"
    assert lines(found) == {("AdminNetworkPolicy/closes", "ingress", 1, "denies")}
    assert [line.detail for line in found.because] == ["denies app=web in any namespace"]


def test_a_proof_names_policies_that_could_have_let_through() -> None:
    objects = [
        anp("lets", 4, ingress=[ingress("Allow", app("api"))]),
        anp("closes", 5, ingress=[ingress("Deny")]),
    ]
    assert lines(result(objects, {"never": FLOW})) == {
        ("AdminNetworkPolicy/lets", "ingress", None, "read"),
        ("AdminNetworkPolicy/closes", "ingress", 0, "denies"),
    }


def test_a_proof_by_either_of_two_rules_reads_one_of_their_policies() -> None:
    objects = [anp("one", 5, ingress=[ingress("Deny")]), anp("two", 6, ingress=[ingress("Deny")])]
    found = result(objects, {"never": FLOW})
    assert found.verdict == "proved"
    assert lines(found) == {("AdminNetworkPolicy/one", "ingress", None, "read")}


def test_isolation_and_denial_together() -> None:
    closed = np("closed", "shop", podSelector={"matchLabels": {"app": "db"}}, policyTypes=["Ingress"])
    lets = anp("lets", 4, ingress=[ingress("Allow", app("api"))])
    assert lines(result([closed, lets, banp(ingress=[ingress("Deny", app("api"))])], {"never": FLOW})) == {
        ("shop/closed", "ingress", None, "isolates"),
        ("AdminNetworkPolicy/lets", "ingress", None, "read"),
    }


def test_a_proof_of_allowed_connections_names_what_allows_and_what_passes() -> None:
    objects = [
        anp("skips", 4, ingress=[ingress("Pass", app("web"))]),
        anp("closes", 5, ingress=[ingress("Deny")]),
        np("opens", "shop", podSelector={"matchLabels": {"app": "db"}}, ingress=[{"from": [{"podSelector": {}}]}]),
    ]
    assert lines(result(objects, {"always": FLOW})) == {
        ("AdminNetworkPolicy/skips", "ingress", 0, "passes"),
        ("shop/opens", "ingress", 0, "allows"),
        (None, "egress", None, "not-isolated"),
    }


@pytest.mark.parametrize("hidden_by", ["direction", "pod", "either"])
def test_evidence_where_policies_hide_the_baseline_tier(hidden_by: str) -> None:
    """A policy that would hide the tier is no help to a proof, and where it does hide it is none."""
    found = result([banp(ingress=[ingress("Deny")]), OUT], {"never": FLOW}, semantics={"baselineHiddenBy": hidden_by})
    if hidden_by == "direction":
        assert lines(found) == {("BaselineAdminNetworkPolicy/default", "ingress", 0, "denies")}
    else:
        assert found.verdict == "refuted"


# Domain names


def test_an_unbound_name_is_named_with_the_line_that_would_settle_it() -> None:
    rules = [egress("Allow", {"domainNames": ["api.example.com"]}), egress("Deny", {"networks": ["0.0.0.0/0"]})]
    other = egress("Deny", {"domainNames": ["other.example.com"]}, ports=[{"portNumber": {"port": 25}}])
    flow = {"from": SOURCE, "to": {"cidr": "203.0.113.0/24"}, "ports": ["TCP/443"]}
    found = result([anp("a", 5, egress=[other, *rules])], {"never": flow})
    assert found.verdict == "unknown"
    assert found.reason is not None
    assert 'world: {domains: {"api.example.com": [' in found.reason
    assert "other.example.com" not in found.reason
    world: Spec = {"domains": {"api.example.com": ["198.51.100.0/24"]}}
    assert result([anp("a", 5, egress=[other, *rules])], {"never": flow}, world=world).verdict == "proved"


def test_default_deny_may_hang_on_a_domain_name() -> None:
    """Whether a rule admits an outside address is unknown, and whether one denies it."""
    asked = {"defaultDeny": {"for": {"namespace": "shop"}, "directions": ["egress"]}}
    deny, name = {"networks": ["0.0.0.0/0", "::/0"]}, {"domainNames": ["api.example.com"]}
    passing = cnp("b", "Baseline", 5, egress=[egress("Pass", name), egress("Deny", deny)])
    assert result([passing], asked).verdict == "unknown"
    allowing = cnp("b", "Baseline", 5, egress=[egress("Accept", name), egress("Deny", deny)])
    assert result([allowing], asked).verdict == "proved"


# Nodes in counterexamples


def test_a_node_is_printed_with_its_name_and_labels() -> None:
    flow = {"from": SOURCE, "to": {"node": True}, "ports": ["TCP/80"]}
    edge = anp(
        "a", 5, egress=[egress("Allow", {"nodes": {"matchLabels": {"role": "edge"}}}), egress("Deny", {"nodes": {}})]
    )
    declared = result([edge, node("edge-1", "192.168.0.1", role="edge", zone="z")], {"never": flow}).counterexample
    assert declared is not None
    assert (declared.destination.kind, declared.destination.node) == ("node", "edge-1")
    assert declared.destination.labels == {"role": "edge", "zone": "z"}
    assert declared.destination.ips == ("192.168.0.1",)
    invented = result([edge], {"never": flow}).counterexample
    assert invented is not None
    assert (invented.destination.node, invented.destination.labels) == (None, {"role": "edge"})


def test_a_pod_and_its_own_node_are_left_out() -> None:
    web = pod("shop", "web", nodeName="edge-1")
    flow = {"from": SOURCE, "to": {"node": True}, "ports": ["TCP/80"]}
    edge = anp(
        "a", 5, egress=[egress("Allow", {"nodes": {"matchLabels": {"only": "me"}}}), egress("Deny", {"nodes": {}})]
    )
    others = anp("b", 4, egress=[egress("Deny", {"nodes": {"matchExpressions": [
        {"key": "called", "operator": "NotIn", "values": ["edge-1"]}]}})])  # fmt: skip
    nodes = [node("edge-1", "192.168.0.1", only="me", called="edge-1")]
    assert results([web, DB, edge, others, *nodes], {"never": flow}, **FIXED)[0].verdict == "refuted"
    found = results([web, DB, edge, others, *nodes], {"never": flow}, world={"nodeCIDRs": ["10.9.0.0/16"]}, **FIXED)[0]
    assert found.counterexample is not None
    assert found.counterexample.destination.node is None


# Comparing two clusters


def test_both_sides_of_a_comparison_share_one_order() -> None:
    """So the same two tied policies on both sides are no change, while swapping what they say is one."""

    def gained(base: list[Spec], head: list[Spec]) -> int:
        pair = pair_of(read([WEB, DB, *base]), read([WEB, DB, *head]))
        vocabulary, world = Vocabulary(), merged_world()
        vocabulary.mention_cluster(pair.base.cluster)
        vocabulary.mention_cluster(pair.head.cluster)
        comparison = Comparison(pair, pair.difference(vocabulary, config_of(world)))
        lister = Lister(comparison, world, Readings(), Limits(5, 400_000_000, None))
        changes = lister.changes(Scope(pods_open=True, namespaces_open=True), gained=True)
        return len(changes.classes) + (not changes.complete)

    swapped = [
        anp("allows", 5, ingress=[ingress("Deny")]),
        anp("denies", 5, ingress=[ingress("Allow")]),
    ]
    assert gained([ALLOWS, DENIES], [ALLOWS, DENIES]) == 0
    assert gained([ALLOWS, DENIES], [DENIES, ALLOWS]) == 0
    assert gained([ALLOWS, DENIES], swapped) > 0
    assert gained([DENIES], [ALLOWS, DENIES]) > 0
    assert gained([ALLOWS, DENIES], [DENIES]) == 0


def test_said_is_what_it_says() -> None:
    """The helper of these tests tells the four answers apart."""
    assert said() == "allowed"
    assert said(DENIES) == "blocked"
    assert said(DENIES, ALLOWS) == "either way"
