"""Counterexamples taken out of a JSON report, to ask the concrete evaluator about them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from ..encodings.concrete.addresses import Family
from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.concrete.evaluator import Cluster
from ..encodings.concrete.evidence import Decision, Direction
from ..encodings.concrete.printed import PROTOCOLS, from_printed, reading_from_printed
from ..encodings.concrete.reading import Reading
from ..encodings.problems import InputErrors, Problem, did_you_mean

REPORT = "netpol-verify/v1"
SUBJECTS: dict[str, Literal["source", "destination"]] = {"source": "source", "destination": "destination"}
DIRECTIONS: dict[str, Direction] = {"ingress": "ingress", "egress": "egress"}
FAMILIES: dict[str, Family] = {"IPv4": "IPv4", "IPv6": "IPv6"}


@dataclass(frozen=True, slots=True)
class Replay:
    """A counterexample as the report prints it."""

    source: ConcreteEndpoint
    destination: ConcreteEndpoint
    protocol: str
    port: int
    family: Family
    allowed: bool
    reading: Reading
    subject: Literal["source", "destination"] | None = None
    direction: Direction | None = None

    def ask(self, cluster: Cluster) -> Decision:
        """What the concrete evaluator says of this connection under the report's reading."""
        ends = (self.source, self.destination)
        return cluster.decide(*ends, self.protocol, self.port, self.family, reading=self.reading)


def replay_counterexample(report: Mapping[str, Any], identity: str, *, file: str = "report") -> Replay:
    """The counterexample of property ``identity``, ``ID[VARIANT]`` if it has several.

    Raises InputErrors if the report has none, or is no report.
    """
    if report.get("report") != REPORT or not isinstance(report.get("results"), list):
        raise _mistake(file, "", f'is not a report of this tool ("report": "{REPORT}")')
    listed = cast("list[object]", report["results"])
    if not all(isinstance(each, dict) for each in listed):
        raise _mistake(file, "results", "holds something that is no result")
    results = cast("list[dict[str, Any]]", listed)
    found = [result for result in results if identity in (result.get("id"), _variant(result))]
    if not found:
        known = [str(result.get("id")) for result in results]
        raise _mistake(file, identity, "no result has this id", did_you_mean(identity, known))
    if len(found) > 1:
        raise _mistake(file, identity, "several results have this id", f"name a variant, such as {_variant(found[0])}")
    counterexample: object = found[0].get("counterexample")
    if not isinstance(counterexample, dict):
        verdict = found[0].get("verdict")
        raise _mistake(file, identity, f"has no counterexample (it is {verdict})")
    return read_counterexample(cast("dict[str, Any]", counterexample), file=file, path=identity)


def _variant(result: Mapping[str, Any]) -> str:
    """``ID[VARIANT]``: one of the results that a property has where its suite's manifests have variants."""
    return f"{result.get('id')}[{result.get('variant') or ''}]"


def read_counterexample(value: Mapping[str, Any], *, file: str, path: str) -> Replay:
    """A counterexample object of a report. InputErrors naming the key that is not as a report prints it."""
    reading = reading_from_printed(value.get("reading"), file=file, path=f"{path}.reading")
    port, family, allowed = value.get("port"), FAMILIES.get(str(value.get("family"))), value.get("allowed")
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise _mistake(file, f"{path}.port", "must be between 1 and 65535, inclusive")
    if value.get("protocol") not in PROTOCOLS:
        raise _mistake(file, f"{path}.protocol", f"must be one of {', '.join(PROTOCOLS)}")
    if family is None:
        raise _mistake(file, f"{path}.family", "must be IPv4 or IPv6")
    if not isinstance(allowed, bool):
        raise _mistake(file, f"{path}.allowed", "must be true or false")
    return Replay(
        from_printed(value.get("source"), file=file, path=f"{path}.source"),
        from_printed(value.get("destination"), file=file, path=f"{path}.destination"),
        str(value.get("protocol")),
        port,
        family,
        allowed,
        reading,
        SUBJECTS.get(str(value.get("subject"))),
        DIRECTIONS.get(str(value.get("direction"))),
    )


def _mistake(file: str, path: str, message: str, hint: str = "") -> InputErrors:
    return InputErrors([Problem(file, 0, path, message, hint)])
