"""What one would say of any namespace: denied by default, no metadata service, no internet, names resolve.

Each is asked of one namespace out of those that are alike, and written for all with the same outcome at once; the whole
is proved before it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...encodings.policy import DIRECTIONS, Direction
from ...properties.suite import DefaultDeny, Dns, Endpoints, Group, Never, Severity, Verb
from .census import Census
from .claims import Claim, Outcome, Plan, Proposal, Width
from .selecting import is_plain
from .sets import NamespaceSets
from .spelling import INTERNET, METADATA


@dataclass(frozen=True, slots=True)
class Family:
    """One statement about namespaces; ``strict`` names the one that it is implied by, which is preferred."""

    name: str
    section: str
    severity: Severity
    description: str
    direction: Direction
    verb: Callable[[Endpoints], Verb]
    applies: Callable[[Census, str], bool]
    expected: bool = True
    strict: str | None = None


DENY = "Denied by default"
REACH = "Metadata service, internet, names"


def _deny(direction: Direction, *, strict: bool) -> Callable[[Endpoints], Verb]:
    return lambda pods: DefaultDeny(for_=pods, directions=[direction], strict=strict)


def _never_to(group: Group) -> Callable[[Endpoints], Verb]:
    return lambda pods: Never(from_=pods, to=group)


def _never_from(group: Group) -> Callable[[Endpoints], Verb]:
    return lambda pods: Never(from_=group, to=pods)


def _dns(pods: Endpoints) -> Verb:
    return Dns(for_=pods)


def _always(census: Census, name: str) -> bool:
    del census, name
    return True


def _governed(direction: Direction) -> Callable[[Census, str], bool]:
    return lambda census, name: bool(census.policies(name, direction))


def _may_be_strict(direction: Direction) -> Callable[[Census, str], bool]:
    """A rule for pods without labels gives a pod that nobody has thought of a connection."""

    def applies(census: Census, name: str) -> bool:
        policies = census.policies(name, direction)
        return bool(policies) and not any(each.rules and is_plain(each.subject.pod_selector or ()) for each in policies)

    return applies


FAMILIES = (
    *(
        Family(
            *(f"default-deny-{direction}-strict", DENY, "high"),
            f"A pod that no policy has in mind has no {direction} at all.",
            *(direction, _deny(direction, strict=True), _may_be_strict(direction)),
            expected=False,
        )
        for direction in DIRECTIONS
    ),
    *(
        Family(
            *(f"default-deny-{direction}", DENY, "high"),
            f"Whatever pod is started here, its {direction} is closed until a rule opens it.",
            *(direction, _deny(direction, strict=False), _always),
            strict=f"default-deny-{direction}-strict",
        )
        for direction in DIRECTIONS
    ),
    Family(
        *("metadata-is-unreachable", REACH, "critical"),
        "The cloud's metadata service gives out credentials; no pod may ask it.",
        *("egress", _never_to(METADATA), _always),
    ),
    Family(
        *("no-way-out-to-the-internet", REACH, "medium"),
        "No pod calls an address of the internet.",
        *("egress", _never_to(INTERNET), _always),
    ),
    Family(
        *("no-way-in-from-the-internet", REACH, "high"),
        "No address of the internet reaches a pod directly.",
        *("ingress", _never_from(INTERNET), _always),
    ),
    Family(
        *("names-resolve", REACH, "medium"),
        "Every pod reaches the cluster's DNS, over UDP and TCP, although its egress is governed.",
        *("egress", _dns, _governed("egress")),
    ),
)


@dataclass(frozen=True)
class NamespacePlan:
    """The claims of all families, and what their outcomes are worth."""

    census: Census
    sets: NamespaceSets

    def plan(self) -> Plan:
        """One claim for each family and each set of namespaces that are alike."""
        asked = [
            (family, alike)
            for family in FAMILIES
            for alike in self.census.alike(
                (name for name in self.census.own if family.applies(self.census, name)), family.direction
            )
        ]
        claims = [Claim(family.verb(Group(namespace=alike[0]))) for family, alike in asked]
        return Plan(claims, lambda outcomes: self._proposals(asked, outcomes))

    def _proposals(
        self, asked: Sequence[tuple[Family, tuple[str, ...]]], outcomes: Sequence[Outcome]
    ) -> list[Proposal]:
        settled: dict[tuple[str, str], Outcome] = {}
        for (family, alike), outcome in zip(asked, outcomes, strict=True):
            settled.update({(family.name, name): outcome for name in alike})
        merged: dict[tuple[str, Width | None, str], list[str]] = {}
        for family in FAMILIES:
            for name in self.census.own:
                outcome = settled.get((family.name, name))
                if outcome is not None and not self._implied(family, name, outcome, settled):
                    width = outcome.width if outcome.holds else None
                    merged.setdefault((family.name, width, "" if width else outcome.result.verdict), []).append(name)
        families = {family.name: family for family in FAMILIES}
        proposals: list[Proposal] = []
        for (name, width, _), members in merged.items():
            outcome = settled[name, members[0]]
            if width is not None:
                proposals.append(self._holding(families[name], members, width, settled))
            elif families[name].expected and outcome.result.verdict != "proved":
                proposals.append(self._missing(families[name], members, outcome))
        return _both_ways(proposals)

    @staticmethod
    def _implied(family: Family, name: str, outcome: Outcome, settled: dict[tuple[str, str], Outcome]) -> bool:
        """Is there a stronger statement about the namespace that holds in a world as wide?"""
        strict = settled.get((family.strict or "", name))
        return strict is not None and strict.holds and strict.width == outcome.width

    def _holding(
        self, family: Family, members: list[str], width: Width, settled: dict[tuple[str, str], Outcome]
    ) -> Proposal:
        """The family's property of ``members``; should that not be proved, of those among them that are alike."""

        def of(names: list[str], parts: tuple[Proposal, ...] = ()) -> Proposal:
            group, narrowed = self.sets.group(names, width)
            named = (family.name, family.section, family.severity, family.description)
            return Proposal(*named, Claim(family.verb(group)), narrowed, settled[family.name, names[0]], parts=parts)

        alike: dict[int, list[str]] = {}
        for name in members:
            alike.setdefault(id(settled[family.name, name]), []).append(name)
        return of(members, tuple(map(of, alike.values())) if len(alike) > 1 else ())

    def _missing(self, family: Family, members: list[str], outcome: Outcome) -> Proposal:
        group, _, cut = self.sets.sample(members, Width("open", "open"))
        claim, remarks = Claim(family.verb(group)), (cut,) if cut else ()
        named = (family.name, family.section, family.severity, family.description)
        return Proposal(*named, claim, None, outcome, remarks=remarks)


