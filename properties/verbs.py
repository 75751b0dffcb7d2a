"""The verbs: each property as a question, after the contract's *Exact meaning*.

One function a verb. They share the terms of one ``Evaluation``, so that the properties of a suite are questions to
one encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from ..encodings.endpoint import SymbolicEndpoint
from ..encodings.evaluation import Evaluation, Namespaces
from ..encodings.policy import DIRECTIONS, Direction, PodPeer, PortRange
from ..encodings.selectors import Requirement
from ..encodings.terms import FALSE, TRUE, Term
from ..encodings.world import ABSENT
from .elements import Elements, PodElement, member, member_of, possible_namespaces, resolve
from .loading import LoadedProperty
from .mentions import ASSUMED_DNS, dns_servers, is_entries, port_matches
from .question import Inhabited, Question, outside
from .suite import (
    Always,
    Can,
    DefaultDeny,
    Dns,
    Endpoints,
    Exception_,
    Isolate,
    Never,
    Only,
    OnlyEntry,
    Ports,
)

DNS_PORT_NAMES = ("dns", "dns-tcp")


@dataclass(frozen=True, slots=True)
class _Asking:
    """One property with the evaluation it is asked of, and the words that the verbs are written in.

    ``sliced`` False encodes every policy for every property: the reference that slicing is tested against.
    """

    loaded: LoadedProperty
    evaluation: Evaluation
    sliced: bool

    @property
    def all_of(self) -> Callable[[Iterable[Term]], Term]:
        """Conjunction in the world's store."""
        return self.evaluation.world.terms.all_of

    @property
    def any_of(self) -> Callable[[Iterable[Term]], Term]:
        """Disjunction in the world's store."""
        return self.evaluation.world.terms.any_of

    @property
    def source(self) -> SymbolicEndpoint:
        """The connection's source."""
        return self.evaluation.connection.source

    @property
    def destination(self) -> SymbolicEndpoint:
        """The connection's destination."""
        return self.evaluation.connection.destination

    def elements(self, endpoints: Endpoints) -> Elements:
        """The elements of a ``from``, ``to`` or ``for``."""
        return resolve(endpoints, self.loaded.groups)

    def namespaces(self, elements: Elements) -> Namespaces:
        """The namespaces whose policies can matter for these elements."""
        return possible_namespaces(elements, self.evaluation.world) if self.sliced else None

    def on_ports(self, ports: Ports | None) -> Term:
        """The connection's port is listed; all ports if none are."""
        return self.evaluation.connection.any_port(port_matches(ports))

    def begins(self, ports: Ports | None) -> Term:
        """The connection's port is the first of a range that the property names."""
        connection = self.evaluation.connection
        firsts = [
            match.first for match in port_matches(ports) or () if isinstance(match, PortRange) and match.first > 1
        ]
        return self.any_of(connection.has_port(first) for first in firsts)

    def excepted(self, exceptions: Sequence[Exception_] | None) -> Term:
        """The connection matches one entry in full."""
        return self.any_of(
            self.all_of(
                (
                    TRUE if each.from_ is None else member(self.elements(each.from_), self.source),
                    TRUE if each.to is None else member(self.elements(each.to), self.destination),
                    self.on_ports(each.ports),
                )
            )
            for each in exceptions or ()
        )

    def rule_names_port(self, sources: Namespaces, destinations: Namespaces) -> Term:
        """A rule that matches begins at the connection's port."""
        sides = (self.evaluation.side("egress", sources), self.evaluation.side("ingress", destinations))
        return self.any_of(side.named_port for side in sides)


def _inhabited(elements: Elements, end: SymbolicEndpoint) -> tuple[Inhabited, ...]:
    return tuple(Inhabited(element.text, member_of(element, end)) for element in elements)


def question_of(loaded: LoadedProperty, evaluation: Evaluation, *, sliced: bool = True) -> Question:
    """The question that a property asks of an evaluation, outside the traffic that is ``carved`` out of it."""
    asking = _Asking(loaded, evaluation, sliced)
    question = _as_written(asking)
    if not loaded.carved:
        return question
    return outside(question, asking.excepted(loaded.carved), evaluation.world.terms)


def _as_written(asking: _Asking) -> Question:
    written = asking.loaded.written
    if written.never is not None:
        return _flow(asking, written.never, wanted=False)
    if written.always is not None:
        return _flow(asking, written.always, wanted=True)
    if written.can is not None:
        return _flow(asking, written.can, wanted=None)
    if written.only is not None:
        return _only(asking, written.only)
    if written.isolate is not None:
        return _isolate(asking, written.isolate)
    if written.default_deny is not None:
        return _default_deny(asking, written.default_deny)
    assert written.dns is not None  # loading: exactly one verb
    return _dns(asking, written.dns)


