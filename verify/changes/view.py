"""How a comparison sees connections: what the policies of both sides mention, and each relabelled namespace by name."""

from __future__ import annotations

from dataclasses import replace

from ...properties.elements import mention
from ...properties.loading import LoadedProperty
from ...properties.mentions import all_elements
from ...properties.question import Question
from ..classes.generalise import View, mentioned_by
from .pair import Comparison


def view_of_change(loaded: LoadedProperty | None, comparison: Comparison, question: Question) -> View:
    """``loaded`` is the property that asks for the comparison, if one does.

    A namespace with other labels on each side must be known by name: its labels as the head gives them do not tell
    those of the base.
    """
    difference = comparison.difference
    policies = [*difference.policies(question.sources, question.destinations)]
    known = mentioned_by(loaded, difference.head.world, policies, difference.unmodelled)
    if loaded is not None:
        others = mentioned_by(loaded, difference.base.world, policies, difference.unmodelled)
        mention(
            all_elements(loaded), known.vocabulary, difference.base.world.pods, difference.base.world.cluster.services
        )
        known = replace(known, ports=tuple(dict.fromkeys((*known.ports, *others.ports))))
    known.vocabulary.namespaces.update(comparison.pair.relabelled)
    return View(difference.head.connection, known, question.named_port, names_first=comparison.pair.told_by_name)
