"""Ports of cluster-wide policies: every mistake in them is a problem with path, text and hint."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.problems import Notice, Problem
from netpol_verify.encodings.validation.admin_fields import UNDECIDED
from netpol_verify.encodings.validation.adminpolicy import check_admin_policy
from netpol_verify.encodings.validation.fields import Field, Findings
from netpol_verify.encodings.written import WrittenObject, written

ANP, BANP, CNP = "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"
OLD = (ANP, BANP)
FEW, TWO = "Invalid value: 0: should have at least 1 properties", "Too many: 2: must have at most 1 item"
LEAST, MOST = "should be greater than or equal to 1", "should be less than or equal to 65535"
ORDER = "Start port must be less than End port"


def check(kind: str, **rule: Any) -> tuple[list[Problem], list[Notice]]:
    """What is found in a policy with one rule: egress if it has ``to``, else ingress from everywhere."""
    whole: dict[str, Any] = {"subject": {"namespaces": {}}}
    if kind != BANP:
        whole["priority"] = 10
    if kind == CNP:
        whole["tier"] = "Baseline"
    peers: dict[str, Any] = {} if "to" in rule else {"from": [{"namespaces": {}}]}
    whole["egress" if "to" in rule else "ingress"] = [{"action": "Deny", **peers, **rule}]
    version = f"policy.networking.k8s.io/{'v1alpha2' if kind == CNP else 'v1alpha1'}"
    fields = {"apiVersion": version, "kind": kind, "metadata": {"name": "default"}, "spec": whole}
    findings = Findings()
    subject = WrittenObject("p.yaml", 1, version, kind, None, "default", written(fields, 1))
    check_admin_policy(Field.root(subject, findings))
    return findings.problems, findings.notices


def old(entry: Any, kind: str = ANP) -> tuple[list[Problem], list[Notice]]:
    return check(kind, ports=[entry])


def new(entry: Any) -> tuple[list[Problem], list[Notice]]:
    return check(CNP, protocols=[entry])


def destination(port: Any) -> dict[str, Any]:
    return {"tcp": {"destinationPort": port}}


def assert_one(problems: list[Problem], path: str, text: str, hint: str) -> None:
    assert [problem.path for problem in problems] == [path]
    assert problems[0].message.startswith(text)
    assert hint in problems[0].hint
    assert bool(hint) == bool(problems[0].hint)


@pytest.mark.parametrize("kind", OLD)
@pytest.mark.parametrize(
    "ports",
    [
        [{"portNumber": {"port": 1}}, {"portNumber": {"port": 65535, "protocol": "SCTP"}}],
        [{"portNumber": {"port": 80, "protocol": None}}],
        [{"portRange": {"start": 1, "end": 65535}}, {"portRange": {"start": 9, "end": 10, "protocol": "UDP"}}],
        [{"portRange": {"start": 80, "end": 80}}],
        [{"namedPort": "http"}, {"namedPort": "8080-tcp", "portNumber": None}],
        [{"portNumber": {"port": 80}}] * 100,
    ],
)
def test_ports_of_v1alpha1_are_legal(kind: str, ports: Any) -> None:
    assert check(kind, ports=ports) == ([], [])


@pytest.mark.parametrize(
    "protocols",
    [
        [{"tcp": {"destinationPort": {"number": 1}}}, {"udp": {"destinationPort": {"number": 65535}}}],
        [{"sctp": {"destinationPort": {"range": {"start": 1, "end": 65535}}}, "tcp": None}],
        [{"tcp": {"destinationPort": {"range": {"start": 1, "end": 2}, "number": None}}}],
        [{"destinationNamedPort": "http"}],
        [{"destinationNamedPort": "http"}] * 25,
    ],
)
def test_protocols_of_v1alpha2_are_legal(protocols: Any) -> None:
    assert check(CNP, protocols=protocols) == ([], [])


@pytest.mark.parametrize(("kind", "name", "most"), [(ANP, "ports", 100), (BANP, "ports", 100), (CNP, "protocols", 25)])
def test_the_list_of_ports_is_bounded_and_not_empty(kind: str, name: str, most: int) -> None:
    named = {"destinationNamedPort": "a"} if kind == CNP else {"namedPort": "a"}
    many = f"Too many: {most + 1}: must have at most {most} items"
    assert_one(check(kind, **{name: [named] * (most + 1)})[0], f"spec.ingress[0].{name}", many, "split the rule")
    empty = "Invalid value: 0: should have at least 1 items"
    assert_one(check(kind, **{name: []})[0], f"spec.ingress[0].{name}", empty, "out to mean every port")
    assert_one(check(kind, **{name: [None]})[0], f"spec.ingress[0].{name}[0]", "Invalid value: null", "remove")


@pytest.mark.parametrize(("kind", "name"), [(ANP, "ports"), (BANP, "ports"), (CNP, "protocols")])
def test_a_null_list_of_ports_is_none_as_the_api_server_reads_it_and_said(kind: str, name: str) -> None:
    problems, notices = check(kind, **{name: None})
    assert problems == []
    assert notices[0].message == (
        f"spec.ingress[0].{name}: null is dropped by the API server, as if the field were not written: "
        "the rule matches every port of every protocol"
    )


NUMBER, RANGE, NAMED = ".portNumber", ".portRange", ".namedPort"
OLD_ROWS: list[tuple[Any, str, str, str]] = [
    ({}, "", FEW, "leave `ports` out"),
    ({"portNumber": None}, "", FEW, "`portNumber:` with nothing after it"),
    ({"portNumber": {"port": 80}, "namedPort": "http"}, "", TWO, "one entry for each"),
    ("http", "", 'Invalid value: "http": expected map', "portNumber: {protocol: TCP, port: 80}"),
    (80, "", "Invalid value: 80: expected map", "portNumber: {protocol: TCP, port: 80}"),
    ({"port": 80}, ".port", "unknown field", "portNumber: {protocol: TCP, port: 80}"),
    ({"tcp": {}}, ".tcp", "unknown field", "portNumber: {protocol: TCP, port: 80}"),
    ({"portnumber": {}}, ".portnumber", "unknown field", "case sensitive: portNumber"),
    ({"destinationNamedPort": "a"}, ".destinationNamedPort", "unknown field", "namedPort: NAME"),
    ({"portNumber": 80}, NUMBER, "Invalid value: 80: expected map", "portNumber: {protocol: TCP, port: 80}"),
    ({"portNumber": {}}, f"{NUMBER}.port", "Required value", "start: 1, end: 65535"),
    ({"portNumber": {"port": None}}, f"{NUMBER}.port", "Required value", "start: 1, end: 65535"),
    ({"portNumber": {"port": 0}}, f"{NUMBER}.port", f"Invalid value: 0: {LEAST}", "range 1-65535"),
    ({"portNumber": {"port": 65536}}, f"{NUMBER}.port", f"Invalid value: 65536: {MOST}", ""),
    ({"portNumber": {"port": "80"}}, f"{NUMBER}.port", 'Invalid value: "80": expected int', "without quotes: 80"),
    ({"portNumber": {"port": 80, "endPort": 90}}, f"{NUMBER}.endPort", "unknown field", "portRange: {"),
    ({"portNumber": {"port": 80, "number": 80}}, f"{NUMBER}.number", "unknown field", "did you mean port?"),
    ({"portNumber": {"port": 80, "protocol": 6}}, f"{NUMBER}.protocol", "Invalid value: 6: expected string", '"6"'),
    ({"portRange": "80-90"}, RANGE, 'Invalid value: "80-90": expected map', "start: 8000, end: 8010"),
    ({"portRange": {"start": 80}}, f"{RANGE}.end", "Required value", "last port as end"),
    ({"portRange": {"end": 80}}, f"{RANGE}.start", "Required value", "first port as start"),
    ({"portRange": {"start": 0, "end": 80}}, f"{RANGE}.start", f"Invalid value: 0: {LEAST}", "first port is 1"),
    ({"portRange": {"start": 1, "end": 65536}}, f"{RANGE}.end", f"Invalid value: 65536: {MOST}", "65535"),
    ({"portRange": {"start": 1, "end": 2, "port": 1}}, f"{RANGE}.port", "unknown field", "as start"),
    ({"namedPort": 80}, NAMED, "Invalid value: 80: expected string", "portNumber: {port: 80}"),
    ({"namedPort": {"name": "a"}}, NAMED, "Invalid value: expected string, got map", ""),
]


@pytest.mark.parametrize("kind", OLD)
@pytest.mark.parametrize(("entry", "suffix", "text", "hint"), OLD_ROWS)
def test_mistakes_in_ports_of_v1alpha1(kind: str, entry: Any, suffix: str, text: str, hint: str) -> None:
    problems, _ = old(entry, kind)
    assert_one(problems, f"spec.ingress[0].ports[0]{suffix}", text, hint)
    assert UNDECIDED not in problems[0].message


PORT = ".tcp.destinationPort"
NEW_ROWS: list[tuple[Any, str, str, str]] = [
    ({}, "", FEW, "leave `protocols` out"),
    ({"tcp": None}, "", FEW, "`tcp:` with nothing after it"),
    ({**destination({"number": 1}), "destinationNamedPort": "a"}, "", TWO, "one entry for each"),
    ("TCP", "", 'Invalid value: "TCP": expected map', "tcp: {destinationPort: {number: 80}}"),
    ({"TCP": {}}, ".TCP", "unknown field", "lower case here: tcp"),
    ({"icmp": {}}, ".icmp", "unknown field", "matches everything"),
    ({"portNumber": {}}, ".portNumber", "unknown field", "tcp: {destinationPort: {number: 80}}"),
    ({"portRange": {}}, ".portRange", "unknown field", "range: {start: 8000, end: 8010}"),
    ({"namedPort": "a"}, ".namedPort", "unknown field", "destinationNamedPort: NAME"),
    ({"tcp": {}}, ".tcp", FEW, "range 1-65535"),
    ({"udp": {}}, ".udp", FEW, "udp: {destinationPort: {range: {start: 1, end: 65535}}}"),
    ({"sctp": {"destinationPort": None}}, ".sctp", FEW, "range 1-65535"),
    ({"tcp": 80}, ".tcp", "Invalid value: 80: expected map", "tcp: {destinationPort: {number: 80}}"),
    ({"tcp": 443}, ".tcp", "Invalid value: 443: expected map", "tcp: {destinationPort: {number: 443}}"),
    ({"tcp": True}, ".tcp", "Invalid value: true: expected map", "tcp: {destinationPort: {number: 80}}"),
    ({"tcp": "443"}, ".tcp", 'Invalid value: "443": expected map', "tcp: {destinationPort: {number: 80}}"),
    ({"udp": {"port": 53}}, ".udp.port", "unknown field", "udp: {destinationPort: {number: 80}}"),
    (destination({}), PORT, FEW, "range 1-65535"),
    (destination({"number": 1, "range": {"start": 1, "end": 2}}), PORT, TWO, "one entry for each"),
    (destination(80), PORT, "Invalid value: 80: expected map", "destinationPort: {number: 80}"),
    (destination({"port": 80}), f"{PORT}.port", "unknown field", "did you mean number?"),
    (destination({"start": 80}), f"{PORT}.start", "unknown field", "range: {start: 8000"),
    (destination({"number": 0}), f"{PORT}.number", f"Invalid value: 0: {LEAST}", "range 1-65535"),
    (destination({"number": 65536}), f"{PORT}.number", f"Invalid value: 65536: {MOST}", ""),
    (destination({"number": "http"}), f"{PORT}.number", 'Invalid value: "http": expected integer', ""),
    (destination({"range": "1-2"}), f"{PORT}.range", 'Invalid value: "1-2": expected map', "start: 8000"),
    (destination({"range": {"start": 1}}), f"{PORT}.range.end", "Required value", "last port as end"),
    (destination({"range": {"end": 1}}), f"{PORT}.range.start", "Required value", "first port as start"),
    (destination({"range": {"start": 0, "end": 1}}), f"{PORT}.range.start", f"Invalid value: 0: {LEAST}", "is 1"),
    (destination({"range": {"start": 1, "end": 65536}}), f"{PORT}.range.end", f"Invalid value: 65536: {MOST}", "last"),
    (destination({"range": {"start": 1, "end": 2, "endPort": 2}}), f"{PORT}.range.endPort", "unknown", "as end"),
    ({"destinationNamedPort": 80}, ".destinationNamedPort", "Invalid value: 80: expected string", "number: 80"),
]


@pytest.mark.parametrize(("entry", "suffix", "text", "hint"), NEW_ROWS)
def test_mistakes_in_protocols_of_v1alpha2(entry: Any, suffix: str, text: str, hint: str) -> None:
    problems, _ = new(entry)
    assert_one(problems, f"spec.ingress[0].protocols[0]{suffix}", text, hint)
    assert UNDECIDED not in problems[0].message


@pytest.mark.parametrize("entry", [{"tcp": 10**5000}, destination(10**5000), {"destinationNamedPort": 10**5000}])
def test_numbers_of_any_length_are_problems(entry: Any) -> None:
    assert len(new(entry)[0]) == 1


@pytest.mark.parametrize(("start", "end", "hint"), [(80, 80, "write number: 80"), (90, 80, "start: 80, end: 90")])
def test_a_range_of_v1alpha2_has_at_least_two_ports(start: int, end: int, hint: str) -> None:
    problems, _ = new(destination({"range": {"start": start, "end": end}}))
    assert [problem.path for problem in problems] == [f"spec.ingress[0].protocols[0]{PORT}.range"]
    assert problems[0].message.endswith(ORDER)
    assert problems[0].hint == f"write {hint.removeprefix('write ')}"


@pytest.mark.parametrize("kind", OLD)
def test_a_reversed_range_of_v1alpha1_matches_nothing_and_that_is_said(kind: str) -> None:
    problems, notices = old({"portRange": {"start": 90, "end": 80}}, kind)
    assert problems == []
    assert [notice.message for notice in notices] == [
        "spec.ingress[0].ports[0].portRange: the range matches no port: start 90 is greater than end 80"
    ]


@pytest.mark.parametrize("form", [{"portNumber": {"port": 80}}, {"portRange": {"start": 1, "end": 2}}])
@pytest.mark.parametrize(
    ("protocol", "hint"), [("tcp", "write TCP"), ("ICMP", "each of the protocols"), ("", "each of the protocols")]
)
def test_protocols_that_no_schema_checks_are_problems_that_say_so(form: Any, protocol: str, hint: str) -> None:
    name = next(iter(form))
    problems, _ = old({name: {**form[name], "protocol": protocol}})
    text = f'Unsupported value: "{protocol}": supported values: "TCP", "UDP", "SCTP" {UNDECIDED}'
    assert_one(problems, f"spec.ingress[0].ports[0].{name}.protocol", text, hint)


@pytest.mark.parametrize(
    ("name", "count", "text", "hint"),
    [
        ("80", 1, "must contain at least one letter", "number: 80"),
        ("HTTP", 2, "must contain only", 'did you mean "http"?'),
        ("a" * 16, 1, "must be no more than 15 characters", "no container can declare"),
        ("", 2, "must contain only", "no container can declare"),
        ("{{ .p }}", 1, "must contain only", "not rendered"),
    ],
)
def test_port_names_that_no_schema_checks_are_problems_that_say_so(name: str, count: int, text: str, hint: str) -> None:
    for problems, path, number in (
        (old({"namedPort": name})[0], "ports[0].namedPort", "portNumber: {port: 80}"),
        (new({"destinationNamedPort": name})[0], "protocols[0].destinationNamedPort", "tcp: {destinationPort: {num"),
    ):
        assert [problem.path for problem in problems] == [f"spec.ingress[0].{path}"] * count
        assert text in problems[0].message
        assert all(problem.message.endswith(UNDECIDED) for problem in problems)
        assert (number if hint == "number: 80" else hint) in problems[0].hint


NODES: dict[str, Any] = {"nodes": {}}
NETWORKS: dict[str, Any] = {"networks": ["10.0.0.0/8"]}
DOMAINS: dict[str, Any] = {"domainNames": ["a.b"]}
REFUSAL = "Invalid value: networks/nodes{0} peer cannot be set with namedPorts since there are no namedPorts for "


@pytest.mark.parametrize(
    ("kind", "peer", "refusal"),
    [
        (ANP, NODES, "/domainNames"),
        (ANP, NETWORKS, "/domainNames"),
        (ANP, DOMAINS, "/domainNames"),
        (BANP, NODES, ""),
        (BANP, NETWORKS, ""),
        (CNP, NODES, "/domainNames"),
        (CNP, DOMAINS, "/domainNames"),
    ],
)
def test_a_named_port_beside_a_peer_without_named_ports_is_refused(kind: str, peer: Any, refusal: str) -> None:
    name, named = ("protocols", "destinationNamedPort") if kind == CNP else ("ports", "namedPort")
    action = {BANP: "Allow", ANP: "Allow", CNP: "Accept"}[kind]
    rule: dict[str, Any] = {"action": action, "to": [{"namespaces": {}}, peer], name: [{named: "http"}]}
    assert_one(check(kind, **rule)[0], "spec.egress[0]", REFUSAL.format(refusal), "write two rules")
    assert check(kind, **{**rule, "to": [{"namespaces": {}}]}) == ([], [])


def test_the_standard_channel_of_v1alpha2_accepts_a_named_port_beside_networks_and_that_is_said() -> None:
    rule: dict[str, Any] = {"to": [NETWORKS], "protocols": [{"destinationNamedPort": "http"}]}
    problems, notices = check(CNP, **rule)
    assert problems == []
    assert notices[0].message.startswith("spec.egress[0].protocols[0].destinationNamedPort: addresses outside")
    both = check(CNP, **{**rule, "to": [NETWORKS, NODES]})
    assert [problem.path for problem in both[0]] == ["spec.egress[0]"]
    assert both[1] == []
