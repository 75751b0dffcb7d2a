"""Cluster-wide policies: AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy of both tiers.

Full of what is misread of them: equal priorities, Pass in either tier, rules that shadow each other, empty selectors,
rules in one direction only, networks that hold pods, edges of ranges. The peers ``nodes`` and ``domainNames`` are not
drawn: of what they match, flows between pods and addresses tell nothing for sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ..features import TIER_KINDS
from ..features_of import cidr_features
from ..model import Raw
from ..tier_features import holds_any
from ..walk import PEERS, Direction
from .odds import ABSENT, Odds, Without, fields, pick
from .places import settled
from .selectors import namespace_selectors, pod_selectors
from .vocabulary import ADDRESSES, NUMBERS, RANGES, port_names

ADMIN, BASELINE, CLUSTER = TIER_KINDS
GROUP = "policy.networking.k8s.io"
PRIORITIES = (5, 5, 5, 6, 0, 1000)
DISTINCT = (5, 6, 0, 1000, 7)
NETWORKS: tuple[Odds[str], ...] = (
    (4, "0.0.0.0/0"),
    (2, "10.0.0.0/8"),
    (3, "10.244.0.0/30"),
    (2, "10.244.0.2/31"),
    (2, "10.244.0.1/32"),
    (3, "203.0.113.0/24"),
    (1, "203.0.113.9/25"),
    (1, "198.51.100.7/32"),
    (3, "::/0"),
    (1, "2001:db8::/32"),
    (1, "fd00:10:244::/126"),
)
NARROW = ((80, 80), (8010, 8000))
"""Ranges of one port and of none, which the schema of v1alpha1 accepts."""


@cache
def tier_policies(without: Without) -> st.SearchStrategy[Raw]:
    """One policy of any of the kinds, not named yet. Raises ValueError if all kinds are to be left out."""
    return st.one_of(*(_policies(kind, tier, without) for kind, tier in _kinds(without)))


@cache
def tier_lists(without: Without) -> st.SearchStrategy[list[Raw]]:
    """The cluster-wide policies of a cluster, named: up to three of the Admin tier, up to two of the Baseline tier, and
    never both kinds in the Baseline tier. Raises as ``tier_policies``."""
    of_admin = [kind for kind, tier in _kinds(without) if tier == "Admin"]
    of_baseline = [kind for kind, tier in _kinds(without) if tier == "Baseline"]
    shape = pick(without, (3, (1, 0)), (3, (1, 1)), (3, (2, 0)), (4, (2, 1)), (1, (3, 0)), (2, (0, 1)), (2, (1, 2)))
    distinct = st.lists(st.sampled_from(DISTINCT), min_size=5, max_size=5, unique=True)
    equal = st.lists(st.sampled_from(PRIORITIES), min_size=5, max_size=5)
    priorities = distinct if "equal-priorities" in without else st.one_of(distinct, equal, equal)

    @st.composite
    def drawn(draw: st.DrawFn) -> list[Raw]:
        admin, baseline = draw(shape)
        kinds = [draw(st.sampled_from(of_admin)) for _ in range(admin if of_admin else 0)]
        found = [draw(_policies(kind, "Admin", without)) for kind in kinds]
        if of_baseline and (baseline or not found):
            kind = draw(st.sampled_from(of_baseline))
            count = 1 if kind == BASELINE else max(baseline, 1)
            found += [draw(_policies(kind, "Baseline", without)) for _ in range(count)]
        if not found:
            found = [draw(_policies(of_admin[0], "Admin", without))]
        return [
            _placed(each, number, priority)
            for number, (each, priority) in enumerate(zip(found, draw(priorities), strict=False))
        ]

    return drawn()


def settled_policy(policy: Raw, names: Mapping[str, Any]) -> Raw:
    """As ``settled``; but ``tier``, which is also the key of a label, is a field here."""
    spec: Raw = policy["spec"]
    own = {key: value for key, value in spec.items() if key == "tier"}
    rest = {key: value for key, value in spec.items() if key != "tier"}
    return {**settled({**policy, "spec": {}}, names), "spec": own | settled(rest, names)}


def _kinds(without: Without) -> tuple[tuple[str, str], ...]:
    every = ((ADMIN, "Admin"), (CLUSTER, "Admin"), (BASELINE, "Baseline"), (CLUSTER, "Baseline"))
    left = tuple((kind, tier) for kind, tier in every if TIER_KINDS[kind] not in without)
    if not left:
        raise ValueError(f"no kind of cluster-wide policy is left without {', '.join(TIER_KINDS.values())}")
    return left


def _placed(policy: Raw, number: int, priority: int) -> Raw:
    """The policy with a name and a priority of a cluster's."""
    if policy["kind"] == BASELINE:
        return policy
    tier = policy["spec"].get("tier", "Admin").lower()
    spec = {**policy["spec"], "priority": priority}
    return {**policy, "metadata": {**policy["metadata"], "name": f"{tier}-{number}"}, "spec": spec}


