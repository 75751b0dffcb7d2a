"""A connection with both ends found: what rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .blocks import Address
from .manifest import Pod


@dataclass(frozen=True, slots=True)
class End:
    """One end: ``pod`` None is an end that policies do not see as a pod, such as an outside address."""

    addresses: Mapping[str, Address]
    pod: Pod | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection from end to end; ``port`` is the destination's."""

    source: End
    destination: End
    protocol: str
    port: int
    family: str

    def subject(self, direction: str) -> End:
        """The end whose policies decide the direction."""
        return self.destination if direction == "ingress" else self.source

    def other(self, direction: str) -> End:
        """The end that the direction's rules name."""
        return self.source if direction == "ingress" else self.destination

    def reversed(self) -> Connection:
        """The connection that the destination would open to the source."""
        return Connection(self.destination, self.source, self.protocol, self.port, self.family)
