"""What a tool cannot express is told by the name of the feature, before it is asked: never taken for agreement."""

from __future__ import annotations

from collections.abc import Sequence

from ..features import TIER_KINDS
from ..features_of import features_of
from ..model import Answer, Cluster, Flow

NO_TIERS = frozenset(TIER_KINDS.values())
"""What tools lack that know NetworkPolicy alone."""


def lacking(cluster: Cluster, flows: Sequence[Flow], unsupported: frozenset[str]) -> tuple[Answer, ...] | None:
    """The answers over a cluster that uses a feature which the tool does not support; None: it uses none."""
    used = sorted(features_of(cluster) & unsupported)
    return tuple(Answer(None, used[0]) for _ in flows) if used else None
