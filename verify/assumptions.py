"""What every verdict of a run rests on, in sentences for the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..encodings.cluster import Cluster
from ..encodings.world import WorldConfig
from ..properties.elements import AddressElement
from ..properties.loading import LoadedProperty
from ..properties.mentions import all_elements
from .settings import assumes_dns, world_config

_ALWAYS: tuple[str, ...] = (
    "Only direct connections are judged: an allowed intermediary is not followed.",
    "The CNI plugin enforces the NetworkPolicy API as specified.",
    "The manifests hold every policy of the cluster.",
    "The cluster is in a steady state: policies are in force and no connection is older than they are.",
    "Replies, ICMP, and traffic between a pod and its own node or itself are outside.",
    "Admission webhooks that change pods or policies are not seen.",
    "ClusterIPs are no peers: policies see the addresses of the pods behind them.",
)


def assumptions_of(properties: Sequence[LoadedProperty], cluster: Cluster) -> tuple[str, ...]:
    """The assumptions that apply to these properties, in a fixed order."""
    found: list[str] = [*_ALWAYS]
    if any(isinstance(element, AddressElement) for loaded in properties for element in all_elements(loaded)):
        found.append("Groups of addresses lie outside the cluster: pods and nodes are in none of them.")
    found.append(_host_network(cluster))
    found.extend(_families(world_config(loaded, cluster) for loaded in properties))
    if any(assumes_dns(loaded, cluster) for loaded in properties):
        found.append(
            "No DNS server is declared: one pod with k8s-app=kube-dns in kube-system, serving UDP/53 and TCP/53, "
            "is assumed for the dns properties."
        )
    return tuple(found)


def assumptions_of_diff(cluster: Cluster, config: WorldConfig) -> tuple[str, ...]:
    """The assumptions behind a comparison of two clusters."""
    return (*_ALWAYS, _host_network(cluster), *_families([config]))


def _families(configs: Iterable[WorldConfig]) -> list[str]:
    families = {" and an ".join(config.families) for config in configs}
    return [f"Every pod has an {each} address." for each in sorted(families)]


def _host_network(cluster: Cluster) -> str:
    names = [pod.reference for pod in cluster.pods if pod.host_network]
    text = "Pods in the host's network are excluded: policies neither select them nor match them as pods"
    return f"{text} ({', '.join(names)})." if names else f"{text}."
