"""What ``from``, ``to`` and ``for`` denote, for the symbolic side: groups resolved to elements, elements to terms.

An element is one member of such a list. The concrete twin is ``concrete_groups``, written apart on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..encodings.addresses import FAMILIES, WIDTH, Network, parse_address, parse_network
from ..encodings.cluster import NAME_LABEL
from ..encodings.endpoint import SymbolicEndpoint
from ..encodings.evaluation import Namespaces
from ..encodings.policy import NamedPort, PodPeer
from ..encodings.selectors import Selector, matches
from ..encodings.services import service_of
from ..encodings.terms import Term
from ..encodings.vocabulary import Vocabulary
from ..encodings.workloads import DeclaredPod
from ..encodings.world import World
from ..encodings.written import WrittenObject
from . import selectors
from .suite import Endpoints, Group, GroupRef

# Not the internet: private use (RFC 1918, 4193), carriers' shared space (RFC 6598), loopback, link-local, multicast.
_NOT_INTERNET = tuple(
    parse_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "100.64.0.0/10"),
        *("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "ff00::/8"),
    )
)
_METADATA = ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254")
_CLOUD_METADATA: dict[str, tuple[str, ...]] = {
    "alibaba": ("100.100.100.200",),
    "azure": ("168.63.129.16",),
    "eks": ("169.254.170.23", "fd00:ec2::23"),
}


@dataclass(frozen=True, slots=True)
class PodElement:
    """Pods by the name and labels of their namespace and by their own labels (None: unconstrained)."""

    text: str
    namespaces: tuple[str, ...] | None
    namespace_selector: Selector
    pod_selector: Selector


@dataclass(frozen=True, slots=True)
class WorkloadElement:
    """The pods of one declared workload, written ``namespace/name`` or ``namespace/Kind/name``."""

    text: str
    workload: str

    def names(self, pod: DeclaredPod) -> bool:
        """Is ``pod`` of this workload?"""
        namespace, kind, name = pod.reference.split("/")
        return self.workload in (f"{namespace}/{name}", f"{namespace}/{kind}/{name}")


@dataclass(frozen=True, slots=True)
class ServiceElement:
    """The pods behind a Service, written ``namespace/name``; what it says of ports is in ``arrivals``."""

    text: str
    service: str

    def pods(self, services: Mapping[str, tuple[WrittenObject, ...]]) -> PodElement:
        """The pods that the Service selects."""
        service = service_of(services[self.service][-1])
        return PodElement(self.text, (service.namespace,), (), service.selector)


@dataclass(frozen=True, slots=True)
class AddressElement:
    """Addresses outside the cluster in ``networks`` and in none of ``excepts``."""

    text: str
    networks: tuple[Network, ...]
    excepts: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class NodeElement:
    """Other nodes."""

    text: str


@dataclass(frozen=True, slots=True)
class AnyElement:
    """Pods and outside addresses."""

    text: str


Element = PodElement | WorkloadElement | ServiceElement | AddressElement | NodeElement | AnyElement
Elements = tuple[Element, ...]


def resolve(endpoints: Endpoints, groups: Mapping[str, Group]) -> Elements:
    """The elements of a list of groups, or of one group; names are looked up in ``groups``."""
    references = endpoints if isinstance(endpoints, list) else [endpoints]
    return tuple(_element(reference, groups) for reference in references)


def _element(reference: GroupRef, groups: Mapping[str, Group]) -> Element:
    group = groups[reference] if isinstance(reference, str) else reference
    text = f'group "{reference}"' if isinstance(reference, str) else _describe(group)
    if group.any:
        return AnyElement(text)
    if group.node:
        return NodeElement(text)
    if group.workload is not None:
        return WorkloadElement(text, group.workload)
    if group.service is not None:
        return ServiceElement(text, group.service)
    if group.cidr is not None:
        return AddressElement(text, (parse_network(group.cidr),), tuple(map(parse_network, group.except_ or ())))
    if group.builtin == "internet":
        return AddressElement(text, tuple(Network(family, 0, 0) for family in FAMILIES), _NOT_INTERNET)
    if group.builtin == "cloud-metadata":
        clouds = (address for cloud in group.clouds or () for address in _CLOUD_METADATA[cloud])
        return AddressElement(text, tuple(_single(address) for address in (*_METADATA, *clouds)), ())
    names = (group.namespace,) if isinstance(group.namespace, str) else group.namespace
    return PodElement(
        text,
        None if names is None else tuple(names),
        () if group.namespaces is None else selectors.requirements(group.namespaces),
        () if group.pods is None else selectors.requirements(group.pods),
    )


def _single(text: str) -> Network:
    family, number = parse_address(text)
    return Network(family, number, WIDTH[family])


def _describe(group: Group) -> str:
    written = group.model_dump(mode="json", by_alias=True, exclude_none=True)
    parts = ", ".join(f"{key}: {value}" for key, value in written.items())
    return "{" + parts + "}"


def mention(
    elements: Iterable[Element],
    vocabulary: Vocabulary,
    pods: Iterable[DeclaredPod],
    services: Mapping[str, tuple[WrittenObject, ...]],
) -> None:
    """Add what the elements mention to the vocabulary; ``pods`` are all declared pods, ``services`` those Services that
    are known to be valid."""
    for element in elements:
        if isinstance(element, ServiceElement):
            if element.service not in services:
                continue
            for port in service_of(services[element.service][-1]).ports:
                if isinstance(port.target, NamedPort):
                    vocabulary.named_ports.add((port.target.name, port.target.protocol))
            element = element.pods(services)  # noqa: PLW2901
        if isinstance(element, PodElement):
            vocabulary.namespaces.update(element.namespaces or ())
            vocabulary.mention_namespace_labels(element.namespace_selector)
            vocabulary.mention_pod_labels(element.pod_selector)
        elif isinstance(element, WorkloadElement):
            vocabulary.workloads.update(pod.reference for pod in pods if element.names(pod))


def member(elements: Elements, end: SymbolicEndpoint) -> Term:
    """The end is in one of the elements."""
    return end.world.terms.any_of(member_of(element, end) for element in elements)


def member_of(element: Element, end: SymbolicEndpoint) -> Term:
    """The end is in the element. Pods in the host's network are in none: they are no ends of a connection."""
    terms = end.world.terms
    if isinstance(element, ServiceElement):
        element = element.pods(end.world.cluster.services)
    if isinstance(element, AnyElement):
        return -end.is_node
    if isinstance(element, NodeElement):
        return end.is_node
    if isinstance(element, AddressElement):
        inside = terms.any_of(end.in_network(network) for network in element.networks)
        excepted = terms.any_of(end.in_network(network) for network in element.excepts)
        return terms.all_of((end.is_external, inside, -excepted))
    if isinstance(element, WorkloadElement):
        named = (
            code for code, each in enumerate(end.world.classes) if any(element.names(pod) for pod, _ in each.members)
        )
        return terms.all_of((end.is_pod, end.in_classes(named)))
    peer = PodPeer(None, element.namespace_selector, element.pod_selector)
    parts = [end.is_pod, end.pod_matches(peer)]
    if element.namespaces is not None:
        parts.append(end.in_namespaces(end.world.codes_of_namespaces(element.namespaces)))
    return terms.all_of(parts)


