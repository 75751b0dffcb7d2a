"""The concrete evaluator's own tier of NetworkPolicies, as it is before a fault is planted."""

from __future__ import annotations

from collections.abc import Callable

from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import Direction, Side
from netpol_verify.encodings.concrete.traffic import Traffic

NETWORK_TIER: Callable[[Cluster, Direction, Traffic], Side] = vars(Cluster)["_network_tier"]
"""What the NetworkPolicies of one end say of a connection."""
