"""Two inventories to be compared, made to declare the same, as the concrete evaluator sees it.

The second opinion on ``encodings/merged.py``, written apart: what one side declares counts as declared on both; each
side keeps its own labels of the namespaces and nodes that it declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .endpoints import ConcreteEndpoint
from .inventory import Inventory, Workload


def both(one: Inventory, other: Inventory) -> Inventory:
    """The inventory ``one`` with everything that ``other`` declares beside it."""
    namespaces: dict[str, Mapping[str, str]] = {**other.namespaces, **one.namespaces}
    own = {(item.reference, _state(item)) for item in one.workloads}
    added = tuple(item for item in other.workloads if (item.reference, _state(item)) not in own)
    return Inventory(
        namespaces,
        frozenset((one.named | other.named) - namespaces.keys()),
        (*one.workloads, *added),
        one.nodes.and_also(node for node in other.nodes.known if one.nodes.named(node.name) is None),
    )


def _state(item: Workload) -> object:
    """What tells two states of one workload apart."""
    labels = tuple(sorted(item.labels.items()))
    node = item.node if item.host_network else None
    return labels, item.unknown_labels, item.ports, item.ips, item.host_network, item.owner, node


def as_seen(endpoint: ConcreteEndpoint, inventory: Inventory) -> ConcreteEndpoint:
    """The endpoint with the labels that this side gives its namespace, or the node that it is, where it knows them."""
    if endpoint.kind == "pod":
        labels = inventory.labels_of_namespace(endpoint.namespace or "")
        return endpoint if labels is None else replace(endpoint, namespace_labels=labels)
    node = inventory.nodes.named(endpoint.node)
    return endpoint if node is None else replace(endpoint, node_labels=node.labels)
