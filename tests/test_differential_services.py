"""The prover against brute force where properties name Services: random Services on random clusters.

The oracle reads Services apart from both evaluators. Each refutation is replayed by the concrete evaluator on the way:
a counterexample that it does not confirm raises and fails the test.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from effort import COUNTED, PHASES, scaled
from hypothesis import HealthCheck, given, seed, settings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import prove
from oracle.agreement import disagreement
from oracle.bruteforce import brute_force
from oracle.clusters import CONTAINER_PORTS, NOTHING, POD_VALUES, PORT_NAMES, clusters, made, some, weighted
from oracle.properties import endpoints, fitting, loaded
from oracle.raw import Raw, mapping, sequence
from oracle.services import instead_of
from oracle.worlds import worlds

CLUSTERS = 300
SERVICES = ("a/s0", "a/s1", "b/s2")


@st.composite
def service_port(draw: st.DrawFn, index: int) -> Raw:
    """A port, its target a number, a name, or left out in one of the ways in which it can be."""
    port: Raw = {"name": f"n{index}", "port": draw(st.sampled_from((80, 81, 8000)))}
    form = draw(weighted((3, "name"), (3, "number"), (2, "absent"), (1, "nothing")))
    if form == "name":
        port["targetPort"] = draw(st.sampled_from(PORT_NAMES))
    elif form == "number":
        port["targetPort"] = draw(st.sampled_from(CONTAINER_PORTS))
    elif form == "nothing":
        port["targetPort"] = draw(st.sampled_from((None, 0, "")))
    return port | draw(
        weighted((3, NOTHING), (2, {"protocol": "TCP"}), (2, {"protocol": "UDP"}), (1, {"protocol": "SCTP"}))
    )


@st.composite
def with_services(draw: st.DrawFn) -> Manifests:
    """A cluster with a few Services, most of which select what it declares."""
    manifests = draw(clusters())
    found: list[Any] = []
    for reference in SERVICES:
        namespace, name = reference.split("/")
        templates = [
            mapping(
                item.fields,
                "metadata" if item.kind == "Pod" else "spec",
                *(() if item.kind == "Pod" else ("template", "metadata")),
            )
            for item in manifests.modelled
            if item.namespace == namespace and item.kind not in ("NetworkPolicy", "Namespace")
        ]
        known = [labels for labels in (mapping(each, "labels") for each in templates) if labels]
        selector: Raw = {draw(st.sampled_from(("k1", "k2"))): draw(st.sampled_from(POD_VALUES))}
        if known and draw(weighted((1, False), (3, True))):
            labels = draw(st.sampled_from(known))
            selector = {key: labels[key] for key in draw(some(tuple(sorted(labels))))}
        drawn = [draw(service_port(index)) for index in range(draw(weighted((2, 1), (3, 2))))]
        unique = {(port.get("protocol") or "TCP", port["port"]): port for port in drawn}
        spec = {"selector": selector, "ports": list(unique.values())}
        found.append(made("Service", namespace, name, {"spec": spec}))
        found[-1] = replace(found[-1], api_version="v1")
    named = sorted({*manifests.named_namespaces, "a", "b"})
    return replace(manifests, exposing=tuple(found), named_namespaces=tuple(named))


@st.composite
def arriving(draw: st.DrawFn, manifests: Manifests, *, needs_ports: bool = False) -> Raw:
    """``to`` with at least one Service, and ``ports`` that all of its Services have, if it has any."""
    workloads = [item.reference for item in manifests.modelled if item.kind not in ("Namespace", "NetworkPolicy")]
    names = draw(some(SERVICES))
    groups: list[Any] = [{"service": name} for name in names]
    if draw(weighted((2, False), (1, True))):
        more = draw(endpoints(workloads, outside=draw(st.booleans())))
        groups += more if isinstance(more, list) else [more]
    to = groups[0] if len(groups) == 1 else draw(st.permutations(groups))
    specs = {f"{item.namespace}/{item.name}": mapping(item.fields, "spec") for item in manifests.exposing}
    first, *others = [[_spelt(port) for port in sequence(specs[name], "ports")] for name in names]
    choices = {each for spelt in first for each in spelt if all(any(each in own for own in other) for other in others)}
    if not choices:
        return {
            "to": {"service": names[0]},
            **({"ports": sorted(_spelt(specs[names[0]]["ports"][0]))} if needs_ports else {}),
        }
    if needs_ports or draw(weighted((1, False), (2, True))):
        return {"to": to, "ports": draw(some(tuple(sorted(choices))))}
    return {"to": to}


def _spelt(port: Raw) -> set[str]:
    """The ways in which a suite may name a port of a Service."""
    protocol, number = port.get("protocol") or "TCP", port["port"]
    alone = {str(number)} if protocol == "TCP" else set[str]()
    return {
        f"{protocol}/{number}",
        f"{protocol}/{number}-{number + 1}",
        f"{protocol}/1-65535",
        f"{protocol}/{port['name']}",
    } | alone


@st.composite
def asked_of_services(draw: st.DrawFn, manifests: Manifests) -> LoadedProperty:
    """A property with a Service somewhere that connections arrive."""
    workloads = [item.reference for item in manifests.modelled if item.kind not in ("Namespace", "NetworkPolicy")]
    verb = draw(weighted((4, "never"), (3, "always"), (3, "can"), (3, "only"), (2, "isolate")))
    there = draw(arriving(manifests, needs_ports=verb == "always"))
    near = draw(endpoints(workloads, outside=draw(weighted((2, False), (1, True)))))
    body: Raw = {"from": near, **there}
    if verb == "only" and draw(st.booleans()):
        entry = {"who": there["to"], **({"ports": there["ports"]} if "ports" in there else {})}
        body = {"from": draw(endpoints(workloads, outside=False)), "to": [entry]}
    elif verb == "only":
        entry = {"who": near, **({"ports": there["ports"]} if "ports" in there else {})}
        body = {"to": there["to"], "from": [entry]}
    elif verb == "isolate":
        groups = draw(
            weighted(
                (1, {"by": {"namespaceLabel": "n1"}}), (2, {"groups": [{"namespace": "a"}, {"namespace": ["b", "c"]}]})
            )
        )
        body = groups | {"except": [there | draw(st.sampled_from(({}, {"from": near})))]}
    semantics = {
        "ipBlockMatchesPods": draw(weighted((2, "either"), (1, True), (1, False))),
        "hostNetworkPods": draw(weighted((3, "excluded"), (1, "either"))),
    }
    return loaded(verb, body, fitting(body, draw(worlds(manifests))), semantics)


def test_prover_and_brute_force_agree_about_services(capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, and what they say of the smaller worlds, are equal."""
    seen: Counter[tuple[str, str]] = Counter()

    @seed(7)
    @settings(
        max_examples=scaled(CLUSTERS),
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        manifests = data.draw(with_services())
        asked = [data.draw(asked_of_services(manifests)) for _ in range(3)]
        suite = LoadedSuite("drawn.yaml", tuple(asked), (), asked[0].semantics)
        for prop, result in zip(asked, prove([suite], manifests).results, strict=True):
            instead = instead_of(manifests, prop)
            complaint = disagreement(prop, result, lambda scope, p=prop, i=instead: brute_force(manifests, p, scope, i))
            assert complaint is None, complaint
            seen[prop.verb, result.verdict] += 1

    compare()
    with capsys.disabled():
        print(f"\n{dict(sorted(seen.items()))}")
    if COUNTED:
        assert all(seen[verb, "refuted"] >= 10 for verb in ("never", "always", "can", "only", "isolate"))
        assert seen["never", "proved"] >= 20
        assert seen["can", "proved"] >= 20
        assert seen["only", "proved"]
