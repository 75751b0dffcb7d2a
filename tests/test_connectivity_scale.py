"""Connectivity is computed by class: pods that policies do not tell apart cost next to nothing, and lines stream."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from connectivity_support import connectivity_of
from corpus import live_manifests
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.verify.connectivity import portmaps
from netpol_verify.verify.connectivity.entries import Entries
from netpol_verify.verify.connectivity.nodes import by_reach, by_workload
from netpol_verify.verify.connectivity.reach import Connectivity
from support import manifests_of
from test_connectivity_against_concrete import Comparison
from test_connectivity_output import CLUSTER

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "benchmarks" / "connectivity.py"


def many_pods(classes: int, of_each: int) -> Connectivity:
    """Pods of a ring of classes: each lets the one before it in."""
    texts: list[str] = []
    for number in range(classes):
        peer = f"{{podSelector: {{matchLabels: {{app: a{(number + 1) % classes}}}}}}}"
        texts.append(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
            f"metadata: {{name: p{number}, namespace: s}}\n"
            f"spec: {{podSelector: {{matchLabels: {{app: a{number}}}}}, ingress: [{{from: [{peer}]}}]}}\n"
        )
        texts.extend(
            "apiVersion: v1\nkind: Pod\n"
            f"metadata: {{name: p{number}-{index}, namespace: s, labels: {{app: a{number}}}}}\n"
            "spec: {containers: [{name: c, image: i}]}\n"
            for index in range(of_each)
        )
    return connectivity_of(manifests_of("---\n".join(texts)))


def test_more_pods_of_a_class_are_no_more_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many sets of ports are combined for 400 pods as for 40, if there are 20 classes of them."""
    combined: list[int] = []
    pointwise = portmaps.both_ends

    def counted(egress: portmaps.PortMap, ingress: portmaps.PortMap) -> portmaps.PortMap:
        combined[-1] += 1
        return pointwise(egress, ingress)

    for module in list(sys.modules.values()):
        if getattr(module, "both_ends", None) is pointwise:
            monkeypatch.setattr(module, "both_ends", counted)
    sizes: list[tuple[int, int]] = []
    for of_each in (2, 20):
        combined.append(0)
        found = many_pods(20, of_each)
        sizes.append((len(found.classes), len(list(Entries(found, by_reach(found))))))
    assert sizes[0] == sizes[1]
    assert combined[0] == combined[1] > 0


def test_entries_come_one_by_one() -> None:
    """The first entries are there before the other 160,000 are made."""
    found = many_pods(1, 400)
    first = list(islice(Entries(found, by_workload(found)), 10))
    assert [entry.destination for entry in first[2:4]] == ["s/p0-100[Pod]", "s/p0-101[Pod]"]
    assert {entry.source for entry in first} == {"s/p0-0[Pod]"}, "only itself lets it in"
    assert sum(1 for _ in Entries(found, by_workload(found))) == 400 * 399 + 2 * 400


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "k8s.yaml").write_text(CLUSTER, "utf-8")
    command = f"'{sys.executable}' -m netpol_verify connectivity -q -f k8s.yaml; echo $? >code"
    ran = subprocess.run(["sh", "-c", f"({command}) | true"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("", "")
    assert (tmp_path / "code").read_text("utf-8").strip() == "0"


def test_output_that_cannot_be_written_is_a_mistake(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no full disk to write to")
    (tmp_path / "k8s.yaml").write_text(CLUSTER, "utf-8")
    command = [sys.executable, "-m", "netpol_verify", "connectivity", "-q", "-f", "k8s.yaml", "-o", "json:/dev/full"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert 'cannot write "/dev/full"' in ran.stderr


@pytest.mark.parametrize("name", ["text", "json", "csv", "markdown", "dot", "mermaid"])
def test_the_same_input_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Whatever order Python's hashing puts sets in."""
    (tmp_path / "k8s.yaml").write_text(CLUSTER, "utf-8")
    command = [sys.executable, "-m", "netpol_verify", "connectivity", "-q", "-f", "k8s.yaml", "-o", name]
    outputs = [
        subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        for seed in ("1", "2")
    ]
    assert outputs[0].stdout == outputs[1].stdout != b""


def test_the_benchmark_runs() -> None:
    command = [sys.executable, str(SCRIPT), "--pods", "20", "60", "--classes", "20", "--repetitions", "1", "--pairs"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    header, *rows, ratio = ran.stdout.splitlines()
    assert header.split()[:4] == ["pods", "classes", "lines", "pairs"]
    assert [row.split()[:2] for row in rows] == [["20", "20"], ["60", "20"]]
    assert re.fullmatch(r"ratio after reading: \d+\.\d\d", ratio)


def test_a_real_platform(tmp_path: Path) -> None:
    """1,458 namespaces with few workloads: every pair of them as the concrete evaluator says, unknowns by name."""
    manifests = read_manifests([Entry(str(live_manifests(tmp_path)))], duplicate_objects="last")
    compared = Comparison(manifests, None)
    asked = list(compared.pairs(random.Random(0)))
    assert len(compared.ends) > 30
    assert [each for each in asked if each.found != each.expected] == []
    assert {None if each.found is None else bool(each.found) for each in asked} == {None, False, True}
