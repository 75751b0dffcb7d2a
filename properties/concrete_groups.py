"""Groups and ports of a suite, decided for one endpoint and one connection.

Written apart from the symbolic groups (``contract``: *The property suite*). Trusts the evaluator's endpoints;
a pod in the host's network is a pod, or counts as a node and so is in no group of pods, as the reading says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..encodings.concrete.addresses import (
    Address,
    Block,
    Family,
    Network,
    parse_address,
    parse_network,
    within,
)
from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.concrete.evidence import Truth, all_of, any_of, known
from ..encodings.concrete.reading import Reading
from ..encodings.concrete.services import Services
from .concrete_selectors import suite_selector
from .suite import Endpoints, Group, GroupRef, Ports, World

NOT_INTERNET: tuple[str, ...] = (
    "10.0.0.0/8",  # private use, RFC 1918
    "172.16.0.0/12",  # private use, RFC 1918
    "192.168.0.0/16",  # private use, RFC 1918
    "100.64.0.0/10",  # shared address space behind carriers, RFC 6598
    "127.0.0.0/8",  # loopback, RFC 1122 section 3.2.1.3
    "169.254.0.0/16",  # link-local, RFC 3927
    "224.0.0.0/4",  # multicast, RFC 5771
    "fc00::/7",  # unique local, RFC 4193
    "::1/128",  # loopback, RFC 4291 section 2.5.3
    "fe80::/10",  # link-local, RFC 4291 section 2.5.6
    "ff00::/8",  # multicast, RFC 4291 section 2.7
)
"""What ``builtin: internet`` leaves out of all addresses."""

METADATA: tuple[str, ...] = ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254")
CLOUD_METADATA: dict[str, tuple[str, ...]] = {
    "alibaba": ("100.100.100.200",),
    "azure": ("168.63.129.16",),
    "eks": ("169.254.170.23", "fd00:ec2::23"),
}
"""What ``builtin: cloud-metadata`` holds, and what each of ``clouds`` adds."""

_NOT_INTERNET = tuple(parse_network(text) for text in NOT_INTERNET)


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection under one reading, its ends as the evaluator sees them."""

    source: ConcreteEndpoint
    destination: ConcreteEndpoint
    protocol: str
    port: int
    family: Family
    reading: Reading

    def is_pod(self, endpoint: ConcreteEndpoint) -> bool:
        """Whether one of its ends is a pod."""
        return self.reading.is_pod(endpoint)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a suite, the world's address ranges that bound them, and the Services that they may name."""

    named: Mapping[str, Group]
    world: World
    services: Services = field(default_factory=Services)

    def holds(self, endpoints: Endpoints, endpoint: ConcreteEndpoint, connection: Connection) -> Truth:
        """Whether the endpoint, an end of the connection, belongs to a group, or to one of a list of groups."""
        references: Sequence[GroupRef] = endpoints if isinstance(endpoints, list) else [endpoints]
        return any_of(self._holds(self.resolve(reference), endpoint, connection) for reference in references)

    def _holds(self, group: Group, endpoint: ConcreteEndpoint, connection: Connection) -> Truth:
        if group.service is None:
            return members(group, endpoint, self.world, connection)
        if not connection.is_pod(endpoint):
            return known(False)
        return self.services.has_behind(group.service, endpoint)

    def resolve(self, reference: GroupRef) -> Group:
        """The group a reference names. ValueError for an unknown name."""
        if isinstance(reference, Group):
            return reference
        if reference not in self.named:
            raise ValueError(f"no group is called {reference!r}")
        return self.named[reference]


def members(group: Group, endpoint: ConcreteEndpoint, world: World, connection: Connection) -> Truth:
    """Whether the endpoint belongs to the group, which is no Service; unknown only where the endpoint itself is not
    fully known.

    ``connection`` says which of its addresses is used, and whether it counts as a pod.
    """
    is_pod = connection.is_pod(endpoint)
    if group.any:
        return known(endpoint.kind == "external" or is_pod)
    if group.node:
        return known(endpoint.kind == "node" or (endpoint.host_network and not is_pod))
    if group.cidr is not None or group.builtin is not None:
        address = endpoint.address(connection.family)
        if endpoint.kind != "external" or address is None:
            return known(False)
        return known(_holds_address(group, address) and not in_cluster(address, world))
    if not is_pod:
        return known(False)
    if group.workload is not None:
        return known(_is_workload(group.workload, endpoint.workload))
    return _holds_pod(group, endpoint)


def in_cluster(address: Address, world: World) -> bool:
    """Whether the address is in the ranges of pods or nodes, and so not outside the cluster."""
    return any(within(address, network) for network in networks(world.pod_cidrs, world.node_cidrs))


def networks(*lists: Sequence[str] | None) -> tuple[Network, ...]:
    """The blocks that lists of CIDRs name; None names none."""
    return tuple(parse_network(text) for texts in lists for text in texts or ())


def _holds_address(group: Group, address: Address) -> bool:
    if group.cidr is not None:
        return Block(parse_network(group.cidr), networks(group.except_)).holds(address)
    if group.builtin == "internet":
        return not any(within(address, network) for network in _NOT_INTERNET)
    texts = [*METADATA, *(text for cloud in group.clouds or () for text in CLOUD_METADATA[cloud])]
    return any(parse_address(text) == address for text in texts)


def _is_workload(written: str, workload: str | None) -> bool:
    if workload is None:
        return False
    namespace, kind, name = workload.split("/")
    return written in (f"{namespace}/{name}", f"{namespace}/{kind}/{name}")


def _holds_pod(group: Group, endpoint: ConcreteEndpoint) -> Truth:
    names = [group.namespace] if isinstance(group.namespace, str) else group.namespace
    return all_of(
        (
            known(names is None or endpoint.namespace in names),
            suite_selector(group.namespaces).matches(endpoint.labels_of_namespace()),
            suite_selector(group.pods).matches(endpoint.pod_labels()),
        )
    )


def on_ports(ports: Ports | None, connection: Connection) -> bool:
    """Whether the connection's port is among ``ports`` (None: every port).

    A name means the numbers under which the destination declares it for that protocol.
    """
    return ports is None or any(_on_port(str(entry), connection) for entry in ports)


def _on_port(entry: str, connection: Connection) -> bool:
    protocol, slash, port = entry.partition("/")
    if not slash:
        protocol, port = "TCP", entry
    if protocol != connection.protocol:
        return False
    first, dash, last = port.partition("-")
    if port.isdigit() or (dash and first.isdigit() and last.isdigit()):
        return int(first) <= connection.port <= int(last or first)
    if not connection.is_pod(connection.destination):
        return False
    return any(
        (own.name, own.protocol, own.number) == (port, protocol, connection.port)
        for own in connection.destination.ports or ()
    )
