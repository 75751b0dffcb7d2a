"""Hypothesis strategies of Kubernetes clusters: small, legal, and full of what network policies are misread for.

Public, for Python projects that evaluate network policies themselves; other programs are tested with the command
``netpol-verify fuzz``. Needs hypothesis: ``pip install 'netpol-verify[fuzz]'``. A test is mostly this::

    from hypothesis import given, strategies as st
    from netpol_verify.strategies import clusters, flows, right_answers

    @given(st.data())
    def test_my_evaluator(data):
        cluster = data.draw(clusters(without=("sctp", "host-network")))
        flow = data.draw(flows(cluster))
        assert my_evaluator(cluster.files(), flow.as_json()) in right_answers(cluster, flow)
"""

from __future__ import annotations

from collections.abc import Collection

from hypothesis.strategies import SearchStrategy

from .verify.fuzz import drawing
from .verify.fuzz.drawing.clusters import Profile
from .verify.fuzz.features import FEATURES
from .verify.fuzz.features_of import features_of
from .verify.fuzz.judge import Judge
from .verify.fuzz.model import Cluster, Flow, Pod, Raw

__all__ = [
    "FEATURES",
    "Cluster",
    "Flow",
    "Pod",
    "Profile",
    "admin_policies",
    "clusters",
    "features_of",
    "flows",
    "namespaces",
    "network_policies",
    "pods",
    "right_answers",
]


def clusters(*, without: Collection[str] = (), profile: Profile = "np") -> SearchStrategy[Cluster]:
    """Clusters: up to three Namespaces, four NetworkPolicies and five Pods with addresses, in one file or several.

    ``profile`` "admin": one to four AdminNetworkPolicies, BaselineAdminNetworkPolicies and ClusterNetworkPolicies
    beside up to two NetworkPolicies. ``without`` names features to leave out, keys of ``FEATURES``; any other name
    raises ValueError, and so does a profile whose kinds are all left out. A quarter of the clusters is plain, half is
    odd::

        clusters(without=("ipv6", "named-port"))
        clusters(profile="admin", without=("cluster-network-policy", "equal-priorities"))
    """
    return drawing.clusters(without=without, profile=profile)


def admin_policies(*, without: Collection[str] = ()) -> SearchStrategy[Raw]:
    """Single cluster-wide policies as plain data: AdminNetworkPolicies and ClusterNetworkPolicies of both tiers, all
    called ``policy``, and BaselineAdminNetworkPolicies, called ``default``. Without kinds and actions, for example::

        admin_policies(without=("admin-network-policy", "baseline-admin-network-policy", "pass"))
    """
    return drawing.admin_policies(without=without)


def network_policies(*, without: Collection[str] = (), namespace: str | None = None) -> SearchStrategy[Raw]:
    """Single NetworkPolicies as plain data, all called ``policy``, in ``a``, ``b``, ``default`` or the one given::

    network_policies(namespace="shop", without=("ip-block",))
    """
    return drawing.network_policies(without=without, namespace=namespace)


def namespaces(*, without: Collection[str] = ()) -> SearchStrategy[Raw]:
    """Single Namespace objects called ``a``, ``b`` or ``default``, with labels or without."""
    return drawing.namespaces(without=without)


def pods(*, without: Collection[str] = (), namespace: str | None = None) -> SearchStrategy[Raw]:
    """Single Pods as plain data, all called ``pod`` and with one address; ``clusters`` keeps them apart."""
    return drawing.pods(without=without, namespace=namespace)


def flows(cluster: Cluster, *, without: Collection[str] = ()) -> SearchStrategy[Flow]:
    """Flows between two pods of a cluster, or a pod and an address outside.

    Their ports and addresses are what the manifests mention, and what lies beside; a whole list of them::

        hypothesis.strategies.lists(flows(cluster), min_size=10, max_size=10, unique=True)
    """
    return drawing.flows(cluster, without=without)


def right_answers(cluster: Cluster, flow: Flow) -> frozenset[bool]:
    """Whether the flow is allowed, as the API has it: one answer, or both where the API leaves it open.

    Raises InputErrors for manifests that no API server accepts, and for an end that does not exist.
    """
    return Judge(cluster).truth(flow)
