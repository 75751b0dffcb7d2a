"""What single terms of the encoding of tiers say, without the prover's own checks behind them.

A prover whose terms were wrong here would contradict itself, stop, and show nothing; these tests say what is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pytest
from netpol_verify.encodings.addresses import parse_address
from netpol_verify.encodings.bits import equals
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.connection import Connection
from netpol_verify.encodings.evaluation import Evaluation
from netpol_verify.encodings.settled import closable, openable, settling
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import Term
from netpol_verify.encodings.vocabulary import Vocabulary
from netpol_verify.encodings.world import World
from netpol_verify.properties.suite import Semantics
from netpol_verify.properties.suite import World as SuiteWorld
from netpol_verify.verify.readings import Case, Readings, assumed, with_orders
from netpol_verify.verify.results import Reading
from netpol_verify.verify.settings import config_of
from tiers_support import DB, Spec, anp, banp, cnp, egress, ingress, node, np, pod, read

ANYWHERE = (None, None)
API: Spec = {"domainNames": ["api.example.com"]}
ANY_ADDRESS: Spec = {"networks": ["0.0.0.0/0", "::/0"]}


class Asked:
    """One cluster, its terms, and what can hold in it."""

    def __init__(self, *objects: Spec, semantics: Semantics | None = None) -> None:
        cluster, vocabulary = build_cluster(read(objects)), Vocabulary()
        vocabulary.mention_cluster(cluster)
        self.connection = Connection(World(cluster, vocabulary, config_of(SuiteWorld(), semantics)))
        self.evaluation = Evaluation(self.connection)
        self.source, self.destination = self.connection.ends
        self.solver = Solver(self.connection.world.terms)
        for axiom in self.connection.always:
            self.solver.add(axiom)

    def can(self, *terms: Term) -> bool:
        return self.solver.check(terms) == "sat"

    def at(self, address: str) -> tuple[Term, Term]:
        """The destination has this address."""
        family, number = parse_address(address)
        terms, ipv6 = self.connection.world.terms, self.connection.ipv6
        here = equals(terms, self.destination.address_bits(family), number)
        return (here, ipv6 if family == "IPv6" else -ipv6)


@pytest.mark.parametrize("first", ["Allow", "Deny"])
def test_what_a_domain_name_leaves_open_is_neither_surely_allowed_nor_surely_refused(first: str) -> None:
    """The rule after it says the opposite."""
    then = "Deny" if first == "Allow" else "Allow"
    asked = Asked(anp("a", 5, egress=[egress(first, API), egress(then, ANY_ADDRESS)]))
    outside = (asked.source.is_pod, asked.destination.is_external)
    surely, perhaps = asked.evaluation.allowed(*ANYWHERE)
    refused, perhaps_refused = asked.evaluation.refused(*ANYWHERE)
    assert not asked.can(*outside, surely)
    assert not asked.can(*outside, refused)
    assert asked.can(*outside, perhaps)
    assert asked.can(*outside, perhaps_refused)


def test_a_declared_node_has_its_own_addresses_and_no_others() -> None:
    asked = Asked(node("one", "10.0.0.1", zone="a"), node("two", "10.0.0.2", zone="b"))
    assert asked.can(asked.destination.is_node, asked.destination.node.is_one_of([0]), *asked.at("10.0.0.1"))
    assert not asked.can(asked.destination.is_node, asked.destination.node.is_one_of([0]), *asked.at("10.0.0.2"))
    assert not asked.can(asked.destination.is_node, asked.destination.node.is_one_of([0]), *asked.at("10.0.0.3"))
    assert asked.can(asked.destination.is_node, asked.destination.node.undeclared, *asked.at("10.0.0.3"))


@pytest.mark.parametrize("address", ["10.0.0.1", "fd00::1"])
def test_a_nodes_address_is_no_pods_and_nobodys_outside(address: str) -> None:
    asked = Asked(node("one", address))
    assert asked.can(asked.destination.is_node, *asked.at(address))
    assert not asked.can(asked.destination.is_external, *asked.at(address))
    assert not asked.can(asked.destination.is_pod, *asked.at(address))
    assert asked.can(asked.destination.is_pod, *asked.at("10.0.0.9"))


def test_ties_of_both_tiers_are_in_the_order() -> None:
    tied = {
        *("AdminNetworkPolicy/a", "AdminNetworkPolicy/b"),
        *("BaselineAdminNetworkPolicy/default", "ClusterNetworkPolicy/c"),
    }
    asked = Asked(anp("a", 5), anp("b", 5), anp("alone", 6), banp(), cnp("c", "Baseline", 1))
    assert asked.connection.world.choices.order.index.keys() == tied


def test_tied_baseline_policies_contend_for_pods_that_no_network_policy_isolates() -> None:
    """And for no others."""
    tied = [cnp("a", "Baseline", 5, ingress=[ingress("Accept")]), cnp("b", "Baseline", 5, ingress=[ingress("Deny")])]
    asked = Asked(*tied, np("closed", "shop", podSelector={"matchLabels": {"app": "db"}}), DB)
    (contest,) = asked.evaluation.contests()
    (closed,) = (each for each in asked.evaluation.policies("ingress", None) if each.reference == "shop/closed")
    isolated = asked.evaluation.isolates(closed)
    assert asked.can(contest.term, -isolated)
    assert not asked.can(contest.term, isolated)


@pytest.mark.parametrize("action", ["Accept", "Deny"])
def test_only_the_admin_tier_settles(action: str) -> None:
    """A Baseline rule decides nothing that NetworkPolicies could not change; the same rule before them does."""
    outcomes: dict[str, tuple[bool, bool, int]] = {}
    for tier in ("Admin", "Baseline"):
        asked = Asked(cnp("a", tier, 1, ingress=[ingress(action)], egress=[egress(action)]))
        both = (asked.source.is_pod, asked.destination.is_pod)
        (opened, _), (closed, _) = openable(asked.evaluation, ANYWHERE), closable(asked.evaluation, ANYWHERE)
        kept = len(settling(asked.evaluation, ANYWHERE))
        outcomes[tier] = (asked.can(*both, opened), asked.can(*both, closed), kept)
    assert outcomes["Baseline"] == (True, True, 0)
    assert outcomes["Admin"] == (action == "Accept", action == "Deny", 2)


def test_an_order_is_printed_as_its_terms_have_it() -> None:
    rules = {"a": "Allow", "b": "Deny", "c": "Pass"}
    policies = [anp(name, 5, ingress=[ingress(action)]) for name, action in rules.items()]
    asked = Asked(pod("shop", "web"), *policies)
    cases = orders(asked)
    names = {each.first.reference: each.first for each in asked.evaluation.contests()}
    names |= {each.second.reference: each.second for each in asked.evaluation.contests()}
    assert len({case.reading.order for case in cases}) == len(cases) == 6
    for case in cases:
        line = case.reading.order
        assert sorted(line) == sorted(names)
        for before, after in ((one, other) for at, one in enumerate(line) for other in line[at + 1 :]):
            stands = asked.connection.world.choices.order.before(names[before], names[after])
            assert asked.can(*case.terms, stands)
            assert not asked.can(*case.terms, -stands)


@pytest.mark.parametrize(("pods", "by"), [("excluded", "direction"), ("ordinary", "pod")])
def test_a_printed_reading_fixes_every_switch_that_matters(
    pods: Literal["excluded", "ordinary"], by: Literal["direction", "pod"]
) -> None:
    host = pod("shop", "agent", "10.0.0.9", hostNetwork=True, nodeName="n1")
    open_ = Semantics(host_network_pods="either", baseline_hidden_by="either")
    policies = banp(ingress=[ingress("Deny")]), np("open", "shop", policyTypes=["Egress"], egress=[{}])
    asked = Asked(host, node("n1", "10.0.0.9"), *policies, semantics=open_)
    ordinary, hidden = asked.connection.host_network_ordinary, asked.connection.hidden_by_pod
    fixed = assumed(Reading(True, (), by, pods), asked.connection)
    assert asked.can(*fixed)
    assert asked.can(*fixed, ordinary) == (pods == "ordinary")
    assert asked.can(*fixed, hidden) == (by == "pod")


def orders(asked: Asked) -> Sequence[Case]:
    """The readings of every order of the tied policies."""
    connection = asked.connection
    cases = Readings(ip_block_matches_pods=True).cases(connection)
    return with_orders(cases, connection, (), lambda terms: asked.can(*terms))
