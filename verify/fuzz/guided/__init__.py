"""Flows that exercise the boundaries of a cluster's policies on both sides, proposed by the solver."""

from .boundary import Boundary, Side
from .listing import boundaries
from .outline import Outline, outline_of
from .proposed import Claim, Guided, Proposed, Wishes
from .proposing import guided, propose

__all__ = [
    "Boundary",
    "Claim",
    "Guided",
    "Outline",
    "Proposed",
    "Side",
    "Wishes",
    "boundaries",
    "guided",
    "outline_of",
    "propose",
]
