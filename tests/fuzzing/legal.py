"""Complete legal manifests: every field that something reads, and some that nothing does."""

from __future__ import annotations

from typing import Any

from .trees import either, unread

SELECTOR = {
    "matchLabels": {"app": "web", "example.com/tier": "front"},
    "matchExpressions": [
        {"key": "stage", "operator": "In", "values": ["a", "b"]},
        {"key": "old", "operator": "DoesNotExist"},
    ],
}
OWNER = {"apiVersion": "v1", "kind": "K", "name": "n", "uid": "u", "controller": True, "blockOwnerDeletion": True}
LOOSE_OWNER = {**OWNER, "uid": unread("u")}


def metadata(*, strict: bool = True, namespaced: bool = True) -> dict[str, Any]:
    """Metadata as validation reads it: in full for policies and Namespaces, else what proofs need."""
    read: dict[str, Any] = {
        "name": "x",
        "generateName": "x-",
        "namespace": "shop" if namespaced else either("shop", "string"),
        "labels": {"app": "web"},
        "ownerReferences": [OWNER if strict else LOOSE_OWNER],
    }
    more: dict[str, Any] = {
        "annotations": {"a/b": "c"},
        "uid": "u",
        "selfLink": "/x",
        "resourceVersion": "1",
        "creationTimestamp": "2024-01-01T00:00:00Z",
        "deletionTimestamp": "2024-01-01T00:00:00Z",
        "generation": 1,
        "deletionGracePeriodSeconds": 30,
        "finalizers": ["kubernetes.io/x"],
        "managedFields": [{"manager": unread("m")}],
    }
    return {**read, **(more if strict else {key: unread(value) for key, value in more.items()})}


def _object(api_version: str, kind: str, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, **rest}


POLICY = _object(
    "networking.k8s.io/v1",
    "NetworkPolicy",
    metadata=metadata(),
    spec={
        "podSelector": SELECTOR,
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [
                    {"podSelector": SELECTOR, "namespaceSelector": SELECTOR},
                    {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                ],
                "ports": [
                    {"protocol": "UDP", "port": either(1, "string", "integer"), "endPort": 9},
                    {"port": either("http", "string", "integer")},
                ],
            }
        ],
        "egress": [{"to": [{"podSelector": SELECTOR}], "ports": [{"port": either(53, "string", "integer")}]}],
    },
    status={"conditions": unread([])},
)
NAMESPACE = _object(
    "v1",
    "Namespace",
    metadata=metadata(namespaced=False),
    spec={"finalizers": ["kubernetes"]},
    status={"phase": "Active", "conditions": [unread({})]},
)
POD_SPEC: dict[str, Any] = {
    "hostNetwork": False,
    "nodeName": "n",
    "restartPolicy": unread("Always"),
    "containers": [
        {
            "name": unread("c"),
            "image": unread("i"),
            "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP", "hostPort": unread(80)}],
        }
    ],
    "initContainers": unread([{"ports": [{"containerPort": 1}]}]),
}
TEMPLATE = {"metadata": {"labels": {"app": "web"}, "name": unread("x")}, "spec": POD_SPEC}
POD = _object(
    "v1",
    "Pod",
    metadata=metadata(strict=False),
    spec=POD_SPEC,
    status={"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]},
)


def workload(api_version: str, kind: str, **rest: Any) -> dict[str, Any]:
    """A workload with its template at ``spec.template``."""
    selector: dict[str, Any] = {"selector": {"matchLabels": {"app": "web"}}} if api_version == "apps/v1" else {}
    spec = {**selector, "replicas": unread(1), "template": TEMPLATE, **rest}
    return _object(api_version, kind, metadata=metadata(strict=False), spec=spec)


DEPLOYMENT = workload("apps/v1", "Deployment")
STATEFUL_SET = workload("apps/v1", "StatefulSet", ordinals={"start": 0}, serviceName=unread("x"))
REPLICATION_CONTROLLER = workload("v1", "ReplicationController", selector={"app": "web"})
JOB = workload("batch/v1", "Job", completions=1, completionMode="Indexed", manualSelector=False)
CRON_JOB = _object(
    "batch/v1",
    "CronJob",
    metadata=metadata(strict=False),
    spec={"schedule": unread("@daily"), "jobTemplate": {"spec": {"completions": 1, "template": TEMPLATE}}},
)
UNLISTED = {**workload("example.com/v1", "Widget"), "spec": {"template": TEMPLATE}}
SERVICE = _object(
    "v1",
    "Service",
    metadata={"name": "x", "namespace": "shop", "labels": unread({"a": "b"})},
    spec=unread(
        {
            "type": "NodePort",
            "externalTrafficPolicy": "Cluster",
            "selector": {"app": "web"},
            "externalIPs": ["10.0.0.1"],
            "ports": [{"port": 80, "targetPort": "http"}],
        }
    ),
)
INGRESS = _object(
    "networking.k8s.io/v1",
    "Ingress",
    metadata={"name": "x", "namespace": "shop"},
    spec=unread({"defaultBackend": {"service": {"name": "x"}}, "rules": [{"http": {"paths": [{"backend": {}}]}}]}),
)
CILIUM = _object(
    "cilium.io/v2",
    "CiliumNetworkPolicy",
    metadata={"name": "x", "namespace": "shop"},
    spec=unread({"endpointSelector": {}, "ingress": [{}], "enableDefaultDeny": {"egress": True}}),
    specs=unread([{"egress": []}]),
)
CALICO = _object(
    "projectcalico.org/v3",
    "NetworkPolicy",
    metadata={"name": "x", "namespace": "shop"},
    spec=unread({"types": ["Ingress"], "ingress": [], "egress": []}),
)
MAP_ENTRY: dict[str, Any] = {"metadata": {"name": "y", "namespace": "shop"}, "spec": {"podSelector": {}}}
LIST_ENTRY = _object("networking.k8s.io/v1", "NetworkPolicy", **MAP_ENTRY)
INNER_ENTRY = _object("networking.k8s.io/v1", "NetworkPolicy", metadata={"name": "z"}, spec={"podSelector": {}})
LIST = _object("v1", "List", metadata=unread({}), items=[LIST_ENTRY, _object("v1", "List", items=[INNER_ENTRY])])
TYPED_LIST = _object("networking.k8s.io/v1", "NetworkPolicyList", metadata=unread({}), items=[MAP_ENTRY])

MANIFESTS: dict[str, dict[str, Any]] = {
    "policy": POLICY,
    "namespace": NAMESPACE,
    "pod": POD,
    "deployment": DEPLOYMENT,
    "statefulset": STATEFUL_SET,
    "replicationcontroller": REPLICATION_CONTROLLER,
    "job": JOB,
    "cronjob": CRON_JOB,
    "unlisted": UNLISTED,
    "service": SERVICE,
    "ingress": INGRESS,
    "cilium": CILIUM,
    "calico": CALICO,
    "list": LIST,
    "typedlist": TYPED_LIST,
}
