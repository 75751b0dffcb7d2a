"""What every verdict of a run rests on, in sentences for the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..encodings.cluster import Cluster
from ..encodings.policy import DomainPeer, NodePeer, peers_of
from ..encodings.world import WorldConfig
from ..properties.elements import AddressElement
from ..properties.loading import LoadedProperty
from ..properties.mentions import all_elements
from ..properties.suite import Semantics
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
    found.extend(_host_network(cluster, (loaded.semantics for loaded in properties)))
    found.extend(_cluster_wide(cluster))
    found.extend(_families(world_config(loaded, cluster) for loaded in properties))
    if any(assumes_dns(loaded, cluster) for loaded in properties):
        found.append(
            "No DNS server is declared: one pod with k8s-app=kube-dns in kube-system, serving UDP/53 and TCP/53, "
            "is assumed for the dns properties."
        )
    return tuple(found)


def assumptions_of_diff(
    clusters: Sequence[Cluster], config: WorldConfig, semantics: Semantics | None = None
) -> tuple[str, ...]:
    """The assumptions behind a comparison of two clusters, which hold the same pods."""
    seen = () if semantics is None else (semantics,)
    wide = dict.fromkeys(text for cluster in clusters for text in _cluster_wide(cluster))
    return (*_ALWAYS, *_host_network(clusters[-1], seen), *wide, *_families([config]))


def _families(configs: Iterable[WorldConfig]) -> list[str]:
    families = {" and an ".join(config.families) for config in configs}
    return [f"Every pod has an {each} address." for each in sorted(families)]


_AS_PODS = {
    "excluded": "Pods in the host's network are excluded: policies neither select them nor match them as pods",
    "ordinary": "Pods in the host's network are ordinary: NetworkPolicies select and match them as pods, cluster-wide "
    "policies by their node and its address alone",
    "either": "Pods in the host's network are excluded or ordinary, as the plugin has it: properties hold both ways",
}


def _host_network(cluster: Cluster, semantics: Iterable[Semantics]) -> list[str]:
    """What the reading makes of pods in the host's network; properties may differ in it."""
    names = [pod.reference for pod in cluster.pods if pod.host_network]
    told = {each.host_network_pods or "excluded" for each in semantics} or {"excluded"}
    listed = f" ({', '.join(names)})." if names else "."
    return [text + listed for value, text in _AS_PODS.items() if value in told]


def _cluster_wide(cluster: Cluster) -> Iterable[str]:
    """What policies of a cluster's administrator rest on, if there are any."""
    tiers = [tier for layer in cluster.layers for tier in layer.tiers if tier.end == "pass"]
    peers = [peer for tier in tiers for policy in tier.policies for peer in peers_of(policy)]
    if tiers:
        yield (
            "The CNI plugin enforces cluster-wide policies as specified, fields of the experimental channel included, "
            "in one order throughout where priorities are equal."
        )
    if any(isinstance(peer, NodePeer) for peer in peers):
        yield "There may be nodes that nobody declares, with any labels."
    if any(isinstance(peer, DomainPeer) for peer in peers):
        yield "Domain names stand for outside addresses alone: of pods and nodes for none."
