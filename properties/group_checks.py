"""What a group must satisfy beyond its shape: one kind of members, legal names, outside addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..encodings.problems import Problem
from .cidrs import Network, anything_left, inside, parse_network
from .names import check_namespace, parse_service, parse_workload
from .notation import NotationError
from .places import Place
from .selectors import selector_mistakes
from .shapes import near
from .suite import Endpoints, Group, GroupRef, Selector, World

_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("pods", ("namespace", "namespaces", "pods")),
    ("a workload", ("workload",)),
    ("a Service", ("service",)),
    ("addresses", ("cidr", "except")),
    ("a builtin", ("builtin", "clouds")),
    ("nodes", ("node",)),
    ("anything", ("any",)),
)


@dataclass(frozen=True, slots=True)
class NamedGroup:
    """A group of ``groups:`` and where it is written; ``group`` is None if its shape is wrong."""

    group: Group | None
    place: Place


Groups = Mapping[str, NamedGroup]


def has_pods(group: Group) -> bool:
    """Whether pods can be members."""
    return group.cidr is None and group.builtin is None and group.node is None


def only_pods(group: Group) -> bool:
    """Whether pods alone can be members."""
    return has_pods(group) and not group.any


def check_group(place: Place, group: Group) -> Iterator[Problem]:
    """What is wrong with ``group`` whatever the world is."""
    kinds = [(kind, [key for key in keys if _given(group, key)]) for kind, keys in _KINDS]
    mixed = [f"{kind} ({', '.join(keys)})" for kind, keys in kinds if keys]
    if len(mixed) > 1:
        yield place.problem(f"mixes {' with '.join(mixed)}", "write a list of groups, one for each kind")
    if group.except_ is not None and group.cidr is None:
        yield place.at("except").problem("has no cidr to be taken from", "add cidr, or remove except")
    if group.clouds is not None and group.builtin != "cloud-metadata":
        yield place.at("clouds").problem("goes with builtin: cloud-metadata only", "add builtin: cloud-metadata")
    yield from _check_namespaces(place, group)
    yield from check_selector(place.at("namespaces"), group.namespaces)
    yield from check_selector(place.at("pods"), group.pods)
    if group.workload is not None:
        yield from caught(place.at("workload"), parse_workload, group.workload)
    if group.service is not None:
        yield from caught(place.at("service"), parse_service, group.service)
    yield from _check_addresses(place, group)


def _given(group: Group, key: str) -> bool:
    return getattr(group, "except_" if key == "except" else key) is not None


def _check_namespaces(place: Place, group: Group) -> Iterator[Problem]:
    where = place.at("namespace")
    if isinstance(group.namespace, str):
        yield from caught(where, check_namespace, group.namespace)
    elif group.namespace is not None:
        if not group.namespace:
            yield where.problem("is an empty list, which no pod is in", "name a namespace, or remove the key")
        for index, name in enumerate(group.namespace):
            yield from caught(where.at(index), check_namespace, name)


def check_selector(place: Place, selector: Selector | None) -> Iterator[Problem]:
    """What is wrong with the selector at ``place``, if there is one."""
    for error in selector_mistakes(selector) if selector is not None else ():
        yield place.notation(error)


def caught(place: Place, parse: Callable[[str], object], text: str) -> Iterator[Problem]:
    """The mistake that ``parse`` finds in ``text``, if any, as a problem at ``place``."""
    try:
        parse(text)
    except NotationError as error:
        yield place.notation(error)


def _check_addresses(place: Place, group: Group) -> Iterator[Problem]:
    if group.cidr is None:
        return
    yield from caught(place.at("cidr"), parse_network, group.cidr)
    for index, text in enumerate(group.except_ or ()):
        yield from caught(place.at("except", index), parse_network, text)
    block, taken = _network(group.cidr), networks(group.except_)
    if block is None:
        return
    for index, text in enumerate(group.except_ or ()):
        other = _network(text)
        if other is not None and not inside(other, block):
            yield place.at("except", index).problem(f"{other} is not inside the cidr {block}")
    if not anything_left(block, taken):
        yield place.at("except").problem(f"leaves no address of {block}")


def _network(text: str) -> Network | None:
    try:
        return parse_network(text)
    except NotationError:
        return None


def networks(texts: list[str] | None) -> list[Network]:
    """The blocks among ``texts`` that are legal; the others are reported where they stand."""
    return [network for network in map(_network, texts or ()) if network is not None]


def check_outside(place: Place, group: Group, world: World) -> Iterator[Problem]:
    """A ``cidr`` group means addresses outside the cluster: some must be neither pods' nor nodes'."""
    block = _network(group.cidr) if group.cidr is not None else None
    if block is None:
        return
    cluster = networks(world.pod_cidrs) + networks(world.node_cidrs)
    excepted = networks(group.except_)
    if anything_left(block, excepted) and not anything_left(block, excepted + cluster):
        named = ", ".join(str(other) for other in cluster if other.version == block.version)
        yield place.at("cidr").problem(
            f"{block} lies wholly inside the cluster's podCIDRs and nodeCIDRs ({named}); "
            "a cidr means addresses outside",
            "select pods by namespace and labels; other nodes are node: true",
        )


def elements(place: Place, endpoints: Endpoints | list[GroupRef]) -> Iterator[tuple[Place, GroupRef]]:
    """Each group or group's name in ``endpoints`` with its place."""
    if isinstance(endpoints, list):
        yield from ((place.at(index), item) for index, item in enumerate(endpoints))
    else:
        yield place, endpoints


