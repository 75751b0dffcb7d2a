"""`cannotOverride`: what no NetworkPolicy can open or close, case by case, and on random clusters by brute force."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from effort import COUNTED, scaled
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import prove
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.reports.text import render_text
from netpol_verify.verify.results import PropertyResult
from oracle.admin_clusters import admin_clusters
from oracle.admin_properties import admin_ends, admin_worlds
from oracle.agreement import disagreement
from oracle.clusters import weighted
from oracle.draws import each_drawn
from oracle.override_verb import OverrideOutcome
from oracle.overriding import cannot_override
from oracle.properties import blind_bodies, fitting, loaded
from override_support import (
    EVERYWHERE,
    OUTCOMES,
    OUTSIDE,
    asked,
    one,
    opens_of,
    override_of,
    policy,
    rule_of,
    unmodelled,
    verdicts,
)
from support import suite_of
from tiers_support import ALL, DB, DESTINATION, SOURCE, WEB, Spec, anp, banp, cnp, egress, ingress, node, np, read

CLUSTERS = 160
LEAST = 5
VERDICTS = ("proved", "refuted", "vacuous")

# What is decided for good


@pytest.mark.parametrize(
    ("at", "out", "expected"),
    [
        ("", "", "rrr"),
        ("Deny", "", "prp"),
        ("", "Deny", "prp"),
        ("Accept", "", "rrr"),
        ("", "Accept", "rrr"),
        ("Pass", "", "rrr"),
        ("", "Pass", "rrr"),
        ("Accept", "Accept", "rpp"),
        ("Accept", "Deny", "prp"),
        ("Deny", "Accept", "prp"),
        ("Deny", "Deny", "prp"),
        ("Pass", "Deny", "prp"),
        ("Deny", "Pass", "prp"),
        ("Pass", "Accept", "rrr"),
        ("Accept", "Pass", "rrr"),
        ("Pass", "Pass", "rrr"),
    ],
)
def test_a_deny_at_one_end_closes_for_good_and_accepts_at_both_open_for_good(at: str, out: str, expected: str) -> None:
    assert verdicts(policy(at=at, out=out)) == expected
    alpha = {"Accept": "Allow"}
    rules = {
        "ingress": [ingress(alpha.get(at, at))] if at else [],
        "egress": [egress(alpha.get(out, out))] if out else [],
    }
    assert verdicts(anp("x", 5, ALL, **rules)) == expected


@pytest.mark.parametrize("at", ["", "Accept", "Deny", "Pass"])
def test_the_baseline_tier_settles_nothing(at: str) -> None:
    assert verdicts(policy(at=at, out=at, tier="Baseline")) == "rrr"
    assert verdicts(banp(ALL, ingress=[ingress("Deny")], egress=[egress("Deny")])) == "rrr"


NOTHING_GETS_THROUGH: Spec = {"policyTypes": ["Ingress", "Egress"]}
EVERYTHING_GETS_THROUGH: Spec = {"ingress": [{}], "egress": [{}]}


@pytest.mark.parametrize("spec", [NOTHING_GETS_THROUGH, EVERYTHING_GETS_THROUGH])
def test_the_network_policies_that_stand_do_not_matter(spec: Spec) -> None:
    standing = np("now", "shop", **spec)
    assert verdicts(standing) == "rrr"
    assert verdicts(standing, policy(at="Deny")) == "prp"
    assert verdicts(standing, policy(at="Accept", out="Accept")) == "rpp"


def test_what_is_shown_is_the_same_whichever_network_policies_stand() -> None:
    """But for whether the connection is allowed today."""
    admin, standing = policy(at="Accept"), np("now", "shop", policyTypes=["Ingress", "Egress"])
    for outcome in OUTCOMES:
        without, beside = (one(*objects, outcome=outcome) for objects in ((admin,), (admin, standing)))
        assert without.counterexample is not None
        assert beside.counterexample is not None
        assert (without.counterexample.allowed, beside.counterexample.allowed) == (True, False)
        assert without.counterexample.override == beside.counterexample.override
        assert without.because == beside.because


def test_an_earlier_pass_leaves_a_later_deny_unread() -> None:
    assert verdicts(policy("early", 1, at="Pass"), policy("late", 2, at="Deny")) == "rrr"
    assert verdicts(policy("early", 2, at="Pass"), policy("late", 1, at="Deny")) == "prp"


def test_any_may_be_closed_here_and_open_there() -> None:
    on_80: Spec = {"protocols": [{"tcp": {"destinationPort": {"number": 80}}}]}
    both = cnp(
        *("x", "Admin", 5, ALL),
        ingress=[ingress("Accept", **on_80), ingress("Deny")],
        egress=[egress("Accept", **on_80), egress("Deny")],
    )
    assert verdicts(both) == "rrp"
    assert verdicts(both, ports=["TCP/80"]) == "rpp"
    assert verdicts(both, ports=["TCP/81"]) == "prp"


def test_ports_of_the_property_bound_what_is_asked() -> None:
    deny = cnp(
        "x", "Admin", 5, ALL, ingress=[ingress("Deny", protocols=[{"tcp": {"destinationPort": {"number": 80}}}])]
    )
    assert verdicts(deny, ports=["TCP/80"]) == "prp"
    result = one(deny, outcome="closed", ports=["TCP/80-81"])
    assert result.counterexample is not None
    assert result.counterexample.port == 81


# Ends that are no pods


def test_an_end_that_is_no_pod_has_no_say() -> None:
    def to_everywhere(action: str) -> Spec:
        return cnp("x", "Admin", 5, ALL, egress=[egress(action, EVERYWHERE)])

    assert verdicts(to_everywhere("Accept"), destination=OUTSIDE) == "rpp"
    assert verdicts(to_everywhere("Deny"), destination=OUTSIDE) == "prp"
    assert verdicts(to_everywhere("Pass"), destination=OUTSIDE) == "rrr"
    assert verdicts(to_everywhere("Deny"), source=OUTSIDE) == "rrr"
    assert verdicts(policy(at="Deny"), source=OUTSIDE) == "rrr"  # ingress rules are about pods alone
    assert verdicts(to_everywhere("Accept"), destination={"node": True}) == "rpp"


def test_policies_against_addresses_and_nodes_name_the_very_address() -> None:
    denied = cnp("b", "Baseline", 5, ALL, egress=[egress("Deny", EVERYWHERE)])
    for other, address in ((OUTSIDE, "203.0.113.0/32"), ({"node": True}, "10.0.0.2/32")):
        result = one(denied, outcome="closed", destination=other)
        (shown,) = opens_of(result)
        assert rule_of(shown, "egress")["to"] == [{"ipBlock": {"cidr": address}}]
    over_ipv6 = one(denied, outcome="closed", destination={"cidr": "2001:db8::/32"})
    assert rule_of(opens_of(over_ipv6)[0], "egress")["to"] == [{"ipBlock": {"cidr": "2001:db8::/128"}}]


def test_a_declared_node_is_accepted_by_its_labels() -> None:
    nodes = [node("n1", "10.1.0.1", zone="a"), node("n2", "10.1.0.2", zone="b")]
    peer: Spec = {"nodes": {"matchLabels": {"zone": "a"}}}
    accepts = cnp("x", "Admin", 5, ALL, egress=[egress("Accept", peer)])
    result = one(*nodes, accepts, outcome="open", destination={"node": True})
    assert result.counterexample is not None
    assert result.counterexample.destination.node == "n2"


def test_pods_in_the_hosts_network_are_never_selected_by_admin_rules() -> None:
    """As ordinary pods they are NetworkPolicies' alone; excluded, they are nodes."""
    agent: Spec = {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": "agent", "labels": {}},
                   "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": "i"}]}}  # fmt: skip
    to_agent: Spec = {"destination": {"workload": "shop/agent"}}
    accept_out = cnp("x", "Admin", 5, ALL, egress=[egress("Accept", EVERYWHERE)], ingress=[ingress("Deny")])
    for reading, expected in (("ordinary", "rrr"), ("excluded", "vvv"), ("either", "rrr")):
        found = verdicts(agent, accept_out, **to_agent, semantics={"hostNetworkPods": reading})
        assert found == expected
    deny_out = cnp("x", "Admin", 5, ALL, egress=[egress("Deny", EVERYWHERE)])
    assert verdicts(agent, deny_out, **to_agent, semantics={"hostNetworkPods": "ordinary"}) == "prp"
    result = one(agent, accept_out, outcome="open", **to_agent, semantics={"hostNetworkPods": "ordinary"})
    assert override_of(result).undecided == ("ingress",)


