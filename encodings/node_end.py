"""The node that an end of a connection is, or is a pod in whose host's network: a declared one, or one nobody declared.

Declared nodes have codes from 1 on; what is known of them (labels, addresses) is a function of the code. Code 0 is a
node that nobody declared, whose labels are free. Means something only for ends that are nodes or in a host's network.
"""

from __future__ import annotations

from functools import cache

from . import bits
from .addresses import Family
from .bits import Bits
from .nodes import DeclaredNode
from .selectors import Requirement, Selector
from .terms import Term
from .world import ABSENT, World


class NodeEnd:
    """The node of the end called ``role``."""

    def __init__(self, world: World, role: str) -> None:
        self._world = world
        self._role = role
        self.code = bits.variables(world.terms, f"{role}.node-code", bits.width_for(len(world.nodes) + 1))
        world.terms.axiom(-bits.at_least(world.terms, self.code, len(world.nodes) + 1), self.code)
        self.label_bits = cache(self._label_bits)

    def is_one_of(self, numbers: list[int]) -> Term:
        """It is one of the declared nodes with these numbers (counted from 0)."""
        return bits.member(self._world.terms, self.code, {number + 1 for number in numbers})

    @property
    def undeclared(self) -> Term:
        """Nobody declared the node."""
        return bits.equals(self._world.terms, self.code, 0)

    def _label_bits(self, key: str) -> Bits:
        """The free code of label ``key`` of a node that nobody declared."""
        width = self._world.node_label(key).width
        return bits.variables(self._world.terms, f"{self._role}.node-label.{key}", width)

    def labels_match(self, selector: Selector) -> Term:
        """The node's labels satisfy every requirement."""
        return self._world.terms.all_of(self._requirement(requirement) for requirement in selector)

    def _requirement(self, requirement: Requirement) -> Term:
        domain = self._world.node_label(requirement.key)
        if requirement.operator in ("In", "NotIn"):
            listed = self.label_in(requirement.key, frozenset(domain.code(value) for value in requirement.values))
            return listed if requirement.operator == "In" else -listed
        absent = self.label_in(requirement.key, frozenset({ABSENT}))
        return absent if requirement.operator == "DoesNotExist" else -absent

    def label_in(self, key: str, codes: frozenset[int]) -> Term:
        """The code of the node's label ``key`` is one of ``codes``."""
        terms, domain = self._world.terms, self._world.node_label(key)
        known = [
            number
            for number, node in enumerate(self._world.nodes)
            if (domain.code(node.labels[key]) if key in node.labels else ABSENT) in codes
        ]
        free = terms.all_of((self.undeclared, bits.member(terms, self.label_bits(key), codes)))
        return terms.any_of((self.is_one_of(known), free))

    def place(self, family: Family, address: Bits) -> Term:
        """``address`` may be the node's: one of its own where these are known, else none of a declared node's."""
        terms = self._world.terms
        own = {number: _of_family(node, family) for number, node in enumerate(self._world.nodes)}
        everywhere = {address for addresses in own.values() for address in addresses}
        somewhere = terms.all_of((-self.address_known(family), -bits.member(terms, address, everywhere)))
        there = (
            terms.all_of((self.is_one_of([number]), bits.member(terms, address, addresses)))
            for number, addresses in own.items()
            if addresses
        )
        return terms.any_of((somewhere, *there))

    def address_known(self, family: Family) -> Term:
        """The node is a declared one whose addresses of the family are known."""
        return self.is_one_of([number for number, node in enumerate(self._world.nodes) if _of_family(node, family)])


def _of_family(node: DeclaredNode, family: Family) -> set[int]:
    return {number for own, number in node.addresses if own == family}
