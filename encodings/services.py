"""Services, for the symbolic side: which pods stand behind one, and what its ports mean there.

Only Services that a property names are looked at, after validation (``validation/service``). What is trusted: that
traffic to a Service reaches the pods that its selector selects, on the ports that ``targetPort`` names
(kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go, ServiceSpec and ServicePort).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .policy import NamedPort, PortMatch, PortRange, Protocol
from .selectors import Requirement, Selector
from .written import Origin, WrittenObject


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A port of a Service ("" is no name), and ``target``: what it means for a pod behind it."""

    name: str
    protocol: Protocol
    number: int
    target: PortMatch
    origin: Origin


@dataclass(frozen=True, slots=True)
class Service:
    """The pods of ``namespace`` that ``selector`` selects, on ``ports``; without a selector, none."""

    reference: str
    namespace: str
    selector: Selector
    ports: tuple[ServicePort, ...]
    origin: Origin


def is_service(written: WrittenObject) -> bool:
    """Is it a Service of the core group?"""
    return (written.group, written.kind) == ("", "Service")


def services_in(objects: Iterable[WrittenObject]) -> dict[str, tuple[WrittenObject, ...]]:
    """The Services among the objects by ``namespace/name``, each as often as it is written, in reading order."""
    found: dict[str, tuple[WrittenObject, ...]] = {}
    for written in filter(is_service, objects):
        found[written.reference] = (*found.get(written.reference, ()), written)
    return found


@lru_cache(maxsize=1_000)
def service_of(written: WrittenObject) -> Service:
    """The Service that a validated object describes."""
    spec: Mapping[str, Any] = written.fields.get("spec") or {}
    chosen: Mapping[str, Any] = spec.get("selector") or {}
    ports: list[Mapping[str, Any]] = spec.get("ports") or []
    return Service(
        written.reference,
        written.namespace or "default",
        tuple(Requirement(key, "In", (value or "",)) for key, value in chosen.items()),
        tuple(_port(port, written.origin(("spec", "ports", number))) for number, port in enumerate(ports)),
        written.origin(),
    )


def _port(port: Mapping[str, Any], origin: Origin) -> ServicePort:
    """Without a targetPort (also 0 and "") it is the Service's own number (pkg/apis/core/v1/defaults.go)."""
    protocol: Protocol = port.get("protocol") or "TCP"
    number: int = port["port"]
    target: int | str = port.get("targetPort") or number
    match = NamedPort(protocol, target) if isinstance(target, str) else PortRange(protocol, target, target)
    return ServicePort(port.get("name") or "", protocol, number, match, origin)
