"""What can stand at an end of a connection, for the oracle: pods, outside addresses and other nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .addresses import Family, Region, render


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """A namespace with one choice of labels. Two of one name are the same namespace in different clusters."""

    name: str
    labels: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A node with one choice of labels; nobody declares it if it has no ``name``. ``known`` are its addresses, as far
    as somebody tells them: of a family that is not among them it has one that nobody knows."""

    name: str | None
    labels: dict[str, str]
    known: tuple[tuple[Family, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Pod:
    """A pod with one choice of everything that is free about it; hypothetical if ``references`` is empty.

    ``ports`` are (name, protocol, number) of a declared pod. ``single``: there is only one such pod. ``known`` are
    the addresses of a pod whose status tells them. ``assumed``: the DNS server that the contract assumes.
    ``host_network``: it is in the network of its node. ``node_name``: the node on which the manifest places it.
    """

    namespace: Namespace
    labels: dict[str, str]
    references: tuple[str, ...] = ()
    ports: tuple[tuple[str, str, int], ...] = ()
    single: bool = False
    known: tuple[tuple[Family, int], ...] = ()
    assumed: bool = False
    host_network: bool = False
    node_name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """One end: a pod, an outside address or another node, at an address of ``region``.

    ``own_port`` are the named ports that a hypothetical destination declares at the connection's own port. ``node`` is
    the node that it is, or in whose network a pod is.
    """

    kind: Literal["pod", "external", "node"]
    region: Region
    pod: Pod | None = None
    own_port: frozenset[str] = frozenset()
    node: Node | None = None

    @property
    def family(self) -> Family:
        """The family of its address."""
        return self.region.family

    @property
    def address(self) -> int:
        """Its address."""
        return self.region.first

    @property
    def node_name(self) -> str | None:
        """The name of the node that it is or runs on, if somebody tells it."""
        if self.node is not None and self.node.name is not None:
            return self.node.name
        return None if self.pod is None else self.pod.node_name

    def names_at(self, protocol: str, number: int) -> frozenset[str]:
        """The names under which it declares a container port of this protocol and number."""
        if self.pod is None or not self.pod.references:
            return self.own_port
        return frozenset(name for name, proto, port in self.pod.ports if (proto, port) == (protocol, number))

    def __str__(self) -> str:
        where = render(self.family, self.address)
        if self.node is not None:
            where += f", node {self.node.name or 'undeclared'} {self.node.labels}"
        if self.pod is None:
            return f"{self.kind} {where}"
        who = self.pod.references[0] if self.pod.references else f"hypothetical pod {sorted(self.own_port)}"
        space = self.pod.namespace
        return f"{who} {self.pod.labels} in {space.name} {space.labels} at {where}"
