"""Does an endpoint of a counterexample exist in the property's world, and are the two ends different?

The second opinion on the world (``contract``: *Exact meaning*, namespaces and pods that exist), written apart
from the symbolic world. Trusts the inventory, which is made from the objects as written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..encodings.concrete.addresses import Address, Network, family_of, within
from ..encodings.concrete.endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint
from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.inventory import Inventory, Workload
from ..encodings.concrete.nodes import Node, Nodes
from .concrete_groups import Connection, in_cluster, networks
from .suite import ExternalNamespace, World

ASSUMED_DNS = "kube-system/External/kube-dns"
"""How the DNS server that a `dns` property assumes is printed; pods that `external` lists are `External` too."""


def unreal(connection: Connection, inventory: Inventory, world: World, also: Collection[str | None] = ()) -> list[str]:
    """Why this connection cannot exist in the world; empty if it can.

    ``world`` is the effective one; what it leaves unset is open. ``also``: namespaces that exist, too.
    """
    reasons: list[str] = []
    nodes = inventory.nodes.and_also(world_nodes(world))
    ends = {"source": connection.source, "destination": connection.destination}
    assumed = {*also, *(end.namespace for end in ends.values() if end.workload == ASSUMED_DNS)}
    for end, endpoint in ends.items():
        found = _unreal_pod(endpoint, inventory, world, assumed) if endpoint.kind == "pod" else []
        found += _unreal_node(endpoint, connection, nodes)
        reasons.extend(f"the {end}: {text}" for text in (*found, *_misplaced(endpoint, connection, world, inventory)))
    return reasons + _not_two(connection, inventory) + _own_node(connection, inventory)


def in_world(cluster: Cluster, world: World) -> Cluster:
    """The cluster with the nodes and the domain names that a world knows. ValueError for what is no address or CIDR."""
    return cluster.within(world_nodes(world), world.domains)


def world_nodes(world: World) -> tuple[Node, ...]:
    """The nodes that a world declares. ValueError for what is no address."""
    return tuple(Node(entry.name, entry.labels, tuple(entry.addresses)) for entry in world.nodes or ())


def _unreal_node(endpoint: ConcreteEndpoint, connection: Connection, nodes: Nodes) -> list[str]:
    """Who is a node, and who only has a node's address. Pods in a node's network have it rightly."""
    address = endpoint.address(connection.family)
    if endpoint.kind == "pod" and endpoint.host_network:
        node = nodes.named(endpoint.node)
        return [] if address is None or node is None else _elsewhere(node, address, connection)
    if endpoint.kind != "node" or endpoint.node is None:
        found = () if address is None else nodes.at(address)
        return [f"{address} is the address of node {found[0].name}"] if found else []
    node = nodes.named(endpoint.node)
    if node is None:
        return [f"nothing declares node {endpoint.node}"]
    reasons = [] if dict(node.labels) == dict(endpoint.node_labels or {}) else [f"node {node.name} has other labels"]
    return reasons + ([] if address is None else _elsewhere(node, address, connection))


def _elsewhere(node: Node, address: Address, connection: Connection) -> list[str]:
    """A node whose addresses of a family are known has no others of it."""
    if not node.of_family(connection.family) or node.has(address):
        return []
    return [f"{address} is not an address of node {node.name}"]


def _own_node(connection: Connection, inventory: Inventory) -> list[str]:
    """Traffic between a pod and its own node is outside of every property."""
    for one, other in ((connection.source, connection.destination), (connection.destination, connection.source)):
        if one.kind == "pod" and other.kind == "node" and other.node is not None:
            bound = {item.node for item in inventory.workloads if item.reference == one.workload and one.workload}
            if one.node == other.node or bound == {other.node}:
                return [f"{other.name} is the pod's own"]
    return []


def _external(world: World, namespace: str | None) -> list[ExternalNamespace]:
    return [entry for entry in world.external or () if entry.name == namespace]


def _unreal_pod(
    endpoint: ConcreteEndpoint, inventory: Inventory, world: World, assumed: Collection[str | None]
) -> list[str]:
    """``assumed``: the namespaces of pods that a property assumes, which exist with them."""
    if endpoint.workload == ASSUMED_DNS:
        return []
    reasons = _unreal_namespace(endpoint, inventory, world, assumed)
    if endpoint.workload is not None and endpoint.workload.split("/")[1] == "External":
        if not _is_external(endpoint, world):
            reasons.append("`external` lists no such pod")
    elif endpoint.workload is not None:
        declared = [item for item in inventory.workloads if item.reference == endpoint.workload]
        if not declared:
            return [*reasons, f"no manifest declares {endpoint.workload}"]
        if all(_differs(endpoint, item) for item in declared):
            reasons.extend(_differs(endpoint, declared[0]))
    elif world.pods in ("closed", "mixed") and not _is_external(endpoint, world):
        reasons.append("only declared pods exist")
    return reasons


def _is_external(endpoint: ConcreteEndpoint, world: World) -> bool:
    """Whether ``external`` lists this pod."""
    ports = {own.name: f"{own.protocol}/{own.number}" for own in endpoint.ports or ()}
    return any(
        pod.labels == dict(endpoint.labels) and pod.ports == ports
        for entry in _external(world, endpoint.namespace)
        for pod in entry.pods
    )


def _differs(endpoint: ConcreteEndpoint, workload: Workload) -> list[str]:
    """Where a printed endpoint is not a pod of the workload it names."""
    reasons: list[str] = []
    if endpoint.namespace != workload.namespace:
        reasons.append(f"{workload.reference} is in another namespace")
    if any(endpoint.labels.get(key) != value for key, value in workload.labels.items()):
        reasons.append(f"it lacks labels of {workload.reference}")
    if not endpoint.labels.keys() <= workload.labels.keys() | workload.unknown_labels:
        reasons.append(f"it has labels that {workload.reference} does not have")
    if sorted(map(repr, endpoint.ports or ())) != sorted(map(repr, workload.ports)):
        reasons.append(f"its named ports are not those of {workload.reference}")
    if endpoint.host_network != workload.host_network:
        reasons.append(f"its network is not that of {workload.reference}")
    return reasons


def _unreal_namespace(
    endpoint: ConcreteEndpoint, inventory: Inventory, world: World, assumed: Collection[str | None]
) -> list[str]:
    declared = _declared_labels(endpoint.namespace or "", inventory, world)
    if declared is not None:
        same = _labels_without_name(declared) == _labels_without_name(endpoint.namespace_labels or {})
        return [] if same else [f"namespace {endpoint.namespace} has other labels"]
    exists = endpoint.namespace in (*inventory.named, *assumed) or _external(world, endpoint.namespace)
    if world.namespaces == "closed" and not exists:
        return [f"namespace {endpoint.namespace} does not exist"]
    return []


def _declared_labels(namespace: str, inventory: Inventory, world: World) -> Mapping[str, str] | None:
    labels = inventory.labels_of_namespace(namespace)
    if labels is not None:
        return labels
    return next((entry.labels for entry in _external(world, namespace) if entry.labels is not None), None)


def _labels_without_name(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in labels.items() if key != NAMESPACE_NAME_LABEL}


def _misplaced(endpoint: ConcreteEndpoint, connection: Connection, world: World, inventory: Inventory) -> list[str]:
    """Pods have addresses of ``podCIDRs``, nodes of ``nodeCIDRs``, outside addresses of neither (where
    given)."""
    address = endpoint.address(connection.family)
    if address is None:
        return []
    if endpoint.kind == "external":
        return [f"{address} is inside the cluster"] if in_cluster(address, world) else []
    if endpoint.workload is not None and inventory.pods_at(address):
        return []  # the manifests say that a pod lives there, whatever `podCIDRs` says
    if not endpoint.in_pod_network and inventory.nodes.and_also(world_nodes(world)).at(address):
        return []  # likewise of a node
    texts = world.pod_cidrs if endpoint.in_pod_network else world.node_cidrs
    ranges: tuple[Network, ...] = networks(texts)
    if ranges and not any(within(address, network) for network in ranges):
        return [f"{address} is in none of {', '.join(texts or ())}"]
    pod_families = {family_of(network) for network in networks(world.pod_cidrs)}
    if pod_families and connection.family not in pod_families:
        return [f"the cluster has no {connection.family}"]
    return []


def _not_two(connection: Connection, inventory: Inventory) -> list[str]:
    """The ends are two endpoints, with two addresses, and agree on the labels of a namespace they share."""
    source, destination = connection.source, connection.destination
    reasons: list[str] = []
    addresses = [end.address(connection.family) for end in (source, destination)]
    if addresses[0] is not None and addresses[0] == addresses[1]:
        reasons.append("both ends have one address")
    # Pods whose names the API server makes up go by one reference: several of them are several pods.
    single = [item for item in inventory.workloads if item.is_pod and item.reference == source.workload]
    if len(single) == 1 and source.workload == destination.workload:
        reasons.append("both ends are the same pod")
    if source.kind == destination.kind == "pod" and source.namespace == destination.namespace:
        labels = [_labels_without_name(end.namespace_labels or {}) for end in (source, destination)]
        if labels[0] != labels[1]:
            reasons.append("the ends disagree about the labels of their namespace")
    return reasons
