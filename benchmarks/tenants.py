"""Tenants, their namespaces and workloads, and the platform that serves them, with a vocabulary as clusters have it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
"""A Kubernetes object, or a part of one, as plain data."""

APPS = (
    "api",
    "web",
    "cart",
    "orders",
    "billing",
    "search",
    "catalog",
    "auth",
    "mailer",
    "reports",
    "worker",
    "gateway",
)
STORES = ("postgres", "redis", "mysql", "kafka", "elasticsearch")
STORE_PORTS = {"postgres": 5432, "redis": 6379, "mysql": 3306, "kafka": 9092, "elasticsearch": 9200}
TEAMS = ("payments", "growth", "core", "logistics", "data", "identity")
STAGES = ("prod", "staging", "dev")


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet of a tenant: its app label, its tier and the port it serves, named or not."""

    app: str
    tier: str
    port: int
    port_name: str


@dataclass(frozen=True)
class Space:
    """A tenant's namespace with its workloads: a front, a service behind it and a store."""

    name: str
    tenant: str
    team: str
    stage: str
    front: Workload
    service: Workload
    store: Workload

    @property
    def workloads(self) -> tuple[Workload, ...]:
        return (self.front, self.service, self.store)


def namespace(name: str, **labels: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels} if labels else {"name": name},
    }


def _workload(space: str, kind: str, name: str, labels: Object, ports: list[Object]) -> Object:
    spec: Object = {
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": name, "image": f"registry.example/{name}:1.0", "ports": ports}]},
        },
    }
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": space}, "spec": spec}


def _port(name: str, number: int, protocol: str = "TCP") -> Object:
    return {"name": name, "protocol": protocol, "containerPort": number}


def tenant_workload(space: Space, workload: Workload) -> Object:
    labels = {"app": workload.app, "tier": workload.tier, "app.kubernetes.io/part-of": space.tenant, "team": space.team}
    kind = "StatefulSet" if workload.tier == "store" else "Deployment"
    ports = [_port(workload.port_name, workload.port), _port("metrics", 9090 + len(workload.app))]
    return _workload(space.name, kind, workload.app, labels, ports)


def platform() -> list[Object]:
    """The namespaces that serve every tenant. They carry no tenant label and no policy."""
    return [
        namespace("kube-system"),
        _workload(
            "kube-system",
            "Deployment",
            "coredns",
            {"k8s-app": "kube-dns"},
            [_port("dns", 53, "UDP"), _port("dns-tcp", 53)],
        ),
        namespace("monitoring"),
        _workload("monitoring", "StatefulSet", "prometheus", {"app": "prometheus"}, [_port("http", 9090)]),
        namespace("ingress-nginx"),
        _workload("ingress-nginx", "Deployment", "controller", {"app": "ingress-nginx"}, [_port("https", 8443)]),
    ]


def spaces_of(count: int, rng: random.Random) -> list[Space]:
    """Tenants with one to four namespaces; the first two namespaces belong to different tenants."""
    spaces: list[Space] = []
    tenant, left = 0, 1
    for index in range(count):
        if left == 0:
            tenant, left = tenant + 1, rng.randint(1, 4)
        left -= 1
        front, service = rng.sample(APPS, 2)
        store = rng.choice(STORES)
        stage = rng.choice(STAGES)
        spaces.append(
            Space(
                name=f"tenant-{tenant}-{stage}-{index}",
                tenant=f"tenant-{tenant}",
                team=rng.choice(TEAMS),
                stage=stage,
                front=Workload(front, "front", rng.choice((8080, 8443, 3000)), "http"),
                service=Workload(service, "service", rng.randint(8000, 8099), "api"),
                store=Workload(store, "store", STORE_PORTS[store], "db"),
            )
        )
    return spaces
