"""What examples are made of: a shop with a web pod and a database, and a namespace of operators beside it.

Policies govern the database's ingress unless an example says otherwise, and flows go from the web pod to the database.
Wherever that can be, an example is decided right by an evaluator that breaks another rule: so they tell rules apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Cluster, Family, Flow, Raw
from ..readings import DEFAULT_READING, Reading

OUTSIDE = "203.0.113.7"
WEB, DB, TOOL = "shop/web", "shop/db", "ops/tool"
PG = {"name": "pg", "containerPort": 5432, "protocol": "TCP"}


@dataclass(frozen=True, slots=True)
class Example:
    """A flow that one rule of the semantics makes ``allowed`` or not: with the rule broken it is the other."""

    rule: str
    cluster: Cluster
    flow: Flow
    allowed: bool
    reading: Reading = DEFAULT_READING


def pod(name: str, labels: Mapping[str, str], *addresses: str, ports: Sequence[Raw] = (), **spec: Any) -> Raw:
    """A pod called ``namespace/name``, with one container unless ``containers`` are given."""
    namespace, _, own = name.partition("/")
    container: Raw = {"name": "main", "image": "example.com/main", "ports": [dict(each) for each in ports]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": own, "labels": dict(labels)},
        "spec": {"containers": [container], **spec},
        "status": {"podIPs": [{"ip": each} for each in addresses]},
    }


def containers(*ports: Raw) -> list[Raw]:
    """A container for each port."""
    return [{"name": f"c{i}", "image": "example.com/main", "ports": [each]} for i, each in enumerate(ports)]


def namespace(name: str, **labels: str) -> Raw:
    """A Namespace object."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def policy(spec: Any, name: str = "db", space: str | None = "shop") -> Raw:
    """A NetworkPolicy."""
    metadata = {"name": name} if space is None else {"name": name, "namespace": space}
    written: Raw = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata}
    return {**written, "spec": spec}


def ingress(*rules: Any, name: str = "db", **spec: Any) -> Raw:
    """A policy on the database's ingress with these rules."""
    whole: Raw = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"], "ingress": list(rules)}
    return policy({**whole, **spec}, name)


def egress(*rules: Any, name: str = "web", **spec: Any) -> Raw:
    """A policy on the web pod's egress with these rules."""
    whole: Raw = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"], "egress": list(rules)}
    return policy({**whole, **spec}, name)


FROM_WEB: Raw = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}
FROM_OPS: Raw = {"from": [{"namespaceSelector": {"matchLabels": {"team": "b"}}}]}
SHOP = (namespace("shop", team="a"), namespace("ops", team="b"))
WEB_POD = pod(WEB, {"app": "web"}, "10.0.0.1", "fd00::1")
DB_POD = pod(DB, {"app": "db"}, "10.0.0.2", "fd00::2", ports=[PG])
TOOL_POD = pod(TOOL, {"app": "tool"}, "10.0.1.1", "fd00:1::1")
PODS = (WEB_POD, DB_POD, TOOL_POD)


def flow(
    source: str = WEB, destination: str = DB, port: int = 5432, protocol: str = "TCP", family: Family = "IPv4"
) -> Flow:
    """A flow: from the web pod to the database on its port, unless it says otherwise."""
    return Flow(source, destination, protocol, port, family)


def example(
    rule: str,
    policies: Sequence[Raw] | Raw,
    allowed: bool,
    asked: Flow | None = None,
    *,
    pods: Sequence[Raw] = PODS,
    namespaces: Sequence[Raw] = SHOP,
    together: Sequence[int] = (),
    reading: Reading = DEFAULT_READING,
) -> Example:
    """An example over the shop. ``together``: positions of policies that share a file."""
    written = [policies] if isinstance(policies, dict) else [*policies]
    objects = (*namespaces, *pods, *written)
    first = len(objects) - len(written)
    shared = tuple(first + each for each in together)
    alone = tuple((position,) for position in range(len(objects)) if position not in shared)
    cluster = Cluster(objects, (*alone, shared) if shared else alone)
    return Example(rule, cluster, asked or flow(), allowed, reading)


def table(*examples: Example) -> dict[str, Example]:
    """Examples by their rules."""
    return {each.rule: each for each in examples}
