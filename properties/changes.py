"""Properties over changes: what one cluster allows and another does not, within a scope, as a question.

Each side sees a group with its own labels of namespaces: a connection is in scope if it is so on either side, and left
out only if an exception covers it on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..encodings.connection import Connection
from ..encodings.difference import Change, Difference
from ..encodings.evaluation import Namespaces
from ..encodings.terms import TRUE, Term
from .arrivals import arrives, inhabited
from .elements import Elements, member, member_of, possible_namespaces, resolve
from .mentions import port_matches
from .question import Inhabited, Question
from .suite import ChangeVerb, Endpoints, Exception_, Group, NoLostAccess, NoNewAccess, Property


def change_verb(written: Property) -> ChangeVerb | None:
    """The verb of a property that compares two clusters; None for other properties."""
    return written.no_new_access or written.no_lost_access or written.equivalent


def question_of_change(
    verb: ChangeVerb,
    groups: Mapping[str, Group],
    difference: Difference,
    *,
    sliced: bool = True,
    carved: Sequence[Exception_] = (),
) -> Question:
    """The question whether a comparison finds a connection that the verb forbids: one gained, lost, or either.

    ``carved``: further exceptions, those of waivers.
    """
    asking = _Asking(groups, difference, sliced)
    return asking.question(
        verb.scope or Exception_(),
        (*(verb.except_ or ()), *carved),
        gained=not isinstance(verb, NoLostAccess),
        lost=not isinstance(verb, NoNewAccess),
    )


def question_of_difference(difference: Difference, *, gained: bool) -> Question:
    """The question for all connections gained, or all that are lost."""
    return _Asking({}, difference, sliced=True).question(Exception_(), (), gained=gained, lost=not gained)


@dataclass(frozen=True, slots=True)
class _Asking:
    groups: Mapping[str, Group]
    difference: Difference
    sliced: bool

    def question(self, scope: Exception_, exceptions: tuple[Exception_, ...], *, gained: bool, lost: bool) -> Question:
        terms = self.difference.head.world.terms
        sources, destinations = self._elements(scope.from_), self._elements(scope.to)
        spaces = self._namespaces(sources), self._namespaces(destinations)
        inside = terms.any_of(self._covers(scope, connection) for connection in self._seen())
        excepted = [
            terms.all_of(self._covers(entry, connection) for connection in self._seen()) for entry in exceptions
        ]
        hypothesis = terms.all_of((inside, *(-each for each in excepted)))
        changes: list[Change] = []
        if gained:
            changes.append(self.difference.gained(*spaces))
        if lost:
            changes.append(self.difference.lost(*spaces))
        return Question(
            hypothesis=hypothesis,
            surely=terms.all_of((hypothesis, terms.any_of(each.surely for each in changes))),
            perhaps=terms.all_of((hypothesis, terms.any_of(each.perhaps for each in changes))),
            existential=False,
            inhabited=(
                *(
                    Inhabited(each.text, terms.any_of(member_of(each, seen.source) for seen in self._seen()))
                    for each in sources or ()
                ),
                *self._destinations(destinations or (), scope),
            ),
            named_port=self.difference.named_port(*spaces),
            allowed=gained,
            sources=spaces[0],
            destinations=spaces[1],
        )

    def _destinations(self, elements: Elements, scope: Exception_) -> Iterator[Inhabited]:
        """What each destination must match, on either side."""
        terms = self.difference.head.world.terms
        head, base = (inhabited(elements, scope.ports, seen) for seen in self._seen())
        for one, other in zip(head, base, strict=True):
            yield Inhabited(one.text, terms.any_of((one.term, other.term)))

    def _seen(self) -> tuple[Connection, Connection]:
        """The connection as each side sees it."""
        return self.difference.head.connection, self.difference.base.connection

    def _elements(self, endpoints: Endpoints | None) -> Elements | None:
        return None if endpoints is None else resolve(endpoints, self.groups)

    def _namespaces(self, elements: Elements | None) -> Namespaces:
        """The namespaces that the elements can be in, on either side."""
        if elements is None or not self.sliced:
            return None
        found: set[int] = set()
        for connection in self._seen():
            namespaces = possible_namespaces(elements, connection.world)
            if namespaces is None:
                return None
            found |= namespaces
        return frozenset(found)

    def _covers(self, entry: Exception_, connection: Connection) -> Term:
        """The connection matches every part of the entry."""
        from_, to, ports = self._elements(entry.from_), self._elements(entry.to), port_matches(entry.ports)
        return connection.world.terms.all_of(
            (
                TRUE if from_ is None else member(from_, connection.source),
                *(arrives(to, entry.ports, connection) if to is not None else (connection.any_port(ports),)),
            )
        )
