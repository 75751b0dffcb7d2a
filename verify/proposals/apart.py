"""Who never talks to whom today, and who does because a rule says so: namespaces, workloads, tenants by a label.

Pairs are asked one by one and written by destination. Where there are too many namespaces for pairs, one property says
of all that keep to themselves that they do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from ...encodings.cluster import NAME_LABEL
from ...encodings.policy import DIRECTIONS, Peer, PodPeer
from ...encodings.selectors import Requirement
from ...properties.suite import Can, Exception_, Group, Isolate, IsolateBy, Never, World
from .census import Census, Workloads
from .claims import Claim, Outcome, Plan, Proposal, Width, writable
from .selecting import implies
from .sets import NamespaceSets
from .spelling import ANYONE, group_of_peer, group_of_workloads, ports_written, text_of

FEW = 12
"""Namespaces, or workloads, whose pairs are asked one by one."""
SECTION = "Kept apart"
WORKS = "Let through"
_TENANT_WORDS = frozenset(
    ("customer", "env", "environment", "environment-name", "project", "stage", "team", "team-name", "tenant")
)
_MOST_DOORS = 8
_MOST_REACHING = 10
_SHARED_PERCENT = 5


def apart_plans(census: Census, sets: NamespaceSets, world: World) -> list[Plan]:
    """The plans of this module."""
    plans = [_tenants(census, world, key) for key in _tenant_keys(census)]
    spaces = [name for name in census.own if _has_something(census, name)]
    if len(spaces) > FEW:
        return [*plans, _to_themselves(census, sets, world)]
    return [*plans, _pairs(spaces, census.tiers if len(census.tiers) <= FEW else (), world)]


def _has_something(census: Census, name: str) -> bool:
    governed = any(census.policies(name, direction) for direction in DIRECTIONS)
    return governed or any(pod.namespace == name for pod in census.pods)


# Pairs


@dataclass(frozen=True, slots=True)
class _Pair:
    source: Group
    destination: Group
    within: tuple[str, str]


def _claim(pair: _Pair) -> Claim:
    return Claim(Never(from_=pair.source, to=pair.destination))


def _pairs(spaces: Sequence[str], tiers: Sequence[Workloads], world: World) -> Plan:
    """Every ordered pair of namespaces, and every ordered pair of workloads."""
    outer = [_Pair(Group(namespace=a), Group(namespace=b), (a, b)) for a, b in permutations(spaces, 2)]
    inner = [
        _Pair(group_of_workloads(a), group_of_workloads(b), (a.namespace, b.namespace))
        for a, b in permutations(tiers, 2)
        if a != b
    ]
    inner = [pair for pair in inner if writable(_claim(pair), world)]
    never = [_claim(pair) for pair in (*outer, *inner)]
    can = [Claim(Can(from_=pair.source, to=pair.destination), declared=True) for pair in inner]

    def settle(outcomes: Sequence[Outcome]) -> list[Proposal]:
        known = {pair.within: outcome for pair, outcome in zip(outer, outcomes, strict=False) if outcome.holds}
        between = [(pair, known[pair.within]) for pair in outer if pair.within in known]
        within = [
            (pair, outcome)
            for pair, outcome in zip(inner, outcomes[len(outer) : len(never)], strict=True)
            if outcome.holds and (pair.within not in known or known[pair.within].width != outcome.width)
        ]
        talking = zip(inner, can, outcomes[len(never) :], strict=True)
        reaching = [_can(pair, claim, outcome) for pair, claim, outcome in talking if outcome.holds]
        return [*_between(between, spaces), *_by_destination(within), *reaching[:_MOST_REACHING]]

    return Plan([*never, *can], settle)


def _can(pair: _Pair, claim: Claim, outcome: Outcome) -> Proposal:
    text = "Some pod of {1} reaches {0}, since a rule says so."
    return Proposal(
        *("{1}-can-reach-{0}", WORKS, "medium", text, claim, outcome.width, outcome),
        about=(pair.destination, pair.source),
    )


def _between(holding: Sequence[tuple[_Pair, Outcome]], spaces: Sequence[str]) -> list[Proposal]:
    """All namespaces apart from one another as one property, else each from those that never reach it."""
    widths = {outcome.width for _, outcome in holding}
    if len(spaces) > 2 and len(holding) == len(spaces) * (len(spaces) - 1) and len(widths) == 1:
        claim = Claim(Isolate(groups=[Group(namespace=name) for name in spaces]))
        outcome = holding[0][1]
        text = "No pod of one of these namespaces reaches a pod of another."
        parts = tuple(_by_destination(holding))
        return [Proposal("namespaces-are-apart", SECTION, "high", text, claim, outcome.width, outcome, parts=parts)]
    return _by_destination(holding)


def _by_destination(holding: Sequence[tuple[_Pair, Outcome]]) -> list[Proposal]:
    joined: dict[tuple[str, Width | None], list[tuple[_Pair, Outcome]]] = {}
    for pair, outcome in holding:
        joined.setdefault((text_of(pair.destination), outcome.width), []).append((pair, outcome))
    return [_never(each) for each in joined.values()]


def _never(holding: Sequence[tuple[_Pair, Outcome]]) -> Proposal:
    sources = [pair.source for pair, _ in holding]
    destination, outcome = holding[0][0].destination, holding[0][1]
    claim = Claim(Never(from_=sources[0] if len(sources) == 1 else list(sources), to=destination))
    if len(sources) == 1:
        name, text = "{1}-never-reaches-{0}", "No pod of {1} reaches {0}."
    else:
        name, text = "{0}-is-kept-from-others", "None of these pods reaches {0}."
    return Proposal(
        *(name, SECTION, "high", text, claim, outcome.width, outcome),
        about=(destination, *sources),
        parts=tuple(_never([each]) for each in holding) if len(holding) > 1 else (),
    )


# Tenants


def _tenant_keys(census: Census) -> list[str]:
    """Labels of namespaces whose name says that their values part tenants or environments, and that have several."""
    values: dict[str, set[str]] = {}
    for labels in census.cluster.namespaces.values():
        for key, value in (labels or {}).items():
            if key.rpartition("/")[2] in _TENANT_WORDS:
                values.setdefault(key, set()).add(value)
    return sorted(key for key, found in values.items() if len(found) > 1)


def _tenants(census: Census, world: World, key: str) -> Plan:
    plain = Claim(Isolate(by=IsolateBy(namespace_label=key)))
    claims = [plain]
    for ends in (True, False):
        doors = _doors(census, world, key, both_ends=ends)
        claim = Claim(Isolate(by=IsolateBy(namespace_label=key), except_=doors or None))
        if 0 < len(doors) <= _MOST_DOORS and writable(claim, world):
            claims.append(claim)
            break

    def settle(outcomes: Sequence[Outcome]) -> list[Proposal]:
        name = f"apart-by-{key.rpartition('/')[2].lower()}"
        text = f"Pods of namespaces with different values of {key} never talk"
        for claim, outcome in zip(claims, outcomes, strict=True):
            if outcome.holds:
                said = f"{text}." if claim is plain else f"{text}, but for the doors that policies name."
                return [Proposal(name, SECTION, "critical", said, claim, outcome.width, outcome)]
        return [Proposal(name, SECTION, "critical", f"{text}.", plain, None, outcomes[0])]

    return Plan(claims, settle)


def _doors(census: Census, world: World, key: str, *, both_ends: bool) -> list[Exception_]:
    """What rules admit between namespaces with different values of a label; ``both_ends``: to or from the policy's own
    pods, else to or from anybody."""
    found: list[Exception_] = []
    for namespace in census.namespaces:
        own = (census.cluster.namespaces[namespace] or {}).get(key)
        for direction in DIRECTIONS:
            for policy in census.policies(namespace, direction):
                subject = group_of_workloads(Workloads(namespace, policy.subject.pod_selector or ()))
                near = subject if both_ends else None
                for rule in policy.rules:
                    others = [peer for peer in rule.peers or () if _crosses(peer, namespace, key, own)]
                    groups = [ANYONE] if rule.peers is None else [group_of_peer(peer, world) for peer in others]
                    for far in groups:
                        ends = (far, near) if direction == "ingress" else (near, far)
                        door = Exception_(from_=ends[0], to=ends[1], ports=ports_written(rule.ports))
                        found += [door] if door not in found else []
    return found


def _crosses(peer: Peer, namespace: str, key: str, own: str | None) -> bool:
    """May the peer's pods be in a namespace with another value of the label?"""
    if not isinstance(peer, PodPeer) or peer.namespace == namespace:
        return False
    same = Requirement(key, "In", () if own is None else (own,))
    return own is None or not implies(peer.namespace_selector or (), (same,))