def _flow(asking: _Asking, verb: Never | Always | Can, *, wanted: bool | None) -> Question:
    """``never`` (wanted False), ``always`` (wanted True) and ``can`` (None) over from × to × ports."""
    sources, destinations = asking.elements(verb.from_), asking.elements(verb.to)
    hypothesis = asking.all_of(
        (member(sources, asking.source), member(destinations, asking.destination), asking.on_ports(verb.ports))
    )
    return _about(
        asking,
        hypothesis,
        wanted=wanted,
        inhabited=(*_inhabited(sources, asking.source), *_inhabited(destinations, asking.destination)),
        spaces=(asking.namespaces(sources), asking.namespaces(destinations)),
        named=asking.begins(verb.ports),
    )


def _about(
    asking: _Asking,
    hypothesis: Term,
    *,
    wanted: bool | None,
    inhabited: tuple[Inhabited, ...],
    spaces: tuple[Namespaces, Namespaces],
    named: Term = FALSE,
    unless: Term = FALSE,
    at_least_two: tuple[Inhabited, ...] = (),
) -> Question:
    """The question whether the connections of ``hypothesis``, ``unless`` covered, are all refused, all allowed, or
    some allowed."""
    surely, perhaps = asking.evaluation.allowed(*spaces)
    if wanted:  # a witness is a blocked connection
        surely, perhaps = -perhaps, -surely
    concerned = asking.all_of((hypothesis, -unless))
    return Question(
        hypothesis=hypothesis,
        surely=asking.all_of((concerned, surely)),
        perhaps=asking.all_of((concerned, perhaps)),
        necessary=TRUE if wanted is not False else asking.all_of((concerned, _one_side(asking, spaces))),
        existential=wanted is None,
        inhabited=inhabited,
        named_port=asking.any_of((named, asking.rule_names_port(*spaces))),
        allowed=wanted is False,
        sources=spaces[0],
        destinations=spaces[1],
        at_least_two=at_least_two,
    )


def _one_side(asking: _Asking, spaces: tuple[Namespaces, Namespaces]) -> Term:
    """The end with fewer policies to read may let the connection through: what every allowed connection needs."""
    sources, destinations = spaces
    if destinations is not None and (sources is None or len(destinations) <= len(sources)):
        side = asking.evaluation.side("ingress", destinations)
    elif sources is not None:
        side = asking.evaluation.side("egress", sources)
    else:
        return TRUE
    return asking.any_of((side.passes, side.ignorance))


def _only(asking: _Asking, verb: Only) -> Question:
    """An allowed connection between the protected side and a pod or outside address that no entry covers."""
    protects_destination = is_entries(verb.from_)
    entries = cast(list[OnlyEntry], verb.from_ if protects_destination else verb.to)
    protected = asking.elements(cast(Endpoints, verb.to if protects_destination else verb.from_))
    inner, outer = asking.destination, asking.source
    if not protects_destination:
        inner, outer = outer, inner
    listed = [(asking.elements(entry.who), entry.ports) for entry in entries]
    covered = (asking.all_of((member(who, outer), asking.on_ports(ports))) for who, ports in listed)
    spaces = asking.namespaces(protected), None
    return _about(
        asking,
        asking.all_of((member(protected, inner), -outer.is_node)),
        wanted=False,
        named=asking.any_of(asking.begins(ports) for _, ports in listed),
        unless=asking.any_of(covered),
        inhabited=(
            *_inhabited(protected, inner),
            *(each for who, _ in listed for each in _inhabited(who, outer)),
        ),
        spaces=(spaces[1], spaces[0]) if protects_destination else spaces,
    )


def _isolate(asking: _Asking, verb: Isolate) -> Question:
    """An allowed connection between different groups, or between namespaces with different values of a label."""
    if verb.by is not None:
        key = verb.by.namespace_label
        connection = asking.evaluation.connection
        hypothesis = asking.all_of((connection.both_pods, -connection.same_namespace_label(key)))
        spaces, two = (None, None), ()
    else:
        groups = [asking.elements(group) for group in verb.groups or ()]
        hypothesis = asking.any_of(
            asking.all_of((member(one, asking.source), member(other, asking.destination)))
            for one in groups
            for other in groups
            if one is not other
        )
        everyone = asking.namespaces(tuple(element for group in groups for element in group))
        spaces = everyone, everyone
        two = tuple(Inhabited(", ".join(each.text for each in group), member(group, asking.source)) for group in groups)
    hypothesis = asking.all_of((hypothesis, -asking.excepted(verb.except_)))
    return _about(asking, hypothesis, wanted=False, inhabited=(), spaces=spaces, at_least_two=two)


