"""network-config-analyzer (nca): reads the files of manifests as they are, and prints a table of all connections.

Each file is named, in the cluster's order: nca would read a folder in the order of the file system, and what it
says depends on that. Starting it takes far longer than an analysis, so one process of its own Python answers all
clusters (``nca_worker``).
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from ....encodings.reading.programs import locate, on_interrupt, scratch_folder
from ..evaluators.command import mistake
from ..evaluators.excerpts import last_lines, shown
from ..evaluators.process import PATIENCE, Process
from ..model import Answer, Cluster, Flow, Raw, Trouble
from .lacking import NO_TIERS, lacking
from .programs import MANIFESTS, program_at, surroundings
from .tables import EVERYTHING, NOTHING, PROTOCOLS, Connections, Cube, Row, Table, end_of, misunderstood, span_of

NAME = "network-config-analyzer"
PROGRAMS = ("nca",)
HINT = f"pip install {NAME} in a virtual environment of its own, then {NAME}=PATH/TO/nca"
WORKER = Path(__file__).with_name("nca_worker.py")
_OPTIONS = ("--output_format", "txt_no_fw_rules", "--output_endpoints", "pods", "--print_ipv6")
_NOT_READ = re.compile(r"Parse Error:|Bad yaml file:|[Ss]kipping ")
"""How nca says that it goes on without a file."""
_LINE = re.compile(r"(?P<source>\S+) => (?P<destination>\S+) : (?P<connections>.+)")
_CUBE = re.compile(r"\{([^{}]*)\}")
_FIELD = re.compile(r"(?:^|,)(\w+):")


class NetworkConfigAnalyzer:
    """nca, in a process that stays. After Trouble it is ended, and started afresh for the next question."""

    name = NAME
    unsupported = NO_TIERS

    def __init__(self, path: str | None, timeout: float) -> None:
        """Start it. Raises InputErrors if there is no nca, or no Python that has it."""
        self._interpreter = interpreter_of(program_at(path, PROGRAMS, HINT))
        self._timeout = timeout
        self._process: Process | None = None
        self._folder: Path | None = None
        try:
            self._start()
        except Trouble as trouble:
            raise mistake(f"{NAME} does not start: {' | '.join(trouble.detail.splitlines())}", HINT) from None

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask the running process, or a new one after Trouble. Raises Trouble as ``read_reply``."""
        said = lacking(cluster, flows, self.unsupported)
        if said is not None:
            return said
        if self._process is None:
            self._start()
        assert self._process is not None
        try:
            with on_interrupt(self.abandon), scratch_folder() as scratch:
                arguments = (*self.prepared(cluster, flows, scratch), "--file_out", str(scratch / "table"))
                self._process.hidden = {f"{scratch}/": ""}
                request = {"arguments": arguments, "table": str(scratch / "table")}
                table = read_reply(self._process.line(_line(request), self._timeout))
        except BaseException as error:
            if not isinstance(error, Trouble) or error.kind != "refused":  # nca is well and goes on after a refusal
                self._stop(0.0)
            raise
        return tuple(Answer(table.allows(flow)) for flow in flows)

    def prepared(self, cluster: Cluster, flows: Sequence[Flow], folder: Path) -> tuple[str, ...]:
        """Write what it reads into a folder. Gives the arguments with which it answers, about all flows at once."""
        del flows
        manifests = folder / MANIFESTS
        cluster.write(manifests)
        files = sorted(manifests.iterdir(), key=lambda path: (len(path.name), path.name))
        return ("--connectivity", *(word for path in files for word in ("--resource_list", str(path))), *_OPTIONS)

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

    def _start(self) -> None:
        """Start the worker in an empty folder: nca runs programs that it finds where it stands. Raises Trouble."""
        self._folder = Path(tempfile.mkdtemp(prefix="netpol-verify-")).resolve()
        try:
            with on_interrupt(self.abandon):
                self._process = Process((str(self._interpreter), str(WORKER)), self._folder, surroundings())
                greeting = _loaded(self._process.line(b"", self._timeout))
            if greeting.get("ready") is not True:
                raise Trouble("refused", f"{self._interpreter} has no nca: {greeting.get('said')}")
        except BaseException:
            self._stop(0.0)
            raise

    def _stop(self, patience: float) -> None:
        process, folder = self._process, self._folder
        try:
            if process is not None:
                process.end(patience)
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            self._process = self._folder = None


