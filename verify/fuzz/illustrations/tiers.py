"""Examples of cluster-wide policies: who is asked first, what a rule matches, and what follows."""

from __future__ import annotations

from typing import Any

from ..model import Raw
from .build import FROM_OPS, FROM_WEB, OUTSIDE, WEB, example, flow, ingress, table

_GROUP = "policy.networking.k8s.io"
_PG = 5432


def _of(app: str, team: str = "a") -> Raw:
    """Pods of a namespace, as a subject or a peer."""
    return {"pods": {"namespaceSelector": _labels(team=team), "podSelector": _labels(app=app)}}


def _labels(**labels: str) -> Raw:
    return {"matchLabels": labels}


def _anp(*rules: Raw, name: str = "anp", priority: int = 10, subject: Raw | None = None, **more: Any) -> Raw:
    """An AdminNetworkPolicy on the database's ingress."""
    spec: Raw = {"priority": priority, "subject": subject or _of("db"), "ingress": [*rules], **more}
    return {"apiVersion": f"{_GROUP}/v1alpha1", "kind": "AdminNetworkPolicy", "metadata": {"name": name}, "spec": spec}


def _cnp(*rules: Raw, tier: str = "Admin", name: str = "cnp", priority: int = 10, **more: Any) -> Raw:
    """A ClusterNetworkPolicy on the database's ingress."""
    spec: Raw = {"tier": tier, "priority": priority, "subject": _of("db"), "ingress": [*rules], **more}
    return {
        "apiVersion": f"{_GROUP}/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def _egress(*rules: Raw, **more: Any) -> Raw:
    """An AdminNetworkPolicy on the web pod's egress."""
    policy = _anp(**more)
    own = {key: value for key, value in policy["spec"].items() if key != "ingress"}
    return {**policy, "spec": {**own, "subject": _of("web"), "egress": [*rules]}}


def _banp(*rules: Raw) -> Raw:
    """The BaselineAdminNetworkPolicy on the database's ingress."""
    policy = _anp(*rules, name="default")
    spec = {key: value for key, value in policy["spec"].items() if key != "priority"}
    return {**policy, "kind": "BaselineAdminNetworkPolicy", "spec": spec}


def _rule(action: str, *peers: Raw, side: str = "from", **more: Any) -> Raw:
    return {"action": action, side: [*(peers or (_of("web"),))], **more}


def _number(port: int = _PG, **more: str) -> Raw:
    return {"portNumber": {"port": port, **more}}


def _range(start: int, end: int) -> Raw:
    return {"portRange": {"protocol": "TCP", "start": start, "end": end}}


_DENY, _ALLOW, _PASS = _rule("Deny"), _rule("Allow"), _rule("Pass")
_OTHER: Raw = _rule("Deny", _of("tool", "b"))
_NAMED: Raw = {"namedPort": "pg"}

PORTS = table(
    example(
        "absent-tier-namespace-selector-means-every-namespace",
        _cnp(_rule("Deny", {"pods": {"podSelector": _labels(app="web")}})),
        allowed=False,
    ),
    example("tier-range-of-one-port-covers-it", _anp(_rule("Deny", ports=[_range(_PG, _PG)])), allowed=False),
    example("tier-range-includes-its-start", _anp(_rule("Deny", ports=[_range(_PG, 6000)])), allowed=False),
    example("tier-range-includes-its-end", _anp(_rule("Deny", ports=[_range(5000, _PG)])), allowed=False),
    example("tier-range-reaches-its-end", _anp(_rule("Deny", ports=[_range(5000, 6000)])), allowed=False),
    example("tier-port-protocol-defaults-to-tcp", _anp(_rule("Deny", ports=[_number()])), True, flow(protocol="UDP")),
    example(
        "tier-port-keeps-its-protocol",
        _anp(_rule("Deny", ports=[_number(protocol="TCP")])),
        True,
        flow(protocol="UDP"),
    ),
    example("tier-named-port-covers-only-its-number", _anp(_rule("Deny", ports=[_NAMED])), True, flow(port=80)),
    example(
        "tier-named-port-has-the-containers-protocol",
        _anp(_rule("Deny", ports=[_NAMED])),
        True,
        flow(protocol="UDP"),
    ),
    example("tier-named-port-is-the-destinations", _anp(_rule("Deny", ports=[_NAMED])), allowed=False),
    example("tier-absent-ports-mean-every-protocol", _anp(_DENY), False, flow(protocol="UDP")),
    example("later-tier-ports-count", _anp(_rule("Deny", ports=[_number(80), _number()])), allowed=False),
    example("tier-ports-and-peers-are-anded", _anp(_rule("Deny", ports=[_number(80)])), allowed=True),
)

PEERS = table(
    example(
        "later-networks-count",
        _egress(_rule("Deny", {"networks": ["198.51.100.0/24", "203.0.113.0/24"]}, side="to")),
        False,
        flow(WEB, OUTSIDE),
    ),
    example("networks-match-pods", _egress(_rule("Deny", {"networks": ["10.0.0.0/24"]}, side="to")), allowed=False),
    example("later-tier-peers-count", _anp(_rule("Deny", _of("tool", "b"), _of("web"))), allowed=False),
    example(
        "tier-selectors-never-match-addresses",
        _egress(_rule("Deny", {"namespaces": {}}, side="to")),
        True,
        flow(WEB, OUTSIDE),
    ),
    example("tier-namespace-selector-counts", _anp(_rule("Deny", _of("web", "b"))), allowed=True),
    example("tier-pod-selector-counts", _anp(_rule("Deny", _of("tool"))), allowed=True),
    example("empty-tier-selector-means-everything", _anp(_rule("Deny", {"namespaces": {}})), allowed=False),
)

ORDER = table(
    example(
        "tier-direction-without-rules-is-left-alone",
        _anp(_OTHER, subject=_of("web")),
        True,
        flow(WEB, OUTSIDE),
    ),
    example("tier-policy-does-not-isolate", _anp(_OTHER), allowed=True),
    example("later-tier-rules-count", _anp(_OTHER, _DENY), allowed=False),
    example("later-tier-policies-count", (_anp(_OTHER), _anp(_DENY, name="more", priority=20)), allowed=False),
    example("first-rule-decides", _anp(_DENY, _PASS), allowed=False),
    example(
        "lower-priority-number-first",
        (_anp(_PASS), _anp(_DENY, name="more", priority=20)),
        allowed=True,
    ),
    example(
        "priority-orders-policies",
        (_anp(_DENY, name="more", priority=20), _anp(_PASS)),
        allowed=True,
    ),
    example("deny-does-not-override-an-earlier-rule", (_anp(_ALLOW, _DENY)), allowed=True),
    example("allow-does-not-override-an-earlier-rule", (_anp(_DENY, _ALLOW)), allowed=False),
    example("pass-leaves-the-tier", (_anp(_PASS, _DENY)), allowed=True),
    example("pass-is-no-allow", (_anp(_PASS), ingress(FROM_OPS)), allowed=False),
    example("baseline-pass-allows", _cnp(_PASS, tier="Baseline"), allowed=True),
    example(
        "egress-allow-does-not-bypass-ingress",
        (_egress(_rule("Allow", _of("db"), side="to")), ingress(FROM_OPS)),
        allowed=False,
    ),
    example("admin-allow-ends-the-decision", (_anp(_ALLOW), ingress(FROM_OPS)), allowed=True),
    example("baseline-after-network-policies", (_banp(_DENY), ingress(FROM_WEB)), allowed=True),
    example("admin-before-network-policies", (_anp(_DENY), ingress(FROM_WEB)), allowed=False),
    example("baseline-tier-counts", _banp(_DENY), allowed=False),
    example("admin-tier-counts", _anp(_DENY), allowed=False),
)

TIERS = {**PORTS, **PEERS, **ORDER}
