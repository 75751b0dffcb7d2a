"""Does a concrete connection arrive at a destination of a property, on a port that its ``ports`` mean there?

Written apart from ``arrivals``. At a Service ``ports`` are the Service's: numbers and names of its own, each leading to
a port of the pods behind it. Trusts the concrete evaluator's Services and endpoints.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..encodings.concrete.evidence import Truth, all_of, any_of, known
from ..encodings.concrete.services import Forwarding
from .concrete_groups import Connection, Groups, on_ports
from .suite import Endpoints, GroupRef, Ports


def arrives(endpoints: Endpoints, ports: Ports | None, connection: Connection, groups: Groups) -> Truth:
    """Whether the connection goes to one of these groups, on a port that counts there."""
    references: Sequence[GroupRef] = endpoints if isinstance(endpoints, list) else [endpoints]
    return any_of(
        all_of((groups.holds(each, connection.destination, connection), on_ports_at(each, ports, connection, groups)))
        for each in references
    )


def on_ports_at(reference: GroupRef, ports: Ports | None, connection: Connection, groups: Groups) -> Truth:
    """Whether the connection's port is one that ``ports`` mean at this group."""
    service = groups.resolve(reference).service
    if service is None:
        return known(on_ports(ports, connection))
    chosen = [each for each in groups.services.ports_of(service) if ports is None or _listed(each, ports)]
    pod = connection.destination
    return any_of(each.reaches(pod, connection.protocol, connection.port) for each in chosen)


def _listed(port: Forwarding, ports: Ports) -> bool:
    """Whether the suite names this port of a Service: ``80``, ``TCP/80-90``, ``TCP/http``."""
    for entry in map(str, ports):
        protocol, _, rest = entry.rpartition("/")
        if (protocol or "TCP") != port.protocol:
            continue
        first, _, last = rest.partition("-")
        if first.isdigit() and (last.isdigit() or not last):
            if int(first) <= port.port <= int(last or first):
                return True
        elif rest == port.name:
            return True
    return False