@cache
def _policies(kind: str, tier: str, without: Without) -> st.SearchStrategy[Raw]:
    subject, priority = _chosen(kind, without), st.sampled_from(PRIORITIES)
    sides = {direction: _rule_lists(kind, direction, without) for direction in PEERS}
    needed = _rules(kind, "ingress", without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        own: Raw = {"tier": tier} if kind == CLUSTER else {}
        if kind != BASELINE:
            own["priority"] = draw(priority)
        rules = {direction: draw(each) for direction, each in sides.items()}
        if "no-tier-rules" in without and not any(each for each in rules.values() if each is not ABSENT):
            rules["ingress"] = [draw(needed)]
        return {
            "apiVersion": f"{GROUP}/{'v1alpha2' if kind == CLUSTER else 'v1alpha1'}",
            "kind": kind,
            "metadata": {"name": "default" if kind == BASELINE else "policy"},
            "spec": fields(**own, subject=draw(subject), **rules),
        }

    return drawn()


@cache
def _chosen(kind: str, without: Without) -> st.SearchStrategy[Raw]:
    """A subject, or a peer of pods: half of the time everybody, so that policies meet."""
    odds: list[Odds[str]] = [(4, "everyone"), (3, "namespaces"), (4, "pods")]
    form = pick(without, *odds, *([(3, "pods alone")] if kind == CLUSTER else []))
    spaces, pods = namespace_selectors(without), pod_selectors(without)
    anywhere = pick(without, (1, True), (1, False))

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(form)
        if chosen == "everyone":
            return {"namespaces": {}}
        if chosen == "namespaces":
            return {"namespaces": draw(spaces)}
        selected = draw(pods)
        if chosen == "pods alone":
            return {"pods": {"podSelector": selected}}
        return {"pods": {"namespaceSelector": {} if draw(anywhere) else draw(spaces), "podSelector": selected}}

    return drawn()


@cache
def _rule_lists(kind: str, direction: Direction, without: Without) -> st.SearchStrategy[Any]:
    """The rules of a direction, often with one about everybody at the end; or none."""
    count = pick(without, (3, 0), (2, 1), (4, 2), (2, 3))
    none, swept = pick(without, (2, ABSENT), (1, [])), pick(without, (3, False), (2, True))
    rule, last = _rules(kind, direction, without), _sweeping(kind, direction, without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:
        number = draw(count)
        if not number:
            return draw(none)
        rules = draw(st.lists(rule, min_size=number, max_size=number))
        return [*rules[1:], draw(last)] if draw(swept) else rules

    return drawn()


def _actions(kind: str, without: Without) -> st.SearchStrategy[str]:
    accept = "Accept" if kind == CLUSTER else "Allow"
    odds: list[Odds[str]] = [(4, "Deny"), (4, accept)]
    return pick(without, *odds, *([(4, "Pass", "pass")] if kind != BASELINE else []))


@cache
def _sweeping(kind: str, direction: Direction, without: Without) -> st.SearchStrategy[Raw]:
    """A rule about every pod, or every address."""
    action = _actions(kind, without)
    every = [cidr for cidr in ("0.0.0.0/0", "::/0") if _usable(cidr, without)]
    peers: list[Raw] = [{"namespaces": {}}]
    if direction == "egress" and every and "networks" not in without:
        peers.append({"networks": every})

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        return {"action": draw(action), PEERS[direction]: [draw(st.sampled_from(peers))]}

    return drawn()


@cache
def _rules(kind: str, direction: Direction, without: Without) -> st.SearchStrategy[Raw]:
    action, name = _actions(kind, without), pick(without, (4, ABSENT), (1, "same"))
    peers = st.lists(_peers(kind, direction, without), min_size=1, max_size=2)
    ported = pick(without, (2, False), (3, True))
    named, unnamed = (
        st.lists(_ports(kind, each), min_size=1, max_size=2) for each in (without, without | {"named-port"})
    )

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        whom, ports = draw(peers), ABSENT
        if draw(ported):
            # An address has no names; of v1alpha2 the standard schema lets them stand side by side all the same.
            careful = kind != CLUSTER or "wrong-protocol-named-port" in without
            ports = draw(unnamed if careful and any("networks" in peer for peer in whom) else named)
        where = {"protocols" if kind == CLUSTER else "ports": ports}
        return fields(name=draw(name), action=draw(action), **{PEERS[direction]: whom}, **where)

    return drawn()


@cache
def _peers(kind: str, direction: Direction, without: Without) -> st.SearchStrategy[Raw]:
    blocks = [each for each in NETWORKS if _usable(each[1], without)]
    if direction == "ingress" or "networks" in without or not blocks:
        return _chosen(kind, without)
    form = pick(without, (3, "pods"), (2, "networks"))
    pods, block = _chosen(kind, without), pick(without, *blocks)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        if draw(form) == "pods":
            return draw(pods)
        return {"networks": draw(st.lists(block, min_size=1, max_size=2, unique=True))}

    return drawn()


def _usable(cidr: str, without: Without) -> bool:
    holds_pod = holds_any(cidr, (*ADDRESSES["IPv4"], *ADDRESSES["IPv6"]))
    return without.isdisjoint(cidr_features(cidr)) and not (holds_pod and "pod-networks" in without)


@cache
def _ports(kind: str, without: Without) -> st.SearchStrategy[Raw]:
    names = port_names(without)
    odds: list[Odds[str]] = [(4, "number"), (5, "range", "tier-port-range")]
    form = pick(without, *odds, *([(4, "name", "named-port")] if names else []))
    protocols: list[Odds[Any]] = [(4, "TCP"), (3, "UDP", "udp"), (1, "SCTP", "sctp")]
    protocol = pick(without, *protocols, *([(3, ABSENT, "default-protocol")] if kind != CLUSTER else []))
    spans = [each for each in RANGES if each[0] < each[1]]
    if kind != CLUSTER and "narrow-port-range" not in without:
        spans += NARROW
    number, span = st.sampled_from(NUMBERS), st.sampled_from(spans)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(form)
        if chosen == "name":
            return {"destinationNamedPort" if kind == CLUSTER else "namedPort": draw(st.sampled_from(names))}
        which = draw(protocol)
        first, last = draw(span) if chosen == "range" else (draw(number),) * 2
        if kind == CLUSTER:
            port: Raw = {"range": {"start": first, "end": last}} if chosen == "range" else {"number": first}
            return {which.lower(): {"destinationPort": port}}
        if chosen == "range":
            return {"portRange": fields(protocol=which, start=first, end=last)}
        return {"portNumber": fields(protocol=which, port=first)}

    return drawn()
