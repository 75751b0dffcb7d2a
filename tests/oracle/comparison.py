"""Two clusters compared by plain enumeration: which connections one allows and the other does not.

Written from the contract (*Exact meaning*, ``noNewAccess``), apart from the product's encodings: both sides are asked
about the same namespaces and pods, under one reading. The world is the oracle's usual one for the policies of both;
each endpoint stands in it twice, as head sees it and as base does, which differ in the labels of namespaces alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.properties.loading import LoadedProperty

from .addresses import parse_span
from .bruteforce import Outcome, Scope, Witness, namespaces_of, scope_of
from .edits import plain
from .endpoints import Endpoint, Namespace, Pod
from .flows import Connection, Ends, Flows
from .groups import Carve, Elements, carves
from .policies import Direction, Policy, Unmodelled, policies_of, unmodelled_of
from .readings import Reading
from .verb import carved, elements_of, ports_of
from .workloads import declared_workloads, external_pods
from .world import NAME_LABEL, NOWHERE, Interest, Setting, World, build_world, pod_is_peer

Seen = tuple[Endpoint, Endpoint]
"""An endpoint as base sees it, and as head does."""
Answer = tuple[int, int]
"""The destinations that a source reaches on one port: in base, and in head."""


@dataclass(frozen=True, slots=True)
class Side:
    """One cluster beside the other: ``namespaces`` are those of both, ``own`` the unmodelled policies of it alone."""

    policies: tuple[Policy, ...]
    namespaces: Mapping[str, dict[str, str] | None]
    own: tuple[Unmodelled, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a property over changes speaks of."""

    scope: tuple[Carve, ...]
    exceptions: tuple[Carve, ...]

    @property
    def elements(self) -> Elements:
        """The elements of the scope: each must hold something, as those of any property."""
        return elements_of(self.scope)


EVERYTHING = Asked((), ())
CHANGES: dict[str, Callable[[int, int], int]] = {
    "noNewAccess": lambda base, head: head & ~base,
    "noLostAccess": lambda base, head: base & ~head,
    "equivalent": lambda base, head: base ^ head,
}
"""By verb: of the destinations that base and head allow, those that the verb forbids."""


class Comparison:
    """Both clusters in one world of the suite. ``shared``: unmodelled policies that say the same in both."""

    def __init__(self, base: Manifests, head: Manifests, prop: LoadedProperty, asked: Asked) -> None:
        external = prop.world.external or []
        spaces = [namespaces_of(each, external) for each in (base, head)]
        common = [plain_object(item) for item in head.unmodelled if said_by(item, base)]
        self.shared = unmodelled_of(replace(head, unmodelled=tuple(i for i in head.unmodelled if said_by(i, base))))
        self.base, self.head = (
            Side(
                policies_of(each),
                {name: own.get(name) if own.get(name) is not None else other.get(name) for name in {**own, **other}},
                unmodelled_of(
                    replace(each, unmodelled=tuple(i for i in each.unmodelled if plain_object(i) not in common))
                ),
            )
            for each, own, other in ((base, *spaces), (head, *reversed(spaces)))
        )
        declared = [*declared_workloads(head), *declared_workloads(base), *external_pods(external)]
        known = [plain_object(item) for item in head.modelled]
        only_base = tuple(item for item in base.modelled if plain_object(item) not in known)
        self.setting = Setting(
            policies=(*self.head.policies, *policies_of(replace(base, modelled=only_base))),
            unmodelled=(),
            declared=tuple(each for number, each in enumerate(declared) if each not in declared[:number]),
            namespaces=dict(sorted(self.head.namespaces.items())),
            pod_cidrs=tuple(parse_span(text) for text in prop.world.pod_cidrs or ()),
            node_cidrs=tuple(parse_span(text) for text in prop.world.node_cidrs or ()),
        )
        self.asked = asked
        chosen = prop.semantics.ip_block_matches_pods
        self.readings = (chosen,) if isinstance(chosen, bool) else (True, False)
        self._twins: dict[int, tuple[Namespace, Namespace]] = {}

    def world(self, scope: Scope) -> World:
        """The world in which everything that either side tells apart is told apart."""
        elements = (*elements_of(self.asked.scope), *elements_of(self.asked.exceptions))

        def observe(pod: Pod) -> Hashable:
            """What base's policies, and groups as base sees them, tell of a pod whose namespace base labels otherwise;
            the world looks at the rest itself."""
            seen = self.in_base(Endpoint("pod", NOWHERE, pod))
            if seen.pod is None or seen.pod is pod:
                return None
            rules = [
                (policy, rule) for policy in self.base.policies for rules in policy.rules.values() for rule in rules
            ]
            return (
                tuple(
                    pod_is_peer(policy, seen.pod, p.pods, p.namespaces) for policy, r in rules for p in r.peers or ()
                ),
                tuple(element.matches(seen) for element in elements),
            )

        interest = Interest(elements, (*ports_of(self.asked.scope), *ports_of(self.asked.exceptions)), (), observe)
        return build_world(self.setting, interest, pods_open=scope.pods_open, namespaces_open=scope.namespaces_open)

    def in_base(self, end: Endpoint) -> Endpoint:
        """The endpoint, which is as head sees it, as base sees it."""
        if end.pod is None:
            return end
        own = end.pod.namespace
        labels = self.base.namespaces.get(own.name)
        if labels is None or labels == self.head.namespaces.get(own.name):
            return end
        # The original is kept beside its twin, so that its identity stays its own.
        _, twin = self._twins.setdefault(id(own), (own, Namespace(own.name, {**labels, NAME_LABEL: own.name})))
        return replace(end, pod=replace(end.pod, namespace=twin))

    def places(self, scope: Scope) -> list[Place]:
        """The connections of the world, by family."""
        world = self.world(scope)
        return [Place(self, world, endpoints) for endpoints in world.endpoints.values()]


