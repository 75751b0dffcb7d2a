"""A program that is started once and asked about many clusters, one line for each, which it answers by one line."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ....encodings.reading.programs import on_interrupt, scratch_folder
from ..model import Answer, Cluster, Flow, Trouble
from .command import Command
from .oneshot import SHOWN_FOLDER
from .process import PATIENCE, Process
from .protocol import Greeting, read_greeting, read_reply, request_line


class Serving:
    """An evaluator that is a serving program. After Trouble it is ended, and started afresh for the next question."""

    def __init__(self, command: Command, timeout: float) -> None:
        """Start it. Raises Trouble if it cannot start, or does not greet within the limit."""
        self._words = command.words
        self._timeout = timeout
        self._greeting: Greeting | None = None
        self._process: Process | None = None
        self._folder: Path | None = None
        self._requests = 0
        self._greeting = self._start()
        self.name = self._greeting.name
        self.unsupported = self._greeting.unsupported

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask the running process, or a new one after Trouble. Raises Trouble if it does not answer every flow."""
        if self._process is None:
            self._start()
        assert self._process is not None
        self._requests += 1
        try:
            with on_interrupt(self.abandon), scratch_folder() as scratch:
                manifests = scratch / "manifests"
                cluster.write(manifests)
                self._process.hidden = {str(manifests): SHOWN_FOLDER, str(self._folder): "."}
                line = self._process.line(request_line(self._requests, manifests, flows), self._timeout)
            return read_reply(line, self._requests, len(flows))
        except BaseException:
            self._stop(0.0)
            raise

    def restart(self) -> None:
        """End the process; the next question goes to a new one."""
        self._stop(PATIENCE)

    def abandon(self) -> None:
        """End the process at once, for handlers of signals."""
        if self._process is not None:
            self._process.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """End the process: its input ends, and it has a moment to follow."""
        self._stop(PATIENCE)

    def _start(self) -> Greeting:
        """Start the program and read its greeting, which must be that of the first time. Raises Trouble."""
        self._requests = 0
        self._folder = Path(tempfile.mkdtemp(prefix="netpol-verify-")).resolve()
        try:
            with on_interrupt(self.abandon):
                self._process = Process(self._words, self._folder)
                self._process.hidden = {str(self._folder): "."}
                greeting = read_greeting(self._process.line(b"", self._timeout))
            if self._greeting not in (None, greeting):
                raise Trouble("garbled", "it greets otherwise than before")
        except BaseException:
            self._stop(0.0)
            raise
        return greeting

    def _stop(self, patience: float) -> None:
        process, folder = self._process, self._folder
        try:
            if process is not None:
                process.end(patience)
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            self._process = self._folder = None
