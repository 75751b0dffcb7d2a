"""The small world that the oracle enumerates: every endpoint that could matter to one question.

For each label key that anything mentions: absent, every mentioned value, and three values nobody mentions. Namespaces:
those that exist, those that a selector names, and three that nobody mentions. Ports and addresses: one of each interval
that the mentioned ones cut. Endpoints that nothing in the question can tell apart are kept once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations, product

from . import addresses
from .addresses import FAMILIES, Family, Region, Span
from .admin import AdminPolicy, Chosen
from .domains import Domains
from .endpoints import Endpoint, Namespace, Node, Pod
from .groups import Elements
from .label_choices import FRESH, choices, domain, told_apart
from .labels import Selector
from .nodes import has_address, hosts_of
from .policies import Policy, PortEntry, Unmodelled
from .workloads import Declared

NAME_LABEL = "kubernetes.io/metadata.name"
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NOWHERE = Region("IPv4", 0, alone=False)


@dataclass(frozen=True)
class Setting:
    """What exists for certain, and what else may: the same for every world of one property.

    ``namespaces`` maps each existing namespace to its labels, None where they are unknown. ``admin`` are the
    cluster-wide policies as they were read, ``nodes`` those that somebody declares.
    """

    policies: tuple[Policy, ...]
    unmodelled: tuple[Unmodelled, ...]
    declared: tuple[Declared, ...]
    namespaces: Mapping[str, dict[str, str] | None]
    pod_cidrs: tuple[Span, ...]
    node_cidrs: tuple[Span, ...]
    admin: tuple[AdminPolicy, ...] = ()
    nodes: tuple[Node, ...] = ()
    domains: Domains = field(default_factory=Domains)

    @cached_property
    def chosen(self) -> tuple[Chosen, ...]:
        """Every subject of a cluster-wide policy, and every peer that chooses pods, once."""
        return tuple(dict.fromkeys(chosen for policy in self.admin for chosen in policy.chosen))

    @property
    def families(self) -> tuple[Family, ...]:
        """Those of podCIDRs, else both."""
        present = {span.family for span in self.pod_cidrs}
        return tuple(family for family in FAMILIES if family in present) or FAMILIES


@dataclass(frozen=True, slots=True)
class Interest:
    """What the property can tell apart: its groups, its ports, and ``observe``: what else of a pod matters to it."""

    elements: Elements
    ports: tuple[PortEntry, ...]
    namespace_keys: tuple[str, ...]
    observe: Callable[[Pod], Hashable]


@dataclass(frozen=True, slots=True)
class World:
    """Endpoints by family (as sources, without named ports of their own), and the ports worth asking about."""

    endpoints: Mapping[Family, tuple[Endpoint, ...]]
    port_names: tuple[str, ...]
    connections: tuple[tuple[str, int], ...]


def build_world(setting: Setting, interest: Interest, *, pods_open: bool, namespaces_open: bool) -> World:
    """Every endpoint of the property's world, and every kind of port."""
    namespaces = tuple(_namespaces(setting, interest, namespaces_open))
    pods = _pods(setting, interest, namespaces, pods_open)
    entries = [entry for policy in (*setting.policies, *setting.admin) for entry in policy.port_entries]
    entries += interest.ports
    return World(
        {family: tuple(_endpoints(setting, interest, pods, family)) for family in setting.families},
        tuple(sorted({entry.name for entry in entries if entry.name is not None})),
        _connections(setting.declared, entries),
    )


def _namespaces(setting: Setting, interest: Interest, namespaces_open: bool) -> Iterator[Namespace]:
    selectors = [s for element in interest.elements for s in element.namespace_selectors]
    rules = [rule for policy in setting.policies for rules in policy.rules.values() for rule in rules]
    selectors += [p.namespaces for rule in rules for p in rule.peers or () if p.namespaces is not None]
    selectors += [selector for policy in setting.admin for selector in policy.namespace_selectors]
    known = [labels for labels in setting.namespaces.values() if labels is not None]
    keys = {r.key for s in selectors for r in s.requirements} | set(interest.namespace_keys)
    domains = {key: domain(key, selectors, known) for key in sorted(keys - {NAME_LABEL})}
    names = dict(setting.namespaces)
    if namespaces_open:
        named = {v for s in selectors for r in s.requirements if r.key == NAME_LABEL for v in r.values}
        named |= {name for element in interest.elements for name in element.names}
        named |= {f"fresh-{i}" for i in range(FRESH)}
        for name in sorted(named):
            if DNS_LABEL.fullmatch(name):
                names.setdefault(name, None)
    for name, labels in names.items():
        seen = set[Hashable]()
        for choice in [labels] if labels is not None else choices(domains):
            namespace = Namespace(name, {**choice, NAME_LABEL: name})
            own = tuple(namespace.labels.get(key) for key in interest.namespace_keys)
            signature = (own, tuple(selector.matches(namespace.labels) for selector in selectors))
            if signature not in seen:
                seen.add(signature)
                yield namespace


