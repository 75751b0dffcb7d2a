"""netpol-analyzer: reads the folder of manifests as it is, and prints a table of all connections (``list -o json``).

Its option ``--fail`` is not used: with it, the version that this was tried with prints an empty table for any input,
and ends well. Without it, what it cannot read is a complaint, and any complaint is a refusal here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from ....encodings.reading.programs import scratch_folder
from ..evaluators.excerpts import last_lines
from ..model import Answer, Cluster, Flow, Raw, Trouble
from .lacking import lacking
from .programs import MANIFESTS, program_at, run
from .tables import (
    EVERYTHING,
    NOTHING,
    PROTOCOLS,
    Connections,
    Cube,
    End,
    Row,
    Span,
    Table,
    end_of,
    misunderstood,
    span_of,
)

NAME = "netpol-analyzer"
PROGRAMS = ("netpol-analyzer", "netpolicy", "k8snetpolicy")
HINT = f"build cmd/netpolicy of np-guard/netpol-analyzer, then {NAME}=PATH/TO/netpolicy"
ONE_NETWORK = "--multiple-networks"
"""An option of newer versions, on by default, for resources of other networks; without it the table is one list."""
NO_IPV6 = "an IPv6 address outside: its table has IPv4 addresses only"
UNSUPPORTED = frozenset({"cluster-network-policy", "equal-priorities"})
"""Kinds it does not read, and where it gives up."""
_END = re.compile(r"(?P<name>[^\[\]]+?)(?:\[(?P<kind>\w+)\])?")


class NetpolAnalyzer:
    """netpol-analyzer, a process for each cluster. Its reading: an ipBlock does not match pods."""

    name = NAME
    unsupported = UNSUPPORTED

    def __init__(self, path: str | None, timeout: float) -> None:
        """Raises InputErrors if there is no such program."""
        self._program = program_at(path, PROGRAMS, HINT)
        self._timeout = timeout
        self._options: tuple[str, ...] | None = None

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask a fresh process. Raises Trouble: ``refused`` if it complains of the manifests."""
        said = lacking(cluster, flows, self.unsupported)
        if said is not None:
            return said
        with scratch_folder() as scratch:
            ran = run(self._program, self.prepared(cluster, flows, scratch), scratch, self._timeout)
        if ran.complaints:
            raise Trouble("refused", "\n".join(("it complains", *last_lines("\n".join(ran.complaints)))))
        table = read_table(ran.output)
        return tuple(_answer(table, flow) for flow in flows)

    def prepared(self, cluster: Cluster, flows: Sequence[Flow], folder: Path) -> tuple[str, ...]:
        """Write what it reads into a folder. Gives the arguments with which it answers, about all flows at once."""
        del flows
        cluster.write(folder / MANIFESTS)
        return ("list", "--dirpath", str(folder / MANIFESTS), "--quiet", "--output", "json", *self._one_network())

    def _one_network(self) -> tuple[str, ...]:
        """The option, if this version has it. Raises Trouble if the program does not run."""
        if self._options is None:
            with scratch_folder() as scratch:
                known = run(self._program, ("list", "--help"), scratch, self._timeout).output
            self._options = (f"{ONE_NETWORK}=false",) if ONE_NETWORK in known else ()
        return self._options

    def close(self) -> None:
        """Nothing: no process outlives its question."""


def _answer(table: Table, flow: Flow) -> Answer:
    if ":" in flow.source or ":" in flow.destination:
        return Answer(None, NO_IPV6)
    return Answer(table.allows(flow))


def read_table(text: str) -> Table:
    """The JSON of ``list``. Raises Trouble for anything else."""
    try:
        entries: object = json.loads(text)
    except ValueError:
        raise misunderstood(text, "is no JSON") from None
    if not isinstance(entries, list):
        raise misunderstood(text, "is no list of connections")
    return Table(tuple(map(_row, cast("list[object]", entries))))


def _row(entry: object) -> Row:
    written = cast("Raw", entry) if isinstance(entry, dict) else {}
    source, destination, connections = (written.get(key) for key in ("src", "dst", "conn"))
    if not isinstance(source, str) or not isinstance(destination, str) or not isinstance(connections, str):
        raise misunderstood(json.dumps(entry), "is no connection")
    return Row(_end(source), _end(destination), read_connections(connections))


def _end(text: str) -> End:
    match = _END.fullmatch(text)
    if match is None:
        raise misunderstood(text, "is no end of a connection")
    return end_of(match["name"])


def read_connections(text: str) -> Connections:
    """``TCP 80,443,8000-8010,UDP 53``, or a word for everything. Raises Trouble for anything else."""
    if text in ("All Connections", "No Connections"):
        return EVERYTHING if text == "All Connections" else NOTHING
    ports: dict[str, list[Span]] = {}
    protocol = ""
    for part in text.split(","):
        head, space, tail = part.partition(" ")
        if space:
            protocol = head
        if protocol not in PROTOCOLS:
            raise misunderstood(text, "are no connections")
        ports.setdefault(protocol, []).append(span_of(tail if space else head))
    return Connections(tuple(Cube(frozenset({each}), tuple(spans)) for each, spans in ports.items()))
