"""Random clusters of all four kinds, held against a plain reading of the rules that knows of no unknowns or ties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

from admin_support import DB, OUTSIDE, WEB, Spec, anp, banp, cluster, cnp, np, pod, rule
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.concrete.admintrace import AdminRuleWalk
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evidence import Direction, Truth, all_of, any_of
from netpol_verify.encodings.concrete.reading import HIDDEN_BY, HOST_NETWORK, HiddenBy, Reading, Readings
from netpol_verify.encodings.concrete.trace import walk_direction
from netpol_verify.encodings.concrete.traffic import Traffic
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.verify.asked import Asked
from netpol_verify.verify.explanation import explain
from netpol_verify.verify.flow_ports import PortRange
from netpol_verify.verify.flows import Question, ask
from netpol_verify.verify.reports.explain_json import render_explain_json
from netpol_verify.verify.reports.explain_markdown import render_explain_markdown
from netpol_verify.verify.reports.explain_text import render_explain_text
from netpol_verify.verify.reports.lines import Look

TEAMS: list[Spec] = [{}, {"matchLabels": {"team": "shop"}}, {"matchLabels": {"team": "data"}}]
BLOCKS: list[Spec] = [{"networks": ["10.0.0.0/31"]}, {"networks": ["0.0.0.0/0"]}]
NUMBERS = (80, 81)
WAYS: tuple[Direction, ...] = ("egress", "ingress")
ENDS = [WEB, DB, pod("x", "10.0.0.3", "other", namespace_labels={}), OUTSIDE]
drawn = settings(
    max_examples=120,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def rules(draw: st.DrawFn, way: Direction, actions: Sequence[str]) -> list[Spec]:
    found: list[Spec] = []
    for _ in range(draw(st.integers(0, 2))):
        peer: Spec = {"namespaces": draw(st.sampled_from(TEAMS))}
        if way == "egress" and draw(st.integers(0, 3)) == 0:
            peer = draw(st.sampled_from(BLOCKS))
        port = draw(st.sampled_from([None, None, 80, 81]))
        limits: dict[str, Any] = {} if port is None else {"ports": [{"portNumber": {"port": port}}]}
        action = draw(st.sampled_from(actions))
        found.append(rule(action, [peer], way="to" if way == "egress" else "from", **limits))
    return found


@st.composite
def admin_objects(draw: st.DrawFn) -> list[WrittenObject]:
    objects: list[WrittenObject] = []
    for number in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(("anp", "Admin", "Baseline", "Baseline")))
        ways = {way: draw(rules(way, ("Allow", "Deny", "Deny", "Pass"))) for way in WAYS}
        subject: Spec = {"namespaces": draw(st.sampled_from(TEAMS))}
        name, priority = f"p{number}", draw(st.sampled_from((1, 1, 2)))
        if kind == "anp":
            objects.append(anp(name, priority, subject, **ways))
        else:
            objects.append(cnp(name, "Admin" if kind == "Admin" else "Baseline", priority, subject, **ways))
    if draw(st.integers(0, 2)) == 0:
        subject = {"namespaces": draw(st.sampled_from(TEAMS))}
        objects.append(banp(subject, **{way: draw(rules(way, ("Allow", "Deny"))) for way in WAYS}))
    return objects


@st.composite
def network_objects(draw: st.DrawFn) -> list[WrittenObject]:
    objects: list[WrittenObject] = []
    for number in range(draw(st.integers(0, 2))):
        types = draw(st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"])))
        peers = [{"namespaceSelector": draw(st.sampled_from(TEAMS))}]
        spec: Spec = {"podSelector": {}, "policyTypes": types}
        if "Ingress" in types and draw(st.booleans()):
            spec["ingress"] = [{"from": peers}]
        if "Egress" in types and draw(st.booleans()):
            spec["egress"] = [{"to": peers}]
        objects.append(np(f"n{number}", draw(st.sampled_from(("shop", "data"))), **spec))
    return draw(st.permutations(objects))


def fits(selector: Spec, end: ConcreteEndpoint) -> bool:
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return end.kind == "pod" and wanted.items() <= (end.namespace_labels or {}).items()


def applies(each: Spec, end: ConcreteEndpoint, port: int) -> bool:
    peer: Spec = (each.get("from") or each["to"])[0]
    numbers: list[int] = [entry["portNumber"]["port"] for entry in each.get("ports", [])]
    if numbers and port not in numbers:
        return False
    if "networks" in peer:
        return peer["networks"] == ["0.0.0.0/0"] or end.ips[0] in ("10.0.0.0", "10.0.0.1")
    return fits(peer["namespaces"], end)


def tier_of(item: WrittenObject) -> str:
    return str(
        item.fields["spec"].get("tier") or item.kind.removesuffix("NetworkPolicy").replace("BaselineAdmin", "Baseline")
    )


@dataclass(frozen=True)
class Plain:
    """The rules, read plainly: cluster-wide policies in one order, and one way in which the Baseline is hidden."""

    order: Sequence[WrittenObject]
    network: Sequence[WrittenObject]
    hidden_by: HiddenBy

    def allows(self, source: ConcreteEndpoint, destination: ConcreteEndpoint, port: int) -> bool:
        return self._way("egress", source, destination, port) and self._way("ingress", destination, source, port)

    def _way(self, way: Direction, subject: ConcreteEndpoint, other: ConcreteEndpoint, port: int) -> bool:
        if subject.kind != "pod":
            return True
        said = self._tier("Admin", way, (subject, other), port)
        if said != "Pass":
            return said == "Allow"
        selecting: list[Spec] = [each.fields["spec"] for each in self.network if each.namespace == subject.namespace]
        governing = [spec for spec in selecting if way.capitalize() in spec["policyTypes"]]
        if governing:
            key = "from" if way == "ingress" else "to"
            peers: list[Spec] = [each[key][0]["namespaceSelector"] for spec in governing for each in spec.get(way, [])]
            return any(fits(selector, other) for selector in peers)
        if selecting and self.hidden_by == "pod":
            return True
        return self._tier("Baseline", way, (subject, other), port) != "Deny"

    def _tier(self, tier: str, way: Direction, ends: tuple[ConcreteEndpoint, ConcreteEndpoint], port: int) -> str:
        for policy in self.order:
            spec: Spec = policy.fields["spec"]
            if tier_of(policy) == tier and fits(spec["subject"]["namespaces"], ends[0]):
                listed: list[Spec] = spec[way]
                for each in listed:
                    if applies(each, ends[1], port):
                        return str(each["action"])
        return "Pass"


def orders(objects: Sequence[WrittenObject]) -> Iterator[tuple[WrittenObject, ...]]:
    """Every order that keeps to the priorities of each tier."""
    for order in permutations(objects):
        ranks = [(tier_of(item), item.fields["spec"].get("priority")) for item in order]
        pairs = [(one, two) for place, one in enumerate(ranks) for two in ranks[place + 1 :]]
        if all(one[0] != two[0] or None in (one[1], two[1]) or one[1] <= two[1] for one, two in pairs):
            yield order


def connections() -> Iterator[tuple[ConcreteEndpoint, ConcreteEndpoint, int]]:
    for source, destination, port in product(ENDS, ENDS, NUMBERS):
        if source is not destination:
            yield source, destination, port


@given(admin_objects(), network_objects())
@drawn
def test_every_reading_is_decided_as_it_says_and_open_readings_by_what_they_have_in_common(
    wide: list[WrittenObject], narrow: list[WrittenObject]
) -> None:
    """Under each order and each way of hiding the Baseline, and under all of them."""
    policies = cluster(*wide, *narrow)
    readings = [*product(orders(wide), HIDDEN_BY)]
    for source, destination, port in connections():
        said: set[bool] = set()
        for order, by in readings:
            expected = Plain(order, narrow, by).allows(source, destination, port)
            reading = Reading(False, tuple(f"{item.kind}/{item.name}" for item in order), by)
            found = policies.decide(source, destination, "TCP", port, "IPv4", reading=reading)
            assert (found.allowed, found.depends_on) == (expected, ()), (reading, source, destination, port)
            said.add(expected)
        either = policies.decide(source, destination, "TCP", port, "IPv4", reading=Readings(None, None, None, None))
        assert either.allowed is (said.pop() if len(said) == 1 else None)
        assert bool(either.depends_on) is (either.allowed is None)


@given(admin_objects(), network_objects(), st.sampled_from(ENDS[:3]), st.sampled_from(ENDS), st.sampled_from(NUMBERS))
@drawn
def test_a_verdict_reached_without_knowing_holds_however_it_turns_out(
    wide: list[WrittenObject],
    narrow: list[WrittenObject],
    source: ConcreteEndpoint,
    destination: ConcreteEndpoint,
    port: int,
) -> None:
    policies = cluster(*wide, *narrow)
    for unknown, by, host in product((source, destination), HIDDEN_BY, HOST_NETWORK):
        reading = Reading(True, (), by, host)
        vague = replace(unknown, namespace_labels=None, ips=()) if unknown.kind == "pod" else unknown
        one, other = (vague if end is unknown else end for end in (source, destination))
        exact = policies.decide(source, destination, "TCP", port, "IPv4", reading=reading)
        found = policies.decide(one, other, "TCP", port, "IPv4", reading=reading)
        assert found.allowed in (None, exact.allowed)
        assert bool(found.depends_on) is (found.allowed is None)


@given(admin_objects(), network_objects())
@drawn
def test_the_order_in_which_policies_are_read_changes_no_open_answer(
    wide: list[WrittenObject], narrow: list[WrittenObject]
) -> None:
    there, back = cluster(*wide, *narrow), cluster(*narrow, *reversed(wide))
    for source, destination, port in connections():
        one, other = (
            each.decide(source, destination, "TCP", port, "IPv4", reading=Readings(True)) for each in (there, back)
        )
        assert one.allowed is other.allowed


def of_parts(found: AdminRuleWalk) -> Truth:
    """A rule's truth put together from its single requirements."""
    peers = any_of(all_of(each.truth for each in peer.requirements) for peer in found.peers)
    ports = any_of(port.requirement.truth for port in found.ports)
    return all_of((peers, ports) if found.ports else (peers,))


