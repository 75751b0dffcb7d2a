"""What a property mentions: the endpoints and ports it names, wherever its verb puts them.

Vocabulary, notices and assumptions are made from this; what the verbs mean is in ``verbs``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ..encodings.policy import NamedPort, PortMatch
from .elements import Element, resolve
from .loading import LoadedProperty
from .ports import parse_port
from .suite import Dns, Endpoints, Exception_, Group, OnlyEntry, Ports

DNS_SERVERS = Group(namespace="kube-system", pods="k8s-app=kube-dns")
"""The pods that serve DNS unless a property names others."""
ASSUMED_DNS = "kube-system/External/kube-dns"
"""The DNS server that is assumed where nobody declares one. It is asked and never asks: it is in no group."""


def dns_servers(verb: Dns) -> Endpoints:
    """The DNS server pods of a ``dns`` property: the group it names, else those of kube-system."""
    return DNS_SERVERS if verb.servers is None else verb.servers


def port_matches(ports: Ports | None) -> tuple[PortMatch, ...] | None:
    """A list of ports as the policies' form of them; None for every port."""
    return None if ports is None else tuple(parse_port(port) for port in ports)


def is_entries(side: object) -> bool:
    """Is this side of an ``only`` its list of entries?"""
    return isinstance(side, list) and any(isinstance(entry, OnlyEntry) for entry in cast(list[object], side))


def named_ports(ports: Ports | None) -> Iterable[NamedPort]:
    """The named ports in a list of ports."""
    return (match for match in port_matches(ports) or () if isinstance(match, NamedPort))


def all_elements(loaded: LoadedProperty) -> tuple[Element, ...]:
    """Every element that the property mentions anywhere."""
    groups = loaded.groups
    found: list[Element] = []
    written = loaded.written

    def add(endpoints: Endpoints | None) -> None:
        if endpoints is not None:
            found.extend(resolve(endpoints, groups))

    for flow in (written.never, written.always, written.can, written.cannot_override):
        if flow is not None:
            add(flow.from_)
            add(flow.to)
    if written.only is not None:
        for side in (written.only.from_, written.only.to):
            if is_entries(side):
                for entry in cast(list[OnlyEntry], side):
                    add(entry.who)
            else:
                add(cast(Endpoints, side))
    if written.isolate is not None:
        add(cast(Endpoints | None, written.isolate.groups))
    if written.default_deny is not None:
        add(written.default_deny.for_)
    if written.dns is not None:
        add(written.dns.for_)
        add(dns_servers(written.dns))
    change = written.no_new_access or written.no_lost_access or written.equivalent
    if change is not None and change.scope is not None:
        add(change.scope.from_)
        add(change.scope.to)
    excepted = [exceptions.except_ for exceptions in (written.isolate, written.default_deny, change) if exceptions]
    for each in (entry for entries in (*excepted, loaded.carved) for entry in entries or ()):
        add(each.from_)
        add(each.to)
    return tuple(found)


def sides_of(loaded: LoadedProperty) -> dict[str, Endpoints]:
    """The lists of endpoints that the property holds, by the key they stand under; the entries of ``only`` joined."""
    written = loaded.written
    flow = written.never or written.always or written.can or written.cannot_override
    if flow is not None:
        return {"from": flow.from_, "to": flow.to}
    if written.only is not None:
        sides = {"from": written.only.from_, "to": written.only.to}
        return {key: _joined(side) if is_entries(side) else cast(Endpoints, side) for key, side in sides.items()}
    if written.isolate is not None:
        return {"groups": cast(Endpoints, written.isolate.groups)} if written.isolate.groups is not None else {}
    change = written.no_new_access or written.no_lost_access or written.equivalent
    if change is not None:
        scope = change.scope or Exception_()
        sides = {"from": scope.from_, "to": scope.to}
        return {side: endpoints for side, endpoints in sides.items() if endpoints is not None}
    pods = written.default_deny or written.dns
    return {} if pods is None else {"for": pods.for_}


def _joined(entries: object) -> Endpoints:
    joined: list[str | Group] = []
    for entry in cast(list[OnlyEntry], entries):
        joined.extend(entry.who if isinstance(entry.who, list) else [entry.who])
    return joined


def is_listed(loaded: LoadedProperty, side: str) -> bool:
    """Is ``side`` ("from" or "to") the list of entries of an ``only``, which speaks of everybody else?"""
    only = loaded.written.only
    return only is not None and is_entries(only.from_ if side == "from" else only.to)
