"""Services that properties name: what keeps one from meaning anything, and what to say of the pods behind it.

A Service is looked at only where a property names it: an object of that kind which nobody names decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..encodings.policy import NamedPort, PortMatch
from ..encodings.problems import InputErrors, Problem, did_you_mean
from ..encodings.services import Service, ServicePort, service_of
from ..encodings.validation import validate
from ..encodings.world import World
from ..encodings.written import Origin, WrittenObject
from ..properties.arrivals import names, ports_named, service_in
from ..properties.destinations import Destination, services_of
from ..properties.elements import ServiceElement, may_hold
from ..properties.loading import LoadedProperty
from ..properties.ports import parse_port

Services = Mapping[str, tuple[WrittenObject, ...]]


def refuse_services(properties: Iterable[LoadedProperty], services: Services) -> None:
    """Raises InputErrors for a Service that a property names and that no manifest declares, that is not valid, that has
    no pods of its own to stand for, or that lacks a port which the property asks for."""
    problems = {
        problem
        for loaded in properties
        for destination, element in services_of(loaded)
        for problem in _problems(loaded, destination, element, services)
    }
    if problems:
        raise InputErrors(problems)


def _problems(
    loaded: LoadedProperty, destination: Destination, element: ServiceElement, services: Services
) -> Iterator[Problem]:
    def here(message: str, hint: str) -> Problem:
        return Problem(loaded.file, loaded.line, destination.path, message, hint)

    found = services.get(element.service, ())
    if not found:
        hint = did_you_mean(element.service, list(services)) or "are the manifests that declare it read?"
        yield here(f'no manifest declares the Service "{element.service}"', hint)
        return
    if loaded.semantics.duplicate_objects != "last" and any(_differs(found[0], each) for each in found[1:]):
        places = " and ".join(_place(each.origin()) for each in found)
        yield here(f'the Service "{element.service}" is declared differently at {places}', "keep one of them")
        return
    invalid, _ = validate(found[-1:])
    yield from invalid
    if not invalid:
        yield from (here(*each) for each in _no_backends(found[-1]) or _unknown_ports(found[-1], destination))


def _differs(one: WrittenObject, other: WrittenObject) -> bool:
    return one.fields.get("spec") != other.fields.get("spec")


def _place(origin: Origin) -> str:
    return f"{origin.file}:{origin.line}"


def _no_backends(written: WrittenObject) -> list[tuple[str, str]]:
    """Why no pods are behind a valid Service, each with a hint."""
    service = service_of(written)
    title = f'the Service "{service.reference}" ({_place(service.origin)})'
    spec: Mapping[str, Any] = written.fields.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return [(f"{title} is of type ExternalName: a name in DNS with no pods behind it", "name addresses: cidr")]
    if not service.selector:
        text = f"{title} has no selector, so nothing says which pods are behind it"
        return [(text, "name the pods or addresses that its endpoints are")]
    if not service.ports:
        return [(f"{title} has no ports, so no connection goes through it", "name the pods behind it")]
    return []


def _unknown_ports(written: WrittenObject, destination: Destination) -> list[tuple[str, str]]:
    service = service_of(written)
    title = f'the Service "{service.reference}" ({_place(service.origin)})'
    return [
        (f"{title} has no port {entry}", _likely(parse_port(entry), service))
        for entry in destination.ports or ()
        if not ports_named(service, [entry])
    ]


def _likely(wanted: PortMatch, service: Service) -> str:
    """What somebody may have meant by a port that a Service does not have."""
    behind = [
        port
        for port in service.ports
        if isinstance(port.target, NamedPort) == isinstance(wanted, NamedPort)
        and names(wanted, ServicePort(_name(port), port.protocol, _number(port), port.target, port.origin))
    ]
    if behind:
        return f"that is the targetPort of its port {_shown(behind[0])}: write the Service's own"
    return f"it has {', '.join(map(_shown, service.ports))}"


def _name(port: ServicePort) -> str:
    return port.target.name if isinstance(port.target, NamedPort) else port.name


def _number(port: ServicePort) -> int:
    return port.number if isinstance(port.target, NamedPort) else port.target.first


def _shown(port: ServicePort) -> str:
    return f"{port.protocol}/{port.number}" + (f" ({port.name})" if port.name else "")


def service_notices(loaded: LoadedProperty, world: World) -> Iterator[str]:
    """What to say of the pods behind the Services that a property names: that there are none as yet, or none with a
    container port of the name that a ``targetPort`` looks for."""
    for destination, element in services_of(loaded):
        service = service_in(element, world.cluster.services)
        held = [pod for pod in world.pods if may_hold(element, pod, world)]
        if not held:
            yield f"the Service {service.reference} ({_place(service.origin)}) selects no declared workload"
            continue
        for port in ports_named(service, destination.ports):
            target = port.target
            if isinstance(target, NamedPort) and not _declared(target, [pod.ports for pod in held]):
                yield (
                    f"port {_shown(port)} of the Service {service.reference} leads to the container port "
                    f'"{target.name}" ({target.protocol}), which no declared pod behind it has ({_place(port.origin)})'
                )


def _declared(target: NamedPort, ports: Sequence[tuple[tuple[str, str, int], ...]]) -> bool:
    return any((name, protocol) == (target.name, target.protocol) for each in ports for name, protocol, _ in each)
