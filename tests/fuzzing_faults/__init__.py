"""Evaluators with seeded faults: the product's own concrete evaluator, wrong in one place each."""

from .blocks import BLOCKS
from .documents import DOCUMENTS
from .empty import LISTS
from .evaluator import RIGHT, Faulty
from .fault import Area, Fault
from .leaks import LEAKS
from .named_ports import NAMES
from .peers import NAMESPACES, PEERS
from .policies import ENDS, ISOLATION, UNION
from .policy_types import POLICY_TYPES
from .ports import PORTS, RANGES
from .selectors import SELECTORS

__all__ = ["AREAS", "FAULTS", "RIGHT", "Area", "Fault", "Faulty"]

AREAS = (
    *(SELECTORS, POLICY_TYPES, ISOLATION, UNION, ENDS, NAMESPACES, PEERS, LISTS, PORTS, RANGES, NAMES, LEAKS),
    *(BLOCKS, DOCUMENTS),
)
FAULTS = tuple(fault for area in AREAS for fault in area.faults)
