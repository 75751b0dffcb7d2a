"""The concrete evaluator agrees with every cell of the cyclonus truth tables."""

from __future__ import annotations

from typing import Any

from corpus import CELLS, truth_cases
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written


def endpoint(pod: dict[str, Any], namespaces: dict[str, dict[str, str]]) -> ConcreteEndpoint:
    ports = tuple(NamedPort(c["PortName"], c["Protocol"], c["Port"]) for c in pod["Containers"])
    labels: dict[str, str] = pod["Labels"] or {}
    namespace = str(pod["Namespace"])
    return ConcreteEndpoint("pod", namespace, labels, namespaces[namespace], ports, (pod["IP"],))


def cluster(policies: list[dict[str, Any]] | None) -> Cluster:
    objects: list[WrittenObject] = []
    for policy in policies or ():
        metadata = policy["metadata"]
        fields = written(policy, 1)
        name, namespace = metadata["name"], metadata.get("namespace") or "default"
        objects.append(WrittenObject("case.json", 1, "networking.k8s.io/v1", "NetworkPolicy", namespace, name, fields))
    return Cluster.of(Manifests(tuple(objects)))


def number_of(port: str, protocol: str, destination: ConcreteEndpoint) -> int:
    if port.isdigit():
        return int(port)
    numbers = [p.number for p in destination.ports or () if (p.name, p.protocol) == (port, protocol)]
    assert len(numbers) == 1, f"{port} is not one port of the destination"
    return numbers[0]


def disagreements(step: dict[str, Any]) -> tuple[int, list[str]]:
    """The number of cells of a step, and those where the evaluator answers otherwise."""
    pods = {
        f"{pod['Namespace']}/{pod['Name']}": endpoint(pod, step["resources"]["Namespaces"])
        for pod in step["resources"]["Pods"]
    }
    world, cells, wrong = cluster(step["policies"]), 0, list[str]()
    for source, row in step["expected"].items():
        for destination, answers in row.items():
            for key, answer in answers.items():
                assert answer in ("allowed", "blocked")
                protocol, _, port = key.partition("/")
                number = number_of(port, protocol, pods[destination])
                got = world.decide(pods[source], pods[destination], protocol, number, "IPv4", reading=Reading(True))
                cells += 1
                if got.allowed is not (answer == "allowed"):
                    wrong.append(f"{source} to {destination} {key}: expected {answer}, got {got}")
    return cells, wrong


def test_every_cell_agrees() -> None:
    """All 230 cases in 256 steps, pods to themselves included."""
    cells = steps = 0
    wrong: list[str] = []
    for case in truth_cases():
        for step in case["steps"]:
            count, differing = disagreements(step)
            cells, steps = cells + count, steps + 1
            wrong.extend(f"case {case['n']} ({case['description']}): {text}" for text in differing)
    assert not wrong, "\n".join(wrong[:20])
    assert (steps, cells) == (256, CELLS)
