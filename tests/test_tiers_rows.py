"""Cluster-wide policies, a row for each thing that is easily got wrong: what the prover says of one connection.

Each row is asked twice, each time by itself: as a ban (`never`) and as a promise (`always`). So a mistake in either
direction is a wrong proof at one of them, which no replay of a counterexample would notice.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.concrete.settled import settled
from netpol_verify.encodings.concrete.traffic import Traffic
from tiers_support import (
    ALL,
    DB,
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
    read,
    results,
)

VERDICTS: dict[str, dict[Said, str]] = {
    "never": {"allowed": "refuted", "blocked": "proved", "either way": "refuted", "unknown": "unknown"},
    "always": {"allowed": "proved", "blocked": "refuted", "either way": "refuted", "unknown": "unknown"},
}
V4: Spec = {"podCIDRs": ["10.244.0.0/16"]}
NET: Spec = {"networks": ["0.0.0.0/0"]}
OUTSIDE: Spec = {"cidr": "203.0.113.7/32"}
NODE: Spec = {"node": True}
HTTP: list[Spec] = [{"name": "http", "containerPort": 80}]
HOST: Spec = pod("shop", "db", "10.0.0.9", hostNetwork=True, nodeName="n1")
ORDINARY: Spec = {"hostNetworkPods": "ordinary"}
N1: Spec = node("n1", "10.0.0.9", role="worker")
NO_PEER: Spec = {"somebody": {}}


def names(name: str, *, world: Spec | None = None) -> Spec:
    """An Accept for a domain name before a Deny for all addresses, and a world that may bind names."""
    rules = [egress("Accept", {"domainNames": [name]}), egress("Deny", NET)]
    domains: Spec = {} if world is None else {"world": {"domains": world}}
    return {"objects": [cnp("names", "Admin", 5, egress=rules)], "destination": OUTSIDE, **domains}


def of(*objects: Spec, **more: Any) -> Spec:
    """A row's policies and what else it says."""
    return {"objects": list(objects), **more}


def pair(tier: str, first: Spec, second: Spec) -> Spec:
    """Two policies of one tier and one priority."""
    return of(cnp("a", tier, 5, ingress=[first]), cnp("b", tier, 5, ingress=[second]))


ACCEPT, DENY, PASS = (ingress(action) for action in ("Accept", "Deny", "Pass"))
CLOSED = np("closed", "shop", policyTypes=["Ingress"])
OPEN = np("open", "shop", ingress=[{}])
EGRESS_ALONE = np("egress-alone", "shop", policyTypes=["Egress"], egress=[{}])
NOBODY_IN = cnp("baseline", "Baseline", 5, ingress=[DENY])

