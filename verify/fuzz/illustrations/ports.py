"""Examples of the ports of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model import Raw
from .build import (
    DB,
    DB_POD,
    FROM_WEB,
    OUTSIDE,
    PG,
    WEB,
    WEB_POD,
    Example,
    containers,
    egress,
    example,
    flow,
    ingress,
    pod,
    table,
)


def _open(rule: str, ports: Any, allowed: bool, port: int = 80, protocol: str = "TCP", **changes: Any) -> Example:
    """The database is open to the web pod on these ports only, which tries one."""
    return example(rule, ingress({**FROM_WEB, "ports": ports}), allowed, flow(port=port, protocol=protocol), **changes)


def _named(rule: str, entry: Raw, declared: Sequence[Raw], allowed: bool, port: int = 5432) -> Example:
    """The database declares ports in a container each; it is open on the entry's."""
    db = pod(DB, {"app": "db"}, "10.0.0.2", containers=containers(*declared))
    protocol: str = entry.get("protocol", "TCP")
    return example(
        rule, ingress({**FROM_WEB, "ports": [entry]}), allowed, flow(port=port, protocol=protocol), pods=(WEB_POD, db)
    )


_METRICS: Raw = {"name": "metrics", "containerPort": 9187}
_ALSO_PG: Raw = {"name": "pg", "containerPort": 5433}

NAMED_PORTS = table(
    _named("named-port-may-be-of-any-container", {"port": "pg"}, (_METRICS, PG), allowed=True),
    _named("named-port-may-be-several-ports", {"port": "pg"}, (PG, _ALSO_PG), allowed=True, port=5433),
    _named("container-port-protocol-defaults-to-tcp", {"port": "metrics"}, (_METRICS,), allowed=True, port=9187),
    example("named-port-needs-no-peers", egress({"ports": [{"port": "pg"}]}), True, flow(port=5432)),
    example("named-port-never-matches-addresses", egress({"ports": [{"port": "pg"}]}), False, flow(WEB, OUTSIDE, 5432)),
    _open("named-port-needs-the-entrys-protocol", [{"port": "pg", "protocol": "UDP"}], allowed=False, port=5432),
    _named("named-port-needs-the-containers-protocol", {"port": "pg", "protocol": "UDP"}, (PG,), allowed=False),
    example(
        "named-port-is-resolved-for-each-pod",
        ingress({"ports": [{"port": "pg"}]}),
        False,
        flow(port=5433),
        pods=(pod(WEB, {"app": "web"}, "10.0.0.1", ports=[_ALSO_PG]), DB_POD),
    ),
    example(
        "egress-named-port-is-the-peers",
        egress({"to": [{"podSelector": {}}], "ports": [{"port": "pg"}]}),
        True,
        flow(port=5432),
    ),
    example("ingress-named-port-is-the-subjects", ingress({"ports": [{"port": "pg"}]}), True, flow(port=5432)),
    _open("named-port-covers-only-its-number", [{"port": "pg"}], allowed=False),
    _open("named-port-covers-only-what-it-names", [{"port": "http"}], allowed=False),
    _open(
        "named-port-is-resolved",
        [{"port": "pg"}],
        allowed=True,
        port=5432,
        pods=(pod(WEB, {"app": "web"}, "10.0.0.1", ports=[PG]), DB_POD),
    ),
)

PORTS = table(
    _open("range-includes-its-last-port", [{"port": 80, "endPort": 90}], allowed=True, port=90),
    _open("range-includes-its-first-port", [{"port": 80, "endPort": 90}], allowed=True, port=80),
    _open("range-ends-at-its-last-port", [{"port": 80, "endPort": 90}], allowed=False, port=91),
    _open("range-begins-at-its-first-port", [{"port": 80, "endPort": 90}], allowed=False, port=79),
    _open("end-port-counts", [{"port": 80, "endPort": 90}], allowed=True, port=85),
    _open("entry-without-protocol-covers-only-tcp", [{"port": 80}], allowed=False, protocol="UDP"),
    _open("entry-without-protocol-covers-tcp", [{"port": 80}], allowed=True),
    _open("entry-without-port-keeps-its-protocol", [{"protocol": "UDP"}], allowed=False),
    _open("entry-without-port-covers-every-port", [{"protocol": "UDP"}], allowed=True, protocol="UDP"),
    _open("entry-with-number-keeps-its-protocol", [{"port": 80, "protocol": "UDP"}], allowed=False),
    _open("rules-can-allow-sctp", [{"port": 80, "protocol": "SCTP"}], allowed=True, protocol="SCTP"),
    example("absent-ports-mean-every-protocol", ingress(FROM_WEB), True, flow(port=53, protocol="UDP")),
    example("absent-ports-mean-every-port", ingress(FROM_WEB), allowed=True),
    _open("numbered-entry-needs-no-declaration", [{"port": 80, "protocol": "TCP"}], allowed=True),
    example("ports-need-no-declaration", ingress({}), True, flow(OUTSIDE, port=80)),
    _open("entry-with-number-covers-only-it", [{"port": 81}], allowed=False),
    _open("later-port-entries-count", [{"port": 81}, {"port": 80}], allowed=True),
    _open("port-entries-are-ored", [{"port": 80}, {"port": 81}], allowed=True),
    _open("empty-ports-list-is-absent", [], allowed=True),
    _open("null-port-entry-is-every-tcp-port", [None], allowed=True),
)
