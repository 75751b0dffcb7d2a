"""The front door in this process: the command line as ``cli.main`` runs it, with its two streams caught.

An input is right only if its exit code is one of those it must have, and every message names its place.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import typer.main
from netpol_verify.verify import commands
from netpol_verify.verify.guard import guarded

LONGEST_LINE = 2_000
"""Of a message: a place, a path, what is wrong, and at most an excerpt of the input."""
_PLACE = re.compile(r"(?P<file>[^:]+?)(:(?P<line>[0-9]+))?: \S")
_LINE_ENDS = re.compile(rb"\r\n|[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9]")
_ABOUT_A_PATH = re.compile(
    r".+: (no such file or folder|contains no Kubernetes object|cannot be read.*|holds no flow|is empty)"
)
_USAGE = "Usage: netpol-verify"
PLACES = ("command line", "standard output", "SUITE", "properties.yaml", "<stdin>")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended and what it printed."""

    code: int
    out: str
    err: str


@cache
def _program() -> Callable[..., object]:
    return cast("Callable[..., object]", typer.main.get_command(commands.app))


@contextmanager
def _caught(stdin: bytes) -> Generator[tuple[io.BytesIO, io.BytesIO]]:
    before = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(each, encoding="utf-8") for each in (io.BytesIO(stdin), out, err)]
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for stream in streams[1:]:
            stream.flush()
            stream.detach()


def run(arguments: Sequence[str], stdin: bytes = b"") -> Outcome:
    """Run one command line in the working directory."""
    with _caught(stdin) as (out, err):
        code = guarded(lambda: _program()(list(arguments), prog_name="netpol-verify"))
    return Outcome(code, out.getvalue().decode(), err.getvalue().decode())


@dataclass(frozen=True, slots=True)
class Case:
    """One run: its ``files`` by name and standard input, the command line, and what must come of it.

    ``codes``: the exit codes that are right. ``named``: a refusal's messages must hold one of these texts, if any.
    """

    files: Mapping[str, bytes]
    arguments: tuple[str, ...]
    codes: tuple[int, ...]
    named: tuple[str, ...] = ()
    stdin: bytes = b""


def write(case: Case) -> None:
    """Write the case's files to the working directory."""
    for name, content in case.files.items():
        Path(name).write_bytes(content)


def complaint(case: Case, outcome: Outcome) -> str | None:
    """What is wrong with the outcome of a case; None if nothing is.

    Every message of a refusal begins with the name of a file of the case, of an option, or of the path it is about, and
    names a line that exists. Output is bounded by the input.
    """
    if outcome.code not in case.codes:
        return f"exit code {outcome.code}, not one of {list(case.codes)}"
    if "Traceback" in outcome.err + outcome.out:
        return "a traceback"
    given = sum(map(len, case.files.values())) + len(case.stdin) + sum(map(len, case.arguments))
    if len(outcome.err) + len(outcome.out) > 20_000 + 5 * given:
        return f"{len(outcome.err) + len(outcome.out)} characters of output for {given} of input"
    if outcome.code != 2 or outcome.err.startswith(_USAGE):
        return None
    if max(map(len, outcome.err.split("\n"))) > LONGEST_LINE:
        return "a line without end"
    if case.named and not any(name in outcome.err for name in case.named):
        return f"none of {list(case.named)} is named"
    return _misplaced(case, outcome)


def _misplaced(case: Case, outcome: Outcome) -> str | None:
    if outcome.out:
        return "output beside an error"
    if not outcome.err:
        return "no message"
    for line in outcome.err.removesuffix("\n").split("\n"):
        if line.startswith(("    hint: ", "notice: ")) or _ABOUT_A_PATH.match(line):
            continue
        match = _PLACE.match(line)
        if match is None or not (match["file"] in (*case.files, *PLACES) or match["file"].startswith("--")):
            return f"a message without place: {line[:200]}"
        lines = max(1, len(_LINE_ENDS.split(case.files.get(match["file"], case.stdin))))
        if match["line"] is not None and not 1 <= int(match["line"]) <= lines:
            return f"line {match['line']} of {lines}"
    return None
