"""What ``fuzz`` did and found, as JSON: one object, every key always there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..fuzz.findings import as_object

if TYPE_CHECKING:
    from ..run_fuzz import Fuzzed


def render_fuzz_json(fuzzed: Fuzzed) -> str:
    """The whole run."""
    tally = fuzzed.tally
    folders = [*fuzzed.folders, *([None] * (len(tally.findings) - len(fuzzed.folders)))]
    whole = {
        "fuzz": "netpol-verify/v1",
        "evaluator": fuzzed.evaluator,
        "seed": fuzzed.seed,
        "clusters": tally.clusters,
        "flows": tally.flows,
        "compared": tally.compared,
        "undetermined": tally.undetermined,
        "unsupported": _sorted(tally.unsupported),
        "known": _sorted(tally.known),
        "outOfTime": tally.out_of_time,
        "findings": [
            as_object(each) | {"folder": folder} for each, folder in zip(tally.findings, folders, strict=True)
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
