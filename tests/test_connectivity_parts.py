"""The pieces that connectivity is computed with: intervals, port maps, address ranges, three-valued sets, classes."""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
from connectivity_support import Answers, connectivity_of
from hypothesis import given
from netpol_verify.encodings.addresses import IPV4_MAPPED, parse_address, parse_network
from netpol_verify.encodings.policy import PROTOCOLS, BlockPeer, NamedPort, PortRange, Protocol
from netpol_verify.encodings.selectors import Requirement, matches
from netpol_verify.verify.connectivity.graph import graph_of
from netpol_verify.verify.connectivity.intervals import Intervals, intersect, normal, subtract
from netpol_verify.verify.connectivity.labels import LabelIndex
from netpol_verify.verify.connectivity.nodes import by_reach
from netpol_verify.verify.connectivity.portmaps import (
    CLOSED,
    EVERY,
    PortMap,
    agreement,
    both_ends,
    by_knowledge,
    port_map,
    ports_of,
)
from netpol_verify.verify.connectivity.ranges import AddressSpace, outside, whole
from netpol_verify.verify.connectivity.truths import NOTHING, Dependency, Truths, Unknowns, any_of, bits, both
from support import manifests_of

SMALL = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (min(pair), max(pair))), max_size=5)


def numbers(intervals: Intervals) -> set[int]:
    return {number for first, last in intervals for number in range(first, last + 1)}


@given(SMALL, SMALL)
def test_intervals_are_sets_of_numbers(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    one, other = normal(left), normal(right)
    assert numbers(one) == numbers(tuple(left))
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(one)), "no neighbours"
    assert numbers(intersect(one, other)) == numbers(one) & numbers(other)
    assert numbers(subtract(one, other)) == numbers(one) - numbers(other)


A, B = (frozenset({Dependency(name)}) for name in "ab")
ENDS = range(6)
TRUTH = st.sampled_from((None, NOTHING, A, B))


def truths_of(values: list[Unknowns | None]) -> Truths:
    """What is known of each end: it does not hold (None), it does (nothing), or what that depends on."""
    surely = sum(1 << end for end, value in enumerate(values) if value is not None and not value)
    unsure = {kind: sum(1 << end for end, value in enumerate(values) if value == kind) for kind in (A, B)}
    return Truths(surely, tuple((kind, ends) for kind, ends in unsure.items() if ends))


def value_at(truths: Truths, end: int) -> Unknowns | None:
    found = [unknowns for unknowns, ends in truths.cases() if ends >> end & 1]
    assert len(found) <= 1
    return found[0] if found else None


@given(st.lists(st.lists(TRUTH, min_size=6, max_size=6), min_size=2, max_size=4))
def test_sets_of_truths_combine_as_kleene_has_it(drawn: list[list[Unknowns | None]]) -> None:
    listed = [truths_of(values) for values in drawn]
    either, together = any_of(listed), both(listed[0], listed[1])
    for end in ENDS:
        values = [values[end] for values in drawn]
        unknowns = NOTHING.union(*(value for value in values if value))
        expected = NOTHING if NOTHING in values else unknowns or None
        assert value_at(either, end) == expected
        two = values[:2]
        assert value_at(together, end) == (None if None in two else NOTHING.union(*(each or NOTHING for each in two)))


LABELS = st.dictionaries(st.sampled_from("kl"), st.sampled_from(("", "v", "w")), max_size=2)
REQUIREMENT = st.builds(
    Requirement,
    st.sampled_from("klm"),
    st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")),
    st.lists(st.sampled_from(("", "v", "x")), max_size=2).map(tuple),
)


@given(st.lists(LABELS, max_size=6), st.lists(REQUIREMENT, max_size=3).map(tuple))
def test_the_index_of_labels_selects_as_a_selector_does(
    labels: list[dict[str, str]], selector: tuple[Requirement, ...]
) -> None:
    found = LabelIndex((each, (), False) for each in labels).selected(selector, Dependency)
    assert found == Truths(sum(1 << number for number, each in enumerate(labels) if matches(selector, each)))


def test_what_is_unknown_of_labels_leaves_a_selector_open() -> None:
    index = LabelIndex([({"k": "v"}, (), True), ({}, ("k",), False), ({}, (), True)])
    on_k, on_m = (frozenset({Dependency(key)}) for key in "km")

    def ask(key: str, operator: str, *values: str) -> Truths:
        assert operator in ("In", "NotIn", "Exists", "DoesNotExist")
        return index.selected((Requirement(key, operator, values),), Dependency)

    assert ask("k", "In", "v") == Truths(0b001, ((on_k, 0b110),))
    assert ask("k", "NotIn", "v") == Truths(0b000, ((on_k, 0b110),))
    assert ask("k", "Exists") == Truths(0b011, ((on_k, 0b100),))
    assert ask("m", "DoesNotExist") == Truths(0b010, ((on_m, 0b101),))


def port_range(protocol: Protocol, one: int, other: int) -> PortRange:
    return PortRange(protocol, min(one, other), max(one, other))


PORTS = st.lists(
    st.builds(port_range, st.sampled_from(PROTOCOLS), st.integers(1, 9), st.integers(1, 9)),
    max_size=3,
)


def open_ports(ports: PortMap) -> set[tuple[str, int]]:
    return {(protocol, number) for protocol, first, last in ports_of(ports) for number in range(first, last + 1)}


