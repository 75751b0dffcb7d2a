"""How many random clusters the differential tests draw, and what they do with one that fails.

``NETPOL_VERIFY_DIFFERENTIAL_CLUSTERS=N`` draws N clusters where the tests usually draw 1,000, and others in proportion.
A failing cluster is then shown as it was drawn instead of being made smaller first, and what the draws reach is not
counted: that is for quick answers to "does any test notice?" (``tests/mutation``). Unset, everything is as usual.
"""

from __future__ import annotations

import os

from hypothesis import Phase

USUAL = 1_000
_ASKED = os.environ.get("NETPOL_VERIFY_DIFFERENTIAL_CLUSTERS")
COUNTED = _ASKED is None
"""Is it counted, and asserted, what the draws reach?"""
PHASES = (Phase.generate, Phase.shrink) if COUNTED else (Phase.generate,)


def scaled(clusters: int) -> int:
    """How many clusters to draw where ``clusters`` are usual."""
    return clusters if _ASKED is None else max(1, clusters * int(_ASKED) // USUAL)
