"""Claims to the engine: all of them in one run, and those that hold in a narrower world once more, for their evidence.

Nothing is believed of a claim but what the engine says.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...encodings.manifests import Manifests
from ...properties.loading import LoadedProperty, LoadedSuite
from ...properties.overrides import merged_semantics
from ...properties.suite import Semantics, World
from ..engine import Options, prove
from ..progress import Progress
from ..results import PropertyResult
from .claims import Claim, Outcome, Width


@dataclass(frozen=True)
class Asker:
    """Asks claims over ``manifests`` in ``world``; ``until``: when wall clock ends (None: never)."""

    manifests: Manifests
    world: World
    semantics: Semantics
    options: Options
    until: float | None = None
    progress: Progress | None = None

    def ask(self, claims: Sequence[Claim]) -> list[Outcome]:
        """What becomes of each claim, in order. Raises InputErrors and InternalError as ``engine.prove``."""
        widths = Width.of(self.world).narrower()
        asked = [widths[-1:] if claim.declared else widths for claim in claims]
        first = self._prove([(claim, each[0]) for claim, each in zip(claims, asked, strict=True)])
        found = [_width(result, each) for result, each in zip(first, asked, strict=True)]
        narrowed = [index for index, width in enumerate(found) if width is not None and width != asked[index][0]]
        again = self._prove([(claims[index], found[index] or widths[0]) for index in narrowed])
        proofs: Mapping[int, PropertyResult] = {**dict(enumerate(first)), **dict(zip(narrowed, again, strict=True))}
        return [
            Outcome(
                found[index] if proofs[index].verdict == "proved" else None,
                result,
                any(line.policy is not None for line in proofs[index].because),
            )
            for index, result in enumerate(first)
        ]

    def holds(self, claims: Sequence[tuple[Claim, Width]]) -> list[bool]:
        """Is each claim proved in its width, by the help of a policy?"""
        return [
            result.verdict == "proved" and any(line.policy is not None for line in result.because)
            for result in self._prove(claims)
        ]

    def _prove(self, claims: Sequence[tuple[Claim, Width]]) -> tuple[PropertyResult, ...]:
        if not claims:
            return ()
        loaded = tuple(self._loaded(f"claim-{index}", *each) for index, each in enumerate(claims))
        suite = LoadedSuite("init", loaded, (), self.semantics)
        left = None if self.until is None else max(0.0, self.until - time.monotonic())
        options = replace(self.options, timeout=left)
        return prove([suite], self.manifests, options=options, progress=self.progress).results

    def _loaded(self, name: str, claim: Claim, width: Width) -> LoadedProperty:
        written = claim.as_property(name)
        return LoadedProperty(
            written=written,
            verb=claim.name,
            file="init",
            line=0,
            severity="high",
            owner=None,
            tags=(),
            world=self.world.model_copy(update={"pods": width.pods, "namespaces": width.namespaces}),
            semantics=merged_semantics(self.semantics, written.semantics),
            groups={},
        )


def _width(result: PropertyResult, widths: Sequence[Width]) -> Width | None:
    """The widest world in which the claim holds, as its result tells."""
    if result.verdict == "proved":
        return widths[0]
    for width in widths[1:]:
        holds = result.holds_for_declared_namespaces if width.pods == "open" else result.holds_for_declared
        if holds:
            return width
    return None
