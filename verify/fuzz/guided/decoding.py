"""A model of the solver as a connection between concrete ends, made in the pool where they do not exist yet."""

from __future__ import annotations

from collections.abc import Iterator

from ....encodings import bits
from ....encodings.addresses import FAMILIES, Family
from ....encodings.bits import Bits
from ....encodings.endpoint import SymbolicEndpoint
from ....encodings.policy import PROTOCOLS, Protocol
from ....encodings.solver import Solver
from ....encodings.terms import TRUE, Term
from ....encodings.world import ABSENT
from .ends import AddressEnd, End, NamedNumber, Way
from .pool import Pool
from .space import Space


class Decoding:
    """Reads connections off "sat" answers; what it makes is in the pool."""

    def __init__(self, space: Space, pool: Pool) -> None:
        self._space = space
        self._world = space.world
        self._pool = pool
        self._made: set[int] = set()
        self._values: dict[Term, bool] = {}

    def connection(self, solver: Solver) -> tuple[End, End, Way]:
        """The connection of the last "sat" answer: its ends, as drafts, and what else it is."""
        known = [each for each in self._variables() if solver.knows(each)]
        self._values = dict(zip(known, solver.values(known), strict=True))
        connection = self._space.connection
        family: Family = "IPv6" if self._holds(connection.ipv6) else "IPv4"
        way = Way(
            PROTOCOLS[self._number(connection.protocol_bits)],
            self._space.ports[self._number(self._space.port_code)],
            family,
        )
        source, destination = (self._end(end, way) for end in self._space.ends)
        return source, destination, way

    def _variables(self) -> Iterator[Term]:
        """Everything that a connection is made of."""
        yield from (
            self._space.connection.ipv6,
            *self._space.connection.protocol_bits,
            *self._space.port_code,
        )
        for end in self._space.ends:
            yield from (end.is_pod, *end.namespace_code)
            for key in self._world.vocabulary.pod_labels:
                yield from end.label_bits(key)
            for key in self._world.vocabulary.namespace_labels:
                yield from end.namespace_label_bits(key)
            for family in FAMILIES:
                yield from (*self._space.rooms(end, family), *self._space.outside(end, family))
        for name in self._space.outline.numbers:
            for protocol in PROTOCOLS:
                yield from (end.port_variable(name, protocol) for end in self._space.ends)
                yield self._space.elsewhere(name, protocol)

    def _number(self, number: Bits) -> int:
        return sum(self._holds(bit) << shift for shift, bit in enumerate(reversed(number)))

    def _end(self, end: SymbolicEndpoint, way: Way) -> End:
        if not self._holds(end.is_pod):
            return AddressEnd(way.family, self._space.plan.outside[way.family][self._number(self._outside(end, way))])
        code = self._number(end.namespace_code)
        entry = self._world.namespaces[code]
        of_namespace = {} if entry.exists else dict(self._namespace_labels(end))
        if not entry.exists and not entry.fresh and code not in self._made:
            self._made.add(code)
            self._pool.settled.extend(self._fixed(code, of_namespace))
        namespace = self._pool.namespace(code, of_namespace)
        rooms: dict[Family, int] = {
            family: self._number(self._space.rooms(end, family))
            for family in FAMILIES
            if self._space.plan.rooms[family]
        }
        labels, ports = dict(self._labels(end)), self._named_ports(end, way)
        return self._pool.draft(end.role, namespace, labels, ports, rooms)

    def _outside(self, end: SymbolicEndpoint, way: Way) -> Bits:
        return self._space.outside(end, way.family)

    def _labels(self, end: SymbolicEndpoint) -> Iterator[tuple[str, str]]:
        for key in self._world.vocabulary.pod_labels:
            code = self._number(end.label_bits(key))
            if code != ABSENT:
                yield key, self._world.pod_label(key).texts()[code - 1]

    def _namespace_labels(self, end: SymbolicEndpoint) -> Iterator[tuple[str, str]]:
        for key in self._world.vocabulary.namespace_labels:
            code = self._number(end.namespace_label_bits(key))
            if code != ABSENT:
                yield key, self._world.namespace_label(key).texts()[code - 1]

    def _fixed(self, code: int, labels: dict[str, str]) -> Iterator[Term]:
        """The namespace exists from now on, with these labels."""
        terms = self._space.terms
        for end in self._space.ends:
            there = end.in_namespaces(frozenset({code}))
            for key in self._world.vocabulary.namespace_labels:
                value = self._world.namespace_label(key).code(labels[key]) if key in labels else ABSENT
                yield terms.implies(there, bits.equals(terms, end.namespace_label_bits(key), value))

    def _named_ports(self, end: SymbolicEndpoint, way: Way) -> Iterator[NamedNumber]:
        """The ports that the model says the pod declares, and those that every pod must."""
        numbers = self._space.outline.numbers
        found: dict[tuple[str, Protocol], int] = {}
        for name in numbers:
            for protocol in PROTOCOLS:
                if self._holds(end.port_variable(name, protocol)):
                    found[name, protocol] = way.port
                elif end is self._space.ends[1] and self._holds(self._space.elsewhere(name, protocol)):
                    found[name, protocol] = self._other_number(name, way.port)
        for name, ways in self._space.required:
            if not any((name, protocol) in found for protocol in ways):
                found[name, ways[0]] = numbers[name]
        for (name, protocol), number in found.items():
            yield name, protocol, number

    def _holds(self, variable: Term) -> bool:
        return self._values.get(variable, variable == TRUE)

    def _other_number(self, name: str, port: int) -> int:
        """A number for a name that is not the connection's port: the usual one if that is another."""
        usual = self._space.outline.numbers[name]
        return usual if usual != port else next(number for number in range(usual + 1000, 65536) if number != port)
