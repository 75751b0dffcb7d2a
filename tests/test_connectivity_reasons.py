"""The reasons that the picture of connectivity gives are those of the concrete evaluator, pair by pair."""

from __future__ import annotations

import random
from collections import Counter

from connectivity_support import sample_ports
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import Reason
from netpol_verify.encodings.concrete.inventory import read_inventory
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.suite import World
from netpol_verify.verify.connectivity import reasons as module
from netpol_verify.verify.connectivity.outside import addresses_of
from netpol_verify.verify.connectivity.portmaps import ports_of
from netpol_verify.verify.connectivity.reach import parts_of, reach
from netpol_verify.verify.connectivity.reasons import Matched, PolicyReach, Reasons, reasons
from netpol_verify.verify.connectivity.scope import Scope
from netpol_verify.verify.flow_endpoints import FAMILIES
from pytest import MonkeyPatch
from support import manifests_of
from test_connectivity_against_concrete import for_random_clusters

SHOP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
  - from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.8/32]}}]
"""


def reasons_of(manifests: Manifests) -> Reasons:
    addresses = addresses_of(manifests, World())
    scope = Scope(families=addresses.families, pod_networks=addresses.pod_networks, outside=addresses.outside)
    cluster = build_cluster(manifests)
    parts = parts_of(cluster, scope)
    return reasons(cluster, parts, reach(cluster, parts))


def has(ends: int, end: int) -> bool:
    return ends >> end & 1 == 1


def first_members(known: Reasons) -> dict[str, int]:
    """The workload that speaks for each end that is no address, by its name."""
    return {end.members[0]: number for number, end in enumerate(known.ends) if end.namespace is not None}


def policy_of(known: Reasons, reason: Reason) -> PolicyReach:
    """The policy that a reason names; names are unique in a direction."""
    (found,) = (
        each
        for each in known.policies
        if each.policy.reference == reason.policy and each.policy.direction == reason.direction
    )
    return found


def check_reason(known: Reasons, reason: Reason, subject: int, other: int) -> None:
    """What decided in the concrete evaluator is among what the picture shows."""
    if reason.policy is None:
        own = [each for each in known.policies if each.policy.direction == reason.direction]
        assert not any(has(each.subjects.surely, subject) for each in own), reason
        return
    found = policy_of(known, reason)
    assert has(found.subjects.possibly, subject), reason
    if reason.effect == "allows":
        assert reason.rule is not None
        assert has(found.rules[reason.rule].peers.possibly, other), reason


def open_ports(known: Reasons, source: int, destination: int) -> list[tuple[str, int, int]]:
    """The ports that are open or undetermined between two ends."""
    maps = [number for number, ends in known.reached[source].items() if has(ends, destination)]
    assert len(maps) <= 1, "a pair has one answer"
    return [part for number in maps for part in ports_of(known.maps[number])]


def test_what_decides_in_the_concrete_evaluator_is_what_the_picture_shows() -> None:
    said: Counter[str] = Counter()

    def check(manifests: Manifests, chance: random.Random) -> None:
        known, cluster = reasons_of(manifests), Cluster.of(manifests)
        inventory = read_inventory(manifests)
        ends = first_members(known)
        workloads: dict[int, ConcreteEndpoint] = {}
        for each in inventory.workloads:
            namespace, kind, name = each.reference.split("/")
            if f"{namespace}/{name}[{kind}]" in ends and each.owner == each.reference:
                workloads[ends[f"{namespace}/{name}[{kind}]"]] = inventory.endpoint(each)
        assert workloads.keys() == set(ends.values())
        for source, start in workloads.items():
            for destination, stop in workloads.items():
                found = open_ports(known, source, destination)
                ports = sample_ports(cluster.port_breaks(start, stop))
                for protocol, port in chance.sample(ports, min(4, len(ports))) if source != destination else ():
                    for family in (each for each in FAMILIES if each in (start.families() or FAMILIES)):
                        if family not in (stop.families() or FAMILIES):
                            continue
                        decision = cluster.decide(start, stop, protocol, port, family, reading=Reading(True))
                        for reason in decision.because:
                            pair = (source, destination) if reason.direction == "egress" else (destination, source)
                            check_reason(known, reason, *pair)
                            said[reason.effect] += 1
                        inside = any(own == protocol and first <= port <= last for own, first, last in found)
                        assert inside or decision.allowed is False

    for_random_clusters(11, check)
    assert all(said[each] for each in ("allows", "isolates", "not-isolated"))


def named(known: Reasons, title: str) -> int:
    return next(number for number, end in enumerate(known.ends) if end.title == title)


def test_ends_are_workloads_and_addresses_that_are_treated_alike() -> None:
    """Those that talk to nobody are ends, too."""
    known = reasons_of(manifests_of(SHOP))
    assert [(end.namespace, end.title, end.labels) for end in known.ends if end.namespace] == [
        ("shop", "shop/db", {"app": "db"}),
        ("shop", "shop/web", {"app": "web"}),
    ]
    outside = [end.members for end in known.ends if end.namespace is None]
    assert ("203.0.113.0-203.0.113.7", "203.0.113.9-203.0.113.255") in outside
    assert len(outside) == 3, "the block, other IPv4 addresses, IPv6 addresses"


def test_a_rule_surely_matches_an_end_only_if_it_does_so_in_every_family_and_reading() -> None:
    known = reasons_of(manifests_of(SHOP))
    db, web = named(known, "shop/db"), named(known, "shop/web")
    block = next(number for number, end in enumerate(known.ends) if end.members[0] == "203.0.113.0-203.0.113.7")
    ingress = next(each for each in known.policies if each.policy.direction == "ingress")
    by_label, by_block = (each.peers for each in ingress.rules)
    assert ingress.subjects == Matched(1 << db, 1 << db)
    assert by_label == Matched(1 << web, 1 << web)
    assert by_block == Matched(1 << block, 1 << block | 1 << web | 1 << db), "of a pod only if its address is there"


def test_pods_of_one_workload_reach_each_other_and_a_single_pod_only_others() -> None:
    known = reasons_of(manifests_of(SHOP))
    db, web = named(known, "shop/db"), named(known, "shop/web")
    assert open_ports(known, web, web)
    assert open_ports(known, web, db)
    assert not open_ports(known, db, web)


def test_what_is_left_out_of_a_large_picture_is_counted(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENDS", 1)
    known = reasons_of(manifests_of(SHOP))
    shown = [end for end in known.ends if end.namespace is not None]
    assert [end.title for end in shown] == ["shop/db"]
    assert known.left_out == 1
    everyone = (1 << len(known.ends)) - 1
    sets = [ends for row in known.reached for ends in row.values()]
    sets += [ends for each in known.policies for ends in (each.subjects.surely, each.subjects.possibly)]
    assert all(ends & ~everyone == 0 for ends in sets)
