"""One connection under every reading that is possible, and what sets differing answers apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .adminpeers import DOMAIN
from .evidence import ordered
from .reading import HIDDEN_BY_KEY, HOST_NETWORK_KEY, IP_BLOCK_KEY
from .ties import Tie
from .traffic import Traffic

FAMILY = "IP family"


@dataclass(frozen=True, slots=True)
class Cases:
    """``traffic``: the cases, never none. ``ties``: those whose orders are among them. ``untried``: those that have too
    many orders to try; they stand in declared order."""

    traffic: tuple[Traffic, ...]
    ties: tuple[Tie, ...] = ()
    untried: tuple[Tie, ...] = ()


def apart(answers: Sequence[tuple[Traffic, object]], ties: Sequence[Tie] = ()) -> tuple[str, ...]:
    """What sets differing answers apart: each thing that, with all others as they are, changes an answer; ascending."""
    aspects = [(_aspects(traffic, ties), answer) for traffic, answer in answers]
    names = dict.fromkeys(name for found, _ in aspects for name in found)
    return ordered(name for name in names if _matters(name, aspects))


def _aspects(traffic: Traffic, ties: Sequence[Tie]) -> dict[str, object]:
    """Everything by which cases of one question may differ, under the name it goes by in dependencies."""
    reading = traffic.reading
    orders = {tie.title: tuple(each for each in reading.order if each in tie.members) for tie in ties}
    return {
        FAMILY: traffic.family,
        IP_BLOCK_KEY: reading.ip_block_matches_pods,
        HIDDEN_BY_KEY: reading.baseline_hidden_by,
        HOST_NETWORK_KEY: reading.host_network_pods,
        **orders,
        **{f"{DOMAIN}{name}": held for name, held in traffic.assumed},
    }


def _matters(name: str, aspects: Sequence[tuple[dict[str, object], object]]) -> bool:
    found: dict[object, object] = {}
    for own, answer in aspects:
        others = tuple((key, value) for key, value in own.items() if key != name)
        if found.setdefault(others, answer) != answer:
            return True
    return False
