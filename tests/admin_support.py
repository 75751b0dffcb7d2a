"""Cluster-wide policies, NetworkPolicies and ends of connections made in code, for tests of the concrete evaluator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from netpol_verify.encodings.concrete.addresses import Family
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import Decision
from netpol_verify.encodings.concrete.reading import Reading, Readings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written

Spec = dict[str, Any]
EVERYWHERE: Spec = {"namespaces": {}}
EVERYONE: list[Spec] = [EVERYWHERE]
ANY_READING = Readings()
ONE_READING = Reading(True)


def made(api_version: str, kind: str, name: str, namespace: str | None = None, line: int = 1, **fields: Any) -> Any:
    """An object as if it had been read."""
    metadata: Spec = {"name": name, **fields.pop("metadata", {})}
    whole = written({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}, line)
    return WrittenObject(f"{name}.yaml", line, api_version, kind, namespace, name, whole)


def anp(name: str = "anp", priority: int = 10, subject: Spec | None = None, **rules: list[Spec]) -> WrittenObject:
    """An AdminNetworkPolicy about every pod, unless ``subject`` says otherwise."""
    spec = {"priority": priority, "subject": subject or EVERYWHERE, **rules}
    return made("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", name, spec=spec)


def banp(subject: Spec | None = None, **rules: list[Spec]) -> WrittenObject:
    """The BaselineAdminNetworkPolicy."""
    spec = {"subject": subject or EVERYWHERE, **rules}
    return made("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "default", spec=spec)


def cnp(
    name: str = "cnp",
    tier: Literal["Admin", "Baseline"] = "Admin",
    priority: int = 10,
    subject: Spec | None = None,
    **rules: list[Spec],
) -> WrittenObject:
    """A ClusterNetworkPolicy about every pod, unless ``subject`` says otherwise."""
    spec = {"tier": tier, "priority": priority, "subject": subject or EVERYWHERE, **rules}
    return made("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", name, spec=spec)


def np(name: str = "np", namespace: str = "shop", **spec: Any) -> WrittenObject:
    """A NetworkPolicy."""
    return made("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


def rule(action: str, peers: list[Spec] | None = None, *, way: str = "from", **rest: Any) -> Spec:
    """A rule about everyone, unless ``peers`` says otherwise."""
    return {"action": action, way: EVERYONE if peers is None else peers, **rest}


def out(action: str, peers: list[Spec] | None = None, **rest: Any) -> Spec:
    """The same for egress."""
    return rule(action, peers, way="to", **rest)


def node(name: str = "worker", *addresses: str, **labels: str) -> WrittenObject:
    """A Node with internal addresses."""
    listed = [{"type": "InternalIP", "address": address} for address in addresses]
    return made("v1", "Node", name, metadata={"labels": labels}, status={"addresses": listed})


def pod(app: str = "web", ip: str = "10.0.0.1", namespace: str = "shop", **changes: Any) -> ConcreteEndpoint:
    """A pod whose namespace has the label ``team`` with its own name."""
    values: Spec = {
        "labels": {"app": app},
        "namespace_labels": {"team": namespace},
        "ips": (ip,),
        "title": f"{namespace}/{app}",
        **changes,
    }
    return ConcreteEndpoint("pod", namespace, **values)


WEB, DB = pod(), pod("db", "10.0.0.2", "data")
OUTSIDE = ConcreteEndpoint("external", ips=("203.0.113.7",))


def cluster(*objects: WrittenObject) -> Cluster:
    """The policies among the objects."""
    return Cluster.of(Manifests(objects))


def asked(
    *objects: WrittenObject,
    source: ConcreteEndpoint = WEB,
    destination: ConcreteEndpoint = DB,
    port: str = "TCP/80",
    family: Family = "IPv4",
    reading: Reading | Readings = ANY_READING,
    domains: Mapping[str, Sequence[str]] | None = None,
) -> Decision:
    """What the evaluator says of one connection."""
    protocol, _, number = port.partition("/")
    policies = cluster(*objects).within(domains=domains)
    return policies.decide(source, destination, protocol, int(number), family, reading=reading)


def allowed(*objects: WrittenObject, **question: Any) -> bool | None:
    """Only whether it is allowed."""
    return asked(*objects, **question).allowed


def walked(decision: Decision) -> list[str]:
    """The evidence in short: ``ingress ClusterNetworkPolicy/x 0 denies``."""
    return [
        " ".join(map(str, (reason.direction, reason.policy, reason.rule, reason.effect))).replace(" None", "")
        for reason in decision.because
    ]
