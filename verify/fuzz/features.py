"""Features of manifests and flows that an evaluator may not support: their names, and who uses them.

An evaluator that cannot express something names the feature, before or in an answer, and is then spared it.
"""

from __future__ import annotations

_NETWORK_POLICY: dict[str, str] = {
    "ipv6": "IPv6 addresses, of pods, blocks or outside ends",
    "sctp": "the protocol SCTP",
    "udp": "the protocol UDP",
    "end-port": "endPort",
    "named-port": "a port given by name",
    "wrong-protocol-named-port": "a named port that the destination declares for another protocol only, or not at all",
    "ip-block": "ipBlock",
    "except": "except in an ipBlock",
    "host-bits": "a CIDR with bits set beyond its prefix",
    "mapped-address": "an IPv4-mapped IPv6 CIDR",
    "outside-source": "a flow from an address outside the cluster",
    "outside-destination": "a flow to an address outside the cluster",
    "null-rule": "a rule or port entry written null",
    "null-list": "an optional list or selector written null",
    "no-spec": "a policy without spec, or with an empty one",
    "default-policy-types": "a policy without policyTypes",
    "default-protocol": "a port entry without protocol",
    "any-port-of-protocol": "a port entry without port",
    "empty-label-value": "a label or a selector's value that is the empty string",
    "match-expressions": "matchExpressions",
    "contradiction": "a selector that no pod can match",
    "number-like-value": "a label or a selector's value that would be a number if it were not quoted",
    "boolean-like-value": "a label or a selector's value that would be a boolean or null if it were not quoted",
    "several-documents": "several objects in one file",
    "list-kind": "objects as the items of a List or a NetworkPolicyList",
    "default-namespace": "an object without metadata.namespace",
    "undeclared-namespace": "a namespace without a Namespace object",
    "host-network": "a pod on its node's network",
    "pod-block": "an ipBlock that holds a pod's address",
}
TIER_KINDS: dict[str, str] = {
    "AdminNetworkPolicy": "admin-network-policy",
    "BaselineAdminNetworkPolicy": "baseline-admin-network-policy",
    "ClusterNetworkPolicy": "cluster-network-policy",
}
"""The cluster-wide kinds, each with the feature that is its use."""
TIER_FEATURES: dict[str, str] = {
    "admin-network-policy": "AdminNetworkPolicy (v1alpha1)",
    "baseline-admin-network-policy": "BaselineAdminNetworkPolicy (v1alpha1)",
    "cluster-network-policy": "ClusterNetworkPolicy (v1alpha2)",
    "equal-priorities": "cluster-wide policies of one tier, none of which comes before the other",
    "pass": "a rule with the action Pass",
    "no-tier-rules": "a cluster-wide policy without any rule",
    "networks": "the peer networks",
    "pod-networks": "networks that hold a pod's address",
    "tier-port-range": "a range of ports in a cluster-wide policy",
    "narrow-port-range": "such a range whose start is not below its end",
}
"""What only cluster-wide policies have."""
FEATURES: dict[str, str] = {**_NETWORK_POLICY, **TIER_FEATURES}
"""Name and meaning. Both are part of the protocol: a name is never given another meaning."""
