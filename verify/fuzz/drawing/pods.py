"""Namespaces, and concrete Pods with their addresses and container ports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ..features_of import NAME_LABEL
from ..model import Family, Raw
from ..walk import mapping, protocol_of
from .odds import ABSENT, Without, fields, pick
from .places import HOMES
from .selectors import labels
from .vocabulary import (
    ADDRESSES,
    CONTAINER_NUMBERS,
    NAMED_PROTOCOLS,
    NAMESPACE_KEYS,
    NAMESPACES,
    POD_KEYS,
    USUAL_NUMBERS,
    port_names,
)


@cache
def namespaces_of(without: Without) -> st.SearchStrategy[Raw]:
    """A Namespace object; some carry the label with their name, as a cluster would show them."""
    name, given = st.sampled_from(NAMESPACES), labels(NAMESPACE_KEYS, without)
    named = pick(without, (7, False), (1, True))

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen, metadata = draw(name), draw(given)
        if draw(named):
            metadata = {"labels": {NAME_LABEL: chosen, **mapping(metadata.get("labels"))}}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": chosen, **metadata}}

    return drawn()


@cache
def pods_with(names: tuple[str, ...], without: Without) -> st.SearchStrategy[Raw]:
    """A Pod, not named yet and without an address, in one of ``HOMES``. It declares ports of these names more often
    than others, and always if a rule's name may not miss."""
    home, given = st.sampled_from(HOMES), labels(POD_KEYS, without)
    on_node = pick(without, (24, False), (1, True, "host-network"))
    two, ports = pick(without, (2, False), (1, True)), _port_lists(without)
    always = "wrong-protocol-named-port" in without
    obliging, wanted = st.just(True) if always else pick(without, (1, False), (2, True)), _ports_of(names, without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        metadata = {"name": "pod", "namespace": draw(home), **draw(given)}
        on_host = draw(on_node)
        declared = [draw(ports)]
        if not on_host and draw(two):
            declared.append(draw(ports))
        if names and draw(obliging):
            declared = [_named_once([*draw(wanted), *each]) for each in declared]
        spec: Raw = {"hostNetwork": True} if on_host else {}
        spec["containers"] = [
            fields(name=f"c{number}", image="image", ports=(_distinct(each) if on_host else each) or ABSENT)
            for number, each in enumerate(declared)
        ]
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}

    return drawn()


def with_addresses(pod: Raw, position: int, families: Sequence[Family]) -> Raw:
    """A Pod that runs, as the cluster's pod of that number."""
    addresses = [ADDRESSES[family][position] for family in families]
    ips = [{"ip": address} for address in addresses]
    return {**pod, "status": {"phase": "Running", "podIP": addresses[0], "podIPs": ips}}


@cache
def _port_lists(without: Without) -> st.SearchStrategy[list[Raw]]:
    """The ports of one container, in which no name occurs twice. None has a name where those that rules use are all."""
    name = pick(without, (2, ABSENT), *((3, each, "wrong-protocol-named-port") for each in port_names(without)))
    return st.lists(_ports(name, _NUMBERS, _protocols(without)), max_size=3).map(_named_once)


@cache
def _ports_of(names: tuple[str, ...], without: Without) -> st.SearchStrategy[tuple[Raw, ...]]:
    """A port for each name: mostly of its usual number, and of its own protocol if others are left out."""
    right = "wrong-protocol-named-port" in without
    return st.tuples(
        *(
            _ports(
                st.just(name),
                st.one_of(st.just(USUAL_NUMBERS[name]), _NUMBERS),
                _own_protocols(name, without) if right else _protocols(without),
            )
            for name in names
        )
    )


_NUMBERS = st.sampled_from(CONTAINER_NUMBERS)


@cache
def _protocols(without: Without) -> st.SearchStrategy[Any]:
    """The protocol of a container's port."""
    return pick(
        without,
        (8, "TCP"),
        (4, ABSENT, "default-protocol"),
        (4, "UDP", "udp"),
        (2, "SCTP", "sctp"),
    )


def _own_protocols(name: str, without: Without) -> st.SearchStrategy[Any]:
    """The protocol that a name should have, in all its forms."""
    own = NAMED_PROTOCOLS[name]
    return pick(without, (2, "TCP"), (1, ABSENT, "default-protocol")) if own == "TCP" else st.just(own)


@st.composite
def _ports(
    draw: st.DrawFn, name: st.SearchStrategy[Any], number: st.SearchStrategy[int], protocol: st.SearchStrategy[Any]
) -> Raw:
    return fields(name=draw(name), containerPort=draw(number), protocol=draw(protocol))


def _named_once(ports: Sequence[Raw]) -> list[Raw]:
    """The ports with every name kept where it comes first."""
    seen: set[str] = set()
    kept: list[Raw] = []
    for port in ports:
        name = port.get("name")
        kept.append({key: value for key, value in port.items() if key != "name" or value not in seen})
        seen.update([name] if name else [])
    return kept


def _distinct(ports: Sequence[Raw]) -> list[Raw]:
    """The ports that can be a node's: it has each number only once for a protocol."""
    found = {(port["containerPort"], protocol_of(port)): port for port in reversed(ports)}
    return [*reversed(found.values())]
