"""What NetworkPolicies can change about one connection, for the oracle: small sets of them are tried, one by one.

They are objects as written, so that a set that changes something can be shown, validated and given to other tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.properties.loading import LoadedProperty

from .bruteforce import Outcome, Scope, brute_force
from .clusters import made, manifests
from .endpoints import Endpoint
from .override_verb import CHANGES, OverrideOutcome, OverrideVerb
from .policies import policies_of
from .raw import Raw
from .tiers import Case
from .verb import Verb
from .verbs import Between

PolicySet = tuple[WrittenObject, ...]


def overridable(case: Case, outcome: OverrideOutcome, sets: Iterable[PolicySet]) -> tuple[PolicySet, ...] | None:
    """The sets of NetworkPolicies, put in the place of those that exist, that show the connection not to be ``closed``
    (or ``open``) whatever they are: one that opens (or shuts) it, or for ``any`` one that opens and one that shuts it.
    None if no set does."""
    opening: PolicySet | None = None
    shutting: PolicySet | None = None
    for each in sets:
        setting = replace(case.setting, policies=policies_of(manifests(each)))
        if replace(case, setting=setting).allowed():
            opening = each if opening is None else opening
        else:
            shutting = each if shutting is None else shutting
    if outcome == "any":
        return None if opening is None or shutting is None else (opening, shutting)
    found = opening if outcome == "closed" else shutting
    return None if found is None else (found,)


def small_sets(case: Case) -> Iterator[PolicySet]:
    """No policy; for each end that is a pod and each direction nothing, all or none allowed to all pods of its
    namespace; and the same to pods like the one at the end, for peers or ports like those of the connection."""
    spaces = sorted({end.pod.namespace.name for end in (case.source, case.destination) if end.pod is not None})
    for chosen in product(CHANGES, repeat=2 * len(spaces)):
        found: list[WrittenObject] = []
        for number, name in enumerate(spaces):
            ingress, egress = chosen[2 * number : 2 * number + 2]
            if ingress != "none":
                found.append(policy(name, "in", {"policyTypes": ["Ingress"], "ingress": [{}] * (ingress == "allow")}))
            if egress != "none":
                found.append(policy(name, "out", {"policyTypes": ["Egress"], "egress": [{}] * (egress == "allow")}))
        yield tuple(found)
    yield from selective_sets(case)


def selective_sets(case: Case) -> Iterator[PolicySet]:
    """Policies for pods with the labels of an end, that allow the other end alone, or the port alone, or another."""
    protocol, number = case.connection
    ports: Sequence[Raw] = ({"protocol": protocol, "port": number}, {"protocol": protocol, "port": number % 65535 + 1})
    for subject, other, section, side in (
        (case.destination, case.source, "ingress", "from"),
        (case.source, case.destination, "egress", "to"),
    ):
        if subject.pod is None:
            continue
        for peers, port in product((None, [peer_of(other)]), (None, *ports)):
            rule: Raw = {} if peers is None else {side: peers}
            rule |= {} if port is None else {"ports": [port]}
            spec: Raw = {
                "podSelector": {"matchLabels": dict(subject.pod.labels)},
                "policyTypes": [section.capitalize()],
                section: [rule],
            }
            yield (policy(subject.pod.namespace.name, "selective", spec),)


def peer_of(end: Endpoint) -> Raw:
    """A peer that matches the endpoint, if not much else."""
    if end.pod is None:
        return {"ipBlock": {"cidr": "0.0.0.0/0" if end.family == "IPv4" else "::/0"}}
    name = {"matchLabels": {"kubernetes.io/metadata.name": end.pod.namespace.name}}
    return {"namespaceSelector": name, "podSelector": {"matchLabels": dict(end.pod.labels)}}


def policy(namespace: str, name: str, spec: Raw) -> WrittenObject:
    """A NetworkPolicy."""
    return made("NetworkPolicy", namespace, name, {"spec": spec})


def cannot_override(
    cluster: Manifests, between: LoadedProperty, outcome: OverrideOutcome, scope: Scope | None = None
) -> Outcome:
    """The verdict of `cannotOverride` about the connections of ``between``, which is a `never`."""

    def about(verb: Verb) -> Verb:
        if not isinstance(verb, Between):
            raise ValueError(f"not the connections between two groups: {verb}")
        return OverrideVerb(verb.sources, verb.destinations, verb.ports, outcome)

    return brute_force(cluster, between, scope, instead=about)
