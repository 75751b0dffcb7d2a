"""Manifests of what a reproduction creates: pods that nobody declared, their namespaces, a pod in a node's network.

Every pod meets the strictest Pod Security level (save that in a node's network, which none but the weakest admits),
and none becomes ready, so that no Service sends it traffic. Trusts the counterexample for legal names and labels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from .results import ContainerPort, Endpoint

IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53"
"""A stock image with clients and servers for all three protocols (``kubernetes/kubernetes:test/images/agnhost``)."""

FIRST_CONTAINER = "npv-0"

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


def server(protocol: str, port: int) -> tuple[str, ...]:
    """The command that answers on a port. Only the one for SCTP needs the environment of ``_container``."""
    if protocol == "SCTP":
        return ("/agnhost", "porter")
    return ("/agnhost", "serve-hostname", f"--{protocol.lower()}", "--http=false", f"--port={port}")


def namespace_manifest(end: Endpoint) -> str:
    """The namespace of a pod, with exactly the labels of the counterexample."""
    labels: dict[str, Json] = dict(end.namespace_labels)
    return _text({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": end.namespace, "labels": labels}})


def pod_manifest(end: Endpoint, name: str, serves: tuple[str, int] | None) -> str:
    """A pod with exactly the labels and named ports of ``end``; ``serves``: the protocol and port it answers on."""
    labels: dict[str, Json] = dict(end.labels)
    containers: list[Json] = [
        _container(number, ports, serves if number == 0 else None)
        for number, ports in enumerate(_containers_of(end.ports))
    ]
    spec: dict[str, Json] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        # Nothing ever fulfils this gate, so the pod gets no Service's traffic, whatever its labels are.
        "readinessGates": [{"conditionType": "netpol-verify/never-ready"}],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
            "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
        },
        "containers": containers,
    }
    metadata: dict[str, Json] = {"name": name, "namespace": end.namespace, "labels": labels}
    return _text({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def node_pod_manifest(name: str, namespace: str, node: str) -> str:
    """A pod in the network of the node called ``node``."""
    spec: dict[str, Json] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "hostNetwork": True,
        "nodeName": node,
        "tolerations": [{"operator": "Exists"}],
        "containers": [_container(0, (), None)],
    }
    metadata: dict[str, Json] = {"name": name, "namespace": namespace}
    return _text({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def _containers_of(ports: Sequence[ContainerPort]) -> list[tuple[ContainerPort, ...]]:
    """The ports spread over containers, at least one: a name may stand once in a container, but again in the next."""
    containers: list[list[ContainerPort]] = [[]]
    for port in ports:
        free = (each for each in containers if all(other.name != port.name for other in each))
        chosen = next(free, None)
        if chosen is None:
            containers.append([port])
        else:
            chosen.append(port)
    return [tuple(each) for each in containers]


def _container(number: int, ports: Sequence[ContainerPort], serves: tuple[str, int] | None) -> Json:
    command = ("/agnhost", "pause") if serves is None else server(*serves)
    container: dict[str, Json] = {"name": f"npv-{number}", "image": IMAGE, "command": list(command)}
    if serves is not None and serves[0] == "SCTP":
        container["env"] = [{"name": f"SERVE_SCTP_PORT_{serves[1]}", "value": "npv"}]
    if ports:
        container["ports"] = [
            {"name": port.name, "protocol": port.protocol, "containerPort": port.container_port} for port in ports
        ]
    container["securityContext"] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return container


def _text(manifest: dict[str, Json]) -> str:
    """JSON with a line for each key, so that a person can read it and indentation added by a report does no harm."""
    return "{" + ",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in manifest.items()) + "}"