def _both_ways(proposals: list[Proposal]) -> list[Proposal]:
    """Two default denies that differ in nothing but their direction become one."""
    found: list[Proposal] = []
    for proposal in proposals:
        twin = next((other for other in found if _differ_in_direction(other, proposal)), None)
        if twin is None:
            found.append(proposal)
            continue
        verb = twin.claim.verb
        assert isinstance(verb, DefaultDeny)
        joined = verb.model_copy(update={"directions": None})
        strict = "-strict" if verb.strict else ""
        text = (
            "A pod that no policy has in mind has no connection at all, neither in nor out."
            if verb.strict
            else "Whatever pod is started here, it is closed both ways until a rule opens it."
        )
        found[found.index(twin)] = Proposal(
            *(f"default-deny{strict}", twin.section, twin.severity, text, Claim(joined), twin.width, twin.outcome),
            remarks=twin.remarks,
            parts=(twin, proposal),
        )
    return found


def _differ_in_direction(one: Proposal, other: Proposal) -> bool:
    first, second = one.claim.verb, other.claim.verb
    return (
        isinstance(first, DefaultDeny)
        and isinstance(second, DefaultDeny)
        and one.width is not None
        and one.width == other.width
        and first.directions != second.directions
        and (first.for_, first.strict) == (second.for_, second.strict)
    )
