"""The single requirements a policy puts to a connection, each with its truth and the reason in words.

A requirement is what can fail by itself: one condition of a selector, a block, a port entry, that the other end is a
pod at all. The truths are the evaluator's own, requirement by requirement; nothing is decided here a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .addresses import Block, family_of, within
from .cases import apart
from .endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint
from .evidence import FALSE, Direction, Truth, known, ordered
from .likeness import likeness, shown_label, similar_label
from .networkpolicy import Peer
from .ports import PortEntry
from .reading import HOST_NETWORK_KEY, IP_BLOCK_KEY
from .selectors import Labels, Selector
from .selectors import Requirement as Condition
from .traffic import Traffic

SelectorKind = Literal["podSelector", "namespaceSelector", "nodes"]
RequirementKind = SelectorKind | Literal["pod", "namespace", "ipBlock", "port", "networks", "domainNames", "peer"]
End = Literal["source", "destination"]
SUBJECTS: dict[Direction, End] = {"egress": "source", "ingress": "destination"}
"""The end whose policies govern a direction."""
OTHERS: dict[Direction, End] = {"egress": "destination", "ingress": "source"}
"""The end that a direction's rules name as peer."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """``wanted`` is what the policy asks for ("podSelector app=web"), ``found`` what there is ("the source has
    app=webb"), ``truth`` whether that meets it.

    ``weight``: how many requirements it stands for, where one failure settles several. ``near``: how near a failed one
    is, from 0 to 1, by the measure of "did you mean".
    """

    kind: RequirementKind
    wanted: str
    found: str
    truth: Truth
    weight: int = 1
    near: float = 0.0

    @property
    def sentence(self) -> str:
        """``podSelector app=web: the source has app=webb``."""
        return f"{self.wanted}: {self.found}"


@dataclass(frozen=True, slots=True)
class PortWalk:
    """One item of a rule's ``ports``."""

    index: int
    line: int
    requirement: Requirement

    @property
    def truth(self) -> Truth:
        """Whether it matches the connection."""
        return self.requirement.truth


@dataclass(frozen=True, slots=True)
class PeerWalk:
    """One item of a rule's ``from`` or ``to``; all its requirements must be met. ``written`` is the whole in words."""

    index: int
    line: int
    written: str
    requirements: tuple[Requirement, ...]
    truth: Truth


def agreed(truths: Sequence[tuple[Traffic, Truth]]) -> Truth:
    """What is true of a connection that may be any of several: unknown where they differ, with what sets them apart."""
    depends_on = ordered(name for _, truth in truths for name in truth.depends_on)
    values = [(case, truth.value) for case, truth in truths]
    if len({value for _, value in values}) == 1:
        return Truth(values[0][1], depends_on)
    return Truth(None, ordered((*depends_on, *apart(values))))


def undecided(cases: Sequence[Traffic], end: ConcreteEndpoint) -> bool:
    """Whether some of the cases see a pod in this end, and others its node."""
    return len({case.is_pod(end) for case in cases}) > 1


def shown_selector(selector: Selector) -> str:
    """A selector as one reads it: ``app=web, tier exists``; ``{}`` if it selects everything."""
    return ", ".join(map(shown_condition, selector.requirements)) or "{}"


def shown_condition(condition: Condition) -> str:
    """One condition: ``app=web``, ``app in (a, b)``, ``app notin (a)``, ``app exists``, ``no app``."""
    values = sorted(condition.values)
    if condition.operator == "In" and len(values) == 1:
        return shown_label(condition.key, values[0])
    if condition.operator in ("In", "NotIn"):
        listed = ", ".join(value or '""' for value in values)
        return f"{condition.key} {'in' if condition.operator == 'In' else 'notin'} ({listed})"
    return f"{condition.key} exists" if condition.operator == "Exists" else f"no label {condition.key}"


def selector_requirements(
    kind: SelectorKind, selector: Selector, labels: Labels, bearer: str
) -> tuple[Requirement, ...]:
    """Each condition of a selector against the bearer of labels ("the source", "namespace dev")."""
    return tuple(
        Requirement(
            kind,
            f"{kind} {shown_condition(condition)}",
            _carried(condition, labels, bearer),
            condition.matches(labels),
            near=_near(condition, labels),
        )
        for condition in selector.requirements
    )


