"""The boundaries of a cluster's policies: every place at which a program may take them for something else."""

from __future__ import annotations

from collections.abc import Sequence

from ...encodings.manifests import Manifests
from .guided import Boundary, Side, outline_of
from .guided import boundaries as boundaries_of

__all__ = ["Boundary", "Side", "boundaries"]


def boundaries(manifests: Manifests, *, ip_block_matches_pods: bool | None = None) -> Sequence[Boundary]:
    """All boundaries of the policies of validated manifests, in a fixed order."""
    return boundaries_of(outline_of(manifests, {}, ip_block_matches_pods))
