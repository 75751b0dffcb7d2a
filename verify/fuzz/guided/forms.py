"""Policies in a form in which a single point of their meaning can be moved.

It is the intermediate form (``encodings/policy.py``) of NetworkPolicies with requirements as sets of values, so that
"``In (a)``, and the absent label too" can be said as well. Mutants of this form are what a proposed flow tells from the
policies. Everything is plain data; terms are made of it in ``meaning``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from ....encodings.addresses import FAMILIES, Family, Network
from ....encodings.policy import (
    Action,
    BlockPeer,
    DirectedPolicy,
    Direction,
    NamedPort,
    NetworkPeer,
    PodPeer,
    PortMatch,
    Priority,
    Protocol,
)
from ....encodings.policy import Peer as PolicyPeer
from ....encodings.policy import Rule as PolicyRule
from ....encodings.selectors import Requirement

_Item = TypeVar("_Item")
Scope = Literal["pod", "namespace"]


@dataclass(frozen=True, slots=True)
class Labels:
    """A requirement on ``key``: an absent key meets it iff ``absent``; a value does iff it is ``listed``, the other way
    round with ``others``."""

    key: str
    listed: tuple[str, ...]
    others: bool
    absent: bool

    def holds(self, value: str | None) -> bool:
        """Does this value, or absence (None), meet the requirement?"""
        return self.absent if value is None else (value in self.listed) != self.others

    def flipped(self, value: str | None) -> Labels:
        """The same, but for this value, or for absence (None)."""
        if value is None:
            return replace(self, absent=not self.absent)
        return replace(self, listed=tuple(sorted({*self.listed} ^ {value})))

    def always(self, truth: bool) -> Labels:
        """Met by every label, or by none."""
        return Labels(self.key, (), truth, truth)


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods in ``namespace`` (None: any), or, with ``elsewhere``, in every other one, whose namespace's labels and own
    labels meet all requirements. Those in ``labelled`` must have some label; with ``family`` the connection must be of
    that family."""

    namespace: str | None = None
    namespace_labels: tuple[Labels, ...] = ()
    labels: tuple[Labels, ...] = ()
    elsewhere: bool = False
    labelled: tuple[Scope, ...] = ()
    family: Family | None = None


@dataclass(frozen=True, slots=True)
class Blocks:
    """Addresses in one of ``networks`` and none of ``excepts``; those of pods as the ``reading`` of ipBlock says,
    ``always`` or ``never``; with ``any_family`` any address of a pod, not only the one that the connection uses."""

    networks: tuple[Network, ...]
    excepts: tuple[Network, ...] = ()
    pods: Literal["reading", "always", "never"] = "reading"
    any_family: bool = False


Peer = Pods | Blocks
NOBODY = Blocks(())
"""A peer that is never met."""
EVERY_POD = Pods()
EVERY_ADDRESS = Blocks(tuple(Network(family, 0, 0) for family in FAMILIES), pods="never")
"""All addresses outside the cluster."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Ports ``first`` to ``last`` of ``protocol``."""

    protocol: Protocol
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Named:
    """Connections of ``protocol`` to the number under which the destination declares ``name`` for the protocol
    ``declared``; or, ``elsewhere``, to any number if it declares the name at another; ``besides`` is a number at which
    it does not count."""

    protocol: Protocol
    name: str
    declared: Protocol
    elsewhere: bool = False
    besides: int | None = None


