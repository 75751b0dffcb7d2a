"""Programs that adapters run: where they are, in which surroundings, and how a run ended.

They run in an empty folder and know of no cluster and no other program: some of them would otherwise ask ``kubectl``,
even one that lies beside the manifests. Trusts a program in nothing, and least in saying that it failed.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ....encodings.reading.programs import locate
from ..evaluators.command import mistake, parse_command
from ..evaluators.excerpts import last_lines
from ..evaluators.process import Process
from ..model import Kind, Trouble

MANIFESTS = "manifests"
"""The folder that a cluster is written to for programs that read it as it is."""
_REFUSAL = 1
"""How the tools written in Go end when they do not like their input; a panic ends them with 2."""
_LOGGED = re.compile(r'time="[^"]*" level=(?P<level>\w+) msg=(?P<text>"(?:[^"\\]|\\.)*"|\S*)')
_IN_PASSING = ("info", "debug", "trace")
_TIME = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program that ended with exit code 0 printed: its output, and what it said besides."""

    output: str
    said: str

    @property
    def complaints(self) -> tuple[str, ...]:
        """The lines of what it said that complain."""
        return complaints_in(self.said)


class _Run(Process):
    """A program that is run once, of which also its complaints and its exit code are of interest."""

    @property
    def said(self) -> str:
        """What was kept of its complaints, whether or not it failed."""
        return self._visible(self._complaint).decode("utf-8", "replace")

    @property
    def code(self) -> int | None:
        """Its exit code, once it has ended."""
        return self._popen.returncode


def program_at(path: str | None, names: Sequence[str], hint: str) -> Path:
    """A tool's program: the one that the user gives, else the first of its names that is on PATH.

    Raises InputErrors, with ``hint``, if there is none.
    """
    if path is not None:
        return Path(parse_command(shlex.quote(os.path.expanduser(path)), hint).words[0])  # noqa: PTH111 - a name on PATH
    for name in names:
        found = locate(name)
        if found is not None:
            return found
    raise mistake(f"there is no program {' or '.join(names)} on PATH", hint)


def surroundings() -> dict[str, str]:
    """The environment of the tools: this process's, without its clusters, its programs and its Python.

    Go's panics are told without the stack, which differs from build to build.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KUBE", "PYTHON"))}
    return {**kept, "KUBECONFIG": os.devnull, "PATH": os.devnull, "GOTRACEBACK": "none"}


def run(program: Path, arguments: Sequence[str], scratch: Path, seconds: float) -> Ran:
    """Run a program on what was written into a scratch folder, from an empty folder in it.

    Raises Trouble: ``refused`` if it ends with exit code 1, else as ``Process.whole``.
    """
    inside = scratch / "inside"
    inside.mkdir()
    process = _Run((str(program), *arguments), inside, surroundings())
    process.hidden = {str(inside): ".", f"{scratch}/": ""}
    try:
        output = process.whole(b"", seconds)
    except Trouble as trouble:
        kind: Kind = "refused" if trouble.kind == "crash" and process.code == _REFUSAL else trouble.kind
        how = trouble.detail.partition("\n")[0]
        raise Trouble(kind, "\n".join((how, *last_lines("\n".join(complaints_in(process.said)))))) from None
    return Ran(output.decode("utf-8", "replace"), process.said)


def complaints_in(log: str) -> tuple[str, ...]:
    """The messages of a log, without those that are said in passing."""
    return messages_in(log, without=_IN_PASSING)


def messages_in(log: str, without: Collection[str] = ()) -> tuple[str, ...]:
    """The messages of a log, each once: without times, stacks, and those of the levels ``without``."""
    found: dict[str, None] = {}
    for line in log.splitlines():
        logged = _LOGGED.match(line)
        if logged is None:
            found[_TIME.sub("", line, count=1).strip()] = None
        elif logged["level"] not in without:
            found[_first_line(logged["text"])] = None
    return tuple(line for line in found if line)


def _first_line(text: str) -> str:
    """A logged message as far as its first line; others trace it back."""
    whole = text[1:-1] if text.startswith('"') else text
    return whole.partition("\\n")[0].replace('\\"', '"')
