"""The verbs: each property as a question, after the contract's *Exact meaning*.

One function a verb. They share the terms of one ``Evaluation``, so that the properties of a suite are questions to
one encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from ..encodings.endpoint import SymbolicEndpoint
from ..encodings.evaluation import Evaluation
from ..encodings.policy import DIRECTIONS, Direction, PodPeer
from ..encodings.selectors import Requirement
from ..encodings.settled import closable, names_port, openable
from ..encodings.terms import FALSE, Term
from ..encodings.world import ABSENT
from .arrivals import Part, parts_of
from .asking import Asking, about, inhabited_by
from .elements import Elements, PodElement, member
from .loading import LoadedProperty
from .mentions import ASSUMED_DNS, dns_servers, is_entries
from .question import Inhabited, Question, outside
from .suite import (
    Always,
    Can,
    CannotOverride,
    DefaultDeny,
    Dns,
    Endpoints,
    Isolate,
    Never,
    Only,
    OnlyEntry,
    Ports,
)

DNS_PORT_NAMES = ("dns", "dns-tcp")


def question_of(loaded: LoadedProperty, evaluation: Evaluation, *, sliced: bool = True) -> Question:
    """The question that a property asks of an evaluation, outside the traffic that is ``carved`` out of it."""
    asking = Asking(loaded, evaluation, sliced)
    question = _as_written(asking)
    if not loaded.carved:
        return question
    return outside(question, asking.excepted(loaded.carved), evaluation.world.terms)


def _as_written(asking: Asking) -> Question:
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
    if written.cannot_override is not None:
        return _cannot_override(asking, written.cannot_override)
    assert written.dns is not None  # loading: exactly one verb
    return _dns(asking, written.dns)


def _flow(asking: Asking, verb: Never | Always | Can, *, wanted: bool | None) -> Question:
    """``never`` (wanted False), ``always`` (wanted True) and ``can`` (None) over from × to × ports."""
    sources, destinations = asking.elements(verb.from_), asking.elements(verb.to)
    hypothesis = asking.all_of((member(sources, asking.source), *asking.arrives(destinations, verb.ports)))
    return about(
        asking,
        hypothesis,
        wanted=wanted,
        inhabited=(*inhabited_by(sources, asking.source), *asking.inhabited(destinations, verb.ports)),
        spaces=(asking.namespaces(sources), asking.namespaces(destinations)),
        named=asking.begins(destinations, verb.ports),
    )


def _cannot_override(asking: Asking, verb: CannotOverride) -> Question:
    """A connection that is not settled as the verb has it: some NetworkPolicies open it, or close it, or each."""
    sources, destinations = asking.elements(verb.from_), asking.elements(verb.to)
    spaces = asking.namespaces(sources), asking.namespaces(destinations)
    hypothesis = asking.all_of((member(sources, asking.source), *asking.arrives(destinations, verb.ports)))
    surely, perhaps = [hypothesis], [hypothesis]
    for changeable, outcomes in ((openable, ("closed", "any")), (closable, ("open", "any"))):
        if verb.outcome in outcomes:
            bounds = changeable(asking.evaluation, spaces)
            surely.append(bounds[0])
            perhaps.append(bounds[1])
    return Question(
        hypothesis=hypothesis,
        surely=asking.all_of(surely),
        perhaps=asking.all_of(perhaps),
        existential=False,
        inhabited=(*inhabited_by(sources, asking.source), *asking.inhabited(destinations, verb.ports)),
        named_port=asking.any_of((asking.begins(destinations, verb.ports), names_port(asking.evaluation, spaces))),
        allowed=None,
        sources=spaces[0],
        destinations=spaces[1],
    )


def _only(asking: Asking, verb: Only) -> Question:
    """An allowed connection between the protected side and a pod or outside address that no entry covers."""
    protects_destination = is_entries(verb.from_)
    entries = cast(list[OnlyEntry], verb.from_ if protects_destination else verb.to)
    protected = asking.elements(cast(Endpoints, verb.to if protects_destination else verb.from_))
    listed = [(asking.elements(entry.who), entry.ports) for entry in entries]
    if not protects_destination:
        return about(
            asking,
            asking.all_of((member(protected, asking.source), -asking.destination.is_node)),
            wanted=False,
            named=asking.any_of(asking.begins(who, ports) for who, ports in listed),
            unless=asking.any_of(asking.all_of(asking.arrives(who, ports)) for who, ports in listed),
            inhabited=(
                *inhabited_by(protected, asking.source),
                *(each for who, ports in listed for each in asking.inhabited(who, ports)),
            ),
            spaces=(asking.namespaces(protected), None),
        )
    return about(
        asking,
        asking.all_of((*asking.arrives(protected, None), -asking.source.is_node)),
        wanted=False,
        named=asking.any_of(asking.begins(protected, ports) for _, ports in listed),
        unless=_admitted(asking, protected, listed),
        inhabited=(
            *asking.inhabited(protected, None),
            *(each for who, _ in listed for each in inhabited_by(who, asking.source)),
        ),
        spaces=(None, asking.namespaces(protected)),
    )


def _admitted(asking: Asking, protected: Elements, listed: Sequence[tuple[Elements, Ports | None]]) -> Term:
    """An entry of ``only`` admits the source; for every part of the protected group that the connection arrives at,
    since each reads the entries' ports in its own way."""
    connection = asking.evaluation.connection

    def admitted(part: Part) -> Term:
        return asking.any_of(
            asking.all_of((member(who, asking.source), part.on(ports, connection))) for who, ports in listed
        )

    parts = parts_of(protected, connection.world.cluster)
    if len(parts) == 1:
        return admitted(parts[0])
    return asking.all_of(
        asking.any_of((-asking.all_of(part.arrives(None, connection)), admitted(part))) for part in parts
    )


def _isolate(asking: Asking, verb: Isolate) -> Question:
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
    return about(asking, hypothesis, wanted=False, inhabited=(), spaces=spaces, at_least_two=two)


def _default_deny(asking: Asking, verb: DefaultDeny) -> Question:
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
        unduly = asking.all_of((concerned, asking.any_of((-side.perhaps_admitted, plain))))
        hypotheses.append(concerned)
        surely[direction] = asking.all_of((unduly, side.surely_passes, -side.ignorance))
        unduly = asking.all_of((concerned, asking.any_of((-side.admitted, plain))))
        perhaps[direction] = asking.all_of((unduly, asking.any_of((side.passes, side.ignorance))))
    return Question(
        hypothesis=asking.any_of(hypotheses),
        surely=asking.any_of(surely.values()),
        perhaps=asking.any_of(perhaps.values()),
        existential=False,
        inhabited=inhabited_by(elements, asking.destination),
        named_port=FALSE,
        allowed=None,
        sources=space,
        destinations=space,
        subjects=surely,
    )


def _plain(asking: Asking, elements: Elements, subject: SymbolicEndpoint) -> Term:
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


def _dns(asking: Asking, verb: Dns) -> Question:
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
        *(Inhabited(each.text, asking.all_of((each.term, client))) for each in inhabited_by(clients, asking.source)),
        # Servers are no list that the property speaks of: one without a DNS port asks nothing, and gets a notice.
        Inhabited(
            " or ".join(each.text for each in servers), asking.all_of((member(servers, asking.destination), serves))
        ),
    )
    return about(
        asking,
        hypothesis,
        wanted=True,
        inhabited=inhabited,
        spaces=(asking.namespaces(clients), asking.namespaces(servers)),
    )
