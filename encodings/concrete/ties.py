"""Policies of one tier and one priority: which of them matter for a connection, and the orders they may stand in.

Source: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go (Priority): of policies with one
priority that could match a connection, any may be applied. Here one cluster has one order, for both ends. Trusts the
tiers for what a policy does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations, product
from math import factorial

from .adminpeers import Surroundings
from .adminpolicy import Action, AdminPolicy
from .evidence import Direction
from .tiers import actions_of
from .traffic import Traffic

DIRECTIONS: tuple[Direction, ...] = ("egress", "ingress")
MOST_ORDERS = 720
"""So many orders are tried at most."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Tied policies that do different things to a connection, by their references in declared order.

    ``orders``: every order that may make a difference.
    """

    members: tuple[str, ...]
    orders: tuple[tuple[str, ...], ...]

    @property
    def title(self) -> str:
        """``order of ClusterNetworkPolicy/a and ClusterNetworkPolicy/b``."""
        return f"order of {', '.join(self.members[:-1])} and {self.members[-1]}"


@dataclass(frozen=True, slots=True)
class _Like:
    """Tied policies that do surely the same to a connection: among themselves their order does not matter."""

    policies: tuple[AdminPolicy, ...]

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(policy.reference for policy in self.policies)


def ties_of(tier: Sequence[AdminPolicy], traffic: Traffic, around: Surroundings) -> tuple[Tie, ...]:
    """The ties of one tier, declared in this order, that may matter for the connection.

    ``orders`` is empty for one that has more than can be tried. What a policy does hangs on no reading.
    """
    return tuple(
        tie
        for group in _tied(tier)
        if (acting := _acting(group, traffic, around))
        for part in _tied(tuple(acting))
        if (tie := _tie(part, acting)) is not None
    )


def _tied(tier: Sequence[AdminPolicy]) -> Iterator[tuple[AdminPolicy, ...]]:
    """The policies that are tied with one another, two or more; with a policy without a priority
    (BaselineAdminNetworkPolicy) among them, that is the whole tier."""
    if any(policy.priority is None for policy in tier):
        groups = [tuple(tier)]
    else:
        priorities = sorted({policy.priority for policy in tier if policy.priority is not None})
        groups = [tuple(policy for policy in tier if policy.priority == each) for each in priorities]
    yield from (group for group in groups if len(group) > 1)


_Actions = tuple[frozenset[Action | None], ...]
"""What a policy may do to a connection, in each direction."""
_NOTHING: _Actions = (frozenset((None,)), frozenset((None,)))


def _acting(group: Sequence[AdminPolicy], traffic: Traffic, around: Surroundings) -> dict[AdminPolicy, _Actions]:
    """The policies that may do something to the connection."""
    found = {
        policy: tuple(actions_of(policy, direction, traffic, around) for direction in DIRECTIONS) for policy in group
    }
    return {policy: actions for policy, actions in found.items() if actions != _NOTHING}


def _tie(group: Sequence[AdminPolicy], acting: Mapping[AdminPolicy, _Actions]) -> Tie | None:
    if not any(_differ([acting[policy][place] for policy in group]) for place in range(len(DIRECTIONS))):
        return None
    kinds: dict[object, list[AdminPolicy]] = {}
    for policy in group:
        sure = all(len(found) == 1 for found in acting[policy])
        kinds.setdefault((policy.priority, acting[policy] if sure else policy.reference), []).append(policy)
    likes = [_Like(tuple(policies)) for policies in kinds.values()]
    members = tuple(policy.reference for policy in group)
    return Tie(members, tuple(_orders(likes)) if _count(likes) <= MOST_ORDERS else ())


def _differ(found: Iterable[frozenset[Action | None]]) -> bool:
    """Whether two policies may do different things in a direction."""
    acting = [actions for each in found if (actions := each - {None})]
    return len(acting) > 1 and len(frozenset[Action | None]().union(*acting)) > 1


def _blocks(likes: Sequence[_Like]) -> tuple[list[list[_Like]], list[_Like]]:
    """Those with a priority in blocks of one each, ascending; and those without."""
    placed = [like for like in likes if like.policies[0].priority is not None]
    placed.sort(key=_priority)
    return [list(block) for _, block in groupby(placed, _priority)], [
        like for like in likes if like.policies[0].priority is None
    ]


def _priority(like: _Like) -> int:
    priority = like.policies[0].priority
    return -1 if priority is None else priority


def _count(likes: Sequence[_Like]) -> int:
    blocks, free = _blocks(likes)
    count, length = 1, 0
    for block in blocks:
        count, length = count * factorial(len(block)), length + len(block)
    for _ in free:
        length += 1
        count *= length
    return count


def _orders(likes: Sequence[_Like]) -> Iterator[tuple[str, ...]]:
    """Every order that keeps to the priorities; first those as declared, with what has no priority at the end."""
    blocks, free = _blocks(likes)
    for chosen in product(*(permutations(block) for block in blocks)):
        for order in _inserted([like for block in chosen for like in block], free):
            yield tuple(reference for like in order for reference in like.references)


def _inserted(order: list[_Like], free: Sequence[_Like]) -> Iterator[list[_Like]]:
    """The order with those that have no priority at any place."""
    if not free:
        yield order
        return
    for place in reversed(range(len(order) + 1)):
        yield from _inserted([*order[:place], free[0], *order[place:]], free[1:])
