"""Properties outside traffic that is carved out of them, for the oracle: any verb, with further exceptions.

"A connection matching one entry in full is left out": what the contract says of ``except``, for verbs that have none.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from netpol_verify.properties.loading import LoadedProperty

from .endpoints import Endpoint, Pod
from .flows import Connection, Ends, Flows
from .groups import Carve, Elements, carves
from .policies import PortEntry
from .verb import Verb, carved, elements_of, ports_of


@dataclass(frozen=True, eq=False)
class Outside(Verb):
    """A verb that does not speak of what is carved out of it."""

    verb: Verb
    carves: tuple[Carve, ...]

    @property
    def required(self) -> Elements:
        return self.verb.required

    @property
    def groups(self) -> Elements:
        return (*self.verb.groups, *elements_of(self.carves))

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return (*self.verb.port_entries, *ports_of(self.carves))

    @property
    def namespace_keys(self) -> tuple[str, ...]:
        return self.verb.namespace_keys

    def observe(self, pod: Pod) -> Hashable:
        return self.verb.observe(pod)

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        about = self.verb.hypothesis(ends, source, connection)
        return about & ~carved(self.carves, ends, source, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        return self.verb.violated(flows, source, connection, among)

    def inhabited(self, worlds: Sequence[Ends]) -> bool:
        return self.verb.inhabited(worlds)


def outside(verbs: tuple[Verb, ...], prop: LoadedProperty) -> tuple[Verb, ...]:
    """The verbs of a property without what is carved out of it."""
    if not prop.carved:
        return verbs
    return tuple(Outside(verb, carves(prop.carved, prop.groups)) for verb in verbs)
