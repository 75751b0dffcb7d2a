"""The circumstances of a connection, of which pairs are covered beside the boundaries.

A program may be right at every boundary and go wrong where two things meet: refused by one end alone, in the policy's
own namespace. So what the ends say meets who they are, over which protocol, by which rule, at which address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from ....encodings.addresses import Family, Network, parse_address
from ....encodings.concrete.endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint
from ....encodings.concrete.evidence import Side
from ..model import Flow
from .truth import Sides, Truth

Kind = Literal["outcome", "place", "protocol", "family", "policy", "cause", "labels", "number", "address"]
Circumstance = tuple[Kind, str]
Pair = tuple[Circumstance, Circumstance]
_MEETING: dict[Kind, tuple[Kind, ...]] = {
    "outcome": ("place", "protocol", "family", "policy", "cause", "labels", "number", "address"),
    "place": ("protocol", "family", "policy", "cause"),
    "protocol": ("family",),
    "cause": ("family", "labels", "address"),
    "policy": ("address",),
}
"""Kinds that are covered in pairs. Protocols and numbers meet causes at the boundaries of ports."""


class Circumstances:
    """The circumstances of flows in the cluster of ``truth``. ``networks``: blocks and exceptions of the policies."""

    def __init__(self, truth: Truth, networks: Collection[Network]) -> None:
        self._truth = truth
        self._networks = tuple(networks)
        self._addresses: dict[tuple[str, Family], str] = {}

    def pairs(self, flow: Flow) -> frozenset[Pair]:
        """The pairs of circumstances of a flow."""
        found: dict[Kind, dict[Circumstance, None]] = {}
        for each in self._of(flow):
            found.setdefault(each[0], {})[each] = None
        return frozenset(
            (one, other)
            for kind, partners in _MEETING.items()
            for one in found.get(kind, ())
            for partner in partners
            for other in found.get(partner, ())
        )

    def causes(self, flow: Flow) -> frozenset[Circumstance]:
        """Which policies refuse it, or which rules allow it."""
        sides = self._truth.sides(flow)
        return frozenset(("cause", cause) for side in (sides.egress, sides.ingress) for cause in _causes(side))

    def _of(self, flow: Flow) -> Iterator[Circumstance]:
        sides = self._truth.sides(flow)
        source, destination = self._truth.end(flow.source), self._truth.end(flow.destination)
        yield "outcome", _outcome(sides)
        yield "place", _place(source, destination)
        yield "protocol", flow.protocol
        yield "family", flow.family
        for policy in self._truth.governing(flow):
            yield "policy", f"governed by {policy}"
        for side in (sides.egress, sides.ingress):
            for cause in _causes(side):
                yield "cause", cause
        if source.kind == destination.kind == "pod":
            yield "labels", "equal labels" if source.labels == destination.labels else "different labels"
        if destination.ports:
            named = any(port.number == flow.port for port in destination.ports)
            yield "number", "a port with a name" if named else "a port without a name, beside ports with one"
        if self._networks:
            yield "address", f"from {self._address(flow.source, flow.family)}"
            yield "address", f"to {self._address(flow.destination, flow.family)}"

    def _address(self, end: str, family: Family) -> str:
        """In which blocks its address is."""
        found = self._addresses.get((end, family))
        if found is None:
            own = self._truth.end(end)
            numbers = dict(map(parse_address, own.ips))
            number = numbers.get(family, -1)
            held = [str(each) for each in self._networks if each.family == family and each.base <= number <= each.last]
            who = "a pod" if own.kind == "pod" else "an address"
            found = self._addresses[end, family] = f"{who} in {', '.join(held) or 'no block'}"
        return found


def sentence(pair: Pair) -> str:
    """A pair in words."""
    return f"{pair[0][1]}, {pair[1][1]}"


def _outcome(sides: Sides) -> str:
    return f"{_said('source', sides.egress)} and {_said('destination', sides.ingress)}"


def _said(role: str, side: Side) -> str:
    if not side.isolated:
        return f"{role} not governed"
    return f"{role} lets it through" if side.allowed else f"{role} refuses"


def _place(source: ConcreteEndpoint, destination: ConcreteEndpoint) -> str:
    if source.kind != "pod":
        return "from outside"
    if destination.kind != "pod":
        return "to outside"
    if source.namespace == destination.namespace:
        return "in one namespace"
    alike = _labels(source) == _labels(destination)
    return "between namespaces with equal labels" if alike else "between namespaces with different labels"


def _labels(end: ConcreteEndpoint) -> dict[str, str]:
    """The labels of its namespace that somebody gave it."""
    return {key: value for key, value in (end.namespace_labels or {}).items() if key != NAMESPACE_NAME_LABEL}


def _causes(side: Side) -> Iterator[str]:
    """The policies that refuse, or the rules that allow: whether others do, too, is part of it."""
    reasons = [reason for reason in side.because if reason.policy is not None]
    alone = "alone" if len(reasons) == 1 else "among others"
    for reason in reasons:
        rule = "" if reason.rule is None else f"[{reason.rule}]"
        yield f"{reason.policy} {side.direction}{rule} {alone}"
