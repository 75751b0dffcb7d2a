"""Adapters of real evaluators: what the tools read, and what is made of what they were seen to print."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from adapters_support import DB, FLOWS, SHOP, SITE, TWICE, WEB, namespace, policy
from evaluators_support import refused
from netpol_verify.verify.fuzz.adapters import (
    ADAPTERS,
    cyclonus,
    netpol_analyzer,
    network_config_analyzer,
    policy_assistant,
)
from netpol_verify.verify.fuzz.adapters.traffic import TWO_NAMES, policies_of, traffic_of
from netpol_verify.verify.fuzz.model import Answer, Cluster, Flow, Raw, Trouble

NCA = """\
2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff => a/p0 : {protocols:TCP,dst_ports:80-90}
2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff => a/p0 : {protocols:UDP,dst_ports:53}
203.0.113.0-203.0.113.8 => a/p0 : {protocols:TCP,dst_ports:80-90}
203.0.113.9 => b/p1 : All connections
a/p0 => 1.2.3.4 : {protocols:TCP,dst_ports:443}
a/p0 => b/p1 : {protocols:TCP,dst_ports:1-79,81-65535}
a/p0 => b/p1 : {protocols:UDP, SCTP}
b/p1 => a/p0 : {dst_ports:8000},{protocols:TCP}
b/p1 => 10.0.0.0/8 : All but {protocols:TCP,dst_ports:25}
b/p2 => a/p0 : {protocols:all but UDP, SCTP,dst_ports:1-9}
b/p2 => b/p1 : No connections
"""
NETPOL = """[
  {"src": "203.0.113.0-203.0.113.8[External]", "dst": "a/p0[Pod]", "conn": "TCP 80-90,UDP 53"},
  {"src": "b/p1[Pod]", "dst": "0.0.0.0-1.2.3.3[External]", "conn": "All Connections"},
  {"src": "a/p0[Pod]", "dst": "b/p1[Pod]", "conn": "SCTP 1-65535,TCP 1-79,81-65535"},
  {"src": "a/p1", "dst": "1.2.3.4", "conn": "No Connections"}
]"""
CYCLONUS = """query traffic:
Traffic:
+---------------+-------------+-------------+-----------+-----------+------------+
| PORT/PROTOCOL | SOURCE/DEST |   POD IP    | NAMESPACE | NS LABELS | POD LABELS |
+---------------+-------------+-------------+-----------+-----------+------------+
| 80 () on TCP  | source      | 203.0.113.9 |           |           |            |
+               +-------------+-------------+-----------+-----------+------------+
|               | destination | 10.0.0.2    | a         |           | app: x     |
+---------------+-------------+-------------+-----------+-----------+------------+

Is traffic allowed?
+-------------+--------+--------------+
|    TYPE     | ACTION |    TARGET    |
+-------------+--------+--------------+
| Ingress     | Deny   | namespace: a |
|             |        | all pods     |
+-------------+--------+--------------+
| IS ALLOWED? | FALSE  |              |
+-------------+--------+--------------+



Is traffic allowed?
+-------------+--------+--------+
|    TYPE     | ACTION | TARGET |
+-------------+--------+--------+
| IS ALLOWED? |  TRUE  |        |
+-------------+--------+--------+
"""
ASSISTANT = """verdict walkthrough:
+-----------------------------------+---------+-------------------------------+------------------------------+
|              TRAFFIC              | VERDICT |      INGRESS WALKTHROUGH      |      EGRESS WALKTHROUGH      |
+-----------------------------------+---------+-------------------------------+------------------------------+
| b/[] -> a/[app=x]:80 (TCP)        | Allowed | [NPv1] Allow (a/q)            | no policies targeting egress |
+-----------------------------------+         +                               +                              +
| 203.0.113.9 -> a/[app=x]:80 (TCP) |         |                               |                              |
+                                   +         +                               +                              +
|                                   |         |                               |                              |
+-----------------------------------+---------+-------------------------------+------------------------------+
| a/[app=x] -> 203.0.113.9:80 (TCP) | Denied  | no policies targeting ingress | [NPv1] Dropped (a/q)         |
+-----------------------------------+---------+-------------------------------+------------------------------+

