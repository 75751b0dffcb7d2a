"""Small clusters with cluster-wide policies as manifests, and what a suite says of one connection in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.verify.engine import prove
from netpol_verify.verify.results import PropertyResult
from support import suite_of

Spec = dict[str, Any]
Said = Literal["allowed", "blocked", "either way", "unknown"]
GROUP = "policy.networking.k8s.io"
ALL: Spec = {"namespaces": {}}
"""Every pod, as a subject or as a peer."""


def named(namespace: str) -> Spec:
    """The pods of a namespace."""
    return {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}


def app(name: str) -> Spec:
    """The pods with ``app=NAME``, in every namespace."""
    return {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": name}}}}


def anp(name: str, priority: int, subject: Spec = ALL, **rules: list[Spec]) -> Spec:
    """An AdminNetworkPolicy."""
    spec = {"priority": priority, "subject": subject, **rules}
    return _object(f"{GROUP}/v1alpha1", "AdminNetworkPolicy", name, spec)


def banp(subject: Spec = ALL, **rules: list[Spec]) -> Spec:
    """The BaselineAdminNetworkPolicy."""
    return _object(f"{GROUP}/v1alpha1", "BaselineAdminNetworkPolicy", "default", {"subject": subject, **rules})


def cnp(name: str, tier: str, priority: int, subject: Spec = ALL, **rules: list[Spec]) -> Spec:
    """A ClusterNetworkPolicy."""
    spec = {"tier": tier, "priority": priority, "subject": subject, **rules}
    return _object(f"{GROUP}/v1alpha2", "ClusterNetworkPolicy", name, spec)


def np(name: str, namespace: str, **spec: Any) -> Spec:
    """A NetworkPolicy."""
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, {"podSelector": {}, **spec}, namespace)


def pod(namespace: str, name: str, *ips: str, labels: Mapping[str, str] | None = None, **spec: Any) -> Spec:
    """A Pod with ``app=NAME``."""
    ports = spec.pop("ports", [])
    whole: Spec = {"containers": [{"name": "c", "image": "i", "ports": ports}], **spec}
    found = _object("v1", "Pod", name, whole, namespace)
    found["metadata"]["labels"] = {"app": name} if labels is None else dict(labels)
    if ips:
        found["status"] = {"podIPs": [{"ip": ip} for ip in ips]}
    return found


def node(name: str, *ips: str, **labels: str) -> Spec:
    """A Node."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"addresses": [{"type": "InternalIP", "address": ip} for ip in ips]},
    }


def ingress(action: str, *peers: Spec, **rest: Any) -> Spec:
    """An ingress rule of a cluster-wide policy, about every pod unless peers are given."""
    return {"action": action, "from": [*peers] or [ALL], **rest}


def egress(action: str, *peers: Spec, **rest: Any) -> Spec:
    """An egress rule of a cluster-wide policy."""
    return {"action": action, "to": [*peers] or [ALL], **rest}


def _object(api: str, kind: str, name: str, spec: Spec, namespace: str | None = None) -> Spec:
    metadata: Spec = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


WEB, DB = pod("shop", "web"), pod("shop", "db")
SOURCE, DESTINATION = {"workload": "shop/web"}, {"workload": "shop/db"}


def read(objects: Sequence[Spec]) -> Manifests:
    """Manifests with these objects, as they would be read, but not validated: some say more than validation lets
    through today (a Deny to a domain name), which both evaluators understand nevertheless."""
    return Manifests(tuple(_written(line, each) for line, each in enumerate(objects, 1)))


def _written(line: int, fields: Spec) -> WrittenObject:
    metadata, kind = fields["metadata"], fields["kind"]
    return WrittenObject(
        *("m.yaml", line, fields["apiVersion"], kind, metadata.get("namespace"), metadata["name"]),
        written(fields, line),
    )


def results(objects: Sequence[Spec], *properties: Spec, **suite: Any) -> list[PropertyResult]:
    """The results of several properties, called ``p0`` and so on."""
    listed = [{"id": f"p{number}", **each} for number, each in enumerate(properties)]
    return list(prove([suite_of(listed, **suite)], read(objects)).results)


def said(
    *objects: Spec,
    source: Spec = SOURCE,
    destination: Spec = DESTINATION,
    port: str = "TCP/80",
    semantics: Spec | None = None,
    world: Spec | None = None,
) -> Said:
    """Whether the connection is allowed: always, never, or as the reading or an end that is not told apart has it."""
    flow = {"from": source, "to": destination, "ports": [port]}
    whole = {"semantics": {"ipBlockMatchesPods": True, **(semantics or {})}, "world": world or {}}
    never, always = results([WEB, DB, *objects], {"never": flow}, {"always": flow}, **whole)
    verdicts = (never.verdict, always.verdict)
    known: dict[tuple[str, str], Said] = {
        ("refuted", "proved"): "allowed",
        ("proved", "refuted"): "blocked",
        ("refuted", "refuted"): "either way",
    }
    if "unknown" in verdicts:
        return "unknown"
    return known[verdicts]
