"""What of a suite can be tried on a real cluster, and the objects that it takes there.

Every pod answers on each port that a probe tries, with programs of netshoot (``nicolaka/netshoot:Dockerfile``), and can
try others. Pods meet the strictest Pod Security level, and none becomes ready, so that no Service sends it traffic.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from ....encodings.cluster import NAME_LABEL
from ..model import Cluster, Raw
from ..walk import container_ports, mapping, namespace_of
from .given import EVERYWHERE
from .suite import Probe, Suite

IMAGE = "nicolaka/netshoot:v0.13"
CLIENT = "c0"
"""The container that tries connections and answers them; every pod has it."""
_LISTEN = """\
for each in "$@"; do
  port=${each#*/}
  case $each in
  TCP/*)
    socat "TCP4-LISTEN:$port,fork,reuseaddr" EXEC:cat &
    socat "TCP6-LISTEN:$port,fork,reuseaddr,ipv6only=1" EXEC:cat &
    ;;
  UDP/*)
    socat "UDP4-RECVFROM:$port,fork" SYSTEM:'echo npv' &
    socat "UDP6-RECVFROM:$port,fork,ipv6only=1" SYSTEM:'echo npv' &
    ;;
  SCTP/*)
    socat "SCTP4-LISTEN:$port,fork,reuseaddr" EXEC:cat &
    socat "SCTP6-LISTEN:$port,fork,reuseaddr,ipv6only=1" EXEC:cat &
    ;;
  esac
done
exec sleep infinity
"""
"""Listens on its arguments. Whoever cannot (no IPv6, no SCTP) ends, and the others stay."""


def why_not_live(probe: Probe) -> str | None:
    """Why a probe cannot be tried on a real cluster; None if it can."""
    if probe.from_outside:
        return "its source is an address outside the cluster, where no pod can be"
    if not probe.steady:
        return "its answer hangs on the address of a pod, which the cluster chooses"
    if probe.to_outside:
        address = ip_address(probe.flow.destination)
        # link-local addresses stay: clouds have their metadata there
        if address.is_unspecified or address.is_loopback or address.is_multicast or address.is_reserved:
            return "nobody can have its destination's address"
    return None


@dataclass(frozen=True, slots=True)
class Live:
    """``probes`` that can be tried; ``pods`` and ``policies``; ``namespaces`` that are made for them, and ``labels``
    that namespaces of every cluster get."""

    probes: tuple[Probe, ...]
    namespaces: tuple[Raw, ...]
    labels: dict[str, dict[str, str]]
    pods: tuple[Raw, ...]
    policies: tuple[Raw, ...]

    @classmethod
    def of(cls, suite: Suite) -> Live:
        """What of a suite can be tried."""
        probes = tuple(probe for probe in suite.probes if why_not_live(probe) is None)
        ends = {end for probe in probes for end in (probe.flow.source, probe.flow.destination)}
        written = (pod for pod in suite.cluster.of_kind("Pod") if _reference(pod) in ends)
        pods = tuple(_pod(pod, _served(_reference(pod), probes)) for pod in written)
        policies = tuple(map(_policy, suite.cluster.of_kind("NetworkPolicy")))
        used = {each["metadata"]["namespace"] for each in (*pods, *policies)}
        spaces = [each for each in suite.cluster.of_kind("Namespace") if each["metadata"]["name"] in used]
        made = tuple(each for each in spaces if each["metadata"]["name"] not in EVERYWHERE)
        labels = {each["metadata"]["name"]: _labels(each) for each in spaces if each["metadata"]["name"] in EVERYWHERE}
        return cls(probes, made, {name: own for name, own in labels.items() if own}, pods, policies)

    def files(self) -> dict[str, str]:
        """The manifests by the names of their files, in the order in which they are created."""
        parts = {"1-namespaces.yaml": self.namespaces, "2-pods.yaml": self.pods, "3-policies.yaml": self.policies}
        return {name: _text(objects) for name, objects in parts.items() if objects}


def _text(objects: tuple[Raw, ...]) -> str:
    """Several documents."""
    (text,) = Cluster(objects, (tuple(range(len(objects))),)).files().values()
    return text


def _reference(pod: Raw) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def _labels(namespace: Raw) -> dict[str, str]:
    labels = mapping(namespace["metadata"].get("labels"))
    return {key: value or "" for key, value in labels.items() if key != NAME_LABEL}


def _served(pod: str, probes: tuple[Probe, ...]) -> list[str]:
    """Protocols and ports on which a pod must answer."""
    asked = {(each.flow.protocol, each.flow.port) for each in probes if each.flow.destination == pod}
    return [f"{protocol}/{port}" for protocol, port in sorted(asked)]


def _policy(written: Raw) -> Raw:
    """A policy with what kubectl needs whatever its context: a namespace, and a selector, which older ones require."""
    spec = {**mapping(written.get("spec"))}
    spec["podSelector"] = spec.get("podSelector") or {}
    metadata: Raw = {"name": written["metadata"]["name"], "namespace": namespace_of(written)}
    return {"apiVersion": written["apiVersion"], "kind": written["kind"], "metadata": metadata, "spec": spec}


def _pod(written: Raw, served: list[str]) -> Raw:
    metadata: Raw = {key: value for key, value in written["metadata"].items() if key in ("name", "namespace", "labels")}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "nodeSelector": {"kubernetes.io/os": "linux"},
            # Nothing ever fulfils this gate, so the pod gets no Service's traffic, whatever its labels are.
            "readinessGates": [{"conditionType": "netpol-verify/never-ready"}],
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65534,
                "seccompProfile": {"type": "RuntimeDefault"},
                "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
            },
            "containers": _containers(written, served),
        },
    }


def _containers(written: Raw, served: list[str]) -> list[Raw]:
    """The first container answers for all, since containers share addresses; a name may stand once in a container, so
    others declare what it cannot."""
    containers = [_container(0, ["sh", "-c", _LISTEN, "npv", *served])]
    for port in container_ports(written):
        free = (each for each in containers if all(port["name"] != other["name"] for other in each.get("ports", ())))
        chosen = next(free, None)
        if chosen is None:
            chosen = _container(len(containers), ["sleep", "infinity"])
            containers.append(chosen)
        chosen.setdefault("ports", []).append(port)
    return containers


def _container(number: int, command: list[str]) -> Raw:
    return {
        "name": f"c{number}",
        "image": IMAGE,
        "command": command,
        "workingDir": "/",  # the image's own is for root alone
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
