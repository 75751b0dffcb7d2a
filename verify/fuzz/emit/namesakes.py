"""Copies of a suite's pods in namespaces that differ from the original's in nothing but the name.

A program that knows a namespace by its labels takes the copy for the original. Trusts that pods have addresses.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from ....encodings.addresses import Family, address_text
from ....encodings.cluster import NAME_LABEL
from ....encodings.vocabulary import unmentioned
from ..model import Cluster, Flow, Raw
from ..walk import mapping, namespace_of

_FIRST: dict[Family, int] = {"IPv4": (10 << 24) + (244 << 16) + (224 << 8), "IPv6": 0xFD00_0010_0244_FFFF << 64}
"""Where addresses of copies begin: 10.244.224.0 and fd00:10:244:ffff::, where nobody else's are in a suite."""


@dataclass(frozen=True, slots=True)
class Namesakes:
    """``objects``: namespaces and pods; ``of``: for each copied pod its copy, both as flows name them."""

    objects: tuple[Raw, ...]
    of: dict[str, str]

    def variants(self, flow: Flow) -> Iterator[Flow]:
        """The flow with one of its ends replaced by its copy."""
        if flow.source in self.of:
            yield replace(flow, source=self.of[flow.source])
        if flow.destination in self.of:
            yield replace(flow, destination=self.of[flow.destination])


def namesakes(cluster: Cluster) -> Namesakes:
    """Copies of the pods in every namespace that has a policy."""
    declared: list[Raw] = [each["metadata"] for each in cluster.of_kind("Namespace")]
    spaces = {each["name"]: mapping(each.get("labels")) for each in declared}
    governed = dict.fromkeys(namespace_of(each) for each in cluster.of_kind("NetworkPolicy"))
    objects: list[Raw] = []
    of: dict[str, str] = {}
    numbers = count(1)
    for original in governed:
        (name,) = unmentioned(f"{original[:50]}-namesake", spaces)
        labels = {key: value for key, value in spaces[original].items() if key != NAME_LABEL}
        metadata: Raw = {"name": name, "labels": labels} if labels else {"name": name}
        objects.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        for pod in cluster.of_kind("Pod"):
            if pod["metadata"]["namespace"] == original:
                objects.append(_copied(pod, name, next(numbers)))
                of[f"{original}/{pod['metadata']['name']}"] = f"{name}/{pod['metadata']['name']}"
    return Namesakes(tuple(objects), of)


def _copied(pod: Raw, namespace: str, number: int) -> Raw:
    made = copy.deepcopy(pod)
    made["metadata"]["namespace"] = namespace
    for entry in made["status"]["podIPs"]:
        family: Family = "IPv6" if ":" in entry["ip"] else "IPv4"
        entry["ip"] = address_text(family, _FIRST[family] + number)
    made["status"]["podIP"] = made["status"]["podIPs"][0]["ip"]
    return made
