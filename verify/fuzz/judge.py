"""What is true of a flow: the answers that the semantics leave possible, by the product's concrete evaluator.

Reads a cluster as the product reads manifests, then asks the concrete evaluator under every reading that is open.
Trusts both; the specification beside it decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...encodings.concrete import reading as concrete
from ...encodings.concrete.endpoints import ConcreteEndpoint
from ...encodings.concrete.evaluator import Cluster as Policies
from ...encodings.concrete.inventory import Workload, read_inventory
from ...encodings.manifests import Manifests
from ...encodings.problems import InputErrors, Problem
from ...encodings.reading.documents import Document, parse_documents
from ...encodings.reading.duplicates import Distinct
from ...encodings.reading.interpret import Interpreter, NoObject
from ...encodings.reading.kinds import Class
from ...encodings.validation import validate
from ...encodings.written import written
from ..asked import Asked
from ..explanation import explain
from ..flow_endpoints import Place, resolve_endpoint
from ..flow_ports import PortRange
from ..flows import Question
from ..reports.explain import render_explanation
from ..reports.lines import Look
from .features import TIER_KINDS
from .model import Cluster, Flow
from .readings import HostNetwork, Reading, Readings
from .walk import PEERS, mapping, objects_of, sequence

BOTH = frozenset({True, False})
_MODELLED = (Class.MODELLED, Class.WORKLOAD)
UNJUDGED = ("nodes", "domainNames")
"""Peers of cluster-wide policies."""
_PLACE = Place("flow")
_Ends = tuple[ConcreteEndpoint, ConcreteEndpoint]


class Judge:
    """Judges flows of one cluster. What is None of the two readings is open, and then either answer is right."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        ip_block_matches_pods: bool | None = None,
        host_network_pods: HostNetwork | None = None,
    ) -> None:
        """Raises InputErrors for manifests that the API server would not accept, and for a rule about nodes or names
        of domains: what these match, no flow between pods and addresses shows."""
        self.readings = Readings(ip_block_matches_pods, host_network_pods)
        self._cluster = cluster
        manifests = _read(_as_data(cluster))
        _refuse_unjudged(cluster)
        self._inventory = read_inventory(manifests)
        self._policies = Policies.of(manifests)
        self._pods = {f"{each.namespace}/{each.name}": each for each in self._inventory.workloads if each.is_pod}
        self._known: dict[str, ConcreteEndpoint] = {}

    def truth(self, flow: Flow) -> frozenset[bool]:
        """The answers that are right: one, or both where the semantics leave the flow open.

        Open is what depends on a reading that is not fixed, on the order of cluster-wide policies of one priority, on
        whether a NetworkPolicy for one direction hides the Baseline tier in the other, on labels of a namespace that no
        manifest has, on whether a pod in its host's network is on the other pod's node; and what policies do not
        govern: a pod's traffic with itself, and traffic between outside addresses.
        Raises InputErrors for an end that does not exist.
        """
        source, destination = self._end(flow.source), self._end(flow.destination)
        if source is destination or "pod" not in (source.kind, destination.kind):
            return BOTH
        answers: set[bool] = set()
        for reading in self.readings.each(on_host=source.host_network or destination.host_network):
            answers |= self._answers(flow, (source, destination), reading)
        return frozenset(answers)

    def explanation(self, flow: Flow) -> str:
        """Why, in words, with file and line of every rule, as ``explain`` has it. Raises InputErrors as ``truth``."""
        manifests = _read(_as_text(self._cluster))
        inventory = read_inventory(manifests)
        ends = [resolve_endpoint(each, inventory, _PLACE).endpoint for each in (flow.source, flow.destination)]
        source, destination = ends
        question = Question(source, destination, (PortRange(flow.protocol, flow.port, flow.port),), (flow.family,))
        hosts = self.readings.each()[0].host_network_pods
        readings = concrete.Readings(self.readings.ip_block_matches_pods, host_network_pods=hosts)
        asked = Asked(flow.as_json(), question, readings)
        return render_explanation(explain(asked, Policies.of(manifests)), "text", Look())

    def _end(self, text: str) -> ConcreteEndpoint:
        found = self._known.get(text)
        if found is None:
            pod = self._pods.get(text) or self._host_pod_at(text)
            found = (
                resolve_endpoint(text, self._inventory, _PLACE).endpoint
                if pod is None
                else self._inventory.endpoint(pod)
            )
            self._known[text] = found
        return found

    def _host_pod_at(self, text: str) -> Workload | None:
        """The pod in its host's network that has this address; the inventory takes it for its node's."""
        return next((pod for pod in self._pods.values() if pod.host_network and text in pod.ips), None)

    def _answers(self, flow: Flow, ends: _Ends, reading: Reading) -> frozenset[bool]:
        if self._may_be_own_node(ends, reading):
            return BOTH
        own = concrete.Reading(reading.ip_block_matches_pods, host_network_pods=reading.host_network_pods)
        if self._policies.admin or self._policies.baseline:
            open_too = concrete.Readings(reading.ip_block_matches_pods, None, None, reading.host_network_pods)
            decision = self._policies.decide(*ends, flow.protocol, flow.port, flow.family, reading=open_too)
            return BOTH if decision.allowed is None else frozenset({decision.allowed})
        decision = self._policies.decide(*ends, flow.protocol, flow.port, flow.family, reading=own)
        return BOTH if decision.allowed is None else frozenset({decision.allowed})

    def _may_be_own_node(self, ends: _Ends, reading: Reading) -> bool:
        """Whether one end may be the node that the other runs on, with which a pod may always talk.

        A user who fixes the reading means other nodes, as everywhere in the product.
        """
        is_open = self.readings.host_network_pods is None and reading.host_network_pods == "excluded"
        return is_open and any(end.host_network for end in ends) and all(end.kind == "pod" for end in ends)


