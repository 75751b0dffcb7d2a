"""Which parts satisfy a selector, by index: for each label key and value the parts that carry it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ...encodings.selectors import Requirement, Selector
from .truths import NEVER, Dependency, Truths, both


class LabelIndex:
    """The labels of parts numbered from 0: what is known of each is a mapping, the keys that it carries with a value
    nobody knows, and whether it may carry further keys."""

    def __init__(self, labels: Iterable[tuple[Mapping[str, str], Iterable[str], bool]]) -> None:
        self._values: dict[str, dict[str, int]] = {}
        self._unknown: dict[str, int] = {}
        self._incomplete = 0
        number = -1
        for number, (values, unknown, incomplete) in enumerate(labels):
            for key, value in values.items():
                by_value = self._values.setdefault(key, {})
                by_value[value] = by_value.get(value, 0) | 1 << number
            for key in unknown:
                self._unknown[key] = self._unknown.get(key, 0) | 1 << number
            self._incomplete |= incomplete << number
        self._everything = (1 << (number + 1)) - 1

    def selected(self, selector: Selector, dependency: Callable[[str], Dependency]) -> Truths:
        """The parts whose labels satisfy every requirement. ``dependency``: what it hangs on where the label of a key
        is unknown."""
        truths = Truths(self._everything)
        for requirement in selector:
            truths = both(truths, self._satisfying(requirement, dependency))
            if truths == NEVER:
                break
        return truths

    def _satisfying(self, requirement: Requirement, dependency: Callable[[str], Dependency]) -> Truths:
        """On an absent key NotIn and DoesNotExist hold (as in ``encodings.selectors``)."""
        by_value = self._values.get(requirement.key, {})
        known = 0
        for parts in by_value.values():
            known |= parts
        unknown = self._unknown.get(requirement.key, 0)
        unsaid = self._incomplete & ~known & ~unknown
        if requirement.operator in ("Exists", "DoesNotExist"):
            holds, unsure = known | unknown, unsaid
        else:
            holds, unsure = 0, unknown | unsaid if requirement.values else 0
            for value in requirement.values:
                holds |= by_value.get(value, 0)
        if requirement.operator in ("NotIn", "DoesNotExist"):
            holds = self._everything & ~holds & ~unsure
        return Truths(holds, ((frozenset({dependency(requirement.key)}), unsure),) if unsure else ())
