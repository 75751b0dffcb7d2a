"""What a baseline records of one property."""

from __future__ import annotations

from dataclasses import dataclass

from ..encodings.cluster import Cluster
from ..encodings.policy import Direction
from ..encodings.vocabulary import Vocabulary
from .classes.membership import mention_class
from .classes.model import ConnectionClass
from .results import Verdict


@dataclass(frozen=True, slots=True)
class RecordedClass:
    """A class of counterexamples; ``direction`` for ``defaultDeny``."""

    direction: Direction | None
    condition: ConnectionClass


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a property failed when the baseline in ``file`` was made.

    ``complete``: no counterexample was outside ``classes``. Else ``counterexample``, the least one as the JSON report
    prints it, stands for all that was known.
    """

    file: str
    verdict: Verdict
    complete: bool
    classes: tuple[RecordedClass, ...]
    counterexample: object | None

    def mention(self, vocabulary: Vocabulary, cluster: Cluster) -> None:
        """Add what the classes name to the vocabulary."""
        for each in self.classes:
            mention_class(each.condition, vocabulary, cluster)
