"""Where connections arrive: the destinations of a property with their ports, which for a Service are the Service's.

``ports`` of a property beside ``to: {service: …}`` are ports of the Service; each leads to the pods' ports behind it.
In a list every element reads ``ports`` in its own way: a Service its own, everything else the destination's. The
concrete twin is ``concrete_arrivals``, written apart on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..encodings.cluster import Cluster
from ..encodings.connection import Connection
from ..encodings.policy import NamedPort, PortMatch, PortRange
from ..encodings.services import Service, ServicePort, service_of
from ..encodings.terms import Term
from ..encodings.written import WrittenObject
from .elements import Element, Elements, ServiceElement, member, member_of
from .mentions import port_matches
from .question import Inhabited
from .suite import Ports


@dataclass(frozen=True, slots=True)
class Part:
    """Destinations that read ports in one way: one Service, or everything in a list that is none."""

    elements: Elements
    service: Service | None

    def ports(self, ports: Ports | None) -> tuple[PortMatch, ...] | None:
        """The destinations' ports that ``ports`` mean; None for all of them."""
        if self.service is None:
            return port_matches(ports)
        return tuple(dict.fromkeys(port.target for port in ports_named(self.service, ports)))

    def on(self, ports: Ports | None, connection: Connection) -> Term:
        """The connection's port is one of those."""
        return connection.any_port(self.ports(ports))

    def arrives(self, ports: Ports | None, connection: Connection) -> tuple[Term, ...]:
        """The connection's destination is here, and its port is one of those: both must hold."""
        return member(self.elements, connection.destination), self.on(ports, connection)


def parts_of(elements: Elements, cluster: Cluster) -> tuple[Part, ...]:
    """The parts of a list of destinations."""
    plain = tuple(each for each in elements if not isinstance(each, ServiceElement))
    services = [each for each in elements if isinstance(each, ServiceElement)]
    first = (Part(plain, None),) if plain or not services else ()
    return (*first, *(Part((each,), service_in(each, cluster.services)) for each in services))


def arrives(elements: Elements, ports: Ports | None, connection: Connection) -> tuple[Term, ...]:
    """The connection arrives at one of the elements, on a port that ``ports`` means there: all terms must hold."""
    parts = parts_of(elements, connection.world.cluster)
    if len(parts) == 1:
        return parts[0].arrives(ports, connection)
    terms = connection.world.terms
    return (terms.any_of(terms.all_of(part.arrives(ports, connection)) for part in parts),)


def inhabited(elements: Elements, ports: Ports | None, connection: Connection) -> tuple[Inhabited, ...]:
    """What each element must match: of a Service a pod behind it that has one of its ports."""
    return tuple(_inhabited(part, element, ports, connection) for part, element in _each(elements, connection))


def _each(elements: Elements, connection: Connection) -> Iterable[tuple[Part, Element]]:
    """The elements in order, each with the part that it belongs to."""
    parts = parts_of(elements, connection.world.cluster)
    return ((next(part for part in parts if element in part.elements), element) for element in elements)


def _inhabited(part: Part, element: Element, ports: Ports | None, connection: Connection) -> Inhabited:
    here = member_of(element, connection.destination)
    matches = part.ports(ports)
    if part.service is None or matches is None:
        return Inhabited(element.text, here)
    named = [match for match in matches if isinstance(match, NamedPort)]
    text = element.text
    if named and len(named) == len(matches):
        text += f" with a container port named {' or '.join(f'{each.name} ({each.protocol})' for each in named)}"
    return Inhabited(text, connection.world.terms.all_of((here, connection.any_port(matches))))


def begins(elements: Elements, ports: Ports | None, connection: Connection) -> Term:
    """The connection's port is the first of a range that the property names."""
    parts = parts_of(elements, connection.world.cluster)
    firsts = [
        match.first
        for part in parts
        for match in part.ports(ports) or ()
        if isinstance(match, PortRange) and match.first > 1
    ]
    return connection.world.terms.any_of(connection.has_port(first) for first in firsts)


def service_in(element: ServiceElement, services: Mapping[str, tuple[WrittenObject, ...]]) -> Service:
    """The Service that an element names; of several objects of that name the last counts."""
    return service_of(services[element.service][-1])


def ports_named(service: Service, ports: Ports | None) -> tuple[ServicePort, ...]:
    """The Service's ports that ``ports`` name, by number or by the Service's own names; None: all of them."""
    wanted = port_matches(ports)
    if wanted is None:
        return service.ports
    return tuple(port for port in service.ports if any(names(each, port) for each in wanted))


def names(wanted: PortMatch, port: ServicePort) -> bool:
    """Does an entry of ``ports`` mean this port of a Service?"""
    if wanted.protocol != port.protocol:
        return False
    return wanted.name == port.name if isinstance(wanted, NamedPort) else wanted.first <= port.number <= wanted.last
