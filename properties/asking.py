"""What every verb is written in: one property beside the evaluation it is asked of, and the question it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..encodings.endpoint import SymbolicEndpoint
from ..encodings.evaluation import Evaluation, Namespaces
from ..encodings.terms import FALSE, TRUE, Term
from .arrivals import arrives, begins, inhabited
from .elements import Elements, member, member_of, possible_namespaces, resolve
from .loading import LoadedProperty
from .mentions import port_matches
from .question import Inhabited, Question
from .suite import Endpoints, Exception_, Ports


@dataclass(frozen=True, slots=True)
class Asking:
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

    def arrives(self, destinations: Elements, ports: Ports | None) -> tuple[Term, ...]:
        """The connection arrives at one of these on one of the ports, as they count there: all terms must hold."""
        return arrives(destinations, ports, self.evaluation.connection)

    def begins(self, destinations: Elements, ports: Ports | None) -> Term:
        """The connection's port is the first of a range that the property names."""
        return begins(destinations, ports, self.evaluation.connection)

    def inhabited(self, destinations: Elements, ports: Ports | None) -> tuple[Inhabited, ...]:
        """What each destination must match."""
        return inhabited(destinations, ports, self.evaluation.connection)

    def excepted(self, exceptions: Sequence[Exception_] | None) -> Term:
        """The connection matches one entry in full."""
        return self.any_of(
            self.all_of(
                (
                    TRUE if each.from_ is None else member(self.elements(each.from_), self.source),
                    *(
                        (self.on_ports(each.ports),)
                        if each.to is None
                        else self.arrives(self.elements(each.to), each.ports)
                    ),
                )
            )
            for each in exceptions or ()
        )

    def rule_names_port(self, sources: Namespaces, destinations: Namespaces) -> Term:
        """A rule that matches begins at the connection's port."""
        sides = (self.evaluation.side("egress", sources), self.evaluation.side("ingress", destinations))
        return self.any_of(side.named_port for side in sides)


def inhabited_by(elements: Elements, end: SymbolicEndpoint) -> tuple[Inhabited, ...]:
    """What each element must match at this end, which no port is asked of."""
    return tuple(Inhabited(element.text, member_of(element, end)) for element in elements)


def about(
    asking: Asking,
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
    # A witness of a property that wants connections allowed is a blocked one.
    surely, perhaps = asking.evaluation.refused(*spaces) if wanted else asking.evaluation.allowed(*spaces)
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


def _one_side(asking: Asking, spaces: tuple[Namespaces, Namespaces]) -> Term:
    """The end with fewer policies to read may let the connection through: what every allowed connection needs."""
    sources, destinations = spaces
    if destinations is not None and (sources is None or len(destinations) <= len(sources)):
        side = asking.evaluation.side("ingress", destinations)
    elif sources is not None:
        side = asking.evaluation.side("egress", sources)
    else:
        return TRUE
    return asking.any_of((side.passes, side.ignorance))
