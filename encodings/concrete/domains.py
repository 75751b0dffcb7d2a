"""Domain names as peers: sets of outside addresses that nobody knows, unless the world binds a name to address blocks.

Source: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go (DomainName): ``*.`` stands for
one or more whole labels, so ``*.example.com`` covers ``a.example.com`` and ``b.a.example.com``, not ``example.com``.
What a name resolves to, its wildcard holds too. Names are compared as DNS does: without regard to case or a final dot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from .addresses import Address, Network, parse_network, within

WILDCARD = "*."


def plain(name: str) -> str:
    """The name in the one spelling by which names are compared."""
    return name.lower().removesuffix(".")


def covers(wildcard: str, name: str) -> bool:
    """Whether everything under ``name`` is under ``wildcard``, another name; both in plain spelling."""
    return wildcard.startswith(WILDCARD) and name.removeprefix(WILDCARD).endswith(wildcard.removeprefix("*"))


class Domains:
    """What a world says of domain names: names that are bound to address blocks mean exactly these."""

    def __init__(self, bound: Mapping[str, Sequence[str]] | None = None) -> None:
        """ValueError for a block that is not in CIDR notation."""
        self.bound: dict[str, tuple[Network, ...]] = {
            plain(name): tuple(map(parse_network, blocks)) for name, blocks in (bound or {}).items()
        }

    def holds(self, name: str, address: Address) -> bool | None:
        """Whether an outside address is one of the name's (in plain spelling); None: nobody knows."""
        if name in self.bound:
            return self._within(name, address)
        if any(covers(name, other) and self._within(other, address) for other in self.bound):
            return True
        if any(covers(other, name) and not self._within(other, address) for other in self.bound):
            return False
        return None

    def _within(self, name: str, address: Address) -> bool:
        return any(within(address, network) for network in self.bound[name])


def assumptions(names: Sequence[str]) -> Iterator[tuple[tuple[str, bool], ...]]:
    """Every way in which an address may be one of these names' or not: what is a name's is its wildcard's."""
    for values in product((False, True), repeat=len(names)):
        held = dict(zip(names, values, strict=True))
        if all(held[other] for name in names if held[name] for other in names if covers(other, name)):
            yield tuple(held.items())