ROWS: dict[str, tuple[Said, Spec]] = {
    # The tiers, in order
    "without a policy everything goes": ("allowed", of()),
    "an Admin Deny": ("blocked", of(cnp("x", "Admin", 5, ingress=[DENY]), OPEN)),
    "an Admin Accept comes before NetworkPolicies": ("allowed", of(cnp("x", "Admin", 5, ingress=[ACCEPT]), CLOSED)),
    "an Accept at the source binds the source alone": ("blocked", of(anp("x", 5, egress=[egress("Allow")]), CLOSED)),
    "Pass leads to the NetworkPolicies": ("blocked", of(cnp("x", "Admin", 5, ingress=[PASS, ACCEPT]), CLOSED)),
    "Pass leaves out the policies of its tier that follow": (
        "allowed",
        of(anp("x", 5, ingress=[ingress("Pass")]), anp("y", 6, ingress=[ingress("Deny")])),
    ),
    "Pass leads to the Baseline tier": ("blocked", of(cnp("x", "Admin", 5, ingress=[PASS]), NOBODY_IN)),
    "the lower number goes first": (
        "blocked",
        of(cnp("b", "Admin", 5, ingress=[DENY]), cnp("a", "Admin", 6, ingress=[ACCEPT])),
    ),
    "the lower number goes first, also read last": (
        "allowed",
        of(cnp("a", "Admin", 900, ingress=[DENY]), cnp("b", "Admin", 70, ingress=[ACCEPT])),
    ),
    "AdminNetworkPolicy and ClusterNetworkPolicy are one tier": (
        "blocked",
        of(cnp("x", "Admin", 6, ingress=[ACCEPT]), anp("x", 5, ingress=[ingress("Deny")])),
    ),
    "the first rule that matches": ("allowed", of(cnp("x", "Admin", 5, ingress=[ACCEPT, DENY]))),
    "a rule for others is passed over": (
        "blocked",
        of(cnp("x", "Admin", 5, ingress=[ingress("Accept", app("x")), DENY])),
    ),
    "a policy without rules does nothing": ("allowed", of(cnp("x", "Admin", 5), banp())),
    "a Baseline Deny": ("blocked", of(NOBODY_IN)),
    "the baseline of v1alpha1": ("blocked", of(banp(ingress=[ingress("Deny")]))),
    "a NetworkPolicy comes before a Baseline Deny": ("allowed", of(NOBODY_IN, OPEN)),
    "a Baseline Accept comes after NetworkPolicies": ("blocked", of(cnp("x", "Baseline", 5, ingress=[ACCEPT]), CLOSED)),
    "Pass in the Baseline tier allows": ("allowed", of(cnp("x", "Baseline", 5, ingress=[PASS, DENY]))),
    "a tier Baseline is none of Admin": ("allowed", of(NOBODY_IN, cnp("x", "Admin", 900, ingress=[ACCEPT]))),
    # What hides the Baseline tier
    "a NetworkPolicy for egress alone leaves ingress to the Baseline": ("blocked", of(NOBODY_IN, EGRESS_ALONE)),
    "or it hides the Baseline from the whole pod": (
        "allowed",
        of(NOBODY_IN, EGRESS_ALONE, semantics={"baselineHiddenBy": "pod"}),
    ),
    "or either": ("either way", of(NOBODY_IN, EGRESS_ALONE, semantics={"baselineHiddenBy": "either"})),
    "a pod that no NetworkPolicy selects is the Baseline's": (
        "blocked",
        of(NOBODY_IN, semantics={"baselineHiddenBy": "pod"}),
    ),
    # Equal priorities
    "two of one priority that contradict each other": ("either way", pair("Admin", ACCEPT, DENY)),
    "the other way round": ("either way", pair("Admin", DENY, ACCEPT)),
    "also of the Baseline tier": ("either way", pair("Baseline", ACCEPT, DENY)),
    "also where the Admin tier has policies": (
        "either way",
        of(anp("x", 5, app("x"), ingress=[ingress("Deny")]), *pair("Baseline", ACCEPT, DENY)["objects"]),
    ),
    "two of one priority that agree": ("blocked", pair("Admin", DENY, DENY)),
    "of one priority in different tiers": (
        "allowed",
        of(cnp("x", "Admin", 5, ingress=[ACCEPT]), cnp("y", "Baseline", 5, ingress=[DENY])),
    ),
    "the first rule of a tied policy is the one that counts": (
        "blocked",
        of(cnp("a", "Admin", 5, ingress=[DENY, ACCEPT]), cnp("b", "Admin", 5, ingress=[DENY])),
    ),
    "and also where a later one agrees with the other policy": (
        "either way",
        of(cnp("a", "Admin", 5, ingress=[DENY, ACCEPT]), cnp("b", "Admin", 5, ingress=[ACCEPT])),
    ),
    "one order for both directions": (
        "either way",
        of(
            cnp("a", "Admin", 5, ingress=[ACCEPT], egress=[egress("Accept")]),
            cnp("b", "Admin", 5, ingress=[DENY], egress=[egress("Deny")]),
        ),
    ),
    "subjects In and NotIn do not exclude each other": (
        "either way",
        of(
            cnp("a", "Admin", 5, app("db"), ingress=[ACCEPT]),
            cnp(
                "b",
                "Admin",
                5,
                {
                    "pods": {
                        "podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}
                    }
                },
                ingress=[DENY],
            ),
        ),
    ),
    "the baseline of v1alpha1 beside a Baseline policy": (
        "either way",
        of(cnp("x", "Baseline", 5, ingress=[ACCEPT]), banp(ingress=[ingress("Deny")])),
    ),
    "AdminNetworkPolicy and ClusterNetworkPolicy of one priority": (
        "either way",
        of(cnp("x", "Admin", 5, ingress=[ACCEPT]), anp("x", 5, ingress=[ingress("Deny")])),
    ),
    # Subjects and peers
    "a subject without namespaceSelector is of every namespace": (
        "blocked",
        of(cnp("x", "Admin", 5, {"pods": {"podSelector": {"matchLabels": {"app": "db"}}}}, ingress=[DENY])),
    ),
    "a subject is of its namespace": ("allowed", of(cnp("x", "Admin", 5, named("other"), ingress=[DENY]))),
    "networks match pods": ("blocked", of(cnp("x", "Admin", 5, egress=[egress("Deny", NET)]), world=V4)),
    "networks match pods where ipBlock does not": (
        "blocked",
        of(cnp("x", "Admin", 5, egress=[egress("Deny", NET)]), world=V4, semantics={"ipBlockMatchesPods": False}),
    ),
    "networks of the other family match nothing": (
        "allowed",
        of(cnp("x", "Admin", 5, egress=[egress("Deny", {"networks": ["::/0"]})]), world=V4),
    ),
    "networks match nodes": (
        "blocked",
        of(cnp("x", "Admin", 5, egress=[egress("Deny", NET)]), world=V4, destination=NODE),
    ),
    "no pod has the address of a declared node": (
        "allowed",
        of(
            node("n", "10.244.0.9"),
            cnp("x", "Admin", 5, egress=[egress("Deny", {"networks": ["10.244.0.9/32"]})]),
            world=V4,
        ),
    ),
    "an empty nodes selector is all nodes": (
        "blocked",
        of(cnp("x", "Admin", 5, egress=[egress("Deny", {"nodes": {}})]), destination=NODE),
    ),
    "a node that nobody declared may have any labels": (
        "either way",
        of(
            cnp("x", "Admin", 5, egress=[egress("Deny", {"nodes": {"matchLabels": {"role": "x"}}})]),
            destination=NODE,
        ),
    ),
    "nodes are no pods": ("allowed", of(cnp("x", "Admin", 5, egress=[egress("Deny", {"nodes": {}})]))),
    "an Accept with a peer of no known kind matches nothing": (
        "blocked",
        of(cnp("x", "Admin", 5, ingress=[ingress("Accept", ALL, NO_PEER), DENY])),
    ),
    "a Deny with a peer of no known kind denies everything": (
        "blocked",
        of(cnp("x", "Admin", 5, ingress=[ingress("Deny", app("x"), NO_PEER)])),
    ),
    "a Pass with a peer of no known kind denies everything": (
        "blocked",
        of(cnp("x", "Admin", 5, ingress=[ingress("Pass", NO_PEER)])),
    ),
    # Pods in the host's network
    "cluster-wide policies do not select pods in the host's network": (
        "allowed",
        of(HOST, N1, cnp("x", "Admin", 5, ingress=[DENY], egress=[egress("Deny")]), semantics=ORDINARY, only=True),
    ),
    "NetworkPolicies do, where they are ordinary": ("blocked", of(HOST, N1, CLOSED, semantics=ORDINARY, only=True)),
    "nodes are the pods in their network": (
        "blocked",
        of(HOST, N1, cnp("x", "Admin", 5, egress=[egress("Deny", {"nodes": {}})]), semantics=ORDINARY, only=True),
    ),
    "networks match pods in the host's network": (
        "blocked",
        of(
            HOST,
            N1,
            cnp("x", "Admin", 5, egress=[egress("Deny", {"networks": ["10.0.0.9/32"]})]),
            semantics=ORDINARY,
            only=True,
        ),
    ),
    # Domain names
    "what a name stands for is not known": ("unknown", names("a.example.com")),
    "a bound name, inside": ("allowed", names("a.example.com", world={"a.example.com": ["203.0.113.0/24"]})),
    "a bound name, outside": ("blocked", names("a.example.com", world={"a.example.com": ["198.51.100.0/24"]})),
    "a bound name's second network": (
        "allowed",
        names("a.example.com", world={"a.example.com": ["198.51.100.0/24", "203.0.113.0/24"]}),
    ),
    "a wildcard holds the names it covers": (
        "allowed",
        names("*.example.com", world={"a.b.example.com": ["203.0.113.0/24"]}),
    ),
    "but not the apex": ("unknown", names("*.example.com", world={"example.com": ["203.0.113.0/24"]})),
    "a name is inside a bound wildcard": (
        "blocked",
        names("a.example.com", world={"*.example.com": ["198.51.100.0/24"]}),
    ),
    "but need not be all of it": ("unknown", names("a.example.com", world={"*.example.com": ["203.0.113.0/24"]})),
    "a name stands for no pod": ("blocked", {**names("a.example.com"), "destination": DESTINATION, "world": V4}),
    # Ports
    "portNumber is of TCP": (
        "blocked",
        of(anp("x", 5, ingress=[ingress("Deny", ports=[{"portNumber": {"port": 80}}])])),
    ),
    "portNumber is not of UDP": (
        "allowed",
        of(anp("x", 5, ingress=[ingress("Deny", ports=[{"portNumber": {"port": 80}}])]), port="UDP/80"),
    ),
    "the end of portRange is in it": (
        "blocked",
        of(anp("x", 5, ingress=[ingress("Deny", ports=[{"portRange": {"start": 79, "end": 80}}])])),
    ),
    "the start of portRange is in it": (
        "blocked",
        of(anp("x", 5, ingress=[ingress("Deny", ports=[{"portRange": {"start": 80, "end": 81}}])])),
    ),
    "the end of range is in it": (
        "blocked",
        of(
            cnp(
                "x",
                "Admin",
                5,
                ingress=[
                    ingress("Deny", protocols=[{"udp": {"destinationPort": {"range": {"start": 70, "end": 80}}}}])
                ],
            ),
            port="UDP/80",
        ),
    ),
    "what follows a range is not in it": (
        "allowed",
        of(
            cnp(
                "x",
                "Admin",
                5,
                ingress=[
                    ingress("Deny", protocols=[{"tcp": {"destinationPort": {"range": {"start": 70, "end": 79}}}}])
                ],
            )
        ),
    ),
    "no ports are all ports of all protocols": ("blocked", of(anp("x", 5, ingress=[ingress("Deny")]), port="SCTP/7")),
    "a port by the name that the pod gives it": (
        "blocked",
        of(
            pod("shop", "db", ports=HTTP),
            anp("x", 5, ingress=[ingress("Deny", ports=[{"namedPort": "http"}])]),
            only=True,
        ),
    ),
    "a name of UDP": (
        "blocked",
        of(
            pod("shop", "db", ports=[{"name": "http", "containerPort": 80, "protocol": "UDP"}]),
            cnp("x", "Admin", 5, ingress=[ingress("Deny", protocols=[{"destinationNamedPort": "http"}])]),
            only=True,
            port="UDP/80",
        ),
    ),
    "a name of another protocol": (
        "allowed",
        of(
            pod("shop", "db", ports=[{"name": "http", "containerPort": 80, "protocol": "UDP"}]),
            cnp("x", "Admin", 5, ingress=[ingress("Deny", protocols=[{"destinationNamedPort": "http"}])]),
            only=True,
        ),
    ),
    "a name of another number": (
        "allowed",
        of(
            pod("shop", "db", ports=[{"name": "http", "containerPort": 81}]),
            cnp("x", "Admin", 5, ingress=[ingress("Deny", protocols=[{"destinationNamedPort": "http"}])]),
            only=True,
        ),
    ),
}