class Place:
    """The connections of one family: ``head`` and ``base`` are the same ends in the same order."""

    def __init__(self, comparison: Comparison, world: World, endpoints: Sequence[Endpoint]) -> None:
        self.comparison = comparison
        self.head = Ends(endpoints, world.port_names)
        self.base = Ends([comparison.in_base(end) for end in endpoints], world.port_names)
        self.sources: tuple[Seen, ...] = tuple(zip(self.base.sources, self.head.sources, strict=True))
        self.connections = world.connections
        self._flows: dict[bool, tuple[Flows, Flows]] = {}

    def questions(self) -> Iterator[tuple[Seen, Connection, int]]:
        """Every source and port with the destinations that the property speaks of, where there is one."""
        for source in self.sources:
            for connection in self.connections:
                about = self.about(source, connection)
                if about:
                    yield source, connection, about

    def about(self, source: Seen, connection: Connection) -> int:
        """The destinations of the connections that can be and that the property speaks of: in scope as seen from either
        side, and not left out as seen from both."""
        asked, seen = self.comparison.asked, tuple(zip((self.base, self.head), source, strict=True))
        result = self.head.everything
        if asked.scope:
            result = union(carved(asked.scope, ends, end, connection) for ends, end in seen)
        for each in asked.exceptions:
            result &= ~common(carved((each,), ends, end, connection) for ends, end in seen)
        return result & self.head.partners(source[1]) if result else 0

    def answers(self, source: Seen, connection: Connection, reading: bool) -> list[Answer]:
        """What both sides say, once for each thing that unmodelled policies may do.

        Those of one side alone let through or stop what they govern; shared ones do the same on both sides, or leave
        what they govern to the policies of each.
        """
        compared = self.comparison
        flows = self._both(reading)
        out = [each.through_out(end, connection) for each, end in zip(flows, source, strict=True)]
        into = [each.through_in(end, connection) for each, end in zip(flows, source, strict=True)]
        found: list[Answer] = []
        for shared_out, shared_in, *own in product(*behaviours(compared)):
            answer: list[int] = []
            for number, side in enumerate((compared.base, compared.head)):
                end_out = self._decided(out[number], shared_out, self._source(compared.shared, source[number]))
                end_out = self._decided(end_out, own[number], self._source(side.own, source[number]))
                end_in = self._decided(into[number], shared_in, self._destinations(compared.shared))
                end_in = self._decided(end_in, own[number], self._destinations(side.own))
                answer.append(end_out & end_in)
            found.append((answer[0], answer[1]))
        return found

    def _both(self, reading: bool) -> tuple[Flows, Flows]:
        """The policies of base and head."""
        if reading not in self._flows:
            setting = self.comparison.setting
            base, head = (
                Flows(replace(setting, policies=side.policies), ends, blocks_match_pods=reading, free_allows=False)
                for side, ends in ((self.comparison.base, self.base), (self.comparison.head, self.head))
            )
            self._flows[reading] = base, head
        return self._flows[reading]

    def _decided(self, through: int, decision: bool | None, governed: int) -> int:
        """``through``, save that a decision says what happens to those who are governed."""
        if decision is None:
            return through
        return through | governed if decision else through & ~governed

    def _source(self, among: Sequence[Unmodelled], source: Endpoint) -> int:
        return self.head.everything if governs(among, source, "egress") else 0

    def _destinations(self, among: Sequence[Unmodelled]) -> int:
        return self.head.once(("governed", tuple(among)), lambda end: governs(among, end, "ingress"))