def _refuse_unjudged(cluster: Cluster) -> None:
    problems = [
        Problem("cluster", 0, key, "is a peer that is not judged here", "leave it out")
        for policy in objects_of(cluster, *TIER_KINDS)
        for rules in (sequence(mapping(policy.get("spec")).get(direction)) for direction in PEERS)
        for rule in map(mapping, rules)
        for peer in (mapping(each) for side in PEERS.values() for each in sequence(rule.get(side)))
        for key in UNJUDGED
        if key in peer
    ]
    if problems:
        raise InputErrors(problems)


def _read(files: Sequence[tuple[str, Sequence[Document]]]) -> Manifests:
    """The documents of several files as one cluster, valid and without repetitions. InputErrors if they are not."""
    problems: list[Problem] = []
    modelled, unmodelled = Distinct("error"), Distinct("error")
    namespaces: set[str] = set()
    for name, documents in files:
        interpreter = Interpreter(name, "default", problems)
        for item in (each for document in documents for each in interpreter.interpret(document)):
            if isinstance(item, NoObject):
                problems.append(Problem(name, item.line, "", "is no Kubernetes object"))
                continue
            if item.written.namespace is not None:
                namespaces.add(item.written.namespace)
            if item.kind_class in _MODELLED:
                modelled.add(item.written)
            elif item.kind_class is Class.UNMODELLED:
                unmodelled.add(item.written)
    problems += [*modelled.problems, *unmodelled.problems]
    if not problems:
        problems += validate(modelled.objects)[0]
    if problems:
        raise InputErrors(problems)
    return Manifests(
        tuple(modelled.objects), tuple(unmodelled.objects), named_namespaces=tuple(sorted(namespaces)), files=len(files)
    )


def _as_data(cluster: Cluster) -> list[tuple[str, list[Document]]]:
    """The documents without writing and reading files: they have no lines then."""
    return [
        (f"{number:02}.yaml", [Document(written(cluster.objects[at], 1), 1) for at in positions])
        for number, positions in enumerate(cluster.layout)
    ]


def _as_text(cluster: Cluster) -> list[tuple[str, list[Document]]]:
    return [(name, parse_documents(text, name)) for name, text in cluster.files().items()]
