"""Services for the oracle: properties whose destinations are Services, read once more from the objects as written.

"The pods of that namespace which the Service's selector selects, on the Service's ports, which resolve through
targetPort." Where a list holds several elements each reads ``ports`` in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty
from netpol_verify.properties.suite import Endpoints, Exception_, Group, Only, OnlyEntry

from .endpoints import Endpoint, Pod
from .flows import Connection, Ends, Flows
from .groups import Element, Elements, GroupRefs, elements, ports
from .labels import Requirement, Selector
from .policies import PortEntry
from .raw import Raw, mapping, sequence
from .verb import Verb, holds
from .verbs import IsolateBy, IsolateGroups

Entries = tuple[PortEntry, ...] | None
Written = Sequence[str | int] | None


@dataclass(frozen=True, eq=False)
class Target:
    """One element of a list of destinations: whom it holds, and what ``ports`` mean there (None: any port)."""

    element: Element
    means: Callable[[Written], Entries]
    is_service: bool = False

    def at(self, written: Written, ends: Ends, connection: Connection) -> int:
        """The destinations of a connection that goes to it, on ``written`` as it reads them."""
        return ends.among((self.element,)) & ends.at_ports(self.means(written), connection)

    def inhabited(self, written: Written) -> Element:
        """Holds the pods to which a connection can go: at a Service only those that may have one of its ports."""
        entries = self.means(written)
        if not self.is_service or entries is None or any(entry.name is None for entry in entries):
            return self.element
        wanted = {(entry.name, entry.protocol) for entry in entries}

        def matches(end: Endpoint) -> bool:
            pod = end.pod
            free = pod is not None and not pod.references
            named = pod is not None and any((name, proto) in wanted for name, proto, _ in pod.ports)
            return self.element.matches(end) and (free or named)

        return replace(self.element, matches=matches)


Targets = tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to read targets from."""

    services: Mapping[str, Raw]
    groups: Mapping[str, Group]

    def targets(self, written: GroupRefs) -> Targets:
        """The targets of a group, of a group's name, or of a list of these."""
        items = [written] if isinstance(written, str | Group) else written
        return tuple(map(self._target, items))

    def _target(self, item: str | Group) -> Target:
        group = self.groups[item] if isinstance(item, str) else item
        if group.service is None:
            (element,) = elements(group, self.groups)
            return Target(element, ports)
        namespace, _, _ = group.service.partition("/")
        return _service(namespace, mapping(self.services[group.service], "spec"))


def _service(namespace: str, spec: Raw) -> Target:
    wanted = mapping(spec, "selector")
    selector = Selector(tuple(Requirement(key, "In", (value,)) for key, value in wanted.items()))

    def matches(end: Endpoint) -> bool:
        pod = end.pod
        if pod is None or pod.assumed or pod.namespace.name != namespace:
            return False
        return all(pod.labels.get(key, None) == value for key, value in wanted.items())

    def means(written: Written) -> Entries:
        own = [
            port for port in sequence(spec, "ports") if written is None or any(_names(each, port) for each in written)
        ]
        return tuple(map(_behind, own))

    return Target(Element(matches, (selector,), (), (namespace,)), means, is_service=True)


def _names(written: str | int, port: Raw) -> bool:
    """``80`` and ``TCP/80`` are the Service's port 80, ``UDP/80-90`` a range of them, ``TCP/http`` one by its name."""
    protocol, _, rest = str(written).rpartition("/")
    if (protocol or "TCP") != (port.get("protocol") or "TCP"):
        return False
    low, _, high = rest.partition("-")
    return int(low) <= port["port"] <= int(high or low) if low.isdigit() else port.get("name") == rest


def _behind(port: Raw) -> PortEntry:
    """targetPort: a number, a container port's name, or as good as absent: the Service's own number."""
    protocol, target = port.get("protocol") or "TCP", port.get("targetPort")
    if isinstance(target, str) and target:
        return PortEntry(protocol, name=target)
    number = target or port["port"]
    return PortEntry(protocol, number, number)


class _ToTargets(Verb):
    """A verb whose targets, with the ports that stand beside each, are known."""

    @property
    def asked(self) -> tuple[tuple[Target, Written], ...]:
        raise NotImplementedError

    @property
    def groups(self) -> Elements:
        return (*self.required, *(target.element for target, _ in self.asked))

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return tuple(entry for target, written in self.asked for entry in target.means(written) or ())


@dataclass(frozen=True, eq=False)
class Between(_ToTargets):
    """`never`, `always` and `can`."""

    sources: Elements
    targets: Targets
    written: Written
    allowed_is_bad: bool
    existential: bool = False

    @property
    def asked(self) -> tuple[tuple[Target, Written], ...]:
        return tuple((target, self.written) for target in self.targets)

    @property
    def required(self) -> Elements:
        return (*self.sources, *(target.inhabited(self.written) for target in self.targets))

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        result = 0
        for target in self.targets if holds(self.sources, source) else ():
            result |= target.at(self.written, ends, connection)
        return result

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        through = flows.through(source, connection)
        return among & (through if self.allowed_is_bad else ~through)


