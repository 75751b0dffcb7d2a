"""Values of a wrong type, nulls and unknown fields are treated as the API server's strict decoding treats them."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.problems import Notice, Problem
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.written import Map, Seq, WrittenObject, written


def check(spec: Any, **others: Any) -> tuple[tuple[Problem, ...], tuple[Notice, ...]]:
    fields = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p"},
        "spec": spec,
        **others,
    }
    policy = WrittenObject("p.yaml", 1, "networking.k8s.io/v1", "NetworkPolicy", "default", "p", written(fields, 1))
    return validate([policy])


def peer(value: Any) -> dict[str, Any]:
    return {"ingress": [{"from": [value]}]}


def port(value: Any) -> dict[str, Any]:
    return {"ingress": [{"ports": [value]}]}


PEER = "spec.ingress[0].from[0]"
PORT = "spec.ingress[0].ports[0]"
LABEL = "spec.podSelector.matchLabels.a"

WRONG_TYPES: list[tuple[Any, str, str, str]] = [
    ("x", "spec", 'Invalid value: "x": expected map, got string', ""),
    ({"podSelector": "a=b"}, "spec.podSelector", 'Invalid value: "a=b": expected map, got string', "matchLabels"),
    ({"podSelector": []}, "spec.podSelector", "Invalid value: expected map, got list", ""),
    ({"podSelector": [{}]}, "spec.podSelector", "Invalid value: expected map, got list", "remove the `- `"),
    (
        {"podSelector": {"matchLabels": "app=web-server"}},
        "spec.podSelector.matchLabels",
        'Invalid value: "app=web-server": expected map, got string',
        "`app: web-server`",
    ),
    (
        {"podSelector": {"matchLabels": ["a"]}},
        "spec.podSelector.matchLabels",
        "Invalid value: expected map, got list",
        "remove the `- `",
    ),
    ({"podSelector": {"matchLabels": {"a": 1}}}, LABEL, "Invalid value: 1: expected string, got integer", '"1"'),
    ({"podSelector": {"matchLabels": {"a": 1.5}}}, LABEL, "Invalid value: 1.5: expected string, got number", "quote"),
    ({"podSelector": {"matchLabels": {"a": True}}}, LABEL, "Invalid value: true: expected string, got boo", '"true"'),
    ({"podSelector": {"matchLabels": {"a": {}}}}, LABEL, "Invalid value: expected string, got map", ""),
    ({"podSelector": {"matchLabels": {"a": ["b"]}}}, LABEL, "Invalid value: expected string, got list", ""),
    (
        {"podSelector": {"matchExpressions": {"key": "a"}}},
        "spec.podSelector.matchExpressions",
        "Invalid value: expected list, got map",
        "start each entry with `- `",
    ),
    (
        {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": "x"}]}},
        "spec.podSelector.matchExpressions[0].values",
        'Invalid value: "x": expected list, got string',
        "[x]",
    ),
    (
        {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": [1]}]}},
        "spec.podSelector.matchExpressions[0].values[0]",
        "Invalid value: 1: expected string, got integer",
        '"1"',
    ),
    (
        {"podSelector": {"matchExpressions": ["a in (b)"]}},
        "spec.podSelector.matchExpressions[0]",
        'Invalid value: "a in (b)": expected map, got string',
        "operator: In",
    ),
    ({"ingress": {}}, "spec.ingress", "Invalid value: expected list, got map", "start each entry with `- `"),
    ({"ingress": ["x"]}, "spec.ingress[0]", 'Invalid value: "x": expected map, got string', "`- from:"),
    ({"egress": [{"to": {}}]}, "spec.egress[0].to", "Invalid value: expected list, got map", "`- `"),
    (peer("db"), PEER, 'Invalid value: "db": expected map, got string', "podSelector"),
    (peer({"ipBlock": "::/0"}), f"{PEER}.ipBlock", 'Invalid value: "::/0": expected map', "{cidr: ::/0}"),
    (peer({"ipBlock": {"cidr": ["::/0"]}}), f"{PEER}.ipBlock.cidr", "Invalid value: expected string, got", "one ipBl"),
    (
        peer({"ipBlock": {"cidr": "::/0", "except": "::1/128"}}),
        f"{PEER}.ipBlock.except",
        'Invalid value: "::1/128": expected list, got string',
        "[::1/128]",
    ),
    ({"ingress": [{"ports": {"port": 1}}]}, "spec.ingress[0].ports", "Invalid value: expected list, got map", "`- `"),
    (port(80), PORT, "Invalid value: 80: expected map, got integer", "`- port: 80`"),
    (port({"port": True}), f"{PORT}.port", "Invalid value: true: expected integer or string, got boolean", "number"),
    (port({"port": 80.5}), f"{PORT}.port", "Invalid value: 80.5: expected integer or string, got number", "number"),
    (port({"port": [80]}), f"{PORT}.port", "Invalid value: [80]: expected integer or string, got list", "number"),
    (port({"port": 2**31}), f"{PORT}.port", "Invalid value: 2147483648: expected a 32-bit integer", ""),
    (port({"port": 10**5000}), f"{PORT}.port", "Invalid value: (an integer of more than 64 bits): expected a 32", ""),
    (port({"port": [10**5000]}), f"{PORT}.port", "Invalid value: (list): expected integer or string, got list", "num"),
    (port({"port": 1, "endPort": 9.5}), f"{PORT}.endPort", "Invalid value: 9.5: expected integer, got num", "whole"),
    (port({"port": 1, "endPort": True}), f"{PORT}.endPort", "Invalid value: true: expected integer, got bool", ""),
    (port({"protocol": ["TCP", "\x00"]}), f"{PORT}.protocol", "Invalid value: expected string, got list", ""),
    (port({"port": 1, "endPort": "9"}), f"{PORT}.endPort", 'Invalid value: "9": expected integer, got string', ": 9"),
    (port({"port": 1, "endPort": 2**31}), f"{PORT}.endPort", "Invalid value: 2147483648: expected a 32-bit in", ""),
    (port({"protocol": 6}), f"{PORT}.protocol", "Invalid value: 6: expected string, got integer", '"6"'),
    ({"policyTypes": "Egress"}, "spec.policyTypes", 'Invalid value: "Egress": expected list', "[Egress]"),
    ({"policyTypes": [True]}, "spec.policyTypes[0]", "Invalid value: true: expected string, got boolean", ""),
]


@pytest.mark.parametrize(("spec", "path", "text", "hint"), WRONG_TYPES, ids=[row[1] for row in WRONG_TYPES])
def test_a_wrong_type_is_a_problem_at_its_path(spec: Any, path: str, text: str, hint: str) -> None:
    problems, _ = check(spec)
    assert [problem.path for problem in problems] == [path]
    assert problems[0].message.startswith(text)
    assert hint in problems[0].hint


UNKNOWN: list[tuple[Any, str, str]] = [
    ({"PodSelector": {}}, "spec.PodSelector", "case sensitive: podSelector"),
    ({"podselector": {}}, "spec.podselector", "case sensitive: podSelector"),
    ({"podSelectors": {}}, "spec.podSelectors", 'did you mean "podSelector"?'),
    ({"policyType": ["Egress"]}, "spec.policyType", 'did you mean "policyTypes"?'),
    ({"matchLabels": {}}, "spec.matchLabels", "podSelector"),
    ({"from": []}, "spec.from", "in a rule"),
    ({"unheard": None}, "spec.unheard", ""),
    ({"podSelector": {"app": "web"}}, "spec.podSelector.app", "`matchLabels: {app: web}`"),
    ({"podSelector": {"matchlabels": {}}}, "spec.podSelector.matchlabels", "case sensitive: matchLabels"),
    ({"podSelector": {"matchLabel": {}}}, "spec.podSelector.matchLabel", 'did you mean "matchLabels"?'),
    (
        {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists", "value": "x"}]}},
        "spec.podSelector.matchExpressions[0].value",
        'did you mean "values"?',
    ),
    ({"ingress": [{"to": []}]}, "spec.ingress[0].to", "ingress rules use `from`"),
    ({"egress": [{"from": []}]}, "spec.egress[0].from", "egress rules use `to`"),
    ({"ingress": [{"podSelector": {}}]}, "spec.ingress[0].podSelector", "peers go under `from:`"),
    ({"egress": [{"ipBlock": {}}]}, "spec.egress[0].ipBlock", "peers go under `to:`"),
    ({"ingress": [{"port": 80}]}, "spec.ingress[0].port", "ports go under `ports:`"),
    (peer({"ports": []}), f"{PEER}.ports", "beside `from`"),
    (peer({"podselector": {}}), f"{PEER}.podselector", "case sensitive: podSelector"),
    (peer({"matchLabels": {}}), f"{PEER}.matchLabels", "podSelector:"),
    (peer({"cidr": "::/0"}), f"{PEER}.cidr", "ipBlock: {cidr: …}"),
    (peer({"namespace": "x"}), f"{PEER}.namespace", "kubernetes.io/metadata.name"),
    (peer({"ipBlock": {"cidr": "::/0", "exept": []}}), f"{PEER}.ipBlock.exept", 'did you mean "except"?'),
    (port({"from": []}), f"{PORT}.from", "beside `ports`"),
    (port({"endport": 9}), f"{PORT}.endport", "case sensitive: endPort"),
    (port({"name": "http"}), f"{PORT}.name", "`port: NAME`"),
]


@pytest.mark.parametrize(("spec", "path", "hint"), UNKNOWN, ids=[row[1] for row in UNKNOWN])
def test_an_unknown_field_is_a_problem_with_the_likely_fix(spec: Any, path: str, hint: str) -> None:
    problems, _ = check(spec)
    assert [(problem.path, problem.message) for problem in problems] == [(path, f'unknown field "{path}"')]
    assert hint in problems[0].hint


@pytest.mark.parametrize(
    ("others", "path", "hint"),
    [
        ({"podSelector": {}}, "podSelector", "under `spec`"),
        ({"labels": {}}, "labels", "under `metadata`"),
        ({"Spec": {}}, "Spec", "case sensitive: spec"),
    ],
)
def test_unknown_fields_of_the_object_itself_are_problems(others: Any, path: str, hint: str) -> None:
    problems, _ = check({}, **others)
    assert [problem.path for problem in problems] == [path]
    assert hint in problems[0].hint


def test_the_status_of_older_releases_is_allowed() -> None:
    assert check({}, status={"conditions": []}) == ((), ())
    assert check({}, status={}) == ((), ())


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ({"matchLabels": {"a": None}}, "spec.podSelector.matchLabels.a"),
        (
            {"matchExpressions": [{"key": "a", "operator": "In", "values": [None]}]},
            "spec.podSelector.matchExpressions[0].values[0]",
        ),
    ],
)
def test_a_null_label_value_is_the_empty_string_and_a_notice(selector: Any, path: str) -> None:
    problems, notices = check({"podSelector": selector})
    assert problems == ()
    assert [notice.message.split(": ")[0] for notice in notices] == [path]
    assert 'null is read as ""' in notices[0].message


def test_a_problem_stands_at_the_line_of_its_field_and_a_label_at_its_own() -> None:
    labels = Map(3)
    labels.update({"a": "x", "b": "-"})
    labels.lines.update({"a": 3, "b": 4})
    ports = Seq(6)
    ports.append(written({"port": "80"}, 7))
    ports.lines.append(7)
    fields = written({"metadata": {"name": "p"}, "spec": {"ingress": [{}]}}, 1)
    fields["spec"]["podSelector"] = written({}, 2)
    fields["spec"]["podSelector"]["matchLabels"] = labels
    fields["spec"]["ingress"][0]["ports"] = ports
    policy = WrittenObject("p.yaml", 1, "networking.k8s.io/v1", "NetworkPolicy", "d", "p", fields)
    assert [(problem.file, problem.line, problem.path) for problem in validate([policy])[0]] == [
        ("p.yaml", 4, "spec.podSelector.matchLabels"),
        ("p.yaml", 7, "spec.ingress[0].ports[0].port"),
    ]
