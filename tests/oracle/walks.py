"""Random connections of a world, for the oracle: each end of every kind that there is, not as often as it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from .endpoints import Endpoint
from .flows import Connection, Ends
from .readings import Reading
from .tiers import Case
from .world import Setting, World


def places_of(world: World) -> list[Ends]:
    """The ends of each family that has some."""
    return [Ends(endpoints, world.port_names) for endpoints in world.endpoints.values() if endpoints]


def walks(
    setting: Setting,
    places: Sequence[Ends],
    connections: Sequence[Connection],
    readings: Sequence[Reading],
    *,
    chance: Random,
    count: int,
) -> Iterator[tuple[Case, Ends, int]]:
    """About ``count`` connections, each under a reading and a meaning of domain names that are possible for it, with
    the ends of its family and the number of its destination among them."""
    kinds = [{kind: [d for d in ends.destinations if _kind(d) == kind] for kind in _kinds(ends)} for ends in places]
    numbers = [{id(end): number for number, end in enumerate(ends.destinations)} for ends in places]
    meanings = setting.domains.meanings()
    for _ in range(count if places else 0):
        place = chance.randrange(len(places))
        ends, by_kind = places[place], kinds[place]
        destination = chance.choice(by_kind[chance.choice(list(by_kind))])
        source, meaning = chance.choice(ends.sources), chance.choice(meanings)
        number = numbers[place][id(destination)]
        if ends.partners(source) >> number & 1 and setting.domains.possible(destination, meaning):
            connection = chance.choice(connections)
            yield Case(setting, source, destination, connection, chance.choice(readings), meaning), ends, number


def _kinds(ends: Ends) -> list[str]:
    return sorted({_kind(end) for end in ends.destinations})


def _kind(end: Endpoint) -> str:
    """Pods in the host's network are a kind of their own."""
    return "host" if end.pod is not None and end.pod.host_network else end.kind
