"""Is a printed connection in a class? Judged from what is printed, apart from the solver that found the class."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from ..results import Counterexample, Endpoint
from .model import ConnectionClass, EndClass, LabelCondition, NameCondition

NAME_LABEL = "kubernetes.io/metadata.name"


def contains(condition: ConnectionClass, example: Counterexample) -> bool:
    """Does the connection meet every condition of the class?"""
    reading = condition.ip_block_matches_pods
    return (
        _end(condition.source, example.source)
        and _end(condition.destination, example.destination)
        and example.protocol in condition.protocols
        and condition.first <= example.port <= condition.last
        and example.family in condition.families
        and all(_declares(example, each) for each in condition.destination.declares)
        and all(_same(example, key) == wanted for key, wanted in condition.same_namespace_label)
        and reading in (None, example.reading.ip_block_matches_pods)
    )


def _end(condition: EndClass, end: Endpoint) -> bool:
    if end.kind not in condition.kinds:
        return False
    addresses = [ipaddress.ip_address(text) for text in end.ips]
    if any(not _within(addresses, each) for each in condition.networks):
        return False
    if any(_within(addresses, each) for each in condition.outside):
        return False
    if end.kind != "pod":
        return True
    return (
        condition.declared in (None, end.workload is not None)
        and _named(condition.workloads, end.workload)
        and _named(condition.namespaces, end.namespace)
        and all(_labelled(each, end.namespace_labels) for each in condition.namespace_labels)
        and all(_labelled(each, end.labels) for each in condition.labels)
    )


def _within(addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address], network: str) -> bool:
    return any(address in ipaddress.ip_network(network) for address in addresses)


def _named(condition: NameCondition, name: str | None) -> bool:
    return name not in condition.excluded and (condition.names is None or name in condition.names)


def _labelled(condition: LabelCondition, labels: Mapping[str, str]) -> bool:
    value = labels.get(condition.key)
    if value is None:
        return condition.absent
    return value not in condition.excluded and (condition.values is None or value in condition.values)


def _declares(example: Counterexample, condition: tuple[str, str, bool]) -> bool:
    protocol, name, wanted = condition
    at_port = ((port.protocol, port.name) for port in example.destination.ports if port.container_port == example.port)
    return ((protocol, name) in at_port) == wanted


def _same(example: Counterexample, key: str) -> bool:
    source, destination = example.source, example.destination
    if source.kind != "pod" or destination.kind != "pod":
        return False
    if key == NAME_LABEL:
        return source.namespace == destination.namespace
    return source.namespace_labels.get(key) == destination.namespace_labels.get(key)
