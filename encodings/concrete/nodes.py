"""Nodes: those that Node objects declare, or a world does, and which of them an endpoint is.

Source: kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go (NodeStatus.Addresses). Trusts the reader for
objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..manifests import Manifests
from ..written import WrittenObject
from .addresses import Address, Family, family_of, parse_address
from .endpoints import ConcreteEndpoint
from .fields import root
from .selectors import Labels

KIND = "Node"
IP_TYPES = ("InternalIP", "ExternalIP")


@dataclass(frozen=True, slots=True)
class Node:
    """A node that is known to exist, with its labels; ``addresses`` empty: nobody knows its addresses."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    addresses: tuple[str, ...] = ()

    def has(self, address: Address) -> bool:
        """Whether the address is one of the node's."""
        return address in map(parse_address, self.addresses)

    def of_family(self, family: Family) -> tuple[str, ...]:
        """Its addresses of that family."""
        return tuple(text for text in self.addresses if family_of(parse_address(text)) == family)

    def endpoint(self, *addresses: str) -> ConcreteEndpoint:
        """The node as one end of a connection, under these of its addresses."""
        return ConcreteEndpoint("node", ips=addresses, node=self.name, node_labels=self.labels)


def read_nodes(manifests: Manifests) -> tuple[Node, ...]:
    """The Node objects, in reading order. InputErrors for fields of the wrong type."""
    return tuple(_read_node(item) for item in manifests.modelled if is_node(item))


def is_node(item: WrittenObject) -> bool:
    """Whether an object is a Node."""
    return item.kind == KIND and item.group == ""


def _read_node(item: WrittenObject) -> Node:
    """Of ``status.addresses`` those that are IPs; entries of the other types may be names."""
    whole = root(item)
    addresses: list[str] = []
    for entry in whole.child("status").child("addresses").items():
        try:
            addresses.append(str(parse_address(entry.child("address").text())))
        except ValueError:
            if entry.child("type").text() in IP_TYPES:
                raise entry.child("address").mistake("must be an IP address") from None
    labels = whole.child("metadata").child("labels").strings()
    return Node(item.name, labels, tuple(dict.fromkeys(addresses)))


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes that are known to exist; there may be others."""

    known: tuple[Node, ...] = ()

    def named(self, name: str | None) -> Node | None:
        """The node of that name."""
        return next((node for node in self.known if node.name == name), None)

    def at(self, address: Address) -> tuple[Node, ...]:
        """The nodes with this address."""
        return tuple(node for node in self.known if node.has(address))

    def and_also(self, others: Iterable[Node]) -> Nodes:
        """These nodes and others."""
        return Nodes((*self.known, *others))

    def labels_of(self, endpoint: ConcreteEndpoint, family: Family) -> Labels | None:
        """What is known of the labels of the node that an endpoint is; None if it is no node.

        A pod in the host's network has its node's address, and so is its node. An address that is a declared node's is
        that node's, and no pod's of the pod network.
        """
        if endpoint.kind == "pod" and not endpoint.host_network:
            return None
        address = endpoint.address(family)
        at_address = () if address is None else self.at(address)
        if endpoint.kind == "external" and not at_address:
            return None
        about = f"the node of {endpoint.name}" if endpoint.kind == "pod" else endpoint.name
        if endpoint.node_labels is not None:
            return Labels(endpoint.node_labels, about)
        node = self.named(endpoint.node) if endpoint.node is not None else next(iter(at_address), None)
        return Labels({}, about, complete=False) if node is None else Labels(node.labels, f"node {node.name}")
