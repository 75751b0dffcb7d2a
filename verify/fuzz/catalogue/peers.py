"""The peers of a rule: pods by selectors, and address blocks."""

from __future__ import annotations

from .rule import CONTAINS, E2E, PAGE, TYPES, Rule

BLOCKS = (
    Rule(
        "block-host-bits-are-masked",
        "Bits of a CIDR beyond its prefix are masked away: 10.0.0.7/24 is 10.0.0.0/24.",
        CONTAINS,
        "A CIDR with bits beyond its prefix holds no address.",
    ),
    Rule(
        "mapped-block-is-ipv4",
        "A CIDR of IPv4-mapped IPv6 addresses is the IPv4 block in it: ::ffff:10.0.0.0/104 is 10.0.0.0/8.",
        CONTAINS,
        "A CIDR of IPv4-mapped IPv6 addresses holds no IPv4 address.",
    ),
    Rule(
        "block-includes-its-edges",
        "A block holds its first and its last address.",
        CONTAINS,
        "A block holds neither its first nor its last address.",
    ),
    Rule(
        "except-includes-its-edges",
        "The first and the last address of an exception are excepted, too.",
        CONTAINS,
        "The first and the last address of an exception are not excepted.",
    ),
    Rule(
        "every-except-counts",
        "Every entry of except counts.",
        TYPES,
        "Only the first entry of except counts.",
    ),
    Rule(
        "except-limits-only-its-own-block",
        "An exception takes addresses out of its own block only: another peer, rule or policy may still allow them.",
        E2E,
        "An excepted address is blocked whatever else allows it.",
    ),
    Rule(
        "except-is-left-out",
        "An ipBlock does not match the addresses in except.",
        TYPES,
        "except is ignored.",
    ),
    Rule(
        "ipv4-block-holds-no-ipv6",
        "An IPv4 block, even 0.0.0.0/0, holds no IPv6 address.",
        CONTAINS,
        "0.0.0.0/0 holds IPv6 addresses, too.",
    ),
    Rule(
        "ipv6-block-holds-no-ipv4",
        "An IPv6 block, even ::/0, holds no IPv4 address.",
        CONTAINS,
        "The first four bytes of an IPv6 block are read as an IPv4 block.",
    ),
    Rule(
        "ipv6-block-holds-ipv6",
        "An IPv6 block holds the IPv6 addresses in it.",
        CONTAINS,
        "An IPv6 block holds no address.",
    ),
    Rule(
        "ip-block-tests-the-address-used",
        "An ipBlock is held against the address that the connection uses, of the two that a pod may have.",
        TYPES,
        "An ipBlock matches a pod if it holds any of its addresses.",
    ),
    Rule(
        "ip-block-bounds-its-addresses",
        "An ipBlock matches only addresses in its CIDR.",
        TYPES,
        "An ipBlock matches every address.",
    ),
    Rule(
        "ip-block-matches-its-addresses",
        "An ipBlock matches the addresses in its CIDR.",
        TYPES,
        "An ipBlock matches nothing.",
    ),
)

PEERS = (
    Rule(
        "empty-pod-selector-of-a-peer-means-all-pods",
        "An empty podSelector of a peer means every pod.",
        TYPES,
        "An empty podSelector of a peer means no pod.",
    ),
    Rule(
        "empty-namespace-selector-means-every-namespace",
        "An empty namespaceSelector means every namespace.",
        TYPES,
        "An empty namespaceSelector means the policy's own namespace.",
    ),
    Rule(
        "selectors-never-match-addresses",
        "Selectors, even empty ones, match pods, never addresses outside the cluster.",
        TYPES,
        "A peer with empty selectors matches addresses outside the cluster.",
    ),
    Rule(
        "absent-peers-include-addresses",
        "A rule without from or to allows addresses outside the cluster, not just pods.",
        TYPES,
        "A rule without from or to allows pods only.",
    ),
    Rule(
        "absent-peers-mean-anyone",
        "A rule without from or to allows every peer.",
        TYPES,
        "A rule without from or to allows nobody.",
    ),
    Rule(
        "pod-selector-alone-means-own-namespace",
        "A peer with a podSelector alone means pods of the policy's own namespace.",
        TYPES,
        "A peer with a podSelector alone means pods of every namespace.",
    ),
    Rule(
        "namespace-selector-frees-from-own-namespace",
        "A podSelector beside a namespaceSelector selects pods of other namespaces, too.",
        TYPES,
        "A podSelector beside a namespaceSelector still selects pods of the policy's own namespace only.",
    ),
    Rule(
        "both-selectors-of-a-peer-are-anded",
        "A podSelector and a namespaceSelector in one peer must both match.",
        PAGE,
        "Either selector of a peer is enough, as if they were two peers.",
    ),
    Rule(
        "pod-selector-counts-beside-namespace-selector",
        "A podSelector counts also beside a namespaceSelector.",
        TYPES,
        "A podSelector beside a namespaceSelector is ignored.",
    ),
    Rule(
        "namespace-selector-counts-beside-pod-selector",
        "A namespaceSelector counts also beside a podSelector.",
        TYPES,
        "A namespaceSelector beside a podSelector is ignored.",
    ),
    Rule(
        "namespace-selector-alone-means-all-its-pods",
        "A peer with a namespaceSelector alone means every pod of the namespaces.",
        TYPES,
        "A peer with a namespaceSelector alone means no pod.",
    ),
    Rule(
        "selectors-match-in-every-family",
        "Selectors match a pod whichever of its addresses a connection uses.",
        TYPES,
        "Selectors do not match where a connection uses IPv6.",
    ),
    Rule(
        "later-peers-count",
        "Every peer of a rule counts.",
        TYPES,
        "Only the first peer of a rule counts.",
    ),
    Rule(
        "peers-are-ored",
        "It is enough that one peer of a rule matches.",
        TYPES,
        "All peers of a rule must match.",
    ),
    Rule(
        "peers-are-the-other-end",
        "The peers of a rule are held against the other end: the source for ingress, the destination for egress.",
        TYPES,
        "The peers of a rule are held against the pod that the policy selects.",
    ),
)