@given(admin_objects(), network_objects(), st.booleans())
@drawn
def test_every_truth_of_the_walk_through_the_tiers_is_the_evaluators(
    wide: list[WrittenObject], narrow: list[WrittenObject], vague: bool
) -> None:
    policies = cluster(*wide, *narrow)
    read = {policy.reference: policy for policy in (*policies.admin, *policies.baseline)}
    hosted = pod("agent", "10.0.0.1", host_network=True)
    for known, destination in permutations((*ENDS, hosted), 2):
        source = replace(known, namespace_labels=None) if vague else known
        traffic = Traffic(source, destination, "TCP", 80, "IPv4", Reading(True, host_network_pods="ordinary"))
        for way in WAYS:
            walk = walk_direction(policies, way, [traffic], "TCP 80")
            assert walk.side == policies.decide_side(way, traffic)
            for seen in (*walk.admin, *walk.baseline):
                selects = read[seen.name].selects(traffic.subject(way))
                assert seen.selects == selects == all_of(each.truth for each in seen.subject)
                for found, own in zip(seen.rules, read[seen.name].rules[way], strict=True):
                    assert found.truth == own.matches(traffic, way, policies.around)
                    assert of_parts(found).value is found.truth.value
                    assert (found.line, found.index, found.action) == (own.line, own.index, own.action)


