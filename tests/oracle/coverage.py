"""What the drawn clusters exercise, counted and printed: a differential test is worth what its draws reach.

Every counter but the last two counts clusters in which something occurs in a rule that counts (the rule's direction is
among the policy's types). Run as a test; nothing here judges the product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject

from .bruteforce import DECLARED_NAMESPACES, question, world_of
from .flows import Ends, Flows
from .labels import Selector
from .policies import Policy, PortEntry, Rule, policies_of
from .properties import loaded
from .raw import Raw, mapping, sequence
from .workloads import Declared, declared_workloads

SHAPES = ("pods", "namespaces", "both", "block")
STATES = ("absent", "null", "empty", "filled")
LISTS = ("from", "to", "ports", "ingress", "egress", "policyTypes")
OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
EXPECTED = (
    *(f"{operator} on {key} key" for operator in OPERATORS for key in ("a present", "an absent")),
    "matchLabels with the empty value",
    "requirements that contradict each other",
    *(f"peer: {shape}" for shape in SHAPES),
    "peer: every namespace",
    *(f"{name}: {state}" for name in LISTS for state in STATES),
    "null rule",
    "ports: [{}] or [null]",
    "port: a protocol alone",
    "port: a range of one",
    "port: a declared port on a range's edge",
    "port: a declared port beside a range",
    "named port: right protocol",
    "named port: wrong protocol",
    "named port: nobody declares it",
    "egress: [] without policyTypes",
    "rules in a direction that is not governed",
    "except",
    "block: IPv6",
    "block: host bits",
    "block: IPv4-mapped",
    "several policies on one pod",
    "no spec, or an empty one",
    "hostNetwork",
    "known address",
    "namespace only named",
    "unmodelled policy",
    "a hypothetical destination's named port decides",
    "the reading of ipBlock decides",
)


@dataclass
class Coverage:
    """Counters over the clusters seen so far."""

    seen: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    allowed: int = 0
    asked: int = 0

    def add(self, manifests: Manifests) -> None:
        """Count one cluster."""
        self.seen += 1
        found = set(_in_manifests(manifests)) | set(_in_policies(manifests))
        found |= set(self._in_flows(manifests))
        unknown = found - set(EXPECTED)
        if unknown:
            raise ValueError(f"not a counter: {sorted(unknown)}")
        self.counts.update(found)

    @property
    def share(self) -> float:
        """The share of connections, over all clusters, that are allowed."""
        return self.allowed / self.asked if self.asked else 0.0

    def table(self) -> str:
        """All counters, one a line."""
        lines = [f"{self.counts[name]:6d}  {name}" for name in EXPECTED]
        return "\n".join([f"{self.seen:6d}  clusters", f"{self.share:6.1%}  of connections allowed", *lines])

    def below(self, least: int) -> dict[str, int]:
        """The counters that stay below ``least``."""
        return {name: self.counts[name] for name in EXPECTED if self.counts[name] < least}

    def _in_flows(self, manifests: Manifests) -> Iterator[str]:
        """Decide everything between anyone, in the declared namespaces."""
        anyone = {"any": True}
        setting, verbs = question(manifests, loaded("never", {"from": anyone, "to": anyone}))
        world = world_of(setting, verbs, DECLARED_NAMESPACES)
        for endpoints in world.endpoints.values():
            ends = Ends(endpoints, world.port_names)
            flows = [Flows(setting, ends, blocks_match_pods=reading, free_allows=True) for reading in (True, False)]
            for source in ends.sources:
                partners = ends.partners(source)
                for connection in world.connections:
                    rows = [each.through(source, connection) & partners for each in flows]
                    self.asked += partners.bit_count()
                    self.allowed += rows[0].bit_count()
                    if rows[0] != rows[1]:
                        yield "the reading of ipBlock decides"
                    if _name_decides(ends, rows[0], partners):
                        yield "a hypothetical destination's named port decides"


def _name_decides(ends: Ends, row: int, partners: int) -> bool:
    """Whether of one hypothetical pod's variants some are reached and some are not."""
    return any(0 != row & bits != bits & partners for bits in ends.variants)


def _in_manifests(manifests: Manifests) -> Iterator[str]:
    if manifests.unmodelled:
        yield "unmodelled policy"
    declared = {item.name for item in manifests.modelled if item.kind == "Namespace"}
    if set(manifests.named_namespaces) - declared:
        yield "namespace only named"
    for item in manifests.modelled:
        if item.kind == "NetworkPolicy":
            yield from _in_object(item)
        template = item.fields if item.kind == "Pod" else mapping(item.fields, "spec", "template")
        if mapping(template, "spec").get("hostNetwork"):
            yield "hostNetwork"
        elif mapping(item.fields, "status").get("podIP"):
            yield "known address"


