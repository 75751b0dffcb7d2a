"""The rules of the semantics by name: what divergences of evaluators are called after.

Their order is part of what they say: small print first. Where a disagreement can be laid to several rules, it is laid
to the first, since corners are missed more often than what everybody tries.
"""

from __future__ import annotations

from .catalogue.documents import DOCUMENTS, FORMS
from .catalogue.peers import BLOCKS, PEERS
from .catalogue.ports import NAMED_PORTS, PORTS
from .catalogue.rule import Rule
from .catalogue.selecting import NAMESPACES, SELECTORS
from .catalogue.tiers import TIERS
from .catalogue.whole import READINGS, TYPE_RULES, WHOLE

__all__ = ["READING_RULES", "RULES", "TIER_RULES", "Rule"]

_TOPICS = (
    TIERS,
    SELECTORS,
    NAMESPACES,
    NAMED_PORTS,
    BLOCKS,
    PORTS,
    FORMS,
    PEERS,
    TYPE_RULES,
    DOCUMENTS,
    WHOLE,
    READINGS,
)
RULES: dict[str, Rule] = {rule.id: rule for topic in _TOPICS for rule in topic}
READING_RULES = frozenset(rule.id for rule in READINGS)
"""Rules that only a reading fixed by the user makes: where it is open, neither way is a mistake."""
TIER_RULES = frozenset(rule.id for rule in TIERS)
"""Rules of cluster-wide policies."""
