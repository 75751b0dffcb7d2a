"""Examples of the peers of a rule."""

from __future__ import annotations

from typing import Any

from ..model import Family, Raw
from ..readings import Reading
from .build import DB_POD, OUTSIDE, TOOL, WEB, Example, egress, example, flow, ingress, pod, table


def _block(rule: str, cidr: str, address: str, allowed: bool, *excepted: str) -> Example:
    """Only a block of addresses may connect to the database; an address outside the cluster tries."""
    block: Raw = {"cidr": cidr, "except": [*excepted]} if excepted else {"cidr": cidr}
    family: Family = "IPv6" if ":" in address else "IPv4"
    return example(rule, ingress({"from": [{"ipBlock": block}]}), allowed, flow(address, family=family))


def _from(rule: str, peers: Any, allowed: bool, source: str = WEB, **changes: Any) -> Example:
    """Only these peers may connect to the database."""
    return example(rule, ingress({"from": peers}), allowed, flow(source), **changes)


_WEB: Raw = {"podSelector": {"matchLabels": {"app": "web"}}}
_OPS: Raw = {"namespaceSelector": {"matchLabels": {"team": "b"}}}
_SHOP: Raw = {"namespaceSelector": {"matchLabels": {"team": "a"}}}
_OF_OPS_NOT_WEB = {**_OPS, **_WEB}
_TOOL_OF_OPS = {**_OPS, "podSelector": {"matchLabels": {"app": "tool"}}}
_PG: Raw = {"ports": [{"port": 5432, "protocol": "TCP"}]}
_ALL = {"cidr": "203.0.113.0/24"}

BLOCKS = table(
    _block("block-host-bits-are-masked", "203.0.113.9/24", OUTSIDE, allowed=True),
    _block("mapped-block-is-ipv4", "::ffff:203.0.113.0/120", OUTSIDE, allowed=True),
    _block("block-includes-its-edges", "203.0.113.4/30", OUTSIDE, allowed=True),
    _block("except-includes-its-edges", "203.0.113.0/24", OUTSIDE, False, "203.0.113.4/30"),
    _block("every-except-counts", "203.0.113.0/24", OUTSIDE, False, "203.0.113.128/25", "203.0.113.7/32"),
    example(
        "except-limits-only-its-own-block",
        ingress({"from": [{"ipBlock": {**_ALL, "except": ["203.0.113.7/32"]}}]}, {"from": [{"ipBlock": _ALL}]}),
        True,
        flow(OUTSIDE),
    ),
    _block("except-is-left-out", "203.0.113.0/24", OUTSIDE, False, "203.0.113.7/32"),
    _block("ipv4-block-holds-no-ipv6", "0.0.0.0/0", "2001:db8::1", allowed=False),
    _block("ipv6-block-holds-no-ipv4", "::/0", OUTSIDE, allowed=False),
    _block("ipv6-block-holds-ipv6", "2001:db8::/32", "2001:db8::1", allowed=True),
    _from("ip-block-tests-the-address-used", [{"ipBlock": {"cidr": "fd00::1/128"}}], allowed=False),
    _block("ip-block-bounds-its-addresses", "198.51.100.0/24", OUTSIDE, allowed=False),
    _block("ip-block-matches-its-addresses", "203.0.113.0/24", OUTSIDE, allowed=True),
    _from(
        "reading-ip-block-matches-pods",
        [{"ipBlock": {"cidr": "10.0.0.0/8"}}],
        allowed=False,
        reading=Reading(ip_block_matches_pods=False, host_network_pods="excluded"),
    ),
)

PEERS = table(
    _from("empty-pod-selector-of-a-peer-means-all-pods", [{"podSelector": {}}], allowed=True),
    _from("empty-namespace-selector-means-every-namespace", [{"namespaceSelector": {}}], True, TOOL),
    _from("selectors-never-match-addresses", [{"namespaceSelector": {}}], False, OUTSIDE),
    example("absent-peers-include-addresses", ingress(_PG), True, flow(OUTSIDE)),
    example("absent-peers-mean-anyone", ingress(_PG), allowed=True),
    _from("pod-selector-alone-means-own-namespace", [{"podSelector": {}}], False, TOOL),
    _from("namespace-selector-frees-from-own-namespace", [_TOOL_OF_OPS], True, TOOL),
    example(
        "both-selectors-of-a-peer-are-anded",
        (
            egress({"to": [{**_OPS, "podSelector": {"matchLabels": {"app": "db"}}}]}),
            ingress({"from": [{**_SHOP, "podSelector": {"matchLabels": {"app": "tool"}}}]}),
        ),
        allowed=False,
    ),
    _from("pod-selector-counts-beside-namespace-selector", [_OF_OPS_NOT_WEB], False, TOOL),
    _from("namespace-selector-counts-beside-pod-selector", [_OF_OPS_NOT_WEB], allowed=False),
    _from("namespace-selector-alone-means-all-its-pods", [_OPS], True, TOOL),
    example("selectors-match-in-every-family", ingress({"from": [_WEB]}), True, flow(family="IPv6")),
    _from("later-peers-count", [_WEB, _OPS], True, TOOL),
    _from("peers-are-ored", [_WEB, _OPS], allowed=True),
    example(
        "peers-are-the-other-end", ingress({"from": [{"podSelector": {"matchLabels": {"app": "db"}}}]}), allowed=False
    ),
    _from("empty-peers-list-is-absent", [], allowed=True),
    _from("null-list-is-absent", None, allowed=True),
    example(
        "reading-host-network-pods",
        ingress({"from": [_WEB]}),
        False,
        pods=(pod(WEB, {"app": "web"}, "192.0.2.1", hostNetwork=True), DB_POD),
    ),
)