@dataclass(frozen=True, eq=False)
class Protected(_ToTargets):
    """`only: {to, from: […]}`, element by element of ``to``."""

    targets: Targets
    entries: tuple[tuple[Elements, Written], ...]

    @property
    def asked(self) -> tuple[tuple[Target, Written], ...]:
        lists = (None, *(written for _, written in self.entries))
        return tuple((target, written) for target in self.targets for written in lists)

    @property
    def required(self) -> Elements:
        return (
            *(target.inhabited(None) for target in self.targets),
            *(element for who, _ in self.entries for element in who),
        )

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        result = 0
        for target in self.targets if source.kind != "node" else ():
            result |= target.at(None, ends, connection)
        return result

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        result = 0
        for target in self.targets:
            here = target.at(None, flows.ends, connection)
            for who, written in self.entries:
                if holds(who, source):
                    here &= ~target.at(written, flows.ends, connection)
            result |= here
        return among & flows.through(source, connection) & result


@dataclass(frozen=True, eq=False)
class Calls(_ToTargets):
    """`only: {from, to: […]}`."""

    protected: Elements
    entries: tuple[tuple[Targets, Written], ...]

    @property
    def asked(self) -> tuple[tuple[Target, Written], ...]:
        return tuple((target, written) for who, written in self.entries for target in who)

    @property
    def required(self) -> Elements:
        return (*self.protected, *(target.inhabited(written) for target, written in self.asked))

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        return ends.everything & ~ends.nodes if holds(self.protected, source) else 0

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        for target, written in self.asked:
            among &= ~target.at(written, flows.ends, connection)
        return among & flows.through(source, connection)


@dataclass(frozen=True, eq=False)
class Except(_ToTargets):
    """Another verb without the connections of its ``except``."""

    verb: Verb
    carves: tuple[tuple[Elements | None, Targets, Written], ...]

    @property
    def asked(self) -> tuple[tuple[Target, Written], ...]:
        return tuple((target, written) for _, targets, written in self.carves for target in targets)

    @property
    def required(self) -> Elements:
        return self.verb.required

    @property
    def groups(self) -> Elements:
        own = (element for sources, _, _ in self.carves for element in sources or ())
        return (*self.verb.groups, *own, *(target.element for target, _ in self.asked))

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return (*self.verb.port_entries, *super().port_entries)

    @property
    def namespace_keys(self) -> tuple[str, ...]:
        return self.verb.namespace_keys

    def observe(self, pod: Pod) -> Hashable:
        return self.verb.observe(pod)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        result = self.verb.hypothesis(ends, source, connection)
        for sources, targets, written in self.carves:
            for target in targets if sources is None or holds(sources, source) else ():
                result &= ~target.at(written, ends, connection)
        return result

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        return self.verb.violated(flows, source, connection, among)

    def inhabited(self, worlds: Sequence[Ends]) -> bool:
        return self.verb.inhabited(worlds)


def instead_of(manifests: Manifests, prop: LoadedProperty) -> Callable[[Verb], Verb]:
    """What to ask instead of a verb that knows no Services: the same property with them. Each entry of an ``except``
    must have a ``to``."""
    services = {f"{item.namespace}/{item.name}": dict[str, Any](item.fields) for item in manifests.exposing}
    reading, groups, written = Reading(services, prop.groups), prop.groups, prop.written

    def verb_of(own: Verb) -> Verb:
        for flow in (written.never, written.always, written.can):
            if flow is not None:
                ends = elements(flow.from_, groups), reading.targets(flow.to)
                return Between(*ends, flow.ports, flow is written.never, flow is written.can)
        if written.only is not None:
            return _only(written.only, reading)
        if written.isolate is not None and isinstance(own, IsolateBy | IsolateGroups):
            return Except(replace(own, exceptions=()), _carves(written.isolate.except_ or (), reading))
        raise NotImplementedError(prop.verb)

    return verb_of


def _only(only: Only, reading: Reading) -> Verb:
    protected, listed = (only.to, only.from_) if _listed(only.from_) else (only.from_, only.to)
    entries = _listed(listed)
    kept = [item for item in protected if not isinstance(item, OnlyEntry)] if isinstance(protected, list) else protected
    if listed is only.from_:
        return Protected(
            reading.targets(kept), tuple((elements(entry.who, reading.groups), entry.ports) for entry in entries)
        )
    return Calls(elements(kept, reading.groups), tuple((reading.targets(entry.who), entry.ports) for entry in entries))


def _listed(side: Endpoints | list[OnlyEntry]) -> list[OnlyEntry]:
    return [item for item in side if isinstance(item, OnlyEntry)] if isinstance(side, list) else []


def _carves(written: Sequence[Exception_], reading: Reading) -> tuple[tuple[Elements | None, Targets, Written], ...]:
    def sources(entry: Exception_) -> Elements | None:
        return None if entry.from_ is None else elements(entry.from_, reading.groups)

    def targets(to: Endpoints | None) -> Targets:
        assert to is not None
        return reading.targets(to)

    return tuple((sources(entry), targets(entry.to), entry.ports) for entry in written)
