"""The walk says what the evaluator says, requirement by requirement; and what it calls the nearest miss is true.

Random clusters of the brute-force oracle, with ends that are declared, made up, outside or a node.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.concrete.changes import Change
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import Direction, Truth, all_of, any_of
from netpol_verify.encodings.concrete.inventory import Inventory, read_inventory
from netpol_verify.encodings.concrete.likeness import likeness
from netpol_verify.encodings.concrete.misses import Miss, nearest_misses
from netpol_verify.encodings.concrete.networkpolicy import NetworkPolicy, Rule
from netpol_verify.encodings.concrete.reading import Reading, Readings
from netpol_verify.encodings.concrete.trace import DirectionWalk, PolicyWalk, RuleWalk, walk_direction
from netpol_verify.encodings.concrete.traffic import Traffic
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.verify.asked import Asked
from netpol_verify.verify.explanation import explain
from netpol_verify.verify.flow_ports import PortRange
from netpol_verify.verify.flows import Question, ask
from netpol_verify.verify.reports.explain_json import render_explain_json
from netpol_verify.verify.reports.explain_markdown import render_explain_markdown
from netpol_verify.verify.reports.explain_text import render_explain_text
from netpol_verify.verify.reports.lines import Look
from oracle.clusters import (
    CONTAINER_PORTS,
    NAMESPACE_VALUES,
    NAMESPACES,
    POD_VALUES,
    PORT_NAMES,
    PORT_NUMBERS,
    PROTOCOLS,
    clusters,
    labels,
)

DIRECTIONS: tuple[Direction, ...] = ("egress", "ingress")
ADDRESSES = ("203.0.113.7", "203.0.113.200", "10.1.2.3", "10.244.0.5", "198.51.100.1", "2001:db8::1", "2001:db8:1::1")
drawn = settings(
    max_examples=120,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@st.composite
def hypothetical(draw: st.DrawFn, inventory: Inventory) -> ConcreteEndpoint:
    """A pod that nobody declared; its namespace's labels are known, made up, or unknown."""
    namespace = draw(st.sampled_from((*NAMESPACES, "d")))
    known = inventory.labels_of_namespace(namespace)
    made_up = draw(st.sampled_from((None, draw(labels(("n1",), NAMESPACE_VALUES)))))
    named = st.builds(
        NamedPort, st.sampled_from(PORT_NAMES), st.sampled_from(PROTOCOLS), st.sampled_from(CONTAINER_PORTS)
    )
    return ConcreteEndpoint(
        "pod",
        namespace=namespace,
        labels=draw(labels(("k1", "k2"), POD_VALUES)),
        namespace_labels=made_up if known is None else known,
        ports=draw(st.sampled_from((None, tuple(draw(st.lists(named, max_size=2)))))),
        ips=draw(st.sampled_from(((), ("10.244.0.77",), ("10.9.9.9", "2001:db8::77")))),
    )


