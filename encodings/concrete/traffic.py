"""One connection as policies see it, under one reading. Trusts the endpoints for what is known of the ends."""

from __future__ import annotations

from dataclasses import dataclass

from .addresses import Family
from .endpoints import ConcreteEndpoint
from .evidence import Direction
from .reading import Reading


@dataclass(frozen=True, slots=True)
class Traffic:
    """A connection: one family, one protocol, one destination port, one reading.

    ``assumed``: domain names of which it is assumed that they hold the destination's address, or that they do not.
    """

    source: ConcreteEndpoint
    destination: ConcreteEndpoint
    protocol: str
    port: int
    family: Family
    reading: Reading
    assumed: tuple[tuple[str, bool], ...] = ()

    def subject(self, direction: Direction) -> ConcreteEndpoint:
        """The end whose policies govern the direction."""
        return self.destination if direction == "ingress" else self.source

    def other(self, direction: Direction) -> ConcreteEndpoint:
        """The end that the direction's rules name as peer."""
        return self.source if direction == "ingress" else self.destination

    def is_pod(self, endpoint: ConcreteEndpoint) -> bool:
        """Whether NetworkPolicies see a pod in this end."""
        return self.reading.is_pod(endpoint)
