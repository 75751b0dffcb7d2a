"""Services as the concrete evaluator sees them: is a pod behind one, and is its port one that the Service forwards to?

Written apart from ``encodings/services.py``. Sources: kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go
(ServiceSpec, ServicePort) and pkg/apis/core/v1/defaults.go (SetDefaults_Service: protocol TCP, targetPort the port).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..manifests import Manifests
from ..written import WrittenObject
from .endpoints import ConcreteEndpoint
from .evidence import FALSE, Truth, all_of, known, unknown
from .fields import Field, root
from .selectors import Requirement, Selector


@dataclass(frozen=True, slots=True)
class Forwarding:
    """One port of a Service and where it leads: to the container port ``to_name``, or to the number ``to_number``."""

    name: str
    protocol: str
    port: int
    to_number: int | None
    to_name: str | None

    def reaches(self, pod: ConcreteEndpoint, protocol: str, port: int) -> Truth:
        """Whether the Service sends what arrives here to this port of the pod."""
        if protocol != self.protocol:
            return FALSE
        if self.to_name is None:
            return known(port == self.to_number)
        if pod.ports is None:
            return unknown(f"container ports of {pod.name}")
        named = {(own.name, own.protocol, own.number) for own in pod.ports}
        return known((self.to_name, protocol, port) in named)


class Services:
    """The Services of a set of manifests; of two with one name the last counts."""

    def __init__(self, manifests: Manifests | None = None) -> None:
        objects = () if manifests is None else manifests.exposing
        self._objects: dict[str, WrittenObject] = {
            f"{item.namespace}/{item.name}": item
            for item in objects
            if item.api_version == "v1" and item.kind == "Service"
        }

    def beside(self, other: Services) -> Services:
        """These, and those that only ``other`` has."""
        both = Services()
        both._objects = {**other._objects, **self._objects}
        return both

    def has_behind(self, reference: str, pod: ConcreteEndpoint) -> Truth:
        """Whether the pod is in the Service's namespace and its labels are those that the Service asks for."""
        item = self._object(reference)
        wanted = root(item).child("spec").child("selector").strings()
        asked = Selector(tuple(Requirement(key, "In", frozenset([value])) for key, value in wanted.items()))
        if not wanted:
            return FALSE
        return all_of((known(pod.namespace == item.namespace), asked.matches(pod.pod_labels())))

    def ports_of(self, reference: str) -> Iterator[Forwarding]:
        """The ports of the Service."""
        for field in root(self._object(reference)).child("spec").child("ports").items():
            yield _forwarding(field)

    def _object(self, reference: str) -> WrittenObject:
        if reference not in self._objects:
            raise ValueError(f"no Service is called {reference!r}")
        return self._objects[reference]


def _forwarding(field: Field) -> Forwarding:
    port = field.child("port").whole()
    if port is None:
        raise field.child("port").mistake("must be a port")
    target = field.child("targetPort")
    protocol = field.child("protocol").text() or "TCP"
    name = field.child("name").text()
    if isinstance(target.value, str) and target.value:
        return Forwarding(name, protocol, port, None, target.value)
    number = None if target.value == "" else target.whole()
    return Forwarding(name, protocol, port, number or port, None)
