"""Classes of counterexamples against brute force: disjoint, complete, and without a member that refutes nothing."""

from __future__ import annotations

import ipaddress
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, seed, settings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.reports.json_report import result_object
from oracle.addresses import render
from oracle.bruteforce import question, scope_of, world_of
from oracle.clusters import clusters
from oracle.endpoints import Endpoint
from oracle.flows import Connection, Ends, Flows
from oracle.properties import properties
from support import result_of

Json = Mapping[str, Any]


def classes_of(manifests: Manifests, prop: LoadedProperty) -> tuple[str, list[Json], bool]:
    """The verdict, all classes as the JSON report holds them, and whether they are said to be complete."""
    suite = LoadedSuite("drawn.yaml", (prop,), (), prop.semantics)
    (result,) = prove([suite], manifests, options=Options(all_classes=True)).results
    report: Any = result_object(result)
    return result.verdict, report["classes"] or [], bool(report["classesComplete"])


def in_end(condition: Json, end: Endpoint) -> bool:
    """Does an end meet the conditions that are about it alone?"""
    if end.kind not in condition["kinds"]:
        return False
    address = ipaddress.ip_address(render(end.family, end.address))
    if not all(address in ipaddress.ip_network(each) for each in condition["networks"]):
        return False
    if any(address in ipaddress.ip_network(each) for each in condition["notNetworks"]):
        return False
    if end.node is not None and not all(_is_labelled(each, end.node.labels) for each in condition["nodeLabels"]):
        return False
    if condition["hostNetwork"] not in (None, end.pod is not None and end.pod.host_network):
        return False
    if end.pod is None:
        return True
    references = {name.replace("/assumed/", "/External/") for name in end.pod.references}
    return (
        condition["declared"] in (None, bool(references))
        and _is_named(condition["workloads"], references)
        and _is_named(condition["namespaces"], {end.pod.namespace.name})
        and all(_is_labelled(each, end.pod.namespace.labels) for each in condition["namespaceLabels"])
        and all(_is_labelled(each, end.pod.labels) for each in condition["labels"])
    )


def _is_named(condition: Json, names: set[str]) -> bool:
    return not names & set(condition["notIn"]) and (condition["in"] is None or bool(names & set(condition["in"])))


def _is_labelled(condition: Json, labels: Mapping[str, str]) -> bool:
    if condition["key"] not in labels:
        return bool(condition["absent"])
    value = labels[condition["key"]]
    return value not in condition["notIn"] and (condition["in"] is None or value in condition["in"])


def in_connection(condition: Json, connection: Connection, family: str, reading: bool) -> bool:
    protocol, port = connection
    first, last = condition["ports"]
    return (
        protocol in condition["protocols"]
        and first <= port <= last
        and family in condition["families"]
        and condition["ipBlockMatchesPods"] in (None, reading)
    )


def declares(condition: Json, end: Endpoint, connection: Connection) -> bool:
    return all(
        ((each["protocol"] == connection[0] and each["name"] in end.names_at(*connection)) == each["declared"])
        for each in condition["declaresPort"]
    )


def agrees(condition: Json, source: Endpoint, destination: Endpoint) -> bool:
    """The conditions on both ends' namespaces together."""
    for key, wanted in condition["sameNamespaceLabel"].items():
        if source.pod is None or destination.pod is None:
            same = False
        elif key == "kubernetes.io/metadata.name":
            same = source.pod.namespace.name == destination.pod.namespace.name
        else:
            same = source.pod.namespace.labels.get(key) == destination.pod.namespace.labels.get(key)
        if same != wanted:
            return False
    return True


def members(classes: Iterable[Json], ends: Ends, source: Endpoint, connection: Connection, reading: bool) -> list[int]:
    """For each class, its destinations for this source and port."""
    found: list[int] = []
    for number, each in enumerate(classes):
        if not in_connection(each, connection, source.family, reading) or not in_end(each["source"], source):
            found.append(0)
            continue
        inside = ends.once(
            ("class", each["direction"], number), lambda end, each=each: in_end(each["destination"], end)
        )
        if each["destination"]["declaresPort"]:
            inside &= ends.once(
                ("class-port", each["direction"], number, connection),
                lambda end, each=each: declares(each["destination"], end, connection),
            )
        if each["sameNamespaceLabel"]:
            inside &= ends.where(lambda end, each=each: agrees(each, source, end))
        found.append(inside)
    return found


def check_classes(manifests: Manifests, prop: LoadedProperty, classes: list[Json]) -> None:
    """Every connection that exists is in exactly one class if it refutes the property, and in none otherwise."""
    setting, verbs = question(manifests, prop)
    world = world_of(setting, verbs, scope_of(prop))
    fixed = prop.semantics.ip_block_matches_pods
    readings = (fixed,) if isinstance(fixed, bool) else (True, False)
    for ends in (Ends(each, world.port_names) for each in world.endpoints.values()):
        for reading in readings:
            behaviours = (False, True) if setting.unmodelled else (False,)
            both = [Flows(setting, ends, blocks_match_pods=reading, free_allows=each) for each in behaviours]
            for verb in verbs:
                direction = getattr(verb, "direction", None)
                mine = [each for each in classes if each["direction"] == direction]
                for source in ends.sources:
                    for connection in world.connections:
                        about = verb.hypothesis(ends, source, connection) & ends.partners(source)
                        refuting = about
                        for flows in both:
                            refuting &= verb.violated(flows, source, connection, about)
                        covered = 0
                        for each in members(mine, ends, source, connection, reading):
                            inside = each & ends.partners(source)
                            assert not inside & covered, "two classes share a connection"
                            covered |= inside
                        assert not covered & ~refuting, "a class holds a connection that refutes nothing"
                        assert covered == refuting, "a counterexample is in no class"


def test_classes_are_disjoint_complete_and_true() -> None:
    """Over random clusters and properties, each connection of the oracle's world is where it belongs."""
    seen: Counter[str] = Counter()

    @seed(400)
    @settings(
        max_examples=160,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        manifests = data.draw(clusters())
        prop = data.draw(properties(manifests))
        verdict, classes, complete = classes_of(manifests, prop)
        if verdict == "refuted" and prop.verb != "can":
            assert classes
            assert complete
            seen.update({prop.verb: 1, "several": len(classes) > 1})
            check_classes(manifests, prop, classes)

    check()
    assert sum(seen.values()) >= 60
    assert seen["several"] >= 12


def test_a_strict_default_deny_sees_labels_that_any_policy_singles_out() -> None:
    """Also those of a policy in a namespace that the property does not speak of."""
    text = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: open, namespace: shop}
    spec: {podSelector: {}, ingress: [{}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: other, namespace: other}
    spec: {podSelector: {matchLabels: {app: x}}}
    """
    verb = {"defaultDeny": {"for": {"namespace": "shop"}, "directions": ["ingress"], "strict": True}}
    result = result_of(textwrap.dedent(text), verb, options=Options(all_classes=True))
    assert result.class_ is not None
    assert "app!=x" in result.class_
    assert result.classes_complete
