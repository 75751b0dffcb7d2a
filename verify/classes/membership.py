"""From a class as data back to a term: is a connection of this world in it? (``model`` says what the data mean.)

A class may come from another run, whose policies mentioned other things. So what it names must be mentioned to the
vocabulary before a world is made, and what this world does not have is in no class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ...encodings import bits
from ...encodings.addresses import parse_network
from ...encodings.cluster import Cluster
from ...encodings.connection import Connection
from ...encodings.endpoint import SymbolicEndpoint
from ...encodings.policy import PROTOCOLS, PortRange
from ...encodings.terms import TRUE, Term
from ...encodings.vocabulary import Vocabulary
from ...encodings.world import ABSENT
from .atoms import Mentioned
from .model import KINDS, ConnectionClass, EndClass, LabelCondition, NameCondition


def mention_class(condition: ConnectionClass, vocabulary: Vocabulary, cluster: Cluster) -> None:
    """Add what the class names to the vocabulary."""
    for end in (condition.source, condition.destination):
        for conditions, labels in (
            (end.labels, vocabulary.pod_labels),
            (end.namespace_labels, vocabulary.namespace_labels),
            (end.node_labels, vocabulary.node_labels),
        ):
            for each in conditions:
                labels.setdefault(each.key, set()).update((*(each.values or ()), *each.excluded))
        vocabulary.namespaces.update((*(end.namespaces.names or ()), *end.namespaces.excluded))
        vocabulary.workloads.update((*(end.workloads.names or ()), *end.workloads.excluded))
        vocabulary.named_ports.update(
            (name, protocol) for text, name, _ in end.declares for protocol in PROTOCOLS if protocol == text
        )
    for key, _ in condition.same_namespace_label:
        vocabulary.mention_compared(key, cluster.namespaces.values())


def with_mentions(known: Mentioned, conditions: Iterable[ConnectionClass], cluster: Cluster) -> Mentioned:
    """``known``, and what the classes mention."""
    networks, ports = [*known.networks], [*known.ports]
    for condition in conditions:
        mention_class(condition, known.vocabulary, cluster)
        ends = (condition.source, condition.destination)
        networks += [parse_network(text) for end in ends for text in (*end.networks, *end.outside)]
        ports += [PortRange(protocol, condition.first, condition.last) for protocol in PROTOCOLS]
    return replace(known, networks=tuple(dict.fromkeys(networks)), ports=tuple(ports))


def class_term(condition: ConnectionClass, connection: Connection) -> Term:
    """The connection is in the class. What the class names must be mentioned in the connection's world."""
    terms = connection.world.terms
    parts = [_end(condition.source, connection.source, connection)]
    parts.append(_end(condition.destination, connection.destination, connection))
    parts.append(terms.any_of(connection.has_protocol(each) for each in PROTOCOLS if each in condition.protocols))
    parts.append(bits.between(terms, connection.port_bits, condition.first, condition.last))
    parts += [
        term
        for family, term in (("IPv4", connection.ipv6), ("IPv6", -connection.ipv6))
        if family not in condition.families
    ]
    for key, same in condition.same_namespace_label:
        agree = terms.all_of((connection.both_pods, connection.same_namespace_label(key)))
        parts.append(agree if same else -agree)
    if condition.ip_block_matches_pods is not None:
        reading = connection.blocks_match_pods
        parts.append(reading if condition.ip_block_matches_pods else -reading)
    return terms.all_of(parts)


def _end(condition: EndClass, end: SymbolicEndpoint, connection: Connection) -> Term:
    terms = end.world.terms
    kinds = dict(zip(KINDS, (end.is_pod, end.is_external, end.is_node), strict=True))
    pod: list[Term] = [
        _named(
            condition.namespaces, lambda names: end.in_namespaces(end.world.codes_of_namespaces(names)), terms.all_of
        ),
        _named(condition.workloads, lambda names: _of_workloads(end, names), terms.all_of),
    ]
    for each in condition.namespace_labels:
        pod.append(_labelled(each, end.world.namespace_label(each.key).code, end.namespace_label_in, terms.any_of))
    for each in condition.labels:
        pod.append(_labelled(each, end.world.pod_label(each.key).code, end.label_in, terms.any_of))
    parts = [terms.any_of(kinds[kind] for kind in condition.kinds), terms.implies(end.is_pod, terms.all_of(pod))]
    if condition.declared is not None:
        declared = terms.all_of((end.is_pod, -end.not_declared))
        parts.append(declared if condition.declared else -declared)
    there = terms.any_of((end.is_node, end.in_host_network))
    for each in condition.node_labels:
        labelled = _labelled(each, end.world.node_label(each.key).code, end.node.label_in, terms.any_of)
        parts.append(terms.implies(there, labelled))
    if condition.host_network is not None:
        parts.append(end.in_host_network if condition.host_network else -end.in_host_network)
    parts += [end.in_network(parse_network(text)) for text in condition.networks]
    parts += [-end.in_network(parse_network(text)) for text in condition.outside]
    for text, name, declares in condition.declares:
        for protocol in PROTOCOLS:
            if protocol == text:
                term = end.declares_port(name, protocol, connection.port_bits)
                parts.append(term if declares else -term)
    return terms.all_of(parts)


def _named(
    condition: NameCondition, one_of: Callable[[Sequence[str]], Term], all_of: Callable[[Iterable[Term]], Term]
) -> Term:
    inside = TRUE if condition.names is None else one_of(condition.names)
    return all_of((inside, -one_of(condition.excluded)))


def _of_workloads(end: SymbolicEndpoint, names: Sequence[str]) -> Term:
    return end.in_classes(
        code for code, each in enumerate(end.world.classes) if any(pod.reference in names for pod, _ in each.members)
    )


def _labelled(
    condition: LabelCondition,
    code_of: Callable[[str], int],
    label_in: Callable[[str, frozenset[int]], Term],
    any_of: Callable[[Iterable[Term]], Term],
) -> Term:
    absent = label_in(condition.key, frozenset({ABSENT}))
    if condition.values is not None:
        listed = label_in(condition.key, frozenset(map(code_of, condition.values)))
        return any_of((listed, absent)) if condition.absent else listed
    barred = [label_in(condition.key, frozenset(map(code_of, condition.excluded)))]
    return -any_of(barred if condition.absent else [*barred, absent])
