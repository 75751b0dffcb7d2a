"""Connectivity agrees with the cyclonus truth tables, but for a pod with itself, which it leaves out."""

from __future__ import annotations

from typing import Any

from connectivity_support import Answers, connectivity_of, known
from corpus import CELLS, truth_cases
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written


def written_object(
    api_version: str, kind: str, namespace: str | None, name: str, fields: dict[str, Any]
) -> WrittenObject:
    return WrittenObject("case.json", 1, api_version, kind, namespace, name, written(fields, 1))


def objects(step: dict[str, Any]) -> list[WrittenObject]:
    """A step's policies, namespaces and pods as they would be read."""
    found: list[WrittenObject] = []
    for policy in step["policies"] or ():
        metadata = policy["metadata"]
        namespace = metadata.get("namespace") or "default"
        found.append(written_object("networking.k8s.io/v1", "NetworkPolicy", namespace, metadata["name"], policy))
    for name, labels in step["resources"]["Namespaces"].items():
        found.append(written_object("v1", "Namespace", None, name, {"metadata": {"name": name, "labels": labels}}))
    for pod in step["resources"]["Pods"]:
        ports = [
            {"ports": [{"name": each["PortName"], "protocol": each["Protocol"], "containerPort": each["Port"]}]}
            for each in pod["Containers"]
        ]
        fields: dict[str, Any] = {
            "metadata": {"labels": pod["Labels"] or {}},
            "spec": {"containers": ports},
            "status": {"podIP": pod["IP"]},
        }
        found.append(written_object("v1", "Pod", pod["Namespace"], pod["Name"], fields))
    return found


def number_of(port: str, protocol: str, name: str, pods: list[dict[str, Any]]) -> int:
    """The number of a port of the destination, which may be given by name."""
    if port.isdigit():
        return int(port)
    (number,) = (
        each["Port"]
        for pod in pods
        for each in pod["Containers"]
        if f"{pod['Namespace']}/{pod['Name']}" == name and (each["PortName"], each["Protocol"]) == (port, protocol)
    )
    return number


def disagreements(step: dict[str, Any]) -> tuple[int, list[str]]:
    """The number of cells of a step, pods to themselves left out, and those that connectivity answers otherwise."""
    pods = step["resources"]["Pods"]
    answers = Answers(connectivity_of(Manifests(tuple(objects(step))), reading=True))
    references = {node.end.title: reference for reference, node in answers.nodes.items()}
    cells, wrong = 0, list[str]()
    for source, row in step["expected"].items():
        for destination, expected in row.items():
            if source == destination:
                continue
            found = answers.between(references[source], references[destination])
            for key, answer in expected.items():
                protocol, _, port = key.partition("/")
                got = known(found, protocol, number_of(port, protocol, destination, pods))
                cells += 1
                if got != (() if answer == "allowed" else None):
                    wrong.append(f"{source} to {destination} {key}: expected {answer}, got {got}")
    return cells, wrong


def test_every_cell_agrees() -> None:
    """All 230 cases in 256 steps."""
    cells = steps = 0
    wrong: list[str] = []
    for case in truth_cases():
        for step in case["steps"]:
            count, differing = disagreements(step)
            cells, steps = cells + count, steps + 1
            wrong.extend(f"case {case['n']} ({case['description']}): {text}" for text in differing)
    assert not wrong, "\n".join(wrong[:20])
    assert steps == 256
    assert 0.8 * CELLS < cells < CELLS
