"""The answer to a property that compares two clusters: as any other's, but what is shown was judged on both sides."""

from __future__ import annotations

from dataclasses import dataclass

from ...encodings.world import World as SymbolicWorld
from ...properties.changes import change_verb
from ...properties.concrete_changes import out_of_scope
from ...properties.suite import World
from ..answer import Answer
from ..classes.generalise import View
from ..judge import Scope
from ..replay import InternalError
from ..results import Because, Cause, Counterexample
from .causes import causes_of
from .pair import Comparison, Pair
from .replays import confirmed, evidence
from .view import view_of_change


@dataclass(slots=True)
class ChangeAnswer(Answer):
    """Finds what the report says of a property that compares two clusters."""

    comparison: Comparison

    @property
    def pair(self) -> Pair:
        """Both sides in the property's world."""
        return self.comparison.pair.within(self.task.loaded.world)

    def proof(self, scope: Scope) -> tuple[tuple[Because, ...], bool]:
        """That nothing changed rests on no policy more than on another."""
        return (), True

    def confirmed(self, example: Counterexample, world: World) -> tuple[Counterexample, tuple[Because, ...]]:
        """The connection as both sides judge it, from its printed form. Raises InternalError."""
        loaded = self.task.loaded
        verb = change_verb(loaded.written)
        if verb is None:
            raise InternalError(f"{loaded.written.id} compares nothing")
        pair = self.pair
        seen = tuple((side.connection(example), side.concrete.services) for side in (pair.base, pair.head))
        objections = out_of_scope(verb, loaded.groups, world, seen, loaded.carved)
        example = confirmed(pair, example, world, verb, objections)
        return example, evidence(pair, example)

    def reproduced(self, example: Counterexample) -> tuple[str, ...]:
        """No script: no cluster need run either side."""
        return ()

    def caused(self, example: Counterexample) -> tuple[Cause, ...]:
        """The lines that made the difference."""
        return causes_of(self.pair, example)

    def worlds(self) -> tuple[SymbolicWorld, ...]:
        """The head's and the base's."""
        difference = self.comparison.difference
        return difference.head.world, difference.base.world

    def view(self) -> View:
        """How the comparison sees connections."""
        return view_of_change(self.task.loaded, self.comparison, self.task.question)
