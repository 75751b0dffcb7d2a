"""The small world that the oracle enumerates: every endpoint that could matter to one question.

For each label key that anything mentions: absent, every mentioned value, and three values nobody mentions. Namespaces:
those that exist, those that a selector names, and three that nobody mentions. Ports and addresses: one of each interval
that the mentioned ones cut. Endpoints that nothing in the question can tell apart are kept once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from . import addresses
from .addresses import FAMILIES, Family, Region, Span
from .endpoints import Endpoint, Namespace, Pod
from .groups import Elements
from .labels import Selector
from .policies import Policy, PortEntry, Unmodelled
from .workloads import Declared

NAME_LABEL = "kubernetes.io/metadata.name"
FRESH = 3
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NOWHERE = Region("IPv4", 0, alone=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """What exists for certain, and what else may: the same for every world of one property.

    ``namespaces`` maps each existing namespace to its labels, None where they are unknown.
    """

    policies: tuple[Policy, ...]
    unmodelled: tuple[Unmodelled, ...]
    declared: tuple[Declared, ...]
    namespaces: Mapping[str, dict[str, str] | None]
    pod_cidrs: tuple[Span, ...]
    node_cidrs: tuple[Span, ...]

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
    entries = [entry for policy in setting.policies for entry in policy.port_entries] + list(interest.ports)
    return World(
        {family: tuple(_endpoints(setting, interest, pods, family)) for family in setting.families},
        tuple(sorted({entry.name for entry in entries if entry.name is not None})),
        _connections(setting.declared, entries),
    )


def _domain(key: str, selectors: Iterable[Selector], carried: Iterable[Mapping[str, str]]) -> list[str | None]:
    """The values a key may have: absent (None), those mentioned or carried by something declared, and fresh ones."""
    mentioned = {value for s in selectors for r in s.requirements if r.key == key for value in r.values}
    mentioned |= {labels[key] for labels in carried if key in labels}
    fresh = [value for value in (f"fresh-{i}" for i in range(FRESH + len(mentioned))) if value not in mentioned]
    return [None, *sorted(mentioned), *fresh[:FRESH]]


def _choices(domains: Mapping[str, Sequence[str | None]]) -> Iterator[dict[str, str]]:
    """Every way to choose a value, or absence, for each key."""
    for values in product(*domains.values()):
        yield {key: value for key, value in zip(domains, values, strict=True) if value is not None}


def _namespaces(setting: Setting, interest: Interest, namespaces_open: bool) -> Iterator[Namespace]:
    selectors = [s for element in interest.elements for s in element.namespace_selectors]
    rules = [rule for policy in setting.policies for rules in policy.rules.values() for rule in rules]
    selectors += [p.namespaces for rule in rules for p in rule.peers or () if p.namespaces is not None]
    known = [labels for labels in setting.namespaces.values() if labels is not None]
    keys = {r.key for s in selectors for r in s.requirements} | set(interest.namespace_keys)
    domains = {key: _domain(key, selectors, known) for key in sorted(keys - {NAME_LABEL})}
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
        for choice in [labels] if labels is not None else _choices(domains):
            namespace = Namespace(name, {**choice, NAME_LABEL: name})
            own = tuple(namespace.labels.get(key) for key in interest.namespace_keys)
            signature = (own, tuple(selector.matches(namespace.labels) for selector in selectors))
            if signature not in seen:
                seen.add(signature)
                yield namespace


def _pods(setting: Setting, interest: Interest, namespaces: Iterable[Namespace], pods_open: bool) -> list[Pod]:
    selectors = [s for element in interest.elements for s in element.pod_selectors]
    selectors += [s for policy in setting.policies for s in policy.pod_selectors]
    keys = sorted({r.key for s in selectors for r in s.requirements})
    carried = [declared.labels for declared in setting.declared]
    domains = {key: _domain(key, selectors, carried) for key in keys}
    # Label choices that no selector tells apart are one; `observe` looks at labels through mentioned keys as well.
    hypothetical = list(_choices(domains)) if pods_open else []
    found: dict[Hashable, Pod] = {}
    for namespace in namespaces:
        for labels in hypothetical:
            _keep(found, setting, interest, Pod(namespace, labels))
        for declared in setting.declared:
            if declared.namespace == namespace.name:
                for pod in _choices_of(declared, namespace, domains):
                    _keep(found, setting, interest, pod)
    return list(found.values())


def _choices_of(declared: Declared, namespace: Namespace, domains: Mapping[str, Sequence[str | None]]) -> Iterator[Pod]:
    """A declared workload's pods with every value of the labels that controllers choose (never absent)."""
    free = {key: [v for v in domains[key] if v is not None] for key in declared.free if key in domains}
    for choice in _choices(free):
        yield Pod(
            namespace,
            {**declared.labels, **choice},
            declared.references,
            declared.ports,
            declared.single,
            declared.known,
            declared.assumed,
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
        tuple(element.matches(end) for element in interest.elements),
        interest.observe(pod),
    )
    found.setdefault(signature, pod)


def selects(policy: Policy, pod: Pod) -> bool:
    """A policy selects the pods of its own namespace that its podSelector matches."""
    return pod.namespace.name == policy.namespace and policy.subject.matches(pod.labels)


def pod_is_peer(policy: Policy, pod: Pod, pods: Selector, namespaces: Selector | None) -> bool:
    """Whether a pod is a peer by selectors: without namespaceSelector, in the policy's namespace by its *name*."""
    if namespaces is None:
        in_namespace = pod.namespace.name == policy.namespace
    else:
        in_namespace = namespaces.matches(pod.namespace.labels)
    return in_namespace and pods.matches(pod.labels)


def _endpoints(setting: Setting, interest: Interest, pods: Sequence[Pod], family: Family) -> Iterator[Endpoint]:
    blocks = [block for policy in setting.policies for block in policy.blocks]
    blocks += [block for element in interest.elements for block in element.blocks]
    known = {address for declared in setting.declared for address in declared.known}
    spans = [span for block in blocks for span in block.spans] + [*setting.pod_cidrs, *setting.node_cidrs]
    spans += [Span(of, address, address) for of, address in known]

    def within(cidrs: Sequence[Span], address: int) -> bool:
        return any(span.contains(family, address) for span in cidrs)

    def signature(of: Family, address: int) -> Hashable:
        where = (within(setting.pod_cidrs, address), within(setting.node_cidrs, address))
        own = address if (of, address) in known else None
        return (own, where, tuple(block.contains(of, address) for block in blocks))

    for region in addresses.regions(family, spans, signature):
        taken = (family, region.first) in known  # a declared pod's address is that pod
        in_pods, in_nodes = within(setting.pod_cidrs, region.first), within(setting.node_cidrs, region.first)
        for pod in pods:
            free = not pod.known and not taken and (in_pods or not setting.pod_cidrs)
            if free or (family, region.first) in pod.known:
                yield Endpoint("pod", region, pod)
        if not taken and not in_pods and not in_nodes:
            yield Endpoint("external", region)
        if not taken and (in_nodes or not setting.node_cidrs):
            yield Endpoint("node", region)


def own_port_choices(end: Endpoint, names: Sequence[str]) -> Iterator[Endpoint]:
    """A destination once for each set of named ports it may declare at the connection's own port.

    Names are unique within a container only, so a hypothetical pod may have any of them at one port.
    """
    if end.pod is None or end.pod.references:
        yield end
        return
    for chosen in chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)):
        yield Endpoint(end.kind, end.region, end.pod, frozenset(chosen))


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
