"""Raw manifests walked: the rules of policies, their peers and ports, and what containers declare.

Absent and null fields are empty here, as they are to the API. Nothing is decided. It trusts the objects to be valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from .model import Cluster, Raw

Direction = Literal["ingress", "egress"]
PEERS: dict[Direction, str] = {"ingress": "from", "egress": "to"}
"""The field of a rule that lists its peers."""
DEFAULT_NAMESPACE = "default"
DEFAULT_PROTOCOL = "TCP"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its policy's namespace, its direction, and its lists. A null rule and a null port entry are empty."""

    namespace: str
    direction: Direction
    peers: tuple[Raw, ...]
    ports: tuple[Raw, ...]

    def blocks(self) -> Iterator[Raw]:
        """The ipBlocks among its peers."""
        return (block for peer in self.peers if (block := mapping(peer.get("ipBlock"))))


@dataclass(frozen=True, slots=True)
class TierPort:
    """An entry of a cluster-wide rule's ports: a ``name``, or numbers of a protocol (None: not written)."""

    protocol: str | None = None
    first: int = 0
    last: int = 0
    name: str | None = None
    is_range: bool = False


@dataclass(frozen=True, slots=True)
class TierRule:
    """One rule of a cluster-wide policy: its direction, action, and lists."""

    direction: Direction
    action: str
    peers: tuple[Raw, ...]
    ports: tuple[TierPort, ...]

    def networks(self) -> Iterator[str]:
        """The CIDRs among its peers."""
        return (cidr for peer in self.peers for cidr in sequence(peer.get("networks")))


def mapping(value: object) -> Raw:
    """A mapping as it is; anything else is an empty one."""
    return cast(Raw, value) if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """A list as it is; anything else is an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def objects_of(cluster: Cluster, *kinds: str) -> Iterator[Raw]:
    """A cluster's objects of these kinds in order, the items of lists too."""
    return (each for written in cluster.objects for each in _flat(written) if each["kind"] in kinds)


def _flat(written: Raw) -> Iterator[Raw]:
    """An object, or a list's items. The kind of a typed list is that of items without one."""
    kind: str = written["kind"]
    if not is_list(written):
        yield written
        return
    for item in map(mapping, sequence(written.get("items"))):
        yield from _flat({"kind": kind.removesuffix("List"), **item})


def is_list(written: Raw) -> bool:
    """Whether an object is a list of others: ``List``, or a kind's own."""
    return written["kind"].endswith("List")


def namespace_of(written: Raw) -> str:
    """The namespace that an object is in."""
    return mapping(written.get("metadata")).get("namespace") or DEFAULT_NAMESPACE


def protocol_of(port: Raw) -> str:
    """The protocol of a port entry, of a rule or of a container."""
    return port.get("protocol") or DEFAULT_PROTOCOL


def rules_of(policies: Iterable[Raw]) -> Iterator[Rule]:
    """Every rule that is written, also in a direction that its policy does not govern."""
    for policy in policies:
        spec = mapping(policy.get("spec"))
        for direction, peers in PEERS.items():
            for written in map(mapping, sequence(spec.get(direction))):
                yield Rule(
                    namespace_of(policy),
                    direction,
                    tuple(map(mapping, sequence(written.get(peers)))),
                    tuple(map(mapping, sequence(written.get("ports")))),
                )


def tier_rules_of(policies: Iterable[Raw]) -> Iterator[TierRule]:
    """Every rule of cluster-wide policies."""
    for policy in policies:
        spec = mapping(policy.get("spec"))
        for direction, peers in PEERS.items():
            for written in map(mapping, sequence(spec.get(direction))):
                entries = [*sequence(written.get("ports")), *sequence(written.get("protocols"))]
                yield TierRule(
                    direction,
                    written["action"],
                    tuple(map(mapping, sequence(written.get(peers)))),
                    tuple(_tier_port(mapping(entry)) for entry in entries),
                )


def _tier_port(entry: Raw) -> TierPort:
    """An entry of ``ports`` (v1alpha1) or ``protocols`` (v1alpha2)."""
    name = entry.get("namedPort") or entry.get("destinationNamedPort")
    if name:
        return TierPort(name=name)
    number, span = mapping(entry.get("portNumber")), mapping(entry.get("portRange"))
    if number:
        return TierPort(number.get("protocol"), number["port"], number["port"])
    if span:
        return TierPort(span.get("protocol"), span["start"], span["end"], is_range=True)
    ((protocol, value),) = entry.items()
    port = mapping(mapping(value).get("destinationPort"))
    span = mapping(port.get("range"))
    if span:
        return TierPort(protocol.upper(), span["start"], span["end"], is_range=True)
    return TierPort(protocol.upper(), port["number"], port["number"])


def container_ports(pod: Raw) -> Iterator[Raw]:
    """The ports that a Pod's containers declare."""
    for container in sequence(mapping(pod.get("spec")).get("containers")):
        yield from map(mapping, sequence(mapping(container).get("ports")))


def cidrs_of(block: Raw) -> Iterator[str]:
    """The CIDR of an ipBlock, then its exceptions."""
    yield block["cidr"]
    yield from sequence(block.get("except"))
