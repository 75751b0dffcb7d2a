"""What a policy governs, how policies and rules add up, and what the API leaves open."""

from __future__ import annotations

from .rule import DEFAULTS, E2E, PAGE, TYPES, Rule

TYPE_RULES = (
    Rule(
        "repeated-policy-type-counts-once",
        "A policy type that is listed twice counts once.",
        TYPES,
        "Two entries of policyTypes mean both directions, whatever they say.",
    ),
    Rule(
        "egress-rules-govern-egress-by-default",
        "A policy without policyTypes that has egress rules governs egress, too.",
        DEFAULTS,
        "A policy without policyTypes governs ingress only.",
    ),
    Rule(
        "egress-without-rules-is-open-by-default",
        "A policy without policyTypes and egress rules does not govern egress.",
        DEFAULTS,
        "A policy without policyTypes governs both directions.",
    ),
    Rule(
        "ingress-is-governed-by-default",
        "A policy without policyTypes governs ingress, also where it has no ingress rule.",
        DEFAULTS,
        "A policy without policyTypes governs ingress only if it has an ingress rule.",
    ),
    Rule(
        "ingress-rules-need-their-type",
        "Ingress rules are ignored where policyTypes do not list Ingress.",
        TYPES,
        "Ingress rules isolate for ingress even where policyTypes do not list Ingress.",
    ),
    Rule(
        "egress-rules-need-their-type",
        "Egress rules are ignored where policyTypes do not list Egress.",
        TYPES,
        "Egress rules isolate for egress even where policyTypes do not list Egress.",
    ),
    Rule(
        "egress-alone-leaves-ingress-open",
        "policyTypes with Egress alone leave ingress open.",
        TYPES,
        "A policy isolates for ingress even where policyTypes list Egress alone.",
    ),
    Rule(
        "ingress-alone-leaves-egress-open",
        "policyTypes with Ingress alone leave egress open.",
        TYPES,
        "A policy isolates for egress even where policyTypes list Ingress alone.",
    ),
    Rule(
        "every-policy-type-counts",
        "Every entry of policyTypes counts.",
        TYPES,
        "Only the first entry of policyTypes counts.",
    ),
    Rule(
        "direction-without-rules-is-closed",
        "A policy isolates the pods it selects also in a direction that it governs without a rule.",
        TYPES,
        "A policy without rules for a direction does not isolate for it.",
    ),
)

WHOLE = (
    Rule(
        "ports-stay-in-their-rule",
        "The ports of a rule go with its own peers, not with those of another rule.",
        TYPES,
        "The ports of one rule are open to the peers of the policy's other rules.",
    ),
    Rule(
        "rules-keep-their-own-ports",
        "Every rule keeps its own ports.",
        TYPES,
        "The ports of a policy's last rule overwrite those of the others.",
    ),
    Rule(
        "rules-with-equal-peers-add-up",
        "Rules with the same peers allow what either of them allows.",
        TYPES,
        "The last of several rules with the same peers replaces the others.",
    ),
    Rule(
        "ports-and-peers-are-anded",
        "A rule allows a connection only if both its ports and its peers match.",
        TYPES,
        "It is enough that either the ports or the peers of a rule match.",
    ),
    Rule(
        "later-rules-count",
        "Every rule of a policy counts.",
        TYPES,
        "Only the first rule of a direction counts.",
    ),
    Rule(
        "rules-add-up",
        "It is enough that one rule of a policy allows a connection.",
        TYPES,
        "All rules of a direction must allow a connection.",
    ),
    Rule(
        "isolation-covers-sctp",
        "A policy isolates for SCTP, too.",
        TYPES,
        "SCTP is open whatever policies say.",
    ),
    Rule(
        "isolation-covers-every-protocol",
        "A policy isolates for every protocol.",
        TYPES,
        "UDP and SCTP are open whatever policies say.",
    ),
    Rule(
        "isolation-covers-every-family",
        "A policy isolates for IPv4 and for IPv6.",
        TYPES,
        "Connections over IPv6 are open whatever policies say.",
    ),
    Rule(
        "empty-pod-selector-selects-every-pod",
        "A policy whose podSelector is empty selects every pod of its namespace.",
        TYPES,
        "A policy whose podSelector is empty selects no pod.",
    ),
    Rule(
        "policy-selects-by-its-pod-selector",
        "A policy selects only pods that its podSelector matches.",
        TYPES,
        "A policy selects every pod of its namespace, whatever its podSelector.",
    ),
    Rule(
        "policy-selects-in-its-own-namespace",
        "A policy selects only pods of its own namespace.",
        TYPES,
        "A policy selects matching pods of every namespace.",
    ),
    Rule(
        "later-policies-count",
        "Every policy that selects a pod counts.",
        TYPES,
        "Of the policies that select a pod, only the first counts.",
    ),
    Rule(
        "policies-add-up",
        "It is enough that one of the policies that select a pod allows a connection.",
        TYPES,
        "All policies that select a pod must allow a connection.",
    ),
    Rule(
        "outside-source-is-free",
        "An address outside the cluster may open connections: only the destination's policies decide.",
        E2E,
        "Connections from addresses outside the cluster are blocked.",
    ),
    Rule(
        "outside-destination-is-free",
        "An address outside the cluster takes connections: only the source's policies decide.",
        E2E,
        "Connections to addresses outside the cluster are blocked.",
    ),
    Rule(
        "one-way-is-not-both-ways",
        "A connection that may be opened one way need not be one that may be opened the other way.",
        PAGE,
        "A connection is allowed if the reverse one is.",
    ),
    Rule(
        "egress-of-the-source-counts",
        "The source's policies must allow a connection.",
        PAGE,
        "Egress policies are ignored.",
    ),
    Rule(
        "ingress-of-the-destination-counts",
        "The destination's policies must allow a connection.",
        PAGE,
        "Ingress policies are ignored.",
    ),
    Rule(
        "both-ends-must-allow",
        "Between pods, the source's egress and the destination's ingress must both allow a connection.",
        PAGE,
        "It is enough that one of the two ends allows a connection.",
    ),
    Rule(
        "unselected-pod-is-open",
        "A pod that no policy selects for a direction is open in it.",
        PAGE,
        "A pod that no policy selects is closed.",
    ),
)

READINGS = (
    Rule(
        "reading-ip-block-matches-pods",
        "Whether an ipBlock matches a pod by its address is open; this run fixes it.",
        PAGE,
        "An ipBlock is read the other way: pods match by their address where they should not, or the reverse.",
    ),
    Rule(
        "reading-host-network-pods",
        "Whether a pod in its host's network is a pod to policies, or its node, is open; this run fixes it.",
        PAGE,
        "A pod in its host's network is read the other way: as its node where it should be a pod, or the reverse.",
    ),
)
