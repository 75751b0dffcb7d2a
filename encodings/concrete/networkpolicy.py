"""NetworkPolicy v1 as the API stores it, made from a policy as written.

Applies the API's defaults and nothing else. Sources: kubernetes/kubernetes:pkg/apis/networking/v1/defaults.go
(policyTypes, protocol) and staging/src/k8s.io/api/networking/v1/types.go (meaning of each field).
Trusts that the object has passed the API's validation; what would be ambiguous otherwise raises InputErrors.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..written import WrittenObject
from .addresses import Block, Network, parse_network
from .endpoints import ConcreteEndpoint
from .evidence import FALSE, TRUE, Direction, Reason, Truth, all_of, any_of, known, unknown
from .fields import Field, root
from .ports import PortEntry, read_port
from .reading import Reading
from .selectors import Selector, read_selector
from .traffic import Traffic

TYPES: dict[str, Direction] = {"Ingress": "ingress", "Egress": "egress"}
PEERS: dict[Direction, str] = {"ingress": "from", "egress": "to"}


@dataclass(frozen=True, slots=True)
class Peer:
    """One item of ``from`` or ``to``: pods by selectors, or an address block.

    ``namespaces`` None: pods of the policy's own namespace. ``line`` is where it is written.
    """

    namespace: str
    pods: Selector
    namespaces: Selector | None
    block: Block | None
    line: int = 0

    def matches(self, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
        """Whether this end of the connection is the peer. Selectors never match addresses or nodes."""
        if self.block is not None:
            return self._holds(self.block, endpoint, traffic)
        if not traffic.is_pod(endpoint):
            return FALSE
        if self.namespaces is None:
            in_namespace = known(endpoint.namespace == self.namespace)
        else:
            in_namespace = self.namespaces.matches(endpoint.labels_of_namespace())
        return all_of((in_namespace, self.pods.matches(endpoint.pod_labels())))

    @staticmethod
    def _holds(block: Block, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
        if traffic.is_pod(endpoint) and not traffic.reading.ip_block_matches_pods:
            return FALSE
        address = endpoint.address(traffic.family)
        if address is not None:
            return known(block.holds(address))
        whole_family = block.holds_any_of(traffic.family)
        return unknown(f"address of {endpoint.name}") if whole_family is None else known(whole_family)


@dataclass(frozen=True, slots=True)
class Rule:
    """One item of ``ingress`` or ``egress``: allows its peers on its ports; no peers, no ports: any."""

    index: int
    line: int
    peers: tuple[Peer, ...]
    ports: tuple[PortEntry, ...]

    def matches(self, traffic: Traffic, direction: Direction) -> Truth:
        """Whether the rule allows the connection: one of its ports and one of its peers match."""
        ports = any_of(entry.matches(traffic) for entry in self.ports) if self.ports else TRUE
        if ports.value is False or not self.peers:
            return ports
        other = traffic.other(direction)
        return all_of((ports, any_of(peer.matches(other, traffic) for peer in self.peers)))


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """A NetworkPolicy with the API's defaults applied. ``rules`` has a key for each direction it governs."""

    namespace: str
    name: str
    file: str
    line: int
    subject: Selector
    rules: dict[Direction, tuple[Rule, ...]]

    def selects(self, endpoint: ConcreteEndpoint, direction: Direction, reading: Reading) -> Truth:
        """Whether the policy governs this end in this direction."""
        if direction not in self.rules or endpoint.namespace != self.namespace:
            return FALSE
        if not reading.is_pod(endpoint):
            return FALSE
        return self.subject.matches(endpoint.pod_labels())

    def isolates(self, direction: Direction) -> Reason:
        """The evidence that the policy isolates a pod it governs."""
        return Reason(direction, f"{self.namespace}/{self.name}", None, "isolates", self.file, self.line)

    def allows(self, direction: Direction, rule: Rule) -> Reason:
        """The evidence that a rule allows a connection."""
        reference = f"{self.namespace}/{self.name}"
        return Reason(direction, reference, rule.index, "allows", self.file, rule.line)


def _read_network(field: Field) -> Network:
    try:
        return parse_network(field.text())
    except ValueError:
        raise field.mistake("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)") from None


def _read_block(field: Field) -> Block:
    excepted = tuple(_read_network(item) for item in field.child("except").items())
    return Block(_read_network(field.child("cidr")), excepted)


def _read_peer(field: Field, namespace: str) -> Peer:
    pods, namespaces, block = (field.child(key) for key in ("podSelector", "namespaceSelector", "ipBlock"))
    if block.value is not None:
        if pods.value is not None or namespaces.value is not None:
            raise field.mistake("may not specify both ipBlock and another peer")
        return Peer(namespace, read_selector(pods), None, _read_block(block), field.line)
    if pods.value is None and namespaces.value is None:
        raise field.mistake("must specify a peer")
    chosen = None if namespaces.value is None else read_selector(namespaces)
    return Peer(namespace, read_selector(pods), chosen, None, field.line)


def _read_rule(field: Field, index: int, direction: Direction, namespace: str) -> Rule:
    peers = tuple(_read_peer(item, namespace) for item in field.child(PEERS[direction]).items())
    ports = tuple(read_port(item) for item in field.child("ports").items())
    return Rule(index, field.line, peers, ports)


def _governed(spec: Field) -> tuple[Direction, ...]:
    """``policyTypes``: what is written; else Ingress, and Egress if there is at least one egress rule."""
    written: list[Direction] = []
    for item in spec.child("policyTypes").items():
        if item.text() not in TYPES:
            raise item.mistake('must be "Ingress" or "Egress"')
        written.append(TYPES[item.text()])
    if written:
        return tuple(dict.fromkeys(written))
    return ("ingress", "egress") if spec.child("egress").length() else ("ingress",)


def read_network_policy(policy: WrittenObject) -> NetworkPolicy:
    """The policy with the API's defaults applied. InputErrors if a field cannot be what the API accepts."""
    spec = root(policy).child("spec")
    namespace = policy.namespace if policy.namespace is not None else "default"
    rules: dict[Direction, tuple[Rule, ...]] = {}
    for direction in _governed(spec):
        items = enumerate(spec.child(direction).items())
        rules[direction] = tuple(_read_rule(item, index, direction, namespace) for index, item in items)
    subject = read_selector(spec.child("podSelector"))
    return NetworkPolicy(namespace, policy.name, policy.file, policy.line, subject, rules)
