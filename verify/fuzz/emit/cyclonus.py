"""The suite as input of cyclonus: synthetic probes of pods, and connections with outside.

``analyze --mode probe`` tries all pods of a file with each other; what a suite expects are some of its cells
(``mattfenwick/cyclonus:pkg/connectivity/probe``). It knows one address a pod, and takes a port's number for that of the
first container which has it, whatever the protocol, so a file is about one port, one protocol and one family. Outside
ends are asked about with ``--mode query-traffic``. Policies have their types written out, one in a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ....encodings.cluster import NAME_LABEL
from ..adapters.traffic import policies_of, traffic_of
from ..model import Cluster, Family, Pod, Raw, pod_of
from ..walk import container_ports, mapping, protocol_of
from .suite import Probe, Suite

ALLOWED, BLOCKED = ".", "X"
"""Cells of cyclonus's tables."""
EXPECTED, TRAFFIC = "expected.json", "traffic.json"


def why_not_cyclonus(suite: Suite, probe: Probe) -> str | None:
    """Why cyclonus is not asked about a probe; None if it is."""
    pods = (each for each in suite.cluster.of_kind("Pod") if pod_of(each).reference == probe.flow.destination)
    if any(len(_names(pod, probe)) > 1 for pod in pods):
        return "cyclonus knows one name of a port, and the destination has several"
    return None


def cyclonus_files(suite: Suite) -> Iterator[tuple[str, str]]:
    """Names and texts of the files: probes, traffic, the cells to expect, and policies."""
    asked = [probe for probe in suite.probes if why_not_cyclonus(suite, probe) is None]
    outside = [probe for probe in asked if probe.from_outside or probe.to_outside]
    files: dict[str, list[Probe]] = {}
    for probe in asked:
        if not (probe.from_outside or probe.to_outside):
            files.setdefault(_file(probe), []).append(probe)
    expected: Raw = {}
    for name, probes in files.items():
        yield name, _json(_probe(suite, probes))
        expected[name] = [_cell(probe) for probe in probes]
    if outside:
        yield TRAFFIC, _json(list(traffic_of(suite.cluster, [probe.flow for probe in outside]).queries))
        expected[TRAFFIC] = [{"id": probe.number, "allowed": probe.allowed} for probe in outside]
    yield EXPECTED, _json(expected)
    policies = policies_of(Cluster.of(suite.cluster.of_kind("NetworkPolicy")))
    yield from ((f"policies/{name}", text) for name, text in policies.files().items())


def _json(value: Raw | list[Raw]) -> str:
    return json.dumps(value, indent=1) + "\n"


def _file(probe: Probe) -> str:
    family = "" if probe.flow.family == "IPv4" else "-ipv6"
    return f"probe-{probe.flow.protocol.lower()}-{probe.flow.port}{family}.json"


def _cell(probe: Probe) -> Raw:
    cell = ALLOWED if probe.allowed else BLOCKED
    return {"id": probe.number, "from": probe.flow.source, "to": probe.flow.destination, "combined": cell}


def _probe(suite: Suite, probes: Sequence[Probe]) -> Raw:
    """The probe of one port, with the pods that its cells are about."""
    flow = probes[0].flow
    ends = {end for probe in probes for end in (probe.flow.source, probe.flow.destination)}
    pods = [(each, pod_of(each)) for each in suite.cluster.of_kind("Pod") if pod_of(each).reference in ends]
    inhabited = {pod.namespace for _, pod in pods}
    spaces = {
        each["metadata"]["name"]: {**mapping(each["metadata"].get("labels")), NAME_LABEL: each["metadata"]["name"]}
        for each in suite.cluster.of_kind("Namespace")
        if each["metadata"]["name"] in inhabited
    }
    return {
        "Probes": [{"Protocol": flow.protocol, "Port": flow.port}],
        "Resources": {
            "Namespaces": spaces,
            "Pods": [_pod(pod, flow.family, _names(written, probes[0]), probes[0]) for written, pod in pods],
        },
    }


def _pod(pod: Pod, family: Family, names: Sequence[str], probe: Probe) -> Raw:
    """A pod, with a container that serves the port, under its name if it has one."""
    name = names[0] if names else ""
    served: Raw = {"Name": "c0", "Port": probe.flow.port, "PortName": name, "Protocol": probe.flow.protocol}
    return {
        "Namespace": pod.namespace,
        "Name": pod.name,
        "Labels": pod.labels,
        "IP": pod.addresses[family],
        "Containers": [served],
    }


def _names(pod: Raw, probe: Probe) -> list[str]:
    """The names that a pod's containers give to the port of a probe, for its protocol."""
    wanted = (probe.flow.protocol, probe.flow.port)
    ports = (port for port in container_ports(pod) if (protocol_of(port), port.get("containerPort")) == wanted)
    return list(dict.fromkeys(port["name"] for port in ports if port.get("name")))
