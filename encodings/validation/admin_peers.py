"""Subjects and peers of the cluster-wide policy kinds: exactly one field says what is selected.

Source: kubernetes-sigs/network-policy-api:apis/v1alpha1/*.go and apis/v1alpha2/clusternetworkpolicy_types.go. An
implementation that meets a peer of a form it does not know must fail closed; here that is an error.
It trusts ``admin_selectors`` and ``admin_addresses``.
"""

from __future__ import annotations

from .admin_addresses import check_domain_names, check_networks
from .admin_dialects import INGRESS_PEERS, PEERS_OF, Dialect, Direction
from .admin_fields import one_of
from .admin_selectors import check_pods, check_selector
from .fields import Field

SUBJECT_FIELDS = ("namespaces", "pods")

_PODS = "to select pods write pods: {namespaceSelector: …, podSelector: …}"
_NAMESPACES = "to select every pod of namespaces write namespaces: {matchLabels: …}"
_SELECTING = {
    "podSelector": _PODS,
    "namespaceSelector": f"{_NAMESPACES}; {_PODS}",
    "selector": f"{_NAMESPACES}; {_PODS}",
    "matchLabels": "write it under namespaces:, or under pods: {namespaceSelector: …, podSelector: …}",
    "matchExpressions": "write it under namespaces:, or under pods: {namespaceSelector: …, podSelector: …}",
    "namespace": "select a namespace by its label: namespaces: {matchLabels: {kubernetes.io/metadata.name: NAME}}",
}
_PEER_HINTS = {
    **_SELECTING,
    "ipBlock": "write networks: [10.0.0.0/8]; exceptions are a rule of their own before this one",
    "cidr": "write networks: [10.0.0.0/8]",
    "cidrs": "write networks: [10.0.0.0/8]",
    "except": "exceptions are a rule of their own before this one",
    "fqdns": "write domainNames: [www.example.com]",
    "externalNetworks": "write networks: [10.0.0.0/8]",
    "from": "a peer stands directly in the list: remove the inner `from`",
    "to": "a peer stands directly in the list: remove the inner `to`",
    **dict.fromkeys(("ports", "protocols", "action", "name"), "it stands in the rule, beside `from` or `to`"),
}
_INGRESS_HINTS = dict.fromkeys(
    ("networks", "nodes", "domainNames", "ipBlock", "cidr"),
    "ingress rules of this kind match pods only: nothing can be said about sources outside the pod network",
)
_SEVERAL = "write two entries, each starting with `- `: either may match then"


def check_subject(subject: Field, dialect: Dialect) -> None:
    """Report the mistakes of a policy's subject."""
    everything = "for every pod of the cluster write namespaces: {}"
    if not subject.written:
        subject.required(hint=everything)
        return
    several = f"a policy has one subject; {_PODS}"
    for form in one_of(subject, SUBJECT_FIELDS, _SELECTING, none=everything, several=several):
        _check_form(form, dialect)


def check_peer(peer: Field, direction: Direction, dialect: Dialect) -> None:
    """Report the mistakes of one peer of a rule in ``direction``."""
    known = INGRESS_PEERS if direction == "ingress" else dialect.egress_peers
    hints = {**_PEER_HINTS, **_INGRESS_HINTS} if direction == "ingress" else dict(_PEER_HINTS)
    if direction == "egress" and "domainNames" not in known:
        hints["domainNames"] = f"a {dialect.kind} has no domain names"
    written = f"write a peer as `- namespaces: {{matchLabels: …}}` under `{PEERS_OF[direction]}`"
    hint = written if isinstance(peer.value, str) else ""
    none = "for every pod of the cluster write namespaces: {}"
    for form in one_of(peer, known, hints, hint=hint, none=none, several=_SEVERAL):
        _check_form(form, dialect)


def _check_form(form: Field, dialect: Dialect) -> None:
    match form.path[-1]:
        case "pods":
            check_pods(form, dialect.pod_selectors)
        case "networks":
            check_networks(form)
        case "domainNames":
            check_domain_names(form)
        case _:
            check_selector(form)
