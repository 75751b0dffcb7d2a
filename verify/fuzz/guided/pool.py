"""The ends that flows have so far, and the values that the variables of the symbolic world have for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ....encodings import bits
from ....encodings.addresses import FAMILIES, Family
from ....encodings.bits import Bits
from ....encodings.terms import Term
from ....encodings.vocabulary import unmentioned
from ....encodings.world import ABSENT, LabelDomain, protocol_code
from ..model import Raw
from .ends import AddressEnd, End, NamedNumber, PodEnd, Way
from .simulation import Simulation
from .space import Space

Leaves = dict[int, int]


class Pool:
    """Ends in the order in which they came: pods of the cluster first. Those that are made get names and addresses that
    nobody has (``names``: of all pods). ``settled`` are terms that every connection must respect that is still to come:
    labels of namespaces that were made, and rooms that are full."""

    def __init__(self, space: Space, declared: Iterable[PodEnd], names: Iterable[str]) -> None:
        self._space = space
        self._world = space.world
        self._names = [*names]
        self._taken = {family: {*space.plan.taken[family], *space.plan.outside[family]} for family in FAMILIES}
        self._static: dict[tuple[End, int, Family, int], tuple[int, ...]] = {}
        self.namespaces: dict[str, dict[str, str]] = {}
        self.ends: list[End] = list(declared)
        self.made = 0
        self.settled: list[Term] = []
        for family in FAMILIES:
            for room in range(len(space.plan.rooms[family])):
                self._close_if_full(family, room)

    # Making ends

    def namespace(self, code: int, labels: dict[str, str]) -> str:
        """The name of the namespace with this code, made if it does not exist."""
        entry = self._world.namespaces[code]
        if entry.exists:
            return entry.name
        if not entry.fresh:
            self.namespaces.setdefault(entry.name, labels)
            return entry.name
        found = next((name for name, own in self.namespaces.items() if own == labels and self._is_fresh(name)), None)
        if found is None:
            mentioned = [each.name for each in self._world.namespaces if not each.fresh]
            (found,) = unmentioned("other", (*mentioned, *self.namespaces))
            self.namespaces[found] = labels
        return found

    def _is_fresh(self, name: str) -> bool:
        code = self._world.namespace_codes.get(name)
        return code is None or self._world.namespaces[code].fresh

    def draft(
        self, role: str, namespace: str, labels: dict[str, str], ports: Iterable[NamedNumber], rooms: dict[Family, int]
    ) -> PodEnd:
        """A pod as a flow needs it, with addresses like those that it will have; ``role`` tells two of them apart."""
        addresses: tuple[tuple[Family, int], ...] = tuple(
            (family, self._free_address(family, room)) for family, room in rooms.items()
        )
        labelled = tuple(sorted(labels.items()))
        return PodEnd(f"({role})", namespace, labelled, tuple(sorted(ports)), addresses, rooms=tuple(rooms.values()))

    def adopt(self, end: End) -> End:
        """The end as one of the pool; a pod that was drafted gets its name and addresses now."""
        if isinstance(end, PodEnd) and not end.declared and end not in self.ends:
            (name,) = unmentioned("probe", self._names)
            addresses: list[tuple[Family, int]] = []
            for (family, _), room in zip(end.addresses, end.rooms, strict=True):
                number = self._free_address(family, room)
                self._taken[family].add(number)
                addresses.append((family, number))
                self._close_if_full(family, room)
            self._names.append(name)
            self.made += 1
            end = replace(end, name=name, addresses=tuple(addresses))
        if end not in self.ends:
            self.ends.append(end)
        return end

    def _close_if_full(self, family: Family, room: int) -> None:
        """No pod goes into a room that has no addresses for two, one at each end of a connection."""
        free = self._space.plan.rooms[family][room].free(self._taken[family])
        if len([*itertools.islice(free, 2)]) < 2:
            for end in self._space.ends:
                there = bits.equals(self._space.terms, self._space.rooms(end, family), room)
                self.settled.append(-self._space.terms.all_of((end.is_pod, there)))

    def _free_address(self, family: Family, room: int) -> int:
        return next(self._space.plan.rooms[family][room].free(self._taken[family]))

    # Connections between ends, for a simulation

    def between(self, ends: list[End], way: Way) -> tuple[Simulation, int]:
        """Every connection of one way between two of the ends; with the connections that can be, as bits.

        Connection ``i * len(ends) + j`` is from end i to end j.
        """
        count = len(ends)
        row = (1 << count) - 1
        column = sum(1 << each * count for each in range(count))
        leaves: Leaves = dict.fromkeys(self._of_way(way), (1 << count * count) - 1)
        for role, spread in ((0, row), (1, column)):
            for node, members in self._members(ends, role, way).items():
                position = _spaced(members, count) if role == 0 else members
                leaves[node] = position * spread
        return Simulation(self._space.terms, leaves, count * count), self._possible(ends, way)

    def _members(self, ends: list[End], role: int, way: Way) -> dict[int, int]:
        members: dict[int, int] = {}
        for position, end in enumerate(ends):
            for node in self._of_end(end, role, way):
                members[node] = members.get(node, 0) | 1 << position
        return members

    def _possible(self, ends: list[End], way: Way) -> int:
        """Two different ends with addresses of the family, one of which is a pod."""
        count, possible, without = len(ends), 0, self._space.without
        usable = [position for position in range(count) if ends[position].address(way.family) is not None]
        pods = [position for position in usable if isinstance(ends[position], PodEnd)]
        to_any = sum(1 << position for position in (pods if "outside-destination" in without else usable))
        to_pods = sum(1 << position for position in pods)
        for position in pods if "outside-source" in without else usable:
            partners = to_any if position in pods else to_pods
            possible |= (partners & ~(1 << position)) << position * count
        return possible

    def add_flow(self, leaves: Leaves, number: int, flow: tuple[End, End, Way]) -> None:
        """Give connection ``number`` of a simulation the values of this flow."""
        source, destination, way = flow
        for node in (*self._of_way(way), *self._of_end(source, 0, way), *self._of_end(destination, 1, way)):
            leaves[node] = leaves.get(node, 0) | 1 << number

    def add_addresses(self, leaves: Leaves, number: int, flow: tuple[End, End, Way]) -> None:
        """Give it the bits of the addresses, too: the product's own encoding of policies asks for them."""
        *ends, way = flow
        for symbolic, end in zip(self._space.ends, ends, strict=True):
            for node in _true(symbolic.address_bits(way.family), end.address(way.family) or 0):
                leaves[node] = leaves.get(node, 0) | 1 << number

    def _of_way(self, way: Way) -> Iterator[int]:
        connection = self._space.connection
        yield from _true(connection.protocol_bits, protocol_code(way.protocol))
        yield from _true(connection.port_bits, way.port)
        if way.family == "IPv6" and connection.ipv6 > 1:
            yield connection.ipv6

    def _of_end(self, end: End, role: int, way: Way) -> Iterator[int]:
        """The variables of the end in this role that are true."""
        key = (end, role, way.family, len(self._space.networks))
        known = self._static.get(key)
        if known is None:
            known = self._static[key] = (*self._of_itself(end, role), *self._of_address(end, role, way.family))
        yield from known
        if isinstance(end, PodEnd):
            for name, protocol, number in end.ports:
                if number == way.port:
                    yield self._space.ends[role].port_variable(name, protocol)
                elif role == 1:
                    yield self._space.elsewhere(name, protocol)

    def _of_address(self, end: End, role: int, family: Family) -> Iterator[int]:
        for (network, any_family), variables in self._space.networks.items():
            address = end.address(network.family) if any_family or network.family == family else None
            if address is not None and network.base <= address <= network.last:
                yield variables[role]

    def _of_itself(self, end: End, role: int) -> Iterator[int]:
        if isinstance(end, AddressEnd):
            return
        symbolic, world = self._space.ends[role], self._world
        yield symbolic.is_pod
        code = world.namespace_codes.get(end.namespace)
        if code is None:
            code = next(code for code, each in enumerate(world.namespaces) if each.fresh)
        yield from _true(symbolic.namespace_code, code)
        labels = dict(end.labels)
        for key in world.vocabulary.pod_labels:
            yield from _true(symbolic.label_bits(key), _code(world.pod_label(key), labels.get(key)))
        own = self.namespaces.get(end.namespace, {})
        for key in world.vocabulary.namespace_labels:
            yield from _true(symbolic.namespace_label_bits(key), _code(world.namespace_label(key), own.get(key)))

    def written(self, used: Iterable[End]) -> list[Raw]:
        """The namespaces and pods made for flows, as objects."""
        pods = [end for end in dict.fromkeys(used) if isinstance(end, PodEnd) and not end.declared]
        inhabited = {pod.namespace for pod in pods}
        spaces = [_namespace(name, labels) for name, labels in self.namespaces.items() if name in inhabited]
        return [*spaces, *(pod.written() for pod in pods)]


def _namespace(name: str, labels: dict[str, str]) -> Raw:
    metadata: Raw = {"name": name, "labels": dict(labels)} if labels else {"name": name}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _true(number: Bits, value: int) -> list[int]:
    """The variables of a vector that are true where it is ``value``."""
    width = len(number)
    return [bit for index, bit in enumerate(number) if value >> (width - 1 - index) & 1]


def _code(domain: LabelDomain, value: str | None) -> int:
    return ABSENT if value is None else domain.code(value)


def _spaced(members: int, distance: int) -> int:
    """Bit i at position ``i * distance``."""
    spaced, position = 0, 0
    while members:
        if members & 1:
            spaced |= 1 << position
        members >>= 1
        position += distance
    return spaced
