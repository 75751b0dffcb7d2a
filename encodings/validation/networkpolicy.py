"""NetworkPolicy of ``networking.k8s.io/v1``: strict decoding and validation of the whole object.

Source of the rules: ValidateNetworkPolicy in
kubernetes/kubernetes:pkg/apis/networking/validation/validation.go.
It trusts that the caller hands it objects of this kind only.
"""

from __future__ import annotations

from .fields import Field
from .metadata import check_metadata
from .names import dns_subdomain_problems
from .peers import check_peer
from .ports import check_policy_port
from .selectors import read_selector

OBJECT_FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")
SPEC_FIELDS = ("podSelector", "ingress", "egress", "policyTypes")
POLICY_TYPES = ("Ingress", "Egress")
PEERS_OF = {"ingress": "from", "egress": "to"}

_UNDER_SPEC = {name: f"{name} stands under `spec`" for name in SPEC_FIELDS}
_UNDER_METADATA = {name: f"{name} stands under `metadata`" for name in ("name", "namespace", "labels", "annotations")}
_SPEC_HINTS = {
    "matchLabels": "labels stand under a selector: podSelector: {matchLabels: …}",
    "selector": "did you mean podSelector?",
    "namespaceSelector": "a policy selects pods of its own namespace only; namespaceSelector is for peers",
    "types": "did you mean policyTypes?",
    "from": "`from` stands in a rule: `ingress: [{from: …}]`",
    "to": "`to` stands in a rule: `egress: [{to: …}]`",
    "ports": "`ports` stands in a rule under `ingress` or `egress`",
    "namespace": "namespace stands under `metadata`",
}


def check_network_policy(policy: Field) -> None:
    """Report everything that keeps the API server from accepting this NetworkPolicy."""
    policy.only(OBJECT_FIELDS, {**_UNDER_SPEC, **_UNDER_METADATA})
    check_metadata(policy.child("metadata"), dns_subdomain_problems, namespaced=True, strict=True)
    policy.child("status").mapping()
    spec = policy.child("spec")
    if spec.mapping() is None:
        return
    spec.only(SPEC_FIELDS, _SPEC_HINTS)
    read_selector(spec.child("podSelector"))
    for direction in PEERS_OF:
        for rule in spec.child(direction).sequence() or []:
            _check_rule(rule, direction)
    _check_policy_types(spec.child("policyTypes"))


def _check_rule(rule: Field, direction: str) -> None:
    peers = PEERS_OF[direction]
    if rule.mapping(f"write a rule as `- {peers}: […]`") is None:
        return
    rule.only((peers, "ports"), _rule_hints(direction))
    for entry in rule.child("ports").sequence() or []:
        check_policy_port(entry)
    for peer in rule.child(peers).sequence() or []:
        check_peer(peer)


def _rule_hints(direction: str) -> dict[str, str]:
    peers = PEERS_OF[direction]
    other = "to" if peers == "from" else "from"
    under = f"peers go under `{peers}:`, each starting with `- `"
    ports = "ports go under `ports:`, each starting with `- `"
    return {
        other: f"{direction} rules use `{peers}`",
        **dict.fromkeys(("podSelector", "namespaceSelector", "ipBlock", "matchLabels", "cidr"), under),
        **dict.fromkeys(("port", "endPort", "protocol"), ports),
    }


def _check_policy_types(field: Field) -> None:
    types = field.sequence()
    if types is not None and len(types) > len(POLICY_TYPES):
        field.invalid("may not specify more than two policyTypes", "name each of Ingress and Egress once at most")
        return
    for entry in types or []:
        text = entry.string()
        if text is not None and text not in POLICY_TYPES:
            likely = text.strip().capitalize()
            hint = f"policy types are case sensitive: {likely}" if likely in POLICY_TYPES else ""
            entry.unsupported(POLICY_TYPES, hint)
