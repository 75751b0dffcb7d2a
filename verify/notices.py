"""What a reader should know beside the verdicts: groups that match nothing declared, names that look mistyped, pods in
the host's network, clients that arrive under a node's address, ipBlocks that name Services.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..encodings.addresses import Network, address_text, parse_network
from ..encodings.cluster import Cluster
from ..encodings.policy import BlockPeer, NetworkPeer
from ..encodings.problems import Notice, did_you_mean
from ..encodings.world import World
from ..properties.elements import (
    AddressElement,
    AnyElement,
    Element,
    Elements,
    PodElement,
    ServiceElement,
    WorkloadElement,
    declared_members,
    may_hold,
    may_hold_namespace,
    resolve,
)
from ..properties.loading import LoadedProperty
from ..properties.mentions import is_listed, sides_of
from ..properties.verbs import DNS_PORT_NAMES
from .exposure import Exposure
from .results import Verdict
from .services import service_notices


def members_of(loaded: LoadedProperty, worlds: Sequence[World]) -> dict[str, int]:
    """How many declared workloads each side of the property (``from``, ``to``, ``for``) has, as one of ``worlds`` sees
    them."""
    return {side: declared_members(elements, worlds) for side, elements in _sides(loaded)}


def _sides(loaded: LoadedProperty) -> list[tuple[str, Elements]]:
    return [(side, resolve(endpoints, loaded.groups)) for side, endpoints in sides_of(loaded).items()]


def property_notices(
    loaded: LoadedProperty, worlds: Sequence[World], verdict: Verdict, exposures: Sequence[Exposure]
) -> tuple[Notice, ...]:
    """The notices of one property, in a fixed order: those that hold in each of ``worlds``."""
    first, *others = (_notices_in(loaded, world, verdict, exposures) for world in worlds)
    return tuple(notice for notice in first if all(notice in other for other in others))


def _notices_in(
    loaded: LoadedProperty, world: World, verdict: Verdict, exposures: Sequence[Exposure]
) -> tuple[Notice, ...]:
    found: list[str] = []
    for _, elements in _sides(loaded):
        for element in elements:
            if isinstance(element, PodElement):
                found.extend(_unknown_namespaces(element, world))
                found.extend(_unmatched(element, world))
                found.extend(_host_network(element, world))
            elif isinstance(element, WorkloadElement):
                found.extend(_unknown_workload(element, world))
                found.extend(_host_network(element, world))
            elif isinstance(element, ServiceElement):
                found.extend(_host_network(element.pods(world.cluster.services), world))
    found.extend(service_notices(loaded, world))
    found.extend(_no_servers(loaded, world))
    if verdict == "proved":
        found.extend(_under_node_addresses(loaded, world, exposures))
    return tuple(Notice(text, loaded.file, loaded.line) for text in dict.fromkeys(found))


def _with_hint(text: str, hint: str) -> str:
    return f"{text}; {hint}" if hint else text


def _unknown_namespaces(element: PodElement, world: World) -> Iterable[str]:
    for name in element.namespaces or ():
        code = world.namespace_codes.get(name)
        if code is None or not world.namespaces[code].exists:
            known = [entry.name for entry in world.namespaces if entry.exists]
            yield _with_hint(f'no manifest and no external namespace is called "{name}"', did_you_mean(name, known))


def _unknown_workload(element: WorkloadElement, world: World) -> Iterable[str]:
    pods = (*world.pods, *world.host_network_pods)
    references = [pod.reference for pod in pods]
    if not any(element.names(pod) for pod in pods):
        short = [f"{namespace}/{name}" for namespace, _, name in (each.split("/") for each in references)]
        hint = did_you_mean(element.workload, [*references, *short])
        yield _with_hint(f'no manifest declares the workload "{element.workload}"', hint)


def _unmatched(element: PodElement, world: World) -> Iterable[str]:
    """In an open world a mistyped label is never vacuous, so a group that matches nothing declared gets a word."""
    if element.pod_selector and world.pods:
        if not any(may_hold(element, pod, world) for pod in world.pods):
            yield f"{element.text} matches no declared workload"
    elif element.namespace_selector:
        codes = (code for code, entry in enumerate(world.namespaces) if entry.exists)
        if not any(may_hold_namespace(element, code, world) for code in codes):
            yield f"{element.text} matches no declared namespace"


def _no_servers(loaded: LoadedProperty, world: World) -> Iterable[str]:
    """An element of ``servers`` that serves no DNS asks nothing of anybody, which its author will not expect."""
    verb = loaded.written.dns
    if verb is None or verb.servers is None:
        return
    for element in resolve(verb.servers, loaded.groups):
        held = (pod for pod in world.pods if may_hold(element, pod, world))
        if not any(name in DNS_PORT_NAMES for pod in held for name, _, _ in pod.ports):
            yield f"{element.text} holds no DNS server: no declared pod in it names a port dns or dns-tcp"


def _host_network(element: PodElement | WorkloadElement, world: World) -> Iterable[str]:
    names = [pod.reference for pod in world.host_network_pods if may_hold(element, pod, world)]
    if names:
        yield f"excluded from {element.text}, since policies do not govern the host's network: {', '.join(names)}"


def _under_node_addresses(loaded: LoadedProperty, world: World, exposures: Sequence[Exposure]) -> Iterable[str]:
    """A client outside may arrive under a node's address, which a proof about its own address does not cover."""
    sides = dict(_sides(loaded))
    outside = any(isinstance(element, AddressElement | AnyElement) for element in sides.get("from", ()))
    if not outside and not is_listed(loaded, "from"):
        return
    for exposure in exposures:
        if any(_may_be_behind(element, exposure, world) for element in sides.get("to", ())):
            yield (
                f"{exposure.text} may carry outside clients to these pods under a node's address, "
                "which this proof does not cover"
            )


