"""The benchmarks' clusters are valid and the same every time, and a tiny one runs from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.validation import validate
from netpol_verify.properties.loading import load_suite

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def script(name: str, *arguments: str) -> str:
    """The standard output of a benchmark script that must succeed."""
    command = [sys.executable, str(BENCHMARKS / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def generated(folder: Path, policies: int, seed: int = 0) -> dict[str, bytes]:
    """The generated files by path."""
    script("generate.py", "--policies", str(policies), "--seed", str(seed), "--out", str(folder))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_cluster(tmp_path: Path) -> None:
    first, again, other = (
        generated(tmp_path / name, 40, seed) for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("policies", [2, 25, 200])
def test_a_cluster_is_valid_and_has_as_many_policies_as_asked(tmp_path: Path, policies: int) -> None:
    generated(tmp_path, policies)
    manifests = read_manifests([Entry(str(tmp_path / "manifests"))])
    problems, notices = validate(manifests.modelled)
    assert [problem.render() for problem in problems] == []
    assert list(notices) == []
    assert manifests.counts["NetworkPolicy"] == policies
    assert manifests.counts["Namespace"] == max(2, policies // 10) + 3


def test_the_suite_has_every_kind_of_property(tmp_path: Path) -> None:
    generated(tmp_path, 40)
    suite = load_suite(str(tmp_path / "properties.yaml"))
    assert {each.verb for each in suite.properties} == {"never", "can", "isolate", "defaultDeny", "dns"}


def test_too_few_policies_are_refused_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "generate.py"), "--policies", "1", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "two policies at least" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_tiny_cluster_runs_through_every_phase(tmp_path: Path) -> None:
    """All that is claimed of the generated cluster is what its suite finds: isolated, and monitored."""
    output = tmp_path / "rows.json"
    table = script("run.py", "--sizes", "20", "--repetitions", "2", "--json", str(output))
    (row,) = json.loads(output.read_text(encoding="utf-8"))
    assert (row["policies"], row["repetitions"]) == (20, 2)
    assert {"import", "read", "validate", "report"} < set(row["seconds"])
    assert all(seconds > 0 for seconds in row["seconds"].values())
    assert row["megabytes"] > 1
    assert row["verdicts"]["refuted"] == 1
    assert set(row["verdicts"]) == {"proved", "refuted"}
    assert table.splitlines()[0].split()[:2] == ["revision", "policies"]
