"""The symbolic encoding agrees with every cell of the published truth tables, asked through the solver.

Each step becomes a world of its declared pods. Two questions decide it: is there a connection among those expected
allowed that the encoding refuses, or among those expected blocked one that it allows? That each cell is a connection
of the world at all is asked too, so that no answer holds of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus import CELLS, truth_cases
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.connection import Connection
from netpol_verify.encodings.evaluation import Evaluation
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.policy import PROTOCOLS
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import Term
from netpol_verify.encodings.vocabulary import Vocabulary
from netpol_verify.encodings.world import World, WorldConfig
from netpol_verify.encodings.written import WrittenObject, written


def made(api_version: str, kind: str, namespace: str | None, name: str, fields: dict[str, Any]) -> WrittenObject:
    return WrittenObject("case.json", 1, api_version, kind, namespace, name, written(fields, 1))


def objects_of(step: dict[str, Any]) -> Iterator[WrittenObject]:
    for policy in step["policies"] or ():
        metadata = policy["metadata"]
        namespace = metadata.get("namespace") or "default"
        yield made("networking.k8s.io/v1", "NetworkPolicy", namespace, metadata["name"], policy)
    for name, labels in step["resources"]["Namespaces"].items():
        yield made("v1", "Namespace", None, name, {"metadata": {"name": name, "labels": labels}})
    for pod in step["resources"]["Pods"]:
        containers = [
            {"ports": [{"name": each["PortName"], "protocol": each["Protocol"], "containerPort": each["Port"]}]}
            for each in pod["Containers"]
        ]
        fields = {
            "metadata": {"labels": pod["Labels"]},
            "spec": {"containers": containers},
            "status": {"podIP": pod["IP"]},
        }
        yield made("v1", "Pod", pod["Namespace"], pod["Name"], fields)


class Step:
    """One step's world and the terms of its cells."""

    def __init__(self, step: dict[str, Any]) -> None:
        cluster = build_cluster(Manifests(tuple(objects_of(step))))
        vocabulary = Vocabulary()
        vocabulary.mention_cluster(cluster)
        vocabulary.workloads.update(pod.reference for pod in cluster.pods)
        self.evaluation = Evaluation(Connection(World(cluster, vocabulary, WorldConfig(self_traffic=True))))
        self.connection = self.evaluation.connection
        self.terms = self.connection.world.terms
        self.pods = {each.pod.reference: each for each in self.connection.world.classes}
        self.codes = {each.pod.reference: code for code, each in enumerate(self.connection.world.classes)}

    def ends(self, source: str, destination: str) -> Term:
        pairs = zip(self.connection.ends, (source, destination), strict=True)
        at = [end.in_classes([self.codes[name.replace("/", "/Pod/")]]) for end, name in pairs]
        return self.terms.all_of((*at, self.connection.both_pods, -self.connection.ipv6))

    def on_port(self, destination: str, key: str) -> Term:
        name, _, port = key.partition("/")
        protocol = PROTOCOLS[("TCP", "UDP", "SCTP").index(name)]
        ports = self.pods[destination.replace("/", "/Pod/")].pod.ports
        numbers = [int(port)] if port.isdigit() else [n for m, p, n in ports if (m, p) == (port, protocol)]
        assert len(numbers) == 1, f"{port} is not one port of {destination}"
        return self.terms.all_of((self.connection.has_protocol(protocol), self.connection.has_port(numbers[0])))


def cells_of(step: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for source, row in step["expected"].items():
        for destination, answers in row.items():
            for key, answer in answers.items():
                yield source, destination, key, answer


def check(number: int, raw: dict[str, Any]) -> int:
    """Assert that no cell of a step disagrees; the number of its cells."""
    step = Step(raw)
    solver = Solver(step.terms)
    for axiom in step.connection.always:
        solver.add(axiom)
    expected: dict[str, list[Term]] = {"allowed": [], "blocked": []}
    for source, destination, key, answer in cells_of(raw):
        expected[answer].append(step.terms.all_of((step.ends(source, destination), step.on_port(destination, key))))
    allowed, perhaps = step.evaluation.allowed(None, None)
    assert allowed == perhaps, "nothing here is unmodelled"
    reading = step.connection.blocks_match_pods
    refused = solver.check((reading, step.terms.any_of(expected["allowed"]), -allowed))
    admitted = solver.check((reading, step.terms.any_of(expected["blocked"]), allowed))
    assert (refused, admitted) == ("unsat", "unsat"), f"case {number}"
    pairs = {(source, destination) for source, destination, _, _ in cells_of(raw)}
    for source, destination in sorted(pairs):
        one = next(key for s, d, key, _ in cells_of(raw) if (s, d) == (source, destination))
        cell = (reading, step.ends(source, destination), step.on_port(destination, one))
        assert solver.check(cell) == "sat", f"case {number}: {source} to {destination} is no connection"
    return sum(map(len, expected.values()))


def test_every_cell_agrees() -> None:
    """All 230 cases in 256 steps under ipBlockMatchesPods, a pod's traffic to itself included."""
    counts = [check(case["n"], step) for case in truth_cases() for step in case["steps"]]
    assert (len(counts), sum(counts)) == (256, CELLS)