def _pods(setting: Setting, interest: Interest, namespaces: Iterable[Namespace], pods_open: bool) -> list[Pod]:
    selectors = [s for element in interest.elements for s in element.pod_selectors]
    selectors += [s for policy in (*setting.policies, *setting.admin) for s in policy.pod_selectors]
    keys = sorted({r.key for s in selectors for r in s.requirements})
    carried = [declared.labels for declared in setting.declared]
    domains = {key: told_apart(key, domain(key, selectors, carried), selectors) for key in keys}
    listed = list(dict.fromkeys(selectors))
    hypothetical = [(labels, _bits(s.matches(labels) for s in listed)) for labels in choices(domains)]
    asked = _bits(any(s in element.pod_selectors for element in interest.elements) for s in listed)
    found: dict[Hashable, Pod] = {}
    for namespace in namespaces:
        there = asked | _bits(s in _asked_in(setting, namespace) for s in listed)
        seen = set[Hashable]()
        for labels, matched in hypothetical if pods_open else ():
            pod = Pod(namespace, labels)
            sight = (matched & there, interest.observe(pod))
            if sight not in seen:
                seen.add(sight)
                _keep(found, setting, interest, pod)
        for declared in setting.declared:
            if declared.namespace == namespace.name:
                for pod in _choices_of(declared, namespace, domains):
                    _keep(found, setting, interest, pod)
    return list(found.values())


def _bits(conditions: Iterable[bool]) -> int:
    return sum(1 << i for i, holds in enumerate(conditions) if holds)


def _asked_in(setting: Setting, namespace: Namespace) -> set[Selector]:
    """The selectors on pod labels on which it turns what policies say of a pod of this namespace."""
    rules = [(policy, rule) for policy in setting.policies for rules in policy.rules.values() for rule in rules]
    found = {policy.subject for policy in setting.policies if policy.namespace == namespace.name}
    found |= {p.pods for policy, r in rules for p in r.peers or () if in_reach(policy, namespace, p.namespaces)}
    return found | {chosen.pods for chosen in setting.chosen if chosen.namespaces.matches(namespace.labels)}


def _choices_of(declared: Declared, namespace: Namespace, domains: Mapping[str, Sequence[str | None]]) -> Iterator[Pod]:
    """A declared workload's pods with every value of the labels that controllers choose (never absent)."""
    free = {key: [v for v in domains[key] if v is not None] for key in declared.free if key in domains}
    for choice in choices(free):
        yield Pod(
            namespace,
            {**declared.labels, **choice},
            declared.references,
            declared.ports,
            declared.single,
            declared.known,
            declared.assumed,
            declared.host_network,
            declared.node_name,
        )


def _keep(found: dict[Hashable, Pod], setting: Setting, interest: Interest, pod: Pod) -> None:
    """Remember the pod unless one is there that differs in nothing a policy or the property can see."""
    end = Endpoint("pod", NOWHERE, pod)
    rules = [(policy, rule) for policy in setting.policies for rules in policy.rules.values() for rule in rules]
    signature = (
        pod.references,
        id(pod.namespace),
        tuple(selects(policy, pod) for policy in setting.policies),
        tuple(pod_is_peer(policy, pod, p.pods, p.namespaces) for policy, r in rules for p in r.peers or ()),
        tuple(chooses(chosen, pod) for chosen in setting.chosen),
        tuple(element.matches(end) for element in interest.elements),
        interest.observe(pod),
    )
    found.setdefault(signature, pod)


def selects(policy: Policy, pod: Pod) -> bool:
    """A policy selects the pods of its own namespace that its podSelector matches."""
    return pod.namespace.name == policy.namespace and policy.subject.matches(pod.labels)


def chooses(chosen: Chosen, pod: Pod) -> bool:
    """A subject or peer of a cluster-wide policy: by the labels of the namespace and of the pod, and never a pod in
    the host's network."""
    if pod.host_network:
        return False
    return chosen.namespaces.matches(pod.namespace.labels) and chosen.pods.matches(pod.labels)


def pod_is_peer(policy: Policy, pod: Pod, pods: Selector, namespaces: Selector | None) -> bool:
    """Whether a pod is a peer by selectors."""
    return in_reach(policy, pod.namespace, namespaces) and pods.matches(pod.labels)


def in_reach(policy: Policy, namespace: Namespace, selector: Selector | None) -> bool:
    """Whether a peer's namespaceSelector matches; without one, the policy's namespace is meant, by its *name*."""
    if selector is None:
        return namespace.name == policy.namespace
    return selector.matches(namespace.labels)


