"""Where results go: encodings, terminals, readers that have gone away; and the program as a real process."""

import io
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from netpol_verify.verify import output, progress
from netpol_verify.verify.output import Output, Terminal, complain, write_stdout


class FakeTerminal(io.TextIOWrapper):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(**changes: object) -> Terminal:
    values: dict[str, object] = {"quiet": False, "verbose": False, "no_color": False, "env": {}, **changes}
    return Terminal(**values)  # type: ignore[arg-type]


def stream(encoding: str, kind: type[io.TextIOWrapper] = io.TextIOWrapper) -> io.TextIOWrapper:
    return kind(io.BytesIO(), encoding=encoding)


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdout", stream("utf-8", FakeTerminal))
    out = Output("text")
    assert terminal().look(out).color
    assert not terminal(no_color=True).look(out).color
    assert not terminal(env={"NO_COLOR": "1"}).look(out).color
    assert terminal(env={"NO_COLOR": ""}).look(out).color
    assert not terminal(env={"TERM": "dumb"}).look(out).color
    assert not terminal().look(Output("text", str(tmp_path / "x"))).color
    monkeypatch.setattr(sys, "stdout", stream("utf-8"))
    assert not terminal().look(out).color


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", True), ("ascii", False), ("latin-1", False)])
def test_signs_are_used_where_the_encoding_has_them(
    monkeypatch: pytest.MonkeyPatch, encoding: str, signs: bool
) -> None:
    monkeypatch.setattr(sys, "stdout", stream(encoding))
    assert terminal().look(Output("text")).unicode is signs


def test_letters_that_an_encoding_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = stream("ascii"), stream("ascii")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    output.write_output(Output("text"), "é→\n")
    complain("é\x1b")
    assert isinstance(out.buffer, io.BytesIO)
    assert isinstance(err.buffer, io.BytesIO)
    assert out.buffer.getvalue() == b"\\xe9\\u2192\n"
    assert err.buffer.getvalue() == b"\\xe9\\x1b\n"


def test_a_missing_stdout_or_stderr_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    write_stdout("x")
    complain("x")


def test_progress_needs_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream("utf-8"))
    with progress.progress_shown(wanted=True) as update:
        assert update is None
    monkeypatch.setattr(sys, "stderr", stream("utf-8", FakeTerminal))
    with progress.progress_shown(wanted=False) as update:
        assert update is None


def test_progress_appears_only_after_its_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(delay: float, wait: float) -> bytes:
        err = stream("utf-8", FakeTerminal)
        monkeypatch.setattr(sys, "stderr", err)
        monkeypatch.setattr(progress, "DELAY_SECONDS", delay)
        with progress.progress_shown(wanted=True) as update:
            assert update is not None
            update(1, 2, "[red]id\x1b")
            time.sleep(wait)
        err.flush()
        assert isinstance(err.buffer, io.BytesIO)
        return err.buffer.getvalue()

    monkeypatch.setenv("TERM", "xterm")
    assert shown(delay=60, wait=0) == b""
    assert b"[red]id\\x1b" in shown(delay=0, wait=0.5)


# The program as a process. ``--help`` and a missing suite need neither manifests nor a solver.


def program(*arguments: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "netpol_verify", *arguments]
    return subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, check=False)


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    ran = program("prove", folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.startswith(b"properties.yaml: there is no such file in the working directory\n    hint: ")


def test_usage_errors_name_the_program(tmp_path: Path) -> None:
    ran = program("prove", "--nonsense", folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"Usage: netpol-verify prove" in ran.stderr


BROKEN_PIPE = """
import sys
from netpol_verify.verify import cli, commands
from netpol_verify.verify.results import InputSummary, Report
report = Report("0", "0", InputSummary(1, {}, {}, (), ()), ("long",) * 50000, (), ())
commands.run_prove = lambda request, progress: report
sys.argv = ["netpol-verify", "prove"]
cli.main()
"""


def test_a_reader_that_has_gone_away_is_no_error() -> None:
    """The exit code is still the run's, and nobody complains."""
    process = subprocess.Popen([sys.executable, "-c", BROKEN_PIPE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (0, b"")


def test_a_full_disk_is_reported() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run([sys.executable, "-c", BROKEN_PIPE], stdout=full, stderr=subprocess.PIPE, check=False)
    assert ran.returncode == 2
    assert ran.stderr.decode().splitlines() == ["standard output: cannot be written: No space left on device"]


def test_colour_on_a_real_terminal_only() -> None:
    main, side = pty.openpty()
    code = BROKEN_PIPE.replace("* 50000", "* 1")
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
    ran = subprocess.run([sys.executable, "-c", code], stdout=side, env=environment, check=False)
    os.close(side)
    assert ran.returncode == 0
    assert b"\x1b[" in os.read(main, 65536)
    os.close(main)


STARTED = """
import sys, time
from netpol_verify.verify import cli, commands

class Dropping:
    def __del__(self):
        print("started", flush=True)
        time.sleep(60)

def run_prove(request, progress):
    try:
        Dropping()
        time.sleep(60)
    except BaseException:
        time.sleep(60)

commands.run_prove = run_prove
sys.argv = ["netpol-verify", "prove"]
cli.main()
"""


def test_an_interrupt_ends_the_program_even_where_python_would_drop_it() -> None:
    """An exception in a destructor is dropped, one in a library may be caught: the program goes at once."""
    process = subprocess.Popen([sys.executable, "-c", STARTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (130, b"netpol-verify: interrupted\n")
