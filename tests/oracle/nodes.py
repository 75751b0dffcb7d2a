"""Nodes for the oracle: those that somebody declares, those that nobody does, and the pods in their network.

Contract: Node objects, ``world.nodes``, and further nodes with any labels; a declared node's address is nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.suite import WorldNode

from .addresses import Family, parse_address
from .endpoints import Node, Pod
from .raw import mapping, sequence


def declared_nodes(manifests: Manifests, world: Sequence[WorldNode]) -> tuple[Node, ...]:
    """The nodes of the manifests and of the suite's world, with the addresses that are IP addresses."""
    found: list[Node] = []
    for item in manifests.modelled:
        if item.kind == "Node":
            texts = [entry["address"] for entry in sequence(mapping(item.fields, "status"), "addresses")]
            known = tuple(dict.fromkeys(parse_address(text) for text in texts if _is_address(text)))
            found.append(Node(item.name, dict(mapping(item.fields, "metadata", "labels")), known))
    for node in world:
        found.append(Node(node.name, dict(node.labels), tuple(parse_address(text) for text in node.addresses)))
    return tuple(found)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def has_address(node: Node, family: Family, address: int, free: bool) -> bool:
    """Whether the node can have the address: it is one of those known, or none is known of the family and the address
    is one that a node nobody knows of might have (``free``)."""
    known = [own for of, own in node.known if of == family]
    return address in known if known else free


def hosts_of(pod: Pod, declared: Sequence[Node], others: Sequence[Node]) -> Iterator[Node]:
    """The nodes in whose network a pod can be: the one that the manifest names, if a node of that name is declared;
    an undeclared one, if the manifest does not name a declared one; any, if it names none."""
    named = [node for node in declared if node.name == pod.node_name]
    if named:
        yield from named
        return
    yield from others
    if pod.node_name is None:
        yield from declared
