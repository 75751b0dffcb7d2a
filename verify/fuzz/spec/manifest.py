"""A cluster's objects as the specification sees them: pods, labels of namespaces, policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model import Cluster, Raw
from .blocks import Address, address_of
from .kept import Kept, items, mapping

NAME_LABEL = "kubernetes.io/metadata.name"
_TIERS = {"AdminNetworkPolicy": "Admin", "BaselineAdminNetworkPolicy": "Baseline", "ClusterNetworkPolicy": ""}
"""The tier of each cluster-wide kind; the last one says it itself."""


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a container declares; ``container`` counts from 0, ``protocol`` None is one that is not written."""

    container: int
    name: str
    protocol: str | None
    number: int


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod: one address a family at most."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    addresses: Mapping[str, Address]
    ports: tuple[ContainerPort, ...]
    host_network: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A NetworkPolicy as written. ``document``: its document's position in its file; ``listed``: in a List's items."""

    namespace: str | None
    name: str
    spec: Raw
    document: int
    listed: bool

    def rules(self, direction: str) -> list[Raw | None]:
        """The rules of a direction, as written."""
        return items(self.spec.get(direction))


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """A cluster-wide policy as written. ``priority`` None is a BaselineAdminNetworkPolicy's; else as ``Policy``."""

    tier: str
    priority: int | None
    spec: Raw
    document: int
    listed: bool

    def rules(self, direction: str) -> list[Raw]:
        """The rules of a direction, as written."""
        return items(self.spec.get(direction))


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything read; ``namespaces`` are labels by name, of declared namespaces only. ``tiers``: the cluster-wide
    policies of both tiers."""

    pods: tuple[Pod, ...]
    namespaces: Mapping[str, Mapping[str, str]]
    policies: tuple[Policy, ...]
    tiers: tuple[TierPolicy, ...] = ()

    @classmethod
    def of(cls, cluster: Cluster) -> Manifest:
        """What the cluster's objects are."""
        pods: list[Pod] = []
        namespaces: dict[str, Mapping[str, str]] = {}
        policies: list[Policy] = []
        tiers: list[TierPolicy] = []
        for written, document, listed in _objects(cluster):
            metadata = mapping(written.get("metadata"))
            if written["kind"] == "Pod":
                pods.append(_pod(written, metadata))
            elif written["kind"] == "Namespace":
                namespaces[metadata["name"]] = _labels(metadata)
            elif written["kind"] == "NetworkPolicy":
                name: str = metadata.get("name") or metadata["generateName"]
                spec = mapping(written.get("spec"))
                policies.append(Policy(metadata.get("namespace") or None, name, spec, document, listed))
            elif written["kind"] in _TIERS:
                spec = mapping(written["spec"])
                tiers.append(
                    TierPolicy(_TIERS[written["kind"]] or spec["tier"], spec.get("priority"), spec, document, listed)
                )
        return cls(tuple(pods), namespaces, tuple(policies), tuple(tiers))

    @property
    def any_on_host(self) -> bool:
        """Whether some pod is in its host's network."""
        return any(pod.host_network for pod in self.pods)

    @property
    def any_baseline(self) -> bool:
        """Whether some policy is of the Baseline tier."""
        return any(policy.tier == "Baseline" for policy in self.tiers)

    @property
    def any_tie(self) -> bool:
        """Whether two policies of a tier have one priority."""
        return len({(policy.tier, policy.priority) for policy in self.tiers}) < len(self.tiers)

    def of_tier(self, tier: str, keeps: Kept) -> list[TierPolicy]:
        """The policies of one tier, in reading order."""
        return [policy for policy in self.tiers if policy.tier == tier and _is_read(policy, keeps)]

    def pods_that_count(self, keeps: Kept) -> tuple[Pod, ...]:
        """The pods, each with its own labels, addresses and ports."""
        if keeps("pods-are-told-apart-by-namespace"):
            return self.pods
        last = {pod.name: pod for pod in self.pods}
        return tuple(
            Pod(pod.namespace, pod.name, last[pod.name].labels, pod.addresses, last[pod.name].ports, pod.host_network)
            for pod in self.pods
        )

    def policies_that_count(self, keeps: Kept) -> Mapping[str, list[Policy]]:
        """The policies by their namespace, in reading order."""
        kept = [policy for policy in self.policies if _is_read(policy, keeps)]
        if not keeps("policies-are-told-apart-by-namespace"):
            kept = list({policy.name: policy for policy in kept}.values())
        found: dict[str, list[Policy]] = {}
        for policy in kept:
            if policy.namespace is not None:
                found.setdefault(policy.namespace, []).append(policy)
            elif keeps("object-without-namespace-is-in-default"):
                found.setdefault("default", []).append(policy)
        return found

    def labels_of(self, namespace: str, keeps: Kept) -> Mapping[str, str]:
        """A namespace's labels; one that nobody declares has its name alone."""
        own = {NAME_LABEL: namespace}
        labels = self.namespaces.get(namespace)
        if labels is None:
            return own if keeps("undeclared-namespace-has-its-name-as-label") else {}
        if not keeps("namespace-object-gives-the-labels"):
            return own
        return {**labels, **own} if keeps("namespace-has-its-name-as-label") else labels


def _is_read(policy: Policy | TierPolicy, keeps: Kept) -> bool:
    """Whether a policy is found where it stands."""
    in_order = policy.document == 0 or keeps("every-document-counts")
    return in_order and (not policy.listed or keeps("items-of-a-list-count"))


def _objects(cluster: Cluster) -> Iterator[tuple[Raw, int, bool]]:
    """Every object with its document's position in its file, and whether it is one of a list's items."""
    for positions in cluster.layout:
        for document, position in enumerate(positions):
            for written, listed in _flat(cluster.objects[position], listed=False):
                yield written, document, listed


def _flat(written: Raw, *, listed: bool) -> Iterator[tuple[Raw, bool]]:
    kind: str = written["kind"]
    if not kind.endswith("List"):
        yield written, listed
        return
    typed = {} if kind == "List" else {"kind": kind.removesuffix("List")}
    for item in items(written.get("items")):
        yield from _flat({**typed, **item}, listed=True)


def _labels(metadata: Raw) -> dict[str, str]:
    return {key: value or "" for key, value in mapping(metadata.get("labels")).items()}


def _pod(written: Raw, metadata: Raw) -> Pod:
    spec, status = mapping(written.get("spec")), mapping(written.get("status"))
    found = [address_of(each["ip"]) for each in items(status.get("podIPs"))]
    ports = [
        ContainerPort(number, port.get("name") or "", port.get("protocol") or None, port["containerPort"])
        for number, container in enumerate(items(spec.get("containers")))
        for port in items(container.get("ports"))
    ]
    return Pod(
        metadata.get("namespace") or "default",
        metadata["name"],
        _labels(metadata),
        {f"IPv{address.version}": address for address in found},
        tuple(ports),
        bool(spec.get("hostNetwork")),
    )
