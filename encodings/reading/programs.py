"""Running the programs that give manifests: git, kustomize, kubectl, Helm.

No shell is involved, only lists of arguments. A program is found on PATH, but never in the working directory, whose
content may be somebody else's: a ``./kubectl`` beside the manifests must not run. It starts in a fresh empty folder,
with its input closed, and has limits of time and output. Trusts the programs for what they print, not for ending.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from ..problems import InputErrors, Problem

OUTPUT_LIMIT = 256 * 2**20
"""Bytes that a program may print."""
TIME_LIMIT = 120.0
"""Seconds that a program may take."""
COMPLAINT_KEPT = 64 * 2**10
COMPLAINT_LINES = 6
"""What is kept of a program's complaints, and how many of their last lines are shown."""
_GRACE = 1.0
_LOG_HEAD = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [^ \]]+\] ")
"""What kubectl puts before a line of its log: a time and a process, which differ from run to run."""

GET: dict[str, str] = {
    "git": "install git (https://git-scm.com)",
    "kubectl": "install kubectl (https://kubernetes.io/docs/tasks/tools/)",
    "kustomize": "install kustomize (https://kustomize.io) or kubectl",
    "helm": "install Helm (https://helm.sh)",
}
"""Where each program is to be had."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: its exit code, what it printed, and the last lines of its complaints as one text."""

    code: int
    output: bytes
    said: str


