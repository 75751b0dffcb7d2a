"""What the Admin tier says of one connection at one end, before any NetworkPolicy is asked.

Source: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go (Tier). Trusts the policies for
matches. Knowledge may lack, so there may be several answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from .adminpolicy import Action
from .evaluator import Cluster
from .evidence import Direction, Reason
from .tiers import matches_of
from .traffic import Traffic

ANYTHING: frozenset[Action] = frozenset(("allow", "deny", "pass"))
DENIED: frozenset[Action] = frozenset(("deny",))


@dataclass(frozen=True, slots=True)
class Settled:
    """``said``: the actions of the rules that may be the first to match, "pass" also for none that matches; without the
    first one of them nothing can be said. ``because``: the rule that surely is the first, if there is one."""

    direction: Direction
    said: frozenset[Action]
    because: tuple[Reason, ...]

    @property
    def denied(self) -> bool:
        """It is surely denied."""
        return self.said == DENIED

    @property
    def left(self) -> bool:
        """It is left to NetworkPolicies, or may be."""
        return "pass" in self.said


def settled(cluster: Cluster, direction: Direction, traffic: Traffic) -> Settled | None:
    """What is settled at the end that the direction governs; None if no policy governs it. What is not modelled may say
    anything, or nothing."""
    subject = traffic.subject(direction)
    if not traffic.is_pod(subject):
        return None
    policies, _ = cluster.tiers(traffic.reading)
    matches = matches_of(policies, direction, traffic, cluster.around)
    sure = len(matches) == 1 and matches[0].truth.value is True
    because = (matches[0].policy.reason(direction, matches[0].rule),) if sure else ()
    if any(item.governs(subject.namespace, direction) for item in cluster.unmodelled):
        return Settled(direction, ANYTHING, because)
    said: set[Action] = {match.rule.action for match in matches}
    if not matches or matches[-1].truth.value is not True:
        said.add("pass")
    return Settled(direction, frozenset(said), because)
