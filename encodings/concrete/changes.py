"""What would have to be otherwise at the ends of a connection for a requirement to be met.

A change is said of one end, or of the port, never of a policy (but for a rule's protocol, where a name is looked up
under the wrong one). Changes of labels and ports can be applied to a connection, so that what is claimed of them can be
asked of the evaluator. Trusts the selectors as they have been read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .addresses import Block, Family, family_of, within
from .endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint, NamedPort
from .likeness import likeness, shown_label, similar_label
from .networkpolicy import Peer
from .ports import PortEntry
from .reading import IP_BLOCK_KEY
from .requirements import End, conditions_of, declared_ports, kind_of, shown_peer, shown_port
from .selectors import Labels, Requirement, Selector
from .traffic import Traffic

ChangeKind = Literal[
    "label", "namespaceLabel", "namespace", "pod", "address", "family", "reading", "port", "containerPort", "rule"
]
APPLICABLE: frozenset[ChangeKind] = frozenset({"label", "namespaceLabel", "port", "containerPort"})
ANY_VALUE = "any-value"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have to be otherwise.

    ``end``: whose (None: of the port, the rule or the cluster). ``key`` and ``value``: a label and its value (None:
    without the label; ``others``: further values that would do; ``any_value``: so would nearly any); a port's protocol
    and number; a container port's ``protocol/name`` and number; of the other kinds, what is asked for. ``wish`` and
    ``now`` say it in words: "the source had app=web", "it has app=webb". ``weight``: how many changes it stands for.
    """

    kind: ChangeKind
    end: End | None
    key: str
    value: str | None
    wish: str
    now: str
    others: tuple[str, ...] = ()
    any_value: bool = False
    weight: int = 1


def label_changes(selector: Selector, labels: Labels, end: End, bearer: str) -> tuple[Change, ...] | None:
    """The fewest changes of a pod's labels by which it meets every requirement that it surely fails.

    None if no labels meet them: requirements on one key that exclude each other.
    """
    return _changes(selector, labels, end, "label", bearer)


def namespace_changes(selector: Selector, end: ConcreteEndpoint, which: End) -> tuple[Change, ...] | None:
    """As ``label_changes``, of the end's namespace. Another ``kubernetes.io/metadata.name`` is another namespace, and
    none is without it."""
    labels = end.labels_of_namespace()
    changes = _changes(selector, labels, which, "namespaceLabel", labels.about)
    named = [each for each in selector.requirements if each.key == NAMESPACE_NAME_LABEL]
    if changes is None or any(each.operator == "DoesNotExist" for each in named):
        return None
    return tuple(_as_move(each) for each in changes)


def move_to(namespace: str, end: ConcreteEndpoint, which: End) -> Change:
    """The change of an end's namespace."""
    wish = f"the {which} were in namespace {namespace}"
    return Change("namespace", which, "namespace", namespace, wish, f"it is in {end.namespace}")


def _as_move(change: Change) -> Change:
    """A change of the label that every namespace's name gives it, as what it is."""
    if change.key != NAMESPACE_NAME_LABEL:
        return change
    names = " or ".join((change.value, *change.others)) if change.value is not None else "another name"
    now = change.now.replace(f"{NAMESPACE_NAME_LABEL}=", "").replace("it has", "it is in")
    return replace(
        change, kind="namespace", key="namespace", wish=f"the {change.end} were in namespace {names}", now=now
    )


def _changes(
    selector: Selector, labels: Labels, end: End, kind: Literal["label", "namespaceLabel"], bearer: str
) -> tuple[Change, ...] | None:
    changes: list[Change] = []
    for key in dict.fromkeys(each.key for each in selector.requirements if each.matches(labels).value is False):
        target = _target(key, [each for each in selector.requirements if each.key == key], labels)
        if target is None:
            return None
        wish = f"{bearer} had {target.shown(key)}"
        now = _now(key, target, labels)
        changes.append(Change(kind, end, key, target.value, wish, now, target.others, target.excluded is not None))
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Target:
    """What meets every requirement on one key: a value (None: no such label) and ``others``; or, where ``excluded`` is
    not None, any value but those."""

    value: str | None
    others: tuple[str, ...] = ()
    excluded: tuple[str, ...] | None = None

    def shown(self, key: str) -> str:
        if self.value is None:
            return f"no label {key}"
        if self.excluded is None:
            return " or ".join(shown_label(key, each) for each in (self.value, *self.others))
        return f"a label {key}" + (f" that is not {' or '.join(self.excluded)}" if self.excluded else " (any value)")


