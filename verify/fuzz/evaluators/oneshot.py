"""A program that is started for every cluster: ``COMMAND FOLDER``, flows on its input, answers on its output."""

from __future__ import annotations

from collections.abc import Sequence

from ....encodings.reading.programs import scratch_folder
from ..model import Answer, Cluster, Flow
from .command import Command
from .process import Process
from .protocol import flow_lines, read_answers

SHOWN_FOLDER = "FOLDER"
"""What is read in place of the folder of manifests where a program mentions it."""


class OneShot:
    """An evaluator that is a command. It is started in an empty folder, which goes with it, as its manifests do."""

    def __init__(self, command: Command, timeout: float) -> None:
        self.name = command.text
        self.unsupported: frozenset[str] = frozenset()
        self._command = command
        self._timeout = timeout

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask a fresh process. Raises Trouble if it does not answer every flow within the limit."""
        with scratch_folder() as scratch:
            manifests, inside = scratch / "manifests", scratch / "inside"
            cluster.write(manifests)
            inside.mkdir()
            process = Process(self._command.over(manifests), inside)
            process.hidden = {str(manifests): SHOWN_FOLDER, str(inside): "."}
            output = process.whole(flow_lines(flows), self._timeout)
        return read_answers(output, len(flows))

    def restart(self) -> None:
        """Nothing: every question has a process of its own."""

    def abandon(self) -> None:
        """Nothing: no process outlives its question."""

    def close(self) -> None:
        """Nothing: no process outlives its question."""
