"""From a counterexample to the class it stands for, and from a property to all its classes.

A class is a prime cube: no condition can be left out without letting in a connection that refutes nothing. Each class
is checked by the solver ("no connection of the class keeps the property"), and a list of them is complete when the
solver finds no counterexample outside all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...encodings import bits
from ...encodings.cluster import Unmodelled
from ...encodings.connection import Connection
from ...encodings.evaluation import Evaluation
from ...encodings.policy import PROTOCOLS, DirectedPolicy, NamedPort, PortMatch
from ...encodings.solver import Solver
from ...encodings.terms import Term
from ...encodings.vocabulary import Vocabulary
from ...encodings.world import World
from ...properties.arrivals import service_in
from ...properties.elements import AddressElement, PodElement, ServiceElement, mention
from ...properties.loading import LoadedProperty
from ...properties.mentions import all_elements, port_matches
from ...properties.question import Question
from ...properties.verbs import pod_requirements
from ..cores import Asking
from ..least import Least
from ..proof import everywhere
from ..readings import assumed
from ..results import Counterexample
from ..settings import port_lists
from ..witness import connection_shown
from .atoms import MISSING, OTHER, Atoms, Key, Mentioned, mentioned
from .model import KINDS, ConnectionClass, EndClass, LabelCondition, NameCondition
from .observed import true_atoms
from .prime import CHOICES, Prime

QUESTIONS = 2_000
"""Questions that one class may take; then it is a class still, but perhaps not the largest."""
ROLES = ("source", "destination")
_LAST_PORT = 65535
_FEW = 20
_ORDER = (
    *("kind", "namespace by name", "namespace-label", "namespace", "label", "host", "node-label", "protocol"),
    *("from", "below", "family", "network", "declares", "workload", "declared", "same", "reading"),
)
_OF_PODS = ("namespace", "namespace-label", "label", "workload", "declared", "host")
_RANK = {name: number for number, name in enumerate(_ORDER)}


@dataclass(frozen=True, slots=True)
class Found:
    """A class, the term that a connection is in it, and the connection that it was made from."""

    condition: ConnectionClass
    term: Term
    example: Counterexample


@dataclass(frozen=True, slots=True)
class View:
    """How a question sees connections: what is ``known`` to matter to it, and how its classes are best said.

    ``tell_servers``: declared pods with DNS ports are told apart. ``names_first``: the ends ("source", "destination")
    of a connection whose namespaces are said by name rather than by label.
    """

    connection: Connection
    known: Mentioned
    named_port: Term
    tell_servers: bool = False
    names_first: Callable[[Counterexample], Collection[str]] = lambda _: ()


def view_of(loaded: LoadedProperty, evaluation: Evaluation, question: Question) -> View:
    """How a property sees connections."""
    world = evaluation.world
    by_name = ROLES if named_by_namespace(loaded) else ()
    known = mentioned_by(loaded, world, everywhere(evaluation, question), world.cluster.unmodelled)
    if loaded.written.default_deny is not None and loaded.written.default_deny.strict:
        known.vocabulary.mention_pod_labels(pod_requirements(evaluation))  # a plain pod has none of these labels
    return View(
        evaluation.connection,
        known,
        question.named_port,
        tell_servers=loaded.verb == "dns",
        names_first=lambda _: by_name,
    )


class Generaliser:
    """Finds classes of one question's counterexamples.

    ``violation`` holds of the connections that answer it, under the assumptions ``base`` of world and reading.
    """

    def __init__(
        self,
        view: View,
        solver: Solver,
        *,
        base: Sequence[Term],
        violation: Term,
    ) -> None:
        self._connection = view.connection
        self._terms = view.connection.world.terms
        self._solver = solver
        self._named_port = view.named_port
        self._base = list(base)
        self._violation = violation
        atoms = Atoms(view.connection, view.known, tell_servers=view.tell_servers)
        self._options = atoms.options()
        self._borders = atoms.borders()
        self._view = view

    def all(self, most: int | None) -> tuple[list[Found], bool]:
        """Disjoint classes, no more than ``most`` (None: all), and whether they are all: no counterexample is outside
        them."""
        found: list[Found] = []
        while True:
            outside = [-each.term for each in found]
            assumptions = [*self._base, self._violation, *outside]
            if self._solver.check(assumptions) == "unsat":
                return found, True
            least_one = Least(self._connection, self._solver, assumptions)
            if len(found) == most or not least_one.narrow(self._named_port):
                return found, False
            each = self.of(connection_shown(self._connection, self._solver), outside)
            if each is None:
                return found, False
            found.append(each)

    def of(self, example: Counterexample, outside: Sequence[Term] = ()) -> Found | None:
        """The class of a counterexample for which all terms ``outside`` hold; None if limits are reached."""
        literals = dict(self._literals(example))
        asked = self._terms.all_of((self._violation, *outside))
        asking = Asking(self._solver, QUESTIONS)
        # A class of connections that all refute under the example's reading: no condition tells its order.
        host = self._connection.host_network_ordinary  # of which conditions tell
        base = [*self._base, *(each for each in assumed(example.reading, self._connection) if abs(each) != abs(host))]
        kept = Prime(asking, self._terms, base, asked, options=self._options, literals=literals).kept()
        if kept is None:
            return None
        return Found(self._condition(kept), self._terms.all_of(literals[key] for key in kept), example)

    def _from(self, port: int) -> Term:
        return bits.at_least(self._terms, self._connection.port_bits, port)

    def _literals(self, example: Counterexample) -> Iterator[tuple[Key, Term]]:
        """Literals that hold of the connection, those to keep rather than others first."""
        true = true_atoms(self._options, example)
        pods = {role for role in ROLES if ("kind", role, "pod") in true}
        found: dict[Key, Term] = {}
        ends = {"source": example.source, "destination": example.destination}
        on_nodes = {role for role, end in ends.items() if end.kind == "node" or end.host_network}
        for key, term in self._options.items():
            if key[0] in _OF_PODS and key[1] not in pods:
                continue
            if key[0] == "node-label" and key[1] not in on_nodes:
                continue
            if key[0] in CHOICES:
                if key not in true:
                    found[key] = -term
            else:
                found[(*key, "yes" if key in true else "no")] = term if key in true else -term
        port = example.port
        found.update((("from", str(edge)), self._from(edge)) for edge in self._borders if edge <= port)
        found.update((("below", str(edge)), -self._from(edge)) for edge in reversed(self._borders) if edge > port)
        by_name = self._view.names_first(example)
        return iter(sorted(found.items(), key=lambda item: (_rank(item[0], by_name), _narrowness(item[0]))))

    # From kept literals to a condition

    def _condition(self, kept: Sequence[Key]) -> ConnectionClass:
        facts = {key: key[-1] == "yes" for key in kept if key[-1] in ("yes", "no") and key[0] not in CHOICES}
        families = self._connection.world.config.families
        source, destination = (self._end(end.role, kept, facts) for end in self._connection.ends)
        both_pods = any(value for key, value in facts.items() if key[0] == "same")
        return ConnectionClass(
            source=_as_pod(source) if "pod" not in destination.kinds or both_pods or source.host_network else source,
            destination=_as_pod(destination)
            if "pod" not in source.kinds
            or both_pods
            or destination.host_network
            or any(declares for _, _, declares in destination.declares)
            else destination,
            protocols=tuple(each for each in PROTOCOLS if ("protocol", each) not in kept),
            first=max((int(key[1]) for key in kept if key[0] == "from"), default=1),
            last=min((int(key[1]) - 1 for key in kept if key[0] == "below"), default=_LAST_PORT),
            families=tuple(
                family
                for family in families
                if not any(key[0] == "family" and (family == "IPv6") != value for key, value in facts.items())
            ),
            same_namespace_label=tuple((key[1], value) for key, value in facts.items() if key[0] == "same"),
            ip_block_matches_pods=next((value for key, value in facts.items() if key[0] == "reading"), None),
        )

    def _end(self, role: str, kept: Sequence[Key], facts: dict[Key, bool]) -> EndClass:
        left_out = [key for key in kept if len(key) > 1 and key[1] == role and key[0] in CHOICES]
        return EndClass(
            kinds=tuple(kind for kind in KINDS if ("kind", role, kind) not in left_out),
            declared=next((value for key, value in facts.items() if key[:2] == ("declared", role)), None),
            workloads=self._name("workload", role, left_out),
            namespaces=self._name("namespace", role, left_out),
            namespace_labels=self._labels("namespace-label", role, left_out),
            labels=self._labels("label", role, left_out),
            node_labels=self._labels("node-label", role, left_out),
            host_network=next((value for key, value in facts.items() if key[:2] == ("host", role)), None),
            networks=tuple(key[2] for key, value in facts.items() if key[:2] == ("network", role) and value),
            outside=tuple(key[2] for key, value in facts.items() if key[:2] == ("network", role) and not value),
            declares=tuple((key[1], key[2], value) for key, value in facts.items() if key[0] == "declares")
            if role == "destination"
            else (),
        )

    def _name(self, dimension: str, role: str, left_out: Sequence[Key]) -> NameCondition:
        names = [key[2] for key in left_out if key[0] == dimension]
        if OTHER not in names:
            return NameCondition(excluded=tuple(names))
        every = [key[2] for key in self._options if key[:2] == (dimension, role) and key[2] != OTHER]
        left = [name for name in every if name not in names]
        if 1 < len(left) <= _FEW:  # those that no connection of this world can have only mislead
            left = [name for name in left if self._exists((dimension, role, name))] or left
        return NameCondition(names=tuple(left))

    def _exists(self, option: Key) -> bool:
        return self._solver.check([*self._base, self._options[option]]) != "unsat"

    def _labels(self, dimension: str, role: str, left_out: Sequence[Key]) -> tuple[LabelCondition, ...]:
        conditions: list[LabelCondition] = []
        for label in dict.fromkeys(key[2] for key in left_out if key[0] == dimension):
            options = [key[3] for key in left_out if key[:3] == (dimension, role, label)]
            every = [key[3] for key in self._options if key[:3] == (dimension, role, label)]
            values = tuple(each[1:] for each in every if each.startswith("=") and each not in options)
            excluded = tuple(each[1:] for each in options if each.startswith("="))
            conditions.append(
                LabelCondition(label, values, (), MISSING not in options)
                if OTHER in options
                else LabelCondition(label, None, excluded, MISSING not in options)
            )
        return tuple(conditions)


def _rank(key: Key, by_name: Collection[str]) -> int:
    """The place of a literal among those to keep; ``by_name``: the ends whose namespaces are told by name first."""
    if key[0] == "namespace" and key[1] in by_name:
        return 1
    return _RANK[key[0]]


def _narrowness(key: Key) -> int:
    """Of conditions on addresses the wider class goes first: inside a large network, outside a small one."""
    if key[0] != "network":
        return 0
    length = int(key[2].partition("/")[2])
    return length if key[-1] == "yes" else -length


def _as_pod(end: EndClass) -> EndClass:
    """The end as the pod that the rest of the class makes it."""
    return replace(end, kinds=("pod",))


def mentioned_by(
    loaded: LoadedProperty | None,
    world: World,
    policies: Sequence[DirectedPolicy],
    unmodelled: Iterable[Unmodelled],
) -> Mentioned:
    """What the property (if one asks) and the policies that can matter to it mention."""
    vocabulary = Vocabulary()
    elements = () if loaded is None else all_elements(loaded)
    mention(elements, vocabulary, world.pods, world.cluster.services)
    vocabulary.namespaces.update(each.namespace for each in unmodelled if each.namespace is not None)
    isolate = None if loaded is None else loaded.written.isolate
    if isolate is not None and isolate.by is not None:
        vocabulary.compared.add(isolate.by.namespace_label)
    lists = () if loaded is None else port_lists(loaded)
    ports: list[PortMatch] = [match for each in lists for match in port_matches(each) or ()]
    for each in elements:
        if isinstance(each, ServiceElement):
            ports += [port.target for port in service_in(each, world.cluster.services).ports]
    vocabulary.named_ports.update((port.name, port.protocol) for port in ports if isinstance(port, NamedPort))
    known = mentioned(policies, vocabulary, ports)
    blocks = [net for each in elements if isinstance(each, AddressElement) for net in (*each.networks, *each.excepts)]
    named = [network for _, bound in world.config.domains if world.vocabulary.domains for network in bound]
    networks = [network for network in (*blocks, *known.networks, *named) if network.length]  # the rest is the family
    return Mentioned(known.vocabulary, tuple(dict.fromkeys(networks)), known.ports)


def named_by_namespace(loaded: LoadedProperty) -> bool:
    """Does the property speak of namespaces by name rather than by label?"""
    elements = all_elements(loaded)
    pods = [element for element in elements if isinstance(element, PodElement)]
    labelled = any(element.namespace_selector for element in pods)
    named = any(isinstance(element, ServiceElement) for element in elements)
    return not labelled and (named or any(element.namespaces is not None for element in pods))
