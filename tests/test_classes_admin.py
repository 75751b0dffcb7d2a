"""Classes of counterexamples in clusters with cluster-wide policies, against brute force: disjoint, complete, and each
member refutes under some reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import hypothesis.strategies as st
from effort import COUNTED, scaled
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty
from netpol_verify.verify.engine import Options
from oracle.admin_clusters import admin_clusters
from oracle.admin_properties import admin_properties
from oracle.bruteforce import question, scope_of, world_of
from oracle.domains import Meaning
from oracle.draws import each_drawn
from oracle.endpoints import Endpoint
from oracle.flows import Connection, Ends, Flows, flows_of
from oracle.readings import host_networks, readings_of
from oracle.verbs import Verb
from oracle.walks import places_of
from support import result_of
from test_classes import Json, classes_of, members

CLUSTERS = 20
MOST = 40
"""More classes than these are left unchecked: it is the oracle that takes the time."""


def refuting(
    verb: Verb, flows: Sequence[tuple[Meaning, Flows]], source: Endpoint, connection: Connection, about: int
) -> int:
    """The destinations for which the property is violated whatever is unmodelled does and domain names mean."""
    surely = about
    for meaning, each in flows:
        real = about & each.ends.possible(each.setting.domains, meaning)
        surely &= verb.violated(each, source, connection, real) | ~real
    return surely & about


def on_one_node(ends: Ends, source: Endpoint) -> int:
    """The pods that share the network of the source's node: such connections stay on the node, and in no class."""
    if source.pod is None or not source.pod.host_network:
        return 0
    return ends.where(lambda end: end.pod is not None and end.pod.host_network and end.region is source.region)


def check_classes(manifests: Manifests, prop: LoadedProperty, classes: list[Json], *, complete: bool) -> None:
    """Every connection that refutes under some reading is in exactly one class, and no other is in any."""
    for host in host_networks(prop.semantics):
        setting, verbs = question(manifests, prop, host)
        world = world_of(setting, verbs, scope_of(prop))
        readings = [each for each in readings_of(prop.semantics, setting.admin, True) if each.host_network == host]
        for ends in places_of(world):
            by_reading = flows_of(setting, ends, readings)
            for matches in sorted({each.blocks_match_pods for each in readings}):
                flows = [each for reading, each in by_reading.items() if reading.blocks_match_pods is matches]
                for verb in verbs:
                    direction = getattr(verb, "direction", None)
                    mine = [each for each in classes if each["direction"] == direction]
                    for source in ends.sources:
                        for connection in world.connections:
                            possible = ends.partners(source) & ~on_one_node(ends, source)
                            about = verb.hypothesis(ends, source, connection) & possible
                            wanted, covered = 0, 0
                            for each in flows if about else ():
                                wanted |= refuting(verb, each, source, connection, about)
                            for each in members(mine, ends, source, connection, matches):
                                inside = each & possible
                                assert not inside & covered, "two classes share a connection"
                                covered |= inside
                            assert not covered & ~wanted, "a class holds a connection that refutes nothing"
                            assert covered == wanted or not complete, "a counterexample is in no class"


def test_classes_are_disjoint_complete_and_true() -> None:
    """Over random clusters with policies of all kinds, each connection of the oracle's world is where it belongs."""
    seen: Counter[str] = Counter()

    def check(data: st.DataObject) -> None:
        manifests = data.draw(admin_clusters())
        (prop,) = data.draw(admin_properties(manifests))
        verdict, classes, complete = classes_of(manifests, prop)
        if verdict == "refuted" and prop.verb != "can" and len(classes) <= MOST:
            assert classes
            seen.update({"refuted": 1, "several": len(classes) > 1, "complete": complete})
            check_classes(manifests, prop, classes, complete=complete)

    each_drawn(check, scaled(CLUSTERS), seed=6)
    if COUNTED:
        assert seen["refuted"] >= 4, seen
        assert seen["complete"] == seen["refuted"], seen
        assert seen["several"], seen


OUTSIDE = "any pod in any namespace outside of hosts' networks"
HOSTED = """
apiVersion: v1
kind: Namespace
metadata: {name: a}
---
apiVersion: v1
kind: Node
metadata: {name: node-1, labels: {role: edge}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: a}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {hostNetwork: true, containers: [{name: c, image: i}]}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: edge}
spec:
  tier: Admin
  priority: 5
  subject: {namespaces: {}}
  egress: [{action: Deny, to: [{nodes: {matchLabels: {role: edge}}}]}]
"""


def test_a_class_of_nodes_is_told_by_their_labels() -> None:
    """And one of pods in the network of such nodes by where they are."""
    options = Options(all_classes=True)
    verb = {"never": {"from": {"namespace": "a"}, "to": {"node": True}}}
    found = result_of(HOSTED, verb, options=options, world={"pods": "open", "namespaces": "closed"})
    assert [each.text for each in found.classes or ()] == [
        "any pod in any namespace → any node with role!=edge, any port"
    ]
    assert found.classes_complete
    verb = {"never": {"from": {"namespace": "a"}, "to": {"namespace": "a"}}}
    semantics = {"hostNetworkPods": "ordinary"}
    found = result_of(HOSTED, verb, options=options, semantics=semantics, world={"namespaces": "closed"})
    assert found.classes_complete
    assert [each.text for each in found.classes or ()] == [
        "any pod in any namespace in its host's network → any pod in any namespace, any port",
        f"{OUTSIDE} → {OUTSIDE}, any port",
        f"{OUTSIDE} → any pod in any namespace in its host's network on a node with role!=edge, any port",
    ]
