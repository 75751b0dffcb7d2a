"""AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy into the intermediate form.

Rules: kubernetes-sigs/network-policy-api:apis/v1alpha1/*.go (release v0.1.8) and
apis/v1alpha2/clusternetworkpolicy_types.go. Trusts that the objects passed validation.

The lower priority number goes first; equal numbers are tied. A BaselineAdminNetworkPolicy has no number. It is alone
in its own API; beside ClusterNetworkPolicies of tier Baseline nothing says where it stands, so it may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .addresses import parse_network
from .domains import canonical
from .policy import (
    DIRECTIONS,
    PROTOCOLS,
    Action,
    DirectedPolicy,
    Direction,
    DomainPeer,
    NamedPort,
    NetworkPeer,
    NodePeer,
    Peer,
    PodPeer,
    PortMatch,
    PortRange,
    Priority,
    Protocol,
    Rule,
    Tier,
)
from .selectors import selector_from_written
from .written import WrittenObject

GROUP = "policy.networking.k8s.io"
ADMIN, BASELINE = "Admin", "Baseline"
KINDS = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")
_PEERS: dict[Direction, str] = {"ingress": "from", "egress": "to"}
_ACTIONS: dict[str, Action] = {"Allow": "allow", "Accept": "allow", "Deny": "deny", "Pass": "pass"}


def cluster_policies(objects: Iterable[WrittenObject]) -> tuple[Tier | None, Tier | None]:
    """The tiers before and after NetworkPolicy, their policies by priority and then as read; None for an empty one."""
    placed: dict[str, list[DirectedPolicy]] = {ADMIN: [], BASELINE: []}
    for written in objects:
        if is_cluster_policy(written):
            placed[_tier(written)].extend(_directed(written))
    return _in_order(ADMIN, placed[ADMIN]), _in_order(BASELINE, placed[BASELINE])


def is_cluster_policy(written: WrittenObject) -> bool:
    """Is it of one of the kinds compiled here?"""
    return written.group == GROUP and written.kind in KINDS


def reference_of(written: WrittenObject) -> str:
    """``ClusterNetworkPolicy/NAME``, as reports name a cluster-wide policy."""
    return f"{written.kind}/{written.name}"


def _in_order(name: str, policies: list[DirectedPolicy]) -> Tier | None:
    if not policies:
        return None
    last = 1 + max((each.priority for each in policies if isinstance(each.priority, int)), default=0)
    by_priority = sorted(policies, key=lambda each: each.priority if isinstance(each.priority, int) else last)
    return Tier(name, tuple(by_priority), "pass")


def _spec(written: WrittenObject) -> dict[str, Any]:
    return written.fields.get("spec") or {}


def _tier(written: WrittenObject) -> str:
    if written.kind == "ClusterNetworkPolicy":
        return _spec(written)["tier"]
    return ADMIN if written.kind == "AdminNetworkPolicy" else BASELINE


def _directed(written: WrittenObject) -> Iterator[DirectedPolicy]:
    """Both directions, also one without rules: the subject's labels count as mentioned either way."""
    spec = _spec(written)
    priority: Priority = "any" if written.kind == "BaselineAdminNetworkPolicy" else spec["priority"]
    subject = _pods(spec["subject"])
    assert subject is not None, "validation: a subject is namespaces or pods"
    for direction in DIRECTIONS:
        rules = tuple(_rule(written, direction, index, rule) for index, rule in enumerate(spec.get(direction) or []))
        yield DirectedPolicy(reference_of(written), direction, subject, rules, written.origin(), priority)


def _rule(written: WrittenObject, direction: Direction, index: int, rule: dict[str, Any]) -> Rule:
    action, origin = _ACTIONS[rule["action"]], written.origin(("spec", direction, index))
    found = [_peers(entry) for entry in rule[_PEERS[direction]]]
    if not all(found):  # a peer of a kind nobody knows: "fail closed", as the types say
        return Rule(action, (), None, origin) if action == "allow" else Rule("deny", None, None, origin)
    entries: list[Any] | None = rule.get("protocols" if written.kind == "ClusterNetworkPolicy" else "ports")
    ports = None if not entries else tuple(port for entry in entries for port in _ports(entry))
    return Rule(action, tuple(peer for peers in found for peer in peers), ports, origin)


def _pods(entry: dict[str, Any]) -> PodPeer | None:
    """The pods that ``namespaces`` or ``pods`` selects; None if it is neither."""
    if entry.get("namespaces") is not None:
        return PodPeer(None, selector_from_written(entry["namespaces"]), None, pod_network_only=True)
    pods: dict[str, Any] | None = entry.get("pods")
    if pods is None:
        return None
    namespaces = selector_from_written(pods.get("namespaceSelector"))
    return PodPeer(None, namespaces, selector_from_written(pods.get("podSelector")), pod_network_only=True)


def _peers(entry: dict[str, Any]) -> tuple[Peer, ...]:
    """What one element of ``from`` or ``to`` stands for; nothing if it is of no known kind."""
    pods = _pods(entry)
    if pods is not None:
        return (pods,)
    if entry.get("nodes") is not None:
        return (NodePeer(selector_from_written(entry["nodes"])),)
    networks, names = entry.get("networks") or (), entry.get("domainNames") or ()
    return (*(NetworkPeer(parse_network(text)) for text in networks), *(DomainPeer(canonical(name)) for name in names))


def _ports(entry: dict[str, Any]) -> Iterator[PortMatch]:
    """One element of ``ports`` (v1alpha1) or ``protocols`` (v1alpha2); a range that ends before it starts is empty."""
    name: str | None = entry.get("namedPort") or entry.get("destinationNamedPort")
    if name is not None:
        # The container port's own protocol counts, whichever it is. To these policies a pod in its host's network is an
        # address of its node, and there are no names for such.
        yield from (NamedPort(protocol, name, pod_network_only=True) for protocol in PROTOCOLS)
        return
    for form in ("portNumber", "portRange"):
        written: dict[str, Any] | None = entry.get(form)
        if written is not None:
            yield from _range(written.get("protocol") or "TCP", written, "port" if form == "portNumber" else None)
    for protocol in PROTOCOLS:
        written = entry.get(protocol.lower())
        if written is not None:
            port: dict[str, Any] = written["destinationPort"]
            yield from _range(protocol, port.get("range") or port, "number" if "number" in port else None)


def _range(protocol: Protocol, written: dict[str, Any], single: str | None) -> Iterator[PortRange]:
    """The ports ``start`` to ``end``, or the ``single`` one."""
    first, last = (written[single], written[single]) if single else (written["start"], written["end"])
    if first <= last:
        yield PortRange(protocol, first, last)