Port = Numbers | Named
NO_PORT = Numbers("TCP", 0, 0)
"""A port entry that is never met."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Allows what one of its peers and one of its ports meets; None: any."""

    peers: tuple[Peer, ...] | None
    ports: tuple[Port, ...] | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What one policy says of one direction. ``denies``: peers that are refused, whatever allows them."""

    reference: str
    direction: Direction
    subject: Pods
    rules: tuple[Rule, ...]
    denies: tuple[Blocks, ...] = ()

    def with_rule(self, number: int, rule: Rule) -> Policy:
        """The same with one rule replaced."""
        return replace(self, rules=replaced(self.rules, number, rule))

    @property
    def matches(self) -> tuple[Rule, ...]:
        """What its rules match."""
        return self.rules


TierName = Literal["Admin", "Baseline"]


@dataclass(frozen=True, slots=True)
class TierRule:
    """Does ``action`` to what ``match`` matches, if no rule before it does."""

    action: Action
    match: Rule


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """What one cluster-wide policy says of one direction; the first of its ``rules`` that matches counts."""

    reference: str
    direction: Direction
    tier: TierName
    priority: Priority
    subject: Pods
    rules: tuple[TierRule, ...]

    def with_rule(self, number: int, rule: TierRule) -> TierPolicy:
        """The same with one rule replaced."""
        return replace(self, rules=replaced(self.rules, number, rule))

    @property
    def matches(self) -> tuple[Rule, ...]:
        """What its rules match."""
        return tuple(rule.match for rule in self.rules)


NO_RULE = Rule((), None)
"""A rule that never matches."""

Traffic = Literal[
    "IPv6",
    "UDP",
    "SCTP",
    "traffic from outside",
    "traffic to outside",
    "traffic between pods",
    "traffic inside a namespace",
]


@dataclass(frozen=True, slots=True)
class Mutant:
    """Policies that may mean something else than those given; ``tiers`` are cluster-wide ones, by precedence.

    ``union``: a selected pod's traffic needs a rule of ``any`` policy that selects it, of ``all`` of them, of the
    ``first`` or of the ``last``. ``either_end``: of two pods, one must allow. ``enough``: an allowing
    rule of this direction. ``both_ways``: a connection is also
    allowed if the opposite one is. ``passes`` and ``refuses``: traffic that no policy governs, or that none lets
    through.
    """

    policies: tuple[Policy, ...]
    tiers: tuple[TierPolicy, ...] = ()
    union: Literal["any", "all", "first", "last"] = "any"
    either_end: bool = False
    enough: Direction | None = None
    both_ways: bool = False
    passes: Traffic | None = None
    refuses: Traffic | None = None


def form_of(policy: DirectedPolicy) -> Policy:
    """A directed policy of the intermediate form."""
    rules = tuple(_rule(rule) for rule in policy.rules)
    return Policy(policy.reference, policy.direction, _pods(policy.subject), rules)


def tier_form_of(policy: DirectedPolicy, tier: TierName) -> TierPolicy:
    """A directed policy of a tier. Nodes and domain names, of which flows between pods and addresses tell nothing for
    sure, are peers that are never met."""
    rules = tuple(TierRule(rule.action, _rule(rule)) for rule in policy.rules)
    return TierPolicy(policy.reference, policy.direction, tier, policy.priority, _pods(policy.subject), rules)


def replaced(items: tuple[_Item, ...], number: int, item: _Item) -> tuple[_Item, ...]:
    """The items with one of them replaced."""
    return (*items[:number], item, *items[number + 1 :])


def blocks_of(policies: Iterable[Policy | TierPolicy]) -> tuple[Blocks, ...]:
    """All blocks of the policies with their exceptions, in order, each once."""
    peers = (peer for policy in policies for rule in policy.matches for peer in rule.peers or ())
    return tuple(dict.fromkeys(peer for peer in peers if isinstance(peer, Blocks) and peer.networks))


def ports_of(policies: Iterable[Policy | TierPolicy]) -> tuple[Port, ...]:
    """All port entries of the policies, in order, each once."""
    found = (port for policy in policies for rule in policy.matches for port in rule.ports or ())
    return tuple(dict.fromkeys(found))


def may_share(labels: Iterable[Labels]) -> bool:
    """Can one pod meet all the requirements?"""
    by_key: dict[str, list[Labels]] = {}
    for each in labels:
        by_key.setdefault(each.key, []).append(each)
    return all(_some_value_meets(requirements) for requirements in by_key.values())


def _some_value_meets(requirements: list[Labels]) -> bool:
    mentioned = [value for each in requirements for value in each.listed]
    other = "".join(mentioned) + "-"  # a value that none of them lists
    return any(all(each.holds(value) for each in requirements) for value in (None, other, *mentioned))


def _rule(rule: PolicyRule) -> Rule:
    return Rule(
        None if rule.peers is None else tuple(_peer(peer) for peer in rule.peers),
        None if rule.ports is None else tuple(_port(port) for port in rule.ports),
    )


def _peer(peer: PolicyPeer) -> Peer:
    if isinstance(peer, BlockPeer):
        return Blocks((peer.network,), peer.excepts)
    if isinstance(peer, NetworkPeer):
        return Blocks((peer.network,), pods="always")
    return _pods(peer) if isinstance(peer, PodPeer) else NOBODY


def _pods(peer: PodPeer) -> Pods:
    return Pods(
        peer.namespace,
        tuple(_labels(requirement) for requirement in peer.namespace_selector or ()),
        tuple(_labels(requirement) for requirement in peer.pod_selector or ()),
    )


def _labels(requirement: Requirement) -> Labels:
    negative = requirement.operator in ("NotIn", "DoesNotExist")
    listed = tuple(sorted(set(requirement.values)))
    if requirement.operator in ("In", "NotIn"):
        return Labels(requirement.key, listed, others=negative, absent=negative)
    return Labels(requirement.key, (), others=not negative, absent=negative)


def _port(port: PortMatch) -> Port:
    if isinstance(port, NamedPort):
        return Named(port.protocol, port.name, port.protocol)
    return Numbers(port.protocol, port.first, port.last)
