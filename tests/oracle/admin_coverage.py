"""What drawn clusters with cluster-wide policies exercise, counted and printed.

Every counter counts clusters in which something occurs: in what is written, in random connections of its open world
that are walked through the tiers one by one, or in what two readings of all connections make of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from netpol_verify.encodings.manifests import Manifests

from .admin import AdminPolicy
from .admin_forms import IN_OBJECTS, in_objects, peer_forms, port_forms
from .bruteforce import DECLARED_NAMESPACES, question, world_of
from .flows import Ends, Flows, flows_of
from .policies import DIRECTIONS, Direction
from .properties import loaded
from .raw import Raw, mapping, sequence
from .readings import HostNetwork, Reading, goes_first, readings_of
from .tiers import Answer, Case
from .walks import places_of, walks
from .world import Setting, World, selects

WALKS = 60
STAGES = ("Admin", "NetworkPolicy", "Baseline", "default")
SHADOWED = tuple(
    f"{first} before {second} {where}"
    for first, second in (("accept", "deny"), ("deny", "accept"), ("pass", "deny"), ("pass", "accept"))
    for where in ("in one policy", "over policies")
)
PEERS = ("namespaces", "pods", "networks", "nodes", "domainNames", "wildcard")
ENDS = ("a pod", "an address", "a declared node", "another node", "a pod in the host's network")
PORTS = ("absent", "number", "range", "name")
EXPECTED = (
    *IN_OBJECTS,
    *(f"decided by {stage}: {answer}" for stage in STAGES[:3] for answer in ("allowed", "denied")),
    "decided by default: allowed",
    *(f"Admin pass, then {stage}" for stage in STAGES[1:]),
    "Baseline pass",
    "Admin pass, then Baseline pass",
    *SHADOWED,
    *(f"decides: peer {form}" for form in PEERS),
    *(f"decides: networks on {end}" for end in ENDS),
    *(f"decides: nodes on {end}" for end in ENDS[2:]),
    *(f"decides: port {form} of {version}" for form in PORTS for version in ("v1alpha1", "v1alpha2")),
    "decides: on IPv6",
    "a NetworkPolicy of the other direction alone, and a Baseline rule",
    "a NetworkPolicy decides about a pod in the host's network",
    "a tie of the Admin tier decides",
    "a tie of Baseline ClusterNetworkPolicies decides",
    "a tie with the BaselineAdminNetworkPolicy decides",
    "a tie that decides nothing",
    "the reading of baselineHiddenBy decides",
    "the reading of ipBlock decides",
    "the meaning of domain names decides",
)


@dataclass
class AdminCoverage:
    """Counters over the clusters seen so far."""

    seen: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    allowed: int = 0
    asked: int = 0

    def add(self, manifests: Manifests, world: Raw, chance: Random) -> None:
        """Count one cluster, in a world."""
        self.seen += 1
        found = set(in_objects(manifests))
        for host in ("excluded", "ordinary"):
            found |= set(self._in_connections(manifests, world, chance, host))
        unknown = found - set(EXPECTED)
        if unknown:
            raise ValueError(f"not a counter: {sorted(unknown)}")
        self.counts.update(found)

    @property
    def share(self) -> float:
        """The share of the connections walked, over all clusters, that are allowed."""
        return self.allowed / self.asked if self.asked else 0.0

    def table(self) -> str:
        """All counters, one a line."""
        lines = [f"{self.counts[name]:6d}  {name}" for name in EXPECTED]
        return "\n".join([f"{self.seen:6d}  clusters", f"{self.share:6.1%}  of connections allowed", *lines])

    def below(self, least: int) -> dict[str, int]:
        """The counters that stay below ``least``."""
        return {name: self.counts[name] for name in EXPECTED if self.counts[name] < least}

    def _in_connections(self, manifests: Manifests, raw: Raw, chance: Random, host: HostNetwork) -> Iterator[str]:
        anyone = {"from": {"any": True}, "to": [{"any": True}, {"node": True}]}
        semantics = {"baselineHiddenBy": "either", "hostNetworkPods": host}
        prop = loaded("never", anyone, raw, semantics)
        setting, verbs = question(manifests, prop, host)
        world = world_of(setting, verbs, DECLARED_NAMESPACES)
        readings = readings_of(prop.semantics, setting.admin, any(policy.blocks for policy in setting.policies))
        for case, _, _ in walks(setting, places_of(world), world.connections, readings, chance=chance, count=WALKS):
            self.asked += 1
            self.allowed += case.allowed()
            for direction in DIRECTIONS:
                yield from _in_side(manifests, case, direction)
        if host == "excluded":
            yield from _in_readings(setting, world, readings)


def _in_side(manifests: Manifests, case: Case, direction: Direction) -> Iterator[str]:
    answer = case.side(direction)
    subject = case.source if direction == "egress" else case.destination
    if answer.stage == "unrestricted" or subject.pod is None:
        return
    yield f"decided by {answer.stage}: {'allowed' if answer.passes else 'denied'}"
    if "Admin" in answer.passed:
        yield f"Admin pass, then {answer.stage}"
    if "Baseline" in answer.passed:
        yield "Baseline pass"
        if "Admin" in answer.passed:
            yield "Admin pass, then Baseline pass"
    if answer.stage == "NetworkPolicy" and subject.pod.host_network:
        yield "a NetworkPolicy decides about a pod in the host's network"
    selecting = [policy for policy in case.setting.policies if selects(policy, subject.pod)]
    baseline = case.matching("Baseline", direction)
    if selecting and baseline and not any(direction in policy.rules for policy in selecting):
        yield "a NetworkPolicy of the other direction alone, and a Baseline rule"
    for tier in ("Admin", "Baseline"):
        for one, other in pairwise(case.matching(tier, direction)):
            name = f"{one[2]} before {other[2]} {'in one policy' if one[0] == other[0] else 'over policies'}"
            if name in SHADOWED:
                yield name
    if answer.policy is not None:
        yield from _in_decision(manifests, case, direction, answer)


def _in_decision(manifests: Manifests, case: Case, direction: Direction, answer: Answer) -> Iterator[str]:
    """What the rule that decides is made of, and where it meets the other end."""
    kind, _, name = (answer.policy or "").partition("/")
    written = next(item for item in manifests.modelled if (item.kind, item.name) == (kind, name))
    raw: Raw = sequence(mapping(written.fields, "spec"), direction)[answer.rule or 0]
    policy = next(each for each in case.setting.admin if each.reference == answer.policy)
    rule = policy.rules[direction][answer.rule or 0]
    other = case.destination if direction == "egress" else case.source
    if other.kind == "external":
        where = "an address"
    elif other.pod is not None:
        where = "a pod in the host's network" if other.pod.host_network else "a pod"
    else:
        where = "a declared node" if other.node_name else "another node"
    for peer, form in zip(rule.peers, peer_forms(raw, direction), strict=True):
        if case.is_peer(peer, direction):
            yield f"decides: peer {form}"
            if form in ("networks", "nodes"):
                yield f"decides: {form} on {where}"
    version = "v1alpha2" if kind == "ClusterNetworkPolicy" else "v1alpha1"
    for form in port_forms(raw):
        yield f"decides: port {form} of {version}"
    if case.source.family == "IPv6":
        yield "decides: on IPv6"


def _in_readings(setting: Setting, world: World, readings: Sequence[Reading]) -> Iterator[str]:
    """Which choices make a difference to some connection."""
    differ = set[str]()
    for endpoints in world.endpoints.values():
        ends = Ends(endpoints, world.port_names)
        by_reading = flows_of(setting, ends, readings)
        first = by_reading[readings[0]]
        for other in readings[1:]:
            changed = {
                name
                for name, one, two in (
                    ("order", readings[0].order, other.order),
                    ("the reading of baselineHiddenBy decides", readings[0].hidden_by, other.hidden_by),
                    ("the reading of ipBlock decides", readings[0].blocks_match_pods, other.blocks_match_pods),
                )
                if one != two
            }
            if len(changed) == 1 and _apart(first[0][1], by_reading[other][0][1], world):
                (name,) = changed
                differ |= {_tie(setting, readings[0], other)} if name == "order" else {name}
        if len(first) > 1 and _apart(first[0][1], first[-1][1], world):
            differ.add("the meaning of domain names decides")
    ties = {name for name in differ if name.startswith("a tie")}
    if _tied(setting.admin) and not ties:
        yield "a tie that decides nothing"
    yield from differ


def _apart(one: Flows, other: Flows, world: World) -> bool:
    known = set[Hashable]()
    for source in one.ends.sources:
        ways, partners = (one.way(source), other.way(source)), one.ends.partners(source)
        sight = (ways, one.seen(source), other.seen(source), partners)
        if ways[0] == ways[1] or sight in known:
            continue
        known.add(sight)
        for connection in world.connections:
            if (one.through(source, connection) ^ other.through(source, connection)) & partners:
                return True
    return False


def _tied(policies: Sequence[AdminPolicy]) -> bool:
    return any(
        one is not other and one.tier == other.tier and not goes_first(one, other) and not goes_first(other, one)
        for one in policies
        for other in policies
    )


def _tie(setting: Setting, one: Reading, other: Reading) -> str:
    """Which tie two orders differ in: the first place that has another policy."""
    names = next(pair for pair in zip(one.order, other.order, strict=True) if pair[0] != pair[1])
    policies = [policy for policy in setting.admin if policy.reference in names]
    if policies[0].tier == "Admin":
        return "a tie of the Admin tier decides"
    if any(policy.priority is None for policy in policies):
        return "a tie with the BaselineAdminNetworkPolicy decides"
    return "a tie of Baseline ClusterNetworkPolicies decides"
