"""From loaded properties to worlds: which namespaces, pods and addresses a property's world adds to the manifests.

Properties that agree on this share one world, and with it one encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..encodings.addresses import FAMILIES, Family, Network, parse_address, parse_network
from ..encodings.cluster import Cluster
from ..encodings.domains import canonical
from ..encodings.nodes import DeclaredNode
from ..encodings.policy import Protocol
from ..encodings.selectors import matches
from ..encodings.vocabulary import Vocabulary
from ..encodings.workloads import DeclaredPod
from ..encodings.world import WorldConfig
from ..encodings.written import Origin
from ..properties.changes import change_verb
from ..properties.elements import mention, resolve
from ..properties.loading import LoadedProperty
from ..properties.mentions import ASSUMED_DNS, DNS_SERVERS, all_elements, named_ports
from ..properties.ports import parse_port
from ..properties.selectors import requirements
from ..properties.suite import ExternalNamespace, ExternalPod, Group, Ports, Semantics
from ..properties.suite import World as SuiteWorld


def world_config(loaded: LoadedProperty, cluster: Cluster) -> WorldConfig:
    """What the property's world adds to the cluster."""
    return config_of(loaded.world, loaded.semantics, assumed_dns=assumes_dns(loaded, cluster))


def config_of(world: SuiteWorld, semantics: Semantics | None = None, *, assumed_dns: bool = False) -> WorldConfig:
    """What a world adds to a cluster; ``assumed_dns``: a DNS server that nobody declares, too. Pods in the host's
    network are part of it if some reading of ``semantics`` takes them for pods."""
    external = sorted(world.external or [], key=lambda namespace: namespace.name)
    pods = [pod for namespace in external for pod in _external_pods(namespace)]
    namespaces = [(each.name, None if each.labels is None else tuple(sorted(each.labels.items()))) for each in external]
    if assumed_dns:
        pods.append(_assumed_dns_server())
        if all(name != "kube-system" for name, _ in namespaces):
            namespaces.append(("kube-system", None))
    pod_networks = _networks(world.pod_cidrs)
    families: tuple[Family, ...] = tuple(f for f in FAMILIES if any(network.family == f for network in pod_networks))
    return WorldConfig(
        external_namespaces=tuple(namespaces),
        external_pods=tuple(pods),
        pod_networks=pod_networks,
        node_networks=_networks(world.node_cidrs),
        families=families or FAMILIES,
        nodes=nodes_of(world),
        domains=tuple(sorted((canonical(name), _networks(texts)) for name, texts in (world.domains or {}).items())),
        host_network=semantics is not None and semantics.host_network_pods in ("ordinary", "either"),
    )


def nodes_of(world: SuiteWorld) -> tuple[DeclaredNode, ...]:
    """The nodes that a world declares."""
    return tuple(
        DeclaredNode(
            node.name, dict(node.labels), tuple(dict.fromkeys(map(parse_address, node.addresses))), Origin("", 0)
        )
        for node in world.nodes or ()
    )


def _networks(texts: Sequence[str] | None) -> tuple[Network, ...]:
    return tuple(parse_network(text) for text in texts or ())


def _external_pods(namespace: ExternalNamespace) -> Iterable[DeclaredPod]:
    for index, pod in enumerate(namespace.pods):
        # An entry describes real pods, as a workload does: there may be several.
        yield _external_pod(f"{namespace.name}/External/{index}", namespace.name, pod, single=False)


def _external_pod(reference: str, namespace: str, pod: ExternalPod, *, single: bool) -> DeclaredPod:
    ports: list[tuple[str, Protocol, int]] = []
    for name, text in pod.ports.items():
        port = parse_port(text)
        assert not hasattr(port, "name")  # loading: an external pod's port is PROTOCOL/NUMBER
        ports.append((name, port.protocol, getattr(port, "first")))  # noqa: B009
    return DeclaredPod(
        reference,
        namespace,
        dict(pod.labels),
        (),
        (),
        tuple(ports),
        (),
        host_network=False,
        single=single,
        origin=Origin("", 0),
    )


def _assumed_dns_server() -> DeclaredPod:
    pod = ExternalPod(labels={"k8s-app": "kube-dns"}, ports={"dns": "UDP/53", "dns-tcp": "TCP/53"})
    return _external_pod(ASSUMED_DNS, "kube-system", pod, single=True)


def assumes_dns(loaded: LoadedProperty, cluster: Cluster) -> bool:
    """Does the property ask about DNS servers that neither it nor anything declared names?"""
    if loaded.written.dns is None or loaded.written.dns.servers is not None:
        return False
    selector = requirements(DNS_SERVERS.pods or "")
    declared = [(pod.namespace, pod.labels) for pod in cluster.pods]
    external = [(each.name, pod.labels) for each in loaded.world.external or [] for pod in each.pods]
    return not any(
        namespace == DNS_SERVERS.namespace and matches(selector, labels) for namespace, labels in (*declared, *external)
    )


def vocabulary_of(properties: Iterable[LoadedProperty], cluster: Cluster) -> Vocabulary:
    """Everything that the cluster and all properties mention."""
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(cluster)
    suites: list[Mapping[str, Group]] = []
    for loaded in properties:
        external = loaded.world.external or []
        pods = [*cluster.pods, *(pod for each in external for pod in _external_pods(each))]
        vocabulary.namespaces.update(each.name for each in external)
        # What a property over changes says of Services depends on the versions that it compares.
        services = {} if change_verb(loaded.written) is not None else cluster.services
        mention(all_elements(loaded), vocabulary, pods, services)
        if not any(loaded.groups is known for known in suites):
            suites.append(loaded.groups)
            named = [element for name in loaded.groups for element in resolve(name, loaded.groups)]
            mention(named, vocabulary, pods, {})
        for ports in port_lists(loaded):
            vocabulary.named_ports.update((port.name, port.protocol) for port in named_ports(ports))
        isolate = loaded.written.isolate
        if isolate is not None and isolate.by is not None:
            labels = [*cluster.namespaces.values(), *(each.labels for each in external)]
            vocabulary.mention_compared(isolate.by.namespace_label, labels)
    return vocabulary


def port_lists(loaded: LoadedProperty) -> Iterable[Ports]:
    """Every list of ports that the property holds, wherever it stands, and those of what is carved out of it."""
    parts = (loaded.written, *loaded.carved)
    stack: list[object] = [part.model_dump(by_alias=True, exclude_none=True) for part in parts]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
                if key == "ports" and isinstance(item, list):
                    yield item
                else:
                    stack.append(item)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, list):
            stack.extend(value)  # pyright: ignore[reportUnknownArgumentType]
