"""What is no Service, or none that means anything to a property, is refused: where it stands, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from netpol_verify.encodings.problems import InputErrors
from services_support import API, WEB, refusal, service
from support import suite_of


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([service("wev")], 'never.to: no manifest declares the Service "shop/web" | did you mean "shop/wev"?'),
        ([service(selector=None)], "has no selector, so nothing says which pods are behind it"),
        ([service(selector={})], "has no selector"),
        ([service(type="ExternalName", externalName="a.example.com")], "is of type ExternalName"),
        ([service(clusterIP="None", ports=None)], "has no ports, so no connection goes through it"),
        ([service(), service(selector={"app": "api"})], 'the Service "shop/web" is declared differently at '),
        ([service(ports=[{"port": "80"}])], 'spec.ports[0].port: Invalid value: "80": expected integer, got string'),
        ([service(ports=[{"port": 0}])], "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535"),
        ([service(ports=[{}])], "spec.ports[0].port: Required value"),
        ([service(ports=[{"port": 80, "targetPort": "8080"}])], "write the number without quotes: 8080"),
        ([service(ports=[{"port": 80, "targetPort": 1.5}])], "expected integer or string, got number"),
        ([service(ports=[{"port": 80, "targetPort": 70000}])], "spec.ports[0].targetPort: Invalid value: 70000"),
        ([service(ports=[{"port": 80, "protocol": "tcp"}])], "protocols are upper case: TCP"),
        ([service(ports=[{"port": 80}, {"port": 81}])], "spec.ports[0].name: Required value"),
        ([service(ports=[{"port": 80, "name": "a"}, {"port": 80, "name": "b"}])], "Duplicate value: 80"),
        ([service(ports=[{"port": 80, "name": "a"}, {"port": 81, "name": "a"}])], 'Duplicate value: "a"'),
        ([service(ports=[{"port": 80, "name": "A"}])], "spec.ports[0].name: Invalid value"),
        ([service(ports={"port": 80})], "spec.ports: Invalid value: expected list, got map"),
        ([service(ports=[])], "spec.ports: Required value"),
        ([service(ports=[80])], "spec.ports[0]: Invalid value: 80: expected map, got integer"),
        (
            [service(selector={"app": 1})],
            'spec.selector.app: Invalid value: 1: expected string, got integer | quote it: "1"',
        ),
        ([service(selector=["app"])], "spec.selector: Invalid value"),
    ],
)
def test_a_service_that_means_no_pods_or_is_no_service_is_refused(services: Sequence[str], said: str) -> None:
    found = refusal({"never": {"from": API, "to": WEB}}, *services)
    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    ("ports", "hint"),
    [
        ([443], "it has TCP/80 (http), UDP/53"),
        (["UDP/80"], "it has TCP/80 (http), UDP/53"),
        ([8080], "that is the targetPort of its port TCP/80 (http): write the Service's own"),
        (["UDP/dns"], "that is the targetPort of its port UDP/53: write the Service's own"),
        (["TCP/1000-2000"], "it has TCP/80 (http), UDP/53"),
    ],
)
def test_a_port_that_the_service_does_not_have_is_refused(ports: list[str | int], hint: str) -> None:
    of_two = [
        {"name": "http", "port": 80, "targetPort": 8080},
        {"name": "", "port": 53, "targetPort": "dns", "protocol": "UDP"},
    ]
    of_two[1]["name"] = "udp"
    hint = hint.replace("UDP/53", "UDP/53 (udp)")
    (found,) = refusal({"never": {"from": API, "to": WEB, "ports": ports}}, service(ports=of_two))
    assert found.startswith('never.to: the Service "shop/web" (')
    assert found.endswith(f" has no port {ports[0]} | {hint}")


ELSEWHERE: list[tuple[dict[str, Any], str]] = [
    ({"never": {"from": WEB, "to": {}}}, "never.from"),
    ({"never": {"from": "named", "to": {}}}, "never.from"),
    ({"never": {"from": [{}, WEB], "to": {}}}, "never.from[1]"),
    ({"only": {"to": {}, "from": [{"who": WEB}]}}, "only.from[0].who"),
    ({"only": {"from": WEB, "to": [{"who": {}}]}}, "only.from"),
    ({"isolate": {"groups": [WEB, {}]}}, "isolate.groups[0]"),
    ({"isolate": {"by": {"namespaceLabel": "k"}, "except": [{"from": WEB}]}}, "isolate.except[0].from"),
    ({"defaultDeny": {"for": WEB}}, "defaultDeny.for"),
    ({"dns": {"for": {}, "servers": WEB}}, "dns.servers"),
]
"""Where connections start, or pods are meant: each with the path of the mistake."""


@pytest.mark.parametrize(("verb", "where"), ELSEWHERE)
def test_a_service_stands_only_where_connections_arrive(verb: Mapping[str, Any], where: str) -> None:
    with pytest.raises(InputErrors) as caught:
        suite_of([{"id": "it", **verb}], groups={"named": WEB})
    (problem,) = caught.value.problems
    assert (problem.path, problem.message) == (
        f"properties[0].{where}",
        "a Service can stand only where connections arrive",
    )
    assert problem.hint == "name the pods behind it: namespace and pods, or workload"


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ({"service": "web"}, '"web" names no Service'),
        ({"service": "a/b/c"}, '"a/b/c" names no Service'),
        ({"service": "Shop/web"}, "is no namespace name"),
        ({"service": "shop/Web"}, "is no Service name"),
        ({"service": "shop/web", "pods": "a=b"}, "mixes pods (pods) with a Service (service)"),
    ],
)
def test_a_malformed_reference_is_refused(group: Mapping[str, Any], said: str) -> None:
    with pytest.raises(InputErrors) as caught:
        suite_of([{"id": "it", "never": {"from": {}, "to": group}}])
    assert said in str(caught.value)
