"""Ports of the command line and of flows files: ``TCP/5432``, ``5432``, ``UDP/53``, ``TCP/8000-8010``,
``TCP/http``.

Source: ``contract``: *Endpoints and ports on the command line*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.problems import did_you_mean
from .flow_endpoints import Place, quoted

PROTOCOLS = ("TCP", "UDP", "SCTP")
FORMS = "a port is a number, PROTOCOL/NUMBER, PROTOCOL/FIRST-LAST or PROTOCOL/NAME"
_NUMBERS = re.compile(r"^[^-]+(-[^-]+)?$")
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
        raise place.mistake(f"{quoted(protocol)} is not a protocol", hint)
    if _NUMBERS.match(text) and text.replace("-", "").isnumeric():
        return (_range(protocol, text, place),)
    if not _NAME.match(text):
        raise place.mistake(f"{quoted(expression)} is not a port", FORMS)
    return _named(protocol, text, destination, place)


def _range(protocol: str, text: str, place: Place) -> PortRange:
    """A number or ``FIRST-LAST``, in ASCII digits without leading zeros, as Kubernetes writes ports."""
    start, dash, end = text.partition("-")
    first, last = _number(start, place), _number(end if dash else start, place)
    if last < first:
        raise place.mistake(f"the range {first}-{last} is empty")
    return PortRange(protocol, first, last)


def _number(text: str, place: Place) -> int:
    if not text.isascii() or not text.isdecimal():
        raise place.mistake(f"{quoted(text)} is not a port number", "write it in the digits 0 to 9, such as TCP/8080")
    plain = text.lstrip("0")
    if len(plain) > len("65535") or not plain or int(plain) > 65535:  # Python refuses to convert thousands of digits
        raise place.mistake(f"{quoted(text)} is not a port: it must be between 1 and 65535, inclusive")
    if plain != text:
        raise place.mistake(f"{quoted(text)} has leading zeros", f"write {plain}")
    return int(plain)


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
