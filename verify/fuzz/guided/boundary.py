"""A boundary of policies as data: where it lies, and on each of its sides a mutant that treats that side otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .forms import Mutant, Policy, TierPolicy, replaced

SideName = Literal["inside", "outside"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side: ``inside`` is what the policies mean to include. A connection that the policies and the ``mutant``
    answer differently lies on this side, at the boundary."""

    name: SideName
    mutant: Mutant


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place at which policies can be misunderstood.

    ``id`` says where it is and is the same whenever the policies are; ``text`` says what is tried there. A boundary has
    one side where nothing can lie on the other. ``within`` is the boundary of the rule that it is a part of: a
    connection that tells the policies from a part's mutant also tells them from the rule's.
    """

    id: str
    text: str
    sides: tuple[Side, ...]
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """The policies that stand unchanged around a mutated one."""

    policies: tuple[Policy, ...]
    tiers: tuple[TierPolicy, ...]

    def without(self, number: int) -> Mutant:
        """One policy selects nothing."""
        policy = self.policies[number]
        return self.having(number, replace(policy, subject=replace(policy.subject, namespace="")))

    def having(self, number: int, policy: Policy) -> Mutant:
        """One policy is another."""
        return Mutant(replaced(self.policies, number, policy), self.tiers)

    def adding(self, policy: Policy) -> Mutant:
        """There is one policy more."""
        return Mutant((*self.policies, policy), self.tiers)

    def having_tier(self, number: int, policy: TierPolicy) -> Mutant:
        """One cluster-wide policy is another."""
        return Mutant(self.policies, replaced(self.tiers, number, policy))


def inside(mutant: Mutant) -> Side:
    """The side that is included."""
    return Side("inside", mutant)


def outside(mutant: Mutant) -> Side:
    """The side that is not."""
    return Side("outside", mutant)
