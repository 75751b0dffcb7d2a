"""Whom a ``dns`` property counts as a server: pods that name a DNS port, wherever `servers` finds them."""

from __future__ import annotations

from typing import Any

from support import result_of

POD = """
apiVersion: v1
kind: Pod
metadata: {name: pod-0, namespace: a, labels: {app: x}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 82, name: q}]}]}
"""
WORLD: dict[str, Any] = {
    "external": [
        {"name": "kube-system", "pods": [{"labels": {"k8s-app": "kube-dns"}, "ports": {"dns": "UDP/53"}}]},
    ]
}


def test_a_server_without_a_dns_port_is_asked_nothing_and_noticed() -> None:
    """``servers`` is no list that the property speaks of, so one useless entry makes nothing vacuous."""
    servers = [{"namespace": "kube-system"}, {"workload": "a/pod-0"}]
    result = result_of(POD, {"dns": {"for": {"namespace": "a"}, "servers": servers}}, world=WORLD)
    assert result.verdict == "proved"
    assert [notice.message for notice in result.notices] == [
        "{workload: a/pod-0} holds no DNS server: no declared pod in it names a port dns or dns-tcp"
    ]


def test_the_namespace_of_an_assumed_server_exists_with_it() -> None:
    """Also with closed namespaces: pods that nobody declared may be there, and ask it."""
    closed = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: closed}
spec:
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Deny, to: [{namespaces: {}}]}]
"""
    result = result_of(closed, {"dns": {"for": {"namespace": "kube-system"}}}, world={"namespaces": "closed"})
    assert result.verdict == "refuted"


def test_servers_without_any_dns_port_make_the_property_vacuous() -> None:
    result = result_of(POD, {"dns": {"for": {"namespace": "a"}, "servers": {"workload": "a/pod-0"}}}, world=WORLD)
    assert result.verdict == "vacuous"
    assert result.reason == "nothing matches {workload: a/pod-0}"
