"""What a world must satisfy beyond its shape: legal address blocks, and external objects, nodes and domain names that
could exist."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

from ..encodings.domains import canonical, covers
from ..encodings.problems import Problem
from .cidrs import Network, anything_left, parse_network, parse_node_address
from .group_checks import caught
from .names import check_domain, check_namespace, check_node, label_key_mistake, label_value_mistake
from .notation import NotationError
from .places import Place
from .ports import PROTOCOLS, parse_port, port_name_mistake
from .suite import ExternalNamespace, ExternalPod, World, WorldNode

NAME_LABEL = "kubernetes.io/metadata.name"


def check_world(place: Place, world: World) -> Iterator[Problem]:
    """What is wrong with the world written at ``place``."""
    blocks = (
        ("podCIDRs", world.pod_cidrs),
        ("nodeCIDRs", world.node_cidrs),
        ("serviceCIDRs", world.service_cidrs),
    )
    for key, texts in blocks:
        for index, text in enumerate(texts or ()):
            yield from caught(place.at(key, index), parse_network, text)
    yield from _check_nodes(place.at("nodes"), world.nodes or ())
    yield from _check_domains(place.at("domains"), world.domains or {})
    seen: dict[str, Place] = {}
    for index, namespace in enumerate(world.external or ()):
        where = place.at("external", index)
        yield from _check_namespace(where, namespace)
        if namespace.name in seen:
            first = seen[namespace.name].line
            yield where.at("name").problem(
                f'namespace "{namespace.name}" is declared twice, first on line {first}',
                "join the two entries",
            )
        seen.setdefault(namespace.name, where)


def _check_namespace(place: Place, namespace: ExternalNamespace) -> Iterator[Problem]:
    yield from caught(place.at("name"), check_namespace, namespace.name)
    labels = namespace.labels or {}
    yield from check_labels(place.at("labels"), labels)
    if labels.get(NAME_LABEL, namespace.name) != namespace.name:
        yield place.at("labels", NAME_LABEL).problem(
            f'is always the namespace\'s own name, "{namespace.name}"', "remove it: the API server sets it"
        )
    for index, pod in enumerate(namespace.pods):
        yield from _check_pod(place.at("pods", index), pod)


def _check_pod(place: Place, pod: ExternalPod) -> Iterator[Problem]:
    yield from check_labels(place.at("labels"), pod.labels)
    for name, port in pod.ports.items():
        where = place.at("ports", name)
        wrong = port_name_mistake(name)
        if wrong:
            yield where.problem(wrong)
        yield from caught(where, _check_container_port, port)


def _check_container_port(text: str) -> None:
    """``PROTOCOL/NUMBER``: here the protocol is not left to a default, since ``dns: 53`` would mean TCP."""
    if re.fullmatch("[0-9]+", text):
        raise NotationError(
            f'"{text}" is a port without its protocol', f"write one of TCP/{text}, UDP/{text}, SCTP/{text}"
        )
    parse_port(text)
    if not re.fullmatch(f"({'|'.join(PROTOCOLS)})/[0-9]+", text):
        raise NotationError(f'"{text}" is not one numbered port', "write TCP/8080 or UDP/53")


def _check_nodes(place: Place, nodes: Sequence[WorldNode]) -> Iterator[Problem]:
    names: dict[str, Place] = {}
    owners: dict[IPv4Address | IPv6Address, str] = {}
    for index, node in enumerate(nodes):
        where = place.at(index)
        yield from caught(where.at("name"), check_node, node.name)
        if node.name in names:
            message = f'node "{node.name}" is declared twice, first on line {names[node.name].line}'
            yield where.at("name").problem(message, "join the two entries")
        names.setdefault(node.name, where)
        yield from check_labels(where.at("labels"), node.labels)
        for number, text in enumerate(node.addresses):
            at = where.at("addresses", number)
            yield from caught(at, parse_node_address, text)
            if not [*caught(at, parse_node_address, text)]:
                owner = owners.setdefault(parse_node_address(text), node.name)
                if owner != node.name:
                    yield at.problem(f"{text} is an address of node {owner} too", "an address belongs to one node")


def _check_domains(place: Place, domains: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    known: dict[str, list[Network]] = {}
    for name, texts in domains.items():
        yield from caught(place.at(name), check_domain, name)
        if not texts:
            yield place.at(name).problem("stands for no address", "name its blocks, or leave the entry out")
        mistakes = [each for at, text in enumerate(texts) for each in caught(place.at(name, at), parse_network, text)]
        yield from mistakes
        if canonical(name) in known:
            yield place.at(name).problem("stands here twice: DNS sees no capitals and no final dot", "merge them")
        known[canonical(name)] = [] if mistakes else [parse_network(text) for text in texts]
    written = {canonical(name): name for name in domains}
    for name, wildcard in itertools.permutations(known, 2):
        if covers(wildcard, name) and known[wildcard]:
            for at, block in enumerate(known[name]):
                if anything_left(block, known[wildcard]):
                    message = f'"{wildcard}" covers "{name}" but does not hold all of {block}'
                    yield place.at(written[name], at).problem(message, f'add {block} to "{wildcard}"')


def check_labels(place: Place, labels: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the keys and values of labels."""
    for key, value in labels.items():
        for wrong in (label_key_mistake(key), label_value_mistake(value)):
            if wrong:
                yield place.at(key).problem(wrong)
