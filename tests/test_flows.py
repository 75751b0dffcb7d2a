"""``evaluate``: endpoint expressions, ports, flows files, and the answers to flows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.inventory import read_inventory
from netpol_verify.encodings.concrete.reading import Reading, Readings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.verify.flow_endpoints import Place
from netpol_verify.verify.flow_ports import render_ranges
from netpol_verify.verify.flow_replays import replay_counterexample
from netpol_verify.verify.flows import Answer, answer, parse_flows, read_flows

PLACE = Place("flows.jsonl", 3)


def item(api: str, kind: str, name: str, namespace: str | None = "shop", **fields: Any) -> WrittenObject:
    whole = written({"metadata": {"name": name, **fields.pop("metadata", {})}, **fields}, 7)
    return WrittenObject("k8s/all.yaml", 7, api, kind, namespace, name, whole)


def template(app: str, *ports: dict[str, Any]) -> dict[str, Any]:
    return {
        "template": {"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"ports": list(ports)}]}},
    }


PG = {"name": "pg", "containerPort": 5432}
OBJECTS = (
    item("v1", "Namespace", "shop", None, metadata={"labels": {"env": "prod"}}),
    item("apps/v1", "Deployment", "web", spec=template("web")),
    item("apps/v1", "StatefulSet", "db", spec=template("db", PG, {"name": "stats", "containerPort": 80})),
    item("batch/v1", "Job", "twice", spec=template("twice")),
    item("apps/v1", "Deployment", "twice", spec=template("twice")),
    item("v1", "Pod", "one", metadata={"labels": {"app": "one"}}, spec={}, status={"podIP": "10.1.0.1"}),
    item("v1", "Pod", "host", spec={"hostNetwork": True}, status={"podIP": "10.9.0.1"}),
    item("v1", "Pod", "six", spec={}, status={"podIP": "fd00::6"}),
)


def policy(spec: Any, name: str = "p", namespace: str = "shop") -> WrittenObject:
    return item("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


DB_ALLOW = policy(
    {
        "podSelector": {"matchLabels": {"app": "db"}},
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": {"app": "web"}}}],
                "ports": [{"port": 5432}, {"port": 8000, "endPort": 8003}],
            }
        ],
    },
    "db-allow",
)


def full_answer(flow: dict[str, Any], *policies: WrittenObject, pods: bool | None = None) -> Answer:
    manifests = Manifests((*OBJECTS, *(policies or (DB_ALLOW,))), named_namespaces=("shop", "named"))
    cluster, inventory = Cluster.of(manifests), read_inventory(manifests)
    return answer(flow, cluster, inventory, Readings(pods), place=PLACE)


def ask(source: Any, destination: Any, port: Any, *policies: WrittenObject, **more: Any) -> dict[str, Any]:
    return full_answer({"from": source, "to": destination, "port": port, **more}, *policies).value


def verdict(source: Any, destination: Any, port: Any, *policies: WrittenObject) -> Any:
    got = ask(source, destination, port, *policies)
    return got["dependsOn"] if got.get("undetermined") else got["allowed"]


def mistake(source: Any, destination: Any, port: Any = 80, **more: Any) -> str:
    with pytest.raises(InputErrors) as caught:
        ask(source, destination, port, **more)
    return str(caught.value)


def test_the_answer_is_the_flow_with_verdict_and_evidence() -> None:
    flow = {"from": "shop/web", "to": "shop/StatefulSet/db", "port": "TCP/5432", "id": 7}
    got = full_answer(flow)
    assert list(got.value) == ["from", "to", "port", "id", "allowed", "because"]
    assert got.value["allowed"] is True
    assert got.value["because"] == [
        {"direction": "egress", "policy": None, "rule": None, "effect": "not-isolated", "file": None, "line": None},
        {
            "direction": "ingress",
            "policy": "shop/db-allow",
            "rule": 0,
            "effect": "allows",
            "file": "k8s/all.yaml",
            "line": 7,
        },
    ]
    assert got.notices == ()
    json.dumps(got.value)


def test_a_blocked_flow_names_what_isolates() -> None:
    got = ask("shop/one", "shop/db", 5432)
    assert got["allowed"] is False
    assert [reason["effect"] for reason in got["because"]] == ["isolates"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("shop/web", True),
        ("shop/Deployment/web", True),
        ("shop:app=web", True),
        ("shop:app=web,tier=front", True),
        ("shop:", False),
        ("shop:app=db", False),
        ("other:app=web", False),
        ("other[env=prod]:app=web", False),
        ("10.0.0.7", False),
        ("10.1.0.1", False),
    ],
)
def test_endpoint_expressions(source: str, expected: bool) -> None:
    assert verdict(source, "shop/db", "TCP/5432") is expected


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (5432, True),
        ("5432", True),
        ("TCP/5432", True),
        ("UDP/5432", False),
        ("TCP/pg", True),
        ("pg", True),
        ("TCP/stats", False),
        ("TCP/8000-8003", True),
        ("TCP/8004-8010", False),
        ("SCTP/9003", False),
        ("TCP/8000-8010", ["port: allowed on 8000-8003"]),
        ("TCP/5000-8001", ["port: allowed on 5432,8000-8001"]),
    ],
)
def test_ports(port: Any, expected: Any) -> None:
    assert verdict("shop/web", "shop/db", port) == expected


def test_an_address_of_a_declared_pod_is_that_pod() -> None:
    only_one = policy({"ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "one"}}}]}]})
    assert verdict("10.1.0.1", "shop/db", 80, only_one) is True
    assert verdict("10.1.0.2", "shop/db", 80, only_one) is False
    assert verdict("10.9.0.1", "shop/db", 80, only_one) is False


def test_labels_given_for_an_undeclared_namespace_are_exact() -> None:
    by_env = policy({"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"env": "prod"}}}]}]})
    assert verdict("other[env=prod]:app=web", "shop/db", 80, by_env) is True
    assert verdict("other[]:app=web", "shop/db", 80, by_env) is False
    assert verdict("named:app=web", "shop/db", 80, by_env) == ["labels of namespace named"]
    assert verdict("shop:app=web", "shop/db", 80, by_env) is True


def test_a_namespace_nobody_names_gets_a_notice() -> None:
    flow = {"from": "shp:app=web", "to": "shop/db", "port": 80}
    (notice,) = full_answer(flow).notices
    assert (notice.file, notice.line) == ("flows.jsonl", 3)
    assert "'shp'" in notice.message
    assert 'did you mean "shop"?' in notice.message
    assert full_answer({**flow, "from": "named:"}).notices == ()


def test_what_controllers_add_is_unknown_only_where_it_matters() -> None:
    by_hash = policy({"podSelector": {"matchLabels": {"pod-template-hash": "x"}}})
    assert verdict("10.0.0.7", "shop/web", 80, by_hash) == ["label pod-template-hash of shop/web"]
    assert verdict("10.0.0.7", "shop/db", 80, by_hash) is True


def test_families_must_agree_where_addresses_are_unknown() -> None:
    four_only = policy({"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]})
    assert verdict("10.0.0.7", "shop/db", 80, four_only) is True
    assert verdict("2001:db8::1", "shop/db", 80, four_only) is False
    flow = {"from": "shop/web", "to": "shop/db", "port": 80}
    assert full_answer(flow, four_only, pods=True).value["dependsOn"] == ["IP family"]
    assert full_answer({**flow, "family": "IPv4"}, four_only, pods=True).value["allowed"] is True
    assert full_answer(flow, four_only, pods=None).value["dependsOn"] == ["IP family", "ipBlockMatchesPods"]
    assert full_answer(flow, four_only, pods=False).value["allowed"] is False


def test_unknown_container_ports_of_a_described_pod() -> None:
    named = policy({"ingress": [{"ports": [{"port": "http"}]}]})
    assert verdict("shop/web", "shop:app=x", 80, named) == ["container ports of shop:app=x"]


def test_endpoint_objects_are_taken_as_printed() -> None:
    printed = {"kind": "pod", "namespace": "shop", "labels": {"app": "web"}, "ips": ["10.0.0.1"], "ports": []}
    assert verdict(printed, "shop/db", 5432) is True
    by_env = policy({"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"env": "prod"}}}]}]})
    assert verdict(printed, "shop/db", 80, by_env) is True
    assert verdict({**printed, "namespaceLabels": {}}, "shop/db", 80, by_env) is False
    node = {"kind": "node", "ips": ["10.0.0.1"]}
    assert verdict(node, "shop/db", 5432) is False


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("shop/wbe", 'did you mean "shop/web"?'),
        ("shop/Deploymnt/web", 'did you mean "shop/Deployment/web"?'),
        ("shop/twice", "fits several: shop/Deployment/twice, shop/Job/twice"),
        ("web", "'web' is no endpoint"),
        ("shop//web", "is no endpoint"),
        ("10.0.0.0/8", "is a range of addresses"),
        ("shop:app", "'app' is not a label"),
        ("shop:app=a,app=b", "label 'app' is given twice"),
        ("shop:app=a b", "is not a label"),
        ("Shop:app=a", "'Shop' is not the name of a namespace"),
        ("shop[env=dev]:app=a", "namespace 'shop' is declared"),
        (7, "must be an object"),
        ({"kind": "external"}, "needs an address"),
        ({"kind": "pod"}, "from.namespace"),
    ],
)
def test_what_is_no_endpoint_is_explained(source: Any, message: str) -> None:
    text = mistake(source, "shop/db")
    assert message in text
    assert text.startswith("flows.jsonl:3: from")


@pytest.mark.parametrize(
    ("port", "message"),
    [
        ("TCP/http", "it declares TCP/pg, TCP/stats"),
        ("UDP/pg", "shop/db declares no port UDP/pg"),
        ("TPC/80", 'did you mean "TCP"?'),
        ("tcp/80", 'did you mean "TCP"?'),
        (0, "between 1 and 65535"),
        ("65536", "between 1 and 65535"),
        ("TCP/90-80", "the range 90-80 is empty"),
        ("TCP/", "is not a port"),
        ("TCP/080", "'080' has leading zeros"),
        ("TCP/80-090", "write 90"),
        ("TCP/00", "between 1 and 65535"),
        ("TCP/٨٠", "write it in the digits 0 to 9"),
        ("TCP/8²", "write it in the digits 0 to 9"),
        ("TCP/80-", "is not a port"),
        ("TCP/-80", "is not a port"),
        ("TCP/80/81", "is not a port"),
        (True, "must be a port"),
        (None, "must be a port"),
    ],
)
def test_what_is_no_port_is_explained(port: Any, message: str) -> None:
    assert message in mistake("shop/web", "shop/db", port)


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "1-" + "9" * 5000, "x" * 5000])
def test_an_endless_expression_is_not_repeated_whole(number: str) -> None:
    assert len(mistake("shop/web", "shop/db", number)) < 300
    assert len(mistake(f"shop/{number}", "shop/db")) < 500


def test_a_pod_in_the_hosts_network_as_an_end_gets_a_notice() -> None:
    """Nobody who names it would expect that its labels do not count."""
    selects = policy({"ingress": [{"from": [{"podSelector": {}}]}]})
    for end in ("shop/host", {"kind": "pod", "namespace": "shop", "hostNetwork": True, "ips": ["10.9.0.1"]}):
        got = full_answer({"from": end, "to": "shop/db", "port": 80}, selects)
        assert got.value["allowed"] is False
        (notice,) = got.notices
        assert "it counts as its node" in notice.message


def test_named_ports_of_ends_that_have_none() -> None:
    assert "it has no port named 'http'" in mistake("shop/web", "10.0.0.7", "TCP/http")
    assert "it declares no named port" in mistake("shop/db", "shop/web", "TCP/http")
    assert "are unknown" in mistake("shop/db", "shop:app=x", "TCP/http")


def test_connections_outside_the_model_are_refused() -> None:
    assert "at least one end must be a pod" in mistake("10.0.0.7", "10.0.0.8")
    assert "shop/Pod/one to itself" in mistake("shop/one", "10.1.0.1")
    assert "no IP family in common" in mistake("10.0.0.7", "shop/six")
    assert "do not both have IPv6" in mistake("10.0.0.7", "shop/web", family="IPv6")
    assert "is not an IP family" in mistake("10.0.0.7", "shop/web", family="6")
    assert verdict("shop/web", "shop/web", 80) is True


def test_a_flow_needs_its_keys_and_no_others() -> None:
    with pytest.raises(InputErrors) as caught:
        full_answer({"form": "shop/web", "to": "shop/nobody"})
    text = str(caught.value)
    assert 'did you mean "from"?' in text
    assert "a flow needs 'from'" in text
    assert "'shop/nobody' is not declared" in text
    with pytest.raises(InputErrors, match="a flow needs 'port'"):
        full_answer({"from": "shop/web", "to": "shop/db"})


def test_flows_files_have_one_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "flows.jsonl"
    path.write_text('{"from": "a/b"}\n\n{"to": "é"}\n', encoding="utf-8")
    assert read_flows(path) == [(1, {"from": "a/b"}), (3, {"to": "é"})]


def test_every_bad_line_of_a_flows_file_is_named() -> None:
    with pytest.raises(InputErrors) as caught:
        parse_flows(["{", "[]", '{"from": 1, "from": 2}', '{"from": 1}'], "flows.jsonl")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]
    assert "the key 'from' is given twice" in str(caught.value)


def test_a_flows_file_that_says_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match="holds no flow"):
        parse_flows(["", " "], "flows.jsonl")
    with pytest.raises(InputErrors, match="cannot be read"):
        read_flows(tmp_path / "missing.jsonl")


def test_ranges_are_merged() -> None:
    assert render_ranges([(5, 5), (1, 2), (3, 3), (7, 9)]) == "1-3,5,7-9"


COUNTEREXAMPLE: dict[str, Any] = {
    "source": {
        "kind": "pod",
        "namespace": "shop",
        "labels": {"app": "web"},
        "namespaceLabels": {},
        "ips": ["10.0.0.1"],
    },
    "destination": {
        "kind": "pod",
        "namespace": "shop",
        "labels": {"app": "db"},
        "namespaceLabels": {},
        "ips": ["10.0.0.2"],
    },
    "protocol": "TCP",
    "port": 5432,
    "family": "IPv4",
    "allowed": True,
    "reading": {"ipBlockMatchesPods": True, "order": []},
}


def report(**changes: Any) -> dict[str, Any]:
    results = [
        {"id": "web-to-db", "verdict": "refuted", "counterexample": {**COUNTEREXAMPLE, **changes}},
        {"id": "fine", "verdict": "proved", "counterexample": None},
    ]
    return {"report": "netpol-verify/v1", "results": results}


def test_a_counterexample_is_asked_again() -> None:
    replay = replay_counterexample(report(subject="source", direction="egress"), "web-to-db")
    assert (replay.port, replay.family, replay.reading) == (5432, "IPv4", Reading(True))
    assert (replay.subject, replay.direction, replay.allowed) == ("source", "egress", True)
    assert replay.ask(Cluster.of(Manifests((DB_ALLOW,)))).allowed is True
    assert replay.ask(Cluster.of(Manifests((policy({}),)))).allowed is False


@pytest.mark.parametrize(
    ("identity", "changes", "message"),
    [
        ("web-to-bd", {}, 'did you mean "web-to-db"?'),
        ("fine", {}, "has no counterexample (it is proved)"),
        ("web-to-db", {"reading": {}}, "needs ipBlockMatchesPods"),
        ("web-to-db", {"port": "pg"}, "between 1 and 65535"),
        ("web-to-db", {"protocol": "ICMP"}, "must be one of TCP, UDP, SCTP"),
        ("web-to-db", {"family": None}, "must be IPv4 or IPv6"),
        ("web-to-db", {"allowed": None}, "must be true or false"),
        ("web-to-db", {"source": None}, "must be an object"),
    ],
)
def test_a_report_without_that_counterexample_is_an_error(identity: str, changes: Any, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        replay_counterexample(report(**changes), identity, file="out.json")
    assert message in str(caught.value)
    assert str(caught.value).startswith("out.json")


def test_what_is_no_report_is_an_error() -> None:
    with pytest.raises(InputErrors, match="is not a report of this tool"):
        replay_counterexample({"results": []}, "x")
