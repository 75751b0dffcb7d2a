"""What the tiers of cluster-wide policies let through, as terms, between bounds for what is unknown of a flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ....encodings.policy import Action, Direction
from ....encodings.terms import FALSE, TRUE, Term, Terms
from .forms import Rule, TierName, TierPolicy

_Parts = tuple[tuple[Action, Term, Term], ...]
"""Of each rule what it does, and what it matches surely and perhaps."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is let through, whatever is unknown and for some of what is."""

    surely: Term
    perhaps: Term


_DOES: dict[Action, Allowed] = {"allow": Allowed(TRUE, TRUE), "deny": Allowed(FALSE, FALSE)}


class Tiers:
    """Terms of cluster-wide policies, each made once.

    ``selects``: a policy is about the end that it governs, and ``matches``: a rule is about the connection; surely, or
    (True) perhaps.
    """

    def __init__(
        self,
        terms: Terms,
        selects: Callable[[TierPolicy, bool], Term],
        matches: Callable[[Direction, Rule, bool], Term],
    ) -> None:
        self._terms = terms
        self._selects = selects
        self._matches = matches
        self._parts: dict[int, tuple[TierPolicy, _Parts]] = {}

    def tier(self, name: TierName, direction: Direction, policies: Sequence[TierPolicy], following: Allowed) -> Allowed:
        """What a tier lets through: as the first rule that matches says, or else as what follows."""
        terms, found = self._terms, following
        own = [each for each in policies if (each.tier, each.direction) == (name, direction)]
        for policy in reversed(own):
            for action, least, most in reversed(self.parts(policy)):
                does = following if action == "pass" else _DOES[action]
                surely = terms.choose(most, terms.all_of((does.surely, found.surely)), found.surely)
                perhaps = terms.choose(most, terms.any_of((does.perhaps, found.perhaps)), found.perhaps)
                found = Allowed(terms.choose(least, does.surely, surely), terms.choose(least, does.perhaps, perhaps))
        return found

    def parts(self, policy: TierPolicy) -> _Parts:
        """The rules of one policy, each with what it matches."""
        found = self._parts.get(id(policy))
        if found is None:
            bounds = [
                [
                    self._terms.all_of(
                        (self._selects(policy, unknown), self._matches(policy.direction, rule.match, unknown))
                    )
                    for rule in policy.rules
                ]
                for unknown in (False, True)
            ]
            actions = (rule.action for rule in policy.rules)
            found = self._parts[id(policy)] = (policy, tuple(zip(actions, *bounds, strict=True)))
        return found[1]
