"""The atoms that a class is written in: everything that a question can see of a connection, as literals that hold of
one witness (docs/soundness.md lists what V can see).

What has several values (a label, a namespace, a protocol) gives one literal for each value that the witness does not
have: leaving one out widens the class by that value. Values that nothing in question mentions count as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...encodings.addresses import Network
from ...encodings.connection import Connection
from ...encodings.endpoint import SymbolicEndpoint
from ...encodings.policy import (
    PROTOCOLS,
    BlockPeer,
    DirectedPolicy,
    NamedPort,
    NetworkPeer,
    NodePeer,
    PodPeer,
    PortMatch,
    PortRange,
    selectors_of,
)
from ...encodings.terms import TRUE, Term
from ...encodings.vocabulary import Vocabulary
from ...encodings.world import ABSENT, World
from ...properties.verbs import DNS_PORT_NAMES
from .model import KINDS

OTHER = "any other"
"""The one option for all values that nothing in question mentions. No name or label value has a space."""
MISSING = ""
"""The option of a label that is not there, beside ``=value`` for one that is."""
Key = tuple[str, ...]
"""What a literal says: a dimension (``kind``, ``namespace``, ``label``, …), where, and the option left out or taken."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What the policies and the property in question mention."""

    vocabulary: Vocabulary
    networks: tuple[Network, ...]
    ports: tuple[PortMatch, ...]


def mentioned(policies: Sequence[DirectedPolicy], vocabulary: Vocabulary, ports: Iterable[PortMatch]) -> Mentioned:
    """``vocabulary`` and ``ports`` are the property's; the policies' mentions join them. Networks of the property are
    added by ``with_networks``."""
    found_ports: list[PortMatch] = list(ports)
    networks: list[Network] = []
    for policy in policies:
        on_pods, on_namespaces = selectors_of(policy)
        vocabulary.mention_pod_labels(on_pods)
        vocabulary.mention_namespace_labels(on_namespaces)
        for rule in policy.rules:
            found_ports += rule.ports or ()
            for peer in rule.peers or ():
                if isinstance(peer, BlockPeer):
                    networks += [peer.network, *peer.excepts]
                elif isinstance(peer, NetworkPeer):
                    networks.append(peer.network)
                elif isinstance(peer, NodePeer):
                    vocabulary.mention_node_labels(peer.selector)
                elif isinstance(peer, PodPeer) and peer.namespace is not None:
                    vocabulary.namespaces.add(peer.namespace)
        if policy.subject.namespace is not None:
            vocabulary.namespaces.add(policy.subject.namespace)
    vocabulary.named_ports.update((port.name, port.protocol) for port in found_ports if isinstance(port, NamedPort))
    return Mentioned(vocabulary, tuple(dict.fromkeys(networks)), tuple(found_ports))


