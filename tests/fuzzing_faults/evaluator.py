"""The product's own concrete evaluator as an evaluator to be put to the test, with a fault or without.

It takes open questions one way: an ipBlock matches pods, a pod in its host's network is no pod, and a namespace that no
manifest declares has no labels but its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netpol_verify.encodings.concrete import inventory
from netpol_verify.encodings.concrete.addresses import family_of, parse_address
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster as Policies
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.verify.fuzz.guided.reading import manifests_of
from netpol_verify.verify.fuzz.model import Answer, Cluster, Flow

from .fault import Fault

READING = Reading(ip_block_matches_pods=True)
RIGHT = Fault("none", "", "nothing is wrong", "")


class Faulty:
    """The concrete evaluator with one fault. The fault is there only while it answers."""

    def __init__(self, fault: Fault = RIGHT) -> None:
        self.fault = fault
        self.name = fault.id
        self.unsupported: frozenset[str] = frozenset()

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """What it says of each flow."""
        manifests = manifests_of(self.fault.rewritten(cluster))
        with self.fault.planted():
            ends, policies = _Ends(manifests), Policies.of(manifests)
            return tuple(Answer(_allowed(policies, ends, flow)) for flow in flows)

    def close(self) -> None:
        """Nothing was started."""


def may_show(fault: Fault, cluster: Cluster) -> bool:
    """Whether an evaluator with the fault may be wrong about a cluster: one that reads all as it should is not, if
    reading is where it is wrong."""
    return not fault.is_of_reading or _as_read(fault, cluster) != _as_read(RIGHT, cluster)


def _as_read(fault: Fault, cluster: Cluster) -> object:
    manifests = manifests_of(fault.rewritten(cluster))
    with fault.planted():
        read = inventory.read_inventory(manifests)
        return Policies.of(manifests).policies, read.namespaces, read.workloads


class _Ends:
    """The ends of flows. A pod in its host's network is what its address is: its node."""

    def __init__(self, manifests: Manifests) -> None:
        read = inventory.read_inventory(manifests)
        self._pods = {f"{each.namespace}/{each.name}": read.endpoint(each) for each in read.workloads}

    def find(self, text: str) -> ConcreteEndpoint:
        """The pod of this name, or the address."""
        if "/" not in text:
            return ConcreteEndpoint("external", ips=(text,))
        pod = self._pods[text]
        return replace(pod, namespace_labels={}) if pod.namespace_labels is None else pod


def _allowed(policies: Policies, ends: _Ends, flow: Flow) -> bool:
    source, destination = ends.find(flow.source), ends.find(flow.destination)
    outside = next((end for end in (source, destination) if end.kind == "external"), None)
    assert outside is None or family_of(parse_address(outside.ips[0])) == flow.family
    decision = policies.decide(source, destination, flow.protocol, flow.port, flow.family, reading=READING)
    return decision.allowed is True
