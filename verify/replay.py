"""Every counterexample is judged once more, from its printed form, by the concrete evaluator.

A refutation that the concrete evaluator does not confirm is never shown: it is an error of this program.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Decision, Reason
from ..encodings.concrete.inventory import Inventory
from ..encodings.concrete.printed import from_printed, reading_from_printed
from ..encodings.concrete.traffic import Traffic
from ..properties.concrete import violates
from ..properties.concrete_groups import Connection
from ..properties.concrete_world import in_world, unreal
from ..properties.loading import LoadedProperty
from ..properties.suite import World
from .reports.json_report import counterexample_object, endpoint_object, reading_object
from .results import Counterexample


class InternalError(Exception):
    """This program contradicts itself: exit code 4, never a verdict."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the concrete evaluator says of a confirmed counterexample."""

    allowed: bool
    because: tuple[Reason, ...]


def traffic_of(example: Counterexample) -> Traffic:
    """The connection, from its printed form."""
    return Traffic(
        from_printed(endpoint_object(example.source)),
        from_printed(endpoint_object(example.destination)),
        example.protocol,
        example.port,
        example.family,
        reading_from_printed(reading_object(example.reading)),
    )


def decide(example: Counterexample, cluster: Cluster, world: World) -> Decision:
    """What the concrete evaluator says of a connection in a world, from its printed form."""
    return _decided(traffic_of(example), in_world(cluster, world))


def _decided(traffic: Traffic, cluster: Cluster) -> Decision:
    ends = (traffic.source, traffic.destination)
    return cluster.decide(*ends, traffic.protocol, traffic.port, traffic.family, reading=traffic.reading)


def replay(
    loaded: LoadedProperty, example: Counterexample, cluster: Cluster, inventory: Inventory, world: World
) -> Replayed:
    """Judge a counterexample from its printed form, in the world that is meant to hold it.

    Raises InternalError if the concrete evaluator disagrees, or if such a connection cannot exist there.

    A ``defaultDeny`` speaks of one end, so the connection may be blocked, or left open by ignorance, at the other.
    """
    cluster = in_world(cluster, world)
    traffic = traffic_of(example)
    source, destination, reading = traffic.source, traffic.destination, traffic.reading
    decision = _decided(traffic, cluster)
    allowed, because = decision.allowed, decision.because
    objections: list[str] = []
    if example.direction is not None:
        allowed, because = allowed is True, cluster.decide_side(example.direction, traffic).because
    elif allowed is None:
        objections.append(f"the concrete evaluator leaves it open: {', '.join(decision.depends_on)}")
    elif allowed != example.allowed:
        objections.append(f"the concrete evaluator says {'allowed' if allowed else 'blocked'}")
    connection = Connection(source, destination, example.protocol, example.port, example.family, reading)
    objections += unreal(connection, inventory, world)
    objections += violates(
        loaded.written,
        loaded.groups,
        world,
        source,
        destination,
        protocol=example.protocol,
        port=example.port,
        family=example.family,
        allowed=allowed is True,
        cluster=cluster,
        reading=reading,
        subject=example.subject,
        direction=example.direction,
        carved=loaded.carved,
    )
    if objections:
        raise InternalError(
            f"the counterexample to {loaded.written.id} is not confirmed: {'; '.join(objections)}; "
            f"it was {counterexample_object(example)}"
        )
    return Replayed(allowed is True, because)
