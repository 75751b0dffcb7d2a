"""For each rule of the semantics a small cluster and a flow that it decides.

Broken, it decides the other way. They show what a rule means, and find an evaluator that breaks one without any luck.
"""

from __future__ import annotations

from ..rules import RULES
from .build import Example
from .labels import NAMESPACES, SELECTORS
from .peers import BLOCKS, PEERS
from .policies import DOCUMENTS, TYPES, WHOLE
from .ports import NAMED_PORTS, PORTS
from .tiers import TIERS

__all__ = ["EXAMPLES", "Example"]

_ALL = {**TIERS, **DOCUMENTS, **SELECTORS, **NAMESPACES, **NAMED_PORTS, **PORTS, **BLOCKS, **PEERS, **TYPES, **WHOLE}
EXAMPLES: dict[str, Example] = {rule: _ALL[rule] for rule in RULES}
"""By rule, in the catalogue's order."""
