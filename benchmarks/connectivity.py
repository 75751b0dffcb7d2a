"""How the cost of ``connectivity`` grows with pods, if policies tell no more of them apart: 200 and 5,000 pods in 200
label classes. Measured without reading, with the output by class; prints medians of repetitions, and the ratio.

Run as a program: ``python benchmarks/connectivity.py``. ``--pairs`` also writes the lines by pair, which grow with the
square of the pods.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, TypeVar

from measure import peak_megabytes

if TYPE_CHECKING:
    from netpol_verify.encodings.manifests import Manifests

T = TypeVar("T")

AFTER_READING = ("compile", "compute", "by class")
CLASSES = 200
PODS = (200, 5000)
SPACES = 10
_Object = dict[str, Any]


def cluster(pods: int, classes: int = CLASSES) -> Iterator[_Object]:
    """Pods spread evenly over label classes, which stand in a few namespaces and call their neighbours.

    Every class has its own ingress and egress policy, so that policies tell all classes apart.
    """
    for space in range(SPACES):
        metadata = {"name": f"space-{space}", "labels": {"ring": str(space % 3)}}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    for number in range(pods):
        yield _pod(number, number % classes)
    for number in range(classes):
        yield _policy(number, classes)


def _labels(number: int) -> _Object:
    return {"app": f"app-{number}", "tier": ("front", "middle", "store")[number % 3]}


def _pod(number: int, of_class: int) -> _Object:
    port = {"name": "api", "containerPort": 8000 + of_class % 7}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"pod-{of_class}-{number}",
            "namespace": f"space-{of_class % SPACES}",
            "labels": {**_labels(of_class), "instance": str(number)},
        },
        "spec": {"containers": [{"name": "main", "image": "app", "ports": [port]}]},
    }


def _policy(number: int, classes: int) -> _Object:
    neighbour = (number + SPACES) % classes
    own = {"podSelector": {"matchLabels": {"app": f"app-{neighbour}"}}}
    ring = {"namespaceSelector": {"matchLabels": {"ring": str(number % 3)}}}
    stores = {"podSelector": {"matchLabels": {"tier": "store"}}}
    block = {
        "ipBlock": {"cidr": "0.0.0.0/0", "except": [f"10.{number // 250}.{number % 250}.0/24", "169.254.169.254/32"]}
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"app-{number}", "namespace": f"space-{number % SPACES}"},
        "spec": {
            "podSelector": {"matchLabels": {"app": f"app-{number}"}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {"from": [own], "ports": [{"port": "api"}]},
                {"from": [{**ring, **stores}], "ports": [{"port": 8000, "endPort": 8010}]},
            ],
            "egress": [
                {"to": [own, {**ring, **stores}], "ports": [{"port": "api"}, {"port": 9000, "endPort": 9000 + number}]},
                {"to": [block], "ports": [{"port": 443}]},
            ],
        },
    }


def _timed(seconds: dict[str, float], name: str, work: Callable[[], T]) -> T:
    """Do the work and note the processor's seconds, which other programs disturb less than the clock's."""
    start = process_time()
    result = work()
    seconds[name] = process_time() - start
    return result


def measure(pods: int, repetitions: int, classes: int, pairs: bool) -> dict[str, Any]:
    """Seconds by phase for one size: reading once, the rest as medians of repetitions."""
    from netpol_verify.encodings.cluster import build_cluster  # noqa: PLC0415 - loading is no phase here
    from netpol_verify.properties.suite import World  # noqa: PLC0415
    from netpol_verify.verify.connectivity.outside import addresses_of  # noqa: PLC0415
    from netpol_verify.verify.connectivity.reach import Connectivity, connectivity  # noqa: PLC0415
    from netpol_verify.verify.connectivity.scope import Scope  # noqa: PLC0415
    from netpol_verify.verify.connectivity_command import pieces_of  # noqa: PLC0415
    from netpol_verify.verify.reports.lines import Look  # noqa: PLC0415

    def lines(found: Connectivity, *, by_class: bool) -> int:
        return sum(piece.count("\n") for piece in pieces_of(found, "text", Look(), by_class=by_class))

    seconds: dict[str, float] = {}
    row: dict[str, Any] = {"pods": pods}
    manifests = _timed(seconds, "read", lambda: read(pods, classes))
    samples: list[dict[str, float]] = []
    for _ in range(repetitions):
        samples.append({})
        compiled = _timed(samples[-1], "compile", lambda: build_cluster(manifests))
        scope = Scope(outside=addresses_of(manifests, World()).outside)
        found = _timed(samples[-1], "compute", partial(connectivity, compiled, scope))
        written = _timed(samples[-1], "by class", partial(lines, found, by_class=True))
        row |= {"classes": len(found.classes), "lines": written}
        if pairs:
            row["pairs"] = _timed(samples[-1], "by pair", partial(lines, found, by_class=False))
    seconds |= {phase: statistics.median(sample[phase] for sample in samples) for phase in samples[0]}
    return {**row, "seconds": seconds, "megabytes": peak_megabytes()}


def read(pods: int, classes: int) -> Manifests:
    """The cluster as a user's file of JSON, which reads faster than YAML and means the same, read and validated."""
    from netpol_verify.encodings.reading import Entry, read_manifests  # noqa: PLC0415
    from netpol_verify.encodings.validation import validate  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cluster.json"
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*cluster(pods, classes)]}), "utf-8")
        manifests = read_manifests([Entry(str(path))])
    problems, _ = validate(manifests.modelled)
    if problems:
        sys.exit(problems[0].render())
    return manifests


def _child(arguments: list[str]) -> dict[str, Any]:
    """One size in a process of its own."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def _table(rows: list[dict[str, Any]]) -> str:
    """Every size on a line, and how much the last costs of what the first costs."""
    totals = [sum(row["seconds"][phase] for phase in AFTER_READING) for row in rows]
    table = [
        [*(key for key in rows[0] if key not in ("seconds", "megabytes")), *rows[0]["seconds"], "after reading", "MB"]
    ]
    for row, total in zip(rows, totals, strict=True):
        counts = [str(value) for key, value in row.items() if key not in ("seconds", "megabytes")]
        seconds = [f"{value:.3f}" for value in (*row["seconds"].values(), total)]
        table.append([*counts, *seconds, f"{row['megabytes']:.0f}"])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in table]
    return "\n".join([*lines, f"ratio after reading: {totals[-1] / totals[0]:.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure connectivity on clusters with equal classes.")
    parser.add_argument("--pods", type=int, nargs="+", default=PODS, metavar="N", help="sizes, in pods")
    parser.add_argument("--classes", type=int, default=CLASSES, metavar="N", help="label classes of every size")
    parser.add_argument("--repetitions", type=int, default=5, metavar="N", help="repetitions a size (default: 5)")
    parser.add_argument("--pairs", action="store_true", help="write the lines by pair, too")
    parser.add_argument("--one", action="store_true", help="measure one size in this process, and print JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.pods[0], options.repetitions, options.classes, options.pairs)))
        return
    common = ["--one", "--classes", str(options.classes), "--repetitions", str(options.repetitions)]
    common += ["--pairs"] if options.pairs else []
    print(_table([_child([*common, "--pods", str(pods)]) for pods in options.pods]))


if __name__ == "__main__":
    main()
