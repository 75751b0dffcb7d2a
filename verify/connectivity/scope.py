"""What connectivity is asked: readings, families, where pods and nodes live, and which ends and ports to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...encodings.addresses import FAMILIES, Family, Network
from ...encodings.policy import PortMatch
from .intervals import Intervals


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ends that a filter keeps: workloads by reference, and outside addresses of each family."""

    workloads: frozenset[str] = frozenset()
    addresses: Mapping[Family, Intervals] = field(default_factory=dict[Family, Intervals])


@dataclass(frozen=True, slots=True)
class Scope:
    """``readings``: the values of ``ipBlockMatchesPods`` to consider; ``hidden_by_pod``: likewise, whether
    ``baselineHiddenBy`` is ``pod``. ``pod_networks``: where pods whose address is unknown live (none: anywhere).
    ``outside``: the addresses of each of ``families`` that are no pod's and no node's. ``domains``: what names of
    domains stand for, where that is known.
    ``sources``, ``destinations`` and ``ports``: the ends and the destination ports to keep (None: all).
    """

    readings: tuple[bool, ...] = (False, True)
    hidden_by_pod: tuple[bool, ...] = (False,)
    families: tuple[Family, ...] = FAMILIES
    pod_networks: tuple[Network, ...] = ()
    outside: Mapping[Family, Intervals] = field(default_factory=dict[Family, Intervals])
    domains: Mapping[str, tuple[Network, ...]] = field(default_factory=dict[str, tuple[Network, ...]])
    sources: Chosen | None = None
    destinations: Chosen | None = None
    ports: PortMatch | None = None