@dataclass(frozen=True, slots=True)
class Call:
    """A program to run for the source ``shown``: ``program`` is its name on PATH.

    ``stdin`` is what it may read. ``environment`` None is this process's. ``hidden`` maps texts in its complaints, such
    as temporary paths, to what is shown instead.
    """

    shown: str
    program: str
    arguments: Sequence[str]
    stdin: bytes = b""
    environment: Mapping[str, str] | None = None
    hidden: Mapping[str, str] = field(default_factory=dict[str, str])

    def run(self, otherwise: str = "") -> bytes:
        """What it prints. Raises InputErrors, with the program's own words, if it fails or is not there.

        ``otherwise`` is a hint at what else can be done.
        """
        done = self.attempt(otherwise)
        if done.code != 0:
            raise self.failed(done, otherwise)
        return done.output

    def attempt(self, otherwise: str = "") -> Finished:
        """How it ended, whatever its exit code. Raises InputErrors if it cannot run, or exceeds a limit."""
        path, refused = _search(self.program)
        if path is None:
            where = f": {refused} lies in the working directory, from where nothing is run" if refused else ""
            ways = (GET.get(self.program, ""), otherwise)
            raise self._problem(f"{self.program} is not on PATH{where}", ", or ".join(way for way in ways if way))
        with scratch_folder() as folder:
            return self._run(path, folder)

    def failed(self, done: Finished, hint: str = "") -> InputErrors:
        """The error that a program's failure is."""
        said = done.said or "it says nothing"
        how = f"ends with exit code {done.code}" if done.code >= 0 else f"is ended by signal {-done.code}"
        return self._problem(f"{self._name()} {how}: {said}", hint)

    def _name(self) -> str:
        """The program with its command, such as ``kustomize build``: the first argument that is none of an option's."""
        verb = next((word for word in self.arguments if not word.startswith("-") and "/" not in word), "")
        return f"{self.program} {verb}".strip()

    def _problem(self, message: str, hint: str = "") -> InputErrors:
        return InputErrors([Problem(self.shown, 0, "", message, hint)])

    def _run(self, path: Path, folder: Path) -> Finished:
        with tempfile.TemporaryFile() as stdin:
            stdin.write(self.stdin)
            stdin.seek(0)
            try:
                process = subprocess.Popen(
                    [str(path), *self.arguments],
                    cwd=folder,
                    env=dict(os.environ if self.environment is None else self.environment),
                    stdin=stdin if self.stdin else subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                raise self._problem(f"{path} cannot be run: {error}") from None
        with on_interrupt(lambda: _kill(process)):
            return self._watched(process)

    def _watched(self, process: subprocess.Popen[bytes]) -> Finished:
        assert process.stdout is not None and process.stderr is not None
        output = _Reader(process.stdout, OUTPUT_LIMIT, endless=False)
        complaint = _Reader(process.stderr, COMPLAINT_KEPT, endless=True)
        deadline = time.monotonic() + TIME_LIMIT
        in_time = False
        try:
            output.join(TIME_LIMIT)
            if not output.is_alive() and not output.exceeded:
                process.wait(max(0.0, deadline - time.monotonic()))
                complaint.join(_GRACE)
                in_time = True
        except subprocess.TimeoutExpired:
            pass
        finally:
            if not in_time or complaint.is_alive():
                _kill(process)
            process.wait()
            output.join(_GRACE)
            complaint.join(_GRACE)
        if output.exceeded:
            raise self._problem(f"{self._name()} prints more than {OUTPUT_LIMIT:,} bytes", "name less at once")
        if not in_time:
            said = self._said(complaint)
            message = f"{self._name()} takes longer than {TIME_LIMIT:g} seconds" + (f": {said}" if said else "")
            raise self._problem(message, "does it wait for a network or a cluster?")
        return Finished(process.returncode, output.content(), self._said(complaint))

    def _said(self, complaint: _Reader) -> str:
        """The last lines of a program's complaints, on one line."""
        text = complaint.content().decode("utf-8", "replace")
        for hidden in sorted(self.hidden, key=len, reverse=True):
            text = text.replace(hidden, self.hidden[hidden])
        lines = [_LOG_HEAD.sub("", line.strip()) for line in text.splitlines() if line.strip()]
        return " | ".join(lines[-COMPLAINT_LINES:])


def locate(program: str) -> Path | None:
    """Where a program is on PATH, or None."""
    return _search(program)[0]


def _search(program: str) -> tuple[Path | None, Path | None]:
    """A program's path and, if there is none, that of one which is not run because it lies in the working directory.

    The path is that on PATH, not what links lead to: some programs tell from it what they are.
    """
    refused: Path | None = None
    for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
        folder = Path(entry)
        if not folder.is_absolute():
            continue
        found = shutil.which(program, path=entry)
        if found is None:
            continue
        path = Path(found)
        if path.is_absolute() and not _is_here(path):
            return path, None
        refused = refused or path
    return None, refused


def _is_here(path: Path) -> bool:
    """Whether a program lies in the working directory, or a link to it does, or it is a link into it."""
    here = Path.cwd().resolve()
    if here == Path(here.anchor):
        return False  # everything lies in it, so that says nothing
    written = Path(os.path.abspath(path))  # noqa: PTH100 - links are looked at beside it
    return any(each.is_relative_to(here) for each in (written, path.parent.resolve(), path.resolve()))


class _Reader(threading.Thread):
    """Reads a stream to its end in the background: at most ``limit`` bytes, or, ``endless``, the last of them."""

    def __init__(self, stream: IO[bytes], limit: int, *, endless: bool) -> None:
        super().__init__(daemon=True)
        self.exceeded = False
        self._stream = stream
        self._limit = limit
        self._endless = endless
        self._parts: list[bytes] = []
        self._size = 0
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # a stream that breaks has ended
            while chunk := os.read(self._stream.fileno(), 2**16):
                self._parts.append(chunk)
                self._size += len(chunk)
                if self._size > self._limit:
                    if not self._endless:
                        self.exceeded = True
                        break
                    self._parts = [b"".join(self._parts)[-self._limit // 2 :]]
                    self._size = len(self._parts[0])
        self._stream.close()

    def content(self) -> bytes:
        """What was read."""
        return b"".join(self._parts)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a program with all that it started; it leads a process group of its own."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


@contextlib.contextmanager
def scratch_folder() -> Generator[Path]:
    """A fresh empty folder, gone at the end, also when the run is interrupted."""
    folder = Path(tempfile.mkdtemp(prefix="netpol-verify-")).resolve()
    try:
        with on_interrupt(lambda: shutil.rmtree(folder, ignore_errors=True)):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def on_interrupt(action: Callable[[], object]) -> Generator[None]:
    """Does ``action`` before whatever an interrupt does otherwise, which may be to end this process at once."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        action()
        before(number, frame)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