@st.composite
def ends(draw: st.DrawFn, inventory: Inventory) -> ConcreteEndpoint:
    kinds = ["hypothetical"] * 3 + ["external", "node"] + (["declared"] * 4 if inventory.workloads else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "declared":
        return inventory.endpoint(draw(st.sampled_from(inventory.workloads)))
    if kind == "hypothetical":
        return draw(hypothetical(inventory))
    return ConcreteEndpoint("external" if kind == "external" else "node", ips=(draw(st.sampled_from(ADDRESSES)),))


@st.composite
def connections(draw: st.DrawFn, inventory: Inventory) -> Traffic:
    return Traffic(
        draw(ends(inventory)),
        draw(ends(inventory)),
        draw(st.sampled_from(("TCP", "TCP", "UDP", "SCTP"))),
        draw(st.sampled_from((*PORT_NUMBERS, *CONTAINER_PORTS, 53))),
        draw(st.sampled_from(("IPv4", "IPv4", "IPv6"))),
        Reading(draw(st.booleans())),
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[Manifests, list[tuple[Traffic, Direction]]]:
    """A cluster and both directions of several connections in it: drawing the cluster is what takes time."""
    manifests = draw(clusters())
    traffic = connections(read_inventory(manifests))
    return manifests, [(each, way) for each in [draw(traffic) for _ in range(8)] for way in DIRECTIONS]


def walked(manifests: Manifests, traffic: Traffic, direction: Direction) -> tuple[Cluster, DirectionWalk]:
    cluster = Cluster.of(manifests)
    return cluster, walk_direction(cluster, direction, [traffic], "the port")


def policies_of(cluster: Cluster, walk: DirectionWalk) -> list[tuple[NetworkPolicy, PolicyWalk]]:
    return list(
        zip(cluster.policies.get(walk.namespace or "", ()) if walk.policies else (), walk.policies, strict=True)
    )


def rules_of(policy: NetworkPolicy, walk: PolicyWalk, direction: Direction) -> list[tuple[Rule, RuleWalk]]:
    return list(zip(policy.rules.get(direction, ()), walk.rules, strict=True))


def of_parts(rule: RuleWalk) -> Truth:
    """A rule's truth put together from its single requirements."""
    peers = any_of(all_of(each.truth for each in peer.requirements) for peer in rule.peers)
    ports = any_of(port.requirement.truth for port in rule.ports)
    return all_of(truth for truth, asked in ((peers, rule.peers), (ports, rule.ports)) if asked)


@given(questions())
@drawn
def test_every_truth_of_the_walk_is_the_evaluators(question: tuple[Manifests, list[tuple[Traffic, Direction]]]) -> None:
    """Direction, policy, rule, and what they consist of."""
    manifests, asked = question
    for traffic, direction in asked:
        cluster, walk = walked(manifests, traffic, direction)
        assert walk.side == cluster.decide_side(direction, traffic)
        for policy, seen in policies_of(cluster, walk):
            selects = policy.selects(traffic.subject(direction), direction, traffic.reading)
            assert seen.selects == selects
            assert seen.governs == (direction in policy.rules)
            assert not seen.governs or all_of(each.truth for each in seen.subject) == selects
            for rule, met in rules_of(policy, seen, direction):
                assert met.truth.value is rule.matches(traffic, direction).value
                assert of_parts(met).value is met.truth.value
                assert (met.line, met.index) == (rule.line, rule.index)


@given(questions())
@drawn
def test_the_policies_of_a_walk_explain_its_direction(
    question: tuple[Manifests, list[tuple[Traffic, Direction]]],
) -> None:
    """Open if none selects; else allowed by one that surely selects and allows; blocked if none could allow."""
    manifests, asked = question
    for traffic, direction in asked:
        walk = walked(manifests, traffic, direction)[1]
        if not walk.governable:
            assert walk.side.allowed is True
            continue
        chosen = [each for each in walk.policies if each.selects.value is not False]
        sure = [each for each in chosen if each.selects.value is True]
        if not chosen or any(each.allows.value is True for each in sure):
            assert walk.alone is True
        elif sure and all(each.allows.value is False for each in chosen):
            assert walk.alone is False
        assert walk.side.allowed is (None if walk.unmodelled else walk.alone)


@given(questions())
@drawn
def test_a_match_matches_in_every_part_and_a_miss_fails_somewhere(
    question: tuple[Manifests, list[tuple[Traffic, Direction]]],
) -> None:
    manifests, asked = question
    walks = [walked(manifests, traffic, direction)[1] for traffic, direction in asked]
    for rule in [rule for walk in walks for policy in walk.policies for rule in policy.rules]:
        peers = [{each.truth.value for each in peer.requirements} for peer in rule.peers]
        ports = [port.requirement.truth.value for port in rule.ports]
        if rule.truth.value is True:
            assert not peers or any(values <= {True} for values in peers)
            assert not ports or True in ports
        elif rule.truth.value is False:
            assert (peers and all(False in values for values in peers)) or (ports and set(ports) == {False})


def changed(end: ConcreteEndpoint, change: Change) -> ConcreteEndpoint:
    """The end with one label or port otherwise: written apart from ``changes.applied``."""
    if change.kind == "containerPort":
        protocol, name = change.key.split("/")
        return replace(end, ports=(*(end.ports or ()), NamedPort(name, protocol, int(change.value or 0))))
    field = "labels" if change.kind == "label" else "namespace_labels"
    carried: dict[str, str] = {**getattr(end, field)}
    carried.pop(change.key, None)
    carried.update({} if change.value is None else {change.key: change.value})
    values: dict[str, Any] = {field: carried}
    if change.kind == "label":
        values["unknown_labels"] = end.unknown_labels - {change.key}
    return replace(end, **values)


def after(traffic: Traffic, changes: Sequence[Change]) -> Traffic:
    for change in changes:
        if change.kind == "port":
            traffic = replace(traffic, protocol=change.key, port=int(change.value or 0))
        else:
            assert change.end is not None
            traffic = replace(traffic, **{change.end: changed(getattr(traffic, change.end), change)})
    return traffic


def applies(miss: Miss) -> bool:
    kinds = {change.kind for change in miss.changes or ()}
    return miss.changes is not None and kinds <= {"label", "namespaceLabel", "port", "containerPort"}


@given(questions())
@drawn
def test_the_changes_that_a_miss_names_make_its_rule_match_and_none_is_idle(
    question: tuple[Manifests, list[tuple[Traffic, Direction]]],
) -> None:
    manifests, asked = question
    for traffic, direction in asked:
        cluster, walk = walked(manifests, traffic, direction)
        found = {
            (policy.name, rule.index): (policy, rule)
            for policy, _ in policies_of(cluster, walk)
            for rule in policy.rules.get(direction, ())
        }
        misses = nearest_misses(cluster, walk, [traffic], "the port")
        assert len(misses) == (len(found) if walk.side.allowed is False else 0)
        assert [miss.distance for miss in misses] == sorted(miss.distance for miss in misses)
        for miss in misses:
            check_miss(miss, *found[miss.policy.partition("/")[2], miss.rule], traffic)


def check_miss(miss: Miss, policy: NetworkPolicy, rule: Rule, traffic: Traffic) -> None:
    def lets(case: Traffic) -> bool:
        selects = policy.selects(case.subject(miss.direction), miss.direction, case.reading)
        return (selects.value, rule.matches(case, miss.direction).value) == (True, True)

    assert miss.failed or miss.unknown
    assert miss.changes is None or bool(miss.changes) == bool(miss.failed)
    assert not lets(traffic)
    if applies(miss):
        changes = list(miss.changes or ())
        assert lets(after(traffic, changes)) is miss.certain
        assert miss.certain or miss.unknown or traffic.destination.ports is None
        for dropped in changes:
            assert not lets(after(traffic, [change for change in changes if change is not dropped]))


@given(st.data())
@drawn
def test_the_pieces_of_a_question_are_all_of_it_and_each_has_its_own_answer(data: st.DataObject) -> None:
    """Over both families and both readings, and ranges of ports, the explanation is what ``evaluate`` says."""
    manifests = data.draw(clusters())
    traffic = data.draw(connections(read_inventory(manifests)))
    first, last = sorted((traffic.port, data.draw(st.sampled_from((traffic.port, 81, 8010, 65535)))))
    ports = PortRange(traffic.protocol, first, last)
    question = Question(
        traffic.source, traffic.destination, (ports,), data.draw(st.sampled_from((("IPv4", "IPv6"), ("IPv4",))))
    )
    readings = Readings(data.draw(st.sampled_from((None, True, False))))
    cluster = Cluster.of(manifests)
    explanation = explain(Asked({"from": "x", "to": "y", "port": 1}, question, readings), cluster)
    assert explanation.allowed is ask(question, cluster, readings).allowed
    seen: list[tuple[str, int, int]] = []
    for piece in explanation.pieces:
        for start, end in piece.ports:
            seen += [(family, start, end) for family in piece.families]
            for port in {start, end}:
                one = replace(question, ports=(PortRange(ports.protocol, port, port),), families=piece.families)
                assert ask(one, cluster, readings).allowed is piece.allowed
        if piece.allowed is False:
            assert any(walk.side.allowed is False for walk in (piece.egress, piece.ingress))
    for render in (render_explain_text, render_explain_markdown):
        for look in (Look(), Look(quiet=True), Look(verbose=True)):
            word = {True: "ALLOWED", False: "BLOCKED", None: "UNDETERMINED"}[explanation.allowed]
            assert word in render(explanation, look).splitlines()[0]
    assert json.loads(render_explain_json(explanation))["explanation"]["pieces"]
    for family in question.families:
        edges = sorted((start, end) for of, start, end in seen if of == family)
        assert (edges[0][0], edges[-1][1]) == (first, last)
        assert all(one[1] + 1 == other[0] for one, other in pairwise(edges))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("web", "webb", True),
        ("Web", "web", True),
        ("hollowdb", "hollow-db", True),
        ("prod", "production", True),
        ("web", "api", False),
        ("a", "b", False),
        ("", "web", False),
    ],
)
def test_likeness_is_that_of_did_you_mean(one: str, other: str, near: bool) -> None:
    assert (likeness(one, other) > 0) is near
