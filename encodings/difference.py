"""What two clusters allow differently, as terms over the one connection that both are asked about.

Both evaluations belong to worlds that share their terms (``merged``), so that equal policies are equal terms. An
unmodelled policy that both clusters hold decides alike in both; one that only one of them holds, or that says something
else there, decides freely on that side.

An end that lets a connection through on one side only is in a namespace whose policies differ, or whose policies ask
for a label of a namespace that was relabelled, or in the scope of an unmodelled policy of one side; elsewhere both
sides' terms are equal. So the difference is made from the policies of those namespaces and, for the other end, from
those of the side that allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .cluster import NAME_LABEL, Cluster, Unmodelled
from .evaluation import Evaluation, Namespaces
from .policy import DIRECTIONS, DirectedPolicy, Direction, selectors_of
from .terms import FALSE, TRUE, Term

_ENDS: tuple[tuple[Direction, Direction], ...] = (("egress", "ingress"), ("ingress", "egress"))
"""Each direction, at whose end something may differ, with the direction of the other end."""


@dataclass(frozen=True, slots=True)
class Change:
    """Connections that one side allows and the other refuses: whatever unmodelled policies do, and for some of what
    they may do."""

    surely: Term
    perhaps: Term


class Difference:
    """``base`` and ``head`` are evaluations over worlds that share their terms.

    ``sources`` and ``destinations`` are, everywhere, the namespaces that the ends can be in.
    """

    def __init__(self, base: Evaluation, head: Evaluation) -> None:
        self.base = base
        self.head = head
        self._terms = head.world.terms
        unmodelled = [side.world.cluster.unmodelled for side in (base, head)]
        self._shared = tuple(each for each in unmodelled[1] if each in unmodelled[0])
        self._own = {
            id(side): tuple(each for each in found if each not in self._shared)
            for side, found in zip((base, head), unmodelled, strict=True)
        }
        self._touched = {direction: self._where_touched(direction) for direction in DIRECTIONS}

    @property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """The unmodelled policies of both sides."""
        return (*self._own[id(self.base)], *self._shared, *self._own[id(self.head)])

    def gained(self, sources: Namespaces, destinations: Namespaces) -> Change:
        """Allowed by ``head``, refused by ``base``."""
        return self._change(self.head, self.base, sources, destinations)

    def lost(self, sources: Namespaces, destinations: Namespaces) -> Change:
        """Allowed by ``base``, refused by ``head``."""
        return self._change(self.base, self.head, sources, destinations)

    def policies(self, sources: Namespaces, destinations: Namespaces) -> Iterator[DirectedPolicy]:
        """The policies of both sides that the difference is made from."""
        spaces: dict[Direction, Namespaces] = {"egress": sources, "ingress": destinations}
        for direction, other in _ENDS:
            touched = self._within(direction, spaces[direction])
            if touched is None or touched:
                for side in (self.head, self.base):
                    yield from side.policies(direction, touched)
                    yield from side.policies(other, spaces[other])

    def named_port(self, sources: Namespaces, destinations: Namespaces) -> Term:
        """A rule of either side that matches begins at the connection's port."""
        spaces: dict[Direction, Namespaces] = {"egress": sources, "ingress": destinations}
        touched: dict[Direction, Namespaces] = {
            direction: self._within(direction, space) for direction, space in spaces.items()
        }
        sides = [
            each.side(direction, codes)
            for direction, codes in touched.items()
            if codes is None or codes
            for each in (self.head, self.base)
        ]
        return self._terms.any_of(side.named_port for side in sides)

    def _change(
        self, allowing: Evaluation, refusing: Evaluation, sources: Namespaces, destinations: Namespaces
    ) -> Change:
        terms = self._terms
        spaces: dict[Direction, Namespaces] = {"egress": sources, "ingress": destinations}
        surely: list[Term] = []
        perhaps: list[Term] = []
        for direction, other in _ENDS:
            codes = self._within(direction, spaces[direction])
            if codes is not None and not codes:
                continue
            inside = TRUE if codes is None else allowing.subject(direction).in_namespaces(codes)
            passes, refused = allowing.side(direction, codes), refusing.side(direction, codes)
            there = allowing.side(other, spaces[other])
            surely.append(
                terms.all_of(
                    (
                        inside,
                        *(passes.surely_passes, -passes.ignorance),
                        *(-refused.perhaps_passes, -refused.ignorance),
                        *(there.surely_passes, -there.ignorance),
                    )
                )
            )
            perhaps.append(
                terms.all_of(
                    (
                        inside,
                        self._end(allowing, direction, codes),
                        -self._end(refusing, direction, codes),
                        self._end(allowing, other, spaces[other]),
                    )
                )
            )
        return Change(terms.any_of(surely), terms.any_of(perhaps))

    def _end(self, side: Evaluation, direction: Direction, namespaces: Namespaces) -> Term:
        """The end lets the connection through, unmodelled policies doing what their free variables say."""
        terms, passes = self._terms, side.side(direction, namespaces).passes
        own = side.ignorance(direction, namespaces, self._own[id(side)])
        shared = side.ignorance(direction, namespaces, self._shared)
        name = "base" if side is self.base else "head"
        if shared != FALSE:
            left_alone = terms.variable(f"unmodelled in both leave {direction} alone")
            allowed = terms.variable(f"unmodelled in both allow {direction}")
            passes = terms.choose(shared, terms.choose(left_alone, passes, allowed), passes)
        if own != FALSE:
            passes = terms.choose(own, terms.variable(f"unmodelled in {name} allow {direction}"), passes)
        return passes

    def _within(self, direction: Direction, namespaces: Namespaces) -> Namespaces:
        """The touched namespaces among these."""
        touched = self._touched[direction]
        if touched is None or namespaces is None:
            return namespaces if touched is None else touched
        return touched & namespaces

    def _where_touched(self, direction: Direction) -> Namespaces:
        """Codes of the namespaces in which an end may be treated differently in this direction; None: any."""
        if not all(_is_unordered(side.world.cluster) for side in (self.base, self.head)):
            return None
        names: set[str | None] = set()
        for one, other in ((self.base, self.head), (self.head, self.base)):
            theirs = {_content(policy) for policy in _policies(other.world.cluster, direction)}
            for policy in _policies(one.world.cluster, direction):
                if _content(policy) not in theirs or self._asks_for_relabelled(policy):
                    names.add(policy.subject.namespace)
        for unmodelled in (*self._own[id(self.base)], *self._own[id(self.head)]):
            if direction in unmodelled.directions:
                names.add(unmodelled.namespace)
        if None in names:
            return None
        return self.head.world.codes_of_namespaces([name for name in names if name is not None])

    def _asks_for_relabelled(self, policy: DirectedPolicy) -> bool:
        """Does the policy ask for a label that a namespace has with another value, or not at all, on the other side?"""
        keys = self._changed_keys()
        return any(requirement.key in keys for requirement in selectors_of(policy)[1])

    def _changed_keys(self) -> frozenset[str]:
        found: set[str] = set()
        for name, labels in self.base.world.cluster.namespaces.items():
            other = self.head.world.cluster.namespaces[name]
            if labels != other and labels is not None and other is not None:
                found.update(key for key in (*labels, *other) if labels.get(key) != other.get(key))
        return frozenset(found - {NAME_LABEL})


def _is_unordered(cluster: Cluster) -> bool:
    """Do the policies only allow, so that the rank of one among others means nothing?"""
    tiers = [tier for layer in cluster.layers for tier in layer.tiers]
    rules = (rule for tier in tiers for policy in tier.policies for rule in policy.rules)
    return all(tier.end == "deny-if-selected" for tier in tiers) and all(rule.action == "allow" for rule in rules)


def _policies(cluster: Cluster, direction: Direction) -> Iterable[DirectedPolicy]:
    return (
        policy
        for layer in cluster.layers
        for tier in layer.tiers
        for policy in tier.policies
        if policy.direction == direction
    )


def _content(policy: DirectedPolicy) -> object:
    """What a policy says, wherever it is written and whatever it is called."""
    return policy.subject, tuple((rule.action, rule.peers, rule.ports) for rule in policy.rules)