@dataclass(frozen=True, slots=True)
class Scope:
    """What a property's groups are judged in: the named groups and the property's own world."""

    groups: Groups
    world: World

    def check(self, place: Place, endpoints: Endpoints | list[GroupRef]) -> Iterator[Problem]:
        """What is wrong with the groups that ``endpoints`` writes or names."""
        if endpoints == []:
            yield place.problem("is an empty list, which nothing is in", "name a group; {} is every pod")
        for where, item in elements(place, endpoints):
            if isinstance(item, Group):
                yield from check_group(where, item)
                yield from check_outside(where, item, self.world)
            elif item not in self.groups:
                yield where.problem(f'unknown group "{item}"', _group_hint(item, self.groups))
            elif (named := self.groups[item]).group is not None:
                yield from check_outside(named.place, named.group, self.world)

    def check_sources(self, place: Place, endpoints: Endpoints | list[GroupRef]) -> Iterator[Problem]:
        """As ``check``; also, none of them is a Service, which is a way to its pods and opens no connection."""
        yield from self.check(place, endpoints)
        for where, item in elements(place, endpoints):
            group = self.group(item)
            if group is not None and group.service is not None:
                yield where.problem("a Service can stand only where connections arrive", _BEHIND)

    def check_pods(self, place: Place, endpoints: Endpoints | list[GroupRef]) -> Iterator[Problem]:
        """As ``check_sources``; also, pods alone may be members."""
        yield from self.check_sources(place, endpoints)
        for where, item in elements(place, endpoints):
            group = self.group(item)
            if group is not None and not only_pods(group):
                yield where.problem("holds more than pods, which are all that policies select", _PODS_HINT)

    def may_hold_pods(self, endpoints: Endpoints | list[GroupRef]) -> bool:
        """Whether some member can be a pod; an unknown or malformed group may."""
        found = [self.group(item) for item in (endpoints if isinstance(endpoints, list) else [endpoints])]
        return not found or any(group is None or has_pods(group) for group in found)

    def group(self, item: GroupRef) -> Group | None:
        """The group that ``item`` is or names; None if there is none."""
        if isinstance(item, Group):
            return item
        named = self.groups.get(item)
        return named.group if named else None


def _group_hint(name: str, groups: Groups) -> str:
    """What somebody who wrote ``name`` for a group may have meant."""
    if name == "any":
        return "write {any: true}"
    if _network(name) is not None:
        return f"write {{cidr: {name}}}"
    if near(name, list(groups)):
        return near(name, list(groups))
    if re.search("[=!()]", name) and not selector_mistakes(name):
        return f'write {{pods: "{name}"}}'
    if name.count("/") in (1, 2):
        return f"write {{workload: {name}}}"
    if name in ("internet", "cloud-metadata"):
        return f"write {{builtin: {name}}}"
    return "define it under groups"


_BEHIND = "name the pods behind it: namespace and pods, or workload"
_PODS_HINT = "use a group of pods: namespace, namespaces, pods, workload, or {} for every pod"
