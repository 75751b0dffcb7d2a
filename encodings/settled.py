"""What the Admin tier decides for good, as terms: whatever NetworkPolicies exist, it stands.

Rules: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go (Tier). The Admin tier is asked
first; where no rule of it matches, or one passes, NetworkPolicies decide if one selects the pod. Anybody who may write
them can have one select any pod that policies govern at all, and so also keeps the Baseline tier out of it. So what an
Admin rule denies or accepts is *settled*, and the rest is left to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from .adminpolicy import ADMIN
from .evaluation import Evaluation, Namespaces
from .policy import DIRECTIONS, DirectedPolicy, Direction, PortRange
from .terms import FALSE, TRUE, Term
from .tiers import Bound

Spaces = tuple[Namespaces, Namespaces]
"""The namespaces that source and destination can be in."""


def openable(evaluation: Evaluation, spaces: Spaces) -> tuple[Term, Term]:
    """No Admin rule denies the connection at an end that is a pod, so that some NetworkPolicies let it through:
    whatever the things are that nobody knows (unmodelled policies, domain names), and for some of what they may be."""
    terms = evaluation.world.terms
    surely, perhaps = list[Term](), list[Term]()
    for direction, namespaces in _ends(spaces):
        ignorance = _ignorance(evaluation, direction, namespaces)
        surely += (_lets(evaluation, direction, namespaces, "least", TRUE), -ignorance)
        perhaps.append(terms.any_of((_lets(evaluation, direction, namespaces, "exact", TRUE), ignorance)))
    return terms.all_of(surely), terms.all_of(perhaps)


def closable(evaluation: Evaluation, spaces: Spaces) -> tuple[Term, Term]:
    """Admin rules do not accept the connection at every end that is a pod, so that some NetworkPolicies refuse it (or
    it is refused without any): likewise."""
    terms = evaluation.world.terms
    surely, perhaps = list[Term](), list[Term]()
    for direction, namespaces in _ends(spaces):
        ignorance = _ignorance(evaluation, direction, namespaces)
        surely.append(terms.any_of((_lets(evaluation, direction, namespaces, "most", FALSE), ignorance)))
        perhaps += (_lets(evaluation, direction, namespaces, "exact", FALSE), -ignorance)
    return -terms.all_of(surely), -terms.all_of(perhaps)


def names_port(evaluation: Evaluation, spaces: Spaces) -> Term:
    """An Admin rule that matches begins at the connection's port."""
    terms = evaluation.world.terms
    return terms.any_of(
        terms.all_of((evaluation.grants(policy, rule), evaluation.connection.has_port(port.first)))
        for policy in settling(evaluation, spaces)
        for rule in policy.rules
        for port in rule.ports or ()
        if isinstance(port, PortRange) and port.first > 1
    )


def settling(evaluation: Evaluation, spaces: Spaces) -> list[DirectedPolicy]:
    """The policies of the Admin tier that can select an end, egress before ingress."""
    return [
        policy
        for direction, namespaces in _ends(spaces)
        for policy in evaluation.policies(direction, namespaces, ADMIN)
    ]


def _ends(spaces: Spaces) -> Iterator[tuple[Direction, Namespaces]]:
    yield from zip(reversed(DIRECTIONS), spaces, strict=True)


def _lets(evaluation: Evaluation, direction: Direction, namespaces: Namespaces, bound: Bound, undecided: Term) -> Term:
    """An Admin rule lets the connection through at an end, or the end is no pod; ``undecided``: where none decides."""
    policies = evaluation.policies(direction, namespaces, ADMIN)
    through = evaluation.first_match(bound).passes(policies, undecided, undecided, bound)
    return evaluation.world.terms.any_of((-evaluation.subject(direction).is_pod, through))


def _ignorance(evaluation: Evaluation, direction: Direction, namespaces: Namespaces) -> Term:
    """Something unmodelled may decide there, or leave it to NetworkPolicies, whatever Admin rules say."""
    return evaluation.ignorance(direction, namespaces, evaluation.world.cluster.unmodelled)
