"""The boundaries of a cluster's policies: every place at which a program may take them for something else.

The mutants that belong to them are single mistakes; ``proposing`` finds a connection on each side that tells the
policies from the mutant.
"""

from __future__ import annotations

from .boundary import Boundary
from .outline import Outline
from .policy_boundaries import policy_boundaries
from .readings import reading_boundaries
from .tier_boundaries import tier_boundaries
from .tier_readings import tier_reading_boundaries


def boundaries(outline: Outline) -> tuple[Boundary, ...]:
    """All boundaries, in a fixed order: those of each policy, then the readings of all of them together."""
    return (
        *tier_boundaries(outline),
        *policy_boundaries(outline),
        *tier_reading_boundaries(outline),
        *reading_boundaries(outline),
    )
