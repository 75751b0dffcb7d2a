"""The input that cyclonus and policy-assistant share: a folder of policies, and connections as JSON.

Neither reads Pods or Namespaces. What they are told instead: each end's labels and address and, since the tools leave
that to their caller, which name the destination's containers give to the port.

Policies are written as the API server stores them in one respect: with ``policyTypes``, without which both refuse to
run. All else is as it was written, several policies in one file too: what both are said to read is a folder of files.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..features import TIER_KINDS
from ..model import Answer, Cluster, Family, Flow, Pod, Raw, pod_of
from ..walk import PEERS, container_ports, is_list, mapping, objects_of, protocol_of, sequence

POLICY = "NetworkPolicy"
NAME_LABEL = "kubernetes.io/metadata.name"
TWO_NAMES = "a port with two names: it takes one"


@dataclass(frozen=True, slots=True)
class Traffic:
    """``queries`` as the tools read them; ``groups``: for each flow how many of them are about it."""

    queries: tuple[Raw, ...]
    groups: tuple[int, ...]

    def answers(self, verdicts: Sequence[bool]) -> tuple[Answer, ...]:
        """The answers to the flows, from one verdict on each query.

        A port with two names is asked about with each. That one of them allows it is enough; if none does, one may
        still be allowed to leave and the other to come in.
        """
        left = iter(verdicts)
        return tuple(map(_joined, ([next(left) for _ in range(size)] for size in self.groups)))


def written(cluster: Cluster, flows: Sequence[Flow], folder: Path) -> tuple[str, ...]:
    """Write the policies and the queries into a folder. Gives the arguments that name them."""
    policies, queries = folder / "policies", folder / "traffic.json"
    policies_of(cluster).write(policies)
    queries.write_text(json.dumps(traffic_of(cluster, flows).queries), encoding="utf-8")
    return ("--policy-path", str(policies), "--traffic-path", str(queries))


def policies_of(cluster: Cluster) -> Cluster:
    """The policies alone, with their types. What holds nothing else stays as it is, the rest is taken apart."""
    objects: list[Raw] = []
    layout: list[tuple[int, ...]] = []
    for file in cluster.layout:
        found = [_policies(cluster.objects[at]) for at in file]
        whole = all(each is not None for each in found)
        kept = [each for each in found if each is not None] if whole else _apart(cluster, file)
        positions = tuple(range(len(objects), len(objects) + len(kept)))
        layout += [positions] if whole else [(at,) for at in positions]
        objects += kept
    return Cluster(tuple(objects), tuple(layout))


def _policies(written: Raw) -> Raw | None:
    """A policy, or a list of policies, with their types; None for anything else."""
    if written["kind"] == POLICY:
        return _with_types(written)
    if written["kind"] in TIER_KINDS:
        return _in_old_words(written)
    items = list(map(mapping, sequence(written.get("items"))))
    of_items = written["kind"].removesuffix("List")
    if not is_list(written) or any(each.get("kind", of_items) != POLICY for each in items):
        return None
    return {**written, "items": list(map(_with_types, items))}


def _apart(cluster: Cluster, file: Sequence[int]) -> list[Raw]:
    """The policies of a file, one by one."""
    objects = tuple(cluster.objects[at] for at in file)
    inside = Cluster(objects, ())
    return [*map(_with_types, objects_of(inside, POLICY)), *map(_in_old_words, objects_of(inside, *TIER_KINDS))]


def traffic_of(cluster: Cluster, flows: Sequence[Flow]) -> Traffic:
    """The flows as the tools are asked about them."""
    declared = {pod_of(each).reference: each for each in objects_of(cluster, "Pod")}
    pods = {name: pod_of(each) for name, each in declared.items()}
    spaces = {
        each["metadata"]["name"]: mapping(each["metadata"].get("labels")) for each in objects_of(cluster, "Namespace")
    }
    queries: list[Raw] = []
    groups: list[int] = []
    for flow in flows:
        names = list(dict.fromkeys(_names(declared.get(flow.destination, {}), flow))) or [""]
        source, destination = (_end(end, pods.get(end), flow.family, spaces) for end in (flow.source, flow.destination))
        queries += [_query(source, destination, flow, name) for name in names]
        groups.append(len(names))
    return Traffic(tuple(queries), tuple(groups))


def _query(source: Raw, destination: Raw, flow: Flow, name: str) -> Raw:
    return {
        "Source": source,
        "Destination": destination,
        "Protocol": flow.protocol,
        "ResolvedPort": flow.port,
        "ResolvedPortName": name,
    }


def _end(text: str, pod: Pod | None, family: Family, spaces: dict[str, Raw]) -> Raw:
    if pod is None:
        return {"IP": text}
    labels = {**spaces.get(pod.namespace, {}), NAME_LABEL: pod.namespace}
    inside = {"Namespace": pod.namespace, "NamespaceLabels": labels, "PodLabels": pod.labels}
    return {"IP": pod.addresses.get(family, ""), "Internal": inside}


def _names(pod: Raw, flow: Flow) -> Iterator[str]:
    """The names that a pod's containers give to the port, for the flow's protocol."""
    for port in container_ports(pod):
        if port.get("name") and (protocol_of(port), port.get("containerPort")) == (flow.protocol, flow.port):
            yield port["name"]


def _with_types(policy: Raw) -> Raw:
    """As ``kubernetes/kubernetes:pkg/apis/networking/v1/defaults.go`` has it."""
    spec = copy.deepcopy(mapping(policy.get("spec")))
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if sequence(spec.get("egress")) else ["Ingress"]
    return {**policy, "spec": spec}


def _in_old_words(policy: Raw) -> Raw:
    """A policy of v1alpha1 as its version v0.1.1 writes it, which has one more level in the peers.

    kubernetes-sigs/network-policy-api:apis/v1alpha1/shared_types.go (AdminNetworkPolicyPeer) of v0.1.1
    """
    spec = copy.deepcopy(mapping(policy.get("spec")))
    for direction, side in PEERS.items():
        for rule in map(mapping, sequence(spec.get(direction))):
            rule[side] = [_old_peer(mapping(peer)) for peer in sequence(rule.get(side))]
    return {**policy, "spec": spec}


def _old_peer(peer: Raw) -> Raw:
    if "namespaces" in peer:
        return {"namespaces": {"namespaceSelector": peer["namespaces"]}}
    pods = mapping(peer.get("pods"))
    spaces = {"namespaceSelector": pods["namespaceSelector"]}
    return {"pods": {"namespaces": spaces, "podSelector": pods["podSelector"]}}


def _joined(verdicts: Sequence[bool]) -> Answer:
    if len(verdicts) > 1 and not any(verdicts):
        return Answer(None, TWO_NAMES)
    return Answer(any(verdicts))
