"""A small specification of NetworkPolicy that runs, and any of whose rules can be broken."""

from .evaluation import Spec
from .manifest import Manifest

__all__ = ["Manifest", "Spec"]
