"""Groups and ports of a suite for the oracle: which endpoints an element of ``from``, ``to`` or ``for`` holds.

Trusts the suite's models for their shape. Rules: the contract, *The property suite* and *Exact meaning*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from netpol_verify.properties.suite import Exception_, Group

from . import labels
from .addresses import Block, parse_block
from .endpoints import Endpoint
from .labels import Selector
from .policies import PortEntry

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
LOOPBACK = ("127.0.0.0/8", "::1/128")
LINK_LOCAL = ("169.254.0.0/16", "fe80::/10")
MULTICAST = ("224.0.0.0/4", "ff00::/8")
"""What `builtin: internet` leaves out: "all addresses but private, loopback, link-local, multicast"."""
CLOUD_METADATA = ("169.254.169.254/32", "fd00:ec2::254/128", "fd20:ce::254/128")
"""`builtin: cloud-metadata` without further `clouds`."""

GroupRefs = str | Group | Sequence[str | Group]


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One element of a list of endpoints: what it holds, and the parts of it that the world must tell apart."""

    matches: Callable[[Endpoint], bool]
    pod_selectors: tuple[Selector, ...] = ()
    namespace_selectors: tuple[Selector, ...] = ()
    names: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


Elements = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Carve:
    """One entry of ``except``; None where a part is not given, so that it matches anything."""

    sources: Elements | None
    destinations: Elements | None
    ports: tuple[PortEntry, ...] | None


def elements(written: GroupRefs, groups: Mapping[str, Group]) -> Elements:
    """The elements of a group, of a group's name, or of a list of these."""
    items = [written] if isinstance(written, str | Group) else written
    return tuple(_element(groups[item] if isinstance(item, str) else item) for item in items)


def carves(written: Sequence[Exception_] | None, groups: Mapping[str, Group]) -> tuple[Carve, ...]:
    """The entries of an ``except`` list."""
    return tuple(
        Carve(
            None if entry.from_ is None else elements(entry.from_, groups),
            None if entry.to is None else elements(entry.to, groups),
            ports(entry.ports),
        )
        for entry in written or ()
    )


def ports(written: Sequence[str | int] | None) -> tuple[PortEntry, ...] | None:
    """A list of ports; None (not given) is every port of the three protocols."""
    return None if written is None else tuple(_port(str(item)) for item in written)


def _port(text: str) -> PortEntry:
    """``5432`` and ``TCP/5432`` are one port, ``TCP/8000-8010`` a range, ``UDP/dns`` a named port."""
    protocol, _, rest = text.rpartition("/")
    first, _, last = rest.partition("-")
    if not first.isdigit():
        return PortEntry(protocol, name=rest)
    return PortEntry(protocol or "TCP", int(first), int(last or first))


def _element(group: Group) -> Element:
    if group.any:  # pods and addresses, no nodes
        return Element(lambda end: end.kind != "node")
    if group.node:
        return Element(lambda end: end.kind == "node")
    if group.workload is not None:
        wanted = group.workload
        return Element(lambda end: end.pod is not None and wanted in end.pod.references)
    if group.cidr is not None:
        return _addresses((parse_block(group.cidr, group.except_ or ()),))
    if group.builtin == "internet":
        left_out = (*PRIVATE, *LOOPBACK, *LINK_LOCAL, *MULTICAST)
        by_family = {":": "::/0", ".": "0.0.0.0/0"}
        return _addresses(
            tuple(parse_block(whole, [cidr for cidr in left_out if mark in cidr]) for mark, whole in by_family.items())
        )
    if group.builtin == "cloud-metadata":
        if group.clouds:
            raise NotImplementedError("the oracle does not know the addresses of further clouds")
        return _addresses(tuple(parse_block(cidr) for cidr in CLOUD_METADATA))
    return _pods(group)


def _addresses(blocks: tuple[Block, ...]) -> Element:
    """Addresses outside the cluster: external endpoints lie in no podCIDR and no nodeCIDR, so none need be removed."""

    def matches(end: Endpoint) -> bool:
        return end.kind == "external" and any(block.contains(end.family, end.address) for block in blocks)

    return Element(matches, blocks=blocks)


def _pods(group: Group) -> Element:
    """Pods by namespace, namespace labels and pod labels, ANDed; `{}` is every pod of every namespace."""
    names = (group.namespace,) if isinstance(group.namespace, str) else tuple(group.namespace or ())
    any_name = group.namespace is None
    spaces = labels.EVERYTHING if group.namespaces is None else labels.from_suite(group.namespaces)
    pods = labels.EVERYTHING if group.pods is None else labels.from_suite(group.pods)

    def matches(end: Endpoint) -> bool:
        pod = end.pod
        return (
            pod is not None
            and not pod.assumed
            and (any_name or pod.namespace.name in names)
            and spaces.matches(pod.namespace.labels)
            and pods.matches(pod.labels)
        )

    return Element(matches, (pods,), (spaces,), names)
