"""The intermediate form of policies: layers of tiers of policies of rules.

Every dialect compiles into it and the encoder knows nothing else. A connection is allowed iff every layer lets it
through at each end that is a pod. In a layer the tiers are asked in order; a tier's first matching rule decides
(allow, deny, or pass on to the next tier); a tier that ends ``deny-if-selected`` denies where one of its policies
selects the pod and no rule matches; after the last tier the connection is allowed.
Kubernetes NetworkPolicy is one tier of allow rules that ends ``deny-if-selected``; cluster-wide policies are a tier
before it and one after it that end with ``pass``. Policies of one priority in one tier are *tied*: any order of them
is possible, and the cluster has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .addresses import Network
from .selectors import Requirement, Selector
from .written import Origin

Direction = Literal["ingress", "egress"]
DIRECTIONS: tuple[Direction, ...] = ("ingress", "egress")
Protocol = Literal["TCP", "UDP", "SCTP"]
PROTOCOLS: tuple[Protocol, ...] = ("TCP", "UDP", "SCTP")
Action = Literal["allow", "deny", "pass"]


@dataclass(frozen=True, slots=True)
class PodPeer:
    """Pods in ``namespace`` (None: any) whose namespace's labels and own labels match (None: unconstrained).

    ``pod_network_only``: never pods in the host's network, whatever the reading makes of them.
    """

    namespace: str | None = None
    namespace_selector: Selector | None = None
    pod_selector: Selector | None = None
    pod_network_only: bool = False


@dataclass(frozen=True, slots=True)
class BlockPeer:
    """Addresses in ``network`` and in none of ``excepts``; of pods only where the reading says ipBlock matches pods."""

    network: Network
    excepts: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkPeer:
    """Addresses in ``network``, of pods and nodes too, under every reading."""

    network: Network


@dataclass(frozen=True, slots=True)
class NodePeer:
    """Nodes whose labels match, and pods in the host's network of such a node."""

    selector: Selector


@dataclass(frozen=True, slots=True)
class DomainPeer:
    """Outside addresses that a domain name stands for: ``a.example.com``, or ``*.example.com`` for all names below."""

    name: str


Peer = PodPeer | BlockPeer | NetworkPeer | NodePeer | DomainPeer


@dataclass(frozen=True, slots=True)
class PortRange:
    """Destination ports ``first`` to ``last`` (inclusive) of ``protocol``."""

    protocol: Protocol
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NamedPort:
    """The ports under which the destination pod declares ``name`` for ``protocol``; with ``pod_network_only`` none of a
    pod in its host's network."""

    protocol: Protocol
    name: str
    pod_network_only: bool = False


PortMatch = PortRange | NamedPort


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches where some peer and some port match (``None``: any peer, any port of any protocol)."""

    action: Action
    peers: tuple[Peer, ...] | None
    ports: tuple[PortMatch, ...] | None
    origin: Origin


Priority = int | Literal["any"] | None
"""The lower number is asked first. "any": tied with every policy of its tier. None: the place in the tier is the
precedence (which means nothing where a tier only allows)."""


@dataclass(frozen=True, slots=True)
class DirectedPolicy:
    """What one policy says of one direction: it selects ``subject`` and its ``rules`` stand in order."""

    reference: str
    direction: Direction
    subject: PodPeer
    rules: tuple[Rule, ...]
    origin: Origin
    priority: Priority = None


def tied(one: DirectedPolicy, other: DirectedPolicy) -> bool:
    """Does nothing say which of two policies of one tier is asked first?"""
    if one.priority is None or other.priority is None or one.reference == other.reference:
        return False
    return one.priority == other.priority or "any" in (one.priority, other.priority)


def goes_first(one: DirectedPolicy, other: DirectedPolicy) -> bool:
    """Does the lower number say that ``one`` is asked before ``other`` of its tier?"""
    return isinstance(one.priority, int) and isinstance(other.priority, int) and one.priority < other.priority


@dataclass(frozen=True, slots=True)
class Tier:
    """Policies in order of precedence, and what holds for a pod that one of them selects when no rule matches."""

    name: str
    policies: tuple[DirectedPolicy, ...]
    end: Literal["deny-if-selected", "pass"]


@dataclass(frozen=True, slots=True)
class Layer:
    """Tiers in order, asked independently of other layers."""

    name: str
    tiers: tuple[Tier, ...]


def peers_of(policy: DirectedPolicy) -> tuple[Peer, ...]:
    """All peers of a policy's rules."""
    return tuple(peer for rule in policy.rules for peer in rule.peers or ())


def selectors_of(policy: DirectedPolicy) -> tuple[tuple[Requirement, ...], tuple[Requirement, ...]]:
    """All requirements a policy puts on pod labels, and all it puts on namespace labels, subject first."""
    peers = [policy.subject, *peers_of(policy)]
    pods = [peer for peer in peers if isinstance(peer, PodPeer)]
    on_pods = tuple(requirement for peer in pods for requirement in peer.pod_selector or ())
    on_namespaces = tuple(requirement for peer in pods for requirement in peer.namespace_selector or ())
    return on_pods, on_namespaces
