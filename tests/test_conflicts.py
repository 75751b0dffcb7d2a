"""What manifests and suites say must fit together; live pods and odd names end no run without a verdict."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from netpol_verify.encodings.problems import InputErrors
from support import manifests_of, result_of

CLOSED = {"pods": "closed", "namespaces": "closed"}
NOBODY: dict[str, Any] = {"never": {"from": {"namespace": "a"}, "to": {"namespace": "a"}}}


def pod(name: str, *addresses: str, generated: bool = False, phase: str = "Running") -> str:
    named = {"generateName": name} if generated else {"name": name}
    fields = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**named, "namespace": "a", "labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
        "status": {"phase": phase, "podIPs": [{"ip": address} for address in addresses]},
    }
    return yaml.safe_dump(fields)


def together(*documents: str) -> str:
    return "---\n".join(documents)


def test_two_pods_at_one_address_are_two_moments() -> None:
    with pytest.raises(InputErrors, match=r"both have the address 10\.0\.0\.5"):
        result_of(together(pod("p", "10.0.0.5"), pod("q", "10.0.0.5")), NOBODY)


def test_a_finished_pods_address_is_free_again() -> None:
    manifests = together(pod("p", "10.0.0.5", phase="Succeeded"), pod("q", "10.0.0.5"))
    assert result_of(manifests, NOBODY, world=CLOSED).verdict == "vacuous"


def test_a_namespace_has_one_set_of_labels() -> None:
    manifests = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {team: red}}\n"
    world = {"external": [{"name": "a", "labels": {"team": "blue"}}]}
    with pytest.raises(InputErrors, match="with other labels"):
        result_of(manifests, NOBODY, world=world)


def test_a_known_address_outside_pod_cidrs_counts_as_it_is() -> None:
    world = {**CLOSED, "podCIDRs": ["10.0.0.0/16"]}
    result = result_of(together(pod("p", "192.168.5.5"), pod("q", "10.0.0.6")), NOBODY, world=world)
    assert result.verdict == "refuted"


def test_pods_of_one_generated_name_are_several() -> None:
    manifests = together(pod("p-", "10.0.0.5", generated=True), pod("p-", "10.0.0.6", generated=True))
    assert result_of(manifests, NOBODY, world=CLOSED).verdict == "refuted"


def test_copies_of_a_pod_must_agree_on_where_it_runs() -> None:
    with pytest.raises(InputErrors, match="written twice with different content"):
        manifests_of(together(pod("p", "10.0.0.5"), pod("p", "10.0.0.6")))


def test_a_namespace_that_cannot_exist_does_not() -> None:
    """Whoever names it: here an object of a kind that is only counted."""
    named = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: Bad_NS}\n"
    anywhere: dict[str, Any] = {"never": {"from": {"any": True}, "to": {}}}
    assert result_of(named, anywhere, world={"namespaces": "closed"}).verdict == "vacuous"


def test_a_mapped_address_is_no_ipv6_address() -> None:
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "a"},
        "spec": {"ingress": [{"from": [{"ipBlock": {"cidr": "::fffe:0:0/95"}}]}]},
    }
    group = {"cidr": "::fffe:0:0/95", "except": ["::fffe:0:0/96"]}
    verb = {"never": {"from": group, "to": {"namespace": "a"}}}
    assert result_of(yaml.safe_dump(policy), verb).verdict == "vacuous"
