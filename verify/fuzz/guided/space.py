"""The symbolic world that flows are proposed in: the product's own encoding of connections between any pods, with a
finite choice of addresses and ports.

No pod is declared in it: those of the cluster take part as candidates for the ends of what is proposed (``pool``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ....encodings import bits
from ....encodings.addresses import FAMILIES, Family, Network
from ....encodings.bits import Bits
from ....encodings.cluster import Cluster
from ....encodings.connection import Connection
from ....encodings.endpoint import SymbolicEndpoint
from ....encodings.policy import PROTOCOLS, Protocol
from ....encodings.terms import TRUE, Term
from ....encodings.vocabulary import Vocabulary
from ....encodings.world import World, WorldConfig
from .addresses import Plan
from .forms import Named, ports_of
from .outline import Outline
from .proposed import Wishes

_LAST = 65535
_USUAL_PORT = 80
DEFAULT = "default"


class Space:
    """``always`` holds of every flow that may be proposed, as ``wishes`` say. ``port_code`` says which of ``ports`` a
    connection has."""

    def __init__(self, cluster: Cluster, outline: Outline, plan: Plan, wishes: Wishes) -> None:
        families: tuple[Family, ...] = tuple(each for each in FAMILIES if plan.rooms[each])
        self.plan = plan
        self.wishes = wishes
        self.without = wishes.without
        self.outline = outline
        self.world = World(replace(cluster, pods=()), _vocabulary(cluster, outline), WorldConfig(families=families))
        self.terms = self.world.terms
        self.connection = Connection(self.world)
        self.ends = self.connection.ends
        self.ports = _ports(outline)
        self.port_code = bits.variables(self.terms, "port code", bits.width_for(len(self.ports)))
        self.required = _required(outline) if "wrong-protocol-named-port" in wishes.without else ()
        self.networks: dict[tuple[Network, bool], tuple[Term, Term]] = {}
        self.unknown = frozenset(
            code for code, each in enumerate(self.world.namespaces) if each.exists and each.labels is None
        )
        self.always = (*self.connection.always, *self._axioms(), *self._without())

    def rooms(self, end: SymbolicEndpoint, family: Family) -> Bits:
        """Which room the address of a pod is in, as a code."""
        return self._code(end, f"room.{family}", len(self.plan.rooms[family]))

    def outside(self, end: SymbolicEndpoint, family: Family) -> Bits:
        """Which address an end outside has, as a code."""
        return self._code(end, f"outside.{family}", len(self.plan.outside[family]))

    def in_network(self, end: SymbolicEndpoint, network: Network, *, any_family: bool = False) -> Term:
        """The end's address, of the connection's family, lies in the network; with ``any_family`` any address of a pod.

        A variable, so that it also has a value for addresses that are none of the plan's.
        """
        key = (network, any_family)
        found = self.networks.get(key)
        if found is None:
            found = self.networks[key] = self._networks(network, any_family)
        return found[self.ends.index(end)]

    def elsewhere(self, name: str, protocol: Protocol) -> Term:
        """The destination declares the name for the protocol at another port than the connection's."""
        return self.terms.variable(f"destination.elsewhere.{protocol}.{name}")

    def free_namespaces(self) -> frozenset[int]:
        """Codes of namespaces that do not exist: those that a flow needs are made, with the labels that it needs."""
        return self.world.undeclared()

    def may_use(self, namespace: str) -> bool:
        """May pods of this namespace be ends?"""
        return self.world.namespace_codes[namespace] not in self._shut()

    def _shut(self) -> frozenset[int]:
        """Namespaces whose pods are no ends: those in the scope of a policy that is not understood, and, where none may
        lack a Namespace object, those that do."""
        codes = set(self.unknown if "undeclared-namespace" in self.without else ())
        for unmodelled in self.world.cluster.unmodelled:
            if unmodelled.namespace is None:
                return frozenset(range(len(self.world.namespaces)))
            codes |= self.world.codes_of_namespaces([unmodelled.namespace])
        return frozenset(codes)

    # What is built once

    def _code(self, end: SymbolicEndpoint, name: str, count: int) -> Bits:
        code = bits.variables(self.terms, f"{end.role}.{name}", bits.width_for(count))
        if code:
            self.terms.axiom(-bits.at_least(self.terms, code, count), code)
        return code

    def _networks(self, network: Network, any_family: bool) -> tuple[Term, Term]:
        terms, family = self.terms, network.family
        rooms = [
            number
            for number, room in enumerate(self.plan.rooms[family])
            if network.base <= room.first and room.last <= network.last
        ]
        outside = [
            number
            for number, address in enumerate(self.plan.outside[family])
            if network.base <= address <= network.last
        ]
        found: list[Term] = []
        for end in self.ends:
            variable = terms.variable(f"{end.role}.{'has' if any_family else 'in'}.{network}")
            right = end.has_family(family)
            pod = terms.all_of((TRUE if any_family else right, bits.member(terms, self.rooms(end, family), rooms)))
            other = terms.all_of((right, bits.member(terms, self.outside(end, family), outside)))
            inside = terms.choose(end.is_pod, pod, other)
            terms.axiom(terms.same(variable, inside), (variable,))
            found.append(variable)
        return found[0], found[1]

    def _axioms(self) -> Iterable[Term]:
        terms = self.terms
        for end in self.ends:
            yield -end.is_node
            yield -terms.all_of((end.is_pod, end.in_namespaces(self._shut())))
            for family in FAMILIES:
                if not self.plan.outside[family]:
                    yield -terms.all_of((end.is_external, end.has_family(family)))
        yield terms.any_of(
            terms.all_of((bits.equals(terms, self.port_code, code), self.connection.has_port(number)))
            for code, number in enumerate(self.ports)
        )

    def _without(self) -> Iterable[Term]:
        """What the features left out forbid."""
        terms, connection, without, (source, destination) = self.terms, self.connection, self.without, self.ends
        protocols: tuple[tuple[str, Protocol], ...] = (("udp", "UDP"), ("sctp", "SCTP"))
        for feature, protocol in protocols:
            if feature in without:
                yield -connection.has_protocol(protocol)
                yield from self._never_declared(protocol)
        if "outside-source" in without:
            yield -source.is_external
        if "outside-destination" in without:
            yield -destination.is_external
        for name, ways in self.required:
            declared = (
                term
                for protocol in ways
                for term in (
                    destination.declares_port(name, protocol, connection.port_bits),
                    self.elsewhere(name, protocol),
                )
            )
            yield terms.implies(destination.is_pod, terms.any_of(declared))
        for end in self.ends:
            if "empty-label-value" in without:
                yield from self._no_empty_values(end)

    def _never_declared(self, protocol: Protocol) -> Iterable[Term]:
        """No pod that is made has a container port of this protocol."""
        for name in self.outline.numbers:
            yield from (-end.port_variable(name, protocol) for end in self.ends)
            yield -self.elsewhere(name, protocol)

    def _no_empty_values(self, end: SymbolicEndpoint) -> Iterable[Term]:
        world, terms = self.world, self.terms
        for key in sorted(world.vocabulary.pod_labels):
            yield -bits.equals(terms, end.label_bits(key), world.pod_label(key).code(""))
        for key in sorted(world.vocabulary.namespace_labels):
            yield -bits.equals(terms, end.namespace_label_bits(key), world.namespace_label(key).code(""))


