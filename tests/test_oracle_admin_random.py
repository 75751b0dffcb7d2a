"""The oracle for cluster-wide policies on random clusters: it agrees with itself, one connection at a time and over
sets of them, with the concrete evaluator under every reading, and its verdicts keep to each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

import hypothesis.strategies as st
from effort import COUNTED, scaled
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.reading import Reading as ConcreteReading
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.validation import validate
from netpol_verify.properties.concrete_world import in_world
from netpol_verify.properties.loading import LoadedProperty, load_suite
from oracle.addresses import render
from oracle.admin import admin_policies_of
from oracle.admin_clusters import admin_clusters
from oracle.admin_properties import admin_properties, admin_worlds
from oracle.bruteforce import DECLARED, DECLARED_NAMESPACES, Scope, brute_force, question, world_of
from oracle.clusters import manifests
from oracle.draws import each_drawn
from oracle.endpoints import Endpoint
from oracle.flows import Connection, flows_of
from oracle.properties import GROUPS, loaded
from oracle.raw import Raw
from oracle.readings import host_networks, readings_of
from oracle.tiers import Case
from oracle.walks import places_of, walks

CLUSTERS = 150
WALKS = 25
READINGS = 3
EITHER: Raw = {"baselineHiddenBy": "either", "hostNetworkPods": "either"}
ANYONE: Raw = {"from": {"any": True}, "to": [{"any": True}, {"node": True}]}


def concrete(end: Endpoint, connection: Connection) -> ConcreteEndpoint:
    """An endpoint of the oracle as the concrete evaluator takes it."""
    ips, labels = (render(end.family, end.address),), None if end.node is None else end.node.labels
    if end.pod is None:
        return ConcreteEndpoint(end.kind, ips=ips, node=end.node_name, node_labels=labels)
    space = end.pod.namespace
    return ConcreteEndpoint(
        "pod",
        space.name,
        end.pod.labels,
        space.labels,
        tuple(NamedPort(name, *connection) for name in sorted(end.names_at(*connection))),
        ips,
        end.pod.host_network,
        node=end.node_name,
        node_labels=labels,
    )


def evaluated(evaluator: Cluster, case: Case) -> bool | None:
    """What the concrete evaluator says of a connection under the reading."""
    source, destination = (concrete(end, case.connection) for end in (case.source, case.destination))
    own = case.reading
    reading = ConcreteReading(own.blocks_match_pods, own.order, own.hidden_by, own.host_network)
    return evaluator.decide(source, destination, *case.connection, case.source.family, reading=reading).allowed


def test_the_oracle_agrees_with_itself_and_with_the_concrete_evaluator() -> None:
    """Over sets of destinations and one by one; and with an evaluator written apart, which does not know either what
    unbound domain names mean, under some readings of each cluster."""
    said: dict[bool | None, int] = {True: 0, False: 0, None: 0}

    def compare(data: st.DataObject) -> None:
        drawn = data.draw(admin_clusters())
        cluster = manifests(drawn.modelled, (), drawn.named_namespaces)
        raw, chance = data.draw(admin_worlds(cluster)), Random(data.draw(st.integers(0, 2**32)))
        prop = loaded("never", ANYONE, raw, EITHER)
        evaluator = in_world(Cluster.of(cluster), prop.world)
        for host in host_networks(prop.semantics):
            setting, verbs = question(cluster, prop, host)
            world = world_of(setting, verbs, Scope(True, True))
            readings = [each for each in readings_of(prop.semantics, setting.admin, True) if each.host_network == host]
            readings = chance.sample(readings, min(READINGS, len(readings)))
            places = places_of(world)
            flows = {id(ends): flows_of(setting, ends, readings) for ends in places}
            for case, ends, number in walks(setting, places, world.connections, readings, chance=chance, count=WALKS):
                answers = set[bool]()
                for meaning, each in flows[id(ends)][case.reading]:
                    one = replace(case, meaning=meaning)
                    assert one.allowed() is bool(each.through(case.source, case.connection) >> number & 1)
                    if setting.domains.possible(case.destination, meaning):
                        answers.add(one.allowed())
                expected = answers.pop() if len(answers) == 1 else None
                assert evaluated(evaluator, case) is expected, told(cluster, case)
                said[expected] += 1

    each_drawn(compare, scaled(CLUSTERS), 1)
    total = sum(said.values())
    assert 0.2 * total < said[True] < 0.8 * total
    assert said[None] >= 10 or not COUNTED


def told(cluster: Manifests, case: Case) -> str:
    """A connection and the policies that decide about it, for a failing test."""
    policies = [f"{item.reference}: {item.fields['spec']}" for item in cluster.modelled if "Policy" in item.kind]
    ends = f"{case.source} -> {case.destination} {case.connection} {case.reading}"
    return "\n".join([ends, *policies])


def cases(check: Callable[[Manifests, LoadedProperty], None], count: int, seed: int) -> None:
    def one(data: st.DataObject) -> None:
        cluster = data.draw(admin_clusters())
        check(cluster, data.draw(admin_properties(cluster))[0])

    each_drawn(one, scaled(count), seed)


def with_semantics(prop: LoadedProperty, **semantics: object) -> LoadedProperty:
    written = prop.written.model_dump(by_alias=True, exclude_unset=True)
    own = prop.semantics.model_dump(by_alias=True) | semantics
    return loaded(prop.verb, written[prop.verb], prop.world.model_dump(by_alias=True), own)


def test_either_value_of_a_switch_is_both_values() -> None:
    values: dict[str, Sequence[object]] = {
        "ipBlockMatchesPods": (True, False),
        "baselineHiddenBy": ("direction", "pod"),
    }

    def check(cluster: Manifests, prop: LoadedProperty) -> None:
        chosen = [with_semantics(prop, **dict(zip(values, each, strict=True))) for each in product(*values.values())]
        both = {brute_force(cluster, each).verdict for each in chosen}
        expected = next(verdict for verdict in ("refuted", "unknown", "vacuous", "proved") if verdict in both)
        either = with_semantics(prop, **dict.fromkeys(values, "either"))
        assert brute_force(cluster, either).verdict == expected

    cases(check, 150, 2)


def test_a_larger_world_only_adds_ways_to_refute() -> None:
    steps = {"vacuous": 0, "proved": 0, "unknown": 1, "refuted": 2}

    def check(cluster: Manifests, prop: LoadedProperty) -> None:
        found = [
            brute_force(cluster, prop, scope).verdict for scope in (DECLARED, DECLARED_NAMESPACES, Scope(True, True))
        ]
        if prop.verb != "can":
            climbed = [steps[verdict] for verdict in found]
            assert climbed == sorted(climbed)

    cases(check, 150, 3)


def test_binding_what_an_unbound_name_means_only_settles_what_was_unknown() -> None:
    """A verdict that holds whatever a name means is the same once somebody says what it means."""
    settled = 0

    def check(cluster: Manifests, prop: LoadedProperty) -> None:
        nonlocal settled
        names = [name for policy in admin_policies_of(cluster) for name in policy.domains]
        if prop.world.domains or not names:
            return
        world = prop.world.model_dump(by_alias=True) | {"domains": {name: ["198.51.100.0/24"] for name in names}}
        written = prop.written.model_dump(by_alias=True, exclude_unset=True)
        bound = loaded(prop.verb, written[prop.verb], world, prop.semantics.model_dump(by_alias=True))
        before, after = (brute_force(cluster, each).verdict for each in (prop, bound))
        assert before in ("unknown", "vacuous", after)
        settled += before == "unknown"

    cases(check, 150, 4)
    assert settled or not COUNTED


def test_drawn_policies_are_valid_and_drawn_properties_are_suites_that_load(tmp_path: Path) -> None:
    path = tmp_path / "properties.yaml"

    def check(cluster: Manifests, prop: LoadedProperty) -> None:
        policies = [item for item in cluster.modelled if "Policy" in item.kind]
        problems, _ = validate(policies)
        assert not problems
        written = prop.written.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)
        written["world"] = prop.world.model_dump(by_alias=True, exclude_none=True)
        written["semantics"] = prop.semantics.model_dump(by_alias=True, exclude={"duplicate_objects"})
        suite = {"apiVersion": "netpol-verify/v1", "kind": "PropertySuite", "groups": GROUPS, "properties": [written]}
        path.write_text(json.dumps(suite))
        (prop_read,) = load_suite(str(path)).properties
        assert prop_read.world == prop.world
        assert prop_read.semantics == prop.semantics

    cases(check, 150, 5)
