"""Declared pods for the oracle: what workload objects and a suite's ``external`` say about pods that exist.

Trusts that objects are valid; refuses what the drawn clusters never hold (owned objects) instead of guessing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.properties.suite import ExternalNamespace

from .addresses import Family, parse_address
from .admin import is_admin
from .raw import Raw, mapping, sequence
from .readings import HostNetwork

FREE_LABELS = {
    "Deployment": ("pod-template-hash",),
    "StatefulSet": ("controller-revision-hash",),
    "DaemonSet": ("controller-revision-hash", "pod-template-generation"),
    "Job": ("controller-uid", "batch.kubernetes.io/controller-uid"),
}
"""Labels that a controller adds with a value nobody can know: present, any value."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The pods of one declared object: ``free`` are label keys that they carry with any value."""

    namespace: str
    references: tuple[str, ...]
    labels: dict[str, str]
    free: tuple[str, ...] = ()
    ports: tuple[tuple[str, str, int], ...] = ()
    single: bool = False
    known: tuple[tuple[Family, int], ...] = ()
    assumed: bool = False
    host_network: bool = False
    node_name: str | None = None


def declared_workloads(manifests: Manifests, host_network: HostNetwork = "excluded") -> Iterator[Declared]:
    """Every declared workload whose pods are in the pod network, or anywhere if those of the host's network are
    ordinary pods."""
    for item in manifests.modelled:
        if item.kind in ("Namespace", "NetworkPolicy", "Node") or is_admin(item):
            continue
        if sequence(mapping(item.fields, "metadata"), "ownerReferences"):
            raise NotImplementedError("the oracle does not fold owned objects")
        status = mapping(item.fields, "status")
        if item.kind == "Pod" and status.get("phase") in ("Succeeded", "Failed"):
            continue  # such pods do not exist
        template = _template(item)
        spec = mapping(template, "spec")
        if spec.get("hostNetwork") and host_network == "excluded":
            continue  # hostNetworkPods: excluded: in no group, not selected, not a peer
        yield _declared(item, template, spec, status)


def _template(item: WrittenObject) -> Raw:
    if item.kind == "CronJob":
        raise NotImplementedError("the oracle does not know the pods of CronJobs")
    return item.fields if item.kind == "Pod" else mapping(item.fields, "spec", "template")


def _declared(item: WrittenObject, template: Raw, spec: Raw, status: Raw) -> Declared:
    labels: dict[str, str] = dict(mapping(template, "metadata", "labels"))
    if item.kind == "Job":
        # Fixed by the manifest: a Job's pods carry its name.
        labels |= {"job-name": item.name, "batch.kubernetes.io/job-name": item.name}
    known: list[str] = [entry["ip"] for entry in sequence(status, "podIPs")] if item.kind == "Pod" else []
    if item.kind == "Pod" and status.get("podIP") and status["podIP"] not in known:
        known.append(status["podIP"])
    return Declared(
        namespace=item.namespace or "default",
        references=(f"{item.namespace}/{item.name}", f"{item.namespace}/{item.kind}/{item.name}"),
        labels=labels,
        free=FREE_LABELS.get(item.kind, ()),
        ports=tuple(_named_ports(spec)),
        single=item.kind == "Pod",  # a workload other than a bare Pod stands for at least two
        known=tuple(parse_address(text) for text in known),
        host_network=bool(spec.get("hostNetwork")),
        node_name=spec.get("nodeName") or None,
    )


def _named_ports(spec: Raw) -> Iterator[tuple[str, str, int]]:
    for container in sequence(spec, "containers"):
        for port in sequence(container, "ports"):
            if port.get("name"):
                yield port["name"], port.get("protocol") or "TCP", port["containerPort"]


def external_pods(external: Sequence[ExternalNamespace]) -> Iterator[Declared]:
    """The pods that the suite declares in external namespaces.

    An entry has labels and no name: like a workload, and unlike a bare Pod, it stands for at least two.
    """
    for space in external:
        for index, pod in enumerate(space.pods):
            named = [(name, *port.split("/")) for name, port in pod.ports.items()]
            yield Declared(
                namespace=space.name,
                references=(f"{space.name}/external/{index}",),
                labels=dict(pod.labels),
                ports=tuple((name, protocol, int(number)) for name, protocol, number in named),
            )


def dns_servers(declared: Sequence[Declared]) -> tuple[Declared, ...]:
    """The DNS servers when a property names none: declared ``k8s-app=kube-dns`` pods of ``kube-system``, else one
    that is assumed, with UDP/53 and TCP/53."""
    found = [d for d in declared if d.namespace == "kube-system" and d.labels.get("k8s-app") == "kube-dns"]
    if found:
        return tuple(found)
    return (
        Declared(
            namespace="kube-system",
            references=("kube-system/assumed/kube-dns",),
            labels={"k8s-app": "kube-dns"},
            ports=(("dns", "UDP", 53), ("dns-tcp", "TCP", 53)),
            single=True,
            assumed=True,
        ),
    )
