"""What a first suite may say, before and after it was asked: claims, the worlds they hold in, proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...encodings.written import Map
from ...properties.group_checks import Scope
from ...properties.places import Place
from ...properties.property_checks import VERB_FIELDS, VERB_MODELS, check_verb
from ...properties.suite import Group, Property, Semantics, Severity, Verb, World
from ..results import PropertyResult, Verdict

_VERBS = {model: name for name, model in VERB_MODELS.items()}


@dataclass(frozen=True, slots=True)
class Width:
    """How much may exist beside what is declared."""

    pods: Literal["open", "closed", "mixed"]
    namespaces: Literal["open", "closed"]

    @staticmethod
    def of(world: World) -> Width:
        """The width of a world that gives every key a value."""
        return Width(world.pods or "open", world.namespaces or "open")

    def narrower(self) -> tuple[Width, ...]:
        """This width and those to fall back to, widest first: without undeclared namespaces, then without undeclared
        pods, too."""
        pods = "closed" if self.pods == "open" else self.pods
        return tuple(dict.fromkeys((self, Width(self.pods, "closed"), Width(pods, "closed"))))


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing to ask: a verb with its groups written out, and the reading of ipBlock if it is to be fixed.

    ``declared``: asked of what is declared alone, as is right for what somebody can do: among pods that could exist,
    somebody nearly always can.
    """

    verb: Verb
    blocks_match_pods: Literal[False] | None = None
    declared: bool = False

    @property
    def name(self) -> str:
        """The verb as YAML spells it."""
        return _VERBS[type(self.verb)]

    def as_property(self, name: str, world: World | None = None) -> Property:
        """The claim as a property with this id."""
        semantics = None if self.blocks_match_pods is None else Semantics(ip_block_matches_pods=self.blocks_match_pods)
        found = Property(id=name, world=world, semantics=semantics)
        return found.model_copy(update={VERB_FIELDS[self.name]: self.verb})


def writable(claim: Claim, world: World) -> bool:
    """Can a suite hold the claim? A policy may name what no suite may, such as a label value that is none."""
    return not any(check_verb(Place("init", Map()), claim.verb, Scope({}, world)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claim. ``width``: the widest world in which it holds (None: in none). ``result`` is that of the
    widest world asked, ``rests``: the proof, where there is one, needs a policy."""

    width: Width | None
    result: PropertyResult
    rests: bool = False

    @property
    def holds(self) -> bool:
        """Does it hold by the help of a policy?"""
        return self.width is not None and self.rests


@dataclass(frozen=True, slots=True)
class Proposal:
    """A property to be written: ``name`` is its id, ``section`` the heading it stands under.

    ``{0}`` and so on in ``name`` and ``description`` stand for the names of the groups ``about``. ``width`` None: it
    does not hold, and is written as a comment with what refutes it. ``remarks`` are lines of comment above it.
    ``expect``: the verdict to expect, if another than proved. ``parts``: what to write instead should the whole not be
    proved at once.
    """

    name: str
    section: str
    severity: Severity
    description: str
    claim: Claim
    width: Width | None
    outcome: Outcome
    about: tuple[Group, ...] = ()
    remarks: tuple[str, ...] = ()
    expect: Verdict | None = None
    parts: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Claims to ask, and what to propose once their outcomes, in the same order, are known."""

    claims: Sequence[Claim]
    settle: Callable[[Sequence[Outcome]], list[Proposal]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole suite to be written; ``left_out`` says, section by section, what there was no room for."""

    proposals: tuple[Proposal, ...]
    left_out: Mapping[str, Sequence[str]]
