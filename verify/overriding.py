"""The answer to `cannotOverride`: as any other's, but what is shown is what NetworkPolicies make of the connection.

The symbolic side finds a connection that Admin rules do not settle; the concrete evaluator then tries NetworkPolicies,
each read from the YAML that the report prints, in the place of all that exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace

from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.networkpolicy import read_network_policy
from ..encodings.concrete.settled import Settled
from ..encodings.concrete.traffic import Traffic
from ..encodings.policy import Direction
from ..properties.concrete import violates
from ..properties.concrete_groups import Connection
from ..properties.concrete_override import ends_of
from ..properties.concrete_world import in_world, unreal
from ..properties.loading import LoadedProperty
from ..properties.suite import World
from .answer import Answer
from .owner_policies import NotAPolicyError, closing, opening, read_again
from .replay import InternalError, traffic_of
from .reports.json_report import counterexample_object
from .reproduce_override import reproduce_override
from .results import Because, Counterexample, Object, Override


@dataclass(slots=True)
class OverrideAnswer(Answer):
    """Finds what the report says of a property about what NetworkPolicies can change."""

    def confirmed(self, example: Counterexample, world: World) -> tuple[Counterexample, tuple[Because, ...]]:
        """The connection with NetworkPolicies that change it, and the Admin rules at its ends. Raises InternalError."""
        loaded = self.task.loaded
        cluster = in_world(self.setting.concrete, world)
        traffic = traffic_of(example)
        objections = _objections(loaded, traffic, cluster, world)
        objections += unreal(_connection(traffic), self.setting.inventory, world)
        if objections:
            raise _unconfirmed(loaded, example, objections)
        ends = ends_of(cluster, traffic)
        stands = cluster.decide(
            traffic.source, traffic.destination, traffic.protocol, traffic.port, traffic.family, reading=traffic.reading
        )
        found = replace(
            example,
            allowed=stands.allowed is True,
            depends_on=stands.depends_on if stands.allowed is None else (),
            override=_override(loaded, example, ends, cluster),
        )
        return found, tuple(Because(*astuple(reason)) for each in ends for reason in each.because)

    def reproduced(self, example: Counterexample) -> tuple[str, ...]:
        """A script that has the API server judge the policies; it does not try them."""
        return reproduce_override(example, self.task.loaded.written.id)


def _connection(traffic: Traffic) -> Connection:
    ends = (traffic.source, traffic.destination)
    return Connection(*ends, traffic.protocol, traffic.port, traffic.family, traffic.reading)


def _objections(loaded: LoadedProperty, traffic: Traffic, cluster: Cluster, world: World) -> list[str]:
    """Why the connection does not refute the property, as far as the Admin tier tells."""
    return violates(
        loaded.written,
        loaded.groups,
        world,
        traffic.source,
        traffic.destination,
        protocol=traffic.protocol,
        port=traffic.port,
        family=traffic.family,
        allowed=False,  # the policies that stand now do not matter
        cluster=cluster,
        reading=traffic.reading,
        carved=loaded.carved,
    )


def _override(loaded: LoadedProperty, example: Counterexample, ends: Iterable[Settled], cluster: Cluster) -> Override:
    """NetworkPolicies that show what the outcome forbids. Raises InternalError if none of those tried does."""
    verb = loaded.written.cannot_override
    assert verb is not None, "a property of this answer has this verb"
    undecided = _undecided(ends)

    def first(sets: Iterable[tuple[Object, ...]], *, allowed: bool) -> tuple[Object, ...]:
        for policies in sets:
            if with_policies(example, cluster, policies) is allowed:
                return policies
        raise _unconfirmed(loaded, example, [f"no NetworkPolicy {'opens' if allowed else 'closes'} the connection"])

    opens = None if verb.outcome == "open" else first(opening(example, undecided), allowed=True)
    closes = None if verb.outcome == "closed" else first(closing(example, undecided), allowed=False)
    return Override(undecided, opens, closes)


def _undecided(ends: Iterable[Settled]) -> tuple[Direction, ...]:
    """The ends that are left to NetworkPolicies; none where a rule at the other end denies the connection anyway."""
    listed = list(ends)
    if any(each.denied for each in listed):
        return ()
    return tuple(each.direction for each in listed if each.left)


def with_policies(example: Counterexample, cluster: Cluster, policies: Sequence[Object]) -> bool | None:
    """Whether the connection is allowed with these NetworkPolicies in the place of all others, from everything's
    printed form; None: it depends. Raises InternalError for what is no NetworkPolicy."""
    try:
        written = read_again(policies)
    except NotAPolicyError as error:
        raise InternalError(str(error)) from error
    traffic = traffic_of(example)
    ends = (traffic.source, traffic.destination)
    changed = cluster.instead(map(read_network_policy, written))
    return changed.decide(*ends, traffic.protocol, traffic.port, traffic.family, reading=traffic.reading).allowed


def _unconfirmed(loaded: LoadedProperty, example: Counterexample, objections: Sequence[str]) -> InternalError:
    return InternalError(
        f"the counterexample to {loaded.written.id} is not confirmed: {'; '.join(objections)}; "
        f"it was {counterexample_object(example)}"
    )