# Readings and ignorance


def test_a_tie_is_refuted_in_an_order_that_is_told() -> None:
    tied = [policy("x", at="Deny"), policy("y", at="Pass")]
    assert verdicts(*tied) == "rrr"
    result = one(*tied, outcome="closed")
    assert result.counterexample is not None
    assert result.counterexample.reading.order == ("ClusterNetworkPolicy/y", "ClusterNetworkPolicy/x")
    assert [(line.policy, line.effect) for line in result.because] == [("ClusterNetworkPolicy/y", "passes")]
    text = render_text(asked(tied, "closed"), Look())
    assert "tied policies in this order: ClusterNetworkPolicy/y, ClusterNetworkPolicy/x" in text
    assert verdicts(policy("x", at="Deny"), policy("y", at="Accept")) == "rrr"
    assert verdicts(policy("x", at="Deny"), policy("y", at="Deny")) == "prp"


def test_a_tie_between_deny_and_accept_at_both_ends_is_settled_either_way() -> None:
    tied = [policy("x", at="Deny", out="Deny"), policy("y", at="Accept", out="Accept")]
    assert verdicts(*tied) == "rrp"


@pytest.mark.parametrize("hidden_by", ["direction", "pod", "either"])
def test_what_hides_the_baseline_tier_changes_nothing(hidden_by: str) -> None:
    semantics = {"baselineHiddenBy": hidden_by}
    denied = policy(at="Deny", out="Deny", tier="Baseline")
    assert verdicts(denied, semantics=semantics) == "rrr"
    result = one(denied, outcome="closed", semantics=semantics)
    # Where a policy hides it in both directions, one that selects both pods is enough; these select one each.
    assert [each["metadata"] for each in opens_of(result)] == [
        {"name": "opens-egress", "namespace": "shop"},
        {"name": "opens-ingress", "namespace": "shop"},
    ]


