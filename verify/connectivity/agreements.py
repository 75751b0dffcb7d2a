"""Both ends' answers made one: over the readings, over the families, and cut down to the ports asked about.

As in the concrete evaluator, a connection is refused if one end refuses it; what differs between readings or families
is undetermined and depends on the reading or the family. Everything is by number, so that equal work is done once.
"""

from __future__ import annotations

from ...encodings.addresses import Family
from .parts import Parts
from .portmaps import EVERY, PortMap, agreement, both_ends, port_map
from .sides import Answer, Case, PortMaps
from .truths import Dependency

READING = Dependency("ipBlockMatchesPods")
HIDDEN_BY = Dependency("baselineHiddenBy")
FAMILY = Dependency("IP family")


class Agreements:
    """``cases`` are those of the answers, in order. ``anything`` is the answer of an end that no policy governs."""

    def __init__(self, parts: Parts, maps: PortMaps, cases: list[Case]) -> None:
        self._parts, self._maps, self._cases = parts, maps, cases
        self.anything: Answer = (maps.number(EVERY),) * len(cases)
        self._agreed: dict[tuple[Answer, Answer, tuple[Family, ...]], int] = {}
        self._kept: dict[tuple[int, int], int] = {}
        self.wanted = self._wanted()

    def of(self, egress: Answer, ingress: Answer, families: tuple[Family, ...]) -> int:
        """What is known of connections in these families between ends that answer so."""
        key = (egress, ingress, families)
        if key not in self._agreed:
            maps = self._maps.maps
            answers: dict[Family, dict[bool, list[PortMap]]] = {family: {} for family in families}
            for case, out, into in zip(self._cases, egress, ingress, strict=True):
                if case.family in answers:
                    ports = both_ends(maps[out], maps[into])
                    answers[case.family].setdefault(case.hidden_by_pod, []).append(ports)
            by_family = [
                agreement([agreement(by_reading, READING) for by_reading in by_hiding.values()], HIDDEN_BY)
                for by_hiding in answers.values()
            ]
            self._agreed[key] = self._maps.number(agreement(by_family, FAMILY))
        return self._agreed[key]

    def _wanted(self) -> list[tuple[int, int]]:
        """The ports asked about as they are at a destination: a number of a port map, and the parts it is for."""
        asked, everything = self._parts.scope.ports, self._parts.everything()
        if asked is None:
            return [(self._maps.number(EVERY), everything)]
        outside = (port_map((asked,), ()), everything & ~self._parts.pods)
        inside = [(port_map((asked,), own), parts) for own, parts in self._parts.by_ports.items()]
        return [(self._maps.number(ports), parts) for ports, parts in (outside, *inside)]

    def kept(self, ports: int, wanted: int) -> int:
        """The ports that are wanted."""
        key = (ports, wanted)
        if key not in self._kept:
            self._kept[key] = self._maps.number(both_ends(self._maps.maps[ports], self._maps.maps[wanted]))
        return self._kept[key]
