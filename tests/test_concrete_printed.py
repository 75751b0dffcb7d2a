"""Endpoints of a report, read back exactly as printed."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.printed import from_printed
from netpol_verify.encodings.problems import InputErrors

PRINTED: dict[str, Any] = {
    "kind": "pod",
    "namespace": "shop",
    "labels": {"app": "postgres"},
    "namespaceLabels": {"env": "prod"},
    "namespaceDeclared": True,
    "workload": "shop/StatefulSet/db",
    "ports": [{"name": "pg", "protocol": "TCP", "containerPort": 5432}],
    "ips": ["10.244.0.2", "fd00::2"],
    "hostNetwork": False,
    "node": None,
}


def test_a_printed_pod_is_read_as_it_stands() -> None:
    assert from_printed(PRINTED) == ConcreteEndpoint(
        "pod",
        "shop",
        {"app": "postgres"},
        {"env": "prod"},
        (NamedPort("pg", "TCP", 5432),),
        ("10.244.0.2", "fd00::2"),
        workload="shop/StatefulSet/db",
    )


def test_only_the_address_of_an_outside_endpoint_matters() -> None:
    printed: dict[str, Any] = {
        **PRINTED,
        "kind": "external",
        "namespace": None,
        "labels": {},
        "ips": ["::ffff:8.8.8.8"],
    }
    assert from_printed(printed) == ConcreteEndpoint("external", ips=("8.8.8.8",))


@pytest.mark.parametrize(("name", "labels"), [("worker", {"zone": "a"}), (None, {}), (None, None)])
def test_a_node_has_a_name_and_labels_and_an_address(name: str | None, labels: dict[str, str] | None) -> None:
    """Labels that are not printed are unknown."""
    printed = {**PRINTED, "kind": "node", "namespace": None, "labels": labels, "node": name, "ips": ["10.0.0.1"]}
    assert from_printed(printed) == ConcreteEndpoint("node", ips=("10.0.0.1",), node=name, node_labels=labels)


def test_what_is_left_out_is_unknown_not_empty() -> None:
    endpoint = from_printed({"kind": "pod", "namespace": "shop"})
    assert (endpoint.namespace_labels, endpoint.ports, endpoint.ips) == (None, None, ())


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "Pod"}, "source.kind"),
        ({"namespace": None}, "source.namespace"),
        ({"namespace": 1}, "source.namespace"),
        ({"labels": {"app": 1}}, "source.labels"),
        ({"labels": ["app"]}, "source.labels"),
        ({"ips": ["10.0.0"]}, "source.ips"),
        ({"ips": [1]}, "source.ips"),
        ({"ips": "10.0.0.1"}, "source.ips"),
        ({"hostNetwork": "no"}, "source.hostNetwork"),
        ({"hostnetwork": False}, "source.hostnetwork"),
        ({"ports": [{"name": "pg", "protocol": "TCP", "containerPort": 0}]}, "source.ports[0].containerPort"),
        ({"ports": [{"name": "pg", "protocol": "ICMP", "containerPort": 1}]}, "source.ports[0].protocol"),
        ({"ports": [{"name": "", "containerPort": 1}]}, "source.ports[0].name"),
        ({"ports": ["pg"]}, "source.ports[0]"),
    ],
)
def test_every_mistake_names_its_key(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InputErrors) as caught:
        from_printed({**PRINTED, **change}, file="report.json", line=3, path="source")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.path) == ("report.json", 3, place)


def test_an_endpoint_must_be_an_object() -> None:
    with pytest.raises(InputErrors, match="must be an object"):
        from_printed("shop/web")
