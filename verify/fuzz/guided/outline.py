"""The policies of a cluster as their boundaries are drawn from them, with the values that boundaries are tried at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ....encodings.adminpolicy import cluster_policies
from ....encodings.cluster import NAME_LABEL
from ....encodings.manifests import Manifests
from ....encodings.networkpolicy import GROUP, KIND, network_policy_tier
from ....encodings.policy import DIRECTIONS, DirectedPolicy
from ....encodings.vocabulary import unmentioned
from ....encodings.written import Map, WrittenObject
from .forms import Labels, Mutant, Named, Pods, Policy, TierName, TierPolicy, form_of, ports_of, tier_form_of

_USUAL_NUMBER = 8080


@dataclass(frozen=True, slots=True)
class Outline:
    """``policies`` in each direction that they govern, and ``dormant`` ones: what they say of the directions that they
    do not; ``tiers``: cluster-wide ones, each tier by precedence. ``reading``: what ipBlockMatchesPods is, None where
    both readings count.

    ``numbers``: for each named port the number at which it is declared in flows that try it.
    """

    policies: tuple[Policy, ...]
    dormant: tuple[Policy, ...]
    tiers: tuple[TierPolicy, ...]
    reading: bool | None
    pod_values: dict[str, tuple[str, ...]]
    namespace_values: dict[str, tuple[str, ...]]
    numbers: dict[str, int]

    def points(self, scope: str, own: Labels) -> tuple[str | None, ...]:
        """Where a requirement is tried: its own values, absence, the empty value, and one that nobody mentions."""
        if own.key == NAME_LABEL:  # a namespace's name, which is never absent
            return own.listed
        values = (self.pod_values if scope == "pod" else self.namespace_values)[own.key]
        return tuple(dict.fromkeys((*own.listed, None, "", values[-1])))

    def mutant(self, policies: tuple[Policy, ...] | None = None) -> Mutant:
        """What the policies mean; with other NetworkPolicies in place of theirs, if they are given."""
        return Mutant(self.policies if policies is None else policies, self.tiers)

    @property
    def written(self) -> tuple[Policy | TierPolicy, ...]:
        """All that policies say, whether it is in force or not."""
        return (*self.policies, *self.dormant, *self.tiers)

    @property
    def named_namespaces(self) -> tuple[str, ...]:
        """The values that requirements on the name of a namespace list."""
        labels = (label for policy in self.written for label in _namespace_labels(policy))
        return tuple(dict.fromkeys(value for each in labels if each.key == NAME_LABEL for value in each.listed))

    def key(self, scope: str) -> str:
        """A label key for pods, or namespaces, that a selector without requirements is tried with."""
        values = self.pod_values if scope == "pod" else self.namespace_values
        return next(iter(values))


def outline_of(manifests: Manifests, declared_numbers: dict[str, int], reading: bool | None) -> Outline:
    """The outline of validated manifests. ``declared_numbers``: numbers at which pods declare ports by name."""
    policies: list[Policy] = []
    dormant: list[Policy] = []
    for written in manifests.modelled:
        if written.kind == KIND and written.group == GROUP:
            governed = _directed(written)
            policies.extend(form_of(policy) for policy in governed)
            directions = {policy.direction for policy in governed}
            both = _directed(_governing_both(written))
            dormant.extend(form_of(policy) for policy in both if policy.direction not in directions)
    tiers: list[TierPolicy] = []
    names: tuple[TierName, ...] = ("Admin", "Baseline")
    for name, tier in zip(names, cluster_policies(manifests.modelled), strict=True):
        tiers.extend(tier_form_of(policy, name) for policy in (tier.policies if tier else ()))
    every = (*policies, *dormant, *tiers)
    return Outline(
        tuple(policies),
        tuple(dormant),
        tuple(tiers),
        reading,
        _values("app", (label for policy in every for label in _pod_labels(policy))),
        _values("team", (label for policy in every for label in _namespace_labels(policy))),
        _numbers(every, declared_numbers),
    )


def _directed(written: WrittenObject) -> tuple[DirectedPolicy, ...]:
    return network_policy_tier([written]).policies


def _governing_both(written: WrittenObject) -> WrittenObject:
    """The policy as if it governed both directions."""
    fields, spec = Map(), Map()
    fields.update(written.fields)
    spec.update(written.fields.get("spec") or {})
    spec["policyTypes"] = [direction.capitalize() for direction in DIRECTIONS]
    fields["spec"] = spec
    return replace(written, fields=fields)


def _pods(policy: Policy | TierPolicy) -> Iterator[Pods]:
    yield policy.subject
    yield from (peer for rule in policy.matches for peer in rule.peers or () if isinstance(peer, Pods))


def _pod_labels(policy: Policy | TierPolicy) -> Iterator[Labels]:
    return (label for pods in _pods(policy) for label in pods.labels)


def _namespace_labels(policy: Policy | TierPolicy) -> Iterator[Labels]:
    return (label for pods in _pods(policy) for label in pods.namespace_labels)


def _values(usual: str, labels: Iterable[Labels]) -> dict[str, tuple[str, ...]]:
    """For each key (``usual`` if there is none) its values, sorted, the empty one and, last, one nobody mentions."""
    found: dict[str, set[str]] = {}
    for each in labels:
        if each.key != NAME_LABEL:
            found.setdefault(each.key, set()).update(each.listed)
    keys = sorted(found) or [usual]
    return {key: (*sorted(found.get(key, set()) | {""}), *unmentioned("other", found.get(key, ()))) for key in keys}


def _numbers(policies: Iterable[Policy | TierPolicy], declared: dict[str, int]) -> dict[str, int]:
    """One number for each name: where a pod declares it, or else one that no other name has."""
    names = sorted({port.name for port in ports_of(policies) if isinstance(port, Named)})
    free = (number for number in range(_USUAL_NUMBER, 65536) if number not in declared.values())
    return {name: declared[name] if name in declared else next(free) for name in names}