def test_a_domain_name_that_nobody_binds_leaves_it_unknown() -> None:
    accepts = cnp("x", "Admin", 5, ALL, egress=[egress("Accept", {"domainNames": ["api.example.com"]})])
    assert verdicts(accepts, destination=OUTSIDE) == "ruu"
    (result,) = asked([accepts], "open", destination=OUTSIDE).results
    assert result.reason is not None
    assert 'world: {domains: {"api.example.com": [203.0.113.0/24]}}' in result.reason
    bound = {"domains": {"api.example.com": ["203.0.113.0/24"]}}
    assert verdicts(accepts, destination=OUTSIDE, world=bound) == "rpp"
    bound = {"domains": {"api.example.com": ["203.0.113.0/25"]}}
    assert verdicts(accepts, destination=OUTSIDE, world=bound) == "rrr"


@pytest.mark.parametrize(
    ("at", "out", "expected"),
    [("Accept", "Accept", "uuu"), ("Deny", "Deny", "uuu"), ("", "", "uuu"), ("Accept", "", "uuu")],
)
def test_what_is_not_modelled_may_decide_or_leave_it_to_network_policies(at: str, out: str, expected: str) -> None:
    manifests = read([WEB, DB, policy(at=at, out=out)])
    manifests = type(manifests)(manifests.modelled, (unmodelled("shop"),))
    flow = {"from": SOURCE, "to": DESTINATION}
    listed = [{"id": outcome, "cannotOverride": {**flow, "outcome": outcome}} for outcome in OUTCOMES]
    results = prove([suite_of(listed)], manifests).results
    assert "".join(each.verdict[0] for each in results) == expected
    assert all("shop/CiliumNetworkPolicy/c" in (each.reason or "") for each in results)


def test_what_is_not_modelled_elsewhere_counts_for_nothing() -> None:
    manifests = read([WEB, DB, policy(at="Deny")])
    manifests = type(manifests)(manifests.modelled, (unmodelled("blog"),))
    flow = {"from": SOURCE, "to": DESTINATION, "outcome": "closed"}
    assert prove([suite_of([{"id": "it", "cannotOverride": flow}])], manifests).results[0].verdict == "proved"


def test_it_is_vacuous_where_it_speaks_of_nothing() -> None:
    nobody: Spec = {"namespace": "shop", "pods": "app=nobody"}
    assert verdicts(source=nobody, world={"pods": "closed"}) == "vvv"


# Against brute force


@st.composite
def decided_clusters(draw: st.DrawFn) -> Manifests:
    """A cluster, often with one more policy that decides much: left to chance, few connections are accepted at both
    ends."""
    cluster = draw(admin_clusters())
    if draw(weighted((1, True), (2, False))):
        return cluster
    every: Spec = {"namespaces": {}}
    mostly = draw(st.sampled_from(("Accept", "Accept", "Accept", "Deny")))
    actions = weighted((6, mostly), (1, "Accept"), (1, "Deny"), (1, "Pass"))
    more = cnp(
        *("decides", "Admin", draw(st.sampled_from((0, 0, 5))), every),
        ingress=[ingress(draw(actions), every)],
        egress=[egress(draw(actions), every), egress(draw(actions), EVERYWHERE)],
    )
    return replace(cluster, modelled=(*cluster.modelled, *read([more]).modelled))


