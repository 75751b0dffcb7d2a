"""Flows over a cluster, drawn blindly: no solver is asked which of them matter.

Ends and ports are those that the manifests mention and their neighbours, which is what a careful tester would try.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import permutations
from typing import TypeAlias

from hypothesis import strategies as st

from ....encodings.validation import parse_cidr
from ..features import TIER_KINDS
from ..model import Cluster, Family, Flow
from ..walk import DEFAULT_PROTOCOL, cidrs_of, container_ports, objects_of, protocol_of, rules_of, tier_rules_of
from .odds import Without, left_out, pick
from .vocabulary import OUTSIDE

PROTOCOLS = ("TCP", "UDP", "SCTP")
PROTOCOL_FEATURES = {"UDP": "udp", "SCTP": "sctp"}
FIRST, LAST = 1, 65535
_NEVER_AN_END = ip_network("0.0.0.0/8"), ip_network("240.0.0.0/4")
"""Addresses of no machine, besides loopback, multicast and unspecified ones."""

Ends: TypeAlias = tuple[str, str, Family]
Port: TypeAlias = tuple[str, int]


def flows(cluster: Cluster, *, without: Collection[str] = ()) -> st.SearchStrategy[Flow]:
    """Flows between the cluster's pods, and between them and addresses outside, also just inside and outside of blocks.

    At least one end is a pod, and never both the same. Nothing can be drawn, as from ``hypothesis.strategies.nothing``,
    if the cluster has no two ends. Raises ValueError for a name that is no feature.
    """
    chosen = left_out(without)
    kinds = {kind: found for kind, found in _ends(cluster, chosen).items() if found}
    if not kinds:
        return st.nothing()
    weights = {"pods": 5, "from outside": 2, "to outside": 2}
    ends = pick(chosen, *((weights[kind], st.sampled_from(found)) for kind, found in kinds.items()))
    ports = _ports(cluster, chosen)

    @st.composite
    def drawn(draw: st.DrawFn) -> Flow:
        source, destination, family = draw(draw(ends))
        protocol, number = draw(ports)
        return Flow(source, destination, protocol, number, family)

    return drawn()


def interesting_ports(cluster: Cluster) -> tuple[Port, ...]:
    """What containers declare and rules mention, with the ends of ranges and the numbers beside, by protocol."""
    found: dict[Port, None] = {}
    for pod in objects_of(cluster, "Pod"):
        for port in container_ports(pod):
            found[protocol_of(port), port["containerPort"]] = None
    for rule in rules_of(objects_of(cluster, "NetworkPolicy")):
        for port in rule.ports:
            for number in _edges(port.get("port"), port.get("endPort")):
                found[protocol_of(port), number] = None
            found.setdefault((protocol_of(port), 80))
    for tier_rule in tier_rules_of(objects_of(cluster, *TIER_KINDS)):
        for entry in (each for each in tier_rule.ports if each.name is None):
            for number in _edges(entry.first, entry.last):
                found[entry.protocol or DEFAULT_PROTOCOL, number] = None
    return tuple(found)


def interesting_addresses(cluster: Cluster, family: Family) -> tuple[str, ...]:
    """Addresses of no pod: a few that are far from everything, and those on both sides of every CIDR's ends."""
    found = dict.fromkeys(OUTSIDE[family])
    for text in _cidrs(cluster):
        network = parse_cidr(text).network
        if (network.version == 4) == (family == "IPv4"):
            found |= dict.fromkeys(map(str, _around(network[0], network[-1])))
    taken = {address for pod in cluster.pods() for address in pod.addresses.values()}
    return tuple(address for address in found if address not in taken)


def _cidrs(cluster: Cluster) -> Iterator[str]:
    """Every CIDR of policies."""
    for rule in rules_of(objects_of(cluster, "NetworkPolicy")):
        for block in rule.blocks():
            yield from cidrs_of(block)
    for rule in tier_rules_of(objects_of(cluster, *TIER_KINDS)):
        yield from rule.networks()


def _edges(first: object, last: object) -> Iterator[int]:
    """The ends of a range of ports, or one port, and the ports beside."""
    if not isinstance(first, int):
        return
    end = last if isinstance(last, int) else first
    yield from (number for number in (first, end, first - 1, end + 1) if FIRST <= number <= LAST)


def _around(first: IPv4Address | IPv6Address, last: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The ends of a range of addresses and the addresses beside, as far as a machine can have them."""
    kind, highest = type(first), (1 << first.max_prefixlen) - 1
    for number in (int(first), int(last), int(first) - 1, int(last) + 1):
        if 0 <= number <= highest and _possible(address := kind(number)):
            yield address


def _possible(address: IPv4Address | IPv6Address) -> bool:
    useless = address.is_unspecified or address.is_loopback or address.is_multicast
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    return not useless and not mapped and not any(address in network for network in _NEVER_AN_END)


def _ends(cluster: Cluster, without: Without) -> dict[str, list[Ends]]:
    """Every pair of ends, by kind."""
    pods = cluster.pods()
    families: list[Family] = ["IPv4"] if "ipv6" in without else ["IPv4", "IPv6"]
    pairs: list[Ends] = []
    incoming: list[Ends] = []
    outgoing: list[Ends] = []
    for family in families:
        speaking = [pod.reference for pod in pods if family in pod.addresses]
        outside = interesting_addresses(cluster, family)
        pairs.extend((one, other, family) for one, other in permutations(speaking, 2))
        if "outside-source" not in without:
            incoming.extend((address, pod, family) for address in outside for pod in speaking)
        if "outside-destination" not in without:
            outgoing.extend((pod, address, family) for address in outside for pod in speaking)
    return {"pods": pairs, "from outside": incoming, "to outside": outgoing}


def _ports(cluster: Cluster, without: Without) -> st.SearchStrategy[Port]:
    """Mostly a port with the protocol it is mentioned with, else any of them with any protocol."""
    drawn = [protocol for protocol in PROTOCOLS if PROTOCOL_FEATURES.get(protocol) not in without]
    mentioned = interesting_ports(cluster)
    numbers = dict.fromkeys((*(number for _, number in mentioned), 80, FIRST, LAST))
    right = [(protocol, number) for protocol, number in mentioned if protocol in drawn]
    mixed = st.tuples(st.sampled_from(drawn), st.sampled_from([*numbers]))
    return st.one_of(*[st.sampled_from(right)] * 3, mixed) if right else mixed
