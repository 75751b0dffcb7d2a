"""A program that runs and is talked to, within limits of time and output.

One loop writes the program's input and reads both of its outputs, whichever is ready, so that no full pipe stops either
side. The program leads a process group of its own, which is killed when it is over, whatever is left in it; only what
left the group escapes, and nobody waits for that. Trusts a program in nothing: every way not to answer is Trouble.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from ....encodings.reading.programs import on_interrupt
from ..model import Kind, Trouble
from .excerpts import last_lines

OUTPUT_LIMIT = 64 * 2**20
"""Bytes that a program may print in all, or for one line."""
COMPLAINT_KEPT = 64 * 2**10
"""Bytes of a program's complaints that are kept: the last ones."""
PATIENCE = 1.0
"""Seconds that a program gets to end by itself once its input has ended."""
_CHUNK = 2**16
_TICK = 0.05
_SHORT_TICK = 0.002
"""Seconds between looks at whether a program has ended, which no pipe tells; the short ones once its output has."""


class Process:
    """A program that has been started. ``hidden``: texts in what it prints, such as temporary paths, and what is read
    instead, since they differ from run to run and findings must not."""

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start it in ``folder``, in this process's environment if no other is given. Raises Trouble if it cannot."""
        self.hidden: dict[str, str] = {}
        self._is_over = False
        self._pending = memoryview(b"")
        self._is_last = False
        self._output = bytearray()
        self._searched = 0
        self._has_too_much = False
        self._complaint = b""
        self._popen = _started(words, folder, environment)
        assert self._popen.stdin is not None and self._popen.stdout is not None and self._popen.stderr is not None
        self._stdin, self._stdout, self._stderr = self._popen.stdin, self._popen.stdout, self._popen.stderr
        for stream in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(stream.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ, self._read_output)
        self._selector.register(self._stderr, selectors.EVENT_READ, self._read_complaint)

    def whole(self, given: bytes, seconds: float) -> bytes:
        """All that it prints when it is given this and no more. It is over then.

        Raises Trouble: ``hang`` unless it ends in time and its output does too, ``crash`` if its exit code is not 0,
        ``garbled`` if it prints too much.
        """
        try:
            with on_interrupt(self.kill):
                self._give(given, last=True)
                in_time = self._until(self._is_finished, time.monotonic() + seconds)
                has_ended = self._has_ended()
        finally:
            self.end()
        self._refuse_too_much()
        if not has_ended:
            lines = self._output.count(b"\n")
            raise self._trouble("hang", f"no end within {seconds:g} s, after {lines} lines")
        self._refuse_failure()
        if not in_time:
            raise self._trouble("hang", f"it ended, but what it started kept its output open for {seconds:g} s")
        return self._visible(self._output)

    def line(self, given: bytes, seconds: float) -> bytes:
        """The next line that says something, after it is given this. It goes on running, unless there is none.

        Raises Trouble: ``hang`` if there is none in time, ``crash`` or ``silent`` if it ends instead, ``garbled`` if it
        is too long.
        """
        deadline = time.monotonic() + seconds
        try:
            with on_interrupt(self.kill):
                self._give(given, last=False)
                in_time = self._until(lambda: self._is_answered() or self._stdout.closed, deadline)
                if in_time and not self._has_line():
                    self._until(self._has_ended, deadline)
            self._refuse_too_much()
            if not in_time:
                raise self._ended_by("hang", f"no answer within {seconds:g} s")
            if not self._has_line():
                raise self._without_answer()
        except BaseException:
            self.end()
            raise
        return self._visible(self._taken())

    def kill(self) -> None:
        """End it at once with all that it started; also for handlers of signals, since it waits for nothing."""
        if not self._is_over:
            with contextlib.suppress(OSError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def end(self, patience: float = 0.0) -> None:
        """End it with all that it started: at once, or after it had some time to end by itself, without more input."""
        if self._is_over:
            return
        try:
            if patience:
                self._close(self._stdin)
                self._until(self._has_ended, time.monotonic() + patience)
        finally:
            self.kill()
            self._is_over = True  # from here on its number may be another program's
            self._popen.wait()
            for _ in range(4):  # what a full pipe holds at most, and nobody else's endless output
                if not self._stderr.closed:
                    self._read_complaint()
            for stream in (self._stdin, self._stdout, self._stderr):
                self._close(stream)
            self._selector.close()

    @property
    def said(self) -> str:
        """The last of what it complained about, once it is over."""
        return self._visible(self._complaint).decode("utf-8", "replace")

    @property
    def code(self) -> int | None:
        """Its exit code once it is over; less than 0 for a signal."""
        return self._popen.returncode

    # Input and output

    def _until(self, done: Callable[[], bool], deadline: float) -> bool:
        """Read and write whatever is ready until something is done; False if the deadline comes first."""
        while not done():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            for key, _ in self._selector.select(min(left, _SHORT_TICK if self._stdout.closed else _TICK)):
                key.data()
        return True

    def _give(self, data: bytes, *, last: bool) -> None:
        if self._pending:
            self._selector.unregister(self._stdin)  # it has answered without reading the rest
        self._pending, self._is_last = memoryview(data), last
        if self._stdin.closed:
            self._pending = memoryview(b"")  # it has closed its end: nobody reads this
        elif data:
            self._selector.register(self._stdin, selectors.EVENT_WRITE, self._write)
        elif last:
            self._close(self._stdin)

    def _write(self) -> None:
        try:
            written = os.write(self._stdin.fileno(), self._pending[:_CHUNK])
        except BlockingIOError:
            return
        except OSError:  # it does not want to know more
            self._pending = memoryview(b"")
            self._close(self._stdin)
            return
        self._pending = self._pending[written:]
        if not self._pending:
            self._selector.unregister(self._stdin)
            if self._is_last:
                self._close(self._stdin)

    def _read_output(self) -> None:
        self._output += self._read(self._stdout)
        if len(self._output) > OUTPUT_LIMIT:
            self._has_too_much = True
            self._close(self._stdout)

    def _read_complaint(self) -> None:
        self._complaint = (self._complaint + self._read(self._stderr))[-COMPLAINT_KEPT:]

    def _read(self, stream: IO[bytes]) -> bytes:
        """What there is to be read; the stream is closed once nothing more will come."""
        try:
            chunk = os.read(stream.fileno(), _CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            chunk = b""
        if not chunk:
            self._close(stream)
        return chunk

    def _close(self, stream: IO[bytes]) -> None:
        if not stream.closed:
            with contextlib.suppress(KeyError):
                self._selector.unregister(stream)
            stream.close()

    # How it stands

    def _has_ended(self) -> bool:
        """Whether the program itself has ended. Where the system allows, it is not buried yet: its number stays its
        own, so that the group that is killed is its group."""
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        try:
            return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # it has ended where this process was started without a word for its children
            return True

    def _is_finished(self) -> bool:
        return self._has_too_much or (self._stdout.closed and self._has_ended())

    def _is_answered(self) -> bool:
        return self._has_line() and not self._pending

    def _has_line(self) -> bool:
        """Whether a line that says something has come; empty ones before it are dropped."""
        while (end := self._output.find(b"\n", self._searched)) >= 0:
            if self._output[:end].strip():
                self._searched = end
                return True
            del self._output[: end + 1]
            self._searched = 0
        self._searched = len(self._output)
        return False

    def _taken(self) -> bytearray:
        """The line that has come."""
        line = self._output[: self._searched]
        del self._output[: self._searched + 1]
        self._searched = 0
        return line

    # Trouble

    def _refuse_too_much(self) -> None:
        if self._has_too_much:
            raise self._ended_by("garbled", f"it prints more than {OUTPUT_LIMIT:,} bytes")

    def _refuse_failure(self) -> None:
        """Raises Trouble if the program, which has ended, failed."""
        code = self._popen.returncode
        if code > 0:
            raise self._trouble("crash", f"it ends with exit code {code}")
        if code < 0:
            raise self._trouble("crash", f"it is ended by {_signal(-code)}")

    def _without_answer(self) -> Trouble:
        """The Trouble with a program that has closed its output in the middle of a conversation."""
        has_ended = self._has_ended()
        self.end()
        if has_ended:
            self._refuse_failure()
        return self._trouble("silent", f"it {'ends' if has_ended else 'closes its output'} without an answer")

    def _ended_by(self, kind: Kind, message: str) -> Trouble:
        self.end()
        return self._trouble(kind, message)

    def _trouble(self, kind: Kind, message: str) -> Trouble:
        """Trouble with the last lines of the program's complaints."""
        return Trouble(kind, "\n".join((message, *last_lines(self.said))))

    def _visible(self, printed: bytes | bytearray) -> bytes:
        text = bytes(printed)
        for hidden in sorted(self.hidden, key=len, reverse=True):
            text = text.replace(os.fsencode(hidden), self.hidden[hidden].encode())
        return text


def _started(words: Sequence[str], folder: Path, environment: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(words),
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise Trouble("refused", f"{Path(words[0]).name} cannot be started: {reason}") from None


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
