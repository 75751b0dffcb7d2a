"""The kinds of policies that tenants write. The first one keeps a namespace apart, the others admit something to it."""

from __future__ import annotations

import random
from collections.abc import Callable

from tenants import STAGES, Object, Space, Workload

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")
PARTNERS = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")


def _policy(space: Space, name: str, selector: Object, **directions: list[Object]) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": space.name},
        "spec": {
            "podSelector": selector,
            "policyTypes": [direction.capitalize() for direction in directions],
            **{direction: rules for direction, rules in directions.items() if rules},
        },
    }


def _app(*workloads: Workload) -> Object:
    if len(workloads) == 1:
        return {"matchLabels": {"app": workloads[0].app}}
    apps = [workload.app for workload in workloads]
    return {"matchExpressions": [{"key": "app", "operator": "In", "values": apps}]}


def _named(namespace: str, **labels: str) -> Object:
    peer: Object = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    if labels:
        peer["podSelector"] = {"matchLabels": {key.replace("_", "-"): value for key, value in labels.items()}}
    return peer


def _port(port: int | str, protocol: str = "TCP") -> Object:
    return {"protocol": protocol, "port": port}


def _serving(workload: Workload, rng: random.Random) -> Object:
    """The workload's port as a policy writes it: by number or by name."""
    return _port(workload.port if rng.random() < 0.6 else workload.port_name)


def _default_deny(space: Space, name: str, rng: random.Random) -> Object:
    del rng
    return _policy(space, name, {}, ingress=[], egress=[])


def _allow_dns(space: Space, name: str, rng: random.Random) -> Object:
    del rng
    rule = {
        "to": [_named("kube-system", k8s_app="kube-dns")],
        "ports": [_port(53, "UDP"), _port(53)],
    }
    return _policy(space, name, {}, egress=[rule])


def _allow_same_namespace(space: Space, name: str, rng: random.Random) -> Object:
    del rng
    return _policy(space, name, {}, ingress=[{"from": [{"podSelector": {}}]}], egress=[{"to": [{"podSelector": {}}]}])


def _allow_monitoring(space: Space, name: str, rng: random.Random) -> Object:
    del rng
    rule = {"from": [_named("monitoring", app="prometheus")], "ports": [_port("metrics")]}
    return _policy(space, name, {}, ingress=[rule])


def _allow_service(space: Space, name: str, rng: random.Random) -> Object:
    rule = {"from": [{"podSelector": _app(space.front)}], "ports": [_serving(space.service, rng)]}
    return _policy(space, name, _app(space.service), ingress=[rule])


def _allow_store(space: Space, name: str, rng: random.Random) -> Object:
    callers = {"podSelector": _app(space.front, space.service) if rng.random() < 0.3 else _app(space.service)}
    rules: list[Object] = [{"from": [callers], "ports": [_serving(space.store, rng)]}]
    if rng.random() < 0.3:  # replicas talk to one another over a range of ports
        peers: Object = {"podSelector": {"matchLabels": {"tier": "store"}}}
        rules.append({"from": [peers], "ports": [{**_port(7000), "endPort": 7000 + rng.randint(1, 99)}]})
    return _policy(space, name, _app(space.store), ingress=rules)


def _allow_ingress_controller(space: Space, name: str, rng: random.Random) -> Object:
    rule = {"from": [_named("ingress-nginx")], "ports": [_serving(space.front, rng)]}
    return _policy(space, name, _app(space.front), ingress=[rule])


def _allow_tenant(space: Space, name: str, rng: random.Random) -> Object:
    """From and to other namespaces of the tenant, sometimes of one stage alone."""
    namespaces: Object = {"matchLabels": {"tenant": space.tenant}}
    if rng.random() < 0.5:
        stages = sorted(rng.sample(STAGES, rng.randint(1, 2)))
        namespaces["matchExpressions"] = [{"key": "stage", "operator": "In", "values": stages}]
    peer = {"namespaceSelector": namespaces}
    return _policy(
        space, name, {}, ingress=[{"from": [peer], "ports": [_serving(space.service, rng)]}], egress=[{"to": [peer]}]
    )


def _allow_partner(space: Space, name: str, rng: random.Random) -> Object:
    """Egress of the service to a partner's addresses, less a few."""
    cidr = rng.choice(PARTNERS)
    hole = cidr.replace(".0/24", f".{16 * rng.randint(0, 15)}/28")
    rule = {"to": [{"ipBlock": {"cidr": cidr, "except": [hole]}}], "ports": [_port(443)]}
    return _policy(space, name, _app(space.service), egress=[rule])


def _allow_internet(space: Space, name: str, rng: random.Random) -> Object:
    """Egress of the front to the internet; the pods' own range is carved out with the other private ones."""
    block = {"cidr": "0.0.0.0/0", "except": list(PRIVATE)}
    ports = [_port(443)] if rng.random() < 0.7 else [_port(80), _port(443)]
    return _policy(space, name, _app(space.front), egress=[{"to": [{"ipBlock": block}], "ports": ports}])


POLICIES: tuple[Callable[[Space, str, random.Random], Object], ...] = (
    _default_deny,
    _allow_dns,
    _allow_same_namespace,
    _allow_monitoring,
    _allow_store,
    _allow_tenant,
    _allow_service,
    _allow_ingress_controller,
    _allow_internet,
    _allow_partner,
)
"""The kinds of policies of a namespace, in the order in which they are written."""
