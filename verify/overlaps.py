"""Policies of one priority that really overlap: of each pair, the least connection about which they decide differently.

The verdicts hold for every order of such a pair. Here is said that there is something to order at all, and it is
shown: what a counterexample would show only where a property turns on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..encodings.concrete.evidence import Reason
from ..encodings.connection import Connection
from ..encodings.ordering import Contest
from ..encodings.policy import PortRange
from ..encodings.problems import Notice
from ..encodings.solver import Solver
from ..encodings.terms import Term
from ..properties.concrete import DNS_NAMESPACE
from ..properties.concrete_groups import Connection as ConcreteConnection
from ..properties.concrete_world import in_world, unreal
from ..properties.loading import LoadedProperty
from .judge import own_scope
from .least import Least
from .readings import readings_of
from .replay import InternalError, traffic_of
from .reports.words import endpoint, other_end, port, reason
from .results import Counterexample
from .settings import assumes_dns
from .task import Setting, Task
from .witness import connection_shown

_LIMIT = "may decide differently about some connection: the solver's limit was reached before that was known"
_DOMAINS = "may decide differently, depending on what domain names stand for"
_REMEDY = "the API lets either go first; give them different priorities"


@dataclass(slots=True)
class Overlaps:
    """The overlaps in the worlds of a run's properties; each pair is shown in the first world that surely has it.

    ``new_solver`` makes a solver for the connections of a world.
    """

    setting: Setting
    new_solver: Callable[[Connection], Solver]
    _found: dict[tuple[str, str], Notice] = field(default_factory=dict[tuple[str, str], Notice])
    _shown: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def notices(self, tasks: Sequence[Task]) -> tuple[Notice, ...]:
        """One notice a pair, at the policy that was read second. Raises InternalError where the concrete evaluator sees
        no overlap."""
        known: list[tuple[int, list[Term]]] = []
        for task in tasks:
            base = _base(task)
            if task.comparison is None and (id(task.evaluation), base) not in known:
                known.append((id(task.evaluation), base))
                self._look(task, base)
        return tuple(self._found.values())

    def _look(self, task: Task, base: list[Term]) -> None:
        connection = task.evaluation.connection
        pairs: dict[tuple[str, str], list[Contest]] = {}
        for contest in connection.world.choices.contests():
            pairs.setdefault((contest.first.reference, contest.second.reference), []).append(contest)
        solver: Solver | None = None
        for names, contests in pairs.items():
            if names in self._shown:
                continue
            solver = solver or self.new_solver(connection)
            text = self._overlap(task, base, contests, solver)
            if text is not None:
                origin = contests[0].second.origin
                self._found[names] = Notice(f"{_tie(contests[0])} {text}", origin.file, origin.line)
            if text not in (None, _LIMIT, _DOMAINS):
                self._shown.add(names)

    def _overlap(self, task: Task, base: list[Term], contests: list[Contest], solver: Solver) -> str | None:
        """What to say of a pair; None where it decides differently about no connection."""
        connection = task.evaluation.connection
        terms = connection.world.terms
        differ = terms.any_of(contest.term for contest in contests)
        surely = [-doubtful for _, doubtful in connection.world.choices.domains()]
        certain = solver.check((*base, *surely, differ))
        if certain == "unsat":
            return {"unsat": None, "sat": _DOMAINS, "unknown": _LIMIT}[solver.check((*base, differ))]
        least = Least(connection, solver, [*base, *surely, differ])
        if certain == "unknown" or not least.narrow(_a_named_port(connection, contests)):
            return _LIMIT
        contest = next(each for each in contests if solver.value(each.term))
        return self._words(task.loaded, contest, connection_shown(connection, solver))

    def _words(self, loaded: LoadedProperty, contest: Contest, example: Counterexample) -> str:
        one, other = self._confirmed(loaded, contest, example)
        ends = f"from {endpoint(example.source)} to {other_end(example.destination, example.source)}"
        says = " or ".join(reason(line).partition(": ")[2] for line in (one, other))
        return f"decide differently about the {one.direction} of {port(example)} {ends}: {says}; {_REMEDY}"

    def _confirmed(self, loaded: LoadedProperty, contest: Contest, example: Counterexample) -> tuple[Reason, Reason]:
        """What decides if the one goes first, and if the other does, as the concrete evaluator sees the connection as
        printed. Raises InternalError."""
        scope = own_scope(loaded.world)
        world = loaded.world.model_copy(update={"pods": "open" if scope.pods_open else "closed"})
        cluster = in_world(self.setting.concrete, world).without_unmodelled()
        traffic = traffic_of(example)
        flow = (traffic.source, traffic.destination, traffic.protocol, traffic.port, traffic.family, traffic.reading)
        also = [DNS_NAMESPACE] if assumes_dns(loaded, self.setting.cluster) else []
        objections = unreal(ConcreteConnection(*flow), self.setting.inventory, world, also)
        pair = _names(contest)
        others = tuple(name for name in traffic.reading.order if name not in pair)
        lines: list[Reason] = []
        for order in (pair, pair[::-1]):
            ordered = replace(traffic, reading=replace(traffic.reading, order=(*order, *others)))
            side = cluster.decide_side(contest.first.direction, ordered)
            lines += [line for line in side.because if line.policy in pair][:1]
        if objections or tuple(line.policy for line in lines) != pair or lines[0].effect == lines[1].effect:
            said = "; ".join((*objections, *map(str, lines)))
            raise InternalError(f"the overlap of {' and '.join(pair)} is not confirmed: {said}; it was {example}")
        return lines[0], lines[1]


def _base(task: Task) -> list[Term]:
    """What holds of every connection of the property's own world, in the readings that its semantics fix."""
    connection = task.evaluation.connection
    scope, readings = own_scope(task.loaded.world), readings_of(task.loaded.semantics)
    return [*scope.assumptions(connection), *readings.fixed(connection)]


def _names(contest: Contest) -> tuple[str, str]:
    return contest.first.reference, contest.second.reference


def _a_named_port(connection: Connection, contests: Iterable[Contest]) -> Term:
    """The connection's port is one that a rule of the pair begins with."""
    ports = {
        port.first
        for contest in contests
        for policy in (contest.first, contest.second)
        for rule in policy.rules
        for port in rule.ports or ()
        if isinstance(port, PortRange) and port.first > 1
    }
    return connection.world.terms.any_of(connection.has_port(number) for number in sorted(ports))


def _tie(contest: Contest) -> str:
    first, second = _names(contest)
    if "any" in (contest.first.priority, contest.second.priority):
        return f"{first} and {second}, between which nothing says which goes first,"
    return f"{first} and {second}, both of priority {contest.first.priority},"
