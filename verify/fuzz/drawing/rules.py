"""Rules of policies: peers, ports, and the two together."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from ..model import Raw
from ..walk import PEERS, Direction, sequence
from .odds import ABSENT, Odds, Without, fields, pick
from .selectors import namespace_selectors, pod_selectors
from .vocabulary import NAMED_PROTOCOLS, NUMBERS, RANGES, blocks, covering, holds_pod, port_names


@cache
def rule_lists(direction: Direction, without: Without) -> st.SearchStrategy[Any]:
    """What is written under ``ingress`` or ``egress``: rules, nothing in its forms, or rules that share ranges."""
    odds: list[Odds[Any]] = [
        (2, ABSENT),
        (12, "rules"),
        (1, "shared", "end-port"),
        (1, "same"),
        (2, []),
        (1, None, "null-list"),
    ]
    form = pick(without, *odds)
    forms = {
        "rules": st.lists(_rules(direction, without), min_size=1, max_size=2),
        "shared": _shared_ranges(PEERS[direction], without),
        "same": _same_peers(PEERS[direction], without),
    }

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:
        chosen = draw(form)
        return draw(forms[chosen]) if isinstance(chosen, str) else chosen

    return drawn()


@cache
def _rules(direction: Direction, without: Without) -> st.SearchStrategy[Any]:
    """One rule; empty and null ones allow everything."""
    side = PEERS[direction]
    odds: list[Odds[Any]] = [(1, {}), (16, "written"), (2, None, "null-rule")]
    if direction == "egress":
        odds.append((2, "a name of anybody", "named-port wrong-protocol-named-port"))
    form = pick(without, *odds)
    peers = pick(without, (3, ABSENT), (1, []), (1, None, "null-list"), (12, "some"))
    ports = pick(without, (8, ABSENT), (1, []), (1, None, "null-list"), (11, "some"))
    some_peers = st.lists(_peers(without), min_size=1, max_size=2)
    some_ports = st.lists(_ports(without), min_size=1, max_size=2)
    unnamed_ports = st.lists(_ports(without | {"named-port"}), min_size=1, max_size=2)
    name = _named_ports(without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:
        whole = draw(form)
        if whole == "a name of anybody":
            return {"ports": [draw(name)]}
        if whole != "written":
            return whole
        whom, where = draw(peers), draw(ports)
        if whom == "some":
            whom = draw(some_peers)
        if where == "some":
            # An address has no names: where every destination must declare them, none is asked of addresses.
            to_addresses = direction == "egress" and _hold_addresses(whom)
            careful = to_addresses and "wrong-protocol-named-port" in without
            where = draw(unnamed_ports if careful else some_ports)
        return fields(**{side: whom, "ports": where})

    return drawn()


def _hold_addresses(peers: object) -> bool:
    """Whether what is written as peers matches addresses: where there are none, every address does."""
    some = sequence(peers)
    return not some or any(peer.get("ipBlock") for peer in some)


@cache
def _peers(without: Without) -> st.SearchStrategy[Raw]:
    """A peer in one of its four legal shapes, unused fields absent or null."""
    shape = pick(without, (3, "pods"), (4, "namespaces"), (4, "both"), (4, "block", "ip-block"))
    null = pick(without, (5, False), (1, True, "null-list"))
    of_pods, of_namespaces, block = pod_selectors(without), namespace_selectors(without), _blocks(without)
    unused = {
        "pods": ("namespaceSelector", "ipBlock"),
        "namespaces": ("podSelector", "ipBlock"),
        "both": ("ipBlock",),
        "block": ("podSelector", "namespaceSelector"),
    }

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(shape)
        peer: Raw = {}
        if chosen == "block":
            peer["ipBlock"] = draw(block)
        if chosen in ("namespaces", "both"):
            peer["namespaceSelector"] = draw(of_namespaces)
        if chosen in ("pods", "both"):
            peer["podSelector"] = draw(of_pods)
        return peer | (dict.fromkeys(unused[chosen]) if draw(null) else {})

    return drawn()


@cache
def _blocks(without: Without) -> st.SearchStrategy[Raw]:
    """An ipBlock, with or without exceptions."""
    whole = st.sampled_from(blocks(without))
    form = pick(without, (3, ABSENT), (1, [], "except"), (1, None, "except null-list"), (4, "some", "except"))

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        (cidr, possible), exceptions = draw(whole), draw(form)
        if exceptions == "some":
            exceptions = draw(_some(possible)) if possible else []
        block = fields(cidr=cidr, **{"except": exceptions})
        if "pod-block" in without and holds_pod(block):
            block["except"] = [covering(cidr, possible)]
        return block

    return drawn()


@cache
def _some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


@cache
def _protocols(without: Without) -> st.SearchStrategy[Any]:
    """The protocol of a rule's port, in all its forms."""
    return pick(
        without,
        (4, "TCP"),
        (3, ABSENT, "default-protocol"),
        (3, "UDP", "udp"),
        (1, "SCTP", "sctp"),
        (1, None, "default-protocol null-list"),
    )


