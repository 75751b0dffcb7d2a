"""Flows that exercise every boundary of a cluster's policies on both sides, with pods made for them."""

from __future__ import annotations

from collections.abc import Collection

from ....encodings.cluster import Cluster as SymbolicCluster
from ....encodings.cluster import build_cluster
from ..model import Cluster
from .addresses import Plan, plan_addresses
from .ends import of_cluster
from .forms import blocks_of
from .listing import boundaries
from .outline import Outline, outline_of
from .pool import Pool
from .proposed import Guided, Wishes
from .reading import manifests_of
from .searching import Search
from .space import Space

MOST_FLOWS = 200
MOST_PODS = 80


def guided(
    cluster: Cluster,
    *,
    without: Collection[str] = (),
    limit: int = MOST_FLOWS,
    most_pods: int = MOST_PODS,
    ip_block_matches_pods: bool | None = None,
) -> Guided:
    """Flows over a cluster that exercise the boundaries of its policies; the same for the same cluster.

    The arguments are those of ``Wishes``. Raises as ``propose``.
    """
    return propose(cluster, Wishes(frozenset(without), limit, most_pods, ip_block_matches_pods))


def propose(cluster: Cluster, wishes: Wishes) -> Guided:
    """Flows as they are wished for.

    Raises InputErrors for manifests that the API server would not accept, InternalError if this program contradicts
    itself.
    """
    manifests = manifests_of(cluster)
    symbolic = build_cluster(manifests)
    declared = [end for end in map(of_cluster, symbolic.pods) if end is not None]
    numbers = {name: number for pod in reversed(declared) for name, _, number in pod.ports}
    outline = outline_of(manifests, numbers, wishes.ip_block_matches_pods)
    space = Space(symbolic, outline, _plan(symbolic, outline, wishes), wishes)
    usable = (pod for pod in declared if space.may_use(pod.namespace))
    pool = Pool(space, usable, (pod.reference.rpartition("/")[2] for pod in symbolic.pods))
    found = boundaries(outline)
    search = Search(space, pool, found)
    search.run()
    used = (end for source, destination, _ in search.flows for end in (source, destination))
    return Guided(cluster.with_objects(pool.written(used)), search.proposed(), found)


def _plan(symbolic: SymbolicCluster, outline: Outline, wishes: Wishes) -> Plan:
    networks = blocks_of(outline.tiers) and "pod-networks" not in wishes.without
    blocks = (outline.reading is not None or wishes.any_address) and "pod-block" not in wishes.without
    return plan_addresses(
        blocks_of(outline.written),
        [address for pod in symbolic.pods for address in pod.addresses],
        divided=bool(networks or blocks),
        usual=wishes.any_address,
        families=("IPv4",) if "ipv6" in wishes.without else ("IPv4", "IPv6"),
    )
