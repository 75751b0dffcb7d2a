"""Tiers of the intermediate form, end to end: deny, pass, subjects in many namespaces, what later tiers then say."""

from __future__ import annotations

from collections.abc import Iterable

from connectivity_support import Answers, Known, known
from netpol_verify.encodings.addresses import FAMILIES, parse_network
from netpol_verify.encodings.cluster import Cluster, Unmodelled
from netpol_verify.encodings.policy import (
    Action,
    BlockPeer,
    DirectedPolicy,
    Direction,
    Layer,
    Peer,
    PodPeer,
    PortMatch,
    PortRange,
    Rule,
    Tier,
)
from netpol_verify.encodings.selectors import Requirement
from netpol_verify.encodings.workloads import DeclaredPod
from netpol_verify.encodings.written import Origin
from netpol_verify.verify.connectivity.ranges import outside
from netpol_verify.verify.connectivity.reach import connectivity
from netpol_verify.verify.connectivity.scope import Scope

NOWHERE = Origin("made.yaml", 1)
PROD = (Requirement("env", "In", ("prod",)),)


def pod(namespace: str, name: str) -> DeclaredPod:
    reference = f"{namespace}/Deployment/{name}"
    labels = {"app": name}
    return DeclaredPod(reference, namespace, labels, (), (), (), (), host_network=False, single=False, origin=NOWHERE)


def app(name: str, namespace: str | None = None) -> PodPeer:
    return PodPeer(namespace=namespace, pod_selector=(Requirement("app", "In", (name,)),))


def rule(action: Action, peers: Iterable[Peer] | None = None, ports: Iterable[PortMatch] | None = None) -> Rule:
    return Rule(action, None if peers is None else tuple(peers), None if ports is None else tuple(ports), NOWHERE)


def policy(direction: Direction, subject: PodPeer, *rules: Rule) -> DirectedPolicy:
    return DirectedPolicy("made", direction, subject, rules, NOWHERE)


def answers(*tiers: Tier, unmodelled: tuple[Unmodelled, ...] = (), apart: tuple[Tier, ...] = ()) -> Answers:
    """Three workloads in two namespaces, one of them of the environment prod, under these tiers."""
    layers = [Layer("one", tiers), Layer("other", apart)]
    pods = (pod("a", "web"), pod("a", "api"), pod("b", "db"))
    cluster = Cluster({"a": {"env": "prod"}, "b": None}, pods, tuple(layers), unmodelled)
    return Answers(connectivity(cluster, Scope(outside={family: outside(family, (), ()) for family in FAMILIES})))


def ask(given: Answers, source: str, destination: str, port: int) -> Known:
    """What is known of a TCP connection; an end is the last part of a workload's name."""
    references = {reference.rpartition("/")[2]: reference for reference in given.nodes}
    return known(given.between(references[source], references[destination]), "TCP", port)


def test_a_denial_comes_before_what_later_tiers_allow() -> None:
    admin = Tier("admin", (policy("ingress", PodPeer(namespace_selector=PROD), rule("deny", [app("db")])),), "pass")
    plain = Tier("plain", (policy("ingress", app("web", "a"), rule("allow")),), "deny-if-selected")
    given = answers(admin, plain)
    assert ask(given, "api", "web", 80) == ()
    assert ask(given, "db", "web", 80) is None


def test_the_first_rule_that_matches_decides() -> None:
    ports = [PortRange("TCP", 1, 1000)]
    rules = (rule("allow", None, [PortRange("TCP", 80, 80)]), rule("deny", None, ports), rule("allow"))
    given = answers(Tier("admin", (policy("ingress", app("web"), *rules),), "pass"))
    assert [ask(given, "api", "web", port) for port in (79, 80, 81, 1000, 1001)] == [None, (), None, None, ()]


def test_to_pass_leads_on_to_the_next_tier() -> None:
    admin = Tier(
        "admin", (policy("ingress", app("web"), rule("pass", [app("api")]), rule("allow", [app("db")])),), "pass"
    )
    closed = Tier("plain", (policy("ingress", app("web", "a")),), "deny-if-selected")
    given = answers(admin, closed)
    assert ask(given, "api", "web", 80) is None, "passed on, and denied there"
    assert ask(given, "db", "web", 80) == ()
    assert ask(given, "api", "db", 80) == (), "no tier says anything"


def test_the_last_tier_speaks_only_where_none_before_it_selects() -> None:
    plain = Tier("plain", (policy("ingress", app("web", "a"), rule("allow", [app("api")])),), "deny-if-selected")
    base = Tier("base", (policy("ingress", PodPeer(), rule("deny")),), "pass")
    given = answers(plain, base)
    assert ask(given, "api", "web", 80) == ()
    assert ask(given, "web", "api", 80) is None


def test_every_layer_must_allow() -> None:
    allowing = Tier("admin", (policy("ingress", app("web"), rule("allow")),), "pass")
    denying = Tier("other", (policy("egress", app("api"), rule("deny", [app("web")])),), "pass")
    given = answers(allowing, apart=(denying,))
    assert ask(given, "api", "web", 80) is None
    assert ask(given, "db", "web", 80) == ()


def test_a_subject_that_hangs_on_unknown_namespace_labels_is_named() -> None:
    admin = Tier("admin", (policy("egress", PodPeer(namespace_selector=PROD), rule("deny", [app("api")])),), "pass")
    given = answers(admin)
    assert ask(given, "web", "api", 80) is None
    assert ask(given, "db", "api", 80) == ("labels of namespace b",)
    assert ask(given, "db", "web", 80) == ()


def test_a_denied_block_is_a_hole_in_the_ranges() -> None:
    metadata = BlockPeer(parse_network("169.254.169.254/32"))
    given = answers(Tier("admin", (policy("egress", app("web"), rule("deny", [metadata])),), "pass"))
    (number,) = (node.number for reference, node in given.nodes.items() if reference.endswith("/web"))
    shown = [str(each) for each, _ in given.found.out_of[number] if each.family == "IPv4"]
    assert shown == ["0.0.0.0-169.254.169.253", "169.254.169.255-255.255.255.255"]


def test_an_unmodelled_policy_is_named_where_it_may_decide() -> None:
    given = answers(unmodelled=(Unmodelled("b/Strange/one (x.io)", "b", ("ingress",)),))
    assert ask(given, "web", "db", 80) == ("unmodelled b/Strange/one (x.io)",)
    assert ask(given, "db", "web", 80) == ()
