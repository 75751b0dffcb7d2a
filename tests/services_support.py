"""A small cluster with Services, and questions about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.verify.results import PropertyResult
from support import result_of

CLUSTER = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 5353, protocol: UDP}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: main, ports: [{name: http, containerPort: 9090}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 8080}]}]
"""
CALLS_WEB = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]
"""
API, WEB = {"workload": "shop/api"}, {"service": "shop/web"}
CLOSED = {"pods": "closed", "namespaces": "closed"}


def service(name: str = "web", **spec: Any) -> str:
    """A Service; unless told otherwise of the pods ``app=web``, port 80 leading to their port ``http``."""
    whole = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}], **spec}
    written = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": whole}
    return "---\n" + yaml.safe_dump(written, sort_keys=False)


def asked(verb: Mapping[str, Any], *services: str, cluster: str = CLUSTER, **suite: Any) -> PropertyResult:
    suite.setdefault("world", CLOSED)
    return result_of(cluster + "".join(services or (service(),)), verb, **suite)


def refusal(verb: Mapping[str, Any], *services: str, **suite: Any) -> list[str]:
    """What is refused, a line each, without the files' places."""
    with pytest.raises(InputErrors) as caught:
        asked(verb, *services, **suite)
    return [f"{problem.path}: {problem.message} | {problem.hint}" for problem in caught.value.problems]
