"""The suite as flows: for ``netpol-verify evaluate`` and any program that speaks the protocol of evaluators.

Numbers of probes are the ids, so that a program's answers can be laid beside those that are expected.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from .suite import Probe


def flows_text(probes: Iterable[Probe]) -> str:
    """``flows.jsonl``: a flow a line."""
    return "".join(json.dumps({"id": probe.number, **probe.flow.as_json()}) + "\n" for probe in probes)


def expected_text(probes: Iterable[Probe]) -> str:
    """``expected.jsonl``: the answer to each, as an evaluator writes it."""
    return "".join(json.dumps({"id": probe.number, "allowed": probe.allowed}) + "\n" for probe in probes)
