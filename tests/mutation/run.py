"""Runs the tests against each fault of the list, in a copy of the repository, and notes which tests notice it.

``python tests/mutation/run.py --results results.jsonl`` goes through the whole list; ``--only T01,H05`` through some.
``--faults tests/mutation/tier_faults.toml --sets tiers-golden,tiers-differential`` asks the tests about cluster-wide
policies about the faults in those.
What is in the results already is not run again. ``python tests/mutation/table.py results.jsonl`` makes the table of
``docs/assurance.md``. One process, no Hypothesis database, no shrinking: each run ends at the first failed assertion.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutation.copying import copy_of_the_repository, environment_for
from mutation.faults import LIST, ROOT, Fault, read_faults
from mutation.watch import REACHED, RESULT

SETS = Path(__file__).parent / "sets.toml"
CLUSTERS = "NETPOL_VERIFY_DIFFERENTIAL_CLUSTERS"
PROCESSOR_SECONDS = 1_200
MEMORY = 8 << 30


def read_sets() -> dict[str, Any]:
    """The classification of all tests."""
    return tomllib.loads(SETS.read_text("utf-8"))


def batches(name: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The pytest runs of a set: arguments, and what to add to the environment."""
    sets = read_sets()
    if name in ("tiers-golden", "tiers-added"):
        yield sets["tiers"][name.removeprefix("tiers-")], {}
        return
    if name == "golden":
        others = [each["test"] for each in sets["differential"]] + sets["neither"]
        named = {each.partition("::")[0] for each in (*others, *sets["golden"])}
        files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").glob("test_*.py"))
        left_out = [part for each in others if "::" in each for part in ("--deselect", each)]
        yield [*sets["golden"], *(file for file in files if file not in named), *left_out], {}
        return
    listed: list[dict[str, Any]] = (sets["tiers"] if name == "tiers-differential" else sets)["differential"]
    for clusters in sorted({each["clusters"] for each in listed}, reverse=True):
        yield [each["test"] for each in listed if each["clusters"] == clusters], {CLUSTERS: str(clusters)}


def _limit() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it, and a test sends it
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run_tests(folder: Path, arguments: list[str], more: dict[str, str]) -> dict[str, Any]:
    """One pytest run in the copy; what the plugin saw of it, "hang" if it was ended from outside."""
    answer = folder / "answer.json"
    answer.unlink(missing_ok=True)
    options = ["-q", "-p", "no:cacheprovider", "-p", "mutation.watch", "--continue-on-collection-errors"]
    command = [sys.executable, "-m", "pytest", *options, *arguments]
    environment = environment_for(folder) | {RESULT: str(answer)} | more
    copy = folder / "netpol_verify"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False, preexec_fn=_limit)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if not answer.exists():
        text = (ran.stdout + ran.stderr).decode(errors="replace")[-300:]
        return {
            "outcome": "hang",
            "failures": [],
            "broken": [f"pytest ended with {ran.returncode}: {text}"],
            "cpu": spent,
        }
    return {**json.loads(answer.read_text("utf-8")), "cpu": round(spent, 1)}


def run_set(folder: Path, name: str) -> dict[str, Any]:
    """All runs of a set, until one notices the fault by an assertion."""
    order = ("assertion", "invalid", "replay", "hang", "crash", "missed")
    best: dict[str, Any] = {"outcome": "missed", "failures": [], "broken": [], "cpu": 0.0, "passed": 0}
    for arguments, more in batches(name):
        found = run_tests(folder, arguments, more)
        failures = [*best["failures"], *found["failures"]]
        outcome = min(best["outcome"], found["outcome"], key=order.index)
        spent, passed = best["cpu"] + found["cpu"], best["passed"] + found.get("passed", 0)
        broken = [*best["broken"], *found["broken"]]
        best = {"outcome": outcome, "failures": failures, "broken": broken, "cpu": round(spent, 1), "passed": passed}
        if outcome in ("assertion", "invalid"):
            break
    return best


def reached_functions(folder: Path) -> set[tuple[str, int]]:
    """Every function, by file and first line, that the differential tests call where there is no fault."""
    found: set[tuple[str, int]] = set()
    for arguments, more in batches("differential"):
        said = run_tests(folder, arguments, {**more, REACHED: str(folder / "reached.json")})
        if said["outcome"] != "missed":
            raise RuntimeError(f"the tests fail without any fault: {said}")
        found |= {(file, line) for file, line in json.loads((folder / "reached.json").read_text("utf-8"))}
    return found


def is_reached(fault: Fault, text: str, reached: set[tuple[str, int]] | None) -> bool:
    """May the differential tests run the line? A function that they never call cannot change what they say."""
    function = fault.function(text)
    return reached is None or function is None or (fault.file, function) in reached


def go(faults: Iterable[Fault], names: Iterable[str], folder: Path, results: Path, reach: Path | None) -> None:
    """Run the sets against each fault and append what they said."""
    copy = copy_of_the_repository(folder)
    done = {(each["fault"], each["set"]) for each in read_results(results)}
    reached: set[tuple[str, int]] | None = None
    if reach is not None:
        if not reach.exists():
            reach.write_text(json.dumps(sorted(reached_functions(folder))), "utf-8")
        reached = {(file, line) for file, line in json.loads(reach.read_text("utf-8"))}
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for fault in faults:
        path = copy / fault.file
        text = path.read_text("utf-8")
        for name in names:
            if (fault.id, name) in done:
                continue
            if name == "differential" and not is_reached(fault, text, reached):
                said: dict[str, Any] = {"outcome": "not reached", "failures": [], "broken": [], "cpu": 0.0, "passed": 0}
            else:
                path.write_text(fault.applied(text), "utf-8")
                try:
                    said = run_set(folder, name)
                finally:
                    path.write_text(text, "utf-8")
            place = {"fault": fault.id, "set": name, "line": fault.line(text), "commit": commit.stdout.strip()}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**place, **said}) + "\n")
            first = said["failures"][-1]["test"] if said["failures"] else ""
            print(f"{fault.id} {name}: {said['outcome']} {first} ({said['cpu']} s)", flush=True)


def read_results(path: Path) -> list[dict[str, Any]]:
    """What was noted so far."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Run the tests against each fault of a list.")
    parser.add_argument("--faults", type=Path, default=LIST)
    parser.add_argument("--only", default="", help="ids of faults, comma separated")
    parser.add_argument("--sets", default="golden,differential")
    parser.add_argument("--results", type=Path, default=Path("mutation-results.jsonl"))
    parser.add_argument(
        "--reach", type=Path, help="a file that says which functions the differential tests call (made if missing)"
    )
    asked = parser.parse_args()
    only = {name for name in asked.only.split(",") if name}
    faults = [each for each in read_faults(asked.faults) if not each.invalid and (not only or each.id in only)]
    os.environ.pop("CI", None)
    with tempfile.TemporaryDirectory() as folder:
        go(faults, asked.sets.split(","), Path(folder), asked.results, asked.reach)


if __name__ == "__main__":
    main()
