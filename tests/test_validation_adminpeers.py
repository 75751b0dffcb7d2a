"""Subjects and peers of cluster-wide policies: every mistake in them is a problem with path, text and hint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from netpol_verify.encodings.problems import Notice, Problem
from netpol_verify.encodings.validation.admin_fields import UNDECIDED
from netpol_verify.encodings.validation.adminpolicy import check_admin_policy
from netpol_verify.encodings.validation.fields import Field, Findings
from netpol_verify.encodings.written import WrittenObject, written

ANP, BANP, CNP = "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"
KINDS = (ANP, BANP, CNP)
ACCEPT = {ANP: "Allow", BANP: "Allow", CNP: "Accept"}
FEW, TWO = "Invalid value: 0: should have at least 1 properties", "Too many: 2: must have at most 1 item"
NO_ITEMS = "Invalid value: 0: should have at least 1 items"
BAD_CIDR = "Invalid CIDR format provided"
PATTERN = r"should match '^(\*\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+"


def check(kind: str, **spec: Any) -> tuple[list[Problem], list[Notice]]:
    whole: dict[str, Any] = {"subject": {"namespaces": {}}}
    if kind != BANP:
        whole["priority"] = 10
    if kind == CNP:
        whole["tier"] = "Admin"
    version = f"policy.networking.k8s.io/{'v1alpha2' if kind == CNP else 'v1alpha1'}"
    fields = {"apiVersion": version, "kind": kind, "metadata": {"name": "default"}, "spec": {**whole, **spec}}
    findings = Findings()
    subject = WrittenObject("p.yaml", 1, version, kind, None, "default", written(fields, 1))
    check_admin_policy(Field.root(subject, findings))
    return findings.problems, findings.notices


def of_subject(kind: str, subject: Any) -> tuple[list[Problem], list[Notice]]:
    return check(kind, subject=subject)


def of_ingress(kind: str, peer: Any) -> tuple[list[Problem], list[Notice]]:
    return check(kind, ingress=[{"action": ACCEPT[kind], "from": [peer]}])


def of_egress(kind: str, peer: Any, action: str = "") -> tuple[list[Problem], list[Notice]]:
    return check(kind, egress=[{"action": action or ACCEPT[kind], "to": [peer]}])


@dataclass(frozen=True, slots=True)
class Place:
    """Where something that selects may stand: how to check it there (by kind and value), and its path."""

    check: Callable[[str, Any], tuple[list[Problem], list[Notice]]]
    path: str


SUBJECT = Place(of_subject, "spec.subject")
FROM = Place(of_ingress, "spec.ingress[0].from[0]")
TO = Place(of_egress, "spec.egress[0].to[0]")
PLACES = (SUBJECT, FROM, TO)
Row = tuple[Any, str, str, str]
"""What stands there, the rest of the path and the beginning of the text of the only problem, a part of the hint."""
BOTH: dict[str, Any] = {"namespaceSelector": {}, "podSelector": {}}


def assert_one(problems: list[Problem], path: str, text: str, hint: str) -> None:
    assert [problem.path for problem in problems] == [path]
    assert problems[0].message.startswith(text)
    assert hint in problems[0].hint
    assert bool(hint) == bool(problems[0].hint)


SELECTING: list[Any] = [
    {"namespaces": {}},
    {"namespaces": {"matchLabels": {"team": "a", "example.com/b": ""}, "matchExpressions": None}},
    {"namespaces": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["x", "x", ""]}]}},
    {"namespaces": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": []}]}},
    {"pods": BOTH},
    {"pods": BOTH, "namespaces": None},
    {"pods": {"namespaceSelector": {"matchLabels": {"a": "b"}}, "podSelector": {"matchLabels": {"a": "b"}}}},
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("peer", SELECTING)
def test_selectors_of_namespaces_and_pods_are_legal(place: Place, kind: str, peer: Any) -> None:
    assert place.check(kind, peer) == ([], [])


OUTSIDE: list[Any] = [
    {"nodes": {}},
    {"nodes": {"matchLabels": {"node-role.kubernetes.io/control-plane": ""}}},
    {"networks": ["0.0.0.0/0", "::/0"]},
    {"networks": [f"10.0.0.{number}/32" for number in range(25)]},
    {"networks": ["64:ff9b::192.0.2.0/120", "2001:DB8::/32", "10.0.0.0/8"]},
]
NAMES: list[Any] = [
    {"domainNames": ["example.com", "*.example.com", "a-b.c_d.Example.com.", "xn--bcher-kva.example", "_dmarc.a.b"]},
    {"domainNames": [f"a{number}.example.com" for number in range(25)]},
]


@pytest.mark.parametrize(
    ("kind", "peer"),
    [*((kind, peer) for kind in KINDS for peer in OUTSIDE), *((ANP, it) for it in NAMES), (CNP, NAMES[0])],
)
def test_nodes_networks_and_domain_names_are_legal_in_egress(kind: str, peer: Any) -> None:
    assert of_egress(kind, peer) == ([], [])


@pytest.mark.parametrize("kind", [ANP, CNP])
@pytest.mark.parametrize("tier", ["Admin", "Baseline"])
def test_domain_names_are_legal_in_both_tiers(kind: str, tier: str) -> None:
    more = {"tier": tier} if kind == CNP else {}
    assert check(kind, egress=[{"action": ACCEPT[kind], "to": [{"domainNames": ["a.b"]}]}], **more) == ([], [])


FORMS: list[Row] = [
    ({}, "", FEW, "for every pod of the cluster write namespaces: {}"),
    ({"namespaces": None}, "", FEW, "`namespaces:` with nothing after it is no field"),
    ({"pods": None}, "", FEW, "`pods:` with nothing after it is no field"),
    ({"pods": {"namespaceSelector": {}}}, ".pods.podSelector", "Required value", "podSelector: {} for every pod"),
    ({"pods": {"namespaceSelector": {}, "podSelector": None}}, ".pods.podSelector", "Required value", "podSel"),
    ({"pods": {**BOTH, "x": 1}}, ".pods.x", "unknown field", ""),
    ({"pods": "app=web"}, ".pods", 'Invalid value: "app=web": expected map', "podSelector: …"),
    ({"pods": [BOTH]}, ".pods", "Invalid value: expected map, got list", "podSelector: …"),
    ({"namespaces": "a"}, ".namespaces", 'Invalid value: "a": expected map', "matchLabels: {key: value}"),
    ({"namespaces": ["a"]}, ".namespaces", "Invalid value: expected map, got list", "remove the `- `"),
    ({"podSelector": {}}, ".podSelector", "unknown field", "to select pods write pods:"),
    ({"namespaceSelector": {}}, ".namespaceSelector", "unknown field", "write namespaces:"),
    ({"namespace": "shop"}, ".namespace", "unknown field", "kubernetes.io/metadata.name: NAME"),
    ({"matchLabels": {"a": "b"}}, ".matchLabels", "unknown field", "write it under namespaces:"),
    ({"pod": {}}, ".pod", "unknown field", 'did you mean "pods"?'),
    ({"Pods": {}}, ".Pods", "unknown field", "case sensitive: pods"),
    ({"serviceAccounts": {}}, ".serviceAccounts", "unknown field", ""),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", FORMS)
def test_a_subject_or_peer_is_exactly_one_of_its_forms(place: Place, kind: str, row: Row) -> None:
    peer, suffix, text, hint = row
    assert_one(place.check(kind, peer)[0], f"{place.path}{suffix}", text, hint)


@pytest.mark.parametrize("kind", KINDS)
def test_two_forms_are_too_many(kind: str) -> None:
    both = {"namespaces": {}, "pods": BOTH}
    assert_one(of_subject(kind, both)[0], SUBJECT.path, TWO, "a policy has one subject")
    for place in (FROM, TO):
        assert_one(place.check(kind, both)[0], place.path, TWO, "write two entries")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_the_namespace_selector_of_pods_is_optional_in_v1alpha2_only(place: Place) -> None:
    path = f"{place.path}.pods.namespaceSelector"
    assert place.check(CNP, {"pods": {"podSelector": {}}}) == ([], [])
    absent: list[dict[str, Any]] = [{"podSelector": {}}, {"podSelector": {}, "namespaceSelector": None}]
    for kind in (ANP, BANP):
        for pods in absent:
            hint = "namespaceSelector: {} for every namespace"
            assert_one(place.check(kind, {"pods": pods})[0], path, "Required value", hint)
    problems, notices = place.check(CNP, {"pods": {"podSelector": {}, "namespaceSelector": None}})
    assert problems == []
    assert [notice.message for notice in notices] == [
        f"{path}: null is dropped by the API server, as if the field were not written: "
        "pods of every namespace are selected"
    ]


OLD_FORMS: list[Row] = [
    (
        {"namespaces": {"namespaceSelector": {}}},
        ".namespaces.namespaceSelector",
        "unknown field",
        "namespaces: {matchLabels: …}",
    ),
    ({"namespaces": {"sameLabels": ["team"]}}, ".namespaces.sameLabels", "unknown field", "removed from the API"),
    ({"namespaces": {"notSameLabels": ["team"]}}, ".namespaces.notSameLabels", "unknown field", "removed from the API"),
    (
        {"pods": {"namespaces": {"namespaceSelector": {}}, "podSelector": {}}},
        ".pods.namespaces",
        "unknown field",
        "pods: {namespaceSelector: …, podSelector: …}",
    ),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", OLD_FORMS)
def test_the_forms_of_the_first_releases_are_told_how_they_are_written_today(place: Place, kind: str, row: Row) -> None:
    peer, suffix, text, hint = row
    assert_one(place.check(kind, peer)[0], f"{place.path}{suffix}", text, hint)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["networks", "nodes", "domainNames", "ipBlock"])
def test_ingress_peers_are_pods_only(kind: str, form: str) -> None:
    problems, _ = of_ingress(kind, {form: {}})
    assert_one(problems, f"spec.ingress[0].from[0].{form}", "unknown field", "match pods only")


@pytest.mark.parametrize(
    ("kind", "peer", "suffix", "hint"),
    [
        (BANP, {"domainNames": ["a.b"]}, "domainNames", "has no domain names"),
        (CNP, {"ipBlock": {"cidr": "10.0.0.0/8"}}, "ipBlock", "networks: [10.0.0.0/8]"),
        (CNP, {"cidr": "10.0.0.0/8"}, "cidr", "networks: [10.0.0.0/8]"),
        (CNP, {"fqdns": ["a.b"]}, "fqdns", "domainNames:"),
        (CNP, {"network": []}, "network", 'did you mean "networks"?'),
        (CNP, {"to": []}, "to", "remove the inner `to`"),
        (CNP, {"protocols": []}, "protocols", "stands in the rule"),
    ],
)
def test_unknown_egress_peers_are_problems_with_a_suggestion(kind: str, peer: Any, suffix: str, hint: str) -> None:
    assert_one(of_egress(kind, peer)[0], f"spec.egress[0].to[0].{suffix}", "unknown field", hint)


@pytest.mark.parametrize("peer", [None, "shop", 7, []])
def test_a_peer_that_is_no_map_is_a_problem(peer: Any) -> None:
    assert [problem.path for problem in of_egress(CNP, peer)[0]] == ["spec.egress[0].to[0]"]


# What the schema says about a label selector, wherever one stands.
TERM = ".matchExpressions[0]"
SCHEMA: list[Row] = [
    ({"team": "a"}, ".team", "unknown field", "`matchLabels: {team: a}`"),
    ({"team": 7}, ".team", "unknown field", '`matchLabels: {team: "7"}`'),
    ({"team": 10**5000}, ".team", "unknown field", "labels go under matchLabels"),
    ({"team": {}}, ".team", "unknown field", ""),
    ({"labels": {}}, ".labels", "unknown field", "labels go under matchLabels"),
    ({"matchlabels": {}}, ".matchlabels", "unknown field", "case sensitive: matchLabels"),
    ({"matchLabels": "a=b"}, ".matchLabels", 'Invalid value: "a=b": expected map', "`key: value`"),
    ({"matchLabels": {"a": 1}}, ".matchLabels.a", "Invalid value: 1: expected string", '"1"'),
    ({"matchLabels": {"a": None}}, ".matchLabels.a", "Invalid value: null: the API server drops", "operator Exists"),
    ({"matchExpressions": {}}, ".matchExpressions", "Invalid value: expected list, got map", "`- `"),
    ({"matchExpressions": [None]}, TERM, "Invalid value: null", "remove the empty"),
    ({"matchExpressions": ["a in (b)"]}, TERM, 'Invalid value: "a in (b)": expected map', "{key: app"),
    ({"matchExpressions": [{"operator": "Exists"}]}, f"{TERM}.key", "Required value", "label's key"),
    ({"matchExpressions": [{"key": "a", "operator": None}]}, f"{TERM}.operator", "Required value", "or DoesNotExist"),
    ({"matchExpressions": [{"key": "a", "operator": "Exists", "value": "x"}]}, f"{TERM}.value", "unknown", "values"),
    ({"matchExpressions": [{"key": "a", "operator": "In", "values": "x"}]}, f"{TERM}.values", "Invalid", "[x]"),
    ({"matchExpressions": [{"key": "a", "operator": "In", "values": [1]}]}, f"{TERM}.values[0]", "Invalid", '"1"'),
    (
        {"matchExpressions": [{"key": "a", "operator": "In", "values": [None]}]},
        f"{TERM}.values[0]",
        "Invalid",
        "remove",
    ),
]
# What passes the schema, and what each implementation decides about.
BEYOND: list[Row] = [
    ({"matchLabels": {"a b": "x"}}, ".matchLabels", 'Invalid value: "a b": name part must', "NetworkPolicy"),
    ({"matchLabels": {"": "x"}}, ".matchLabels", 'Invalid value: "": name part must be non-empty', "NetworkPolicy"),
    ({"matchLabels": {"a": "x*"}}, ".matchLabels", 'Invalid value: "x*": a valid label must', "no wildcards"),
    ({"matchLabels": {"a": "x" * 64}}, ".matchLabels", f'Invalid value: "{"x" * 64}": must be no more', "Network"),
    ({"matchExpressions": [{"key": "", "operator": "Exists"}]}, f"{TERM}.key", 'Invalid value: ""', "Network"),
    (
        {"matchExpressions": [{"key": "a", "operator": "in", "values": ["x"]}]},
        f"{TERM}.operator",
        'Invalid value: "in": not a valid selector operator',
        "case sensitive: In",
    ),
    (
        {"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]},
        f"{TERM}.operator",
        'Invalid value: "Gt": not a valid selector operator',
        "node affinity",
    ),
    (
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        f"{TERM}.values",
        "Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "use Exists",
    ),
    (
        {"matchExpressions": [{"key": "a", "operator": "DoesNotExist", "values": ["x"]}]},
        f"{TERM}.values",
        "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        "use NotIn",
    ),
    (
        {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["-"]}]},
        f"{TERM}.values[0]",
        'Invalid value: "-": a valid label must',
        "NetworkPolicy",
    ),
]
SELECTORS = (
    Place(lambda kind, it: of_subject(kind, {"namespaces": it}), "spec.subject.namespaces"),
    Place(lambda kind, it: of_subject(kind, {"pods": {**BOTH, "podSelector": it}}), "spec.subject.pods.podSelector"),
    Place(
        lambda kind, it: of_ingress(kind, {"pods": {**BOTH, "namespaceSelector": it}}),
        "spec.ingress[0].from[0].pods.namespaceSelector",
    ),
    Place(lambda kind, it: of_egress(kind, {"namespaces": it}), "spec.egress[0].to[0].namespaces"),
    Place(lambda kind, it: of_egress(kind, {"nodes": it}), "spec.egress[0].to[0].nodes"),
)


@pytest.mark.parametrize("place", SELECTORS, ids=lambda place: place.path)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", SCHEMA)
def test_selectors_follow_the_schema(place: Place, kind: str, row: Row) -> None:
    selector, suffix, text, hint = row
    problems, _ = place.check(kind, selector)
    assert_one(problems, f"{place.path}{suffix}", text, hint)
    assert UNDECIDED not in problems[0].message


@pytest.mark.parametrize("place", SELECTORS, ids=lambda place: place.path)
@pytest.mark.parametrize("row", BEYOND)
def test_what_no_schema_checks_in_a_selector_is_a_problem_that_says_so(place: Place, row: Row) -> None:
    selector, suffix, text, hint = row
    problems, _ = place.check(CNP, selector)
    assert {problem.path for problem in problems} == {f"{place.path}{suffix}"}
    assert problems[0].message.startswith(text)
    assert hint in problems[0].hint
    assert all(problem.message.endswith(UNDECIDED) for problem in problems)


def test_a_selector_of_nothing_but_nulls_selects_everything_and_that_is_said() -> None:
    problems, notices = of_subject(CNP, {"namespaces": {"matchLabels": None}})
    assert problems == []
    assert [notice.message for notice in notices] == [
        "spec.subject.namespaces: nulls are dropped by the API server: this selector is empty and selects everything"
    ]


NETWORKS: list[Row] = [
    ([], "", NO_ITEMS, "at least one block"),
    (["10.0.0.0/8"] * 2, "[1]", 'Duplicate value: "10.0.0.0/8"', "once"),
    (["10.0.0.0/8"] * 3, "[1]", 'Duplicate value: "10.0.0.0/8"', "once"),
    ([f"10.0.0.{it}/32" for it in range(26)], "", "Too many: 26: must have at most 25 items", "peer of their own"),
    ("10.0.0.0/8", "", 'Invalid value: "10.0.0.0/8": expected list', "[10.0.0.0/8]"),
    ([None], "[0]", "Invalid value: null", "remove the empty"),
    ([{"cidr": "10.0.0.0/8"}], "[0]", "Invalid value: expected string, got map", "no exceptions"),
    (["10.0.0.1"], "[0]", f'Invalid value: "10.0.0.1": {BAD_CIDR}', "10.0.0.1/32"),
    (["::1"], "[0]", f'Invalid value: "::1": {BAD_CIDR}', "::1/128"),
    (["10.0.0.0/33"], "[0]", f'Invalid value: "10.0.0.0/33": {BAD_CIDR}', ""),
    (["10.0.0.0/08"], "[0]", f'Invalid value: "10.0.0.0/08": {BAD_CIDR}', "write 10.0.0.0/8"),
    (["10.0.0.0/+8"], "[0]", f'Invalid value: "10.0.0.0/+8": {BAD_CIDR}', ""),
    (["010.0.0.0/8"], "[0]", f'Invalid value: "010.0.0.0/8": {BAD_CIDR}', "write 10.0.0.0/8"),
    (["::ffff:10.0.0.0/104"], "[0]", f'Invalid value: "::ffff:10.0.0.0/104": {BAD_CIDR}', "write 10.0.0.0/8"),
    (["fe80::1%eth0/64"], "[0]", f'Invalid value: "fe80::1%eth0/64": {BAD_CIDR}', "no zone"),
    (["10.0.0.0/8 "], "[0]", f'Invalid value: "10.0.0.0/8 ": {BAD_CIDR}', "blanks"),
    (["10.0.0.0/255.0.0.0"], "[0]", f'Invalid value: "10.0.0.0/255.0.0.0": {BAD_CIDR}', "10.0.0.0/8"),
    (["10.0.0.1-10.0.0.9"], "[0]", f'Invalid value: "10.0.0.1-10.0.0.9": {BAD_CIDR}', "blocks"),
    (["example.org"], "[0]", f'Invalid value: "example.org": {BAD_CIDR}', "domainNames"),
    (["${CIDR}"], "[0]", f'Invalid value: "${{CIDR}}": {BAD_CIDR}', "not rendered"),
    ([""], "[0]", f'Invalid value: "": {BAD_CIDR}', ""),
    (["0000:0000:0000:0000:0000:0000:255.0.0.0/112"], "", "", ""),
    (["0000:0000:0000:0000:0000:0000:255.10.0.0/112"], "[0]", "Too long: may not be more than 43 bytes", "shortest"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("networks", "suffix", "text", "hint"), NETWORKS)
def test_networks(kind: str, networks: Any, suffix: str, text: str, hint: str) -> None:
    problems, _ = of_egress(kind, {"networks": networks})
    if text:
        assert_one(problems, f"spec.egress[0].to[0].networks{suffix}", text, hint)
    else:
        assert problems == []


@pytest.mark.parametrize(
    ("text", "meaning"), [("10.0.0.1/8", "10.0.0.0/8"), ("fd00::1/8", "fd00::/8"), ("ff06::/3", "e000::/3")]
)
def test_bits_beyond_the_prefix_are_accepted_with_the_block_they_mean(text: str, meaning: str) -> None:
    problems, notices = of_egress(CNP, {"networks": [text]})
    assert problems == []
    assert [notice.message for notice in notices] == [
        f'spec.egress[0].to[0].networks[0]: "{text}" is read as {meaning}: bits beyond the prefix length do not count'
    ]


DOMAINS: list[Row] = [
    ([], "", NO_ITEMS, "at least one name"),
    (["a.b", "a.b"], "[1]", 'Duplicate value: "a.b"', "once"),
    ([f"a{it}.b" for it in range(26)], "", "Too many: 26: must have at most 25 items", "peer of their own"),
    ([None], "[0]", "Invalid value: null", "remove the empty"),
    (["localhost"], "[0]", f'Invalid value: "localhost": {PATTERN}', "two labels"),
    (["*"], "[0]", f'Invalid value: "*": {PATTERN}', "0.0.0.0/0"),
    ([""], "[0]", f'Invalid value: "": {PATTERN}', "0.0.0.0/0"),
    (["*example.com"], "[0]", f'Invalid value: "*example.com": {PATTERN}', "whole labels"),
    (["www.*.com"], "[0]", f'Invalid value: "www.*.com": {PATTERN}', "whole labels"),
    (["*.*.com"], "[0]", f'Invalid value: "*.*.com": {PATTERN}', "whole labels"),
    (["https://a.example.com/x"], "[0]", 'Invalid value: "https:', "the name alone: a.example.com"),
    (["a.example.com:443"], "[0]", 'Invalid value: "a.example.com:443"', "the name alone: a.example.com"),
    ([" a.b"], "[0]", 'Invalid value: " a.b"', "the name alone: a.b"),
    (["a.b\n"], "[0]", 'Invalid value: "a.b', "the name alone: a.b"),
    (["https://localhost"], "[0]", 'Invalid value: "https:', ""),
    (["a..b"], "[0]", f'Invalid value: "a..b": {PATTERN}', ""),
    (["-a.b"], "[0]", f'Invalid value: "-a.b": {PATTERN}', ""),
    (["a-.b"], "[0]", f'Invalid value: "a-.b": {PATTERN}', ""),
    (["bücher.example"], "[0]", 'Invalid value: "bücher.example"', ""),
]


@pytest.mark.parametrize("kind", [ANP, CNP])
@pytest.mark.parametrize(("names", "suffix", "text", "hint"), DOMAINS)
def test_domain_names(kind: str, names: Any, suffix: str, text: str, hint: str) -> None:
    problems, _ = of_egress(kind, {"domainNames": names})
    assert_one(problems, f"spec.egress[0].to[0].domainNames{suffix}", text, hint)


@pytest.mark.parametrize("name", ["[a.example.com", "\\a.b", "]a.b", "^a.b", "`a.b", "a.^b"])
def test_the_slip_in_the_pattern_of_domain_names_is_followed_and_said(name: str) -> None:
    problems, notices = of_egress(CNP, {"domainNames": [name]})
    assert problems == []
    assert "accepted by a slip" in notices[0].message


def test_an_address_among_domain_names_is_accepted_and_said() -> None:
    problems, notices = of_egress(CNP, {"domainNames": ["10.0.0.1"]})
    assert problems == []
    assert "write it under networks" in notices[0].message


@pytest.mark.parametrize(("kind", "action"), [(ANP, "Deny"), (ANP, "Pass"), (CNP, "Deny"), (CNP, "Pass")])
def test_domain_names_in_rules_that_do_not_let_through_are_left_to_implementations(kind: str, action: str) -> None:
    problems, _ = of_egress(kind, {"domainNames": ["a.b"]}, action)
    text = f"Forbidden: domainNames is only supported for {ACCEPT[kind]} rules {UNDECIDED}"
    assert_one(problems, "spec.egress[0].to[0].domainNames", text, f"a rule of action {ACCEPT[kind]}")
