"""cyclonus: ``analyze --mode query-traffic`` over policies and connections, a table for each connection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ....encodings.reading.programs import scratch_folder
from ..model import Answer, Cluster, Flow
from .lacking import NO_TIERS, lacking
from .programs import program_at, run
from .tables import counted
from .traffic import traffic_of, written

NAME = "cyclonus"
HINT = f"build cmd/cyclonus of mattfenwick/cyclonus, then {NAME}=PATH/TO/cyclonus"
_VERDICT = re.compile(r"^\| IS ALLOWED\? \| +(TRUE|FALSE) ", re.MULTILINE)
"""The foot of the table of an answer."""


class Cyclonus:
    """cyclonus, a process for each cluster."""

    name = NAME
    unsupported = NO_TIERS

    def __init__(self, path: str | None, timeout: float) -> None:
        """Raises InputErrors if there is no such program."""
        self._program = program_at(path, (NAME,), HINT)
        self._timeout = timeout

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask a fresh process. Raises Trouble: ``refused`` if it ends with an error."""
        said = lacking(cluster, flows, self.unsupported)
        if said is not None:
            return said
        with scratch_folder() as scratch:
            prepared = self.prepared(cluster, flows, scratch)
            ran = run(self._program, prepared, scratch, self._timeout)
        traffic = traffic_of(cluster, flows)
        return traffic.answers(read_verdicts(ran.output, len(traffic.queries)))

    def prepared(self, cluster: Cluster, flows: Sequence[Flow], folder: Path) -> tuple[str, ...]:
        """Write what it reads into a folder. Gives the arguments with which it answers."""
        options = ("analyze", "--mode", "query-traffic", "--verbosity", "error")
        return (*options, *written(cluster, flows, folder))

    def close(self) -> None:
        """Nothing: no process outlives its question."""


def read_verdicts(text: str, count: int) -> Sequence[bool]:
    """The verdicts in order. Raises Trouble if there are not as many as queries."""
    return counted([found == "TRUE" for found in _VERDICT.findall(text)], count)
