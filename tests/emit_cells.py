"""Cells: connections over everything that policies can tell apart, made without a look at what suites hold.

Ends are pods of each label class in each class of namespaces, and addresses on both sides of each end of each block;
ports are the numbers on both sides of each end of each range, and those that are declared under a name. Where all of
them together are too many, they are drawn, most of them near some rule: uniformly drawn ones would hardly meet any.
"""

from __future__ import annotations

import ipaddress
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from netpol_verify.verify.fuzz.model import Cluster, Family, Flow, Raw
from netpol_verify.verify.fuzz.walk import PEERS, cidrs_of, mapping, namespace_of, objects_of, rules_of, sequence

NAME_LABEL = "kubernetes.io/metadata.name"
FAMILIES: tuple[Family, ...] = ("IPv4", "IPv6")
PROTOCOLS = ("TCP", "UDP", "SCTP")
_MOST_PODS = 300
_MOST_NAMESPACES = 24
_Values = dict[str, set[str]]


@dataclass(frozen=True)
class Cells:
    """``cluster`` has the pods, ``flows`` are the cells."""

    cluster: Cluster
    flows: tuple[Flow, ...]


@dataclass(frozen=True)
class _Rule:
    """A rule: pods of its policy's namespace, those that the policy selects, the rule's peers (all ends if it names
    none), and its ports."""

    direction: str
    near: list[str]
    subjects: list[str]
    peers: list[str]
    ports: list[tuple[str, int]]


def cells_of(cluster: Cluster, most: int, seed: int = 0) -> Cells:
    """All cells of the vocabulary of a cluster's policies, or so many of them if there are more."""
    return _Making(cluster, random.Random(seed)).cells(most)


