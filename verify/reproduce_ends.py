"""The two ends of a reproduction as commands: pods that exist are found, those that nobody declared are created.

Each end that is a pod has its name in a shell variable. Trusts the counterexample for what its pods carry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from ..encodings.concrete.inventory import Inventory
from .reproduce_manifests import namespace_manifest, node_pod_manifest, pod_manifest
from .reproduce_words import comment, quote
from .results import Counterexample, Endpoint

FROM, TO = "npv_from", "npv_to"
NODE_POD_NAMESPACE = "default"
"""Where a pod in a node's network is created: it belongs to no namespace of the counterexample."""
_NUMBERED = frozenset(
    (
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-completion-index",
    )
)
"""Labels made from a number: the manifests do not determine the number, and pods with a low one exist."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the manifests tell of the live cluster.

    ``chosen``: by workload, the labels whose values the cluster chooses. ``pods``: references of Pods with a name of
    their own; ``addressed``: of pods whose addresses are known. ``namespaces``: those whose labels are known.
    """

    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    pods: frozenset[str] = frozenset()
    addressed: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()

    @classmethod
    def of(cls, inventory: Inventory, external: Collection[str]) -> Known:
        """What an inventory tells; ``external``: namespaces declared elsewhere with their labels."""
        chosen: dict[str, frozenset[str]] = {}
        for workload in inventory.workloads:
            before = chosen.get(workload.reference, frozenset())
            chosen[workload.reference] = before | (workload.unknown_labels - _NUMBERED)
        return cls(
            chosen,
            pods=frozenset(
                each.reference for each in inventory.workloads if each.is_pod and not each.name.endswith("*")
            ),
            addressed=frozenset(each.reference for each in inventory.workloads if each.ips),
            namespaces=frozenset((*inventory.namespaces, *external)),
        )


def is_hypothetical(end: Endpoint) -> bool:
    """Whether this is a pod that nobody declared."""
    return end.kind == "pod" and end.workload is None


def namespace_of(end: Endpoint) -> str:
    """The namespace of the pod that stands for this end."""
    return NODE_POD_NAMESPACE if end.kind == "node" else end.namespace or "default"


def serves(example: Counterexample) -> bool:
    """Whether a server of ours answers: the image has none for SCTP over IPv6."""
    return is_hypothetical(example.destination) and (example.protocol, example.family) != ("SCTP", "IPv6")


def _generated(role: str, suffix: str) -> str:
    return f"npv-{role}-{suffix}"


def _undeclared(source: Endpoint, destination: Endpoint) -> Iterator[tuple[str, Endpoint]]:
    """The namespaces that nobody declared, each once: the shell variable that says it was created, and an end in it."""
    if source.namespace_declared is False:
        yield f"{FROM}_ns", source
    same = source.namespace_declared is False and source.namespace == destination.namespace
    if destination.namespace_declared is False and not same:
        yield f"{TO}_ns", destination


def created_namespaces(source: Endpoint, destination: Endpoint) -> Iterator[str]:
    """Commands that create the namespaces that nobody declared; what exists already is left as it is."""
    for variable, end in _undeclared(source, destination):
        name = quote(end.namespace or "")
        manifest = quote(namespace_manifest(end))
        yield comment("If this namespace exists already, it must have the labels given here, and it is not removed.")
        yield f"{variable}=$(printf '%s\\n' {manifest} | kubectl create -o name -f -)"
        yield (
            "for _ in 1 2 3 4 5 6 7 8 9 10; do "
            f"kubectl get serviceaccount default -n {name} >/dev/null 2>&1 && break; sleep 1; done"
        )


def finding(source: Endpoint, destination: Endpoint, known: Known) -> Iterator[str]:
    """Commands that find the pods that exist. Before any is created: a temporary pod may carry the same labels."""
    if source.workload is not None:
        yield f"{FROM}={_found(source, source.workload, known, '')}"
    if destination.workload is not None:
        both = source.workload is not None and source.namespace == destination.namespace
        other = f' | grep -vxF "${FROM}"' if both else ""
        yield f"{TO}={_found(destination, destination.workload, known, other)}"


