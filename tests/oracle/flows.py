"""What gets through, for the oracle: the decision function over sets of destinations, each set one Python integer.

Bit i of every integer stands for destination i of the family at hand (see ``sets``). Source: the semantics' decision
functions: among NetworkPolicies, a side that none of its direction selects is open, otherwise some rule of one that
selects it must match; the tiers of cluster-wide policies stand before and after them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from .admin import TIERS, Tier
from .domains import Meaning
from .endpoints import Endpoint, Pod
from .np_sets import NetworkSets
from .policies import DIRECTIONS, Direction
from .readings import Reading
from .sets import Connection, Ends
from .tier_sets import TierSets
from .world import Setting

__all__ = ["Connection", "Ends", "Flows", "flows_of"]


class Flows:
    """Which connections the policies let through, under one reading, one meaning of domain names and one behaviour of
    everything unmodelled. ``tiers``: None if there are no cluster-wide policies, and with them ``meaning``.
    ``network``: what the NetworkPolicies say, if it is known."""

    def __init__(
        self,
        setting: Setting,
        ends: Ends,
        *,
        blocks_match_pods: bool,
        free_allows: bool,
        reading: Reading | None = None,
        tiers: TierSets | None = None,
        meaning: Meaning | None = None,
        network: NetworkSets | None = None,
    ) -> None:
        self.setting, self.ends, self.free_allows = setting, ends, free_allows
        self.blocks_match_pods = blocks_match_pods
        self.reading = Reading(blocks_match_pods) if reading is None else reading
        self.tiers, self.meaning = tiers, meaning or {}
        self.network = network or NetworkSets(setting, ends, blocks_match_pods=blocks_match_pods)
        self.free = ends.where_pod(lambda pod: self._is_free(pod, "ingress")) if setting.unmodelled else 0

    def _is_free(self, pod: Pod | None, direction: Direction) -> bool:
        """Whether something unmodelled decides there."""
        return pod is not None and any(
            direction in unknown.directions and unknown.namespace in (None, pod.namespace.name)
            for unknown in self.setting.unmodelled
        )

    def seen(self, source: Endpoint) -> Hashable:
        """All that decides what a source reaches: sources of which this is equal reach the same destinations."""
        tiers = None if self.tiers is None else tuple(self.tiers.seen_of(source, each) for each in DIRECTIONS)
        governed = tuple(self.network.governs(source, each) for each in DIRECTIONS)
        free = self._is_free(source.pod, "egress")
        return (source.pod is None, self.network.of_source(source), governed, tiers, free)

    def way(self, source: Endpoint) -> Hashable:
        """All that decides what this source reaches and what differs between readings, meanings and behaviours."""
        tiers, order = self.tiers, self.reading.order
        if tiers is None:
            return (self.blocks_match_pods, self.free_allows)
        asked = tuple(tiers.asked(tier, each, source, order) for tier in TIERS for each in DIRECTIONS)
        return (self.blocks_match_pods, self.free_allows, self.reading.hidden_by, asked, tuple(self.meaning.items()))

    def _tier(self, tier: Tier, direction: Direction, source: Endpoint, connection: Connection) -> tuple[int, int]:
        if self.tiers is None:
            return 0, 0
        order, meaning = self.reading.order, self.meaning
        return self.tiers.decided(tier, direction, source, connection, order=order, meaning=meaning)

    def through_in(self, source: Endpoint, connection: Connection) -> int:
        """The destinations whose own side lets the connection in."""
        _, decided = self._side_in(source, connection)
        return decided | self.free if self.free_allows else decided & ~self.free

    def through_out(self, source: Endpoint, connection: Connection) -> int:
        """The destinations to which the source's own side lets the connection out."""
        if self._is_free(source.pod, "egress"):
            return self.ends.everything if self.free_allows else 0
        _, decided = self._side_out(source, connection)
        return decided

    def admitted_in(self, source: Endpoint, connection: Connection) -> int:
        """The destinations at whose own side it is an allow rule that lets the connection in."""
        by_rule, _ = self._side_in(source, connection)
        return by_rule

    def admitted_out(self, source: Endpoint, connection: Connection) -> int:
        """The destinations to which it is an allow rule that lets the connection out."""
        by_rule, _ = self._side_out(source, connection)
        return by_rule

    def _side_in(self, source: Endpoint, connection: Connection) -> tuple[int, int]:
        """The destinations that an allow rule lets in, and all that get in."""
        network, everything = self.network, self.ends.everything
        admitted, governed = network.admits_in(source, connection), network.governed
        if self.tiers is None:
            return admitted, everything & ~governed | admitted
        hidden = network.selected if self.reading.hidden_by == "pod" else governed
        accepted, denied = self._tier("Admin", "ingress", source, connection)
        rest = everything & ~accepted & ~denied
        accepted |= rest & governed & admitted
        denied |= rest & governed & ~admitted
        more, refused = self._tier("Baseline", "ingress", source, connection)
        rest &= self.ends.pods & ~hidden
        return accepted | rest & more, everything & ~denied & ~(rest & refused)

    def _side_out(self, source: Endpoint, connection: Connection) -> tuple[int, int]:
        """The destinations to which an allow rule lets the source, and all to which it gets."""
        everything = self.ends.everything
        if source.pod is None:
            return 0, everything
        governed = self.network.governs(source, "egress")
        admitted = self.network.admits_out(source, connection)
        if self.tiers is None:
            return admitted, admitted if governed else everything
        accepted, denied = self._tier("Admin", "egress", source, connection)
        rest = everything & ~accepted & ~denied
        if governed:
            return accepted | rest & admitted, accepted | rest & admitted
        if self.reading.hidden_by == "pod" and self.network.governs(source, "ingress"):
            return accepted, everything & ~denied
        more, refused = self._tier("Baseline", "egress", source, connection)
        return accepted | rest & more, everything & ~denied & ~(rest & refused)

    def through(self, source: Endpoint, connection: Connection) -> int:
        """The destinations that the source reaches: its egress and their ingress both allow."""
        return self.through_out(source, connection) & self.through_in(source, connection)


def flows_of(setting: Setting, ends: Ends, readings: Iterable[Reading]) -> dict[Reading, list[tuple[Meaning, Flows]]]:
    """By reading, what gets through for every meaning of the domain names, if the unmodelled refuses all it can and if
    it allows all it can."""
    behaviours = (False, True) if setting.unmodelled else (False,)
    meanings = setting.domains.meanings()
    tiers = TierSets(setting, ends) if setting.admin else None
    networks: dict[bool, NetworkSets] = {}
    found: dict[Reading, list[tuple[Meaning, Flows]]] = {}
    for reading in readings:
        blocks = reading.blocks_match_pods
        if blocks not in networks:
            networks[blocks] = NetworkSets(setting, ends, blocks_match_pods=blocks)
        found[reading] = [
            (
                meaning,
                Flows(
                    setting,
                    ends,
                    blocks_match_pods=blocks,
                    free_allows=allows,
                    reading=reading,
                    tiers=tiers,
                    meaning=meaning,
                    network=networks[blocks],
                ),
            )
            for meaning in meanings
            for allows in behaviours
        ]
    return found
