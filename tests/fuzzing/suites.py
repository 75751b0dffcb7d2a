"""Complete legal suites, which together have every verb and key, with their manifests and what each place takes."""

from __future__ import annotations

from typing import Any

from .trees import either

SELECTOR = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}


def group(**keys: Any) -> Any:
    """A group where endpoints stand: also a group's name, or a list."""
    return either(keys, "map", "string", "list")


def ports(*written: Any) -> Any:
    """A list of ports, each a number or a text."""
    return [either(port, "string", "integer") for port in written]


def selector(written: Any) -> Any:
    """A selector as a map or a text."""
    return either(written, "string", "map")


def endpoints(name: str) -> Any:
    """A group's name where endpoints stand."""
    return either(name, "string", "map", "list")


def namespace(written: Any) -> Any:
    """A namespace's name, or a list of them."""
    return either(written, "string", "list")


GROUPS: dict[str, Any] = {
    "web": {"namespace": namespace("shop"), "pods": selector("app=web")},
    "db": {"namespaces": selector(SELECTOR), "pods": selector(SELECTOR)},
}
OTHER_GROUPS: dict[str, Any] = {
    "lists": {"namespace": namespace(["shop", "blog"])},
    "load": {"workload": "shop/Deployment/web"},
    "out": {"cidr": "8.8.0.0/16", "except": ["8.8.8.0/24"]},
    "clouds": {"builtin": "cloud-metadata", "clouds": ["azure"]},
    "node": {"node": True},
    "any": {"any": True},
}


def suite(groups: dict[str, Any], *properties: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A suite of these properties over the manifests beside it."""
    head = {"apiVersion": "netpol-verify/v1", "kind": "PropertySuite", "manifests": [either("m.yaml", "string", "map")]}
    return {**head, **rest, "groups": groups, "properties": list(properties)}


NEVER = {
    "id": "never",
    "description": "d",
    "severity": "low",
    "owner": "o",
    "tags": ["t"],
    "references": ["r"],
    "expect": "proved",
    "allowVacuous": True,
    "world": {"pods": "closed", "namespaces": "closed", "podCIDRs": ["10.0.0.0/8"]},
    "semantics": {"ipBlockMatchesPods": either("either", "string", "boolean"), "hostNetworkPods": "excluded"},
    "never": {
        "from": endpoints("load"),
        "to": either([endpoints("out"), group(node=True)], "list", "string", "map"),
        "ports": ports(80, "UDP/53", "TCP/1-9"),
    },
}
HEAD: dict[str, Any] = {
    "include": ["g.yaml"],
    "manifests": [either({"path": "m.yaml", "exclude": ["x*"]}, "string", "map")],
    "defaults": {"severity": "high", "owner": "o", "tags": ["t"]},
    "world": {
        "pods": "closed",
        "namespaces": "closed",
        "external": [
            {
                "name": "dns",
                "labels": {"a": "b"},
                "pods": [{"labels": {"k8s-app": "kube-dns"}, "ports": {"dns": "UDP/53"}}],
            }
        ],
        "podCIDRs": ["10.0.0.0/8"],
        "nodeCIDRs": ["172.16.0.0/12"],
        "serviceCIDRs": ["192.168.0.0/16"],
    },
    "semantics": {
        "ipBlockMatchesPods": either(True, "string", "boolean"),
        "hostNetworkPods": "excluded",
        "duplicateObjects": "error",
    },
}
ALWAYS = {"id": "always", "always": {"from": endpoints("web"), "to": endpoints("db"), "ports": ports("TCP/http")}}
CAN = {"id": "can", "can": {"from": endpoints("web"), "to": endpoints("db"), "ports": ports(5432)}}
ONLY = {
    "id": "only",
    "only": {
        "to": endpoints("web"),
        "from": either([{"who": endpoints("db"), "ports": ports(80)}], "list", "string", "map"),
    },
}
ISOLATE = {
    "id": "isolate",
    "isolate": {
        "groups": [endpoints("web"), group(namespace=namespace("blog"))],
        "except": [{"from": endpoints("web"), "to": endpoints("db"), "ports": ports(1)}],
    },
}
BY = {"id": "by", "isolate": {"by": {"namespaceLabel": "tenant"}}}
DENY = {
    "id": "deny",
    "defaultDeny": {"for": endpoints("web"), "directions": ["egress"], "strict": True, "except": [{"ports": ports(1)}]},
}
DNS = {"id": "dns", "dns": {"for": endpoints("web"), "servers": group(namespace=namespace("dns"))}}
CLOSED = {"world": {"pods": "closed", "namespaces": "closed"}}

SUITES: dict[str, dict[str, Any]] = {
    "head": suite(OTHER_GROUPS, NEVER, **HEAD),
    "flows": suite(GROUPS, ALWAYS, CAN, **CLOSED),
    "peers": suite(GROUPS, ONLY, ISOLATE, **CLOSED),
    "pods": suite(GROUPS, BY, DENY, DNS, **CLOSED),
}
INCLUDED: dict[str, Any] = {
    "apiVersion": "netpol-verify/v1",
    "kind": "PropertySuite",
    "include": [],
    "groups": {"more": {"pods": selector("a")}},
}
FREE_MAPS = ("labels", "matchLabels", "ports", "groups")
"""Maps whose keys are names of the user's choice."""
MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {tenant: a}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{ports: [{name: http, containerPort: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""
