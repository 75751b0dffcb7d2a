"""One run of ``prove``, phase by phase, in this process: prints its seconds, peak memory and verdicts as JSON.

Calls the functions that the command line calls, in the same order. ``run.py`` starts it, once a measurement.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Seconds by phase, in the order in which phases first ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Generator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start

    def divide(self, name: str, parts: dict[str, float], rest: str) -> None:
        """Replace a phase by its parts and the rest that they leave of it."""
        whole = self.seconds.pop(name)
        self.seconds |= {**parts, rest: whole - sum(parts.values())}


def peak_megabytes() -> float:
    """The most memory that this process has held. The system counts in bytes on macOS, in KiB elsewhere."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def measure(path: str) -> dict[str, object]:
    """Prove the suite at ``path``; its manifests must be valid."""
    watch = Stopwatch()
    with watch.phase("import"):
        from netpol_verify.encodings.reading import read_manifests  # noqa: PLC0415 - a phase of its own
        from netpol_verify.encodings.validation import validate  # noqa: PLC0415
        from netpol_verify.properties.loading import load_suite  # noqa: PLC0415
        from netpol_verify.verify.engine import Phases, prove  # noqa: PLC0415
        from netpol_verify.verify.reports.json_report import render_json  # noqa: PLC0415
    with watch.phase("read"):
        suite = load_suite(path)
        manifests = read_manifests(suite.manifests)
    with watch.phase("validate"):
        problems, _ = validate(manifests.modelled)
    if problems:
        sys.exit("\n".join(problem.render() for problem in problems))
    phases = Phases()
    with watch.phase("prove"):
        report = prove([suite], manifests, phases=phases)
    parts = {"compile": phases.compile, "encode": phases.encode, "solve": phases.solve}
    watch.divide("prove", parts, rest="other")
    with watch.phase("report"):
        render_json(report)
    verdicts = Counter(result.verdict for result in report.results)
    return {
        "seconds": watch.seconds,
        "megabytes": peak_megabytes(),
        "verdicts": dict(sorted(verdicts.items())),
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
