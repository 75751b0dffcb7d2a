"""Connectivity with cluster-wide policies: ties, domain names, nodes, networks, and what hides the Baseline tier."""

from __future__ import annotations

from typing import Any, Literal

import yaml
from connectivity_support import Answers, Known, connectivity_of, known
from netpol_verify.properties.suite import World
from support import manifests_of

EVERYONE: dict[str, Any] = {"namespaces": {}}
HiddenBy = Literal["direction", "pod", "either"]


def cluster_policy(name: str, tier: str = "Admin", priority: int = 5, **rules: Any) -> dict[str, Any]:
    spec = {"tier": tier, "priority": priority, "subject": EVERYONE, **rules}
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def pod(name: str, address: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "a", "labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
        "status": {"podIP": address, "podIPs": [{"ip": address}]},
    }


def answers(*objects: dict[str, Any], world: World | None = None, hidden_by: HiddenBy = "direction") -> Answers:
    """Two pods of one namespace under these policies."""
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
    text = yaml.safe_dump_all([space, pod("one", "10.244.0.1"), pod("two", "10.244.0.2"), *objects])
    return Answers(connectivity_of(manifests_of(text), None, world, hidden_by))


def ask(given: Answers, port: int = 80) -> Known:
    return known(given.between("a/Pod/one", "a/Pod/two"), "TCP", port)


def outwards(given: Answers, address: str) -> Known:
    return known(given.with_address("a/Pod/one", address, into=False), "TCP", 80)


def test_tied_policies_that_differ_leave_open_what_both_are_about() -> None:
    ports = [{"tcp": {"destinationPort": {"range": {"start": 1, "end": 100}}}}]
    opens = cluster_policy("opens", ingress=[{"action": "Accept", "from": [EVERYONE], "protocols": ports}])
    closes = cluster_policy("closes", ingress=[{"action": "Deny", "from": [EVERYONE]}])
    given = answers(opens, closes)
    assert ask(given, 100) == ("order of ClusterNetworkPolicy/opens and ClusterNetworkPolicy/closes",)
    assert ask(given, 101) is None


def test_tied_policies_that_agree_settle_it() -> None:
    first, second = (cluster_policy(name, ingress=[{"action": "Deny", "from": [EVERYONE]}]) for name in "ab")
    assert ask(answers(first, second)) is None


def test_a_baseline_policy_of_the_old_api_is_tied_with_all_of_the_new() -> None:
    old = {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "BaselineAdminNetworkPolicy",
        "metadata": {"name": "default"},
        "spec": {"subject": EVERYONE, "ingress": [{"action": "Deny", "from": [EVERYONE]}]},
    }
    new = [
        cluster_policy(f"new-{number}", "Baseline", number, ingress=[{"action": "Accept", "from": [EVERYONE]}])
        for number in (1, 2)
    ]
    found = ask(answers(old, *new))
    assert found
    assert found[0].startswith("order of ClusterNetworkPolicy/new-1")


def test_networks_match_pods_by_their_address_whatever_ip_block_does() -> None:
    denied = cluster_policy("out", egress=[{"action": "Deny", "to": [{"networks": ["10.244.0.2/32"]}]}])
    assert ask(answers(denied)) is None


def test_an_unbound_domain_name_leaves_outside_addresses_open_and_a_bound_one_does_not() -> None:
    rules = [
        {"action": "Accept", "to": [{"domainNames": ["*.example.com"]}]},
        {"action": "Deny", "to": [{"networks": ["0.0.0.0/0", "::/0"]}]},
    ]
    policy = cluster_policy("out", egress=rules)
    assert outwards(answers(policy), "203.0.113.7") == ("domain *.example.com",)
    assert ask(answers(policy)) is None, "a domain name stands for no pod"
    bound = answers(policy, world=World(domains={"*.example.com": ["203.0.113.0/24"]}))
    assert outwards(bound, "203.0.113.7") == ()
    assert outwards(bound, "198.51.100.7") is None


def test_a_declared_node_is_no_outside_address_and_rules_about_nodes_are_not_about_others() -> None:
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "node-1"},
        "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]},
    }
    given = answers(node, cluster_policy("out", egress=[{"action": "Deny", "to": [{"nodes": {}}]}]))
    shown = [str(each) for each, _ in given.found.out_of[0] if each.family == "IPv4"]
    assert shown == ["0.0.0.0-10.0.0.0", "10.0.0.2-10.244.0.0", "10.244.0.3-255.255.255.255"]
    assert ask(given) == ()


def test_the_baseline_tier_is_hidden_by_direction_or_by_pod() -> None:
    """A NetworkPolicy for egress alone leaves ingress to the Baseline tier, or hides it from the pod altogether."""
    selecting = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "out", "namespace": "a"},
        "spec": {"podSelector": {"matchLabels": {"app": "two"}}, "policyTypes": ["Egress"]},
    }
    closed = cluster_policy("closed", "Baseline", ingress=[{"action": "Deny", "from": [EVERYONE]}])
    found = [ask(answers(selecting, closed, hidden_by=each)) for each in ("direction", "pod", "either")]
    assert found == [None, (), ("baselineHiddenBy",)]