class Atoms:
    """The literals of one connection. ``tell_servers``: declared pods with DNS ports are told apart (for ``dns``)."""

    def __init__(self, connection: Connection, known: Mentioned, *, tell_servers: bool) -> None:
        self._connection = connection
        self._world: World = connection.world
        self._terms = connection.world.terms
        self._known = known
        self._tell_servers = tell_servers

    def options(self) -> dict[Key, Term]:
        """Every atom: the key without its sign, and the term that it holds."""
        found: dict[Key, Term] = {}
        for end in self._connection.ends:
            for key, term in self._of_end(end):
                found[key] = term
        for key, term in self._of_connection():
            found[key] = term
        return found

    def _of_end(self, end: SymbolicEndpoint) -> Iterator[tuple[Key, Term]]:
        role = end.role
        for kind, term in zip(KINDS, (end.is_pod, end.is_external, end.is_node), strict=True):
            yield ("kind", role, kind), term

        def of_pod(key: Key, term: Term) -> tuple[Key, Term]:
            return key, self._terms.all_of((end.is_pod, term))

        yield from (of_pod(key, term) for key, term in self._names(end))
        for key in sorted(self._known.vocabulary.namespace_labels):
            values = self._known.vocabulary.namespace_labels[key]
            yield from (
                of_pod(("namespace-label", role, key, option), term)
                for option, term in self._values(
                    values, self._world.namespace_label(key).code, end.namespace_label_in, key
                )
            )
        for key in sorted(self._known.vocabulary.pod_labels):
            values = self._known.vocabulary.pod_labels[key]
            yield from (
                of_pod(("label", role, key, option), term)
                for option, term in self._values(values, self._world.pod_label(key).code, end.label_in, key)
            )
        yield from (of_pod(key, term) for key, term in self._identities(end))
        yield from self._of_node(end)
        for network in self._known.networks:
            yield ("network", role, str(network)), end.in_network(network)

    def _of_node(self, end: SymbolicEndpoint) -> Iterator[tuple[Key, Term]]:
        """The labels of the node that the end is, or in whose network it is; and whether it is a pod there."""
        there = self._terms.any_of((end.is_node, end.in_host_network))
        for key, values in sorted(self._known.vocabulary.node_labels.items()):
            for option, term in self._values(values, self._world.node_label(key).code, end.node.label_in, key):
                yield ("node-label", end.role, key, option), self._terms.all_of((there, term))
        if self._world.host_classes:
            yield ("host", end.role), end.in_host_network

    def _names(self, end: SymbolicEndpoint) -> Iterator[tuple[Key, Term]]:
        known = {name: self._world.codes_of_namespaces([name]) for name in sorted(self._known.vocabulary.namespaces)}
        codes: set[int] = set()
        for name, its in known.items():
            if its:
                codes |= its
                yield ("namespace", end.role, name), end.in_namespaces(its)
        others = frozenset(range(len(self._world.namespaces))) - codes
        yield ("namespace", end.role, OTHER), end.in_namespaces(others)

    def _values(
        self,
        values: Iterable[str],
        code_of: Callable[[str], int],
        label_in: Callable[[str, frozenset[int]], Term],
        key: str,
    ) -> Iterator[tuple[str, Term]]:
        codes = {value: code_of(value) for value in sorted(values)}
        yield MISSING, label_in(key, frozenset({ABSENT}))
        for value, code in codes.items():
            yield f"={value}", label_in(key, frozenset({code}))
        yield OTHER, -label_in(key, frozenset({ABSENT, *codes.values()}))

    def _identities(self, end: SymbolicEndpoint) -> Iterator[tuple[Key, Term]]:
        """Whether the pod is declared, and as what, as far as somebody tells."""
        yield ("declared", end.role), -end.not_declared
        by_name: dict[str, list[int]] = {}
        for code, each in enumerate(self._world.classes):
            for pod, _ in each.members:
                serves = self._tell_servers and any(name in DNS_PORT_NAMES for name, _, _ in pod.ports)
                if serves or pod.reference in self._known.vocabulary.workloads:
                    by_name.setdefault(pod.reference, []).append(code)
        for name, codes in sorted(by_name.items()):
            yield ("workload", end.role, name), end.in_classes(codes)
        told = {code for codes in by_name.values() for code in codes}
        if told:
            yield ("workload", end.role, OTHER), -end.in_classes(told)

    def _of_connection(self) -> Iterator[tuple[Key, Term]]:
        connection = self._connection
        for protocol in PROTOCOLS:
            yield ("protocol", protocol), connection.has_protocol(protocol)
        for name, protocol in sorted(self._known.vocabulary.named_ports):
            declares = connection.destination.declares_port(name, protocol, connection.port_bits)
            yield ("declares", protocol, name), declares
        for key in sorted(self._known.vocabulary.compared):
            same = connection.same_namespace_label(key)
            yield ("same", key), self._terms.all_of((connection.both_pods, same))
        if connection.ipv6 not in (TRUE, -TRUE):
            yield ("family", "IPv6"), connection.ipv6
        yield ("reading", "ipBlockMatchesPods"), connection.blocks_match_pods

    def borders(self) -> list[int]:
        """Ports at which something that mentions ports begins, or has just ended; ascending."""
        ranges = (port for port in self._known.ports if isinstance(port, PortRange))
        edges = {edge for port in ranges for edge in (port.first, port.last + 1)}
        named = {(name, protocol) for name, protocol in self._known.vocabulary.named_ports}
        for each in self._world.classes:
            edges |= {
                edge
                for name, protocol, number in each.pod.ports
                if (self._tell_servers and name in DNS_PORT_NAMES) or (name, protocol) in named
                for edge in (number, number + 1)
            }
        return sorted(edge for edge in edges if 1 < edge <= 65535)
