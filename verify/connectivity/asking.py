"""From a world and its semantics to what connectivity is asked: which readings, which addresses, which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...encodings.addresses import Network, parse_network
from ...encodings.domains import canonical
from ...encodings.policy import PortMatch
from ...properties.suite import Semantics, World
from .outside import Addresses
from .scope import Chosen, Scope


def scope_of(
    addresses: Addresses,
    world: World,
    semantics: Semantics,
    *,
    sources: Chosen | None = None,
    destinations: Chosen | None = None,
    ports: PortMatch | None = None,
) -> Scope:
    """What is asked: ``addresses`` are those of the same world; the filters keep all where they are None."""
    matches, hidden_by = semantics.ip_block_matches_pods, semantics.baseline_hidden_by
    return Scope(
        readings=(matches,) if isinstance(matches, bool) else (False, True),
        hidden_by_pod=(False, True) if hidden_by == "either" else (hidden_by == "pod",),
        families=addresses.families,
        pod_networks=addresses.pod_networks,
        outside=addresses.outside,
        domains=_bound(world.domains or {}),
        sources=sources,
        destinations=destinations,
        ports=ports,
    )


def _bound(domains: Mapping[str, Sequence[str]]) -> dict[str, tuple[Network, ...]]:
    return {canonical(name): tuple(map(parse_network, texts)) for name, texts in sorted(domains.items())}