@given(admin_objects(), network_objects(), st.sampled_from(ENDS), st.sampled_from(ENDS))
@drawn
def test_an_explanation_says_what_evaluate_says(
    wide: list[WrittenObject], narrow: list[WrittenObject], source: ConcreteEndpoint, destination: ConcreteEndpoint
) -> None:
    """Under every reading at once, over both ports, in every format."""
    policies, readings = cluster(*wide, *narrow), Readings(True, None, None, None)
    question = Question(source, destination, (PortRange("TCP", 80, 81),), ("IPv4",))
    explanation = explain(Asked({"from": "x", "to": "y", "port": 1}, question, readings), policies)
    assert explanation.allowed is ask(question, policies, readings).allowed
    for piece in explanation.pieces:
        for first, _ in piece.ports:
            decision = policies.decide(source, destination, "TCP", first, "IPv4", reading=readings)
            assert (decision.allowed, decision.depends_on) == (piece.allowed, piece.depends_on)
        sides = (piece.egress.side.allowed, piece.ingress.side.allowed)
        assert piece.allowed is not True or sides == (True, True)
        assert piece.allowed is not None or None in sides
    for render in (render_explain_text, render_explain_markdown):
        for look in (Look(), Look(quiet=True), Look(verbose=True)):
            word = {True: "ALLOWED", False: "BLOCKED", None: "UNDETERMINED"}[explanation.allowed]
            assert word in render(explanation, look).splitlines()[0]
    assert render_explain_json(explanation)
