"""Label selectors, and the labels of namespaces."""

from __future__ import annotations

from .rule import CORE, HELPERS, NAMESPACE, SELECTOR, TYPES, Rule

SELECTORS = (
    Rule(
        "match-labels-empty-value-needs-the-key",
        "matchLabels with an empty value needs the key: an absent key is not the empty string.",
        SELECTOR,
        "matchLabels with an empty value matches an absent key.",
    ),
    Rule(
        "match-labels-empty-value-is-a-value",
        "matchLabels with an empty value needs the label's value to be empty.",
        SELECTOR,
        "matchLabels with an empty value matches any value.",
    ),
    Rule(
        "in-with-empty-value-needs-the-key",
        "In with an empty value in its list fails on an absent key.",
        SELECTOR,
        "In with an empty value in its list holds on an absent key.",
    ),
    Rule(
        "not-in-with-empty-value-holds-on-absent-key",
        "NotIn with an empty value in its list holds on an absent key.",
        SELECTOR,
        "NotIn with an empty value in its list fails on an absent key.",
    ),
    Rule(
        "empty-value-is-present",
        "A key whose value is the empty string is present.",
        SELECTOR,
        "For Exists and DoesNotExist, a key whose value is empty counts as absent.",
    ),
    Rule(
        "not-in-holds-on-absent-key",
        "NotIn holds on an absent key.",
        SELECTOR,
        "NotIn fails on an absent key.",
    ),
    Rule(
        "does-not-exist-holds-on-absent-key",
        "DoesNotExist holds on an absent key.",
        SELECTOR,
        "DoesNotExist fails on an absent key.",
    ),
    Rule(
        "does-not-exist-fails-on-present-key",
        "DoesNotExist fails on a key that is present, whatever its value.",
        SELECTOR,
        "DoesNotExist holds on a key that is present.",
    ),
    Rule(
        "exists-needs-the-key",
        "Exists fails on an absent key.",
        SELECTOR,
        "Exists holds on an absent key.",
    ),
    Rule(
        "exists-holds-on-any-value",
        "Exists holds on a key that is present, whatever its value.",
        SELECTOR,
        "Exists fails on a key that is present.",
    ),
    Rule(
        "in-reads-every-value",
        "In holds if the value is any one of its list.",
        SELECTOR,
        "In reads only the first value of its list.",
    ),
    Rule(
        "not-in-reads-every-value",
        "NotIn fails if the value is any one of its list.",
        SELECTOR,
        "NotIn reads only the first value of its list.",
    ),
    Rule(
        "in-needs-the-key",
        "In fails on an absent key.",
        SELECTOR,
        "In holds on an absent key.",
    ),
    Rule(
        "in-needs-a-listed-value",
        "In fails on a value that is not in its list.",
        SELECTOR,
        "In holds on any value.",
    ),
    Rule(
        "not-in-fails-on-a-listed-value",
        "NotIn fails on a value that is in its list.",
        SELECTOR,
        "NotIn holds on any value.",
    ),
    Rule(
        "not-in-holds-on-another-value",
        "NotIn holds on a value that is not in its list.",
        SELECTOR,
        "NotIn fails on every value.",
    ),
    Rule(
        "label-key-includes-its-prefix",
        "A label's key includes its prefix: app and example.com/app are two keys.",
        CORE,
        "The prefix of a label's key is ignored.",
    ),
    Rule(
        "label-values-are-case-sensitive",
        "Values of labels are compared with case.",
        SELECTOR,
        "Values of labels are compared without case.",
    ),
    Rule(
        "label-values-are-texts",
        "Values of labels are texts: 1 and 1.0 are two values.",
        SELECTOR,
        "Values of labels that look like numbers are compared as numbers.",
    ),
    Rule(
        "contradictory-selector-matches-nothing",
        "A selector whose requirements cannot all hold matches nothing.",
        HELPERS,
        "A selector whose requirements cannot all hold matches everything.",
    ),
    Rule(
        "every-requirement-of-a-key-counts",
        "Several requirements on one key must all hold.",
        HELPERS,
        "Of several requirements on one key only the last counts.",
    ),
    Rule(
        "match-labels-and-expressions-are-anded",
        "matchLabels and matchExpressions must both hold.",
        HELPERS,
        "It is enough that either matchLabels or matchExpressions hold.",
    ),
    Rule(
        "match-expressions-are-anded",
        "All entries of matchExpressions must hold.",
        HELPERS,
        "It is enough that one entry of matchExpressions holds.",
    ),
    Rule(
        "match-labels-are-anded",
        "All pairs of matchLabels must hold.",
        HELPERS,
        "It is enough that one pair of matchLabels holds.",
    ),
    Rule(
        "match-labels-count-beside-expressions",
        "matchLabels count also where matchExpressions stand beside them.",
        HELPERS,
        "matchLabels are ignored where matchExpressions stand beside them.",
    ),
    Rule(
        "match-expressions-count",
        "matchExpressions count.",
        HELPERS,
        "matchExpressions are ignored.",
    ),
    Rule(
        "match-labels-needs-the-key",
        "matchLabels fail on an absent key.",
        SELECTOR,
        "matchLabels hold on an absent key.",
    ),
    Rule(
        "match-labels-needs-the-value",
        "matchLabels fail on another value.",
        SELECTOR,
        "matchLabels hold on any value of the key.",
    ),
)

NAMESPACES = (
    Rule(
        "namespace-has-its-name-as-label",
        "Every namespace has the label kubernetes.io/metadata.name, which is its name, whether it is written or not.",
        NAMESPACE,
        "The label kubernetes.io/metadata.name is there only where the Namespace object has it written.",
    ),
    Rule(
        "undeclared-namespace-has-its-name-as-label",
        "A namespace without a Namespace object among the manifests has the label kubernetes.io/metadata.name, too.",
        NAMESPACE,
        "A namespace without a Namespace object has no label.",
    ),
    Rule(
        "undeclared-namespace-is-a-namespace",
        "An empty namespaceSelector selects namespaces without a Namespace object among the manifests, too.",
        TYPES,
        "An empty namespaceSelector selects only namespaces with a Namespace object.",
    ),
    Rule(
        "namespace-object-gives-the-labels",
        "A namespace has the labels of its Namespace object.",
        TYPES,
        "The labels of Namespace objects are ignored, but for kubernetes.io/metadata.name.",
    ),
    Rule(
        "namespace-selector-reads-the-namespace",
        "A namespaceSelector reads the labels of namespaces, not of pods.",
        TYPES,
        "A namespaceSelector reads the labels of pods.",
    ),
)
