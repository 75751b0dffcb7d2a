"""The ends that output shows: every workload by itself, or workloads of a namespace with equal reach as one.

Workloads have equal reach if they reach the same, are reached by the same, and on the same ports, among themselves
too. It is a coarser division than the classes that policies do not tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .classes import Workload
from .reach import Connectivity
from .truths import EndName, bits


@dataclass(frozen=True, slots=True)
class Node:
    """An end with a name: ``shop/web[Deployment]``, or ``shop/web[Deployment] and 24 more``.

    ``end``: what reasons call it. ``members``: its workloads, sorted. ``number``: the class that speaks for it.
    """

    name: str
    end: EndName
    members: tuple[Workload, ...]
    number: int


def _node(namespace: str, members: Iterable[Workload], number: int) -> Node:
    first, *others = sorted(members)
    more = f" and {len(others)} more" if others else ""
    return Node(first.name + more, EndName(first.title + more, namespace), (first, *others), number)


def by_workload(found: Connectivity) -> tuple[Node, ...]:
    """Every workload by itself, sorted by name."""
    nodes = (
        _node(each.namespace, (workload,), number)
        for number, each in enumerate(found.classes)
        for workload in each.members
    )
    return tuple(sorted(nodes, key=lambda node: node.members[0]))


def by_reach(found: Connectivity, *, silent: bool = False) -> tuple[Node, ...]:
    """Workloads of a namespace with equal reach as one, sorted by first member; those that talk to nobody left out,
    unless ``silent`` ones are wanted."""
    columns = _columns(found)
    groups: dict[object, list[int]] = {}
    for number, each in enumerate(found.classes):
        rows = (found.pods[number], columns[number])
        ranges = (found.into[number], found.out_of[number])
        if silent or any(rows) or any(ranges):
            key = (each.namespace, *(frozenset(row.items()) for row in rows), *ranges)
            groups.setdefault(key, []).append(number)
    nodes = (
        _node(
            found.classes[numbers[0]].namespace,
            (workload for number in numbers for workload in found.classes[number].members),
            numbers[0],
        )
        for numbers in groups.values()
    )
    return tuple(sorted(nodes, key=lambda node: node.members[0]))


def _columns(found: Connectivity) -> list[dict[int, int]]:
    """For each class the classes (bits) that reach it, by port map."""
    same_row: dict[frozenset[tuple[int, int]], int] = {}
    for number, row in enumerate(found.pods):
        key = frozenset(row.items())
        same_row[key] = same_row.get(key, 0) | 1 << number
    columns: list[dict[int, int]] = [{} for _ in found.classes]
    for row, sources in same_row.items():
        for ports, reached in row:
            for number in bits(reached):
                columns[number][ports] = columns[number].get(ports, 0) | sources
    return columns


def reached_by(found: Connectivity, node: Node, nodes_of: Mapping[int, tuple[Node, ...]]) -> list[tuple[Node, int]]:
    """The nodes that a node reaches, sorted, each with the number of its port map; itself if it has several members.

    ``nodes_of``: the nodes that each class speaks for.
    """
    reached = [
        (other, ports)
        for ports, classes in found.pods[node.number].items()
        for number in bits(classes)
        for other in nodes_of.get(number, ())
    ]
    return sorted(reached, key=lambda pair: pair[0].members[0])


def nodes_by_class(nodes: tuple[Node, ...]) -> dict[int, tuple[Node, ...]]:
    """The nodes that each class speaks for."""
    found: dict[int, list[Node]] = {}
    for node in nodes:
        found.setdefault(node.number, []).append(node)
    return {number: tuple(own) for number, own in found.items()}