def _elsewhere(peer: Peer, namespace: str) -> bool:
    return isinstance(peer, PodPeer) and peer.namespace != namespace


# Namespaces that keep to themselves


def _to_themselves(census: Census, sets: NamespaceSets, world: World) -> Plan:
    """That no pod is reached from another namespace, save by those whom many policies admit, wherever rules say so."""
    crossing = {name: _admitted(census, name) for name in census.own}
    closed = {name: peers for name, peers in crossing.items() if peers is not None}
    counted = Counter(peer for peers in closed.values() for peer in peers)
    least = max(2, len(census.own) * _SHARED_PERCENT // 100)
    often = [(peer, count) for peer, count in counted.items() if count >= least]
    shared = [peer for peer, _ in sorted(often, key=lambda item: (-item[1], str(item[0])))]
    private = sorted(name for name, peers in closed.items() if peers <= set(shared))
    if len(private) < 2:
        return Plan((), lambda _: [])
    rest = [name for name in census.namespaces if name not in set(private)]
    doors = [Exception_(from_=group_of_peer(peer, world)) for peer in shared]
    if rest:
        doors.append(Exception_(to=sets.group(rest, Width("open", "open"))[0]))
    claim = Claim(Isolate(by=IsolateBy(namespace_label=NAME_LABEL), except_=doors or None))
    if not writable(claim, world):
        return Plan((), lambda _: [])

    def settle(outcomes: Sequence[Outcome]) -> list[Proposal]:
        outcome = outcomes[0]
        if not outcome.holds:
            return []
        text = f"{len(private)} namespaces are reached from nowhere else, but for the callers that most policies name."
        return [Proposal("namespaces-keep-to-themselves", SECTION, "high", text, claim, outcome.width, outcome)]

    return Plan([claim], settle)


def _admitted(census: Census, name: str) -> frozenset[PodPeer] | None:
    """The pods of other namespaces that the ingress policies of a namespace name; None where it is open to others."""
    policies = census.policies(name, "ingress")
    if not any(not policy.subject.pod_selector for policy in policies):
        return None
    found: set[PodPeer] = set()
    for rule in (rule for policy in policies for rule in policy.rules):
        for peer in rule.peers or (None,):
            if not isinstance(peer, PodPeer):
                return None
            if _elsewhere(peer, name):
                found.add(peer)
    return frozenset(found)