def union(sets: Iterable[int]) -> int:
    """The destinations in any of the sets."""
    result = 0
    for each in sets:
        result |= each
    return result


def common(sets: Iterable[int]) -> int:
    """The destinations in all of the sets (at least one)."""
    first, *others = sets
    for each in others:
        first &= each
    return first


def behaviours(compared: Comparison) -> tuple[tuple[bool | None, ...], ...]:
    """What shared policies may do at the source and at the destination, those of base, and those of head."""
    shared = (None, True, False) if compared.shared else (None,)
    return (shared, shared, *((True, False) if side.own else (None,) for side in (compared.base, compared.head)))


def governs(among: Sequence[Unmodelled], end: Endpoint, direction: Direction) -> bool:
    """Whether one of these decides about the end."""
    pod = end.pod
    return pod is not None and any(
        direction in each.directions and each.namespace in (None, pod.namespace.name) for each in among
    )


def plain_object(item: WrittenObject) -> tuple[object, ...]:
    """An object without where it was written."""
    return item.api_version, item.kind, item.namespace, item.name, plain(item.fields)


def said_by(item: WrittenObject, other: Manifests) -> bool:
    """Whether the other cluster holds the very same unmodelled policy."""
    return plain_object(item) in [plain_object(each) for each in other.unmodelled]


def asked_of(prop: LoadedProperty) -> Asked:
    """What the property speaks of, with its groups resolved."""
    written = prop.written
    verb = written.no_new_access or written.no_lost_access or written.equivalent
    if verb is None:
        raise ValueError(f"{prop.verb} compares nothing")
    return Asked(
        carves([verb.scope], prop.groups) if verb.scope is not None else (),
        carves((*(verb.except_ or ()), *prop.carved), prop.groups),
    )


class Judge:
    """Brute force for a pair: every verb over what one property speaks of, in its world or another."""

    def __init__(self, base: Manifests, head: Manifests, prop: LoadedProperty) -> None:
        self._own = scope_of(prop)
        self._comparison = Comparison(base, head, prop, asked_of(prop))
        self._known: dict[Scope, dict[str, Outcome]] = {}

    def outcome(self, verb: str, scope: Scope | None) -> Outcome:
        """The outcome of a verb in a world; None is the property's own."""
        scope = scope or self._own
        if scope not in self._known:
            self._known[scope] = self._outcomes(self._comparison.places(scope))
        return self._known[scope][verb]

    def _outcomes(self, places: Sequence[Place]) -> dict[str, Outcome]:
        """Refuted: some connection changed as the verb forbids, whatever unmodelled policies do; unknown: one does so
        for some of what they may do."""
        comparison = self._comparison
        speaks, unsure, refuted = False, set[str](), dict[str, Outcome]()
        for place, (source, connection, about) in (
            (each, question) for each in places for question in each.questions()
        ):
            speaks = True
            for reading in comparison.readings:
                answers = place.answers(source, connection, reading)
                for verb in [verb for verb in CHANGES if verb not in refuted]:
                    found = [about & CHANGES[verb](*each) for each in answers]
                    surely = common(found)
                    if surely:
                        destination = place.head.destinations[surely.bit_length() - 1]
                        refuted[verb] = Outcome(
                            "refuted", Witness(source[1], destination, *connection, Reading(reading))
                        )
                    elif any(found):
                        unsure.add(verb)
            if len(refuted) == len(CHANGES):
                break
        if not speaks:
            return dict.fromkeys(CHANGES, Outcome("vacuous"))
        proved = Outcome("proved" if _all_inhabited(comparison.asked.elements, places) else "vacuous")
        return {verb: refuted.get(verb) or (Outcome("unknown") if verb in unsure else proved) for verb in CHANGES}


def _all_inhabited(elements: Elements, places: Sequence[Place]) -> bool:
    """Whether each element holds some endpoint that exists, as seen from either side."""
    return all(
        any(element.matches(end) for place in places for source in place.sources for end in source)
        for element in elements
    )