def _carried(condition: Condition, labels: Labels, bearer: str) -> str:
    """What the bearer has under the condition's key."""
    key = condition.key
    if key == NAMESPACE_NAME_LABEL and key in labels.known:
        return f"this is namespace {labels.known[key]}"
    if key in labels.known:
        return f"{bearer} has {shown_label(key, labels.known[key])}"
    if key in labels.free:
        return f"{bearer} has a label {key}, but nobody knows its value"
    if not labels.complete:
        return f"nobody knows the labels of {bearer}"
    wanted = condition.values if condition.operator == "In" else ()
    meant = similar_label(key, wanted, labels)[1] if condition.operator in ("In", "Exists") else ""
    return f"{bearer} has no label {key}" + (f" (it has {meant})" if meant else "")


def _near(condition: Condition, labels: Labels) -> float:
    if condition.matches(labels).value is not False or condition.operator not in ("In", "Exists"):
        return 0.0
    if condition.key in labels.known:
        return max((likeness(labels.known[condition.key], value) for value in condition.values), default=0.0)
    return similar_label(condition.key, condition.values if condition.operator == "In" else (), labels)[0]


def shown_peer(peer: Peer) -> str:
    """A peer as one reads it: ``podSelector app=web, namespaceSelector env=prod``."""
    if peer.block is not None:
        return _shown_block(peer.block, several=True)
    pods = f"podSelector {shown_selector(peer.pods)}"
    if peer.namespaces is None:
        return pods
    spaces = f"namespaceSelector {shown_selector(peer.namespaces)}"
    return f"{spaces}, {pods}" if peer.pods.requirements else spaces


def conditions_of(peer: Peer) -> int:
    """How many conditions a peer's selectors make, at least one."""
    spaces = peer.namespaces.requirements if peer.namespaces is not None else ()
    return max(1, len(peer.pods.requirements) + len(spaces))


def _shown_block(block: Block, several: bool = False) -> str:
    excepted = ", ".join(map(str, block.excepted)) if several else ""
    return f"ipBlock {block.cidr}" + (f" except {excepted}" if excepted else "")


def kind_of(end: ConcreteEndpoint) -> str:
    """What an end is that no selector matches."""
    if end.kind == "pod":
        return "in its host's network, and so counts as its node"
    return "a node" if end.kind == "node" else "an address outside the cluster"


def in_host_network(wanted: str, end: End) -> Requirement:
    """That the end is a pod at all, where that is up to the reading."""
    found = f"the {end} is in its host's network, and plugins differ on whether that is a pod ({HOST_NETWORK_KEY})"
    return Requirement("pod", wanted, found, Truth(None, (HOST_NETWORK_KEY,)))


def peer_requirements(
    peer: Peer, cases: Sequence[Traffic], other: ConcreteEndpoint, end: End
) -> tuple[Requirement, ...]:
    """Everything that the peer asks of the other end of the connection."""
    if peer.block is not None:
        return (_block_requirement(peer, peer.block, cases, other, end),)
    if not any(case.is_pod(other) for case in cases):
        found = f"the {end} is {kind_of(other)}; selectors match pods only"
        return (Requirement("pod", shown_peer(peer), found, FALSE, 1 + conditions_of(peer)),)
    if undecided(cases, other):
        return (in_host_network(shown_peer(peer), end), *_selected(peer, other, end))
    return _selected(peer, other, end)


def _selected(peer: Peer, other: ConcreteEndpoint, end: End) -> tuple[Requirement, ...]:
    """What the selectors of a peer ask of a pod."""
    pods = selector_requirements("podSelector", peer.pods, other.pod_labels(), f"the {end}")
    if peer.namespaces is not None:
        labels = other.labels_of_namespace()
        return (*selector_requirements("namespaceSelector", peer.namespaces, labels, labels.about), *pods)
    same = other.namespace == peer.namespace
    wanted = f"pods of namespace {peer.namespace} (no namespaceSelector)"
    found = f"the {end} is in {'it' if same else f'namespace {other.namespace}'}"
    return (Requirement("namespace", wanted, found, known(same)), *pods)


