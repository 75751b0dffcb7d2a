"""Which objects there are, and what fields are that are written empty or null."""

from __future__ import annotations

from .rule import CORE, DECODER, DEFAULTS, HELPERS, TYPES, VISITOR, Rule

DOCUMENTS = (
    Rule(
        "every-document-counts",
        "A file may hold several documents, and every one counts.",
        VISITOR,
        "Only the first document of a file is read: policies in later ones are left out.",
    ),
    Rule(
        "items-of-a-list-count",
        "The items of a List, or of a NetworkPolicyList, count like documents of their own.",
        VISITOR,
        "Policies among the items of a list are left out.",
    ),
    Rule(
        "object-without-namespace-is-in-default",
        "A policy without metadata.namespace is one of the namespace default.",
        VISITOR,
        "A policy without metadata.namespace governs nothing.",
    ),
    Rule(
        "policies-are-told-apart-by-namespace",
        "Policies of one name in two namespaces are two policies.",
        TYPES,
        "The last of several policies of one name replaces those of other namespaces.",
    ),
    Rule(
        "pods-are-told-apart-by-namespace",
        "Pods of one name in two namespaces are two pods.",
        CORE,
        "Pods of one name in several namespaces all have the labels and ports of the last one.",
    ),
    Rule(
        "pod-without-labels-is-a-pod",
        "A pod without labels is selected by every selector that asks for none.",
        TYPES,
        "A pod without labels is selected by nothing.",
    ),
)

FORMS = (
    Rule(
        "null-list-is-absent",
        "An optional list that is null is as good as not written.",
        DECODER,
        "A null policyTypes governs nothing, and a null from, to, ports or except matches nothing.",
    ),
    Rule(
        "null-rule-is-an-empty-rule",
        "A rule that is null is an empty rule, and so allows everything in its direction.",
        DECODER,
        "A null rule allows nothing.",
    ),
    Rule(
        "empty-rule-allows-everything",
        "A rule without peers and ports allows every connection in its direction.",
        TYPES,
        "An empty rule allows nothing.",
    ),
    Rule(
        "empty-rules-list-allows-nothing",
        "A governed direction whose list of rules is empty allows nothing.",
        TYPES,
        "An empty list of rules allows everything.",
    ),
    Rule(
        "empty-egress-list-leaves-egress-open",
        "An empty egress list does not make a policy without policyTypes govern egress.",
        DEFAULTS,
        "An empty egress list isolates for egress, as if policyTypes named Egress.",
    ),
    Rule(
        "empty-policy-types-are-absent",
        "An empty policyTypes list gets the same default as one that is not written.",
        DEFAULTS,
        "A policy with an empty policyTypes list governs nothing.",
    ),
    Rule(
        "empty-peers-list-is-absent",
        "An empty from or to means any peer.",
        TYPES,
        "An empty from or to matches nobody.",
    ),
    Rule(
        "empty-ports-list-is-absent",
        "An empty ports list means any port of any protocol.",
        TYPES,
        "An empty ports list matches no port.",
    ),
    Rule(
        "null-port-entry-is-every-tcp-port",
        "A port entry that is null is an empty entry: every TCP port.",
        DECODER,
        "A null port entry matches no port.",
    ),
    Rule(
        "absent-spec-isolates-ingress",
        "A policy without spec, or with an empty one, selects every pod of its namespace and isolates it for ingress.",
        DEFAULTS,
        "A policy without spec, or with an empty one, is ignored.",
    ),
    Rule(
        "absent-pod-selector-selects-every-pod",
        "A policy whose podSelector is missing or null selects every pod of its namespace.",
        TYPES,
        "A policy without podSelector selects no pod.",
    ),
    Rule(
        "empty-requirement-lists-select-everything",
        "A selector whose matchLabels and matchExpressions are empty or null selects everything.",
        HELPERS,
        "A selector whose matchLabels and matchExpressions are written, and empty, selects nothing.",
    ),
)
