"""AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1), ClusterNetworkPolicy (v1alpha2): the whole object.

Source: the schemas of kubernetes-sigs/network-policy-api:config/crd (release v0.1.8 for v1alpha1, release v0.2.0 for
v1alpha2; the experimental channel where it has more), decoded strictly as kubectl asks for.
It trusts that the caller hands it objects of these kinds and API versions only.
"""

from __future__ import annotations

from .admin_dialects import BASELINE, DIALECTS, PEERS_OF, Dialect
from .admin_fields import choice, whole_number
from .admin_peers import check_subject
from .admin_rules import check_rules
from .fields import Field
from .metadata import check_metadata
from .names import dns_subdomain_problems

OBJECT_FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")
TIERS = ("Admin", "Baseline")
HIGHEST_PRIORITY = 1000
SINGLETON = "default"

_ONLY_ONE = f'Only one baseline admin network policy with metadata.name="{SINGLETON}" can be created in the cluster'
_UNDER_METADATA = {name: f"{name} stands under `metadata`" for name in ("name", "labels", "annotations")}
_NO_TYPES = "there are no policy types: a direction without a rule is left alone"
_SPEC_HINTS = {
    "podSelector": "write subject: {pods: {namespaceSelector: …, podSelector: …}}",
    "namespaceSelector": "write subject: {namespaces: {matchLabels: …}}",
    **dict.fromkeys(("namespaces", "pods", "selector"), "it stands under `subject`: subject: {namespaces: …}"),
    "policyTypes": _NO_TYPES,
    "types": _NO_TYPES,
    "from": "`from` stands in a rule: `ingress: [{action: …, from: …}]`",
    "to": "`to` stands in a rule: `egress: [{action: …, to: …}]`",
    "action": "each rule has an action of its own: `ingress: [{action: …, from: …}]`",
    "order": "did you mean priority?",
}


def check_admin_policy(policy: Field) -> None:
    """Report everything that keeps the API server from accepting this policy, and what it accepts but leaves to each
    implementation (such problems say so).

    Fields of the experimental channel are legal. The object's kind (a key of DIALECTS) decides which rules hold.
    """
    dialect = DIALECTS[policy.subject.group, policy.subject.kind]
    under_spec = {name: f"{name} stands under `spec`" for name in dialect.spec_fields}
    policy.only(OBJECT_FIELDS, {**under_spec, **_UNDER_METADATA})
    metadata, spec = policy.child("metadata"), policy.child("spec")
    check_metadata(metadata, dns_subdomain_problems, namespaced=False, strict=True)
    if isinstance(metadata.child("namespace").value, str) and metadata.child("namespace").value:
        text = f"{dialect.kind} has no namespace and applies to the whole cluster: the API server ignores this field"
        metadata.child("namespace").note(text)
    if dialect is BASELINE:
        _check_singleton(metadata)
    policy.child("status").mapping()
    if not spec.written:
        spec.required(hint=f"write spec: with {', '.join(dialect.required)} and rules")
    elif spec.mapping() is not None:
        _check_spec(spec, dialect)


def _check_spec(spec: Field, dialect: Dialect) -> None:
    spec.only(dialect.spec_fields, _spec_hints(dialect))
    if "tier" in dialect.required:
        hints = {"networkpolicy": "that tier is the NetworkPolicies', between Admin and Baseline"}
        choice(spec.child("tier"), TIERS, hints, "write tier: Admin or Baseline")
    if "priority" in dialect.required:
        hint = f"write priority: 0 to {HIGHEST_PRIORITY}; lower numbers go first"
        whole_number(spec.child("priority"), 0, HIGHEST_PRIORITY, hint, hint)
    check_subject(spec.child("subject"), dialect)
    for direction in PEERS_OF:
        check_rules(spec.child(direction), direction, dialect)


def _check_singleton(metadata: Field) -> None:
    name, generate = metadata.child("name"), metadata.child("generateName")
    named = name if isinstance(name.value, str) and name.value else generate
    if isinstance(named.value, str) and named.value and (named is generate or named.value != SINGLETON):
        detail = (
            f'Only one baseline admin network policy with metadata.name="{SINGLETON}" can be created in the cluster'
        )
        named.invalid(detail, f"write name: {SINGLETON}, and all rules in that one policy")


def _spec_hints(dialect: Dialect) -> dict[str, str]:
    hints = dict(_SPEC_HINTS)
    if "priority" not in dialect.spec_fields:
        hints["priority"] = f"there is only one {dialect.kind}, so it has no priority"
    if "tier" not in dialect.spec_fields:
        hints["tier"] = f"{dialect.kind} is a tier of its own; ClusterNetworkPolicy of v1alpha2 has the field"
    return hints
