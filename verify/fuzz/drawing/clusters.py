"""Whole clusters, and their pieces one by one.

Everything drawn is valid for the API server, and small: namespaces ``a``, ``b``, ``default`` and few labels, ports and
blocks, so that policies meet. The public names are those of ``netpol_verify.strategies``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from typing import Literal

from hypothesis import strategies as st

from ..features import TIER_KINDS
from ..model import Cluster, Family, Raw
from ..walk import DEFAULT_NAMESPACE, namespace_of, rules_of, tier_rules_of
from .admin import settled_policy, tier_lists, tier_policies
from .odds import Odds, Without, left_out, pick
from .places import places, settled
from .pods import namespaces_of, pods_with, with_addresses
from .policies import policies_of
from .vocabulary import NAMESPACES, SAID_FOR_KEYS, SAID_FOR_VALUES, UNDECLARED, port_names

Profile = Literal["np", "admin"]
PROFILES: tuple[Profile, ...] = ("np", "admin")
"""What clusters are made of: NetworkPolicies alone, or cluster-wide policies, too."""
Layout = tuple[tuple[int, ...], ...]

NULLS = frozenset({"null-list", "null-rule"})
ODDITIES = NULLS | {
    "boolean-like-value",
    "contradiction",
    "default-namespace",
    "empty-label-value",
    "equal-priorities",
    "host-bits",
    "host-network",
    "list-kind",
    "mapped-address",
    "narrow-port-range",
    "no-spec",
    "no-tier-rules",
    "number-like-value",
    "undeclared-namespace",
    "wrong-protocol-named-port",
}
"""What few manifests hold. If every cluster had some, an evaluator that stumbles over one would hide all else."""


def clusters(*, without: Collection[str] = (), profile: Profile = "np") -> st.SearchStrategy[Cluster]:
    """Clusters of up to three Namespaces, four NetworkPolicies and five Pods. ``without`` names features to leave out.

    ``profile`` "admin": up to two NetworkPolicies, and one to four cluster-wide policies. Raises ValueError for a name
    that is no feature (``features.FEATURES``), for another profile, and if no kind of cluster-wide policy is left.
    """
    if profile not in PROFILES:
        raise ValueError(f"{profile!r} is not a profile: {', '.join(PROFILES)}")
    return _all_clusters(left_out(without), profile == "admin")


def admin_policies(*, without: Collection[str] = ()) -> st.SearchStrategy[Raw]:
    """Cluster-wide policies called ``policy``, BaselineAdminNetworkPolicies ``default``. Raises as ``clusters``."""
    chosen = left_out(without)
    both = st.tuples(_words(chosen), tier_policies(chosen | NULLS))
    return both.map(lambda pair: settled_policy(pair[1], places(NAMESPACES) | pair[0]))


def network_policies(*, without: Collection[str] = (), namespace: str | None = None) -> st.SearchStrategy[Raw]:
    """NetworkPolicies called ``policy``, in one of the three namespaces or the one given. Raises as ``clusters``."""
    chosen = left_out(without)
    return _single(policies_of(chosen), namespace, chosen)


def namespaces(*, without: Collection[str] = ()) -> st.SearchStrategy[Raw]:
    """Namespace objects. Raises as ``clusters``."""
    chosen = left_out(without)
    return _single(namespaces_of(chosen), None, chosen)


def pods(*, without: Collection[str] = (), namespace: str | None = None) -> st.SearchStrategy[Raw]:
    """Pods called ``pod``, all with the same address, in one of the three namespaces or the one given.

    Raises as ``clusters``.
    """
    chosen = left_out(without)
    wanted = () if "named-port" in chosen else port_names(chosen)
    drawn = st.tuples(pods_with(wanted, chosen), _families(chosen))
    return _single(drawn.map(lambda pair: with_addresses(pair[0], 0, pair[1])), namespace, chosen)


def _single(drawn: st.SearchStrategy[Raw], namespace: str | None, without: Without) -> st.SearchStrategy[Raw]:
    """Objects that are in no cluster."""
    names = places(NAMESPACES if namespace is None else (namespace,))
    both = st.tuples(_words(without), drawn)
    return both.map(lambda pair: settled(pair[1], names | pair[0]))


@cache
def _all_clusters(without: Without, tiers: bool) -> st.SearchStrategy[Cluster]:
    plain, usual, odd = (_clusters(without | spared, tiers) for spared in (ODDITIES, NULLS, Without()))
    return st.one_of(plain, usual, odd, odd)


@cache
def _families(without: Without) -> st.SearchStrategy[tuple[Family, ...]]:
    odds: list[Odds[tuple[Family, ...]]] = [
        (9, ("IPv4",)),
        (6, ("IPv4", "IPv6"), "ipv6"),
        (1, ("IPv6",), "ipv6"),
    ]
    return pick(without, *odds)


@cache
def _words(without: Without) -> st.SearchStrategy[dict[str, str]]:
    """What is said for the keys and values of labels."""
    both = st.tuples(pick(without, *SAID_FOR_KEYS), pick(without, *SAID_FOR_VALUES))
    return both.map(lambda pair: pair[0] | pair[1])


@cache
def _clusters(without: Without, tiers: bool) -> st.SearchStrategy[Cluster]:
    declared = st.lists(namespaces_of(without), min_size=1, max_size=3, unique_by=lambda each: each["metadata"]["name"])
    undeclared = pick(without, (3, False), (2, True, "undeclared-namespace"))
    shuffled = pick(without, (3, False), (1, True))
    words, families, list_kind = _words(without), _families(without), _list_kinds(without)
    # Much shows only where several policies and pods are. A flow needs two ends, with no addresses outside two pods.
    fewest_policies = pick(without, (1, 1), (1, 0)) if tiers else pick(without, (8, 1), (7, 3), (1, 0))
    most_policies = 2 if tiers else 4
    cluster_wide = tier_lists(without | NULLS) if tiers else st.just(list[Raw]())
    fewest_pods = pick(without, (1, 2 if {"outside-source", "outside-destination"} <= without else 1), (1, 3))

    @st.composite
    def drawn(draw: st.DrawFn) -> Cluster:
        spaces = draw(declared)
        names = places(_homes([each["metadata"]["name"] for each in spaces], draw(undeclared))) | draw(words)
        how, listed = draw(families), draw(list_kind)
        policies = draw(st.lists(policies_of(without), min_size=draw(fewest_policies), max_size=most_policies))
        wide = draw(cluster_wide)
        used = _names_used([*policies, *wide])
        alive = draw(st.lists(pods_with(used, without), min_size=draw(fewest_pods), max_size=5))
        written = [
            *settled(spaces, names),
            *_listed(_named(settled(policies, names), "policy"), listed),
            *(settled_policy(each, names) for each in wide),
            *_named([with_addresses(settled(pod, names), at, how) for at, pod in enumerate(alive)], "pod"),
        ]
        if draw(shuffled):
            written = draw(st.permutations(written))
        return Cluster(tuple(written), draw(_layouts(len(written), without)))

    return drawn()


def _homes(declared: Sequence[str], undeclared: bool) -> tuple[str, ...]:
    """Where policies and pods are: some namespaces more often than others, so that they meet."""
    if not undeclared:
        return (*declared, declared[0])
    extra = UNDECLARED if DEFAULT_NAMESPACE in declared else DEFAULT_NAMESPACE
    return (declared[0], extra, *declared[1:], extra)


def _names_used(policies: Sequence[Raw]) -> tuple[str, ...]:
    """The names of ports in rules, in a fixed order."""
    used = {port.get("port") for rule in rules_of(policies) for port in rule.ports}
    used |= {port.name for rule in tier_rules_of(_of_tiers(policies)) for port in rule.ports}
    return tuple(sorted(name for name in used if isinstance(name, str)))


def _of_tiers(policies: Sequence[Raw]) -> list[Raw]:
    return [policy for policy in policies if policy["kind"] in TIER_KINDS]


def _named(objects: Sequence[Raw], prefix: str) -> list[Raw]:
    """The objects with names that are unique in their namespace only."""
    seen: Counter[str] = Counter()
    named: list[Raw] = []
    for each in objects:
        space = namespace_of(each)
        named.append({**each, "metadata": {**each["metadata"], "name": f"{prefix}-{seen[space]}"}})
        seen[space] += 1
    return named


@cache
def _list_kinds(without: Without) -> st.SearchStrategy[str]:
    """How policies are written: as documents of their own, or all as the items of one list."""
    return pick(
        without,
        (20, "apart"),
        (1, "List", "list-kind"),
        (1, "NetworkPolicyList", "list-kind"),
        (1, "NetworkPolicyList of items without kind", "list-kind"),
    )


def _listed(policies: list[Raw], form: str) -> list[Raw]:
    """The policies in one of the forms of ``_list_kinds``. There may be none, and then a list is empty."""
    if form == "apart":
        return policies
    if form == "List":
        return [{"apiVersion": "v1", "kind": "List", "items": policies}]
    if form != "NetworkPolicyList":
        policies = [{key: policy[key] for key in policy if key not in ("apiVersion", "kind")} for policy in policies]
    return [{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": policies}]


@cache
def _layouts(number: int, without: Without) -> st.SearchStrategy[Layout]:
    """Which objects share a file: none, all, or each with the one before it or not."""
    alone: Layout = tuple((position,) for position in range(number))
    together: Layout = (tuple(range(number)),)
    form = pick(without, (6, "alone"), (2, "together", "several-documents"), (3, "mixed", "several-documents"))
    joined = st.lists(st.booleans(), min_size=number - 1, max_size=number - 1)

    @st.composite
    def drawn(draw: st.DrawFn) -> Layout:
        chosen = draw(form)
        if chosen != "mixed":
            return alone if chosen == "alone" else together
        files: list[tuple[int, ...]] = [(0,)]
        for position, same in enumerate(draw(joined), start=1):
            files[-1:] = [(*files[-1], position)] if same else [files[-1], (position,)]
        return tuple(files)

    return drawn()
