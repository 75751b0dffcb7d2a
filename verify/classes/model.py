"""A class of connections: conditions on both ends, the port and the reading, as data. A connection that exists in the
property's world and meets all of them refutes the property.

Conditions on namespaces, labels and workloads bind an end only where it is a pod, those on a node's labels only where
it is a node or in a node's network; those on addresses bind any end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["pod", "external", "node"]
KINDS: tuple[Kind, ...] = ("pod", "external", "node")


@dataclass(frozen=True, slots=True)
class LabelCondition:
    """A label's value is one of ``values`` (None: any), none of ``excluded``; ``absent``: or there is no such label."""

    key: str
    values: tuple[str, ...] | None
    excluded: tuple[str, ...]
    absent: bool


@dataclass(frozen=True, slots=True)
class NameCondition:
    """A name is one of ``names`` (None: any) and none of ``excluded``."""

    names: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndClass:
    """One end. ``declared``: whether a manifest or the suite declares the pod; ``host_network``: whether it is in its
    host's network (None: either way).

    ``workloads``: pods of these declared workloads, as far as the suite tells workloads apart. ``networks``: CIDRs that
    all hold the address; ``outside``: CIDRs that do not. ``declares``: (protocol, name) of container ports at the
    connection's own port, with whether the pod declares it.
    """

    kinds: tuple[Kind, ...] = KINDS
    declared: bool | None = None
    workloads: NameCondition = NameCondition()
    namespaces: NameCondition = NameCondition()
    namespace_labels: tuple[LabelCondition, ...] = ()
    labels: tuple[LabelCondition, ...] = ()
    node_labels: tuple[LabelCondition, ...] = ()
    host_network: bool | None = None
    networks: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    declares: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectionClass:
    """Both ends; ``protocols``; ports ``first`` to ``last``; ``families``; for keys compared between namespaces whether
    the two values are equal; the reading under which it refutes (None: every one)."""

    source: EndClass
    destination: EndClass
    protocols: tuple[str, ...]
    first: int
    last: int
    families: tuple[str, ...]
    same_namespace_label: tuple[tuple[str, bool], ...]
    ip_block_matches_pods: bool | None
