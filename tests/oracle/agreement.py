"""Whether a prover's result agrees with brute force: the verdict, and what it says of the smaller worlds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty

from .admin import admin_policies_of
from .bruteforce import DECLARED, DECLARED_NAMESPACES, Outcome, Scope, brute_force, open_scope_of, scope_of
from .readings import readings_of

MOST_READINGS = 64
"""The prover tries no more of them for `can`, and says so."""


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
    return disagreement(prop, result, lambda scope: brute_force(manifests, prop, scope))


def disagreement(prop: LoadedProperty, result: Result, decide: Callable[[Scope | None], Outcome]) -> str | None:
    """The same with the brute force to ask: it gives its outcome in a world, or (None) in the property's own."""
    known = {scope_of(prop): decide(None)}

    def found(scope: Scope) -> Outcome:
        if scope not in known:
            known[scope] = decide(scope)
        return known[scope]

    complaints = [_verdict("verdict", result.verdict, found(scope_of(prop)))]
    if prop.world.pods == "mixed":
        said = None if result.open_world is None else result.open_world.verdict
        complaints.append(_verdict("openWorld", said, found(open_scope_of(prop))))
    complaints += [
        _holds(found(DECLARED), "holdsForDeclared", result.holds_for_declared),
        _holds(found(DECLARED_NAMESPACES), "holdsForDeclaredNamespaces", result.holds_for_declared_namespaces),
    ]
    return "\n".join(text for text in complaints if text) or None


def _verdict(what: str, said: str | None, found: Outcome) -> str | None:
    if said == found.verdict:
        return None
    return f"{what} is {said}, brute force finds {found.verdict}{_shown(found)}"


def _holds(found: Outcome, what: str, said: bool | None) -> str | None:
    """ "Null where that world makes it vacuous"; also where brute force cannot tell. Otherwise whether it is proved."""
    right = {"proved": (True,), "refuted": (False,), "unknown": (False, None), "vacuous": (None,)}[found.verdict]
    if said in right:
        return None
    return f"{what} is {said}, brute force finds {found.verdict} there{_shown(found)}"


def _shown(found: Outcome) -> str:
    return f": {found.witness}" if found.witness else ""


def gives_up(manifests: Manifests, prop: LoadedProperty, result: Result) -> bool:
    """Whether the prover may say `unknown` of `can` because there are more readings than it tries."""
    if result.verdict != "unknown" or prop.verb != "can":
        return False
    semantics = prop.semantics
    readings = readings_of(semantics, admin_policies_of(manifests), blocks=True)
    return len(readings) > MOST_READINGS