def _in_object(item: WrittenObject) -> Iterator[str]:
    """What a policy's text holds."""
    spec = mapping(item.fields, "spec")
    if not spec:
        yield "no spec, or an empty one"
        return
    types, egress = spec.get("policyTypes"), spec.get("egress")
    yield f"policyTypes: {_state(spec, 'policyTypes')}"
    if not types and egress == []:
        yield "egress: [] without policyTypes"
    for name, side in (("ingress", "from"), ("egress", "to")):
        governed = (not types and (name == "ingress" or bool(egress))) or name.capitalize() in (types or ())
        rules = sequence(spec, name)
        if rules and not governed:
            yield "rules in a direction that is not governed"
        if governed or name == "egress":
            yield f"{name}: {_state(spec, name)}"
        for rule in rules if governed else ():
            if rule is None:
                yield "null rule"
            else:
                yield f"{side}: {_state(rule, side)}"
                yield f"ports: {_state(rule, 'ports')}"
                yield from _in_lists(sequence(rule, side), sequence(rule, "ports"))


def _state(fields: Raw, name: str) -> str:
    if name not in fields:
        return "absent"
    if fields[name] is None:
        return "null"
    return "filled" if fields[name] else "empty"


def _in_lists(peers: list[Raw], ports: list[Any]) -> Iterator[str]:
    for peer in peers:
        block: Raw | None = peer.get("ipBlock")
        if block is not None:
            yield "peer: block"
            cidr: str = block["cidr"]
            yield from ("except" for _ in block.get("except") or ())
            if cidr.startswith("::ffff:"):
                yield "block: IPv4-mapped"
            elif ":" in cidr:
                yield "block: IPv6"
            if cidr in ("203.0.113.9/24", "2001:db8::1/32"):
                yield "block: host bits"
            continue
        spaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
        yield "peer: pods" if spaces is None else "peer: namespaces" if pods is None else "peer: both"
        if spaces is not None and not any(spaces.values()):
            yield "peer: every namespace"
    for port in ports:
        if not port:
            yield "ports: [{}] or [null]"
        elif port.get("port") is None:
            yield "port: a protocol alone"
        elif port.get("endPort") == port["port"]:
            yield "port: a range of one"


def _in_policies(manifests: Manifests) -> Iterator[str]:
    """What the policies meet among declared pods and namespaces."""
    policies, pods = policies_of(manifests), tuple(declared_workloads(manifests))
    spaces = [
        {**mapping(item.fields, "metadata", "labels"), "kubernetes.io/metadata.name": item.name}
        for item in manifests.modelled
        if item.kind == "Namespace"
    ]
    for policy in policies:
        rules = [rule for rules in policy.rules.values() for rule in rules]
        peers = [peer for rule in rules for peer in rule.peers or () if peer.block is None]
        for selector in (policy.subject, *(peer.pods for peer in peers)):
            yield from _on_labels(selector, [pod.labels for pod in pods])
        for selector in (peer.namespaces for peer in peers if peer.namespaces is not None):
            yield from _on_labels(selector, spaces)
        for direction, governed in policy.rules.items():
            for rule in governed:
                yield from _on_ports(policy, rule, [p for p in pods if direction == "egress" or _selects(policy, p)])
    if any(sum(_selects(policy, pod) for policy in policies) > 1 for pod in pods):
        yield "several policies on one pod"


def _selects(policy: Policy, pod: Declared) -> bool:
    return policy.namespace == pod.namespace and policy.subject.matches(pod.labels)


def _on_labels(selector: Selector, carried: list[dict[str, str]]) -> Iterator[str]:
    for requirement in selector.requirements:
        if requirement.operator == "In" and requirement.values == ("",):
            yield "matchLabels with the empty value"
        for other in selector.requirements:
            operators = (requirement.operator, other.operator)
            same_key = requirement.key == other.key and operators == ("In", "NotIn")
            if same_key and set(requirement.values) <= set(other.values):
                yield "requirements that contradict each other"
        for labels in carried:
            yield f"{requirement.operator} on {'a present' if requirement.key in labels else 'an absent'} key"


def _on_ports(policy: Policy, rule: Rule, destinations: list[Declared]) -> Iterator[str]:
    for entry in rule.ports or ():
        own = [port for pod in destinations for port in pod.ports]
        if entry.name is None:
            yield from _on_range(entry, {number for _, _, number in own})
            continue
        declared = [protocol for name, protocol, _ in own if name == entry.name]
        if not declared:
            yield "named port: nobody declares it"
        for protocol in declared:
            yield f"named port: {'right' if protocol == entry.protocol else 'wrong'} protocol"


def _on_range(entry: PortEntry, numbers: set[int]) -> Iterator[str]:
    if entry.first < entry.last and entry.first > 1:
        if {entry.first, entry.last} & numbers:
            yield "port: a declared port on a range's edge"
        if {entry.first - 1, entry.last + 1} & numbers:
            yield "port: a declared port beside a range"