@cache
def _ports(without: Without) -> st.SearchStrategy[Any]:
    """A port entry: a number, a range, a name, a protocol alone, or nothing at all."""
    forms: list[Odds[Any]] = [
        (4, "number"),
        (6, "range", "end-port"),
        (5, "name", "named-port"),
        (2, "protocol", "any-port-of-protocol"),
        (1, {}, "any-port-of-protocol default-protocol"),
        (4, None, "any-port-of-protocol default-protocol null-rule"),
    ]
    form = pick(without, *forms)
    protocol, number, span = _protocols(without), st.sampled_from(NUMBERS), st.sampled_from(RANGES)
    no_end = pick(without, (5, ABSENT), (1, None, "end-port null-list"))
    no_port = pick(without, (3, ABSENT), (1, None, "null-list"))
    name = _named_ports(without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:
        chosen = draw(form)
        if chosen == "number":
            return fields(protocol=draw(protocol), port=draw(number), endPort=draw(no_end))
        if chosen == "range":
            first, last = draw(span)
            return fields(protocol=draw(protocol), port=first, endPort=last)
        if chosen == "name":
            return draw(name)
        if chosen == "protocol":
            return fields(protocol=draw(protocol), port=draw(no_port))
        return chosen

    return drawn()


@cache
def _named_ports(without: Without) -> st.SearchStrategy[Raw]:
    """A port by name, with any protocol unless a wrong one is to be left out."""
    name, protocol = st.sampled_from(port_names(without)), _protocols(without)
    tcp = pick(without, (3, "TCP"), (1, ABSENT, "default-protocol"))

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(name)
        if "wrong-protocol-named-port" not in without:
            return fields(protocol=draw(protocol), port=chosen)
        right = NAMED_PROTOCOLS[chosen]
        return fields(protocol=draw(tcp) if right == "TCP" else right, port=chosen)

    return drawn()


def _shared_ranges(side: str, without: Without) -> st.SearchStrategy[list[Raw]]:
    """Three ranges of two peers together, and one of each alone: an evaluator that joins the rules of a peer may let
    the ranges of one leak to the other."""
    spans = st.lists(st.sampled_from(RANGES), min_size=5, max_size=5, unique=True)
    peers = st.lists(_peers(without), min_size=2, max_size=2)
    protocol = pick(without, (3, "TCP"), (1, "UDP", "udp"))

    @st.composite
    def drawn(draw: st.DrawFn) -> list[Raw]:
        which, (one, other) = draw(protocol), draw(peers)
        ports = [{"protocol": which, "port": first, "endPort": last} for first, last in draw(spans)]
        return [
            {side: [one, other], "ports": ports[:3]},
            {side: [one], "ports": ports[3:4]},
            {side: [other], "ports": ports[4:]},
        ]

    return drawn()


def _same_peers(side: str, without: Without) -> st.SearchStrategy[list[Raw]]:
    """Two rules of the same peer that differ in their ports: an evaluator that keeps rules by peer loses one."""
    numbers = st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=2, unique=True)
    peer, protocol = _peers(without), pick(without, (3, "TCP"), (1, "UDP", "udp"))

    @st.composite
    def drawn(draw: st.DrawFn) -> list[Raw]:
        which, one = draw(protocol), draw(peer)
        return [{side: [one], "ports": [{"protocol": which, "port": number}]} for number in draw(numbers)]

    return drawn()