@pytest.mark.parametrize("verb", ["never", "always"])
@pytest.mark.parametrize("row", ROWS)
def test_row(row: str, verb: Literal["never", "always"]) -> None:
    expected, said = ROWS[row]
    objects = [WEB, *([] if said.get("only") else [DB]), *said["objects"]]
    flow = {"from": SOURCE, "to": said.get("destination", DESTINATION), "ports": [said.get("port", "TCP/80")]}
    semantics = {"ipBlockMatchesPods": True, **said.get("semantics", {})}
    (found,) = results(objects, {verb: flow}, semantics=semantics, world=said.get("world", {}))
    assert found.verdict == VERDICTS[verb][expected]


WHO: Spec = {"from": SOURCE, "to": DESTINATION, "ports": ["TCP/80"]}


def verdict_of(prop: Spec, *objects: Spec, **suite: Any) -> str:
    (found,) = results([WEB, DB, *objects], prop, **suite)
    return found.verdict


def test_can_must_hold_in_the_second_order_too_and_the_order_is_printed() -> None:
    (found,) = results([WEB, DB, *pair("Admin", ACCEPT, DENY)["objects"]], {"can": WHO})
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.reading.order == ("ClusterNetworkPolicy/b", "ClusterNetworkPolicy/a")


def test_three_policies_of_one_priority_never_go_in_a_circle() -> None:
    """Each denies on the port on which the one before accepts: in every order one port is open."""

    def one(name: str, accepts: int, denies: int) -> Spec:
        def on(port: int) -> list[Spec]:
            return [{"tcp": {"destinationPort": {"number": port}}}]

        rules = [ingress("Accept", protocols=on(accepts)), ingress("Deny", protocols=on(denies))]
        return cnp(name, "Admin", 5, ingress=rules)

    policies = [one("a", 1, 3), one("b", 2, 1), one("c", 3, 2)]
    assert verdict_of({"can": {**WHO, "ports": ["TCP/1", "TCP/2", "TCP/3"]}}, *policies) == "proved"
    assert verdict_of({"can": {**WHO, "ports": ["TCP/1", "TCP/2"]}}, *policies) == "refuted"


