"""``defaultDeny`` for one concrete connection: does the subject's own end let it through unprotected?

Written apart from the symbolic verb. Trusts the concrete evaluator's policies.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..encodings.concrete.adminpeers import PodsPeer
from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Direction
from ..encodings.concrete.selectors import Requirement
from ..encodings.concrete.traffic import Traffic
from .concrete_groups import Groups
from .concrete_selectors import suite_selector
from .suite import DefaultDeny, Endpoints


def unprotected(
    cluster: Cluster, traffic: Traffic, direction: Direction, groups: Groups, verb: DefaultDeny
) -> list[str]:
    """Why the subject's end does not refute the property; empty if it does.

    It does if the connection gets through there and no rule allows it; or, with ``strict``, if it gets through although
    the subject carries no label that a policy singles out beyond what ``for`` says.
    """
    side = cluster.decide_side(direction, traffic)
    if side.allowed is not True:
        return [f"the subject's {direction} does not surely let the connection through"]
    if side.admitted is False:
        return []
    if not verb.strict:
        return [f"a rule lets the connection through at the subject's {direction}, or may"]
    subject = traffic.subject(direction)
    spoken_for = keys_of(verb.for_, groups)
    return [
        f"a policy singles out the subject's label {key}={value}"
        for key, value in sorted(subject.labels.items())
        if key not in spoken_for and any(_names(need, key, value) for need in pod_requirements(cluster))
    ]


def keys_of(endpoints: Endpoints, groups: Groups) -> frozenset[str]:
    """The pod label keys that the selectors of these groups constrain."""
    references = endpoints if isinstance(endpoints, list) else [endpoints]
    return frozenset(
        need.key for reference in references for need in suite_selector(groups.resolve(reference).pods).requirements
    )


def pod_requirements(cluster: Cluster) -> Iterator[Requirement]:
    """What the subjects and peers of every policy require of a pod's labels."""
    for policies in cluster.policies.values():
        for policy in policies:
            yield from policy.subject.requirements
            for rules in policy.rules.values():
                for rule in rules:
                    for peer in rule.peers:
                        yield from peer.pods.requirements
    for policy in (*cluster.admin, *cluster.baseline):
        yield from policy.subject.pods.requirements
        for rules in policy.rules.values():
            for rule in rules:
                for peer in rule.peers:
                    if isinstance(peer, PodsPeer):
                        yield from peer.pods.requirements


def _names(need: Requirement, key: str, value: str) -> bool:
    """Whether a requirement singles out the label: its presence or absence, or this very value."""
    return need.key == key and (need.operator in ("Exists", "DoesNotExist") or value in need.values)
