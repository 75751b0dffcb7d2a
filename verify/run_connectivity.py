"""A whole run of ``connectivity`` as one function: read manifests, resolve filters, compute who talks to whom.

No solver is involved. Nothing is written or printed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..encodings.problems import InputErrors, Notice, Problem
from .run import ManifestsRequest, read_named

if TYPE_CHECKING:
    from ..encodings.cluster import Cluster
    from ..encodings.manifests import Manifests
    from ..encodings.policy import PortMatch
    from ..properties.suite import Semantics
    from .connectivity.outside import Addresses
    from .connectivity.reach import Connectivity
    from .connectivity.scope import Chosen

# As in ``run``, the functions import what they call.


@dataclass(frozen=True, slots=True)
class ConnectivityRequest:
    """What ``connectivity`` is asked, in the command line's words.

    ``sources`` and ``destinations``: the filters ``--from`` and ``--to``, any of which may fit; ``port``: ``--port``.
    ``world`` and ``semantics``: ``KEY=VALUE``. Of the world ``podCIDRs`` and ``nodeCIDRs`` matter.
    """

    manifests: ManifestsRequest = field(default_factory=ManifestsRequest)
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    port: str | None = None
    world: tuple[str, ...] = ()
    semantics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectivityFound:
    """Who talks to whom, and what is worth saying about it."""

    found: Connectivity
    notices: tuple[Notice, ...]


def run_connectivity(request: ConnectivityRequest) -> ConnectivityFound:
    """Compute who talks to whom.

    Raises InputErrors for anything wrong with options, manifests or filters, with all problems of a step.
    """
    from ..encodings.cluster import build_cluster  # noqa: PLC0415
    from ..properties.overrides import parse_overrides  # noqa: PLC0415
    from .conflicts import refuse_conflicts  # noqa: PLC0415
    from .connectivity.asking import scope_of  # noqa: PLC0415
    from .connectivity.outside import addresses_of  # noqa: PLC0415
    from .connectivity.reach import connectivity  # noqa: PLC0415

    overrides = parse_overrides(request.world, request.semantics)
    read = read_named(request.manifests, overrides.semantics.duplicate_objects or "error")
    cluster = build_cluster(read.manifests)
    refuse_conflicts((), cluster)
    addresses = addresses_of(read.manifests, overrides.world)
    sources, destinations, ports = _filters(request, read.manifests, cluster, addresses)
    chosen = {"sources": sources, "destinations": destinations}
    scope = scope_of(addresses, overrides.world, overrides.semantics, **chosen, ports=ports)
    found = connectivity(cluster, scope)
    return ConnectivityFound(found, (*read.notices, *_notices(cluster, addresses, found, overrides.semantics)))


def _filters(
    request: ConnectivityRequest, manifests: Manifests, cluster: Cluster, addresses: Addresses
) -> tuple[Chosen | None, Chosen | None, PortMatch | None]:
    """What ``--from``, ``--to`` and ``--port`` keep. Raises InputErrors with the mistakes of all three."""
    from .connectivity.filters import Filters  # noqa: PLC0415

    filters = Filters(manifests, cluster, addresses)
    problems: list[Problem] = []
    chosen: list[Chosen | None] = []
    for option, expressions in (("--from", request.sources), ("--to", request.destinations)):
        try:
            chosen.append(filters.chosen(option, expressions))
        except InputErrors as errors:
            problems.extend(errors.problems)
    try:
        ports = filters.ports("--port", request.port)
    except InputErrors as errors:
        raise InputErrors([*problems, *errors.problems]) from None
    if problems:
        raise InputErrors(problems)
    source, destination = chosen
    if all(each is not None and not each.workloads for each in chosen):
        text = "both keep addresses only, and connectivity is about connections with a pod at one end at least"
        raise InputErrors([Problem("--from and --to", 0, "", text)])
    return source, destination, ports


def _notices(cluster: Cluster, addresses: Addresses, found: Connectivity, semantics: Semantics) -> Iterator[Notice]:
    from .connectivity.classes import host_network_workloads  # noqa: PLC0415

    in_host = host_network_workloads(cluster)
    if in_host:
        text = "left out, since their traffic is their node's and policies do not govern it (hostNetwork): "
        if semantics.host_network_pods in ("ordinary", "either"):
            text = "left out, although NetworkPolicies may govern them (hostNetworkPods; ask evaluate about them): "
        yield Notice(text + ", ".join(in_host))
    if not found.classes:
        yield Notice("the manifests declare no pod and no workload, so there is nobody to list")
    elif not any(any(rows) for rows in (found.pods, found.into, found.out_of)):
        yield Notice("no connection of those asked about is allowed")
    if found.hangs_on_addresses():
        where = "" if addresses.pod_networks else "--world podCIDRs=… says where pods live, "
        yield Notice(
            f"whether an ipBlock holds a pod whose address is unknown is undetermined: {where}"
            "--semantics ipBlockMatchesPods=false that such blocks mean no pods"
        )
    strays = addresses.stray_pods()
    if strays:
        cut = "pod address cuts" if strays == 1 else "pod addresses cut"
        yield Notice(f"{strays} {cut} the ranges of outside addresses; --world podCIDRs=… says where pods live")
