"""The oracle's verbs about single pods: `defaultDeny` and `dns`. Every rule quotes the contract's *Exact meaning*."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

from .admin import AdminPolicy
from .endpoints import Endpoint, Pod
from .flows import Connection, Ends, Flows
from .groups import Carve, Elements
from .labels import Requirement
from .policies import Direction, Policy, PortEntry
from .verb import Verb, carved, elements_of, holds, ports_of


@dataclass(frozen=True, eq=False)
class DefaultDenyVerb(Verb):
    """`defaultDeny`: "no connection of a pod in `for` gets through in those directions at its own end unless an allow
    rule of a policy selecting it matches (NetworkPolicy alone: some policy governing the direction selects it)".
    `strict`: "a pod in `for` that has no label any policy's rules or subjects single out beyond what `for` says has no
    connection at all in that direction"."""

    subjects: Elements
    direction: Direction
    strict: bool
    exceptions: tuple[Carve, ...]
    policies: Sequence[Policy | AdminPolicy]

    @property
    def required(self) -> Elements:
        return self.subjects

    @property
    def groups(self) -> Elements:
        return (*self.subjects, *elements_of(self.exceptions))

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return ports_of(self.exceptions)

    def observe(self, pod: Pod) -> Hashable:
        return self.strict and self._plain(pod)

    def _plain(self, pod: Pod) -> bool:
        """Whether the pod has no label that a policy singles out."""
        return not any(
            requirement.singles_out(key, value)
            for key, value in pod.labels.items()
            for requirement in self._requirements.get(key, ())
        )

    @cached_property
    def _requirements(self) -> dict[str, list[Requirement]]:
        """What policies require of each label, keys that `for` constrains left aside."""
        said = {r.key for element in self.subjects for s in element.pod_selectors for r in s.requirements}
        found: dict[str, list[Requirement]] = {}
        for policy in self.policies:
            for requirement in (r for s in policy.pod_selectors for r in s.requirements):
                if requirement.key not in said:
                    found.setdefault(requirement.key, []).append(requirement)
        return found

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        if self.direction == "ingress":
            own = ends.among(self.subjects)
        else:
            own = ends.everything if holds(self.subjects, source) else 0
        return own & ~carved(self.exceptions, ends, source, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        if self.direction == "ingress":
            through, admitted = flows.through_in(source, connection), flows.admitted_in(source, connection)
            plain = flows.ends.once(("plain", self), lambda end: end.pod is not None and self._plain(end.pod))
        else:
            through, admitted = flows.through_out(source, connection), flows.admitted_out(source, connection)
            plain = flows.ends.everything if source.pod is not None and self._plain(source.pod) else 0
        return among & through & ((plain | ~admitted) if self.strict else ~admitted)


@dataclass(frozen=True, eq=False)
class DnsVerb(Verb):
    """`dns`: "each pod in `for` reaches every DNS server pod over UDP and over TCP on each container port it names
    `dns`, `dns-tcp`"; "hypothetical pods are never servers"."""

    subjects: Elements
    servers: Elements | None
    defaults: frozenset[str]

    @property
    def required(self) -> Elements:
        return self.subjects

    @property
    def groups(self) -> Elements:
        return (*self.subjects, *(self.servers or ()))

    def _is_server(self, end: Endpoint) -> bool:
        if end.pod is None or not end.pod.references:
            return False
        if self.servers is None:
            return end.pod.references[0] in self.defaults
        return holds(self.servers, end)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        protocol, number = connection
        if protocol == "SCTP" or not holds(self.subjects, source):
            return 0
        return ends.once(
            ("dns", number),
            lambda end: (
                self._is_server(end)
                and end.pod is not None
                and any(name in ("dns", "dns-tcp") and port == number for name, _, port in end.pod.ports)
            ),
        )

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        return among & ~flows.through(source, connection)