def _vocabulary(cluster: Cluster, outline: Outline) -> Vocabulary:
    """What the cluster mentions, and what its boundaries are tried with."""
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(cluster)
    for key, values in outline.pod_values.items():
        vocabulary.pod_labels.setdefault(key, set()).update(values)
    for key, values in outline.namespace_values.items():
        vocabulary.namespace_labels.setdefault(key, set()).update(values)
        vocabulary.pod_labels.setdefault(key, set()).update(values)  # asked of pods, by mistake
    vocabulary.namespaces.update((DEFAULT, *outline.named_namespaces))
    return vocabulary


def _ports(outline: Outline) -> tuple[int, ...]:
    """Both sides of every end of a range, the numbers of named ports, and a usual one."""
    found = {_USUAL_PORT, *outline.numbers.values()}
    for port in ports_of(outline.written):
        if not isinstance(port, Named):
            found.update((port.first - 1, port.first, port.last, port.last + 1))
    return tuple(sorted(number for number in found if 1 <= number <= _LAST))


def _required(outline: Outline) -> tuple[tuple[str, tuple[Protocol, ...]], ...]:
    """The named ports that every pod must declare where none may lack one, for one of the protocols: for cluster-wide
    policies that of the container port counts, whichever it is."""
    named = (port for port in ports_of((*outline.policies, *outline.dormant)) if isinstance(port, Named))
    found: set[tuple[str, tuple[Protocol, ...]]] = {(port.name, (port.declared,)) for port in named}
    found |= {(port.name, PROTOCOLS) for port in ports_of(outline.tiers) if isinstance(port, Named)}
    return tuple(sorted(found))
