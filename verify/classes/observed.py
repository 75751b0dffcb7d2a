"""Which atoms hold of a printed connection: read off what is printed, not off the solver's model.

What the model leaves open is settled in print, so every atom has a truth value here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from ...encodings.cluster import NAME_LABEL
from ..results import Counterexample, Endpoint
from .atoms import MISSING, OTHER, Key

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def true_atoms(options: Iterable[Key], example: Counterexample) -> frozenset[Key]:
    """The atoms among ``options`` that hold of the connection."""
    options = list(options)
    ends = {"source": example.source, "destination": example.destination}
    taken = {dimension: _taken(options, dimension, ends) for dimension in ("namespace", "workload")}
    found: set[Key] = set()
    for key in options:
        dimension, role = key[0], key[1]
        if dimension in ("protocol", "declares", "same", "family", "reading"):
            holds = _of_connection(key, example)
        elif dimension == "kind":
            holds = ends[role].kind == key[2]
        elif dimension == "network":
            holds = _within(ends[role].ips, key[2])
        elif dimension == "node-label":
            holds = _of_node(ends[role]) is not None and _labelled(options, key, ends[role])
        elif ends[role].kind != "pod":
            holds = False
        elif dimension == "host":
            holds = ends[role].host_network
        elif dimension == "declared":
            holds = ends[role].workload is not None
        elif dimension in taken:
            holds = key[2] == taken[dimension][role]
        else:
            holds = _labelled(options, key, ends[role])
        if holds:
            found.add(key)
    return frozenset(found)


def _of_connection(key: Key, example: Counterexample) -> bool:
    if key[0] == "protocol":
        return example.protocol == key[1]
    if key[0] == "declares":
        return any(
            (port.protocol, port.name, port.container_port) == (key[1], key[2], example.port)
            for port in example.destination.ports
        )
    if key[0] == "family":
        return example.family == key[1]
    if key[0] == "reading":
        return example.reading.ip_block_matches_pods
    source, destination = example.source, example.destination
    if source.kind != "pod" or destination.kind != "pod":
        return False
    if key[1] == NAME_LABEL:
        return source.namespace == destination.namespace
    return source.namespace_labels.get(key[1]) == destination.namespace_labels.get(key[1])


def _taken(options: list[Key], dimension: str, ends: dict[str, Endpoint]) -> dict[str, str]:
    """The option that each end takes in a dimension of names."""
    names = {key[2] for key in options if key[0] == dimension}
    own = {role: end.namespace if dimension == "namespace" else end.workload for role, end in ends.items()}
    return {role: name if name is not None and name in names else OTHER for role, name in own.items()}


def _of_node(end: Endpoint) -> dict[str, str] | None:
    """The labels of the node that the end is, or in whose network it is; None if it is neither."""
    return end.labels if end.kind == "node" else end.node_labels


def _labelled(options: list[Key], key: Key, end: Endpoint) -> bool:
    labels = {"label": end.labels, "namespace-label": end.namespace_labels, "node-label": _of_node(end) or {}}
    value = labels[key[0]].get(key[2])
    if key[3] == MISSING:
        return value is None
    if key[3] != OTHER:
        return value is not None and key[3] == f"={value}"
    return value is not None and (*key[:3], f"={value}") not in options


def _within(addresses: Iterable[str], network: str) -> bool:
    return any(ipaddress.ip_address(each) in ipaddress.ip_network(network) for each in addresses)
