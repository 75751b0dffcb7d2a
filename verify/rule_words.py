"""What rules admit, in a few words: ``app=api on TCP 5432, or 10.0.0.0/8``.

Reads the intermediate form. Only describes; nothing is decided by these texts.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..encodings.cluster import NAME_LABEL
from ..encodings.policy import (
    BlockPeer,
    DirectedPolicy,
    DomainPeer,
    NamedPort,
    NetworkPeer,
    NodePeer,
    Peer,
    PodPeer,
    PortMatch,
    Rule,
)
from ..encodings.selectors import Requirement, Selector

_MOST = 3
_LAST_PORT = 65535


def admitted_by(policy: DirectedPolicy) -> str:
    """What the rules of a policy admit in its direction: ``nothing``, ``anything``, or peers with ports."""
    allowing = [rule for rule in policy.rules if rule.action == "allow"]
    if not allowing:
        return "nothing"
    return _some(admitted_by_rule(policy, rule) for rule in allowing)


def admitted_by_rule(policy: DirectedPolicy, rule: Rule) -> str:
    """What one rule admits; or what it denies or passes on, if that is its action."""
    if rule.peers == () or rule.ports == ():
        return "nothing"
    if rule.peers is None:
        return "anything" if rule.ports is None else f"anything on {_ports(rule.ports)}"
    peers = _some(_peer(each, policy.subject.namespace) for each in rule.peers)
    return peers if rule.ports is None else f"{peers} on {_ports(rule.ports)}"


def selected_by(policy: DirectedPolicy) -> str:
    """Whom a policy selects: ``app=web``, or ``every pod in namespaces with env=prod`` of a cluster-wide one."""
    if policy.subject.namespace is None:
        return _peer(policy.subject, None)
    return selector_text(policy.subject.pod_selector or ()) or "every pod of its namespace"


def _some(texts: Iterable[str]) -> str:
    """The first few of these texts, and how many more there are."""
    unique = list(dict.fromkeys(texts))
    shown = unique if len(unique) <= _MOST else [*unique[: _MOST - 1], f"{len(unique) - _MOST + 1} more"]
    return ", ".join(shown[:-1]) + (" or " if shown[:-1] else "") + shown[-1]


def _peer(peer: Peer, own: str | None) -> str:
    if isinstance(peer, BlockPeer):
        text = str(peer.network)
        return f"{text} except {_some(map(str, peer.excepts))}" if peer.excepts else text
    if isinstance(peer, NetworkPeer):
        return str(peer.network)
    if isinstance(peer, DomainPeer):
        return peer.name
    if isinstance(peer, NodePeer):
        return f"nodes with {selector_text(peer.selector)}" if peer.selector else "every node"
    pods = selector_text(peer.pod_selector or ())
    if peer.namespace is not None:
        return pods or f"every pod of {'its own namespace' if peer.namespace == own else peer.namespace}"
    return f"{pods or 'every pod'} in {_namespaces(peer)}"


def _namespaces(peer: PodPeer) -> str:
    selector = peer.namespace_selector or ()
    if not selector:
        return "any namespace"
    if len(selector) == 1 and selector[0].key == NAME_LABEL and selector[0].operator == "In":
        names = selector[0].values
        return f"namespace{'s' if len(names) > 1 else ''} {_some(names)}"
    return f"namespaces with {selector_text(selector)}"


def _ports(ports: Iterable[PortMatch]) -> str:
    return _some(_port(each) for each in ports)


def _port(port: PortMatch) -> str:
    if isinstance(port, NamedPort):
        return f"{port.protocol} {port.name}"
    if (port.first, port.last) == (1, _LAST_PORT):
        return port.protocol
    return f"{port.protocol} {port.first}" + (f"-{port.last}" if port.last != port.first else "")


def selector_text(selector: Selector) -> str:
    """A selector as ``kubectl -l`` writes it; "" for the one that selects everything."""
    return ",".join(map(requirement_text, selector))


def requirement_text(requirement: Requirement) -> str:
    """One requirement as ``kubectl -l`` writes it."""
    key, values = requirement.key, requirement.values
    if requirement.operator == "Exists":
        return key
    if requirement.operator == "DoesNotExist":
        return f"!{key}"
    if len(values) == 1:
        return f"{key}{'=' if requirement.operator == 'In' else '!='}{values[0]}"
    return f"{key} {'in' if requirement.operator == 'In' else 'notin'} ({','.join(values)})"
