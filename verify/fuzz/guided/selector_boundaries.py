"""Boundaries of selectors: each value of each requirement, the absent and the empty label, and empty selectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from .boundary import Boundary, inside, outside
from .forms import Labels, Mutant, Pods, Scope, replaced
from .outline import Outline


def selector_boundaries(
    outline: Outline, place: str, pods: Pods, rebuild: Callable[[Pods], Mutant]
) -> Iterator[Boundary]:
    """The boundaries of the selectors of ``pods``. ``rebuild`` makes the mutant in which they are others.

    A namespaceSelector that is not there has none.
    """
    scopes: tuple[Scope, ...] = ("pod", "namespace") if pods.namespace is None else ("pod",)
    for scope in scopes:
        at = f"{place}.{scope}Selector"
        if not (pods.labels if scope == "pod" else pods.namespace_labels):
            yield from _of_nothing(outline, scope, at, pods, rebuild)
            continue
        yield from _of_labels(outline, scope, at, pods, rebuild)


def _of_labels(
    outline: Outline, scope: Scope, place: str, pods: Pods, rebuild: Callable[[Pods], Mutant]
) -> Iterator[Boundary]:
    labels = pods.labels if scope == "pod" else pods.namespace_labels
    for number, own in enumerate(labels):
        at = place if len(labels) == 1 else f"{place}[{number}]"

        def having(changed: Labels, number: int = number) -> Mutant:
            return rebuild(_with(pods, scope, replaced(labels, number, changed)))

        points = outline.points(scope, own)
        if not points:
            sides = (inside(having(own.always(False))), outside(having(own.always(True))))
            yield Boundary(f"{at} {own.key}", f"{scope}s with the label {own.key}", sides)
        for point in points:
            yield _at_point(at, scope, own, point, having)


def _with(pods: Pods, scope: Scope, labels: tuple[Labels, ...]) -> Pods:
    return replace(pods, labels=labels) if scope == "pod" else replace(pods, namespace_labels=labels)


def _at_point(place: str, scope: Scope, own: Labels, point: str | None, having: Callable[[Labels], Mutant]) -> Boundary:
    """A requirement at one value, or at absence, and what is not like it."""
    here, there = having(own.flipped(point)), having(own.always(own.holds(point)))
    sides = (inside(here), outside(there)) if own.holds(point) else (inside(there), outside(here))
    if point is None:
        return Boundary(f"{place} {own.key} absent", f"{scope}s without the label {own.key}", sides)
    shown = point or '""'
    return Boundary(f"{place} {own.key}={shown}", f"{scope}s with {own.key}={shown}", sides)


def _of_nothing(
    outline: Outline, scope: Scope, place: str, pods: Pods, rebuild: Callable[[Pods], Mutant]
) -> Iterator[Boundary]:
    """A selector without requirements selects what has labels and what has none."""
    absent = Labels(outline.key(scope), (), others=False, absent=True)
    without, having = rebuild(replace(pods, labelled=(*pods.labelled, scope))), rebuild(_with(pods, scope, (absent,)))
    yield Boundary(f"{place} {{}} without labels", f"{scope}s without labels", (inside(without),))
    yield Boundary(f"{place} {{}} with labels", f"{scope}s with labels", (inside(having),))
