"""A connection that is said to refute a property, with what is needed to judge that.

Trusts the concrete evaluator's endpoints and answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Direction, Truth, any_of
from ..encodings.concrete.traffic import Traffic
from .concrete_arrivals import arrives, on_ports_at
from .concrete_groups import Connection, Groups
from .suite import Endpoints, Ports


@dataclass(frozen=True, slots=True)
class Case:
    """A connection said to refute a property, with what is needed to judge that.

    ``allowed`` is the concrete evaluator's verdict; ``world`` the property's effective world (suite and
    property merged). ``subject`` and ``direction`` are those of a ``defaultDeny``.
    """

    groups: Groups
    connection: Connection
    allowed: bool
    cluster: Cluster
    subject: str | None = None
    direction: Direction | None = None

    @property
    def traffic(self) -> Traffic:
        """The connection as policies see it."""
        own = self.connection
        return Traffic(own.source, own.destination, own.protocol, own.port, own.family, own.reading)

    def source_in(self, endpoints: Endpoints) -> Truth:
        """Whether the source belongs to one of these groups."""
        return self.groups.holds(endpoints, self.connection.source, self.connection)

    def destination_in(self, endpoints: Endpoints) -> Truth:
        """Whether the destination belongs to one of these groups."""
        return self.groups.holds(endpoints, self.connection.destination, self.connection)

    def arrives(self, endpoints: Endpoints, ports: Ports | None) -> Truth:
        """Whether the connection goes to one of these groups on one of these ports, as they count there."""
        return arrives(endpoints, ports, self.connection, self.groups)

    def on_ports_of(self, endpoints: Endpoints, ports: Ports | None) -> Truth:
        """Whether the connection's port is one of these, as they count at one of these groups."""
        references = endpoints if isinstance(endpoints, list) else [endpoints]
        return any_of(on_ports_at(each, ports, self.connection, self.groups) for each in references)


def must(reasons: list[str], truth: Truth | bool, otherwise: str) -> None:
    """Adds ``otherwise`` unless the truth is surely true."""
    if (truth.value if isinstance(truth, Truth) else truth) is not True:
        reasons.append(otherwise)