def _target(key: str, requirements: Sequence[Requirement], labels: Labels) -> _Target | None:
    """The least change that meets all requirements on the key; None if they exclude each other."""
    inside = [each.values for each in requirements if each.operator == "In"]
    excluded = {value for each in requirements if each.operator == "NotIn" for value in each.values}
    operators = {each.operator for each in requirements}
    if "DoesNotExist" in operators:
        return None if inside or "Exists" in operators else _Target(None)
    if inside:
        possible = sorted(frozenset[str].intersection(*inside) - excluded)
        current = labels.known.get(key, "")
        best = max(possible, key=lambda value: likeness(value, current), default=None)
        return None if best is None else _Target(best, tuple(value for value in possible if value != best))
    if "Exists" not in operators:
        return _Target(None)
    value = ANY_VALUE
    while value in excluded:
        value += "x"
    return _Target(value, (), tuple(sorted(excluded)))


def _now(key: str, target: _Target, labels: Labels) -> str:
    """What a bearer has instead: ``it has app=webb``, ``it has no label app, but ap=web``."""
    if key in labels.known:
        return f"it has {shown_label(key, labels.known[key])}"
    if key in labels.free:
        return f"it has a label {key}"
    wanted = () if target.value is None or target.excluded is not None else (target.value, *target.others)
    meant = similar_label(key, wanted, labels)[1]
    return f"it has no label {key}" + (f", but {meant}" if meant else "")


def peer_changes(peer: Peer, cases: Sequence[Traffic], other: ConcreteEndpoint, end: End) -> tuple[Change, ...] | None:
    """What would make the peer match the other end, where it surely does not; None if nothing would."""
    if peer.block is not None:
        return tuple(_block_changes(peer, peer.block, cases, other, end))
    if not any(case.is_pod(other) for case in cases):
        wish = f"the {end} were a pod that matches {shown_peer(peer)}"
        return (Change("pod", end, "kind", "pod", wish, f"it is {kind_of(other)}", weight=conditions_of(peer) + 1),)
    pods = label_changes(peer.pods, other.pod_labels(), end, f"the {end}")
    spaces: tuple[Change, ...] | None = ()
    if peer.namespaces is not None:
        spaces = namespace_changes(peer.namespaces, other, end)
    elif other.namespace != peer.namespace:
        spaces = (move_to(peer.namespace, other, end),)
    return None if pods is None or spaces is None else (*spaces, *pods)


def _block_changes(
    peer: Peer, block: Block, cases: Sequence[Traffic], other: ConcreteEndpoint, end: End
) -> Iterable[Change]:
    if any(peer.matches(other, case).value is not False for case in cases):
        return
    if all(case.is_pod(other) and not case.reading.ip_block_matches_pods for case in cases):
        yield Change("reading", None, IP_BLOCK_KEY, "true", "ipBlocks matched pods", f"{IP_BLOCK_KEY}=false")
    families: list[Family] = [case.family for case in cases if case.family == family_of(block.cidr)]
    if not families:
        wish = f"the connection were over {family_of(block.cidr)}"
        yield Change("family", None, "family", family_of(block.cidr), wish, f"it is over {cases[0].family}")
        return
    address = other.address(families[0])
    if address is not None and not block.holds(address):
        wish = f"the {end} had an address in {block.cidr}" + (" outside its except" if block.excepted else "")
        hole = next((inner for inner in block.excepted if within(address, inner)), None)
        now = f"it has {address}" if hole is None else f"{address} is in except {hole}"
        yield Change("address", end, "ipBlock", str(block.cidr), wish, now)