@given(PORTS, PORTS)
def test_port_maps_are_sets_of_ports_of_three_protocols(left: list[PortRange], right: list[PortRange]) -> None:
    one, other = port_map(left, ()), port_map(right, ())
    assert open_ports(one) == {(each.protocol, n) for each in left for n in range(each.first, each.last + 1)}
    assert open_ports(both_ends(one, other)) == open_ports(one) & open_ports(other)
    assert open_ports(agreement([one, other], Dependency("x"))) == open_ports(one) | open_ports(other)
    for unknowns, part in by_knowledge(agreement([one, other], Dependency("x"))):
        ports = {(protocol, number) for protocol, first, last in part for number in range(first, last + 1)}
        agreed = open_ports(one) & open_ports(other)
        assert ports == (open_ports(one) ^ open_ports(other) if unknowns else agreed)


def test_ports_of_different_protocols_never_run_together() -> None:
    assert ports_of(EVERY) == (("SCTP", 1, 65535), ("TCP", 1, 65535), ("UDP", 1, 65535))
    assert port_map([PortRange("TCP", 0, 70000)], ()) == port_map([PortRange("TCP", 1, 65535)], ())


def test_a_named_port_is_every_number_that_carries_the_name() -> None:
    declared: tuple[tuple[str, Protocol, int], ...] = (("dns", "UDP", 53), ("dns", "TCP", 54), ("dns", "UDP", 55))
    assert ports_of(port_map([NamedPort("UDP", "dns")], declared)) == (("UDP", 53, 53), ("UDP", 55, 55))
    assert port_map([NamedPort("UDP", "dns")], ()) == CLOSED


def test_ranges_are_cut_where_blocks_end_and_merged_where_they_are_chosen() -> None:
    block = BlockPeer(parse_network("10.0.0.0/8"), (parse_network("10.1.0.0/16"),))
    space = AddressSpace([block], {"IPv4": outside("IPv4", (), [parse_address("10.0.0.5")])})
    inside = space.in_block(block)
    assert [str(each) for each in space.merged(inside)] == [
        "10.0.0.0-10.0.0.4",
        "10.0.0.6-10.0.255.255",
        "10.2.0.0-10.255.255.255",
    ]
    everything = (1 << len(space.ranges)) - 1
    assert [str(each) for each in space.merged(everything)] == ["0.0.0.0-10.0.0.4", "10.0.0.6-255.255.255.255"]
    assert len(list(bits(inside))) == 3


def test_the_hole_of_mapped_addresses_ends_a_range_only_where_its_sides_differ() -> None:
    block = BlockPeer(parse_network("::/64"))
    below = BlockPeer(parse_network("::/82"))  # ends inside the first 2^46 addresses, which hold the mapped ones
    space = AddressSpace([block, below], {"IPv6": outside("IPv6", (), ())})
    assert [str(each) for each in space.merged(space.in_block(block))] == ["::-::ffff:ffff:ffff:ffff"]
    assert not any(each.first <= IPV4_MAPPED <= each.last for each in space.ranges)
    assert outside("IPv6", (), ()) != whole("IPv6")


DEPLOYMENT = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: {space}, labels: {labels}}}
spec: {{containers: [{{name: c, image: i, ports: [{{name: http, containerPort: {port}}}]}}]}}
---
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: http}]}]
"""


def pods(*described: tuple[str, str, str, int]) -> str:
    return "".join(DEPLOYMENT.format(name=n, space=s, labels=labels, port=port) for n, s, labels, port in described)


def test_classes_are_what_policies_tell_apart_and_no_more() -> None:
    found = connectivity_of(
        manifests_of(
            pods(
                ("web-1", "shop", "{app: web, color: red}", 80),
                ("web-2", "shop", "{app: web, color: blue}", 80),
                ("odd-1", "shop", "{app: x}", 80),
                ("odd-2", "shop", "{app: y}", 80),
                ("bare", "shop", "{}", 80),
                ("db", "shop", "{app: db}", 80),
                ("db-2", "shop", "{app: db}", 81),
                ("far", "blog", "{app: web}", 80),
            )
            + POLICY
        )
    )
    members = [[each.title for each in one.members] for one in found.classes]
    assert members == [
        ["blog/far"],
        ["shop/bare"],
        ["shop/db-2"],
        ["shop/db"],
        ["shop/odd-1", "shop/odd-2"],
        ["shop/web-1", "shop/web-2"],
    ]


def test_nodes_are_workloads_of_a_namespace_with_equal_reach() -> None:
    """Labels tell ``bare`` and ``odd`` apart, what they reach does not."""
    found = connectivity_of(
        manifests_of(
            pods(
                ("odd", "shop", "{app: x}", 80),
                ("bare", "shop", "{}", 80),
                ("db", "shop", "{app: db}", 80),
                ("web", "shop", "{app: web}", 80),
                ("far", "blog", "{app: x}", 80),
            )
            + POLICY
        )
    )
    assert len(found.classes) == 5
    assert [[each.title for each in node.members] for node in by_reach(found)] == [
        ["blog/far"],
        ["shop/bare", "shop/odd"],
        ["shop/db"],
        ["shop/web"],
    ]
    graph = graph_of(found)
    names = [node.members for node in graph.nodes]
    assert names[0] == ("all IPv4 addresses", "all IPv6 addresses")
    talks = {(names[edge.source][0], names[edge.destination][0]) for edge in graph.edges}
    assert ("shop/bare[Pod]", "shop/bare[Pod]") in talks, "bare talks to odd"
    assert ("shop/web[Pod]", "shop/web[Pod]") not in talks, "nobody else is like web"


def test_a_pod_of_a_class_reaches_the_others_and_not_itself() -> None:
    answers = Answers(connectivity_of(manifests_of(pods(("a", "s", "{}", 80), ("b", "s", "{}", 80)))))
    assert len(answers.found.classes) == 1
    assert len(answers.between("s/Pod/a", "s/Pod/b")) == 1