@pytest.mark.parametrize(
    ("objects", "outcome", "expected"),
    [
        ([cnp("x", "Admin", 5, ingress=[DENY])], "closed", "proved"),
        ([NOBODY_IN], "closed", "refuted"),
        ([CLOSED], "closed", "refuted"),
        ([], "open", "refuted"),
        ([cnp("x", "Admin", 5, ingress=[ACCEPT])], "open", "refuted"),
        ([cnp("x", "Admin", 5, ingress=[ACCEPT], egress=[egress("Accept")]), CLOSED], "open", "proved"),
        ([cnp("x", "Admin", 5, ingress=[PASS, DENY])], "any", "refuted"),
    ],
)
def test_what_no_network_policy_changes(objects: list[Spec], outcome: str, expected: str) -> None:
    assert verdict_of({"cannotOverride": {**WHO, "outcome": outcome}}, *objects) == expected


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([], "refuted"),
        ([CLOSED], "proved"),
        ([NOBODY_IN], "proved"),
        ([cnp("x", "Admin", 5, ingress=[PASS])], "refuted"),
        ([cnp("x", "Admin", 5, ingress=[ACCEPT])], "proved"),
    ],
)
def test_default_deny_asks_for_a_rule_that_allows(objects: list[Spec], expected: str) -> None:
    prop = {
        "defaultDeny": {
            "for": DESTINATION,
            "directions": ["ingress"],
            "except": [{"from": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}, NODE]}],
        }
    }
    assert verdict_of(prop, *objects) == expected


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([], {"pass"}),
        ([NOBODY_IN], {"pass"}),
        ([CLOSED], {"pass"}),
        ([cnp("x", "Admin", 5, ingress=[PASS, DENY])], {"pass"}),
        ([cnp("x", "Admin", 5, ingress=[DENY]), OPEN], {"deny"}),
        ([cnp("x", "Admin", 5, ingress=[ACCEPT]), NOBODY_IN, CLOSED], {"allow"}),
    ],
)
def test_the_concrete_evaluator_lets_only_the_admin_tier_settle_things(objects: list[Spec], said: set[str]) -> None:
    web, db = (ConcreteEndpoint("pod", "shop", {"app": name}) for name in ("web", "db"))
    found = settled(Cluster.of(read(objects)), "ingress", Traffic(web, db, "TCP", 80, "IPv4", Reading(True)))
    assert found is not None
    assert found.said == said


