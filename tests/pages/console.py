"""Console blocks: each line ``$ command`` is run, and the lines below it are what it prints.

A line ``…`` stands for any number of lines, a ``…`` inside a line for any text. The exit code is the one that
``$ echo $?`` shows, else the one that the summary means, else 0.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from netpol_verify.verify import commands
from typer.testing import CliRunner

PROGRAM = "netpol-verify"
OUTCOMES = {"— FAIL": 1, "— UNKNOWN": 3}
_INSTALLS = re.compile(r"^(python3 -m venv |\S*pip install )")
_OPERATORS = re.compile(r"[|;<>&`]|\$")


@dataclass(frozen=True, slots=True)
class Step:
    """A command, the lines shown below it, and the exit code that the page says or means."""

    command: str
    output: tuple[str, ...]
    code: int


def steps(block: str) -> list[Step]:
    """The commands of a console block; a line that ends in ``\\`` goes on in the next."""
    found = list(_commands(block))
    result: list[Step] = []
    for number, (command, output) in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else ("", list[str]())
        if command != "echo $?":
            said = int(following[1][0]) if following[0] == "echo $?" else _meant(output)
            result.append(Step(command, tuple(output), said))
    return result


def _commands(block: str) -> Iterator[tuple[str, list[str]]]:
    command: str | None = None
    output: list[str] = []
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, output
            command, output = line[2:], []
        else:
            output.append(line)
    if command is not None:
        yield command, output


def _meant(output: Iterable[str]) -> int:
    return next((code for word, code in OUTCOMES.items() if any(word in line for line in output)), 0)


def pattern(lines: Iterable[str]) -> str:
    """A regular expression for output of which some may be left out as ``…``."""
    parts = [r"(?:.*\n)*" if line.strip() == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in lines]
    return "".join(parts)


def without_installing(command: str) -> str:
    """The parts of a command that install nothing, without the path of the environment they would run in."""
    parts = [part for part in command.split(" && ") if not _INSTALLS.match(part)]
    return " && ".join(part.removeprefix(".venv/bin/") for part in parts)


def complaints(step: Step, folder: Path) -> Iterator[str]:
    """What the command does otherwise than the page says, in ``folder``, which must be the working directory."""
    printed, code = _ran(step.command, folder)
    if step.output and not re.fullmatch(pattern(step.output), printed):
        yield f"$ {step.command}\nprints\n{printed}"
    if code != step.code:
        yield f"$ {step.command}\nexits with {code}, not {step.code}\n{printed}"


def _ran(command: str, folder: Path) -> tuple[str, int]:
    """The command's output, both streams together, and its exit code."""
    if command.startswith(f"{PROGRAM} ") and not _OPERATORS.search(command):
        arguments = shlex.split(command)[1:]
        ran = CliRunner(env={"COLUMNS": "80"}).invoke(commands.app, arguments, prog_name=PROGRAM)
        return ran.output, ran.exit_code
    done = shell(command, folder)
    return done.stdout, done.returncode


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a reader would who has the program installed; both streams are one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {key: value for key, value in os.environ.items() if not key.startswith("NETPOL_VERIFY_")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**own, "PATH": path, "COLUMNS": "80", "GIT_CONFIG_GLOBAL": os.devnull},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def parses(script: str) -> bool:
    """Whether bash can read the script."""
    return subprocess.run(["bash", "-n", "-c", script], capture_output=True, check=False).returncode == 0
