"""The tables of ``docs/assurance.md``: ``python tests/mutation/table.py results.jsonl`` prints the first as Markdown,
``python tests/mutation/table.py results_tiers.jsonl --tiers`` the one of faults in cluster-wide policies.

Takes what ``run.py`` noted, the list of faults, and what ``survivors.toml`` says of those that no assertion noticed.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutation.faults import TIERS, Fault, read_faults
from mutation.run import read_results

SURVIVORS = Path(__file__).parent / "survivors.toml"
CONTEXT = 14
"""Characters of an unchanged line that are shown on either side of a change."""
_SAID = {"assertion": "yes", "missed": "no", "not reached": "no (never runs it)"}


def read_survivors() -> dict[str, dict[str, str]]:
    """What became of each fault that neither set noticed by an assertion."""
    return {each["id"]: each for each in tomllib.loads(SURVIVORS.read_text("utf-8"))["survivor"]}


def change_of(fault: Fault) -> str:
    """What the fault changes, as code: the part of the line that differs, with a little around it."""
    old, new = fault.old, fault.new
    start = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest = range(min(len(old), len(new)) - start)
    end = next((at for at in rest if old[len(old) - 1 - at] != new[len(new) - 1 - at]), len(rest))
    first = max(start - CONTEXT, 0)

    def shown(line: str) -> str:
        last = min(len(line) - end + CONTEXT, len(line))
        text = ("…" if first else "") + line[first:last] + ("…" if last < len(line) else "")
        return "`` " + text.replace("|", "\\|") + " ``"

    return f"{shown(old)} → {shown(new)}"


def cell(said: dict[str, Any]) -> str:
    """One set's answer: whether it noticed the fault, how, and which test did."""
    outcome = str(said["outcome"])
    text = _SAID.get(outcome, outcome)
    failures: list[dict[str, str]] = said["failures"]
    tests = [each["test"] for each in failures if each["kind"] == outcome]
    name = tests[0].removeprefix("tests/").replace(".py::", ": ").partition("[")[0] if tests else ""
    return f"{text}: {name}" if name else text


def _ran(fault: Fault, results: dict[tuple[str, str], dict[str, Any]]) -> bool:
    """Were both sets run against the fault?"""
    return all((fault.id, name) in results for name in ("differential", "golden"))


def rows(results: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    """The table, a line each."""
    survivors = read_survivors()
    yield "| id | place | fault | area | differential | golden | and |"
    yield "|---|---|---|---|---|---|---|"
    for fault in read_faults():
        words = change_of(fault) if fault.origin == "tool" else fault.what.replace("|", "\\|")
        if fault.invalid:
            yield f"| {fault.id} | {fault.file} | {words} | {fault.area} | | | invalid: {fault.invalid} |"
            continue
        if not _ran(fault, results):
            yield f"| {fault.id} | {fault.file} | {words} | {fault.area} | not run | not run | |"
            continue
        differential, golden = (results[fault.id, name] for name in ("differential", "golden"))
        note = survivors.get(fault.id, {})
        more = f"{note['now']}: {note['text']}" if note else ""
        place = f"{fault.file}:{golden['line']}"
        yield f"| {fault.id} | {place} | {words} | {fault.area} | {cell(differential)} | {cell(golden)} | {more} |"


def counts(results: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    """How many faults met which pair of outcomes."""
    found: Counter[tuple[str, str]] = Counter()
    for fault in read_faults():
        if not fault.invalid and _ran(fault, results):
            found[results[fault.id, "differential"]["outcome"], results[fault.id, "golden"]["outcome"]] += 1
    yield "| differential | golden | faults |"
    yield "|---|---|---|"
    for (differential, golden), number in sorted(found.items()):
        yield f"| {_SAID.get(differential, differential)} | {_SAID.get(golden, golden)} | {number} |"


_OF_TIERS = ("tiers-golden", "tiers-differential", "tiers-added")


def tier_rows(results: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    """The table of faults in cluster-wide policies; a set that was not run against a fault leaves its cell empty."""
    yield "| id | place | fault | area | golden | differential | added |"
    yield "|---|---|---|---|---|---|---|"
    for fault in read_faults(TIERS):
        cells = (cell(results[fault.id, name]) if (fault.id, name) in results else "" for name in _OF_TIERS)
        yield f"| {fault.id} | {fault.file} | {fault.what} | {fault.area} | {' | '.join(cells)} |"


def main() -> None:
    """Print the counts and the table of a results file."""
    results = {(each["fault"], each["set"]): each for each in read_results(Path(sys.argv[1]))}
    if "--tiers" in sys.argv:
        print("\n".join(tier_rows(results)))
        return
    print("\n".join((*counts(results), "", *rows(results))))


if __name__ == "__main__":
    main()
