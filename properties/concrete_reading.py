"""The readings that a suite's ``semantics`` leave open, as the concrete evaluator takes them."""

from __future__ import annotations

from dataclasses import replace

from ..encodings.concrete.reading import Readings
from .suite import Semantics


def readings_of(semantics: Semantics, otherwise: Readings) -> Readings:
    """What the semantics say, where they say anything (``either``: it is open), and else what ``otherwise`` says."""
    blocks, hidden, host = semantics.ip_block_matches_pods, semantics.baseline_hidden_by, semantics.host_network_pods
    found = otherwise
    if blocks is not None:
        found = replace(found, ip_block_matches_pods=None if blocks == "either" else blocks)
    if hidden is not None:
        found = replace(found, baseline_hidden_by=None if hidden == "either" else hidden)
    if host is not None:
        found = replace(found, host_network_pods=None if host == "either" else host)
    return found