def _found(end: Endpoint, reference: str, known: Known, other: str) -> str:
    if reference in known.pods:
        return quote(reference.rpartition("/")[2])
    namespace = quote(namespace_of(end))
    chosen = known.chosen.get(reference, frozenset())
    wanted = [key if key in chosen else f"{key}={value}" for key, value in sorted(end.labels.items())]
    running = "--field-selector=status.phase=Running"
    if wanted:
        selector, template = f" -l {quote(','.join(wanted))}", '{{.metadata.name}}{{"\\n"}}'
    else:  # an empty selector would mean every pod
        selector, template = "", '{{if not .metadata.labels}}{{.metadata.name}}{{"\\n"}}{{end}}'
    output = quote("go-template={{range .items}}" + template + "{{end}}")
    return f"$(kubectl get pods -n {namespace}{selector} {running} -o {output}{other} | head -n 1)"


def creating(example: Counterexample, suffix: str) -> Iterator[str]:
    """Commands that create the pods that nobody declared, and find a node or create a pod in its network."""
    created: list[tuple[str, Endpoint]] = []
    for role, variable, end in (("destination", TO, example.destination), ("source", FROM, example.source)):
        if is_hypothetical(end):
            answers = (example.protocol, example.port) if role == "destination" and serves(example) else None
            manifest = pod_manifest(end, _generated(role, suffix), answers)
            yield f"{variable}={_generated(role, suffix)}"
            yield f"printf '%s\\n' {quote(manifest)} | kubectl apply -f -"
            created.append((variable, end))
    yield from _waiting(created)
    if example.source.kind == "node":
        yield from _another_node(example.destination, TO, example.source)
        manifest = node_pod_manifest(_generated("source", suffix), NODE_POD_NAMESPACE, "%s")
        yield f"{FROM}={_generated('source', suffix)}"
        yield f'printf {quote(manifest)} "${{npv_node#node/}}" | kubectl apply -f -'
        yield from _waiting([(FROM, example.source)])
    elif example.destination.kind == "node":
        yield from _another_node(example.source, FROM, example.destination)


def _carried(node: Endpoint) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(node.labels.items()))


def _another_node(pod: Endpoint, variable: str, node: Endpoint) -> Iterator[str]:
    """Sets ``npv_node`` to a node (``node/NAME``) other than that of the pod."""
    yield comment("Traffic between a pod and its own node is never blocked, so this takes another node.")
    if node.node is not None:
        yield comment(
            f"The counterexample's is {node.node}, at {', '.join(node.ips)}. Only policies that name nodes or"
        )
        yield comment("addresses can tell it from others.")
    elif node.labels:
        yield comment(f"The counterexample's has the labels {_carried(node)}, and the address {', '.join(node.ips)}.")
    else:
        yield comment(f"The counterexample's has the address {', '.join(node.ips)}. Only an ipBlock can tell.")
    namespace = quote(namespace_of(pod))
    yield f"npv_own=$(kubectl get pod \"${variable}\" -n {namespace} -o 'jsonpath={{.spec.nodeName}}')"
    chosen = f" -l {quote(_carried(node))}" if node.labels and node.node is None else ""
    named = f" | grep -xF {quote(f'node/{node.node}')}" if node.node is not None else ""
    yield f'npv_node=$(kubectl get nodes{chosen} -o name | grep -vxF "node/$npv_own"{named} | head -n 1)'


def _waiting(created: list[tuple[str, Endpoint]]) -> Iterator[str]:
    for variable, end in created:
        namespace = quote(namespace_of(end))
        yield f'kubectl wait "pod/${variable}" -n {namespace} --for=condition=ContainersReady --timeout=120s'
    if created:
        yield "sleep 5 # until the network plugin has applied its policies to new pods"


def deleting(example: Counterexample, suffix: str) -> Iterator[str]:
    """Commands that remove everything that was created."""
    for role, end in (("source", example.source), ("destination", example.destination)):
        if is_hypothetical(end) or (role == "source" and end.kind == "node"):
            namespace = quote(namespace_of(end))
            yield f"kubectl delete pod {_generated(role, suffix)} -n {namespace} --ignore-not-found"
    for variable, _ in _undeclared(example.source, example.destination):
        yield f'[ -z "${variable}" ] || kubectl delete "${variable}"'
