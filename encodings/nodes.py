"""Declared nodes, for the symbolic side: what each Node object says of its labels and addresses.

Trusts that the objects passed validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .addresses import Family, parse_address
from .written import Origin, WrittenObject


@dataclass(frozen=True, slots=True)
class DeclaredNode:
    """A node that exists, with exactly these labels. Its addresses of a family that ``addresses`` lacks are unknown."""

    name: str
    labels: dict[str, str]
    addresses: tuple[tuple[Family, int], ...]
    origin: Origin


def is_node(written: WrittenObject) -> bool:
    """Is it a Node of the core API?"""
    return written.kind == "Node" and not written.group


def declared_nodes(objects: Iterable[WrittenObject]) -> tuple[DeclaredNode, ...]:
    """One entry for each Node, sorted by name; of its addresses those that are IP addresses."""
    nodes = [_declared(written) for written in objects if is_node(written)]
    return tuple(sorted(nodes, key=lambda node: node.name))


def _declared(written: WrittenObject) -> DeclaredNode:
    metadata: dict[str, Any] = written.fields.get("metadata") or {}
    labels: dict[str, Any] = metadata.get("labels") or {}
    status: dict[str, Any] = written.fields.get("status") or {}
    return DeclaredNode(
        written.name,
        {key: value or "" for key, value in labels.items()},
        tuple(dict.fromkeys(_addresses(status.get("addresses") or []))),
        written.origin(),
    )


def _addresses(entries: Iterable[dict[str, Any]]) -> Iterator[tuple[Family, int]]:
    """Names of hosts stand among the addresses too."""
    for entry in entries:
        try:
            yield parse_address(entry.get("address") or "")
        except ValueError:
            continue
