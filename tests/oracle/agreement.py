"""Whether a prover's result agrees with brute force: the verdict, and what it says of the smaller worlds."""

from __future__ import annotations

from typing import Protocol

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty

from .bruteforce import DECLARED, DECLARED_NAMESPACES, Outcome, Scope, brute_force, open_scope_of


class OpenWorldResult(Protocol):
    """What a result says of the open world beside a `mixed` verdict."""

    @property
    def verdict(self) -> str: ...


class Result(Protocol):
    """The part of a prover's result that is compared (``verify/results``: PropertyResult)."""

    @property
    def verdict(self) -> str: ...
    @property
    def holds_for_declared(self) -> bool | None: ...
    @property
    def holds_for_declared_namespaces(self) -> bool | None: ...
    @property
    def open_world(self) -> OpenWorldResult | None: ...


def check_agreement(manifests: Manifests, prop: LoadedProperty, result: Result) -> str | None:
    """What disagrees between ``result`` and brute force, in a sentence each; None if nothing does."""
    found = brute_force(manifests, prop)
    complaints = [_verdict("verdict", result.verdict, found)]
    if prop.world.pods == "mixed":
        said = None if result.open_world is None else result.open_world.verdict
        complaints.append(_verdict("openWorld", said, brute_force(manifests, prop, open_scope_of(prop))))
    complaints += [
        _holds(manifests, prop, DECLARED, "holdsForDeclared", result.holds_for_declared),
        _holds(
            manifests, prop, DECLARED_NAMESPACES, "holdsForDeclaredNamespaces", result.holds_for_declared_namespaces
        ),
    ]
    return "\n".join(text for text in complaints if text) or None


def _verdict(what: str, said: str | None, found: Outcome) -> str | None:
    if said == found.verdict:
        return None
    return f"{what} is {said}, brute force finds {found.verdict}{_shown(found)}"


def _holds(manifests: Manifests, prop: LoadedProperty, scope: Scope, what: str, said: bool | None) -> str | None:
    """ "Null where that world makes it vacuous"; also where brute force cannot tell. Otherwise whether it is proved."""
    found = brute_force(manifests, prop, scope)
    right = {"proved": (True,), "refuted": (False,), "unknown": (False, None), "vacuous": (None,)}[found.verdict]
    if said in right:
        return None
    return f"{what} is {said}, brute force finds {found.verdict} there{_shown(found)}"


def _shown(found: Outcome) -> str:
    return f": {found.witness}" if found.witness else ""
