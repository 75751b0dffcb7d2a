"""The concrete ends of flows: pods, of the cluster or made for a flow, and addresses outside."""

from __future__ import annotations

from dataclasses import dataclass

from ....encodings.addresses import Family, address_text
from ....encodings.policy import Protocol
from ....encodings.workloads import DeclaredPod
from ..model import Flow, Raw

NamedNumber = tuple[str, Protocol, int]


@dataclass(frozen=True, slots=True)
class PodEnd:
    """A pod; ``declared`` by the cluster, or made for a flow: then ``rooms`` says, family by family, which room of the
    plan its address is from."""

    name: str
    namespace: str
    labels: tuple[tuple[str, str], ...]
    ports: tuple[NamedNumber, ...]
    addresses: tuple[tuple[Family, int], ...]
    declared: bool = False
    rooms: tuple[int, ...] = ()

    def address(self, family: Family) -> int | None:
        """Its address of that family."""
        return next((number for own, number in self.addresses if own == family), None)

    @property
    def text(self) -> str:
        """How flows call it."""
        return f"{self.namespace}/{self.name}"

    def written(self) -> Raw:
        """The Pod. One container for each port that has the name of another."""
        containers: list[list[NamedNumber]] = [[]]
        for port in self.ports:
            free = next((each for each in containers if all(port[0] != other[0] for other in each)), None)
            if free is None:
                containers.append([port])
            else:
                free.append(port)
        metadata: Raw = {"name": self.name, "namespace": self.namespace}
        if self.labels:
            metadata["labels"] = dict(self.labels)
        ips = [{"ip": address_text(family, number)} for family, number in self.addresses]
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {"containers": [_container(number, ports) for number, ports in enumerate(containers)]},
            "status": {"phase": "Running", "podIP": ips[0]["ip"], "podIPs": ips},
        }


@dataclass(frozen=True, slots=True)
class AddressEnd:
    """An address outside the cluster."""

    family: Family
    number: int

    def address(self, family: Family) -> int | None:
        """Itself, if it is of that family."""
        return self.number if family == self.family else None

    @property
    def text(self) -> str:
        """How flows call it."""
        return address_text(self.family, self.number)


End = PodEnd | AddressEnd


@dataclass(frozen=True, slots=True)
class Way:
    """What a flow is besides its ends."""

    protocol: Protocol
    port: int
    family: Family

    def flow(self, source: End, destination: End) -> Flow:
        """The flow between two ends."""
        return Flow(source.text, destination.text, self.protocol, self.port, self.family)


def of_cluster(pod: DeclaredPod) -> PodEnd | None:
    """A Pod of the cluster as an end; None for one that cannot be: on its node's network, without address or name."""
    _, kind, name = pod.reference.split("/", 2)
    if kind != "Pod" or not pod.single or pod.host_network or not pod.addresses or name.endswith("*"):
        return None
    labels = tuple(sorted(pod.labels.items()))
    return PodEnd(name, pod.namespace, labels, pod.ports, pod.addresses, declared=True)


def _container(number: int, ports: list[NamedNumber]) -> Raw:
    container: Raw = {"name": f"c{number}", "image": "image"}
    if ports:
        container["ports"] = [
            {"name": name, "containerPort": port, "protocol": protocol} for name, protocol, port in ports
        ]
    return container
