"""Tiers in the concrete evaluator: Admin, NetworkPolicy, Baseline; what is tied, what is left open, what is unknown.

One row for each corner; random clusters are in ``test_concrete_tiers_random``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from admin_support import (
    DB,
    OUTSIDE,
    WEB,
    Spec,
    allowed,
    anp,
    asked,
    banp,
    cluster,
    cnp,
    node,
    np,
    out,
    pod,
    rule,
    walked,
)
from netpol_verify.encodings.concrete import ties
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.reading import (
    HiddenBy,
    HostNetworkPods,
    Reading,
    Readings,
)
from netpol_verify.encodings.concrete.tiers import in_order
from netpol_verify.encodings.concrete.traffic import Traffic
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject

CLOSED = np("closed", "data", podSelector={})
OPEN = np("open", "data", podSelector={}, ingress=[{}])
EGRESS_ONLY = np("egress", "data", podSelector={}, policyTypes=["Egress"], egress=[{}])
ANYONE: list[Spec] = [{}]
DENY, PASS, ALLOW = ([rule(action)] for action in ("Deny", "Pass", "Allow"))
HOST = pod("agent", "192.168.0.4", "data", host_network=True)
NOBODY = [rule("Deny", [{"namespaces": {"matchLabels": {"team": "nobody"}}}])]


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([], True),
        ([anp(ingress=DENY)], False),
        ([anp(ingress=DENY), OPEN], False),
        ([anp(ingress=ALLOW), CLOSED], True),
        ([anp(ingress=PASS), CLOSED], False),
        ([anp(ingress=PASS), OPEN], True),
        ([anp(ingress=PASS)], True),
        ([anp(ingress=NOBODY), CLOSED], False),
        ([banp(ingress=DENY)], False),
        ([banp(ingress=DENY), OPEN], True),
        ([banp(ingress=ALLOW), CLOSED], False),
        ([anp(ingress=PASS), banp(ingress=DENY)], False),
        ([anp(ingress=ALLOW), banp(ingress=DENY)], True),
        ([cnp("b", "Baseline", ingress=PASS), banp(ingress=[])], True),
        ([cnp("a", "Baseline", 1, ingress=PASS), cnp("b", "Baseline", 2, ingress=DENY)], True),
        ([cnp("a", "Baseline", 2, ingress=PASS), cnp("b", "Baseline", 1, ingress=DENY)], False),
        ([cnp("a", "Admin", 5, ingress=DENY), cnp("b", "Baseline", 1, ingress=[rule("Accept")])], False),
        ([anp("a", 0, ingress=ALLOW), cnp("b", "Admin", 1000, ingress=DENY)], True),
        ([anp("a", 1000, ingress=ALLOW), cnp("b", "Admin", 0, ingress=DENY)], False),
        ([anp("a", 2, ingress=DENY), anp("b", 10, ingress=ALLOW)], False),
        ([anp("a", 1, ingress=PASS), anp("b", 2, ingress=DENY)], True),
        ([anp("a", 1, ingress=[rule("Pass", ports=[{"portNumber": {"port": 81}}])]), anp("b", 2, ingress=DENY)], False),
        ([anp(ingress=[*DENY, *ALLOW])], False),
        ([anp(ingress=[*ALLOW, *DENY])], True),
        ([anp(egress=[out("Allow")]), banp(ingress=DENY)], False),
        ([anp(egress=[out("Deny")], ingress=ALLOW)], False),
        ([anp(subject={"namespaces": {"matchLabels": {"team": "shop"}}}, ingress=DENY)], True),
    ],
)
def test_what_decides(objects: list[WrittenObject], expected: bool) -> None:
    assert allowed(*objects) is expected


@pytest.mark.parametrize(
    ("objects", "lines"),
    [
        ([anp("x", ingress=DENY), OPEN], ["ingress AdminNetworkPolicy/x 0 denies"]),
        ([anp("x", ingress=ALLOW), CLOSED], ["egress not-isolated", "ingress AdminNetworkPolicy/x 0 allows"]),
        (
            [cnp("x", ingress=PASS), CLOSED],
            ["ingress ClusterNetworkPolicy/x 0 passes", "ingress data/closed isolates"],
        ),
        (
            [cnp("x", ingress=[*NOBODY, *PASS]), cnp("y", "Baseline", ingress=[*NOBODY, *DENY])],
            ["ingress ClusterNetworkPolicy/x 1 passes", "ingress ClusterNetworkPolicy/y 1 denies"],
        ),
        (
            [cnp("x", "Baseline", ingress=PASS), np("other", "data", podSelector={"matchLabels": {"app": "x"}})],
            ["egress not-isolated", "ingress ClusterNetworkPolicy/x 0 passes", "ingress not-isolated"],
        ),
        (
            [cnp("x", "Baseline", ingress=[rule("Accept")], egress=[out("Pass")])],
            [
                "egress ClusterNetworkPolicy/x 0 passes",
                "egress not-isolated",
                "ingress ClusterNetworkPolicy/x 0 allows",
            ],
        ),
    ],
)
def test_evidence_follows_the_walk(objects: list[WrittenObject], lines: list[str]) -> None:
    assert walked(asked(*objects)) == lines


@pytest.mark.parametrize(
    ("objects", "isolated", "admitted"),
    [
        ([], False, False),
        ([OPEN], True, True),
        ([anp(ingress=ALLOW)], None, True),
        ([anp(ingress=PASS)], False, False),
        ([banp(ingress=ALLOW)], False, True),
        ([cnp("b", "Baseline", ingress=PASS)], False, False),
        ([anp(ingress=PASS), OPEN], True, True),
    ],
)
def test_what_is_allowed_is_admitted_by_a_rule_or_only_forbidden_by_none(
    objects: list[WrittenObject], isolated: bool | None, admitted: bool
) -> None:
    traffic = Traffic(WEB, DB, "TCP", 80, "IPv4", Reading(True))
    found = cluster(*objects).decide_side("ingress", traffic)
    assert (found.allowed, found.isolated, found.admitted) == (True, isolated, admitted)


def test_what_every_case_agrees_on_is_known_though_the_case_is_not() -> None:
    """Whether the Pass applies hangs on a label that nobody knows; what comes after it isolates the pod either way."""
    hashed = [{"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"hash": "1"}}}}]
    vague = replace(WEB, labels={}, unknown_labels=frozenset(["hash"]))
    policies = cluster(anp(ingress=[rule("Pass", hashed)]), OPEN)
    found = policies.decide_side("ingress", Traffic(vague, DB, "TCP", 80, "IPv4", Reading(True)))
    assert (found.allowed, found.isolated, found.admitted) == (True, True, True)


def test_of_a_policy_that_perhaps_counts_only_the_first_rule_that_matches_counts() -> None:
    """Else its second rule would leave open what the first one and the NetworkPolicy after it agree on."""
    hashed = {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"hash": "1"}}}}
    vague = replace(DB, labels={}, unknown_labels=frozenset(["hash"]))
    assert allowed(anp(subject=hashed, ingress=[*DENY, *ALLOW]), CLOSED, destination=vague) is False
    assert allowed(anp(subject=hashed, ingress=[*ALLOW, *DENY]), OPEN, destination=vague) is True


def test_an_end_outside_is_governed_by_nobody() -> None:
    traffic = Traffic(WEB, OUTSIDE, "TCP", 80, "IPv4", Reading(True))
    found = cluster(anp(ingress=ALLOW), OPEN).decide_side("ingress", traffic)
    assert (found.allowed, found.isolated, found.admitted, found.because) == (True, False, False, ())


@pytest.mark.parametrize(("by", "expected"), [("direction", False), ("pod", True), (None, None)])
def test_whether_a_policy_of_the_other_direction_hides_the_baseline_is_a_reading(
    by: HiddenBy | None, expected: bool | None
) -> None:
    """A pod selected by an Egress-only NetworkPolicy, before a Baseline denial of ingress."""
    decision = asked(EGRESS_ONLY, banp(ingress=DENY), reading=Readings(True, baseline_hidden_by=by))
    assert (decision.allowed, decision.depends_on) == (expected, ("baselineHiddenBy",) if by is None else ())


def test_what_hides_the_baseline_may_be_unknown() -> None:
    vague = replace(DB, labels={}, unknown_labels=frozenset(["hash"]))
    egress = np("e", "data", podSelector={"matchLabels": {"hash": "1"}}, policyTypes=["Egress"])
    decision = asked(egress, banp(ingress=DENY), destination=vague, reading=Reading(True, (), "pod"))
    assert (decision.allowed, decision.depends_on) == (None, ("label hash of data/db",))
    assert allowed(egress, banp(ingress=DENY), destination=vague, reading=Reading(True)) is False
    assert allowed(egress, banp(ingress=ALLOW), destination=vague, reading=Reading(True, (), "pod")) is True


def test_where_neither_baseline_nor_host_network_is_in_play_no_reading_of_them_is_tried() -> None:
    everything = Readings(None, None, None, None)
    first = Traffic(WEB, DB, "TCP", 80, "IPv4", everything.first())
    assert [case.reading for case in cluster(OPEN).cases(first, everything).traffic] == [Reading(False), Reading(True)]


FROM_HOST = np("np", "data", podSelector={}, ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "agent"}}}]}])


@pytest.mark.parametrize(
    ("objects", "source", "destination", "excluded", "ordinary"),
    [
        ([CLOSED], WEB, HOST, True, False),
        ([OPEN], WEB, HOST, True, True),
        ([FROM_HOST], HOST, DB, False, True),
        (
            [np("np", "data", podSelector={}, ingress=[{"from": [{"ipBlock": {"cidr": "192.168.0.0/24"}}]}])],
            HOST,
            DB,
            True,
            True,
        ),
        ([anp(ingress=DENY), banp(ingress=DENY)], WEB, HOST, True, True),
        (
            [anp(subject={"pods": {"podSelector": {}, "namespaceSelector": {}}}, egress=[out("Deny")])],
            HOST,
            DB,
            True,
            True,
        ),
        ([anp(egress=[out("Deny")])], WEB, HOST, True, True),
        ([anp(egress=[out("Deny", [{"networks": ["192.168.0.4/32"]}])])], WEB, HOST, False, False),
        ([anp(egress=[out("Deny", [{"nodes": {}}])])], WEB, HOST, False, False),
        (
            [
                node("w", "192.168.0.4", zone="a"),
                anp(egress=[out("Deny", [{"nodes": {"matchLabels": {"zone": "a"}}}])]),
            ],
            WEB,
            HOST,
            False,
            False,
        ),
        (
            [
                node("w", "192.168.0.4", zone="a"),
                anp(egress=[out("Deny", [{"nodes": {"matchLabels": {"zone": "b"}}}])]),
            ],
            WEB,
            HOST,
            True,
            True,
        ),
    ],
)
def test_pods_in_the_hosts_network(
    objects: list[WrittenObject],
    source: ConcreteEndpoint,
    destination: ConcreteEndpoint,
    excluded: bool,
    ordinary: bool,
) -> None:
    """To NetworkPolicies nodes, or pods; to cluster-wide policies never pods."""
    ends: dict[str, Any] = {"source": source, "destination": destination}
    expected: dict[HostNetworkPods | None, bool | None] = {"excluded": excluded, "ordinary": ordinary}
    expected[None] = excluded if excluded == ordinary else None
    for host, answer in expected.items():
        decision = asked(*objects, **ends, reading=Readings(True, host_network_pods=host))
        assert decision.allowed is answer, host
        assert decision.depends_on == (() if answer is not None else ("hostNetworkPods",))


def test_an_ip_block_matches_an_ordinary_pod_of_the_host_network_as_it_does_other_pods() -> None:
    block = np("np", "data", podSelector={}, ingress=[{"from": [{"ipBlock": {"cidr": "192.168.0.0/24"}}]}])
    assert allowed(block, source=HOST, reading=Reading(False)) is True
    assert allowed(block, source=HOST, reading=Reading(False, host_network_pods="ordinary")) is False


IN_DATA, IN_SHOP = ({"namespaces": {"matchLabels": {"team": team}}} for team in ("data", "shop"))
A, B, C = (f"ClusterNetworkPolicy/{name}" for name in "abc")


@pytest.mark.parametrize(
    ("objects", "expected", "depends_on"),
    [
        ([cnp("a", ingress=DENY), cnp("b", ingress=ALLOW)], None, (f"order of {A} and {B}",)),
        ([cnp("b", ingress=ALLOW), cnp("a", ingress=DENY)], None, (f"order of {B} and {A}",)),
        ([cnp("a", ingress=DENY), cnp("b", ingress=DENY)], False, ()),
        ([cnp("a", ingress=DENY), cnp("b", ingress=NOBODY), cnp("c", ingress=DENY)], False, ()),
        ([cnp("a", ingress=DENY), cnp("b", ingress=PASS)], None, (f"order of {A} and {B}",)),
        ([cnp("a", ingress=ALLOW), cnp("b", ingress=PASS)], True, ()),
        ([cnp("a", ingress=ALLOW), cnp("b", ingress=PASS), CLOSED], None, (f"order of {A} and {B}",)),
        ([cnp("a", priority=1, ingress=DENY), cnp("b", priority=2, ingress=ALLOW)], False, ()),
        ([cnp("z", priority=1, ingress=DENY), cnp("a", ingress=DENY), cnp("b", ingress=ALLOW)], False, ()),
        (
            [cnp("a", ingress=DENY), cnp("b", ingress=ALLOW), cnp("c", ingress=DENY)],
            None,
            (f"order of {A}, {B} and {C}",),
        ),
        ([cnp("a", ingress=DENY), cnp("b", egress=[out("Allow")])], False, ()),
        ([anp("a", ingress=DENY), cnp("b", ingress=ALLOW)], None, (f"order of AdminNetworkPolicy/a and {B}",)),
        ([anp("a", ingress=DENY), anp("b", 11, ingress=ALLOW)], False, ()),
        ([anp("a", subject=IN_DATA, ingress=DENY), anp("b", subject=IN_SHOP, ingress=ALLOW)], False, ()),
        ([anp("a", subject=IN_SHOP, ingress=DENY), anp("b", subject=IN_DATA, ingress=ALLOW)], True, ()),
        (
            [cnp("a", "Baseline", 1, ingress=ALLOW), banp(ingress=DENY)],
            None,
            (f"order of {A} and BaselineAdminNetworkPolicy/default",),
        ),
        ([cnp("a", "Baseline", 1, ingress=DENY), cnp("b", "Baseline", 2, ingress=ALLOW), banp(ingress=[])], False, ()),
        (
            [cnp("a", "Baseline", 1, ingress=DENY), cnp("b", "Baseline", 2, ingress=DENY), banp(ingress=ALLOW)],
            None,
            (f"order of {A}, {B} and BaselineAdminNetworkPolicy/default",),
        ),
        # One order for the whole cluster: whoever is first, one of the two ends denies it.
        (
            [cnp("a", ingress=DENY, egress=[out("Accept")]), cnp("b", ingress=ALLOW, egress=[out("Deny")])],
            False,
            (),
        ),
        # The same policy first at both ends: it is allowed in one order and denied in the other.
        (
            [cnp("a", ingress=DENY, egress=[out("Deny")]), cnp("b", ingress=ALLOW, egress=[out("Accept")])],
            None,
            (f"order of {A} and {B}",),
        ),
        (
            [
                *(cnp(name, "Admin", 1, ingress=[rule(action)]) for name, action in (("a", "Pass"), ("b", "Deny"))),
                *(cnp(name, "Baseline", 1, ingress=[rule(action)]) for name, action in (("y", "Pass"), ("z", "Deny"))),
            ],
            None,
            (f"order of {A} and {B}", "order of ClusterNetworkPolicy/y and ClusterNetworkPolicy/z"),
        ),
    ],
)
def test_policies_of_one_priority(
    objects: list[WrittenObject], expected: bool | None, depends_on: tuple[str, ...]
) -> None:
    decision = asked(*objects)
    assert (decision.allowed, decision.depends_on) == (expected, depends_on)


def test_a_reading_says_in_which_order_tied_policies_stand() -> None:
    """Those that it does not name come after those that it names, as they were read."""
    objects = [cnp("a", ingress=DENY), cnp("b", ingress=ALLOW), cnp("c", ingress=PASS), CLOSED]
    for order, expected in (((), False), ((A,), False), ((B,), True), ((C,), False), ((B, A), True), ((C, B), False)):
        assert allowed(*objects, reading=Reading(True, order)) is expected
    assert walked(asked(*objects, reading=Reading(True, (C,))))[0] == f"ingress {C} 0 passes"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", "c a b default"),
        ("b", "c b a default"),
        ("default", "default c a b"),
        ("c default", "c default a b"),
        ("default b", "default c b a"),
        ("b default c", "c b default a"),
        ("a nobody default", "c a default b"),
    ],
)
def test_orders_keep_to_priorities(order: str, expected: str) -> None:
    """A policy without a priority may stand anywhere; left alone it stands where it was read."""
    tier = cluster(cnp("a", "Baseline", 2), cnp("c", "Baseline", 1), cnp("b", "Baseline", 2), banp()).baseline
    names = {policy.reference.partition("/")[2]: policy.reference for policy in tier}
    found = in_order(tier, [names.get(name, name) for name in order.split()])
    assert [policy.reference.partition("/")[2] for policy in found] == expected.split()


def test_a_policy_without_a_priority_that_is_read_first_stands_first() -> None:
    assert allowed(banp(ingress=DENY), cnp("a", "Baseline", 1, ingress=ALLOW), reading=Reading(True)) is False


def test_more_orders_than_can_be_tried_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ties, "MOST_ORDERS", 1)
    decision = asked(cnp("a", ingress=DENY), cnp("b", ingress=ALLOW))
    assert (decision.allowed, decision.depends_on) == (None, (f"order of {A} and {B}",))


def test_as_many_orders_as_can_be_tried_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ties, "MOST_ORDERS", 2)
    assert allowed(cnp("a", ingress=DENY), cnp("b", ingress=PASS), CLOSED) is False


def test_unmodelled_policies_decide_over_any_tier() -> None:
    calico = replace(np(podSelector={}, namespace="data"), api_version="projectcalico.org/v3")
    free = Cluster.of(Manifests((anp(ingress=DENY),), (calico,)))
    decision = free.decide(WEB, DB, "TCP", 80, "IPv4", reading=Reading(True))
    assert (decision.allowed, len(decision.depends_on)) == (None, 1)


def test_unknown_labels_of_a_subject_matter_only_if_the_rules_do() -> None:
    vague = replace(DB, namespace_labels=None)
    some = {"namespaces": {"matchLabels": {"tier": "gold"}}}
    labels = ("labels of namespace data",)
    for objects, expected, depends_on in (
        ([cnp("a", priority=1, subject=some, ingress=DENY), cnp("b", priority=2, ingress=ALLOW)], None, labels),
        ([cnp("a", priority=1, subject=some, ingress=DENY), cnp("b", priority=2, ingress=DENY)], False, ()),
        ([cnp("a", priority=1, subject=some, ingress=ALLOW)], True, ()),
        ([cnp("a", priority=1, subject=some, ingress=PASS), banp(ingress=DENY)], False, ()),
        ([cnp("a", priority=1, subject=some, ingress=PASS), cnp("b", priority=2, ingress=DENY), OPEN], None, labels),
        ([np("x", "data", podSelector={}), cnp("a", "Baseline", 1, some, ingress=DENY)], False, ()),
    ):
        decision = asked(*objects, destination=vague)
        assert (decision.allowed, decision.depends_on) == (expected, depends_on), objects


@pytest.mark.parametrize(
    ("ingress", "baseline", "expected"),
    [
        ([], [banp(ingress=DENY)], False),
        ([], [banp(ingress=ALLOW)], None),
        ([], [], None),
        (ANYONE, [banp(ingress=DENY)], None),
        (ANYONE, [banp(ingress=ALLOW)], True),
        (ANYONE, [], True),
    ],
)
def test_a_policy_that_may_select_leaves_to_the_baseline_what_it_would_decide_alike(
    ingress: list[Spec], baseline: list[WrittenObject], expected: bool | None
) -> None:
    vague = replace(DB, labels={}, unknown_labels=frozenset(["hash"]))
    may = np("may", "data", podSelector={"matchLabels": {"hash": "1"}}, ingress=ingress)
    decision = asked(may, *baseline, destination=vague)
    assert (decision.allowed, bool(decision.depends_on)) == (expected, expected is None)


def test_tied_policies_that_may_do_the_same_need_not_do_it_together() -> None:
    """Whatever the names stand for, it is allowed if ``a`` comes first, and for some of it denied if ``b`` does."""

    def names(action: str, name: str) -> Spec:
        return out(action, [{"domainNames": [name]}])

    objects = [
        cnp("a", priority=1, egress=[names("Accept", "*.x.org"), names("Pass", "a.x.org")]),
        cnp("b", priority=1, egress=[names("Pass", "*.x.org"), names("Accept", "a.x.org")]),
        cnp("c", priority=2, egress=[out("Accept", [{"networks": ["0.0.0.0/0"]}])]),
        np("closed", podSelector={}, policyTypes=["Egress"]),
    ]
    first, second = (asked(*objects, destination=OUTSIDE, reading=Reading(True, order)) for order in ((A, B), (B, A)))
    assert (first.allowed, second.allowed, second.depends_on) == (True, None, ("domain *.x.org",))
    either = asked(*objects, destination=OUTSIDE)
    assert (either.allowed, either.depends_on) == (None, ("domain *.x.org", f"order of {A} and {B}"))
