"""Every mistake that the API server refuses in a NetworkPolicy is a problem with its path, its text and a hint."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.problems import Notice, Problem
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.written import WrittenObject, written

VALUE = "a valid label must be an empty string or consist of alphanumeric characters"
CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
SUBSET = "must be a strict subset of `cidr`"
PROTOCOLS = 'supported values: "TCP", "UDP", "SCTP"'


def check(spec: Any) -> tuple[tuple[Problem, ...], tuple[Notice, ...]]:
    fields = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p"},
        "spec": spec,
    }
    policy = WrittenObject("p.yaml", 1, "networking.k8s.io/v1", "NetworkPolicy", "default", "p", written(fields, 1))
    return validate([policy])


def told(spec: Any) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in check(spec)[0]]


def ingress(**rule: Any) -> dict[str, Any]:
    return {"ingress": [rule]}


LEGAL: list[Any] = [
    None,
    {},
    {"podSelector": None},
    {"podSelector": {}},
    {"podSelector": {"matchLabels": None, "matchExpressions": None}},
    {"podSelector": {"matchLabels": {"app": "web", "example.com/tier": ""}}},
    {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["x", "x"]}]}},
    {"podSelector": {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": [""]}]}},
    {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": []}]}},
    {"podSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist", "values": None}]}},
    {"ingress": None, "egress": None, "policyTypes": None},
    {"ingress": [], "egress": [], "policyTypes": []},
    {"ingress": [{}], "egress": [{}]},
    {"ingress": [None]},
    ingress(**{"from": None, "ports": None}),
    ingress(**{"from": [], "ports": []}),
    ingress(ports=[{}]),
    ingress(ports=[None]),
    ingress(ports=[{"protocol": None, "port": None, "endPort": None}]),
    ingress(ports=[{"protocol": "SCTP", "port": 1, "endPort": 65535}, {"port": 7, "endPort": 7}]),
    ingress(ports=[{"port": "http"}, {"port": "8080-tcp"}]),
    ingress(**{"from": [{"podSelector": {}}, {"namespaceSelector": {}}]}),
    ingress(**{"from": [{"podSelector": {}, "namespaceSelector": {}, "ipBlock": None}]}),
    ingress(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "10.1.0.0/17"]}}]}),
    ingress(**{"from": [{"ipBlock": {"cidr": "::/0", "except": None}}]}),
    {"policyTypes": ["Ingress", "Egress"]},
    {"policyTypes": ["Ingress", "Ingress"]},
    {"policyTypes": ["Egress"], "ingress": [{}]},
    {"policyTypes": ["Ingress"], "egress": [{}]},
]


@pytest.mark.parametrize("spec", LEGAL)
def test_what_the_api_server_accepts_is_accepted(spec: Any) -> None:
    assert check(spec) == ((), ())


PEER = "spec.ingress[0].from[0]"
PORT = "spec.ingress[0].ports[0]"
TERM = "spec.podSelector.matchExpressions[0]"

# What stands in spec, the path and the beginning of the text of the only problem, and a part of the hint.
SELECTORS: list[tuple[Any, str, str, str]] = [
    (
        {"matchLabels": {"a/b/c": "x"}},
        "matchLabels",
        'Invalid value: "a/b/c": a qualified name must consist',
        "one `/`",
    ),
    ({"matchLabels": {"/b": "x"}}, "matchLabels", 'Invalid value: "/b": prefix part must be non-empty', ""),
    ({"matchLabels": {"A.io/b": "x"}}, "matchLabels", 'Invalid value: "A.io/b": prefix part a lowercase', '"a.io/b"'),
    ({"matchLabels": {"x" * 64: ""}}, "matchLabels", f'Invalid value: "{"x" * 64}": name part must be no more', ""),
    ({"matchLabels": {"$(x)": ""}}, "matchLabels", 'Invalid value: "$(x)": name part must', "not rendered"),
    ({"matchLabels": {"a": "\u200b"}}, "matchLabels", f'Invalid value: "\\u200b": {VALUE}', ""),
    ({"matchLabels": {"app=web": ""}}, "matchLabels", 'Invalid value: "app=web": name part', "`app: web`"),
    ({"matchLabels": {"a": "app=web"}}, "matchLabels", f'Invalid value: "app=web": {VALUE}', "`app: web`"),
    ({"matchLabels": {"a": "web-*"}}, "matchLabels", f'Invalid value: "web-*": {VALUE}', "no wildcards"),
    ({"matchLabels": {"a": "x,y"}}, "matchLabels", f'Invalid value: "x,y": {VALUE}', "operator In"),
    ({"matchLabels": {"a": " x"}}, "matchLabels", f'Invalid value: " x": {VALUE}', 'around "x"'),
    ({"matchLabels": {"a": "{{ .x }}"}}, "matchLabels", f'Invalid value: "{{{{ .x }}}}": {VALUE}', "not rendered"),
    (
        {"matchLabels": {"a": "x" * 64}},
        "matchLabels",
        f'Invalid value: "{"x" * 64}": must be no more than 63 characters',
        "",
    ),
]
TERMS: list[tuple[Any, str, str, str]] = [
    (
        {"key": "a", "operator": "In"},
        "values",
        "Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "use Exists",
    ),
    (
        {"key": "a", "operator": "NotIn", "values": []},
        "values",
        "Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "use Exists",
    ),
    (
        {"key": "a", "operator": "Exists", "values": ["x"]},
        "values",
        "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        "use In",
    ),
    (
        {"key": "a", "operator": "DoesNotExist", "values": ["x"]},
        "values",
        "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        "use NotIn",
    ),
    (
        {"key": "a", "operator": "in", "values": ["x"]},
        "operator",
        'Invalid value: "in": not a valid selector operator',
        "case sensitive: In",
    ),
    (
        {"key": "a", "operator": "==", "values": ["x"]},
        "operator",
        'Invalid value: "==": not a valid selector operator',
        "write In",
    ),
    ({"key": "a", "operator": "Gt"}, "operator", 'Invalid value: "Gt": not a valid', "node affinity"),
    ({"key": "a"}, "operator", 'Invalid value: "": not a valid selector operator', "write operator"),
    ({"key": "a b", "operator": "Exists"}, "key", 'Invalid value: "a b": name part must consist of', ""),
    (
        {"key": "a", "operator": "In", "values": ["x", "a b"]},
        "values[1]",
        f'Invalid value: "a b": {VALUE}',
        "",
    ),
]
PORTS: list[tuple[Any, str, str, str]] = [
    ({"protocol": "tcp"}, "protocol", f'Unsupported value: "tcp": {PROTOCOLS}', "upper case: TCP"),
    ({"protocol": "ICMP"}, "protocol", f'Unsupported value: "ICMP": {PROTOCOLS}', ""),
    ({"protocol": ""}, "protocol", f'Unsupported value: "": {PROTOCOLS}', "one entry for each"),
    ({"port": 0}, "port", "Invalid value: 0: must be between 1 and 65535, inclusive", "leave `port` out"),
    ({"port": 65536}, "port", "Invalid value: 65536: must be between 1 and 65535, inclusive", ""),
    ({"port": "80"}, "port", 'Invalid value: "80": must contain at least one letter (a-z)', "port: 80"),
    ({"port": "a" * 16}, "port", f'Invalid value: "{"a" * 16}": must be no more than 15 characters', ""),
    ({"port": "a_b"}, "port", 'Invalid value: "a_b": must contain only alpha-numeric characters', '"a-b"'),
    ({"port": "a--b"}, "port", 'Invalid value: "a--b": must not contain consecutive hyphens', '"a-b"'),
    ({"port": "a-"}, "port", 'Invalid value: "a-": must not begin or end with a hyphen', '"a"'),
    ({"port": "tcp/http"}, "port", 'Invalid value: "tcp/http": must contain only', "protocol: TCP and port: http"),
    ({"port": "53/udp"}, "port", 'Invalid value: "53/udp": must contain only', "protocol: UDP and port: 53"),
    ({"port": "http,dns"}, "port", 'Invalid value: "http,dns": must contain only', "one entry of `ports`"),
    ({"port": "80-90"}, "port", 'Invalid value: "80-90": must contain at least', "port: 80 and endPort: 90"),
    ({"port": 9, "endPort": 8}, "endPort", "Invalid value: 8: must be greater than or equal to `port`", "first port"),
    ({"port": 9, "endPort": 65536}, "endPort", "Invalid value: 65536: must be between 1 and", "65535"),
    (
        {"port": "a", "endPort": 9},
        "endPort",
        "Invalid value: 9: may not be specified when `port` is non-numeric",
        "num",
    ),
    ({"endPort": 9}, "endPort", "Invalid value: 9: may not be specified when `port` is not specified", "first port"),
]
PEERS: list[tuple[Any, str, str, str]] = [
    ({}, "", "Required value: must specify a peer", "podSelector: {}"),
    (None, "", "Required value: must specify a peer", "podSelector: {}"),
    ({"podSelector": None}, "", "Required value: must specify a peer", "`podSelector:` with nothing after it"),
    (
        {"ipBlock": {"cidr": "::/0"}, "podSelector": {}},
        "",
        "Forbidden: may not specify both ipBlock and another peer",
        "two entries",
    ),
    ({"ipBlock": {}}, ".ipBlock.cidr", "Required value", "such as cidr"),
    ({"ipBlock": {"cidr": ""}}, ".ipBlock.cidr", "Required value", "such as cidr"),
    ({"ipBlock": {"cidr": "10.0.0.1"}}, ".ipBlock.cidr", f'Invalid value: "10.0.0.1": {CIDR}', "10.0.0.1/32"),
    ({"ipBlock": {"cidr": "::1"}}, ".ipBlock.cidr", f'Invalid value: "::1": {CIDR}', "::1/128"),
    ({"ipBlock": {"cidr": "10.0.0.0/-8"}}, ".ipBlock.cidr", f'Invalid value: "10.0.0.0/-8": {CIDR}', ""),
    ({"ipBlock": {"cidr": "a.io/8"}}, ".ipBlock.cidr", f'Invalid value: "a.io/8": {CIDR}', "not host names"),
    ({"ipBlock": {"cidr": "10.0.0.0/8 "}}, ".ipBlock.cidr", f'Invalid value: "10.0.0.0/8 ": {CIDR}', "blanks"),
    (
        {"ipBlock": {"cidr": "10.0.0.0/255.0.0.0"}},
        ".ipBlock.cidr",
        f'Invalid value: "10.0.0.0/255.0.0.0": {CIDR}',
        "10.0.0.0/8",
    ),
    (
        {"ipBlock": {"cidr": "10.0.0.1-10.0.0.9"}},
        ".ipBlock.cidr",
        f'Invalid value: "10.0.0.1-10.0.0.9": {CIDR}',
        "blocks",
    ),
    (
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.1"]}},
        ".ipBlock.except[0]",
        f'Invalid value: "10.0.0.1": {CIDR}',
        "10.0.0.1/32",
    ),
    (
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}},
        ".ipBlock.except[0]",
        f'Invalid value: "10.0.0.0/8": {SUBSET}',
        "leaves nothing",
    ),
    (
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/7"]}},
        ".ipBlock.except[0]",
        f'Invalid value: "10.0.0.0/7": {SUBSET}',
        "wider than",
    ),
    (
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}},
        ".ipBlock.except[0]",
        f'Invalid value: "11.0.0.0/16": {SUBSET}',
        "outside 10.0.0.0/8",
    ),
    (
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["fd00::/8"]}},
        ".ipBlock.except[0]",
        f'Invalid value: "fd00::/8": {SUBSET}',
        "IPv4 addresses only",
    ),
    (
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": [None]}},
        ".ipBlock.except[0]",
        f'Invalid value: "": {CIDR}',
        "",
    ),
]
REST: list[tuple[Any, str, str, str]] = [
    (
        {"policyTypes": ["Ingress", "Egress", "Ingress"]},
        "spec.policyTypes",
        'Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
        "once at most",
    ),
    (
        {"policyTypes": ["ingress"]},
        "spec.policyTypes[0]",
        'Unsupported value: "ingress": supported values: "Ingress", "Egress"',
        "case sensitive: Ingress",
    ),
    (
        {"policyTypes": [None]},
        "spec.policyTypes[0]",
        'Unsupported value: "": supported values: "Ingress", "Egress"',
        "",
    ),
]
ROWS = [
    *(({"podSelector": it}, f"spec.podSelector.{path}", text, hint) for it, path, text, hint in SELECTORS),
    *(({"podSelector": {"matchExpressions": [it]}}, f"{TERM}.{path}", text, hint) for it, path, text, hint in TERMS),
    *((ingress(ports=[it]), f"{PORT}.{path}", text, hint) for it, path, text, hint in PORTS),
    *((ingress(**{"from": [it]}), f"{PEER}{path}", text, hint) for it, path, text, hint in PEERS),
    *REST,
]


@pytest.mark.parametrize(("spec", "path", "text", "hint"), ROWS, ids=[f"{row[1]}-{row[2][:40]}" for row in ROWS])
def test_each_mistake_has_its_path_text_and_hint(spec: Any, path: str, text: str, hint: str) -> None:
    problems, _ = check(spec)
    assert [problem.path for problem in problems] == [path]
    assert problems[0].message.startswith(text)
    assert hint in problems[0].hint
    assert bool(hint) == bool(problems[0].hint)


BAD: dict[str, Any] = {"matchLabels": {"a": "-"}}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"ingress": [{"from": [{"podSelector": BAD}]}]}, "spec.ingress[0].from[0].podSelector"),
        ({"ingress": [{"from": [{"namespaceSelector": BAD}]}]}, "spec.ingress[0].from[0].namespaceSelector"),
        ({"egress": [{}, {"to": [{"podSelector": BAD}]}]}, "spec.egress[1].to[0].podSelector"),
        ({"egress": [{"to": [{"namespaceSelector": BAD}]}]}, "spec.egress[0].to[0].namespaceSelector"),
    ],
)
def test_selectors_are_checked_wherever_they_stand(spec: dict[str, Any], path: str) -> None:
    assert [problem_path for problem_path, _ in told(spec)] == [f"{path}.matchLabels"]


def test_an_empty_port_name_lacks_characters_and_a_letter() -> None:
    assert told(ingress(ports=[{"port": ""}])) == [
        (
            f"{PORT}.port",
            'Invalid value: "": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        ),
        (f"{PORT}.port", 'Invalid value: "": must contain at least one letter (a-z)'),
    ]


def test_an_end_below_the_range_and_below_the_port_has_both_problems() -> None:
    assert told(ingress(ports=[{"port": 9, "endPort": 0}])) == [
        (f"{PORT}.endPort", "Invalid value: 0: must be greater than or equal to `port`"),
        (f"{PORT}.endPort", "Invalid value: 0: must be between 1 and 65535, inclusive"),
    ]


def test_an_unreadable_cidr_ends_the_check_of_its_exceptions_being_inside() -> None:
    assert [path for path, _ in told(ingress(**{"from": [{"ipBlock": {"cidr": "x", "except": ["::/0"]}}]}))] == [
        f"{PEER}.ipBlock.cidr"
    ]


def test_prefixes_of_mapped_blocks_are_compared_as_written_like_the_api_does() -> None:
    accepted = ingress(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["::ffff:10.0.0.0/104"]}}]})
    refused = ingress(**{"from": [{"ipBlock": {"cidr": "::ffff:10.0.0.0/104", "except": ["10.1.0.0/16"]}}]})
    assert told(accepted) == []
    assert [path for path, _ in told(refused)] == [f"{PEER}.ipBlock.except[0]"]


@pytest.mark.parametrize(
    ("text", "canonical", "fault"),
    [
        ("10.0.0.1/8", "10.0.0.0/8", "must not have bits set beyond the prefix length"),
        ("010.0.0.0/8", "10.0.0.0/8", "must not have leading 0s in IP"),
        ("10.0.0.0/08", "10.0.0.0/8", "must not have leading 0s"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8", "must not have an IPv4-mapped IPv6 address"),
    ],
)
def test_irregular_blocks_are_notices_with_the_block_they_mean(text: str, canonical: str, fault: str) -> None:
    problems, notices = check(ingress(**{"from": [{"ipBlock": {"cidr": text}}]}))
    assert problems == ()
    assert [(notice.file, notice.line) for notice in notices] == [("p.yaml", 1)]
    assert f'{PEER}.ipBlock.cidr: "{text}" is read as {canonical}' in notices[0].message
    assert fault in notices[0].message


def test_all_problems_of_all_objects_are_found_in_one_go() -> None:
    spec = ingress(ports=[{"port": "80"}, {"protocol": "udp"}], **{"from": [{}]})
    assert len(told(spec)) == 3
