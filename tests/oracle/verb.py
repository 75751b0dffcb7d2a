"""What every verb of the oracle answers, and what verbs share: membership and exceptions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from .endpoints import Endpoint, Pod
from .flows import Connection, Ends, Flows
from .groups import Carve, Elements
from .policies import PortEntry


class Verb:
    """A property's verb, its groups resolved."""

    existential: bool = False
    """Whether one allowed connection is enough (``can``)."""

    @property
    def required(self) -> Elements:
        """Each of these must hold some endpoint of the world, else the property is vacuous: "one element of a
        `from`/`to`/`for` list matches nothing"."""
        return ()

    @property
    def groups(self) -> Elements:
        """Every element of a group in the property."""
        return self.required

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        """Every port in the property."""
        return ()

    @property
    def namespace_keys(self) -> tuple[str, ...]:
        """Namespace labels whose very values matter."""
        return ()

    def observe(self, pod: Pod) -> Hashable:
        """What this verb sees of a pod beside its groups."""
        return None

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        """The destinations for which the property speaks about the connection."""
        raise NotImplementedError

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        """Those ``among`` the destinations for which the connection violates the property."""
        raise NotImplementedError

    def inhabited(self, worlds: Sequence[Ends]) -> bool:
        """Whether the property's groups have the members its hypothesis needs."""
        return True


def holds(wanted: Elements, end: Endpoint) -> bool:
    return any(element.matches(end) for element in wanted)


def carved(exceptions: Sequence[Carve], ends: Ends, source: Endpoint, connection: Connection) -> int:
    """ "A connection matching one entry in full is left out." """
    result = 0
    for carve in exceptions:
        if carve.sources is None or holds(carve.sources, source):
            matching = ends.everything if carve.destinations is None else ends.among(carve.destinations)
            result |= matching & ends.at_ports(carve.ports, connection)
    return result


def elements_of(exceptions: Sequence[Carve]) -> Elements:
    return tuple(element for carve in exceptions for element in (*(carve.sources or ()), *(carve.destinations or ())))


def ports_of(exceptions: Sequence[Carve]) -> tuple[PortEntry, ...]:
    return tuple(entry for carve in exceptions for entry in carve.ports or ())
