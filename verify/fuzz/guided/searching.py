"""The search: a connection for each side of each boundary.

For each side of each boundary the solver looks for a connection that the policies and the side's mutant answer
differently. Where there is none, since another rule has the same effect, one is taken that only the rule, or only the
peer or port, answers differently by itself. A connection that is already there, or that two ends already there can
have, is preferred to a new one, so that pods stay few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ....encodings.evaluation import Evaluation
from ....encodings.solver import Solver
from ....encodings.terms import FALSE, Term
from ...replay import InternalError
from .boundary import Boundary, SideName
from .decoding import Decoding
from .ends import End, NamedNumber, PodEnd, Way
from .forms import Mutant
from .meaning import Meaning
from .pool import Leaves, Pool
from .proposed import Claim, Proposed
from .simulation import Simulation, lowest
from .space import Space
from .telling import Telling

_TOGETHER = 40


@dataclass(frozen=True, slots=True)
class _Goal:
    """A connection for which ``target`` holds, wanted for side ``number`` of all sides. There is none if there is none
    for the same side of the boundary ``within``."""

    number: int
    claim: Claim
    target: Term
    within: str | None


class Search:
    """The search for one cluster. ``flows`` are the connections found."""

    def __init__(self, space: Space, pool: Pool, found: tuple[Boundary, ...]) -> None:
        self._space = space
        self._pool = pool
        self._boundaries = found
        self._wishes = space.wishes
        meaning = Meaning(space)
        real = Meaning(space, any_address=True) if self._wishes.any_address else meaning
        self._telling = Telling(real, meaning, space.outline)
        self._decoding = Decoding(space, pool)
        self._told: dict[int, Term] = {}
        self._impossible: set[Term] = {FALSE}
        self._nowhere: set[tuple[str | None, SideName]] = set()
        self._leaves: Leaves = {}
        self._current = Simulation(space.terms, self._leaves, 0)
        self.flows: list[tuple[End, End, Way]] = []
        self._claims: list[list[Claim]] = []
        self._reached: list[_Goal] = []

    def run(self) -> None:
        """Look for a flow for each side, deciding ones first."""
        sides = [(boundary, side) for boundary in self._boundaries for side in boundary.sides]
        left = self._reach(
            _Goal(number, Claim(boundary.id, side.name, True), self._told_apart(side.mutant), boundary.within)
            for number, (boundary, side) in enumerate(sides)
        )
        weaker = (
            (self._telling.told_apart_in_one_reading, True),
            (self._telling.near_rules, False),
            (self._telling.near_entries, False),
        )
        for target, deciding in weaker:
            left = self._reach(
                _Goal(goal.number, replace(goal.claim, deciding=deciding), target(sides[goal.number][1].mutant), None)
                for goal in left
            )
        if self._wishes.fewest:
            self._leave_out()
        if not self.flows:
            self._reach([_Goal(0, Claim("any", "inside", False), self._telling.certain, None)])

    def _told_apart(self, mutant: Mutant) -> Term:
        """Several boundaries share a mutant."""
        if id(mutant) not in self._told:
            self._told[id(mutant)] = self._telling.told_apart(mutant)
        return self._told[id(mutant)]

    def _reach(self, goals: Iterable[_Goal]) -> list[_Goal]:
        """Find a flow for each goal; those without."""
        left: list[_Goal] = []
        waiting: list[_Goal] = []
        for goal in goals:
            if not self._is_reached(goal):
                waiting.append(goal)
            if len(waiting) == _TOGETHER:
                left += self._search(waiting)
                waiting = []
        return left + self._search(waiting)

    def _search(self, goals: list[_Goal]) -> list[_Goal]:
        """Look for new flows for a few goals; those without.

        Few share a solver, since what it takes to ask it grows with all that it was ever asked; it learns their targets
        together, since one by one takes longer.
        """
        solver, terms = Solver(self._space.terms), self._space.terms
        for term in (*self._space.always, *self._pool.settled):
            solver.add(term)
        solver.add(terms.any_of((terms.variable("some target or none"), *(goal.target for goal in goals))))
        left: list[_Goal] = []
        for goal in goals:
            if self._is_reached(goal) or (self._may_be_possible(goal) and self._is_found(solver, goal)):
                continue
            left.append(goal)
        return left

    def _is_reached(self, goal: _Goal) -> bool:
        """Does a flow that is there do for a goal? If so, the first of them does."""
        holds = self._current.where(goal.target)
        if holds:
            self._claims[lowest(holds)].append(goal.claim)
            self._reached.append(goal)
        return holds != 0

    def _may_be_possible(self, goal: _Goal) -> bool:
        """May some flow do for it? Not if none does for another goal with the same target, or for the whole."""
        possible = goal.target not in self._impossible and (goal.within, goal.claim.side) not in self._nowhere
        if not possible:
            self._nowhere.add((goal.claim.boundary, goal.claim.side))
        return possible

    def _is_found(self, solver: Solver, goal: _Goal) -> bool:
        """Look for a new flow for a goal."""
        if len(self.flows) >= self._wishes.limit:
            return False
        if not self._has_witness(solver, goal.target):
            self._impossible.add(goal.target)
            self._nowhere.add((goal.claim.boundary, goal.claim.side))
            return False
        *pair, way = self._decoding.connection(solver)
        if self._wishes.usual_first:
            pair = self._simplified(pair, way, goal.target)
        known = self._pool.ends
        ends = [*known, *(end for end in pair if end not in known)]
        simulation, possible = self._pool.between(ends, way)
        holds = simulation.where(goal.target) & possible
        if not holds:
            return False
        pair = [ends[position] for position in self._cheapest(holds, len(ends))]
        made = sum(isinstance(end, PodEnd) and end not in known for end in pair)
        if self._pool.made + made > self._wishes.most_pods:
            return False
        self._add(pair[0], pair[1], way, goal.claim)
        self._reached.append(goal)
        return True

    def _simplified(self, pair: Sequence[End], way: Way, target: Term) -> Sequence[End]:
        """Ends in namespaces that are in use, and without labels and ports that the target does not need."""
        used = dict.fromkeys(end.namespace for end in self._pool.ends if isinstance(end, PodEnd))
        for role in (0, 1):
            end = pair[role]
            if isinstance(end, PodEnd):
                elsewhere = [replace(end, namespace=each) for each in used]
                pair = self._first_that_holds(elsewhere, pair, role, way, target)
                for label in end.labels:
                    pair = self._first_that_holds(_without_label(pair[role], label), pair, role, way, target)
                for port in end.ports:
                    pair = self._first_that_holds(_without_port(pair[role], port), pair, role, way, target)
        return pair

    def _first_that_holds(
        self, variants: Iterable[End], pair: Sequence[End], role: int, way: Way, target: Term
    ) -> Sequence[End]:
        """The pair with the first variant of one end for which the target holds; as it was if it does for none."""
        for variant in variants:
            ends = [variant, pair[1]] if role == 0 else [pair[0], variant]
            simulation, possible = self._pool.between(ends, way)
            if simulation.where(target) & possible & 2:  # from the first end to the second
                return ends
        return pair

    def _has_witness(self, solver: Solver, target: Term) -> bool:
        """Is there a connection for which the target holds? The solver keeps one, of the usual kind if it may."""
        connection = self._space.connection
        pods, ipv4, tcp = connection.both_pods, -connection.ipv6, connection.has_protocol("TCP")
        usual = ((pods, ipv4, tcp), (pods, ipv4), (ipv4, tcp), (ipv4,)) if self._wishes.usual_first else ()
        return any(solver.witness((target, *self._pool.settled, *each)) == "sat" for each in (*usual, ()))

    def _cheapest(self, holds: int, count: int) -> tuple[int, int]:
        """The connection with the fewest ends that are new; then the first."""
        old = len(self._pool.ends)
        found: dict[int, tuple[int, int]] = {}
        while holds and 0 not in found:
            source, destination = divmod(lowest(holds), count)
            found.setdefault((source >= old) + (destination >= old), (source, destination))
            holds &= holds - 1
        return found[min(found)]

    def _add(self, source: End, destination: End, way: Way, claim: Claim) -> None:
        flow = (self._pool.adopt(source), self._pool.adopt(destination), way)
        number = len(self.flows)
        self.flows.append(flow)
        self._claims.append([claim])
        self._pool.add_flow(self._leaves, number, flow)
        self._current = Simulation(self._space.terms, self._leaves, number + 1)

    def _leave_out(self) -> None:
        """Keep only flows without which some goal would not be reached, the last ones last; each says all that it
        exercises."""
        where = [self._current.where(goal.target) for goal in self._reached]
        kept = (1 << len(self.flows)) - 1
        for number in reversed(range(len(self.flows))):
            if all(holds & kept != 1 << number for holds in where):
                kept ^= 1 << number
        numbers = [number for number in range(len(self.flows)) if kept >> number & 1]
        self._claims = [
            [goal.claim for goal, holds in zip(self._reached, where, strict=True) if holds >> number & 1]
            for number in numbers
        ]
        self.flows = [self.flows[number] for number in numbers]
        self._leaves = {}
        for number, flow in enumerate(self.flows):
            self._pool.add_flow(self._leaves, number, flow)

    def proposed(self) -> tuple[Proposed, ...]:
        """The flows with what the product's encoding says of them under every reading that is open."""
        allowed, _ = Evaluation(self._space.connection).allowed(None, None)
        for number, flow in enumerate(self.flows):
            self._pool.add_addresses(self._leaves, number, flow)
        reading = self._space.outline.reading
        answers = {self._answers(allowed, matches) for matches in ((True, False) if reading is None else (reading,))}
        if len(answers) > 1:
            raise InternalError("a proposed flow was to have one answer, and its answer depends on ipBlockMatchesPods")
        (answer,) = answers
        return tuple(
            Proposed(way.flow(source, destination), bool(answer >> number & 1), tuple(self._claims[number]))
            for number, (source, destination, way) in enumerate(self.flows)
        )

    def _answers(self, allowed: Term, blocks_match_pods: bool) -> int:
        every = (1 << len(self.flows)) - 1
        reading = {self._space.connection.blocks_match_pods: every if blocks_match_pods else 0}
        return Simulation(self._space.terms, {**self._leaves, **reading}, len(self.flows)).where(allowed)


def _without_label(end: End, label: tuple[str, str]) -> Iterator[End]:
    if isinstance(end, PodEnd):
        yield replace(end, labels=tuple(each for each in end.labels if each != label))


def _without_port(end: End, port: NamedNumber) -> Iterator[End]:
    if isinstance(end, PodEnd):
        yield replace(end, ports=tuple(each for each in end.ports if each != port))
