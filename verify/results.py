"""What a run of ``prove`` found: the JSON report's objects as frozen data, without any decision in them.

Field names are the report's keys in snake case (``class`` is ``class_``); order of fields is the order of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..encodings.concrete.evidence import Effect, Reason
from ..encodings.policy import Direction
from ..encodings.problems import Notice
from .classes.model import ConnectionClass
from .sources import Source

Verdict = Literal["proved", "refuted", "vacuous", "unknown"]
Status = Literal["pass", "fail", "unknown", "waived"]

__all__ = [
    "Because",
    "Cause",
    "ContainerPort",
    "Counterexample",
    "CounterexampleClass",
    "Effect",
    "Endpoint",
    "InBase",
    "InputSummary",
    "OpenWorld",
    "Override",
    "PropertyResult",
    "Reading",
    "Reason",
    "Report",
    "Status",
    "Verdict",
    "WaiverUsed",
]


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A named container port of an endpoint."""

    name: str
    protocol: str
    container_port: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a connection as printed: a pod (declared if ``workload`` names it, else hypothetical), an outside
    address (``external``) or another node (``node``). Of an address only ``ips`` carries meaning, of a node also
    ``labels`` and, if it is declared, its name ``node``. Of a pod in the host's network ``node`` and ``node_labels``
    are its node's.

    ``namespace_labels`` leaves out ``kubernetes.io/metadata.name``, which every namespace carries with its own name.
    ``namespace_declared`` is false for a namespace that no manifest and no ``external`` declares or names.
    """

    kind: Literal["pod", "external", "node"]
    namespace: str | None = None
    labels: dict[str, str] = field(default_factory=dict[str, str])
    namespace_labels: dict[str, str] = field(default_factory=dict[str, str])
    namespace_declared: bool | None = None
    workload: str | None = None
    ports: tuple[ContainerPort, ...] = ()
    ips: tuple[str, ...] = ()
    host_network: bool = False
    node: str | None = None
    node_labels: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cluster decides once for all, among the readings the API leaves open.

    ``order``: references of tied policies that both match, the first of which decides. ``baseline_hidden_by``: whether
    a NetworkPolicy hides the Baseline tier in its own directions or wherever it selects the pod.
    """

    ip_block_matches_pods: bool
    order: tuple[str, ...] = ()
    baseline_hidden_by: Literal["direction", "pod"] = "direction"
    host_network_pods: Literal["excluded", "ordinary"] = "excluded"

    @property
    def usual(self) -> bool:
        """Is it the first of all readings, which goes without saying?"""
        return self == Reading(ip_block_matches_pods=True)


@dataclass(frozen=True, slots=True)
class InBase:
    """How the base of a comparison sees a connection: its answer, and its own labels of the ends' namespaces."""

    allowed: bool
    source_namespace_labels: dict[str, str]
    destination_namespace_labels: dict[str, str]


Object = Mapping[str, object]
"""A Kubernetes object as JSON has it."""