def _may_be_behind(element: Element, exposure: Exposure, world: World) -> bool:
    if isinstance(element, ServiceElement):
        element = element.pods(world.cluster.services)
    if isinstance(element, AnyElement):
        return True
    if isinstance(element, WorkloadElement):
        labels = dict(exposure.labels).items()
        return any(
            element.names(pod) and pod.namespace == exposure.namespace and labels <= pod.labels.items()
            for pod in world.pods
        )
    if not isinstance(element, PodElement):
        return False
    code = world.namespace_codes[exposure.namespace]
    return may_hold_namespace(element, code, world) and exposure.may_reach(element.pod_selector)


def input_notices(properties: Sequence[LoadedProperty], cluster: Cluster) -> tuple[Notice, ...]:
    """Notices about the manifests as the suites see them: ipBlocks that lie among the addresses of Services, and pods
    whose address lies outside podCIDRs."""
    return tuple(dict.fromkeys((*_service_blocks(properties, cluster), *_outside_pod_cidrs(properties, cluster))))


def _networks(texts: Iterable[str]) -> list[Network]:
    return [parse_network(text) for text in sorted(set(texts))]


def _service_blocks(properties: Sequence[LoadedProperty], cluster: Cluster) -> Iterable[Notice]:
    services = _networks(text for loaded in properties for text in loaded.world.service_cidrs or [])
    for layer in cluster.layers:
        for tier in layer.tiers:
            for policy in tier.policies:
                for rule in policy.rules:
                    for peer in rule.peers or ():
                        if isinstance(peer, BlockPeer | NetworkPeer) and any(
                            net.contains(peer.network) for net in services
                        ):
                            what = "ipBlock" if isinstance(peer, BlockPeer) else "network"
                            text = f"the {what} {peer.network} lies in serviceCIDRs: ClusterIPs are no peers"
                            yield Notice(text, rule.origin.file, rule.origin.line)


def _outside_pod_cidrs(properties: Sequence[LoadedProperty], cluster: Cluster) -> Iterable[Notice]:
    pods = _networks(text for loaded in properties for text in loaded.world.pod_cidrs or [])
    for pod in cluster.pods if pods else ():
        for family, number in pod.addresses if not pod.host_network else ():
            if not any(net.family == family and net.base <= number <= net.last for net in pods):
                text = f"{pod.reference} has the address {address_text(family, number)}, which no podCIDRs contain"
                yield Notice(text, pod.origin.file, pod.origin.line)
