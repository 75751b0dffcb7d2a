"""policy-assistant: ``analyze --mode walkthrough`` over policies and connections, a row for each connection.

Cluster-wide policies are written to it in the words of its version of v1alpha1, v0.1.1 (``traffic``).
It goes on without a file that it cannot read, and says so only in passing, so its log is read for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ....encodings.reading.programs import scratch_folder
from ..features import TIER_KINDS
from ..model import Answer, Cluster, Flow, Trouble
from ..walk import objects_of
from .lacking import lacking
from .programs import messages_in, program_at, run
from .tables import counted, misunderstood
from .traffic import traffic_of, written

NAME = "policy-assistant"
HINT = f"build cmd/policy-assistant of kubernetes-sigs/network-policy-api, then {NAME}=PATH/TO/policy-assistant"
VERDICTS = {"Allowed": True, "Denied": False}
_COLUMN = "VERDICT"
_NOT_READ = ("unable to parse network policy: ", "unable to single admin network policies: ")
"""How it says that a file is none of a NetworkPolicy, and none of an AdminNetworkPolicy, which it tries last."""
UNSUPPORTED = frozenset(
    {"cluster-network-policy", "equal-priorities", "no-tier-rules", "networks", "narrow-port-range"}
)
"""Its version of v1alpha1 has no networks, and where two priorities are equal, a policy has no rules, or a range is of
one port or none, it panics."""


class PolicyAssistant:
    """policy-assistant, a process for each cluster."""

    name = NAME
    unsupported = UNSUPPORTED

    def __init__(self, path: str | None, timeout: float) -> None:
        """Raises InputErrors if there is no such program."""
        self._program = program_at(path, (NAME,), HINT)
        self._timeout = timeout

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask a fresh process. Raises Trouble: ``refused`` if it ends with an error, or goes on without a file."""
        said = lacking(cluster, flows, self.unsupported)
        if said is not None:
            return said
        with scratch_folder() as scratch:
            prepared = self.prepared(cluster, flows, scratch)
            ran = run(self._program, prepared, scratch, self._timeout)
        not_read = _NOT_READ[1] if any(True for _ in objects_of(cluster, *TIER_KINDS)) else _NOT_READ[0]
        ignored = [each for each in messages_in(ran.said) if each.startswith(not_read)]
        if ignored:
            raise Trouble("refused", "\n".join(("it goes on without a file", *ignored)))
        traffic = traffic_of(cluster, flows)
        return traffic.answers(read_verdicts(ran.output, len(traffic.queries)))

    def prepared(self, cluster: Cluster, flows: Sequence[Flow], folder: Path) -> tuple[str, ...]:
        """Write what it reads into a folder. Gives the arguments with which it answers."""
        options = ("analyze", "--mode", "walkthrough", "--verbosity", "debug")
        return (*options, *written(cluster, flows, folder))

    def close(self) -> None:
        """Nothing: no process outlives its question."""


def read_verdicts(text: str, count: int) -> Sequence[bool]:
    """The verdicts in order. Raises Trouble for what is no verdict, and if there are not as many as queries."""
    verdicts: list[bool] = []
    for cell in _verdict_cells(text):
        # Cells that say the same as the one above are left empty.
        if cell and cell not in VERDICTS:
            raise misunderstood(cell, "is no verdict")
        if not cell and not verdicts:
            raise misunderstood(text, "is no table of verdicts")
        verdicts.append(VERDICTS[cell] if cell else verdicts[-1])
    return counted(verdicts, count)


def _verdict_cells(text: str) -> Iterator[str]:
    """The second column of the table, its heading left out. Rows end where a line begins with a cross."""
    for block in re.split(r"^\+.*$", text, flags=re.MULTILINE):
        rows = [line.split("|") for line in block.splitlines() if line.startswith("|")]
        if rows and len(rows[0]) > 2 and rows[0][2].strip() != _COLUMN:
            yield rows[0][2].strip()
