"""Ports of the command line and of flows files: ``TCP/5432``, ``5432``, ``UDP/53``, ``TCP/8000-8010``,
``TCP/http``.

Source: ``contract``: *Endpoints and ports on the command line*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.problems import did_you_mean
from .flow_endpoints import Place

PROTOCOLS = ("TCP", "UDP", "SCTP")
FORMS = "a port is a number, PROTOCOL/NUMBER, PROTOCOL/FIRST-LAST or PROTOCOL/NAME"
_NAME = re.compile(r"^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$")


@dataclass(frozen=True, slots=True)
class PortRange:
    """The destination ports a flow asks about, ``first`` to ``last``, over one protocol."""

    protocol: str
    first: int
    last: int


def resolve_port(expression: object, destination: ConcreteEndpoint, place: Place) -> tuple[PortRange, ...]:
    """The numbers an expression means; a name means those under which the destination declares it.

    InputErrors if it means none.
    """
    if isinstance(expression, int) and not isinstance(expression, bool):
        expression = str(expression)
    if not isinstance(expression, str):
        raise place.mistake("must be a port", FORMS)
    protocol, slash, text = expression.partition("/")
    if not slash:
        protocol, text = "TCP", expression
    if protocol not in PROTOCOLS:
        hint = did_you_mean(protocol.upper(), PROTOCOLS) or f"one of {', '.join(PROTOCOLS)}"
        raise place.mistake(f"{protocol!r} is not a protocol", hint)
    first, dash, last = text.partition("-")
    if max(len(first), len(last)) > len("65535") and first.isdecimal():  # Python refuses to convert thousands of digits
        raise place.mistake("a port must be between 1 and 65535, inclusive")
    if first.isdecimal() and (last.isdecimal() if dash else True):
        return (_range(protocol, int(first), int(last) if dash else int(first), place),)
    if not _NAME.match(text):
        raise place.mistake(f"{expression!r} is not a port", FORMS)
    return _named(protocol, text, destination, place)


def _range(protocol: str, first: int, last: int, place: Place) -> PortRange:
    if not 1 <= first <= 65535 or not 1 <= last <= 65535:
        raise place.mistake("a port must be between 1 and 65535, inclusive")
    if last < first:
        raise place.mistake(f"the range {first}-{last} is empty")
    return PortRange(protocol, first, last)


def _named(protocol: str, name: str, destination: ConcreteEndpoint, place: Place) -> tuple[PortRange, ...]:
    if destination.kind != "pod":
        raise place.mistake(f"{destination.name} is an address: it has no port named {name!r}", "give a number")
    if destination.ports is None:
        message = f"the container ports of {destination.name} are unknown, and so is a port named {name!r}"
        raise place.mistake(message, "give a number")
    numbers = sorted({own.number for own in destination.ports if (own.name, own.protocol) == (name, protocol)})
    if not numbers:
        declared = sorted({f"{own.protocol}/{own.name}" for own in destination.ports})
        listed = f"it declares {', '.join(declared)}" if declared else "it declares no named port"
        raise place.mistake(f"{destination.name} declares no port {protocol}/{name}", listed)
    return tuple(PortRange(protocol, number, number) for number in numbers)


def render_ranges(numbers: list[tuple[int, int]]) -> str:
    """``8000-8003,8005``: ranges ascending, adjacent ones merged."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(numbers):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in merged)
