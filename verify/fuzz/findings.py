"""What a hunt finds, as data and as folders that somebody else can read and run.

A finding's folder holds the manifests, the flow as a line of a flows file, both sides' answers, our explanation with
the rule and its source, and the commands that show it again.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...encodings.problems import InputErrors, Problem
from .compare import Case
from .model import Flow, Raw
from .rules import RULES

MANIFESTS = "manifests"
FLOWS = "flows.jsonl"
FACTS = "finding.json"
TEXT = "README.md"


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind``: a disagreement, or how the evaluator failed. ``rules``: those of the semantics that decide, of which
    breaking any (``together``: all) gives the evaluator's answer; the likeliest first; none if no rule explains it.

    ``case``: the least that shows it; of a disagreement with one flow. ``explanation``: ours, in words. ``detail``:
    what the evaluator printed when it failed. ``example``: the number of the case it was found in.
    """

    kind: str
    case: Case
    example: int
    rules: tuple[str, ...] = ()
    together: bool = False
    ours: bool | None = None
    theirs: bool | None = None
    explanation: str = ""
    detail: str = ""
    known: bool = False

    @property
    def cause(self) -> tuple[str, ...]:
        """The likeliest rule, or all that it takes; empty if none explains it."""
        return self.rules if self.together else self.rules[:1]

    @property
    def slug(self) -> str:
        """A name for its folder."""
        if self.kind != "disagreement":
            return self.kind
        return "-and-".join(self.rules[:2] if self.together else self.rules[:1]) or "unexplained"

    @property
    def title(self) -> str:
        """What is wrong, in a sentence."""
        if self.kind == "disagreement":
            return RULES[self.rules[0]].otherwise if self.rules else "no single rule of the semantics explains it"
        return {
            "crash": "the evaluator crashes",
            "hang": "the evaluator does not answer in time",
            "silent": "the evaluator leaves flows unanswered",
            "garbled": "the evaluator's answer cannot be understood",
            "refused": "the evaluator refuses manifests that the API server accepts",
            "unstable": "the evaluator answers the same question differently",
        }[self.kind]


def word(allowed: bool | None) -> str:
    """An answer in a word."""
    return {True: "allowed", False: "blocked", None: "no answer"}[allowed]


def as_object(finding: Finding) -> dict[str, object]:
    """A finding as JSON."""
    return {
        "kind": finding.kind,
        "title": finding.title,
        "rules": list(finding.rules),
        "rulesTogether": finding.together,
        "statement": RULES[finding.rules[0]].statement if finding.rules else None,
        "source": RULES[finding.rules[0]].source if finding.rules else None,
        "known": finding.known,
        "example": finding.example,
        "flows": [flow.as_json() for flow in finding.case.flows],
        "ours": None if finding.ours is None else word(finding.ours),
        "theirs": None if finding.theirs is None else word(finding.theirs),
        "detail": finding.detail or None,
        "objects": list(finding.case.cluster.objects),
        "files": [list(positions) for positions in finding.case.cluster.layout],
    }


def write_findings(folder: Path, findings: Sequence[Finding], evaluator: str) -> list[Path]:
    """A folder for each finding, numbered as they were found. Raises InputErrors if it cannot be written."""
    written: list[Path] = []
    for number, finding in enumerate(findings, 1):
        place = folder / f"{number:02}-{finding.slug}"
        try:
            _write(place, finding, evaluator)
        except OSError as error:
            raise InputErrors([Problem("--out", 0, "", f'cannot write "{place}": {error.strerror}')]) from None
        written.append(place)
    return written


def _write(place: Path, finding: Finding, evaluator: str) -> None:
    if place.exists():
        for old in sorted((place / MANIFESTS).glob("*.yaml")):
            old.unlink()
    finding.case.cluster.write(place / MANIFESTS)
    lines = [json.dumps({"id": number, **flow.as_json()}) + "\n" for number, flow in enumerate(finding.case.flows)]
    (place / FLOWS).write_text("".join(lines), encoding="utf-8")
    (place / FACTS).write_text(json.dumps(as_object(finding), indent=2) + "\n", encoding="utf-8")
    (place / TEXT).write_text(_text(finding, evaluator), encoding="utf-8")


def _text(finding: Finding, evaluator: str) -> str:
    parts = [f"# {_capital(finding.title)}", ""]
    if finding.kind == "disagreement":
        parts += _disagreement(finding, evaluator)
    else:
        parts += [f"`{evaluator}`: {finding.kind}.", "", "```text", finding.detail.rstrip() or "(no output)", "```", ""]
    parts += ["## Again", "", "In this folder:", "", "```sh", *_commands(finding, evaluator), "```", ""]
    return "\n".join(parts)


def _disagreement(finding: Finding, evaluator: str) -> list[str]:
    flow = finding.case.flows[0]
    parts = [
        f"`{flow.source}` to `{flow.destination}`, {flow.protocol}/{flow.port}, {flow.family}:",
        "",
        f"- `{evaluator}` says **{word(finding.theirs)}**",
        f"- the semantics say **{word(finding.ours)}**",
        "",
    ]
    for number, name in enumerate(finding.rules):
        rule = RULES[name]
        lead = "Rule" if number == 0 else ("and rule" if finding.together else "or rule")
        parts += [f"{lead} `{name}`: {rule.statement} Source: {rule.source}.", ""]
    return [*parts, "## Why", "", "```text", finding.explanation.rstrip(), "```", ""]


def _commands(finding: Finding, evaluator: str) -> list[str]:
    again = ["netpol-verify", "fuzz", "--evaluator", evaluator, "--replay", "."]
    lines = [shlex.join(again)]
    if finding.kind == "disagreement":
        flow = finding.case.flows[0]
        ends = ["--from", flow.source, "--to", flow.destination, "--port", f"{flow.protocol}/{flow.port}"]
        lines.append(shlex.join(["netpol-verify", "explain", "-f", MANIFESTS, *ends]))
    return lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def flow_of(written: Raw) -> Flow:
    """A flow of a finding's facts. Raises ValueError, KeyError, TypeError or AttributeError if it is none."""
    protocol, port = written["port"].split("/")
    return Flow(written["from"], written["to"], protocol, int(port), written["family"])
