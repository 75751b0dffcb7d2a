"""A property as a question to the solver: terms over one symbolic connection, and what a witness of them means."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..encodings.evaluation import Namespaces
from ..encodings.policy import Direction
from ..encodings.terms import TRUE, Term, Terms


@dataclass(frozen=True, slots=True)
class Inhabited:
    """An element of a list and the term that some endpoint satisfies iff the element matches anything."""

    text: str
    term: Term


@dataclass(frozen=True, slots=True)
class Question:
    """What one property asks.

    ``hypothesis``: the connections it speaks of. For a property of all connections (``existential`` False)
    ``surely`` and ``perhaps`` hold of those that refute it: whatever unmodelled policies do, and for some of what
    they may do. For ``can`` (``existential`` True) they hold of the connections that fulfil it.
    ``inhabited``: elements that must each match something; ``at_least_two``: elements of which two must.
    ``named_port``: the connection's port is one that the property or a matching rule names.
    ``allowed``: is a witness an allowed connection? None: each of ``subjects`` maps a direction to the term that its
    subject starts unprotected (``defaultDeny``), where a connection may be blocked elsewhere.
    ``sources`` and ``destinations``: the namespaces the ends can be in. ``necessary``: holds wherever ``perhaps`` does
    and needs fewer policies, so that a proof from it alone is a cheap one.
    """

    hypothesis: Term
    surely: Term
    perhaps: Term
    existential: bool
    inhabited: tuple[Inhabited, ...]
    named_port: Term
    allowed: bool | None
    sources: Namespaces
    destinations: Namespaces
    at_least_two: tuple[Inhabited, ...] = ()
    necessary: Term = TRUE
    subjects: dict[Direction, Term] = field(default_factory=dict[Direction, Term])


def outside(question: Question, left_out: Term, terms: Terms) -> Question:
    """The same question about the connections for which ``left_out`` does not hold; of a property of all connections.

    The elements that must match something are those of the whole question: what is left out takes nothing from them.
    """

    def rest(term: Term) -> Term:
        return terms.all_of((term, -left_out))

    return replace(
        question,
        hypothesis=rest(question.hypothesis),
        surely=rest(question.surely),
        perhaps=rest(question.perhaps),
        necessary=question.necessary if question.necessary == TRUE else rest(question.necessary),
        subjects={direction: rest(term) for direction, term in question.subjects.items()},
    )
