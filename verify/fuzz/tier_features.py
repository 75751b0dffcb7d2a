"""Which features of ``TIER_FEATURES``, and of those that NetworkPolicies have, too, cluster-wide policies use.

As ``features_of``, of which it is a part. It trusts the objects to be valid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

from ...encodings.validation import parse_cidr
from .features import TIER_KINDS
from .model import Raw, pod_of
from .walk import TierRule, container_ports, mapping, tier_rules_of


def tier_features(policies: Sequence[Raw], pods: Sequence[Raw]) -> Iterator[str]:
    """The features that these cluster-wide policies use over these pods."""
    yield from (TIER_KINDS[policy["kind"]] for policy in policies)
    if _are_tied(policies):
        yield "equal-priorities"
    addresses = [address for pod in pods for address in pod_of(pod).addresses.values()]
    declared: list[set[object]] = [{port.get("name") for port in container_ports(pod)} for pod in pods]
    for policy in policies:
        rules = [*tier_rules_of([policy])]
        if not rules:
            yield "no-tier-rules"
        for rule in rules:
            yield from _of_rule(rule, addresses, declared)


def _of_rule(rule: TierRule, addresses: Sequence[str], declared: Sequence[set[object]]) -> Iterator[str]:
    if rule.action == "Pass":
        yield "pass"
    networks = [*rule.networks()]
    if networks:
        yield "networks"
    if any(holds_any(cidr, addresses) for cidr in networks):
        yield "pod-networks"
    for port in rule.ports:
        if port.name is not None:
            yield "named-port"
            if networks or any(port.name not in names for names in declared):
                yield "wrong-protocol-named-port"
        elif port.protocol is None:
            yield "default-protocol"
        if port.is_range:
            yield "tier-port-range"
            if port.first >= port.last:
                yield "narrow-port-range"


def holds_any(cidr: str, addresses: Iterable[str]) -> bool:
    """Whether a CIDR holds one of the addresses."""
    network = parse_cidr(cidr).network
    return any(ip_address(address) in network for address in addresses)


def _are_tied(policies: Iterable[Raw]) -> bool:
    places: Counter[tuple[str, object]] = Counter()
    for policy in policies:
        spec = mapping(policy.get("spec"))
        if policy["kind"] == "BaselineAdminNetworkPolicy":
            places["Baseline", None] += 1
        else:
            places[spec.get("tier") or "Admin", spec.get("priority")] += 1
    beside = places["Baseline", None] and any(tier == "Baseline" and own is not None for tier, own in places)
    return bool(beside) or any(count > 1 for count in places.values())
