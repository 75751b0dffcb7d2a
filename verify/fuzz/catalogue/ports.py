"""The ports of a rule."""

from __future__ import annotations

from .rule import CORE, DEFAULTS, E2E, PAGE, TYPES, Rule

NAMED_PORTS = (
    Rule(
        "named-port-may-be-of-any-container",
        "A named port may be one of any container of the destination.",
        CORE,
        "A named port is looked up in the first container only.",
    ),
    Rule(
        "named-port-may-be-several-ports",
        "A name that several containers of a pod give to different ports means each of them.",
        CORE,
        "A name that several containers give means only the first of their ports.",
    ),
    Rule(
        "container-port-protocol-defaults-to-tcp",
        "A container's port without protocol is a TCP port.",
        CORE,
        "The name of a container's port without protocol is not found.",
    ),
    Rule(
        "named-port-needs-no-peers",
        "A named port of an egress rule works also where to is missing or empty.",
        E2E,
        "A named port of an egress rule without to matches nothing.",
    ),
    Rule(
        "named-port-never-matches-addresses",
        "A named port never matches towards an address outside the cluster, which declares no names.",
        TYPES,
        "A named port towards an outside address matches every port of its protocol.",
    ),
    Rule(
        "named-port-needs-the-entrys-protocol",
        "A named port matches only connections of its entry's protocol.",
        TYPES,
        "A named port ignores the protocol of its entry.",
    ),
    Rule(
        "named-port-needs-the-containers-protocol",
        "A named port matches a container's port only if that has the connection's protocol.",
        TYPES,
        "A named port ignores the protocol of the container's port.",
    ),
    Rule(
        "named-port-is-resolved-for-each-pod",
        "A name means, for each destination, the number that this pod gives it.",
        E2E,
        "A name means the numbers that any pod of the cluster gives it.",
    ),
    Rule(
        "egress-named-port-is-the-peers",
        "A named port of an egress rule is one of the peer, the destination.",
        TYPES,
        "A named port of an egress rule is looked up in the pod that the policy selects.",
    ),
    Rule(
        "ingress-named-port-is-the-subjects",
        "A named port of an ingress rule is one of the pod that the policy selects.",
        TYPES,
        "A named port of an ingress rule is looked up in the peer.",
    ),
    Rule(
        "named-port-covers-only-its-number",
        "A named port matches the numbers that the destination gives that name, and no other.",
        TYPES,
        "A named port matches every port of a pod that declares the name.",
    ),
    Rule(
        "named-port-covers-only-what-it-names",
        "A named port matches nothing on a pod that does not declare the name.",
        TYPES,
        "A named port matches every port of its protocol.",
    ),
    Rule(
        "named-port-is-resolved",
        "A named port matches the container's port of that name.",
        TYPES,
        "A named port never matches.",
    ),
)

PORTS = (
    Rule(
        "range-includes-its-last-port",
        "endPort belongs to the range.",
        TYPES,
        "The range ends before endPort.",
    ),
    Rule(
        "range-includes-its-first-port",
        "port belongs to the range that endPort ends.",
        TYPES,
        "The range begins after port.",
    ),
    Rule(
        "range-ends-at-its-last-port",
        "No port above endPort belongs to the range.",
        TYPES,
        "The range has no end.",
    ),
    Rule(
        "range-begins-at-its-first-port",
        "No port below port belongs to the range that endPort ends.",
        TYPES,
        "The range has no beginning.",
    ),
    Rule(
        "end-port-counts",
        "With endPort, every port from port to endPort matches.",
        TYPES,
        "endPort is ignored.",
    ),
    Rule(
        "entry-without-protocol-covers-only-tcp",
        "A port entry without protocol means TCP, and no other protocol.",
        DEFAULTS,
        "A port entry without protocol matches every protocol.",
    ),
    Rule(
        "entry-without-protocol-covers-tcp",
        "A port entry without protocol means TCP.",
        DEFAULTS,
        "A port entry without protocol matches nothing.",
    ),
    Rule(
        "entry-without-port-keeps-its-protocol",
        "A port entry without port means the ports of its own protocol only.",
        TYPES,
        "A port entry without port matches every protocol.",
    ),
    Rule(
        "entry-without-port-covers-every-port",
        "A port entry without port means every port of its protocol.",
        TYPES,
        "A port entry without port matches nothing.",
    ),
    Rule(
        "entry-with-number-keeps-its-protocol",
        "A numbered port entry matches only connections of its protocol.",
        TYPES,
        "A numbered port entry ignores its protocol.",
    ),
    Rule(
        "rules-can-allow-sctp",
        "A port entry may be of the protocol SCTP.",
        TYPES,
        "A port entry of the protocol SCTP matches nothing.",
    ),
    Rule(
        "absent-ports-mean-every-protocol",
        "A rule without ports allows every protocol.",
        TYPES,
        "A rule without ports allows TCP only.",
    ),
    Rule(
        "absent-ports-mean-every-port",
        "A rule without ports allows every port.",
        TYPES,
        "A rule without ports allows nothing.",
    ),
    Rule(
        "numbered-entry-needs-no-declaration",
        "A numbered port entry matches also where no container of the destination declares the port.",
        CORE,
        "A numbered port entry matches only ports that a container of the destination declares.",
    ),
    Rule(
        "ports-need-no-declaration",
        "A pod can be reached on ports that none of its containers declares.",
        CORE,
        "A port that no container of the destination declares is closed.",
    ),
    Rule(
        "entry-with-number-covers-only-it",
        "A numbered port entry without endPort matches that one port.",
        TYPES,
        "A numbered port entry without endPort matches every port of its protocol.",
    ),
    Rule(
        "later-port-entries-count",
        "Every port entry of a rule counts.",
        TYPES,
        "Only the first port entry of a rule counts.",
    ),
    Rule(
        "port-entries-are-ored",
        "It is enough that one port entry of a rule matches.",
        PAGE,
        "All port entries of a rule must match.",
    ),
)
