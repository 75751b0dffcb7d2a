"""Notices on proofs that an outside client may escape, since it arrives under a node's address."""

from __future__ import annotations

from typing import Any

import pytest
from support import result_of

DENIED = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {}
---
"""
OUTSIDE: dict[str, Any] = {"never": {"from": {"cidr": "8.0.0.0/8"}, "to": {"namespace": "shop", "pods": "app=web"}}}
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: door, namespace: shop}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
"""


def service(kind: str, selector: str, extra: str = "") -> str:
    spec = f"{{type: {kind}, ports: [{{port: 80}}]{selector}{extra}}}"
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {spec}\n"


@pytest.mark.parametrize(
    ("exposing", "named"),
    [
        pytest.param(service("NodePort", ", selector: {app: web}"), "Service shop/web", id="a NodePort"),
        pytest.param(service("LoadBalancer", ""), "Service shop/web", id="without a selector it may be any pod"),
        pytest.param(INGRESS, "Ingress shop/door", id="an Ingress whose Service is not here"),
        pytest.param(INGRESS + "---\n" + service("ClusterIP", ", selector: {app: web}"), "Ingress", id="or is"),
        pytest.param(service("ClusterIP", ", selector: {app: web}"), None, id="a ClusterIP opens no door"),
        pytest.param(service("NodePort", ", selector: {app: other}"), None, id="another Service's pods"),
        pytest.param(
            service("NodePort", ", selector: {app: web}", ", externalTrafficPolicy: Local"), None, id="Local keeps it"
        ),
    ],
)
def test_what_exposes_pods_is_named_on_a_proof(exposing: str, named: str | None) -> None:
    result = result_of(DENIED + exposing, OUTSIDE)
    assert result.verdict == "proved"
    texts = [notice.message for notice in result.notices if "node's address" in notice.message]
    assert [named in text for text in texts] == [True] if named else not texts
