"""Boundaries of peers: who they are, the edges of blocks and exceptions, pods against addresses, namespaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ....encodings.addresses import FAMILIES, WIDTH, Family, Network
from .boundary import Boundary, Side, inside, outside
from .forms import EVERY_ADDRESS, EVERY_POD, NOBODY, Blocks, Mutant, Peer, Pods, Rule, replaced
from .outline import Outline
from .selector_boundaries import selector_boundaries


@dataclass(frozen=True, slots=True)
class _Place:
    """A peer in its rule: mutants in which it is another, or in which there is one more peer."""

    rule: Rule
    number: int
    having_rule: Callable[[Rule], Mutant]

    def having(self, peer: Peer) -> Mutant:
        return self.having_rule(replace(self.rule, peers=replaced(self.rule.peers or (), self.number, peer)))

    def adding(self, peer: Peer) -> Mutant:
        return self.having_rule(replace(self.rule, peers=(*(self.rule.peers or ()), peer)))


def peer_boundaries(
    outline: Outline, place: str, namespace: str, rule: Rule, having_rule: Callable[[Rule], Mutant]
) -> Iterator[Boundary]:
    """The boundaries of a rule's peers, ``place`` being where they are written and ``namespace`` the policy's ("" for a
    cluster-wide one).

    ``having_rule`` makes the mutant in which the rule is another.
    """
    if rule.peers is None:
        yield from _any_peer(place, namespace, lambda peers: having_rule(replace(rule, peers=peers)))
        return
    for number, peer in enumerate(rule.peers):
        at = f"{place}[{number}]"
        where = _Place(rule, number, having_rule)
        everyone = having_rule(replace(rule, peers=None))
        yield Boundary(at, "the peer as a whole", (inside(where.having(NOBODY)), outside(everyone)))
        if isinstance(peer, Pods):
            yield from _pods(outline, at, namespace, peer, where)
        else:
            yield from _blocks(outline, at, peer, where)


def _any_peer(place: str, namespace: str, having: Callable[[tuple[Peer, ...]], Mutant]) -> Iterator[Boundary]:
    own, others = Pods(namespace), Pods(namespace, elsewhere=True)
    yield Boundary(
        f"{place} absent: own namespace", "any peer: pods nearby", (inside(having((others, EVERY_ADDRESS))),)
    )
    yield Boundary(f"{place} absent: elsewhere", "any peer: pods elsewhere", (inside(having((own, EVERY_ADDRESS))),))
    for family in FAMILIES:
        rest = replace(EVERY_ADDRESS, networks=tuple(each for each in EVERY_ADDRESS.networks if each.family != family))
        mutant = having((EVERY_POD, rest))
        yield Boundary(f"{place} absent: {family}", f"any peer: {family} addresses outside", (inside(mutant),))


def _pods(outline: Outline, at: str, namespace: str, peer: Pods, where: _Place) -> Iterator[Boundary]:
    yield from selector_boundaries(outline, at, peer, where.having)
    nobody = inside(where.having(NOBODY))
    yield Boundary(
        f"{at} addresses", "pods by selector against addresses", (nobody, outside(where.adding(EVERY_ADDRESS)))
    )
    if peer.namespace is not None:
        anywhere = outside(where.having(replace(peer, namespace=None)))
        yield Boundary(f"{at} own namespace", "a podSelector alone means the policy's namespace", (nobody, anywhere))
        return
    if namespace:
        own = Pods(namespace, labels=peer.labels)
        elsewhere = inside(where.having(replace(peer, namespace=namespace)))
        sides = (elsewhere, outside(where.adding(own)))
        yield Boundary(f"{at} namespaces", "a namespaceSelector, and the policy's namespace", sides)
    if peer.namespace_labels and peer.labels:
        either = (replace(peer, labels=()), replace(peer, namespace_labels=()))
        yield Boundary(
            f"{at} both: namespace alone", "both selectors must match", (nobody, outside(where.adding(either[0])))
        )
        yield Boundary(f"{at} both: pod alone", "both selectors must match", (nobody, outside(where.adding(either[1]))))


def _blocks(outline: Outline, at: str, peer: Blocks, where: _Place) -> Iterator[Boundary]:
    if not peer.networks:
        return
    (network,) = peer.networks
    nobody = inside(where.having(NOBODY))
    other: Family = "IPv6" if network.family == "IPv4" else "IPv4"
    others = Blocks((Network(other, 0, 0),), pods=peer.pods)
    yield Boundary(f"{at} family", f"the block and {other}", (nobody, outside(where.adding(others))))
    of_pods = outside(where.adding(replace(peer, any_family=True)))
    yield Boundary(f"{at} family of pods", f"the block and the other address of a pod, over {other}", (of_pods,))
    if peer.pods == "always":
        spared = inside(where.having(replace(peer, pods="never")))
        yield Boundary(f"{at} pods", "pods with an address in the network", (spared,))
    elif outline.reading is not None:
        changed = where.having(replace(peer, pods="never" if outline.reading else "always"))
        side = (inside if outline.reading else outside)(changed)
        yield Boundary(f"{at} pods", "pods with an address in the block", (side,))
    for edge, within, beyond in _edges(network):
        sides: tuple[Side, ...] = (inside(where.having(replace(peer, excepts=(*peer.excepts, within)))),)
        if beyond is not None:
            sides = (*sides, outside(where.adding(replace(peer, networks=(beyond,), excepts=()))))
        yield Boundary(f"{at} {network} {edge}", f"the {edge} address of {network}", sides)
    for excepted in peer.excepts:
        for edge, within, beyond in _edges(excepted):
            left_out = outside(where.adding(replace(peer, networks=(within,), excepts=())))
            beside = beyond is not None and network.contains(beyond)
            kept = (inside(where.having(replace(peer, excepts=(*peer.excepts, beyond)))),) if beyond and beside else ()
            text = f"the {edge} address of except {excepted}"
            yield Boundary(f"{at} except {excepted} {edge}", text, (*kept, left_out))


def _edges(network: Network) -> Iterator[tuple[str, Network, Network | None]]:
    """Each end of a block: its last address within, and the next one beyond if there is one."""
    family, width = network.family, WIDTH[network.family]
    for edge, within, beyond in (("first", network.base, network.base - 1), ("last", network.last, network.last + 1)):
        exists = 0 <= beyond < 1 << width
        yield edge, Network(family, within, width), Network(family, beyond, width) if exists else None
