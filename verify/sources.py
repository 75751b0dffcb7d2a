"""The manifests behind a report, kept for the formats that show their text and draw who talks to whom.

Nothing is computed here: a format that needs none of it costs nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..encodings.manifests import Manifests
    from ..properties.suite import Semantics, World


@dataclass(frozen=True, slots=True)
class Source:
    """Manifests that properties were proved against.

    ``title``: whose they are, suites and variants. ``compared``: what properties over changes set beside them.
    ``world`` and ``semantics`` are those of the first of these properties.
    """

    title: str
    manifests: Manifests
    compared: tuple[Manifests, ...]
    world: World
    semantics: Semantics