def _block_requirement(
    peer: Peer, block: Block, cases: Sequence[Traffic], other: ConcreteEndpoint, end: End
) -> Requirement:
    truth = agreed([(case, peer.matches(other, case)) for case in cases])
    readings = {case.reading.ip_block_matches_pods for case in cases}
    found = _held(block, cases, other, end)
    if all(case.is_pod(other) for case in cases) and readings == {False}:
        found = f"the {end} is a pod, and ipBlocks do not match pods ({IP_BLOCK_KEY}=false)"
    elif IP_BLOCK_KEY in truth.depends_on:
        found = f"plugins differ on whether ipBlocks match pods ({IP_BLOCK_KEY}), and {found}"
    return Requirement("ipBlock", _shown_block(block), found, truth)


def _held(block: Block, cases: Sequence[Traffic], other: ConcreteEndpoint, end: End) -> str:
    """Where the end's address stands in a block."""
    family = family_of(block.cidr)
    others = sorted({case.family for case in cases if case.family != family})
    if all(case.family != family for case in cases):
        return f"the connection is over {' or '.join(others)}"
    address = other.address(family)
    if address is None:
        everything = block.holds_any_of(family)
        return f"it holds every {family} address" if everything else f"nobody knows the address of the {end}"
    if not within(address, block.cidr):
        return f"{address} is not in it"
    hole = next((inner for inner in block.excepted if within(address, inner)), None)
    return f"{address} is in it" if hole is None else f"{address} is in except {hole}"


def shown_port(entry: PortEntry) -> str:
    """A port entry as one reads it: ``port TCP 5432``, ``port TCP 8000-8010``, ``port name http (TCP)``."""
    if entry.name is not None:
        return f"port name {entry.name} ({entry.protocol})"
    return shown_numbers(entry.protocol, entry.first, entry.last, whole=(0, 65535))


def shown_numbers(protocol: str, first: int, last: int, *, whole: tuple[int, int]) -> str:
    """``port TCP 5432``, ``port TCP 8000-8010``; ``every TCP port`` for the ``whole`` range."""
    if (first, last) == whole:
        return f"every {protocol} port"
    return f"port {protocol} {first}" if first == last else f"port {protocol} {first}-{last}"


def port_requirement(entry: PortEntry, traffic: Traffic, asked: str) -> Requirement:
    """What a port entry asks; ``asked`` is the port in words, "TCP 5432"."""
    destination = traffic.destination
    truth = entry.matches(traffic)
    found = f"asked for {asked}"
    if entry.name is not None and (entry.protocol == traffic.protocol or destination.ports):
        found = _declared(entry, traffic, asked)
    same_number = entry.protocol != traffic.protocol and entry.first == entry.last == traffic.port
    return Requirement("port", shown_port(entry), found, truth, near=0.8 if same_number else 0.0)


def _declared(entry: PortEntry, traffic: Traffic, asked: str) -> str:
    destination = traffic.destination
    if not traffic.is_pod(destination):
        return f"the destination is {kind_of(destination)}; it declares no ports"
    if destination.ports is None:
        return "nobody knows the container ports of the destination"
    numbers = sorted(
        {port.number for port in destination.ports if (port.name, port.protocol) == (entry.name, entry.protocol)}
    )
    if numbers:
        meant = entry.protocol == traffic.protocol and traffic.port in numbers
        shown = f"the destination declares it as {entry.protocol} {', '.join(map(str, numbers))}"
        return shown if meant else f"{shown}; asked for {asked}"
    return f"the destination declares no port of that name for {entry.protocol} ({declared_ports(destination)})"


def declared_ports(end: ConcreteEndpoint) -> str:
    """``it declares http TCP 8080, dns UDP 53``."""
    ports = sorted({(port.name, port.protocol, port.number) for port in end.ports or ()})
    return f"it declares {', '.join(f'{name} {protocol} {number}' for name, protocol, number in ports) or 'none'}"
