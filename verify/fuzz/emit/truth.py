"""What is true of connections in a suite's cluster, by the product's concrete evaluator, and how sure it is.

On a real cluster the plugin chooses pods' addresses, and ipBlock may match pods or not. An answer is *steady* if it is
the same whatever they are. Rules only ever add to what is allowed, so two extremes bound every case: blocks that hold
no pod, and blocks that hold every pod.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ....encodings.addresses import Family, parse_network
from ....encodings.concrete.endpoints import ConcreteEndpoint
from ....encodings.concrete.evaluator import Cluster as Policies
from ....encodings.concrete.evidence import Direction, Side
from ....encodings.concrete.inventory import read_inventory
from ....encodings.concrete.reading import Reading
from ....encodings.concrete.traffic import Traffic
from ...replay import InternalError
from ..guided.reading import manifests_of
from ..model import Cluster, Flow, Raw
from ..walk import PEERS, mapping, sequence

_DIRECTIONS: tuple[Direction, Direction] = ("egress", "ingress")
_ALL: dict[Family, str] = {"IPv4": "0.0.0.0/0", "IPv6": "::/0"}
_NONE: dict[Family, str] = {"IPv4": "0.0.0.0/32", "IPv6": "::/128"}
"""Blocks that hold every address of a family, and none that a pod can have."""
Extreme = Literal["least", "most"]


@dataclass(frozen=True, slots=True)
class Sides:
    """What each end alone says of a connection under one reading."""

    egress: Side
    ingress: Side

    @property
    def allowed(self) -> bool:
        """Do both let it through?"""
        return self.egress.allowed is True and self.ingress.allowed is True


class Truth:
    """Decides connections of a cluster whose namespaces are all declared. ``reading``: ipBlockMatchesPods, None if it
    is open."""

    def __init__(self, cluster: Cluster, reading: bool | None) -> None:
        """Raises InputErrors for manifests that the API server would not accept."""
        manifests = manifests_of(cluster)
        inventory = read_inventory(manifests)
        self._ends = {f"{each.namespace}/{each.name}": inventory.endpoint(each) for each in inventory.workloads}
        self._readings = (False, True) if reading is None else (reading,)
        self._policies = Policies.of(manifests)
        self._extremes: dict[Extreme, Policies] = {}
        if reading is not False:  # else no pod is in a block, wherever it is
            least = _changed(cluster, _surely if reading else _nowhere)
            self._extremes["least"] = Policies.of(manifests_of(least))
            self._extremes["most"] = Policies.of(manifests_of(_changed(cluster, _everywhere)))

    def end(self, text: str) -> ConcreteEndpoint:
        """The pod called ``namespace/name``, or an address outside."""
        found = self._ends.get(text)
        if found is None:
            if "/" in text:
                raise InternalError(f"a suite has no pod {text}")
            found = self._ends[text] = ConcreteEndpoint("external", ips=(text,))
        return found

    def sides(self, flow: Flow) -> Sides:
        """What the ends say under the first reading that is possible."""
        return self._sides(flow, self._readings[0])

    def governing(self, flow: Flow) -> tuple[str, ...]:
        """The policies that select an end of a flow, each with the direction in which it does."""
        traffic = self._traffic(flow, self._readings[0])
        return tuple(
            f"{policy.namespace}/{policy.name} {direction}"
            for direction in _DIRECTIONS
            for policy in self._policies.policies.get(traffic.subject(direction).namespace or "", ())
            if policy.selects(traffic.subject(direction), direction, traffic.reading).value
        )

    def answer(self, flow: Flow) -> bool | None:
        """The answer with the addresses that pods have in the cluster; None if it depends on the reading."""
        answers = {self._sides(flow, reading).allowed for reading in self._readings}
        return answers.pop() if len(answers) == 1 else None

    def steady(self, flow: Flow) -> bool | None:
        """The answer whatever addresses pods have, and however ipBlock is read; None if it depends on that."""
        if not self._extremes:
            return self.answer(flow)
        least, most = self._extreme(flow, "least"), self._extreme(flow, "most")
        return least if least == most else None

    def _sides(self, flow: Flow, reading: bool) -> Sides:
        traffic = self._traffic(flow, reading)
        return Sides(*(self._policies.decide_side(direction, traffic) for direction in _DIRECTIONS))

    def _extreme(self, flow: Flow, extreme: Extreme) -> bool:
        traffic = self._traffic(flow, reading=self._readings[-1])
        for direction in _DIRECTIONS:
            other = traffic.other(direction)
            policies = self._extremes[extreme] if other.kind == "pod" else self._policies
            if policies.decide_side(direction, traffic).allowed is not True:
                return False
        return True

    def _traffic(self, flow: Flow, reading: bool) -> Traffic:
        ends, own = (self.end(flow.source), self.end(flow.destination)), Reading(ip_block_matches_pods=reading)
        return Traffic(*ends, flow.protocol, flow.port, flow.family, own)


def _changed(cluster: Cluster, change: Callable[[Raw], Raw]) -> Cluster:
    """The cluster with every block of its policies changed."""
    objects = copy.deepcopy(cluster.objects)
    for policy in objects:
        spec = mapping(policy.get("spec"))
        for direction, field in PEERS.items():
            for rule in map(mapping, sequence(spec.get(direction))):
                for peer in map(mapping, sequence(rule.get(field))):
                    if "ipBlock" in peer:
                        peer["ipBlock"] = change(peer["ipBlock"])
    return Cluster(objects, cluster.layout)


def _everywhere(block: Raw) -> Raw:
    return {"cidr": _ALL[parse_network(block["cidr"]).family]}


def _nowhere(block: Raw) -> Raw:
    return {"cidr": _NONE[parse_network(block["cidr"]).family]}


def _surely(block: Raw) -> Raw:
    """The block if it holds every pod wherever pods are, where blocks match pods; else none."""
    whole = parse_network(block["cidr"]).length == 0 and not block.get("except")
    return block if whole else _nowhere(block)
