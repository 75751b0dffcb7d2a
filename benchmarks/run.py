"""Times the phases of a run of ``prove`` on generated clusters: wall time and peak memory, medians of repetitions.

Every measurement is a fresh process, so that no cache and no memory of an earlier one is left. The clusters are
written by a process of their own too: on Linux a child's peak memory is at least what its parent holds when it starts,
so this program imports nothing but the standard library and keeps nothing.

Run as a program: ``python benchmarks/run.py --sizes 100 1000``. What the phases mean, and how two revisions are
compared fairly, is in README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHILDREN_TIMEOUT = 3600


@dataclass(frozen=True)
class Row:
    """The medians of one size under one interpreter. ``seconds`` by phase, ``megabytes`` at the peak."""

    name: str
    policies: int
    repetitions: int
    seconds: dict[str, float]
    total: float
    megabytes: float
    verdicts: dict[str, int]


@dataclass(frozen=True)
class Sample:
    """What ``measure.py`` prints about one run."""

    seconds: dict[str, float]
    megabytes: float
    verdicts: dict[str, int]


def _child(interpreter: str, script: str, *arguments: str) -> str:
    """The standard output of a script beside this one. Ends the run with the child's own words if it fails."""
    command = [interpreter, str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=CHILDREN_TIMEOUT, check=False)
    if done.returncode != 0:
        sys.exit(f"{script} failed with exit code {done.returncode}:\n{done.stderr.strip()}")
    return done.stdout.strip()


def _median(name: str, policies: int, samples: list[Sample]) -> Row:
    verdicts = samples[0].verdicts
    for sample in samples:
        if sample.verdicts != verdicts:
            sys.exit(f"{name}, {policies} policies: two runs differ in their verdicts: {verdicts}, {sample.verdicts}")
    phases = samples[0].seconds
    return Row(
        name=name,
        policies=policies,
        repetitions=len(samples),
        seconds={phase: statistics.median(sample.seconds[phase] for sample in samples) for phase in phases},
        total=statistics.median(sum(sample.seconds.values()) for sample in samples),
        megabytes=statistics.median(sample.megabytes for sample in samples),
        verdicts=verdicts,
    )


def measure(policies: int, seed: int, repetitions: int, interpreters: dict[str, str]) -> list[Row]:
    """One row an interpreter. Repetitions take turns (A, B, A, B, …), so that a slow minute hits all alike."""
    samples: dict[str, list[Sample]] = {name: [] for name in interpreters}
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("--policies", str(policies), "--seed", str(seed), "--out", folder)
        suite = _child(sys.executable, "generate.py", *arguments)
        for _ in range(repetitions):
            for name, interpreter in interpreters.items():
                samples[name].append(Sample(**json.loads(_child(interpreter, "measure.py", suite))))
    return [_median(name, policies, found) for name, found in samples.items()]


def _line(cells: list[str]) -> str:
    return "  ".join([cells[0].ljust(12), *(cell.rjust(9) for cell in cells[1:])]).rstrip()


def table(rows: list[Row]) -> str:
    """A line a row: seconds by phase, their sum, its ratio to the first row of the same size, peak memory."""
    phases = list(rows[0].seconds)
    lines = [_line(["revision", "policies", *phases, "total s", "ratio", "peak MB"])]
    first: dict[int, float] = {}
    for row in rows:
        ratio = row.total / first.setdefault(row.policies, row.total)
        seconds = [f"{row.seconds[phase]:.3f}" for phase in phases]
        cells = [row.name, str(row.policies), *seconds, f"{row.total:.3f}", f"{ratio:.2f}", f"{row.megabytes:.0f}"]
        lines.append(_line(cells))
    for row in rows:
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in row.verdicts.items() if count)
        lines.append(f"{row.name}, {row.policies} policies: {verdicts}")
    return "\n".join(lines)


def _interpreters(pairs: list[str]) -> dict[str, str]:
    """``NAME=PATH`` pairs as a dict; without any, the interpreter that runs this program."""
    named = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(named) != len(pairs):
        sys.exit("--revision takes NAME=PATH-OF-A-PYTHON, each name once")
    return named or {"this": sys.executable}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000], metavar="N", help="numbers of policies")
    parser.add_argument("--repetitions", type=int, default=3, metavar="R", help="runs of each size (default: 3)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the generator (default: 0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the medians as JSON as well")
    parser.add_argument(
        "--revision",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help="an interpreter with netpol-verify installed; repeat it to compare (default: this one)",
    )
    options = parser.parse_args()
    interpreters = _interpreters(options.revision)
    rows: list[Row] = []
    for size in options.sizes:
        rows += measure(size, options.seed, options.repetitions, interpreters)
        print(f"{size} policies measured", file=sys.stderr)
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