def interpreter_of(program: Path) -> Path:
    """The Python of a virtual environment, from it itself or from its ``nca``: the one that the script names, else the
    one beside it. Raises InputErrors if there is none."""
    if program.name.startswith("python"):
        return program
    with program.open("rb") as file:
        first = file.readline(4096).decode("utf-8", "replace").split()
    named = Path(first[0].removeprefix("#!")) if first and first[0].startswith("#!") else Path()
    if named.name == "env" and len(first) == 2:
        named = locate(first[1]) or Path()
    beside = (program.resolve().parent / name for name in ("python3", "python"))
    for each in (named, *beside):
        if each.name.startswith("python") and each.is_file():
            return each
    raise mistake(f"{program} does not say which Python it is for", f"name that Python: {NAME}=PATH/TO/python")


def read_reply(line: bytes) -> Table:
    """The table in the worker's reply.

    Raises Trouble: ``refused`` if nca ends with an error, or goes on without a file; ``crash`` if it raises instead;
    ``silent`` without a table; ``garbled`` for what is no reply.
    """
    reply = _loaded(line)
    code, table, said = reply.get("code"), reply.get("table"), str(reply.get("said", ""))
    if code is None:
        raise Trouble("crash", "\n".join(("it raises an exception", *last_lines(said)[-1:])))
    if code != 0:
        _, error, message = said.rpartition("Error: ")  # what it said before was no reason to end
        raise Trouble("refused", "\n".join((f"it ends with exit code {code}", *last_lines(error + message))))
    ignored = [line for line in said.splitlines() if _NOT_READ.search(line)]
    if ignored:
        raise Trouble("refused", "\n".join(("it goes on without a file", *map(shown, ignored))))
    if not isinstance(table, str):
        raise Trouble("silent", "it writes no table")
    return read_table(table)


def read_table(text: str) -> Table:
    """nca's ``txt_no_fw_rules``: a line for each pair of ends and cube of ports. Raises Trouble for any other line."""
    return Table(tuple(_row(line) for line in text.splitlines() if line.strip()))


def _row(line: str) -> Row:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise misunderstood(line, "is no line of the table")
    return Row(end_of(match["source"]), end_of(match["destination"]), read_connections(match["connections"]))


def read_connections(text: str) -> Connections:
    """nca's words for some connections. Raises Trouble for any others."""
    if text in ("All connections", "No connections"):
        return EVERYTHING if text == "All connections" else NOTHING
    listed = text.removeprefix("All but ")
    cubes = _CUBE.findall(listed)
    if ",".join(f"{{{each}}}" for each in cubes) != listed:
        raise misunderstood(text, "are no connections")
    return Connections(tuple(map(_cube, cubes)), complement=listed != text)


def _cube(text: str) -> Cube:
    head, *parts = _FIELD.split(text)
    fields = dict(zip(parts[::2], parts[1::2], strict=True))
    if head or not fields or fields.keys() - {"protocols", "dst_ports"}:
        raise misunderstood(text, "is no cube of protocols and ports")
    protocols, ports = fields.get("protocols"), fields.get("dst_ports")
    return Cube(
        None if protocols is None else _protocols(protocols),
        None if ports is None else tuple(map(span_of, ports.split(","))),
    )


def _protocols(text: str) -> frozenset[str]:
    listed = text.removeprefix("all but ")
    named = frozenset(each.strip() for each in listed.split(","))
    return PROTOCOLS - named if listed != text else named


def _line(request: Raw) -> bytes:
    return json.dumps(request).encode() + b"\n"


def _loaded(line: bytes) -> Raw:
    try:
        value: object = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise misunderstood(line.decode("utf-8", "replace"), "is no reply of the worker")
    return cast("dict[str, Any]", value)