class _Making:
    def __init__(self, cluster: Cluster, chance: random.Random) -> None:
        self.cluster, self.chance = cluster, chance
        self.policies = [*objects_of(cluster, "NetworkPolicy")]
        self.pod_values: _Values = {}
        self.namespace_values: _Values = {}
        self.names: dict[str, set[str]] = {}
        self.numbers = {80, 8080, 8081}
        self.networks: list[Any] = []
        self.selectors = [mapping(mapping(each.get("spec")).get("podSelector")) for each in self.policies]
        self._read()
        self.spaces = self._spaces()
        self.pods = self._pods()
        self.outside = _outside(self.networks)

    def _read(self) -> None:
        spaces: list[Raw] = []
        for rule in rules_of(self.policies):
            self.selectors += [mapping(peer.get("podSelector")) for peer in rule.peers]
            spaces += [mapping(peer.get("namespaceSelector")) for peer in rule.peers]
            for block in rule.blocks():
                self.networks += [ipaddress.ip_network(cidr, strict=False) for cidr in cidrs_of(block)]
            for port in rule.ports:
                self.numbers.update(_edges(port))
                if isinstance(port.get("port"), str):
                    self.names.setdefault(port["port"], set()).add(port.get("protocol") or "TCP")
        for selectors, values in ((self.selectors, self.pod_values), (spaces, self.namespace_values)):
            for key, value in itertools.chain(*map(_mentioned, selectors)):
                values.setdefault(key, set()).update(value)
        self.pod_values = self.pod_values or {"app": set()}
        self.named = self.namespace_values.pop(NAME_LABEL, set())
        self.namespace_values = self.namespace_values or {"team": set()}

    def _spaces(self) -> dict[str, dict[str, str]]:
        """Those that are declared, those that are named, those with the labels of another, and one of each class."""
        declared: list[Raw] = [each["metadata"] for each in self.cluster.of_kind("Namespace")]
        spaces = {each["name"]: dict(mapping(each.get("labels"))) for each in declared}
        for name, labels in [*spaces.items()]:
            spaces[f"like-{name}"] = {key: value for key, value in labels.items() if key != NAME_LABEL}
        spaces |= {name: {} for name in sorted(self.named - spaces.keys())}
        classes = [*_classes(self.namespace_values)]
        if len(classes) > _MOST_NAMESPACES:
            classes = self.chance.sample(classes, _MOST_NAMESPACES)
        return spaces | {f"made-{number}": labels for number, labels in enumerate(classes)}

    def _pods(self) -> dict[str, Raw]:
        """Pods of each label class in each namespace; or of those that selectors ask for and of some beside them."""
        most = max(12, _MOST_PODS // len(self.spaces))
        classes = math.prod(len({*own, "", "another"}) + 1 for own in self.pod_values.values())
        places = {family: _addresses(self.networks, family, self.chance) for family in FAMILIES}
        pods: dict[str, Raw] = {}
        for space in self.spaces:
            chosen = _classes(self.pod_values) if classes <= most else (self._near_a_selector() for _ in range(most))
            kinds = [("right",), ("right", "wrong", "none")] if self.names else [("none",)]
            for number, (labels, own) in enumerate(itertools.product(chosen, kinds)):
                ips = [next(places[family]) for family in FAMILIES]
                pods[f"{space}/pod-{number}"] = _pod(space, f"pod-{number}", labels, self._declared(own), ips)
        return pods

    def _near_a_selector(self) -> dict[str, str]:
        """Labels that some selector asks for, with up to two changes."""
        labels = {key: value or "" for key, value in mapping(self._any(self.selectors).get("matchLabels")).items()}
        for _ in range(self._any((0, 0, 1, 2))):
            key = self._any(sorted(self.pod_values))
            labels[key] = self._any(sorted({*self.pod_values[key], "", "another"}))
            if self.chance.random() < 0.3:
                del labels[key]
        return labels

    def _declared(self, kinds: Sequence[str]) -> list[Raw]:
        """Names that are declared at some number, for the right protocol or a wrong one, or not at all."""
        names = [(name, protocol) for name, own in sorted(self.names.items()) for protocol in sorted(own)]
        found: list[Raw] = []
        for name, protocol in self.chance.sample(names, len(names)):
            kind, number = self._any(kinds), self._any(sorted(self.numbers))
            spoken = protocol if kind == "right" else self._any(PROTOCOLS)
            taken = [port["name"] == name or port["containerPort"] == number for port in found]
            if kind != "none" and not any(taken):
                found.append({"name": name, "protocol": spoken, "containerPort": number})
        return found

    def cells(self, most: int) -> Cells:
        """All cells, or some."""
        ends: dict[Family, list[str]] = {each: [*self.pods, *self.outside[each]] for each in FAMILIES}
        total = len(PROTOCOLS) * len(self.numbers) * sum(len(own) ** 2 for own in ends.values())
        flows = self._every(ends) if total <= most else self._drawn(ends, most)
        kept = [each for each in dict.fromkeys(flows) if each.source != each.destination and _is_governed(each)]
        used = {end for each in kept for end in (each.source, each.destination)}
        return Cells(self._with({name: pod for name, pod in self.pods.items() if name in used}), tuple(kept))

    def _with(self, pods: dict[str, Raw]) -> Cluster:
        """The cluster with these pods and all namespaces; those in front, so that documents keep their order."""
        declared = {each["metadata"]["name"] for each in self.cluster.of_kind("Namespace")}
        spaces = [_namespace(name, labels) for name, labels in self.spaces.items() if name not in declared]
        there = (tuple(len(spaces) + position for position in file) for file in self.cluster.layout)
        layout = (*((position,) for position in range(len(spaces))), *there)
        return Cluster((*spaces, *self.cluster.objects), layout).with_objects([*pods.values()])

    def _every(self, ends: dict[Family, list[str]]) -> Iterator[Flow]:
        for family in FAMILIES:
            parts = (ends[family], ends[family], PROTOCOLS, sorted(self.numbers))
            yield from (Flow(*each, family) for each in itertools.product(*parts))

    def _drawn(self, ends: dict[Family, list[str]], most: int) -> Iterator[Flow]:
        rules = {family: [*self._rules(ends[family])] for family in FAMILIES}
        numbers = sorted(self.numbers)
        for _ in range(most):
            family = self._any(("IPv4", "IPv4", "IPv6"))
            rule: _Rule = self._any(rules[family] or [_Rule("ingress", [], [], ends[family], [])])
            subject = self._any(rule.subjects if rule.subjects and self._mostly() else [*self.pods])
            peer = self._any(rule.peers if rule.peers and self._mostly() else self._another(rule, family))
            protocol, number = self._any(PROTOCOLS), self._any(numbers)
            if rule.ports and self._mostly():
                own, number = self._any(rule.ports)
                protocol = own if self._mostly() else protocol
            pair = (subject, peer) if rule.direction == "egress" else (peer, subject)
            yield Flow(*pair, protocol, number, family)

    def _another(self, rule: _Rule, family: Family) -> list[str]:
        return self._any((self.outside[family], rule.near or [*self.pods], [*self.pods]))

    def _rules(self, ends: list[str]) -> Iterator[_Rule]:
        for policy in self.policies:
            spec, space = mapping(policy.get("spec")), namespace_of(policy)
            own = [name for name, pod in self.pods.items() if pod["metadata"]["namespace"] == space]
            subjects = [name for name in own if _selects(spec.get("podSelector"), self._labels(name))]
            for direction, field in PEERS.items():
                for rule in map(mapping, sequence(spec.get(direction)) or [{}]):
                    peers = [*map(mapping, sequence(rule.get(field)))]
                    found = [end for end in ends if any(self._is_peer(end, peer, space) for peer in peers)]
                    ports = [*itertools.chain(*map(self._ways, map(mapping, sequence(rule.get("ports")))))]
                    yield _Rule(direction, own, subjects, found if peers else ends, ports)

    def _is_peer(self, end: str, peer: Raw, space: str) -> bool:
        if "ipBlock" in peer:
            addresses = [] if "/" in end else [ipaddress.ip_address(end)]
            return any(each in ipaddress.ip_network(peer["ipBlock"]["cidr"], strict=False) for each in addresses)
        if "/" not in end or not _selects(peer.get("podSelector"), self._labels(end)):
            return False
        own: str = self.pods[end]["metadata"]["namespace"]
        selector = peer.get("namespaceSelector")
        return own == space if selector is None else _selects(selector, {**self.spaces[own], NAME_LABEL: own})

    def _ways(self, port: Raw) -> list[tuple[str, int]]:
        return [(port.get("protocol") or "TCP", number) for number in _edges(port) or sorted(self.numbers)]

    def _labels(self, pod: str) -> dict[str, str]:
        return self.pods[pod]["metadata"]["labels"]

    def _any(self, items: Sequence[Any]) -> Any:
        return self.chance.choice(items)

    def _mostly(self) -> bool:
        return self.chance.random() < 0.75


def _is_governed(flow: Flow) -> bool:
    return "/" in flow.source or "/" in flow.destination


def _mentioned(selector: Raw) -> Iterator[tuple[str, list[str]]]:
    """Each key of a selector with the values that it asks for or refuses."""
    yield from ((key, [value or ""]) for key, value in mapping(selector.get("matchLabels")).items())
    yield from ((each["key"], list(sequence(each.get("values")))) for each in _expressions(selector))


def _expressions(selector: Raw) -> list[Raw]:
    return [*map(mapping, sequence(selector.get("matchExpressions")))]


def _selects(selector: object, labels: dict[str, str]) -> bool:
    for key, value in mapping(mapping(selector).get("matchLabels")).items():
        if labels.get(key) != (value or ""):
            return False
    for each in _expressions(mapping(selector)):
        own, values = labels.get(each["key"]), sequence(each.get("values"))
        held = {"In": own in values, "NotIn": own not in values, "Exists": own is not None, "DoesNotExist": own is None}
        if not held[each["operator"]]:
            return False
    return True


def _classes(values: _Values) -> Iterator[dict[str, str]]:
    """Every map of labels: each key absent, empty, with each value that is mentioned, and with another one."""
    keys = sorted(values)
    for chosen in itertools.product(*([None, *sorted({*values[key], "", "another"})] for key in keys)):
        yield {key: value for key, value in zip(keys, chosen, strict=True) if value is not None}


def _edges(port: Raw) -> list[int]:
    """Numbers on both sides of each end of an entry's range."""
    first = port.get("port")
    if not isinstance(first, int):
        return []
    last: int = port.get("endPort") or first
    return [number for number in (first - 1, first, last, last + 1) if 1 <= number <= 65535]


def _addresses(networks: Sequence[Any], family: Family, chance: random.Random) -> Iterator[str]:
    """Addresses of pods: usual ones and some in every block and exception; none twice, none at an edge."""
    version, usual = (4, "10.244.0.0/16") if family == "IPv4" else (6, "fd00:10:244::/64")
    rooms = [ipaddress.ip_network(usual)] * 2
    rooms += [each for each in networks if each.version == version and each.num_addresses > 1 << 12]
    used: set[int] = set()
    while True:
        room = chance.choice(rooms)
        number = int(room.network_address) + chance.randrange(300, room.num_addresses - 300)
        address = ipaddress.ip_address(number)
        if number not in used and not (address.is_multicast or address.is_reserved or address.is_loopback):
            used.add(number)
            yield str(address)


def _outside(networks: Sequence[Any]) -> dict[Family, list[str]]:
    """A usual address, and both sides of each end of each block and exception."""
    found: dict[Family, list[str]] = {"IPv4": ["1.0.0.1"], "IPv6": ["2001:4860::1"]}
    for each in networks:
        first, last = int(each.network_address), int(each.broadcast_address)
        kind = ipaddress.IPv4Address if each.version == 4 else ipaddress.IPv6Address
        for number in (first - 1, first, last, last + 1):
            if 0 <= number < 1 << each.max_prefixlen:
                found["IPv4" if each.version == 4 else "IPv6"].append(str(kind(number)))
    return {family: list(dict.fromkeys(own)) for family, own in found.items()}


def _namespace(name: str, labels: dict[str, str]) -> Raw:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _pod(namespace: str, name: str, labels: dict[str, str], ports: list[Raw], addresses: list[str]) -> Raw:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "image", "ports": ports}]},
        "status": {"podIPs": [{"ip": each} for each in addresses]},
    }
