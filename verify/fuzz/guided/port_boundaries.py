"""Boundaries of port entries: protocols, the ends of ranges, named ports against their numbers and protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ....encodings.policy import PROTOCOLS, Protocol
from .boundary import Boundary, inside, outside
from .forms import NO_PORT, Mutant, Named, Numbers, Port, Rule, replaced
from .outline import Outline

LAST = 65535


@dataclass(frozen=True, slots=True)
class _Place:
    """A port entry in its rule: mutants in which it is another, or in which there is one more."""

    rule: Rule
    number: int
    having_rule: Callable[[Rule], Mutant]

    def having(self, port: Port) -> Mutant:
        return self.having_rule(replace(self.rule, ports=replaced(self.rule.ports or (), self.number, port)))

    def adding(self, port: Port) -> Mutant:
        return self.having_rule(replace(self.rule, ports=(*(self.rule.ports or ()), port)))


def port_boundaries(
    outline: Outline, place: str, rule: Rule, having_rule: Callable[[Rule], Mutant]
) -> Iterator[Boundary]:
    """The boundaries of a rule's ports, ``place`` being where they are written."""
    if rule.ports is None:
        for protocol in PROTOCOLS:
            others = tuple(Numbers(each, 1, LAST) for each in PROTOCOLS if each != protocol)
            side = inside(having_rule(replace(rule, ports=others)))
            yield Boundary(f"{place} absent: {protocol}", f"any port of any protocol: {protocol}", (side,))
        return
    any_port = outside(having_rule(replace(rule, ports=None)))
    for number, port in enumerate(rule.ports):
        at, where = f"{place}[{number}]", _Place(rule, number, having_rule)
        nothing = inside(where.having(NO_PORT))
        yield Boundary(at, "the port as a whole", (nothing, any_port))
        for protocol in PROTOCOLS:
            if protocol != port.protocol:
                other = outside(where.adding(_of_protocol(port, protocol)))
                yield Boundary(f"{at} {protocol}", f"{port.protocol}, and {protocol} instead", (nothing, other))
        if isinstance(port, Numbers):
            yield from _ends(at, port, where)
        else:
            yield from _name(outline, at, port, where)


def _of_protocol(port: Port, protocol: Protocol) -> Port:
    """The same port of another protocol. A name means what it means for the protocol that it was written with."""
    return replace(port, protocol=protocol)


def _ends(at: str, port: Numbers, where: _Place) -> Iterator[Boundary]:
    shown = f"{port.protocol}/{port.first}" + ("" if port.last == port.first else f"-{port.last}")
    single = port.first == port.last
    within = inside(where.having(NO_PORT if single else replace(port, first=port.first + 1)))
    sides = (within,) if port.first == 1 else (within, outside(where.adding(_number(port, port.first - 1))))
    yield Boundary(f"{at} first", f"the first port of {shown}", sides)
    within = inside(where.having(NO_PORT if single else replace(port, last=port.last - 1)))
    sides = (within,) if port.last == LAST else (within, outside(where.adding(_number(port, port.last + 1))))
    yield Boundary(f"{at} last", f"the last port of {shown}", sides)


def _number(port: Port, number: int) -> Numbers:
    return Numbers(port.protocol, number, number)


def _name(outline: Outline, at: str, port: Named, where: _Place) -> Iterator[Boundary]:
    usual = outline.numbers[port.name]
    named = inside(where.having(replace(port, besides=usual)))
    unnamed = outside(where.adding(_number(port, usual)))
    yield Boundary(
        f"{at} {port.name} declared",
        f"{port.name} where it is declared at {usual}, and {usual} where not",
        (named, unnamed),
    )
    elsewhere = outside(where.adding(replace(port, elsewhere=True)))
    yield Boundary(
        f"{at} {port.name} elsewhere", f"another number than that declared as {port.name}", (named, elsewhere)
    )
    for protocol in PROTOCOLS:
        if protocol != port.protocol:
            text = f"{port.name} declared for {protocol}, not {port.protocol}"
            loose = outside(where.adding(replace(port, declared=protocol)))
            both = outside(where.adding(replace(port, protocol=protocol, declared=protocol)))
            yield Boundary(f"{at} {port.name} declared for {protocol}", text, (named, loose))
            yield Boundary(f"{at} {port.name} asked for {protocol}", f"{text}, and asked for it", (named, both))
