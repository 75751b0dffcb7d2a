"""Parts of policies as a suite writes them: selectors, peers as groups, ports.

Trusts the policies to be valid; what a suite has no form for becomes a wider group, which the prover then judges.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...encodings.cluster import NAME_LABEL
from ...encodings.policy import BlockPeer, NamedPort, NodePeer, Peer, PodPeer, PortMatch
from ...encodings.selectors import Requirement, Selector
from ...properties.cidrs import Network, anything_left, parse_network
from ...properties.suite import Group, LabelSelector, Ports, SelectorRequirement, World
from .census import Workloads

ANYONE = Group(any=True)
EVERY_POD = Group()
NODES = Group(node=True)
INTERNET = Group(builtin="internet")
METADATA = Group(builtin="cloud-metadata")
DNS = Group(namespace="kube-system", pods="k8s-app=kube-dns")


def text_of(group: Group) -> str:
    """The group as a text that is equal for equal groups."""
    return group.model_dump_json(by_alias=True, exclude_none=True)


def selector_written(selector: Selector) -> str | LabelSelector:
    """The selector as kubectl's text; as a mapping where there is no text for it."""
    if selector and not any("" in each.values for each in selector):
        return ",".join(map(_text, selector))
    return LabelSelector(
        match_expressions=[
            SelectorRequirement(key=each.key, operator=each.operator, values=list(each.values) or None)
            for each in selector
        ]
    )


def _text(each: Requirement) -> str:
    if each.operator in ("Exists", "DoesNotExist"):
        return each.key if each.operator == "Exists" else f"!{each.key}"
    if len(each.values) == 1:
        return f"{each.key}{'=' if each.operator == 'In' else '!='}{each.values[0]}"
    return f"{each.key} {'in' if each.operator == 'In' else 'notin'} ({','.join(each.values)})"


def group_of_workloads(workloads: Workloads) -> Group:
    """The group of declared workloads and of whoever carries the same labels."""
    if workloads.reference is not None:
        return Group(workload=workloads.reference)
    return Group(namespace=workloads.namespace, pods=_optional(workloads.selector))


def group_of_peer(peer: Peer, world: World) -> Group:
    """The group of the endpoints that a rule names. For networks with the pods in them, and for domain names, there is
    no narrower one than anyone."""
    if isinstance(peer, BlockPeer):
        return _group_of_block(peer, world)
    if isinstance(peer, NodePeer):
        return NODES
    return _group_of_pods(peer) if isinstance(peer, PodPeer) else ANYONE


def _group_of_pods(peer: PodPeer) -> Group:
    namespace, selector = peer.namespace, peer.namespace_selector or ()
    if len(selector) == 1 and selector[0].key == NAME_LABEL and selector[0].operator == "In":
        names = list(selector[0].values)
        return Group(namespace=names[0] if len(names) == 1 else names, pods=_optional(peer.pod_selector))
    if namespace is not None:
        return Group(namespace=namespace, pods=_optional(peer.pod_selector))
    return Group(namespaces=_optional(selector), pods=_optional(peer.pod_selector))


def _optional(selector: Selector | None) -> str | LabelSelector | None:
    return selector_written(selector) if selector else None


def _group_of_block(peer: BlockPeer, world: World) -> Group:
    """The addresses outside the cluster that a block names; every pod where it names none."""
    block, excepted = parse_network(str(peer.network)), [parse_network(str(each)) for each in peer.excepts]
    cluster = [parse_network(text) for text in (*(world.pod_cidrs or ()), *(world.node_cidrs or ()))]
    if not anything_left(block, [*excepted, *cluster]):
        return EVERY_POD
    return Group(cidr=str(block), except_=[str(each) for each in _inside(excepted, block)] or None)


def _inside(excepted: Sequence[Network], block: Network) -> list[Network]:
    return [each for each in excepted if each.version == block.version]


def ports_written(ports: tuple[PortMatch, ...] | None) -> Ports | None:
    """The ports of a rule; None for every port."""
    return None if ports is None else list(dict.fromkeys(map(_port, ports)))


def _port(port: PortMatch) -> str:
    if isinstance(port, NamedPort):
        return f"{port.protocol}/{port.name}"
    numbers = str(port.first) if port.first == port.last else f"{port.first}-{port.last}"
    return f"{port.protocol}/{numbers}"


def is_own_namespace(peer: Peer, namespace: str) -> bool:
    """Does the peer name every pod of that namespace?"""
    return isinstance(peer, PodPeer) and peer.namespace == namespace and not peer.pod_selector
