"""What is asked of a search for flows, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Cluster, Flow
from .boundary import Boundary, SideName


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a search is to respect.

    ``without``: names of features (``features.FEATURES``) that no flow and no pod made for it uses. ``limit``: the most
    flows; ``most_pods``: the most pods made for them. ``ip_block_matches_pods``: the reading of ipBlock; None: flows
    whose answer depends on it are left out.

    For a suite that is run on a cluster: ``any_address``: an answer must not depend on the addresses that pods get.
    ``usual_first``: TCP between pods over IPv4 is preferred. ``fewest``: flows without which every side of every
    boundary is exercised as well are left out.
    """

    without: frozenset[str]
    limit: int
    most_pods: int
    ip_block_matches_pods: bool | None
    any_address: bool = False
    usual_first: bool = False
    fewest: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A side of a boundary that a flow exercises. ``deciding``: the policies answer it otherwise than the mutant of
    that side; else only the rule, or its peer or port, does by itself."""

    boundary: str
    side: SideName
    deciding: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """A flow; what the symbolic encoding says of it; and what it exercises, what it was made for first."""

    flow: Flow
    expected: bool
    claims: tuple[Claim, ...]

    @property
    def boundary(self) -> str:
        """The boundary that it was proposed for."""
        return self.claims[0].boundary

    @property
    def side(self) -> SideName:
        """The side of that boundary."""
        return self.claims[0].side

    @property
    def deciding(self) -> bool:
        """Does it tell the policies from some mutant?"""
        return any(claim.deciding for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Guided:
    """The cluster with the pods and namespaces that the flows need, the flows, and all boundaries of the policies.

    Flows that tell policies from mutants come first.
    """

    cluster: Cluster
    flows: tuple[Proposed, ...]
    boundaries: tuple[Boundary, ...]
