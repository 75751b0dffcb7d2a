"""The five scenarios as suites, an evaluator that is given faults, and a kubectl that acts like a cluster."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from fuzzing_faults.fault import Fault
from netpol_verify.encodings.concrete import inventory
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster as Policies
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.verify.fuzz.emit import Given, Suite, given, suite_of
from netpol_verify.verify.fuzz.guided.reading import manifests_of
from netpol_verify.verify.fuzz.model import Cluster, Family, Flow, Raw
from netpol_verify.verify.run import ManifestsRequest, read_named

EXAMPLES = Path(__file__).parent.parent / "examples"
FAMILIES: tuple[Family, ...] = ("IPv4", "IPv6")


def _scenarios() -> Iterator[tuple[str, tuple[str, ...]]]:
    one, four = "1-three-tiers", "4-production-namespace"
    yield one, (f"{one}/tiers", f"{one}/policies")
    for variant in ("article", "mistyped", "fixed"):
        yield f"{one}: {variant}", (f"{one}/tiers", f"{one}/{variant}")
    yield f"{one}: removed", (f"{one}/tiers",)
    for stage in ("stage-1-no-policy", "stage-2-deny-all", "stage-3-admit-frontend"):
        yield f"2-frontend-backend: {stage}", (f"2-frontend-backend/{stage}/manifests",)
    for pitfall in sorted((EXAMPLES / "3-pitfalls").iterdir()):
        for variant in ("before", "after", "udp-only"):
            if (pitfall / f"{variant}.yaml").exists():
                folder = f"3-pitfalls/{pitfall.name}"
                yield f"{folder}: {variant}", (f"{folder}/app.yaml", f"{folder}/{variant}.yaml")
    yield four, (f"{four}/namespaces", f"{four}/policies")
    for variant in ("copied", "union"):
        yield f"{four}: {variant}", (f"{four}/namespaces", f"{four}/policies", f"{four}/{variant}")
    for cluster in ("eu-west", "us-east", "ap-south"):
        yield f"5-fleet: {cluster}", (f"5-fleet/clusters/{cluster}",)


SCENARIOS = dict(_scenarios())
"""The manifests of the five scenarios, with their variants."""


@cache
def given_at(scenario: str) -> Given:
    """The policies and namespaces of a scenario."""
    paths = tuple(str(EXAMPLES / path) for path in SCENARIOS[scenario])
    return given(read_named(ManifestsRequest(paths), "error").manifests)


@cache
def suite_at(scenario: str, reading: bool | None = None) -> Suite:
    """The suite of a scenario."""
    return suite_of(given_at(scenario), reading=reading)


def policy(spec: Raw, name: str = "p", namespace: str = "shop") -> Raw:
    """A NetworkPolicy."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


# Faults


class Answering:
    """What the concrete evaluator says of a cluster's flows under one reading of ipBlock, with faults and without."""

    def __init__(self, cluster: Cluster, flows: Sequence[Flow], reading: bool = True) -> None:
        self.cluster, self.flows, self._reading = cluster, tuple(flows), reading
        self._manifests = manifests_of(cluster)
        self._inventory = inventory.read_inventory(self._manifests)
        self._policies = Policies.of(self._manifests)
        self.right = [*self._decided(self._inventory, self._policies)]

    def first_wrong(self, fault: Fault) -> Flow | None:
        """The first flow that is answered otherwise with a fault. Reading is done again only for faults of reading."""
        if not fault.is_of_reading:
            with fault.planted():
                return self._first_wrong(self._inventory, self._policies)
        manifests = manifests_of(fault.rewritten(self.cluster)) if fault.owner is None else self._manifests
        with fault.planted():
            read, policies = inventory.read_inventory(manifests), Policies.of(manifests)
            if _parts(read, policies) == _parts(self._inventory, self._policies):
                return None
            return self._first_wrong(read, policies)

    def _first_wrong(self, read: inventory.Inventory, policies: Policies) -> Flow | None:
        answers = zip(self.flows, self.right, self._decided(read, policies), strict=True)
        return next((flow for flow, right, answer in answers if right != answer), None)

    def _decided(self, read: inventory.Inventory, policies: Policies) -> Iterator[bool]:
        pods = {f"{each.namespace}/{each.name}": read.endpoint(each) for each in read.workloads}

        def end(text: str) -> ConcreteEndpoint:
            return pods[text] if "/" in text else ConcreteEndpoint("external", ips=(text,))

        for flow in self.flows:
            ends = end(flow.source), end(flow.destination)
            way = flow.protocol, flow.port, flow.family
            yield policies.decide(*ends, *way, reading=Reading(self._reading)).allowed is True


def _parts(read: inventory.Inventory, policies: Policies) -> object:
    return policies.policies, read.namespaces, read.workloads


# A cluster behind kubectl

_KUBECTL = """#!@PYTHON@
import json, pathlib, sys

folder = pathlib.Path(__file__).parent
world = json.loads((folder / "world.json").read_text())
state = pathlib.Path(folder / "state.json")
seen = json.loads(state.read_text()) if state.exists() else []
arguments = sys.argv[1:]
seen.append(arguments)
state.write_text(json.dumps(seen))
governed = ["create", "-f", "suite/3-policies.yaml"] in seen
words = " ".join(arguments)
if arguments[0] == "get":
    kind = arguments[1]
    if kind == "pods":
        print("".join(f"{pod} {' '.join(own)}\\n" for pod, own in world["pods"].items()), end="")
    elif kind in ("namespace", "pod", "networkpolicy") and f"{kind} {arguments[2]}" not in world["existing"]:
        sys.exit(f"Error: {kind} not found")
elif arguments[0] == "exec":
    protocol, address, port = arguments[-3:]
    source = f"{arguments[2]}/{arguments[3]}"
    entry = world["answers"].get(f"{source} {address} {protocol}/{port}", ["untold", "untold"])
    print(entry[1 if governed else 0])
elif arguments[0] == "label":
    print(f"namespace/{arguments[2]} labeled")
elif words in world["failing"]:
    sys.exit("Error from server")
"""


def fake_kubectl(folder: Path, world: Raw) -> None:
    """A kubectl in a folder. ``world``: ``pods`` with their addresses, ``existing`` objects, ``failing`` commands, and
    ``answers``: what the client prints without the policies and with them."""
    folder.mkdir()
    (folder / "world.json").write_text(json.dumps(world))
    (folder / "kubectl").write_text(_KUBECTL.replace("@PYTHON@", sys.executable))
    (folder / "kubectl").chmod(0o755)
    (folder / "sleep").write_text("#!/bin/sh\n")
    (folder / "sleep").chmod(0o755)


def world_of(suite: Suite) -> Raw:
    """A cluster that does what the suite expects."""
    pods = {pod.reference: dict(pod.addresses) for pod in suite.cluster.pods()}
    answers: dict[str, list[str]] = {}
    for probe in suite.probes:
        flow = probe.flow
        address = flow.destination if probe.to_outside else pods[flow.destination][flow.family]
        said = ["npv-reached", "npv-reached" if probe.allowed else "npv-silent"]
        answers[f"{flow.source} {address} {flow.protocol}/{flow.port}"] = said
    listed = {pod: [own[family] for family in FAMILIES if family in own] for pod, own in pods.items()}
    return {"pods": listed, "existing": ["namespace default"], "failing": [], "answers": answers}
