"""NetworkPolicy v1 into the intermediate form, with the API's defaults applied here.

Rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go and pkg/apis/networking/v1/defaults.go.
Trusts that the objects passed validation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .addresses import parse_network
from .policy import (
    DIRECTIONS,
    BlockPeer,
    DirectedPolicy,
    Direction,
    NamedPort,
    Peer,
    PodPeer,
    PortMatch,
    PortRange,
    Rule,
    Tier,
)
from .selectors import selector_from_written
from .written import WrittenObject

GROUP = "networking.k8s.io"
KIND = "NetworkPolicy"
_PEERS: dict[Direction, str] = {"ingress": "from", "egress": "to"}


def network_policy_tier(objects: Iterable[WrittenObject]) -> Tier:
    """All NetworkPolicies among ``objects`` as the one tier they form."""
    policies = [
        policy
        for written in objects
        if written.kind == KIND and written.group == GROUP
        for policy in _directed(written)
    ]
    return Tier("NetworkPolicy", tuple(policies), "deny-if-selected")


def governed_directions(spec: dict[str, Any]) -> tuple[Direction, ...]:
    """policyTypes as the API defaults them: absent or empty means Ingress, and Egress iff there are egress rules."""
    types: list[str] = spec.get("policyTypes") or []
    if not types:
        types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    return tuple(direction for direction in DIRECTIONS if direction.capitalize() in types)


def _directed(written: WrittenObject) -> Iterable[DirectedPolicy]:
    spec: dict[str, Any] = written.fields.get("spec") or {}
    namespace = written.namespace or "default"
    subject = PodPeer(namespace=namespace, pod_selector=selector_from_written(spec.get("podSelector")))
    for direction in governed_directions(spec):
        rules = tuple(
            _rule(written, direction, index, rule or {}) for index, rule in enumerate(spec.get(direction) or [])
        )
        yield DirectedPolicy(written.reference, direction, subject, rules, written.origin())


def _rule(written: WrittenObject, direction: Direction, index: int, rule: dict[str, Any]) -> Rule:
    peers: list[Any] = rule.get(_PEERS[direction]) or []
    ports: list[Any] = rule.get("ports") or []
    return Rule(
        "allow",
        tuple(_peer(written.namespace or "default", peer) for peer in peers) or None,
        tuple(_port(port or {}) for port in ports) or None,
        written.origin(("spec", direction, index)),
    )


def _peer(namespace: str, peer: dict[str, Any]) -> Peer:
    block: dict[str, Any] | None = peer.get("ipBlock")
    if block is not None:
        excepts: list[str] = block.get("except") or []
        return BlockPeer(parse_network(block["cidr"]), tuple(parse_network(cidr) for cidr in excepts))
    namespaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
    return PodPeer(
        namespace=namespace if namespaces is None else None,
        namespace_selector=None if namespaces is None else selector_from_written(namespaces),
        pod_selector=None if pods is None else selector_from_written(pods),
    )


def _port(entry: dict[str, Any]) -> PortMatch:
    protocol = entry.get("protocol") or "TCP"
    port = entry.get("port")
    if port is None:
        return PortRange(protocol, 1, 65535)
    if isinstance(port, str):
        return NamedPort(protocol, port)
    return PortRange(protocol, port, entry.get("endPort") or port)