def possible_namespaces(elements: Elements, world: World) -> Namespaces:
    """Codes of all namespaces that a pod among the elements can be in; None for any. Elements that are no pods are
    in none: no policy governs them."""
    codes: set[int] = set()
    for element in elements:
        if isinstance(element, ServiceElement):
            element = element.pods(world.cluster.services)  # noqa: PLW2901
        if isinstance(element, AnyElement):
            return None
        if isinstance(element, WorkloadElement):
            codes.update(world.namespace_codes[pod.namespace] for pod in world.pods if element.names(pod))
        elif isinstance(element, PodElement):
            if element.namespaces is None and not element.namespace_selector:
                return None
            named = range(len(world.namespaces))
            within = named if element.namespaces is None else world.codes_of_namespaces(element.namespaces)
            codes.update(code for code in within if may_hold_namespace(element, code, world))
    return frozenset(codes)


def declared_members(elements: Elements, worlds: Sequence[World]) -> int:
    """The number of declared pods (workloads) that are, or whose pods may be, among the elements, as one of ``worlds``
    sees them; all of them hold the same pods."""
    return sum(any(may_hold(element, pod, world) for element in elements for world in worlds) for pod in worlds[0].pods)


def may_hold(element: Element, pod: DeclaredPod, world: World) -> bool:
    """Is the declared pod in the element, or may it be, its unknown labels permitting?"""
    if isinstance(element, ServiceElement):
        element = element.pods(world.cluster.services)
    if isinstance(element, AnyElement):
        return True
    if isinstance(element, WorkloadElement):
        return element.names(pod)
    if not isinstance(element, PodElement):
        return False
    variable = {*pod.free, *(key for numbered in pod.numbered for key, _ in numbered.keys)}
    fixed = tuple(requirement for requirement in element.pod_selector if requirement.key not in variable)
    return may_hold_namespace(element, world.namespace_codes[pod.namespace], world) and matches(fixed, pod.labels)


def may_hold_namespace(element: PodElement, code: int, world: World) -> bool:
    """Can a pod of the element be in the namespace with this code?"""
    entry = world.namespaces[code]
    if element.namespaces is not None and entry.name not in element.namespaces:
        return False
    return entry.labels is None or matches(element.namespace_selector, {**entry.labels, NAME_LABEL: entry.name})