def port_changes(entry: PortEntry, traffic: Traffic, asked: str) -> tuple[Change, ...]:
    """What would make the port entry match, where it surely does not; ``asked`` is the port in words."""
    if entry.matches(traffic).value is not False:
        return ()
    if entry.name is not None:
        return _name_changes(entry, entry.name, traffic, asked)
    number = min(max(traffic.port, entry.first), entry.last)
    if number == traffic.port and entry.first != entry.last:
        return (_to_protocol(entry, traffic, asked),)
    wish = f"the port were {'in ' if entry.first != entry.last else ''}{shown_port(entry).removeprefix('port ')}"
    return (Change("port", None, entry.protocol, str(number), wish, f"asked for {asked}"),)


def _to_protocol(entry: PortEntry, traffic: Traffic, asked: str) -> Change:
    wish = f"the protocol were {entry.protocol}"
    return Change("port", None, entry.protocol, str(traffic.port), wish, f"asked for {asked}")


def _name_changes(entry: PortEntry, name: str, traffic: Traffic, asked: str) -> tuple[Change, ...]:
    """A name is looked up on the destination under the rule's protocol: another port, another name there, or a rule of
    the protocol that is meant."""
    destination = traffic.destination
    if not traffic.is_pod(destination):
        wish = f"the destination were a pod with a {entry.protocol} port named {name}"
        return (Change("pod", "destination", "kind", "pod", wish, f"it is {kind_of(destination)}"),)
    if destination.ports is None:
        return (_to_protocol(entry, traffic, asked),)
    found = sorted({(port.protocol, port.number) for port in destination.ports if port.name == name})
    numbers = [number for protocol, number in found if protocol == entry.protocol]
    if numbers:
        wish = f"the port were {entry.protocol} {numbers[0]}, which the destination names {name}"
        return (Change("port", None, entry.protocol, str(numbers[0]), wish, f"asked for {asked}"),)
    if (traffic.protocol, traffic.port) in found:
        wish = f"the rule said protocol {traffic.protocol} for {name}"
        return (Change("rule", None, "protocol", traffic.protocol, wish, f"it says {entry.protocol}"),)
    wish = f"the destination named the port {name}"
    key, number = f"{entry.protocol}/{name}", str(traffic.port)
    named = Change("containerPort", "destination", key, number, wish, declared_ports(destination))
    return (named,) if entry.protocol == traffic.protocol else (_to_protocol(entry, traffic, asked), named)


def applied(changes: Iterable[Change], traffic: Traffic) -> Traffic | None:
    """The connection with exactly these changes; None if one of them is of a kind that cannot be applied."""
    for change in changes:
        if change.kind not in APPLICABLE or (change.value is None and change.kind not in ("label", "namespaceLabel")):
            return None
        if change.kind == "port":
            traffic = replace(traffic, protocol=change.key, port=int(change.value or 0))
        else:
            traffic = _changed_ends(change, traffic)
    return traffic


def _changed_ends(change: Change, traffic: Traffic) -> Traffic:
    source, destination = traffic.source, traffic.destination
    shared = change.kind == "namespaceLabel" and source.namespace == destination.namespace
    if change.end == "source" or shared:
        source = _changed(change, source)
    if change.end == "destination" or shared:
        destination = _changed(change, destination)
    return replace(traffic, source=source, destination=destination)


def _changed(change: Change, end: ConcreteEndpoint) -> ConcreteEndpoint:
    if change.kind == "containerPort":
        protocol, _, name = change.key.partition("/")
        return replace(end, ports=(*(end.ports or ()), NamedPort(name, protocol, int(change.value or 0))))
    labels = end.labels if change.kind == "label" else end.namespace_labels or {}
    kept = {key: value for key, value in labels.items() if key != change.key}
    if change.value is not None:
        kept[change.key] = change.value
    if change.kind == "namespaceLabel":
        return replace(end, namespace_labels=kept)
    return replace(end, labels=kept, unknown_labels=end.unknown_labels - {change.key})