@st.composite
def questions(draw: st.DrawFn, cluster: Manifests) -> tuple[LoadedProperty, LoadedProperty, OverrideOutcome]:
    """A property, mostly aimed at what a rule of a policy says, and the `never` about the same connections."""
    outcome: OverrideOutcome = draw(st.sampled_from(("closed", "open", "any")))
    like = draw(st.sampled_from({"closed": ("never",), "open": ("always",)}.get(outcome, ("never", "always"))))
    aimed = draw(weighted((1, False), (3, True)))
    body = draw(admin_ends(cluster, like) if aimed else blind_bodies(cluster)[like])
    world = fitting(body, draw(admin_worlds(cluster)))
    semantics = {
        "baselineHiddenBy": draw(st.sampled_from(("direction", "pod", "either"))),
        "hostNetworkPods": draw(st.sampled_from(("excluded", "ordinary", "either"))),
    }
    override = loaded("cannotOverride", {**body, "outcome": outcome}, world, semantics)
    return override, loaded("never", body, world, semantics), outcome


def test_prover_and_brute_force_agree() -> None:
    """Brute force tries NetworkPolicies, and knows nothing of what it is that settles a connection."""
    seen: Counter[tuple[str, str]] = Counter()

    def compare(data: st.DataObject) -> None:
        cluster = data.draw(decided_clusters())
        override, between, outcome = data.draw(questions(cluster))
        (result,) = prove([LoadedSuite("drawn.yaml", (override,), (), override.semantics)], cluster).results
        complaint = disagreement(override, result, lambda scope: cannot_override(cluster, between, outcome, scope))
        assert complaint is None, f"{outcome}: {complaint}"
        seen[outcome, result.verdict] += 1

    each_drawn(compare, scaled(CLUSTERS), 1)
    if COUNTED:
        found = {(outcome, verdict): seen[outcome, verdict] for outcome in OUTCOMES for verdict in VERDICTS}
        assert min(found.values()) >= LEAST, found


# What a proof rests on

Named = frozenset[tuple[str | None, str, int | None]]
DECISIVE = {"closed": ("Deny",), "open": ("Accept", "Allow")}


def with_rules(cluster: Manifests, named: Named, decisive: tuple[str, ...]) -> Manifests:
    """The cluster with only the named ones of the decisive rules."""

    def kept(item: WrittenObject) -> WrittenObject:
        if "NetworkPolicy" not in item.kind or item.namespace is not None:
            return item
        spec: dict[str, Any] = dict(item.fields["spec"])
        for section in ("ingress", "egress"):
            spec[section] = [
                rule
                for number, rule in enumerate(spec.get(section) or ())
                if rule["action"] not in decisive or (f"{item.kind}/{item.name}", section, number) in named
            ]
        return replace(item, fields=written({**item.fields, "spec": spec}, item.line))

    return replace(cluster, modelled=tuple(map(kept, cluster.modelled)))


def test_the_rules_that_a_proof_names_suffice_and_none_of_them_can_be_spared() -> None:
    """All other rules that deny (or accept) may go; without any one of those named, too, it holds no longer."""
    seen: Counter[int] = Counter()

    def check(data: st.DataObject) -> None:
        cluster = data.draw(decided_clusters())
        override, _, outcome = data.draw(questions(cluster))

        def judged(each: Manifests) -> PropertyResult:
            return prove([LoadedSuite("drawn.yaml", (override,), (), override.semantics)], each).results[0]

        result = judged(cluster)
        if result.verdict != "proved" or outcome == "any":
            return
        named: Named = frozenset((line.policy, line.direction, line.rule) for line in result.because)
        assert judged(with_rules(cluster, named, DECISIVE[outcome])).verdict == "proved"
        for one_of_them in named:
            rest = with_rules(cluster, named - {one_of_them}, DECISIVE[outcome])
            assert judged(rest).verdict in ("refuted", "unknown")
        seen[len(named)] += 1

    each_drawn(check, scaled(CLUSTERS // 2), 2)
    if COUNTED:
        assert sum(seen.values()) >= LEAST, seen
        assert max(seen) > 1, seen