@dataclass(frozen=True, slots=True)
class Override:
    """What NetworkPolicies make of a connection, each time in the place of all that exist (``cannotOverride``).

    ``undecided``: the directions that are left to them, the source's egress before the destination's ingress. ``opens``
    and ``closes``: NetworkPolicies with which it is allowed, and with which it is refused; empty: no NetworkPolicy at
    all; None where the property does not ask.
    """

    undecided: tuple[Direction, ...]
    opens: tuple[Object, ...] | None = None
    closes: tuple[Object, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """A line that made a connection allowed on one side of a comparison and refused on the other.

    ``change``: what became of the field at ``path`` of ``object`` (``NetworkPolicy shop/db``). A removed one is named
    by its line in the base (``side``), others by theirs in the head.
    """

    side: Literal["base", "head"]
    object: str
    change: str
    path: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A connection that refutes a property, in the order and form of the report.

    For ``defaultDeny``, ``subject`` is the end ("source" or "destination") that starts unprotected and ``direction``
    the direction; they are None for other verbs. ``in_base`` is given where two clusters are compared; the rest is then
    as the head sees it. ``depends_on`` names unmodelled objects that could change it. ``override`` is given for
    ``cannotOverride``; the rest is then as the policies that stand have it. ``other_family_holds``: the property speaks
    of connections of the other IP family, too, and holds for all of them.
    """

    source: Endpoint
    destination: Endpoint
    protocol: str
    port: int
    port_name: str | None
    family: Literal["IPv4", "IPv6"]
    allowed: bool
    reading: Reading
    depends_on: tuple[str, ...] = ()
    subject: Literal["source", "destination"] | None = None
    direction: Literal["ingress", "egress"] | None = None
    in_base: InBase | None = None
    override: Override | None = None
    other_family_holds: bool = False


@dataclass(frozen=True, slots=True)
class Because(Reason):
    """A line of evidence under a verdict. ``detail`` says in words what the policy or rule contributes to a proof.
    ``redundant``: the policy isolates, but the property would hold without it. ``side``: whose policy it is, where two
    clusters are compared."""

    redundant: bool = False
    detail: str | None = None
    side: Literal["base", "head"] | None = None


@dataclass(frozen=True, slots=True)
class OpenWorld:
    """The verdict of the open world, shown beside that of a ``mixed`` one."""

    verdict: Verdict
    counterexample: Counterexample | None


@dataclass(frozen=True, slots=True)
class CounterexampleClass:
    """A class of connections that all refute a property, in words and as data; ``direction`` for ``defaultDeny``."""

    text: str
    direction: Direction | None
    condition: ConnectionClass


@dataclass(frozen=True, slots=True)
class WaiverUsed:
    """A waiver in force for a property: connections that ``allow`` describes (mappings as the suite writes them) were
    left out when the property was proved once more. ``expires`` is its last day, ``2026-12-31``."""

    property: str
    reason: str
    owner: str
    expires: str
    file: str
    line: int
    allow: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyResult:
    """All that is known of one property. ``members`` maps ``from``/``to``/``for`` to the number of declared
    workloads in it. ``reason`` says why a verdict is vacuous or unknown, as a sentence. ``class_`` is what the
    counterexample stands for; ``causes`` the changed lines behind it, where two clusters are compared; ``classes``, if
    wanted, are disjoint classes, and all of them if ``classes_complete``. ``variant`` names the manifests of a matrix.
    ``waivers`` are those whose traffic was left out; the status is ``waived`` only where the rest holds. ``baseline``:
    the file that lists this property, where it does not pass; the status is ``waived`` where it is no worse.
    ``depends_on``: the unmodelled objects and the domain names (``domain NAME``) that an unknown verdict depends on.
    """

    id: str
    verb: str
    verdict: Verdict
    expected: Verdict | None
    status: Status
    severity: str
    suite: str
    line: int
    description: str | None
    owner: str | None
    tags: tuple[str, ...]
    world: dict[str, str]
    semantics: dict[str, object]
    holds_for_declared: bool | None
    holds_for_declared_namespaces: bool | None
    open_world: OpenWorld | None
    members: dict[str, int]
    reason: str | None
    notices: tuple[Notice, ...]
    class_: str | None
    counterexample: Counterexample | None
    because: tuple[Because, ...]
    reproduce: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    classes: tuple[CounterexampleClass, ...] | None = None
    classes_complete: bool | None = None
    variant: str | None = None
    waivers: tuple[WaiverUsed, ...] = ()
    baseline: str | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputSummary:
    """What was read: number of files, modelled objects by kind, the rest by kind, unmodelled policies by reference
    (``namespace/kind/name``), excluded files."""

    files: int
    objects: dict[str, int]
    ignored: dict[str, int]
    unmodelled: tuple[str, ...]
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: what was read, what was assumed, and a result per property in suite order. ``sources`` are the
    manifests themselves, for formats that show them."""

    version: str
    z3: str
    input: InputSummary
    assumptions: tuple[str, ...]
    notices: tuple[Notice, ...]
    results: tuple[PropertyResult, ...]
    sources: tuple[Source, ...] = field(default=(), repr=False, compare=False)