def _endpoints(setting: Setting, interest: Interest, pods: Sequence[Pod], family: Family) -> Iterator[Endpoint]:
    blocks = [block for policy in setting.policies for block in policy.blocks]
    blocks += [block for element in interest.elements for block in element.blocks]
    networks = [span for policy in setting.admin for span in policy.networks]
    networks += [span for spans in setting.domains.bound.values() for span in spans]
    known = {address for owner in (*setting.declared, *setting.nodes) for address in owner.known}
    spans = [span for block in blocks for span in block.spans] + [*networks, *setting.pod_cidrs, *setting.node_cidrs]
    spans += [Span(of, address, address) for of, address in known]

    def within(cidrs: Sequence[Span], address: int) -> bool:
        return any(span.contains(family, address) for span in cidrs)

    def signature(of: Family, address: int) -> Hashable:
        where = (within(setting.pod_cidrs, address), within(setting.node_cidrs, address))
        own = address if (of, address) in known else None
        inside = tuple(span.contains(of, address) for span in networks)
        return (own, where, inside, tuple(block.contains(of, address) for block in blocks))

    others = tuple(_undeclared_nodes(setting))
    for region in addresses.regions(family, spans, signature):
        here = (family, region.first)
        taken = here in known  # a declared pod's address is that pod, a declared node's is that node
        in_pods, in_nodes = within(setting.pod_cidrs, region.first), within(setting.node_cidrs, region.first)
        of_nodes = not taken and (in_nodes or not setting.node_cidrs)
        for pod in pods:
            if pod.host_network:
                yield from _in_host_network(setting, others, pod, region, of_nodes)
                continue
            free = not pod.known and not taken and (in_pods or not setting.pod_cidrs)
            if free or here in pod.known:
                yield Endpoint("pod", region, pod)
        if not taken and not in_pods and not in_nodes:
            yield Endpoint("external", region)
        for node in (*setting.nodes, *others):
            if has_address(node, family, region.first, of_nodes):
                yield Endpoint("node", region, node=node)


def _undeclared_nodes(setting: Setting) -> Iterator[Node]:
    """Nodes that nobody declares, one for each way in which node selectors tell them apart."""
    selectors = [selector for policy in setting.admin for selector in policy.node_selectors]
    keys = sorted({r.key for selector in selectors for r in selector.requirements})
    domains = {key: domain(key, selectors, [node.labels for node in setting.nodes]) for key in keys}
    found: dict[Hashable, Node] = {}
    for labels in choices(domains):
        found.setdefault(tuple(selector.matches(labels) for selector in selectors), Node(None, labels))
    yield from found.values()


def _in_host_network(
    setting: Setting, others: Sequence[Node], pod: Pod, region: Region, of_nodes: bool
) -> Iterator[Endpoint]:
    """A pod in the host's network on each node on which it can be; its address is its node's."""
    here = (region.family, region.first)
    for node in hosts_of(pod, setting.nodes, others):
        # An address that the pod's status tells is its node's, also if nobody declares that node.
        told = here in pod.known and node.name is None and not any(here in each.known for each in setting.nodes)
        if (has_address(node, *here, of_nodes) or told) and (not pod.known or here in pod.known):
            yield Endpoint("pod", region, pod, node=node)


def own_port_choices(end: Endpoint, names: Sequence[str]) -> Iterator[Endpoint]:
    """A destination once for each set of named ports it may declare at the connection's own port.

    Names are unique within a container only, so a hypothetical pod may have any of them at one port.
    """
    if end.pod is None or end.pod.references:
        yield end
        return
    for chosen in chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)):
        yield Endpoint(end.kind, end.region, end.pod, frozenset(chosen), end.node)


def _connections(declared: Sequence[Declared], entries: Sequence[PortEntry]) -> tuple[tuple[str, int], ...]:
    """One protocol and port of each kind that the mentioned port entries and declared ports tell apart."""
    edges = {1, *(n for entry in entries for n in (entry.first, entry.last + 1))}
    edges |= {n for d in declared for _, _, port in d.ports for n in (port, port + 1)}
    found: dict[Hashable, tuple[str, int]] = {}
    for protocol, number in product(("TCP", "UDP", "SCTP"), sorted(edges - {65536})):
        matched = tuple(entry.matches(protocol, number, (entry.name or "",)) for entry in entries)
        # Any protocol: a DNS server is asked over UDP and TCP on a number that it names for either.
        names = tuple((proto == protocol, name) for d in declared for name, proto, _ in _at(d, number))
        owners = tuple(sum(1 for _ in _at(d, number)) for d in declared)
        found.setdefault((matched, names, owners), (protocol, number))
    return tuple(found.values())


def _at(declared: Declared, number: int) -> Iterator[tuple[str, str, int]]:
    return (port for port in declared.ports if port[2] == number)
