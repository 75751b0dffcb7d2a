"""Single lines of an explanation, before text or Markdown dresses them: facts, nested items, requirements, peers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ...encodings.concrete.misses import distance
from ...encodings.concrete.requirements import PeerWalk, PortWalk, Requirement

Mark = bool | Literal["none"] | None
"""True: it holds; False: it does not; None: nobody knows; ``none``: no question of that."""
SHOWN = 5
"""How many of a list that does not match are shown unless everything is asked for."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the summary: what it is about ("nearest", "egress") and the sentence."""

    name: str
    text: str
    mark: Mark = "none"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the walk: a mark, what a manifest says (``code``), its place, and what is to be said of it."""

    mark: Mark
    text: str
    code: str = ""
    place: str = ""
    children: tuple[Item, ...] = ()


def alternatives(found: Sequence[tuple[Item, ...]], full: bool, verbose: bool) -> list[Item]:
    """Of alternatives one of which suffices, those that tell: if one holds, it alone (or nothing); else the nearest."""
    holding = [items for items in found if all(item.mark is True for item in items)]
    if holding and not verbose:
        return [item for item in holding[0] if full]
    shown = found if verbose else found[:SHOWN]
    rest = len(found) - len(shown)
    more = [Item("none", f"and {rest} more that do not match (-v shows them)")] if rest else []
    return [*(item for items in shown for item in items), *more]


def peer_items(peer: PeerWalk, way: str, verbose: bool) -> Iterator[Item]:
    """A peer by the requirements that it fails (all, if verbose), or as a whole if it fails none."""
    shown = [each for each in peer.requirements if verbose or each.truth.value is not True]
    if not shown:
        yield Item(peer.truth.value, "", f"{way} {peer.written}")
    for number, each in enumerate(shown):
        yield requirement_item(each, f"{way} " if number == 0 else "and ")


def requirement_item(requirement: Requirement, prefix: str = "") -> Item:
    """One requirement; of a port that is the one asked for there is nothing more to say."""
    plain = requirement.truth.value is True and requirement.kind == "port" and requirement.found.startswith("asked for")
    return Item(requirement.truth.value, "" if plain else f": {requirement.found}", f"{prefix}{requirement.wanted}")


def peer_distance(peer: PeerWalk) -> tuple[int, float]:
    """How far a peer is from matching."""
    return distance(peer.requirements)


def port_distance(port: PortWalk) -> tuple[int, float]:
    """How far a port entry is from matching."""
    return distance([port.requirement])
