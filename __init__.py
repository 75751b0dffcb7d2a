"""netpol-verify proves or refutes what a Kubernetes cluster's network policies allow.

The public API for Python programs; every other module may change. ``run_prove(ProveRequest(suites=("a.yaml",)))`` gives
a ``Report``, or raises ``InputErrors`` with everything that is wrong with suites, manifests or options, or
``InternalError`` if the program contradicts itself. Names are loaded when first used, since the solver takes a while.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .encodings.problems import InputErrors, Notice, Problem
    from .verify.replay import InternalError
    from .verify.results import Counterexample, Endpoint, PropertyResult, Reason, Report
    from .verify.run import ManifestsRequest, ProveRequest, run_prove

__version__ = "0.1.0"
__all__ = [
    "Counterexample",
    "Endpoint",
    "InputErrors",
    "InternalError",
    "ManifestsRequest",
    "Notice",
    "Problem",
    "PropertyResult",
    "ProveRequest",
    "Reason",
    "Report",
    "__version__",
    "run_prove",
]
_HOMES = {
    **dict.fromkeys(("InputErrors", "Notice", "Problem"), "encodings.problems"),
    **dict.fromkeys(("Counterexample", "Endpoint", "PropertyResult", "Reason", "Report"), "verify.results"),
    **dict.fromkeys(("ManifestsRequest", "ProveRequest", "run_prove"), "verify.run"),
    "InternalError": "verify.replay",
}


def __getattr__(name: str) -> object:
    """Load a public name from the module that holds it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
