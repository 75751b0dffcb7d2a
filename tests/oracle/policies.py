"""NetworkPolicy for the oracle: the API's defaults applied to an object as written.

Trusts that the object passed the API server's validation. Rules: kubernetes/kubernetes:pkg/apis/networking/v1/
defaults.go and staging/src/k8s.io/api/networking/v1/types.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject

from . import labels
from .addresses import Block, parse_block
from .labels import Selector
from .raw import Raw, mapping, sequence

Direction = Literal["ingress", "egress"]
DIRECTIONS: tuple[Direction, Direction] = ("ingress", "egress")


@dataclass(frozen=True, slots=True)
class PortEntry:
    """One entry of a ``ports`` list: a name, or the numbers ``first`` to ``last`` (both included)."""

    protocol: str
    first: int = 1
    last: int = 65535
    name: str | None = None

    def matches(self, protocol: str, number: int, names: Iterable[str]) -> bool:
        """Whether it admits a connection to a destination that declares ``names`` at this protocol and number."""
        if protocol != self.protocol:
            return False
        if self.name is not None:
            return self.name in names
        return self.first <= number <= self.last


@dataclass(frozen=True, slots=True)
class Peer:
    """One entry of a ``from`` or ``to`` list: a block of addresses, or pods by namespace and labels.

    ``namespaces`` None: pods of the policy's own namespace, by its name.
    """

    pods: Selector = labels.EVERYTHING
    namespaces: Selector | None = None
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """``peers`` None: any peer. ``ports`` None: any port of any protocol. Otherwise one of each must match."""

    peers: tuple[Peer, ...] | None
    ports: tuple[PortEntry, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A policy with its defaults applied; ``rules`` has an entry for each direction that it governs."""

    name: str
    namespace: str
    subject: Selector
    rules: dict[Direction, tuple[Rule, ...]]
    pod_selectors: tuple[Selector, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every ipBlock of the rules that count."""
        peers = [peer for rules in self.rules.values() for rule in rules for peer in rule.peers or ()]
        return tuple(peer.block for peer in peers if peer.block)

    @property
    def port_entries(self) -> tuple[PortEntry, ...]:
        """Every port entry of the rules that count."""
        return tuple(entry for rules in self.rules.values() for rule in rules for entry in rule.ports or ())


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """A policy nobody understands: in ``directions`` it decides freely for the pods of ``namespace`` (None: all)."""

    namespace: str | None
    directions: tuple[Direction, ...]


def policies_of(manifests: Manifests) -> tuple[Policy, ...]:
    """Every NetworkPolicy of the manifests."""
    return tuple(
        _policy(item)
        for item in manifests.modelled
        if item.kind == "NetworkPolicy" and item.group == "networking.k8s.io"
    )


def unmodelled_of(manifests: Manifests) -> tuple[Unmodelled, ...]:
    """The scope of each unmodelled policy: its namespace or the cluster, its direction where readable.

    Readable here is Calico's `types`, or its default: no egress rules mean Ingress, egress rules alone mean Egress,
    both mean both (projectcalico/calico:api/pkg/defaults/networkpolicy.go).
    """
    found: list[Unmodelled] = []
    for item in manifests.unmodelled:
        if item.group != "projectcalico.org":
            found.append(Unmodelled(item.namespace, DIRECTIONS))
            continue
        spec = mapping(item.fields, "spec")
        types: list[str] = sequence(spec, "types")
        if not types:
            egress = ["Egress"] if spec.get("egress") else []
            types = egress if egress and not spec.get("ingress") else ["Ingress", *egress]
        named: list[Direction] = [direction for direction in DIRECTIONS if direction.capitalize() in types]
        found.append(Unmodelled(item.namespace, tuple(named)))
    return tuple(found)


def _policy(item: WrittenObject) -> Policy:
    spec = mapping(item.fields, "spec")
    subject = labels.from_manifest(mapping(spec, "podSelector"))
    every = {"ingress": _rules(sequence(spec, "ingress"), "from"), "egress": _rules(sequence(spec, "egress"), "to")}
    types: list[str] = sequence(spec, "policyTypes")
    if not types:
        # Missing or empty: Ingress, and Egress iff there is at least one egress rule (defaults.go).
        types = ["Ingress", *(["Egress"] if every["egress"] else [])]
    governed: dict[Direction, tuple[Rule, ...]] = {
        direction: every[direction] for direction in DIRECTIONS if direction.capitalize() in types
    }
    peers = [peer for rules in governed.values() for rule in rules for peer in rule.peers or ()]
    return Policy(
        name=item.reference,
        namespace=item.namespace or "default",
        subject=subject,
        rules=governed,
        pod_selectors=(subject, *(peer.pods for peer in peers if peer.block is None)),
    )


def _rules(raw: list[Any], side: str) -> tuple[Rule, ...]:
    # A null rule decodes to the empty rule, which allows everything.
    return tuple(_rule(item or {}, side) for item in raw)


def _rule(raw: Raw, side: str) -> Rule:
    # Missing, null and empty lists all mean "any".
    peers, ports = sequence(raw, side), sequence(raw, "ports")
    return Rule(
        tuple(_peer(item) for item in peers) if peers else None,
        tuple(_port(item or {}) for item in ports) if ports else None,
    )


def _peer(raw: Raw) -> Peer:
    if raw.get("ipBlock") is not None:
        block = mapping(raw, "ipBlock")
        return Peer(block=parse_block(block["cidr"], sequence(block, "except")))
    pods, spaces = labels.from_manifest(mapping(raw, "podSelector")), raw.get("namespaceSelector")
    # A null field does not constrain: a peer without namespaceSelector means the policy's own namespace.
    return Peer(pods, None if spaces is None else labels.from_manifest(spaces))


def _port(raw: Raw) -> PortEntry:
    protocol, port = raw.get("protocol") or "TCP", raw.get("port")
    if port is None:
        return PortEntry(protocol)
    if isinstance(port, str):
        return PortEntry(protocol, name=port)
    end = raw.get("endPort")
    return PortEntry(protocol, port, port if end is None else end)