def _default_deny(asking: _Asking, verb: DefaultDeny) -> Question:
    """A pod that starts unprotected in a direction, shown by a connection that no exception covers."""
    elements = asking.elements(verb.for_)
    space = asking.namespaces(elements)
    kept = -asking.excepted(verb.except_)
    hypotheses: list[Term] = []
    surely: dict[Direction, Term] = {}
    perhaps: dict[Direction, Term] = {}
    for direction in verb.directions or DIRECTIONS:
        side = asking.evaluation.side(direction, space)
        subject = asking.evaluation.subject(direction)
        concerned = asking.all_of((member(elements, subject), kept))
        # What gets through without a rule that admits it; strictly, also what gets through to a plain pod.
        plain = _plain(asking, elements, subject) if verb.strict else FALSE
        unduly = asking.all_of((concerned, asking.any_of((-side.admitted, plain))))
        hypotheses.append(concerned)
        surely[direction] = asking.all_of((unduly, side.passes, -side.ignorance))
        perhaps[direction] = asking.all_of((unduly, asking.any_of((side.passes, side.ignorance))))
    return Question(
        hypothesis=asking.any_of(hypotheses),
        surely=asking.any_of(surely.values()),
        perhaps=asking.any_of(perhaps.values()),
        existential=False,
        inhabited=_inhabited(elements, asking.destination),
        named_port=FALSE,
        allowed=None,
        sources=space,
        destinations=space,
        subjects=surely,
    )


def _plain(asking: _Asking, elements: Elements, subject: SymbolicEndpoint) -> Term:
    """The pod has no label that a policy singles out beyond what ``for`` says.

    A policy singles out label k=v where a requirement on k names v, or asks whether k is there at all.
    """
    said = {
        requirement.key
        for element in elements
        if isinstance(element, PodElement)
        for requirement in element.pod_selector
    }
    named: dict[str, set[str] | None] = {}
    for requirement in pod_requirements(asking.evaluation):
        values = named.setdefault(requirement.key, set())
        if requirement.operator in ("Exists", "DoesNotExist"):
            named[requirement.key] = None
        elif values is not None:
            values.update(requirement.values)
    parts: list[Term] = []
    for key in sorted(named.keys() - said):
        values = named[key]
        if values is None:
            parts.append(subject.label_in(key, frozenset({ABSENT})))
        else:
            domain = asking.evaluation.world.pod_label(key)
            parts.append(-subject.label_in(key, frozenset(domain.code(value) for value in values)))
    return asking.all_of(parts)


def pod_requirements(evaluation: Evaluation) -> Iterable[Requirement]:
    """Every requirement that a policy puts on the labels of pods."""
    for layer in evaluation.world.cluster.layers:
        for tier in layer.tiers:
            for policy in tier.policies:
                peers = [policy.subject, *(peer for rule in policy.rules for peer in rule.peers or ())]
                for peer in peers:
                    if isinstance(peer, PodPeer):
                        yield from peer.pod_selector or ()


def _dns(asking: _Asking, verb: Dns) -> Question:
    """Each pod reaches every declared server, over UDP and TCP, on each port it names for DNS."""
    clients, servers = asking.elements(verb.for_), asking.elements(dns_servers(verb))
    connection, world = asking.evaluation.connection, asking.evaluation.world
    ports: list[Term] = []
    for code, each in enumerate(world.classes):
        numbers = sorted({number for name, _, number in each.pod.ports if name in DNS_PORT_NAMES})
        if numbers:
            on_port = asking.any_of(connection.has_port(number) for number in numbers)
            ports.append(asking.all_of((asking.destination.in_classes([code]), on_port)))
    protocols = asking.any_of((connection.has_protocol("UDP"), connection.has_protocol("TCP")))
    serves = asking.all_of((asking.destination.is_pod, asking.any_of(ports), protocols))
    assumed = (code for code, each in enumerate(world.classes) if each.pod.reference == ASSUMED_DNS)
    client = -asking.source.in_classes(assumed)
    asks = asking.all_of((member(clients, asking.source), client))
    hypothesis = asking.all_of((asks, member(servers, asking.destination), serves))
    inhabited = (
        *(Inhabited(each.text, asking.all_of((each.term, client))) for each in _inhabited(clients, asking.source)),
        # Servers are no list that the property speaks of: one without a DNS port asks nothing, and gets a notice.
        Inhabited(
            " or ".join(each.text for each in servers), asking.all_of((member(servers, asking.destination), serves))
        ),
    )
    return _about(
        asking,
        hypothesis,
        wanted=True,
        inhabited=inhabited,
        spaces=(asking.namespaces(clients), asking.namespaces(servers)),
    )
