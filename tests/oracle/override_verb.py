"""`cannotOverride` for the oracle, by trying NetworkPolicies: those that exist do not count, any others may.

Contract: "whatever NetworkPolicies exist, also none: `closed`: an Admin rule denies it at one end that is a pod;
`open`: Admin rules accept it at every end that is a pod; `any`: one of the two". Here the outcome itself is looked at,
under every set of NetworkPolicies that leaves alone, opens or shuts all pods of all namespaces in either direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Literal

from .endpoints import Endpoint
from .flows import Connection, Ends, Flows
from .groups import Elements
from .labels import EVERYTHING
from .policies import DIRECTIONS, Direction, Policy, PortEntry, Rule
from .verb import Verb, holds

Change = Literal["none", "allow", "deny"]
CHANGES: tuple[Change, ...] = ("none", "allow", "deny")
OverrideOutcome = Literal["closed", "open", "any"]
RULES: dict[Change, tuple[Rule, ...]] = {"allow": (Rule(None, None),), "deny": ()}


def sweeping_policies(namespaces: Iterable[str]) -> Iterator[tuple[Policy, ...]]:
    """Sets of NetworkPolicies that treat all pods of these namespaces alike: each combination of nothing, a policy that
    allows everything and one that allows nothing, for ingress and egress."""
    spaces = sorted(set(namespaces))
    for both in product(CHANGES, repeat=len(DIRECTIONS)):
        rules: dict[Direction, tuple[Rule, ...]] = {
            direction: RULES[change] for direction, change in zip(DIRECTIONS, both, strict=True) if change != "none"
        }
        yield tuple(Policy(f"{name}/sweeping", name, EVERYTHING, rules, (EVERYTHING,)) for name in spaces if rules)


@dataclass(frozen=True, eq=False)
class OverrideVerb(Verb):
    """Connections of F×T×Q that some set of NetworkPolicies opens, or shuts."""

    sources: Elements
    destinations: Elements
    ports: tuple[PortEntry, ...] | None
    outcome: OverrideOutcome

    @property
    def required(self) -> Elements:
        return (*self.sources, *self.destinations)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        return self.ports or ()

    def hypothesis(self, ends: Ends, source: Endpoint, connection: Connection) -> int:
        if not holds(self.sources, source):
            return 0
        return ends.among(self.destinations) & ends.at_ports(self.ports, connection)

    def violated(self, flows: Flows, source: Endpoint, connection: Connection, among: int) -> int:
        opened, shut = 0, 0
        for each in _changed(flows, flows.free_allows):
            opened |= each.through(source, connection)
        # What is unmodelled need not decide: then it leaves to NetworkPolicies whether it allows or refuses.
        for each in _changed(flows, flows.free_allows and self.outcome != "any"):
            shut |= ~each.through(source, connection)
        changed = {"closed": opened, "open": shut, "any": opened & shut}
        return among & changed[self.outcome]


@lru_cache(maxsize=256)
def _changed(flows: Flows, free_allows: bool) -> tuple[Flows, ...]:
    """The same, with other NetworkPolicies instead of those that exist, and what is unmodelled as it is said."""
    namespaces = {end.pod.namespace.name for end in flows.ends.sources if end.pod is not None}
    return tuple(
        Flows(
            replace(flows.setting, policies=policies),
            flows.ends,
            blocks_match_pods=flows.blocks_match_pods,
            free_allows=free_allows,
            reading=flows.reading,
            tiers=flows.tiers,
            meaning=flows.meaning,
        )
        for policies in sweeping_policies(namespaces)
    )
