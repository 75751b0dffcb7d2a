"""The least counterexample: a witness narrowed step by step in the contract's order, so that every run shows the
same one and it carries nothing that the refutation does not need.

Each step prefers something (no undeclared namespace, fewer labels, TCP, …); what is possible becomes an assumption of
all later steps. The order is lexicographic, so no step undoes an earlier one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from ..encodings import bits
from ..encodings.addresses import Family, Network, parse_network
from ..encodings.bits import Bits
from ..encodings.connection import Connection
from ..encodings.endpoint import SymbolicEndpoint
from ..encodings.policy import PROTOCOLS
from ..encodings.solver import Solver
from ..encodings.terms import FALSE, TRUE, Term
from ..encodings.world import ABSENT

_USUAL_PORTS = (80, 443)
_USUAL_POD_NETWORKS: dict[Family, Network] = {"IPv4": parse_network("10.0.0.0/8"), "IPv6": parse_network("fd00::/8")}
_USUAL_OUTSIDE: dict[Family, Network] = {"IPv4": parse_network("1.0.0.0/8"), "IPv6": parse_network("2000::/3")}


class _LimitReachedError(Exception):
    """The solver gave up."""


class Least:
    """Narrows the models of ``solver`` that satisfy ``assumptions``, which are satisfiable when it is made."""

    def __init__(self, connection: Connection, solver: Solver, assumptions: Iterable[Term]) -> None:
        self._connection = connection
        self._terms = connection.world.terms
        self._solver = solver
        self._fixed = [*assumptions]
        self._absent: set[Term] = set()

    def narrow(self, named_port: Term) -> bool:
        """Leave the least model in the solver; False if a limit was reached before it was found.

        ``named_port``: the port is one that the property or a matching rule names.
        """
        try:
            self._possible(TRUE)
            self._take(named_port)
        except _LimitReachedError:
            return False
        return True

    def _take(self, named_port: Term) -> None:
        """Fix one thing after another, in the contract's order."""
        steps: tuple[Callable[[], None], ...] = (
            self._fewest_undeclared_namespaces,
            self._fewest_hypothetical_pods,
            self._fewest_labels,
            self._fewest_namespace_labels,
            self._fewest_container_ports,
            self._protocol_and_family,
            lambda: self._port(named_port),
            self._reading,
            self._names,
            self._values,
            self._addresses,
        )
        for step in steps:
            step()
        self._possible(TRUE)

    # What a step is made of

    def _prefer(self, term: Term) -> bool:
        """Fix ``term`` if it is possible, else its opposite; was it possible?"""
        if term in self._absent:
            return False
        possible = self._holds_or_can(term)
        self._fixed.append(term if possible else -term)
        return possible

    def _holds_or_can(self, term: Term) -> bool:
        """As ``_possible``, without a question where the kept model shows it."""
        return (self._solver.decides(term) and self._solver.value(term)) or self._possible(term)

    def _possible(self, term: Term) -> bool:
        """Can ``term`` hold with what is fixed? If so, the solver keeps a model of it."""
        answer = self._solver.witness([*self._fixed, term])
        if answer == "unknown":
            raise _LimitReachedError
        return answer == "sat"

    def _prefer_each(self, terms: Sequence[Term]) -> None:
        """As ``_prefer`` of one after the other, in fewer questions where most are possible."""
        if len(terms) < 2:
            for term in terms:
                self._prefer(term)
        elif self._holds_or_can(self._terms.all_of(terms)):
            self._fixed += terms
        else:
            half = len(terms) // 2
            self._prefer_each(terms[:half])
            self._prefer_each(terms[half:])

    def _first_of(self, terms: Iterable[Term]) -> None:
        for term in terms:
            if self._prefer(term):
                return

    def _smallest(self, number: Bits) -> None:
        for bit in number:
            self._prefer(-bit)

    def _fewest(self, terms: Sequence[Term]) -> None:
        """Fix that as few of ``terms`` hold as possible."""
        terms = [term for term in terms if term != -TRUE]
        if self._prefer(-self._terms.any_of(terms)):
            self._absent.update(terms)
            return
        count = 1
        while count < len(terms) and not self._prefer(self._at_most(terms, count)):
            count += 1

    def _at_most(self, terms: Sequence[Term], count: int) -> Term:
        """No more than ``count`` of ``terms`` hold."""
        reached = [TRUE] + [-TRUE] * (count + 1)
        for term in terms:
            for number in range(count + 1, 0, -1):
                more = self._terms.all_of((reached[number - 1], term))
                reached[number] = self._terms.any_of((reached[number], more))
        return -reached[count + 1]

    def _asked(self, number: Bits) -> bool:
        """Does the question depend on this vector?"""
        return any(self._solver.knows(bit) for bit in number)

    # The steps, in order

    def _fewest_undeclared_namespaces(self) -> None:
        first, second = (end.undeclared_namespace for end in self._connection.ends)
        if not self._prefer(-self._terms.any_of((first, second))):
            two = self._terms.all_of((first, second, -self._connection.same_namespace()))
            self._prefer(-two)

    def _fewest_hypothetical_pods(self) -> None:
        """Where nodes are declared, one that nobody declared counts too."""
        hypothetical = [end.hypothetical for end in self._connection.ends]
        if self._connection.world.nodes:
            hypothetical += [self._undeclared_node(end) for end in self._connection.ends]
        self._fewest(hypothetical)

    def _has_node(self, end: SymbolicEndpoint) -> Term:
        return self._terms.any_of((end.is_node, end.in_host_network))

    def _undeclared_node(self, end: SymbolicEndpoint) -> Term:
        return self._terms.all_of((self._has_node(end), end.node.undeclared))

    def _labels(self) -> list[tuple[SymbolicEndpoint, str, Term]]:
        """Each label that a hypothetical pod may carry, with the term that it does."""
        terms = self._terms
        keys = sorted(self._connection.world.vocabulary.pod_labels)
        return [
            (end, key, terms.all_of((end.hypothetical, -bits.equals(terms, end.label_bits(key), ABSENT))))
            for end in self._connection.ends
            for key in keys
            if self._asked(end.label_bits(key))
        ]

    def _namespace_labels(self) -> list[tuple[SymbolicEndpoint, str, Term]]:
        """Each label that a namespace of unknown labels may carry; one shared by both ends counts once."""
        terms, vocabulary = self._terms, self._connection.world.vocabulary
        found: list[tuple[SymbolicEndpoint, str, Term]] = []
        shared = terms.all_of((self._connection.both_pods, self._connection.same_namespace()))
        for end in self._connection.ends:
            once = TRUE if end is self._connection.source else -shared
            for key in sorted({*vocabulary.namespace_labels, *vocabulary.compared}):
                code = end.namespace_label_bits(key)
                if self._asked(code):
                    present = -bits.equals(terms, code, ABSENT)
                    carried = terms.all_of((end.is_pod, end.unknown_namespace_labels, present, once))
                    found.append((end, key, carried))
        return found

    def _node_labels(self) -> list[tuple[SymbolicEndpoint, str, Term]]:
        """Each label that a node which nobody declared may carry."""
        terms = self._terms
        return [
            (
                end,
                key,
                terms.all_of((self._undeclared_node(end), -bits.equals(terms, end.node.label_bits(key), ABSENT))),
            )
            for end in self._connection.ends
            for key in sorted(self._connection.world.vocabulary.node_labels)
            if self._asked(end.node.label_bits(key))
        ]

    def _fewest_labels(self) -> None:
        self._present(self._labels())
        self._present(self._node_labels())

    def _fewest_namespace_labels(self) -> None:
        self._present(self._namespace_labels())

    def _present(self, labels: list[tuple[SymbolicEndpoint, str, Term]]) -> None:
        self._fewest([present for _, _, present in labels])

    def _container_ports(self) -> list[Term]:
        """Each named port that a hypothetical destination may declare."""
        end = self._connection.destination
        variables = [end.port_variable(*port) for port in sorted(self._connection.world.vocabulary.named_ports)]
        return [self._terms.all_of((end.hypothetical, each)) for each in variables if self._solver.knows(each)]

    def _fewest_container_ports(self) -> None:
        self._fewest(self._container_ports())

    def _protocol_and_family(self) -> None:
        self._first_of(self._connection.has_protocol(protocol) for protocol in PROTOCOLS)
        self._prefer(-self._connection.ipv6)

    def _port(self, named_port: Term) -> None:
        if not self._prefer(named_port):
            self._first_of(self._connection.has_port(number) for number in _USUAL_PORTS)
        self._smallest(self._connection.port_bits)

    def _reading(self) -> None:
        """The first value of every switch, and tied policies in the order in which they were read."""
        connection = self._connection
        self._first_of([connection.blocks_match_pods])
        order = connection.world.choices.order
        pairs = (order.before(each.first, each.second) for each in connection.world.choices.contests())
        self._prefer_each(list(dict.fromkeys(pairs)))
        for switch in (connection.hidden_by_pod, connection.host_network_ordinary):
            if switch != FALSE:
                self._prefer(-switch)

    def _names(self) -> None:
        """Pods before outside addresses before nodes; then declared pods, namespaces and label keys ascending."""
        for end in self._connection.ends:
            self._first_of((end.is_pod, end.is_external))
        for end in self._connection.ends:
            if self._solver.value(end.is_pod):
                self._smallest(end.class_code)
        for end in self._connection.ends:
            if self._solver.value(self._has_node(end)):
                self._smallest(end.node.code)
        for end in self._connection.ends:
            if self._solver.value(end.hypothetical):
                self._smallest(end.namespace_code)
        labels = (*self._labels(), *self._node_labels(), *self._namespace_labels())
        chosen = [present for _, _, present in labels]
        for present in (*chosen, *self._container_ports()):
            self._prefer(present)

    def _values(self) -> None:
        for end, key, _ in self._labels():
            self._smallest(end.label_bits(key))
        for end in self._connection.ends:
            for key in sorted(self._connection.world.vocabulary.pod_labels):
                if self._asked(end.label_bits(key)) and not self._solver.value(end.hypothetical):
                    self._smallest(end.label_bits(key))
        for end, key, _ in self._node_labels():
            self._smallest(end.node.label_bits(key))
        for end, key, _ in self._namespace_labels():
            self._smallest(end.namespace_label_bits(key))

    def _addresses(self) -> None:
        family: Family = "IPv6" if self._solver.value(self._connection.ipv6) else "IPv4"
        for end in self._connection.ends:
            address = end.address_bits(family)
            if not self._solver.value(end.known_address()):
                for candidate in usual_addresses(self._connection, family, self._kind(end)):
                    if self._prefer(bits.equals(self._terms, address, candidate)):
                        break
                else:
                    self._smallest(address)

    def _kind(self, end: SymbolicEndpoint) -> str:
        if self._solver.value(self._has_node(end)):
            return "node"
        return "pod" if self._solver.value(end.is_pod) else "external"


def usual_addresses(connection: Connection, family: Family, kind: str) -> Iterable[int]:
    """Addresses to try before the least possible one: the first two hosts of a network where such an end would live
    (two, since two pods differ)."""
    config = connection.world.config
    configured = {"pod": config.pod_networks, "node": config.node_networks}.get(kind, ())
    usual = (_USUAL_OUTSIDE if kind == "external" else _USUAL_POD_NETWORKS)[family]
    network = next((each for each in configured if each.family == family), usual)
    taken = {number for each in connection.world.classes for f, number in each.pod.addresses if f == family}
    taken |= {number for node in connection.world.nodes for f, number in node.addresses if f == family}
    hosts = (number for number in range(network.base + 1, network.last) if number not in taken)
    return itertools.islice(hosts, 2)