TO_NODE_ADDRESS = cnp("x", "Admin", 5, egress=[egress("Deny", {"networks": ["10.0.0.9/32"]})])
NAME, TO_NAME = names("a.example.com")["objects"], {"from": {}, "to": OUTSIDE, "ports": ["TCP/80"]}
EXIT_CODES: dict[str, tuple[int, list[Spec], Spec]] = {
    "a ban on what hangs on a name": (3, NAME, {"never": TO_NAME}),
    "a promise of what hangs on a name": (3, NAME, {"always": TO_NAME}),
    "a pod in the host's network has its node's address": (
        0,
        [WEB, pod("shop", "db", hostNetwork=True, nodeName="n1"), N1, TO_NODE_ADDRESS],
        {"never": WHO, "semantics": ORDINARY, "world": {"podCIDRs": ["10.244.0.0/16"]}},
    ),
    "a Baseline Deny settles nothing": (
        1,
        [WEB, DB, NOBODY_IN],
        {"cannotOverride": {**WHO, "outcome": "closed"}},
    ),
    "a tie of the Baseline tier beside an Admin policy": (
        1,
        [WEB, DB, anp("x", 5, app("x"), ingress=[ingress("Deny")]), *pair("Baseline", ACCEPT, DENY)["objects"]],
        {"never": WHO},
    ),
    "what the second order refuses": (1, [WEB, DB, *pair("Admin", ACCEPT, DENY)["objects"]], {"can": WHO}),
    "a range of ports": (
        0,
        [WEB, DB, anp("x", 5, ingress=[ingress("Deny", ports=[{"portRange": {"start": 79, "end": 81}}])])],
        {"never": {**WHO, "ports": ["TCP/79-81"]}},
    ),
    "a pod of the pod network has not": (0, [WEB, DB, N1, TO_NODE_ADDRESS], {"always": WHO}),
}


@pytest.mark.parametrize("case", EXIT_CODES)
def test_more_freedom_than_there_is_would_end_with_an_internal_error(case: str, tmp_path: Path) -> None:
    """Each wrong verdict would be a refutation that the replay of its counterexample refuses; the exit code tells."""
    code, objects, prop = EXIT_CODES[case]
    suite = {
        "apiVersion": "netpol-verify/v1",
        "kind": "PropertySuite",
        "manifests": ["cluster.yaml"],
        "properties": [{"id": "it", **prop}],
    }
    (tmp_path / "cluster.yaml").write_text("\n---\n".join(json.dumps(each) for each in objects), "utf-8")
    (tmp_path / "properties.yaml").write_text(json.dumps(suite), "utf-8")
    command = [sys.executable, "-m", "netpol_verify", "prove", "-q"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