"""


def flow(source: str, destination: str, port: str) -> Flow:
    protocol, _, number = port.partition("/")
    return Flow(source, destination, protocol, int(number))


# What they print


@pytest.mark.parametrize(
    ("source", "destination", "port", "allowed"),
    [
        ("2001:db8::9", "a/p0", "TCP/80", True),
        ("2001:db8::9", "a/p0", "UDP/80", False),
        ("2001:db9::9", "a/p0", "TCP/80", False),
        ("203.0.113.8", "a/p0", "TCP/90", True),
        ("203.0.113.8", "a/p0", "TCP/91", False),
        ("203.0.113.9", "a/p0", "TCP/80", False),
        ("203.0.113.9", "b/p1", "SCTP/1", True),
        ("a/p0", "1.2.3.4", "TCP/443", True),
        ("a/p0", "1.2.3.5", "TCP/443", False),
        ("a/p0", "b/p1", "TCP/80", False),
        ("a/p0", "b/p1", "TCP/81", True),
        ("a/p0", "b/p1", "UDP/80", True),
        ("b/p1", "a/p0", "SCTP/8000", True),
        ("b/p1", "a/p0", "SCTP/8001", False),
        ("b/p1", "a/p0", "TCP/8001", True),
        ("b/p1", "10.1.2.3", "TCP/25", False),
        ("b/p1", "10.1.2.3", "UDP/25", True),
        ("b/p1", "11.1.2.3", "UDP/25", False),
        ("b/p2", "a/p0", "TCP/9", True),
        ("b/p2", "a/p0", "UDP/9", False),
        ("b/p2", "b/p1", "TCP/9", False),
        ("b/p1", "b/p2", "TCP/9", False),
    ],
)
def test_a_line_of_nca_allows_its_cubes_and_what_has_no_line_is_not_allowed(
    source: str, destination: str, port: str, allowed: bool
) -> None:
    assert network_config_analyzer.read_table(NCA).allows(flow(source, destination, port)) is allowed


@pytest.mark.parametrize(
    "line",
    [
        "a/p0 => b/p1",
        "a/p0 => b/p1 : ",
        "a/p0 => b/p1 : some named ports",
        "a/p0 => b/p1 : {protocols:TCP,methods:GET}",
        "a/p0 => b/p1 : {protocols:TCP,dst_ports:web}",
        "a/p0 => b/p1 : {protocols:TCP} and more",
        "a/p0 => b/p1 : {}",
        "a/p0 => b/p1 : {src_ports:1,protocols:TCP}",
        "a/p0 => b/p1 : {some,protocols:TCP}",
        "a/p0 => everywhere : All connections",
        "a/p0 => 1.2.3.4-::1 : All connections",
        "a/p0 => a/b/c : All connections",
    ],
)
def test_a_line_of_nca_that_is_not_understood_is_no_connection_left_out(line: str) -> None:
    with pytest.raises(Trouble, match="garbled"):
        network_config_analyzer.read_table(f"{NCA}{line}\n")


@pytest.mark.parametrize(
    ("source", "destination", "port", "allowed"),
    [
        ("203.0.113.8", "a/p0", "TCP/90", True),
        ("203.0.113.8", "a/p0", "UDP/90", False),
        ("203.0.113.8", "a/p0", "UDP/53", True),
        ("203.0.113.9", "a/p0", "TCP/90", False),
        ("b/p1", "0.1.2.3", "SCTP/9", True),
        ("a/p0", "b/p1", "TCP/80", False),
        ("a/p0", "b/p1", "TCP/81", True),
        ("a/p0", "b/p1", "SCTP/1", True),
        ("a/p0", "b/p1", "UDP/1", False),
        ("a/p1", "1.2.3.4", "TCP/80", False),
    ],
)
def test_an_entry_of_netpol_analyzer_allows_its_ports(source: str, destination: str, port: str, allowed: bool) -> None:
    assert netpol_analyzer.read_table(NETPOL).allows(flow(source, destination, port)) is allowed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '[{"src": "a/b[Pod]", "dst": "a/c[Pod]"}]',
        '[{"src": "a/b[Pod]", "dst": "{ingress-controller}", "conn": "TCP 1"}]',
        '[{"src": "a/b[Pod]", "dst": "a/c[Pod]", "conn": "TCP"}]',
        '[{"src": "a/b[Pod]", "dst": "a/c[Pod]", "conn": "80"}]',
        '[{"src": "a/b[Pod]", "dst": "a/c[Pod]", "conn": "ICMP 80"}]',
        '[{"src": "a/b[Pod]", "dst": "a/c[Pod]", "conn": "TCP ALL PORTS"}]',
    ],
)
def test_what_is_no_table_of_netpol_analyzer_is_garbled(text: str) -> None:
    with pytest.raises(Trouble, match="garbled"):
        netpol_analyzer.read_table(text)


def test_verdicts_of_cyclonus_are_read_in_order() -> None:
    assert list(cyclonus.read_verdicts(CYCLONUS, 2)) == [False, True]


def test_verdicts_of_policy_assistant_that_are_left_empty_repeat_the_one_above() -> None:
    assert list(policy_assistant.read_verdicts(ASSISTANT, 4)) == [True, True, True, False]


@pytest.mark.parametrize(("count", "kind"), [(1, "garbled"), (5, "silent")])
@pytest.mark.parametrize(
    ("read", "text"), [(cyclonus.read_verdicts, CYCLONUS), (policy_assistant.read_verdicts, ASSISTANT)]
)
def test_too_few_verdicts_or_too_many_answer_nothing(read: Any, text: str, count: int, kind: str) -> None:
    with pytest.raises(Trouble, match=kind):
        read(text, count)


@pytest.mark.parametrize("cell", ["Perhaps", "       "])
def test_a_verdict_of_policy_assistant_that_is_none_is_garbled(cell: str) -> None:
    with pytest.raises(Trouble, match="garbled"):
        policy_assistant.read_verdicts(ASSISTANT.replace("Allowed", cell), 4)


# What they read


TYPES: list[tuple[Raw | None, list[str]]] = [
    (None, ["Ingress"]),
    ({}, ["Ingress"]),
    ({"egress": []}, ["Ingress"]),
    ({"egress": None, "policyTypes": None}, ["Ingress"]),
    ({"egress": [None]}, ["Ingress", "Egress"]),
    ({"egress": [{}], "policyTypes": []}, ["Ingress", "Egress"]),
    ({"egress": [{}], "policyTypes": ["Ingress"]}, ["Ingress"]),
    ({"policyTypes": ["Egress", "Egress"]}, ["Egress", "Egress"]),
]


@pytest.mark.parametrize(("spec", "types"), TYPES)
def test_policies_get_the_types_that_the_api_server_gives_them(spec: Raw | None, types: list[str]) -> None:
    written = policy("one", spec=spec)
    [prepared] = policies_of(Cluster.of([written])).objects
    assert prepared["spec"] == {**(spec or {}), "policyTypes": types}
    assert written == policy("one", spec=spec)


def test_nothing_else_of_a_policy_is_changed() -> None:
    spec: Raw = {"ingress": [None, {"ports": [{}, None, {"port": "web"}], "from": None}], "policyTypes": ["Ingress"]}
    assert policies_of(Cluster.of([policy("one", None, spec)])).objects == (policy("one", None, spec),)


def test_files_of_policies_stay_as_they_are_and_others_are_taken_apart() -> None:
    names = ["one", "two", "three", "four"]
    objects = (*(policy(name, spec={}) for name in names), WEB, namespace("shop"))
    prepared = policies_of(Cluster(objects, ((4,), (0, 1), (5, 2, 3))))
    assert [[prepared.objects[at]["metadata"]["name"] for at in file] for file in prepared.layout] == [
        ["one", "two"],
        ["three"],
        ["four"],
    ]


def test_a_list_of_policies_is_one_of_policies_with_types_and_another_is_taken_apart() -> None:
    items: list[Raw] = [{"metadata": {"name": "one", "namespace": "shop"}}, policy("two", spec={"egress": [{}]})]
    of_policies: Raw = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": items}
    of_all: Raw = {"apiVersion": "v1", "kind": "List", "items": [WEB, policy("three"), policy("four")]}
    prepared = policies_of(Cluster.of([of_policies, of_all]))
    types = [each["spec"]["policyTypes"] for each in prepared.objects[0]["items"]]
    assert types == [["Ingress"], ["Ingress", "Egress"]]
    assert [each["metadata"]["name"] for each in prepared.objects[1:]] == ["three", "four"]
    assert prepared.layout == ((0,), (1,), (2,))


def test_an_end_is_told_with_its_labels_and_the_address_of_the_flows_family() -> None:
    double = {**WEB, "status": {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}}
    asked = Flow("shop/web", "2001:db8::9", "SCTP", 7, "IPv6")
    [query] = traffic_of(Cluster.of([namespace("shop", team="a"), double]), [asked]).queries
    assert query == {
        "Source": {
            "IP": "fd00::1",
            "Internal": {
                "Namespace": "shop",
                "NamespaceLabels": {"team": "a", "kubernetes.io/metadata.name": "shop"},
                "PodLabels": {"app": "web"},
            },
        },
        "Destination": {"IP": "2001:db8::9"},
        "Protocol": "SCTP",
        "ResolvedPort": 7,
        "ResolvedPortName": "",
    }


def test_a_namespace_that_no_manifest_declares_has_its_name_for_a_label() -> None:
    [query] = traffic_of(Cluster.of([SITE]), [Flow("203.0.113.9", "blog/site", "TCP", 80)]).queries
    assert query["Destination"]["Internal"]["NamespaceLabels"] == {"kubernetes.io/metadata.name": "blog"}


@pytest.mark.parametrize(
    ("destination", "port", "names"),
    [
        ("shop/twice", "TCP/5432", ["one", "other"]),
        ("shop/twice", "UDP/5432", ["one"]),
        ("shop/twice", "SCTP/5432", [""]),
        ("shop/db", "UDP/53", ["dns"]),
        ("shop/db", "TCP/53", [""]),
        ("shop/db", "TCP/80", [""]),
        ("shop/web", "TCP/5432", [""]),
        ("10.0.0.2", "TCP/5432", [""]),
    ],
)
def test_a_port_has_the_names_that_the_destination_gives_it_for_the_protocol(
    destination: str, port: str, names: list[str]
) -> None:
    found = traffic_of(Cluster.of([WEB, DB, TWICE]), [flow("shop/web", destination, port)])
    assert [query["ResolvedPortName"] for query in found.queries] == names


@pytest.mark.parametrize(
    ("verdicts", "answer"),
    [
        ([True, False], Answer(True)),
        ([False, True], Answer(True)),
        ([True, True], Answer(True)),
        ([False, False], Answer(None, TWO_NAMES)),
    ],
)
def test_a_port_with_two_names_is_allowed_by_either_and_never_said_to_be_blocked(
    verdicts: list[bool], answer: Answer
) -> None:
    asked = [flow("shop/web", "shop/twice", "TCP/5432"), flow("shop/web", "shop/twice", "TCP/80")]
    assert traffic_of(Cluster.of([WEB, TWICE]), asked).answers([*verdicts, False]) == (answer, Answer(False))


def test_what_is_prepared_for_a_tool_can_be_kept_with_a_command_for_it(tmp_path: Path) -> None:
    """So that its maintainers can be shown a finding without this project."""
    tool = cyclonus.Cyclonus(str(_any_program(tmp_path)), 1.0)
    arguments = tool.prepared(SHOP, FLOWS, tmp_path)
    named = {option: Path(value) for option, value in pairwise(arguments) if option.endswith("-path")}
    asked = json.loads(named["--traffic-path"].read_text(encoding="utf-8"))
    assert [each["ResolvedPort"] for each in asked] == [each.port for each in FLOWS]
    [kept] = named["--policy-path"].iterdir()
    assert "policyTypes" in kept.read_text(encoding="utf-8")
    other = netpol_analyzer.NetpolAnalyzer(str(_any_program(tmp_path)), 60.0)
    assert str(tmp_path / "manifests") in other.prepared(SHOP, FLOWS, tmp_path)
    assert len(list((tmp_path / "manifests").iterdir())) == len(SHOP.objects)


def _any_program(folder: Path) -> Path:
    path = folder / "any"
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


# Their names


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_a_tool_that_is_not_there_is_a_mistake_that_says_how_to_get_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message, hint = refused(name)
    assert "there is no program" in message
    assert f"{name}=" in hint
    message, _ = refused(f"{name}={tmp_path / 'nowhere'}")
    assert "there is no program" in message
