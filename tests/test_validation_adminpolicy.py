"""Every mistake that the API server refuses in a cluster-wide policy as a whole, or in a rule's own fields, is a
problem with its path, its text and a hint; so is what it accepts and leaves to each implementation."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.problems import Notice, Problem
from netpol_verify.encodings.reading.documents import parse_documents
from netpol_verify.encodings.validation.admin_dialects import DIALECTS
from netpol_verify.encodings.validation.adminpolicy import check_admin_policy
from netpol_verify.encodings.validation.fields import Field, Findings
from netpol_verify.encodings.written import Map, Seq, WrittenObject, written

ANP, BANP, CNP = "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"
KINDS = (ANP, BANP, CNP)
ACCEPT = {ANP: "Allow", BANP: "Allow", CNP: "Accept"}
MOST_RULES = {ANP: 100, BANP: 100, CNP: 25}
PEER: dict[str, Any] = {"namespaces": {}}
ONLY_ONE = 'Only one baseline admin network policy with metadata.name="default" can be created in the cluster'


def base(kind: str) -> dict[str, Any]:
    """The spec of a legal policy without a rule."""
    fields: dict[str, Any] = {"subject": {"namespaces": {}}}
    if kind != BANP:
        fields["priority"] = 10
    if kind == CNP:
        fields["tier"] = "Admin"
    return fields


def rule(kind: str, **fields: Any) -> dict[str, Any]:
    """A legal ingress rule; a field given as ... is left out."""
    whole: dict[str, Any] = {"action": ACCEPT[kind], "from": [PEER], **fields}
    return {name: value for name, value in whole.items() if value is not ...}


def policy(kind: str, spec: Any = None, **fields: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "apiVersion": f"policy.networking.k8s.io/{'v1alpha2' if kind == CNP else 'v1alpha1'}",
        "kind": kind,
        "metadata": {"name": "default"},
        "spec": base(kind) if spec is None else spec,
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def check(fields: Any) -> tuple[list[Problem], list[Notice]]:
    whole = fields if isinstance(fields, Map) else written(fields, 1)
    findings = Findings()
    subject = WrittenObject("p.yaml", 1, str(whole["apiVersion"]), str(whole["kind"]), None, "default", whole)
    check_admin_policy(Field.root(subject, findings))
    return findings.problems, findings.notices


def spec_with(kind: str, **fields: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {**base(kind), **fields}
    return {name: value for name, value in whole.items() if value is not ...}


def test_the_kinds_are_known_by_group_and_kind() -> None:
    assert sorted(DIALECTS) == [("policy.networking.k8s.io", kind) for kind in KINDS]
    assert {dialect.api_version for dialect in DIALECTS.values()} == {
        "policy.networking.k8s.io/v1alpha1",
        "policy.networking.k8s.io/v1alpha2",
    }


LEGAL: list[tuple[str, dict[str, Any]]] = [
    *((kind, base(kind)) for kind in KINDS),
    *((kind, spec_with(kind, ingress=[], egress=[])) for kind in KINDS),
    *((kind, spec_with(kind, ingress=None, egress=None)) for kind in KINDS),
    *((kind, spec_with(kind, ingress=[rule(kind, name=None)])) for kind in KINDS),
    *((kind, spec_with(kind, ingress=[rule(kind, name="n" * 100), rule(kind, name="n" * 100)])) for kind in KINDS),
    *((kind, spec_with(kind, ingress=[rule(kind, name="ü" * 100)])) for kind in KINDS),
    *((kind, spec_with(kind, ingress=[rule(kind)] * MOST_RULES[kind])) for kind in KINDS),
    *((kind, spec_with(kind, egress=[{"action": "Deny", "to": [PEER] * MOST_RULES[kind]}])) for kind in KINDS),
    *((kind, spec_with(kind, priority=priority)) for kind in (ANP, CNP) for priority in (0, 1000)),
    *((kind, spec_with(kind, ingress=[rule(kind, action="Pass")])) for kind in (ANP, CNP)),
    *((CNP, spec_with(CNP, tier=tier, ingress=[rule(CNP, action="Pass")])) for tier in ("Admin", "Baseline")),
]


@pytest.mark.parametrize(("kind", "spec"), LEGAL)
def test_what_the_api_server_accepts_is_accepted(kind: str, spec: dict[str, Any]) -> None:
    assert check(policy(kind, spec)) == ([], [])


LEAST, MOST = "should be greater than or equal to", "should be less than or equal to"

# Kind, spec, path and beginning of the text of the only problem, a part of the hint ("": there is none).
ROWS: list[tuple[str, dict[str, Any], str, str, str]] = [
    # required fields
    *((kind, spec_with(kind, subject=...), "spec.subject", "Required value", "namespaces: {}") for kind in KINDS),
    *((kind, spec_with(kind, subject=None), "spec.subject", "Required value", "namespaces: {}") for kind in KINDS),
    *((kind, spec_with(kind, priority=...), "spec.priority", "Required value", "0 to 1000") for kind in (ANP, CNP)),
    *((kind, spec_with(kind, priority=None), "spec.priority", "Required value", "0 to 1000") for kind in (ANP, CNP)),
    (CNP, spec_with(CNP, tier=...), "spec.tier", "Required value", "Admin or Baseline"),
    (CNP, spec_with(CNP, tier=None), "spec.tier", "Required value", "Admin or Baseline"),
    *(
        (kind, spec_with(kind, ingress=[rule(kind, action=absent)]), "spec.ingress[0].action", "Required value", "Deny")
        for kind in KINDS
        for absent in (..., None)
    ),
    *(
        (
            kind,
            spec_with(kind, ingress=[rule(kind, **{"from": absent})]),
            "spec.ingress[0].from",
            "Required value",
            "from: [{namespaces: {}}]",
        )
        for kind in KINDS
        for absent in (..., None)
    ),
    *(
        (kind, spec_with(kind, egress=[{"action": "Deny"}]), "spec.egress[0].to", "Required value", "to: [{name")
        for kind in KINDS
    ),
    # priority and tier
    *(
        (kind, spec_with(kind, priority=value), "spec.priority", f"Invalid value: {value}: {text}", "0 to 1000")
        for kind in (ANP, CNP)
        for value, text in ((-1, f"{LEAST} 0"), (1001, f"{MOST} 1000"))
    ),
    (ANP, spec_with(ANP, priority="5"), "spec.priority", 'Invalid value: "5": expected integer', "without quotes: 5"),
    (ANP, spec_with(ANP, priority=2**40), "spec.priority", f"Invalid value: {2**40}: expected a 32-bit integer", ""),
    *(
        (
            CNP,
            spec_with(CNP, tier=value),
            "spec.tier",
            f'Unsupported value: "{value}": supported values: "Admin", "Baseline"',
            hint,
        )
        for value, hint in (("admin", "write Admin"), ("NetworkPolicy", "between"), ("Default", ""), ("", ""))
    ),
    # actions
    *(
        (
            kind,
            spec_with(kind, ingress=[rule(kind, action=value)]),
            "spec.ingress[0].action",
            f'Unsupported value: "{value}": supported values: {supported}',
            hint,
        )
        for kind, supported, rows in (
            (ANP, '"Allow", "Deny", "Pass"', (("Accept", "says Allow"), ("deny", "write Deny"), ("Log", ""))),
            (BANP, '"Allow", "Deny"', (("Pass", "no tier comes after"), ("Accept", "says Allow"), ("", ""))),
            (CNP, '"Accept", "Deny", "Pass"', (("Allow", "says Accept"), ("pass", "write Pass"), ("Drop", "Deny"))),
        )
        for value, hint in rows
    ),
    # numbers of rules, peers and ports
    *(
        (
            kind,
            spec_with(kind, ingress=[rule(kind)] * (most + 1)),
            "spec.ingress",
            f"Too many: {most + 1}: must have at most {most} items",
            "join rules" if kind == BANP else "several policies",
        )
        for kind, most in MOST_RULES.items()
    ),
    *(
        (
            kind,
            spec_with(kind, egress=[{"action": "Deny", "to": [PEER] * (most + 1)}]),
            "spec.egress[0].to",
            f"Too many: {most + 1}: must have at most {most} items",
            "split the rule",
        )
        for kind, most in MOST_RULES.items()
    ),
    *(
        (
            kind,
            spec_with(kind, ingress=[rule(kind, **{"from": []})]),
            "spec.ingress[0].from",
            "Invalid value: 0: should have at least 1 items",
            "`- namespaces: {}`",
        )
        for kind in KINDS
    ),
    # rule name
    *(
        (
            kind,
            spec_with(kind, ingress=[rule(kind, name="n" * 101)]),
            "spec.ingress[0].name",
            "Too long: may not be more than 100 bytes",
            "shorten",
        )
        for kind in KINDS
    ),
    (CNP, spec_with(CNP, ingress=[rule(CNP, name=7)]), "spec.ingress[0].name", "Invalid value: 7: expected str", '"7"'),
    # types and nulls
    (ANP, spec_with(ANP, ingress={}), "spec.ingress", "Invalid value: expected list, got map", "`- `"),
    (ANP, spec_with(ANP, ingress=["x"]), "spec.ingress[0]", 'Invalid value: "x": expected map', "- action: Deny"),
    (ANP, spec_with(ANP, ingress=[None]), "spec.ingress[0]", "Invalid value: null: an element of a list", "remove"),
    (CNP, spec_with(CNP, egress=[None]), "spec.egress[0]", "Invalid value: null: an element of a list", "remove"),
]


@pytest.mark.parametrize(
    ("kind", "spec", "path", "text", "hint"), ROWS, ids=[f"{row[0]}-{row[2]}-{row[3][:40]}" for row in ROWS]
)
def test_each_mistake_has_its_path_text_and_hint(
    kind: str, spec: dict[str, Any], path: str, text: str, hint: str
) -> None:
    problems, _ = check(policy(kind, spec))
    assert [problem.path for problem in problems] == [path]
    assert problems[0].message.startswith(text)
    assert hint in problems[0].hint
    assert bool(hint) == bool(problems[0].hint)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spec", [..., None])
def test_a_policy_needs_a_spec(kind: str, spec: Any) -> None:
    fields = policy(kind)
    del fields["spec"]
    problems, _ = check(fields if spec is ... else {**fields, "spec": spec})
    assert [(problem.path, problem.message) for problem in problems] == [("spec", "Required value")]


def test_the_one_baseline_admin_network_policy_is_called_default() -> None:
    for metadata, path in (({"name": "other"}, "metadata.name"), ({"generateName": "x-"}, "metadata.generateName")):
        problems, _ = check(policy(BANP, metadata=metadata))
        assert [problem.path for problem in problems] == [path]
        assert problems[0].message.endswith(ONLY_ONE)
        assert "name: default" in problems[0].hint
    for kind in (ANP, CNP):
        assert check(policy(kind, metadata={"name": "other"})) == ([], [])
        assert check(policy(kind, metadata={"generateName": "x-"})) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_names_and_metadata_are_checked_as_for_every_object(kind: str) -> None:
    problems, _ = check(policy(kind, metadata={"name": "Bad_Name"}))
    assert {problem.path for problem in problems} == {"metadata.name"}
    problems, _ = check(policy(kind, metadata={"name": "default", "label": {}}))
    assert [problem.message for problem in problems] == ['unknown field "metadata.label"']
    problems, _ = check(policy(kind, metadata=None))
    assert [(problem.path, problem.message) for problem in problems] == [
        ("metadata.name", "Required value: name or generateName is required")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_namespace_is_ignored_as_the_api_server_does_and_said(kind: str) -> None:
    problems, notices = check(policy(kind, metadata={"name": "default", "namespace": "shop"}))
    assert problems == []
    assert [(notice.file, notice.line) for notice in notices] == [("p.yaml", 1)]
    assert notices[0].message.startswith(f"metadata.namespace: {kind} has no namespace")


@pytest.mark.parametrize("kind", KINDS)
def test_status_may_hold_anything(kind: str) -> None:
    assert check(policy(kind, status={"conditions": [{"type": "x"}]})) == ([], [])


# Kind, where the unknown field stands, its value, a part of the hint.
STRANGERS: list[tuple[str, tuple[str | int, ...], str]] = [
    (ANP, ("priority",), "under `spec`"),
    (ANP, ("name",), "under `metadata`"),
    (CNP, ("spce",), 'did you mean "spec"?'),
    (ANP, ("spec", "tier"), "ClusterNetworkPolicy"),
    (BANP, ("spec", "tier"), "ClusterNetworkPolicy"),
    (BANP, ("spec", "priority"), "no priority"),
    (CNP, ("spec", "podSelector"), "subject: {pods:"),
    (CNP, ("spec", "policyTypes"), "no policy types"),
    (CNP, ("spec", "Priority"), "case sensitive: priority"),
    (CNP, ("spec", "namespaces"), "under `subject`"),
    (CNP, ("spec", "priorty"), 'did you mean "priority"?'),
    (ANP, ("spec", "ingress", 0, "to"), "ingress rules use `from`"),
    (ANP, ("spec", "ingress", 0, "protocols"), "calls it `ports`"),
    (BANP, ("spec", "ingress", 0, "protocols"), "calls it `ports`"),
    (CNP, ("spec", "ingress", 0, "ports"), "calls it `protocols`"),
    (CNP, ("spec", "ingress", 0, "namespaces"), "peers go under `from:`"),
    (CNP, ("spec", "ingress", 0, "tcp"), "under `protocols:`"),
    (ANP, ("spec", "ingress", 0, "portNumber"), "under `ports:`"),
    (CNP, ("spec", "ingress", 0, "zzz"), ""),
]


@pytest.mark.parametrize(("kind", "path", "hint"), STRANGERS)
def test_unknown_fields_are_problems_with_a_suggestion(kind: str, path: tuple[str | int, ...], hint: str) -> None:
    fields = policy(kind, spec_with(kind, ingress=[rule(kind)]))
    place: Any = fields
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = {"x": 1}
    problems, _ = check(fields)
    assert len(problems) == 1
    assert problems[0].message == f'unknown field "{problems[0].path}"'
    assert problems[0].path.endswith(str(path[-1]))
    assert hint in problems[0].hint
    assert bool(hint) == bool(problems[0].hint)


TEXT = """apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: p
  namespace: shop
spec:
  tier: Admin
  priority: 1001
  subject:
    namespaces: {}
  egress:
  - action: Deny
    to:
    - nodes: {}
    protocols:
    - destinationNamedPort: http
    - tcp: {}
"""


def test_problems_and_notices_stand_on_the_lines_of_their_fields() -> None:
    value = parse_documents(TEXT, "p.yaml")[0].value
    assert isinstance(value, Map)
    problems, notices = check(value)
    assert [(problem.line, problem.path) for problem in problems] == [
        (8, "spec.priority"),
        (17, "spec.egress[0].protocols[1].tcp"),
        (16, "spec.egress[0]"),
    ]
    assert [notice.line for notice in notices] == [5]


def test_all_problems_are_found_in_one_go() -> None:
    spec: dict[str, Any] = {"tier": "x", "priority": -1, "ingress": [{"from": [{}]}], "egress": [{"action": "Accept"}]}
    assert [problem.path for problem in check(policy(CNP, spec))[0]] == [
        "spec.tier",
        "spec.priority",
        "spec.subject",
        "spec.ingress[0].action",
        "spec.ingress[0].from[0]",
        "spec.egress[0].to",
    ]


# Random policies: legal ones have no problem, and garbage anywhere is a problem and never an exception.
Strategy = st.SearchStrategy[Any]
SELECTOR: Strategy = st.sampled_from(
    [
        {},
        {"matchLabels": {"app": "web", "example.com/tier": ""}},
        {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x", "y"]}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": None}]},
        {"matchLabels": None, "matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]},
    ]
)


def single(fields: dict[str, Strategy], optional: dict[str, Strategy] | None = None) -> Strategy:
    return st.fixed_dictionaries(fields, optional=optional or {})


NUMBER: Strategy = st.integers(1, 65534)
PODS: Strategy = single({"podSelector": SELECTOR, "namespaceSelector": SELECTOR})
SUBJECT: Strategy = single({"namespaces": SELECTOR}) | single({"pods": PODS})
NETWORKS: Strategy = st.lists(st.ip_addresses(v=4).map(lambda it: f"{it}/32"), min_size=1, max_size=3, unique=True)
OUTSIDE: Strategy = single({"networks": NETWORKS}) | single({"nodes": SELECTOR})


def ports_of(kind: str) -> Strategy:
    ends = {"start": st.integers(1, 30000), "end": st.integers(30001, 65535)}
    if kind == CNP:
        destination = single({"number": NUMBER}) | single({"range": single(ends)})
        return st.sampled_from(["tcp", "udp", "sctp"]).flatmap(
            lambda protocol: single({protocol: single({"destinationPort": destination})})
        )
    protocol: dict[str, Strategy] = {"protocol": st.sampled_from(["TCP", "UDP", "SCTP", None])}
    return single({"portNumber": single({"port": NUMBER}, protocol)}) | single({"portRange": single(ends, protocol)})


def rules_of(kind: str, direction: str) -> Strategy:
    peers = SUBJECT if direction == "from" else SUBJECT | OUTSIDE
    actions = [ACCEPT[kind], "Deny"] + (["Pass"] if kind != BANP else [])
    fields: dict[str, Strategy] = {
        "action": st.sampled_from(actions),
        direction: st.lists(peers, min_size=1, max_size=3),
    }
    ports: dict[str, Strategy] = {
        "protocols" if kind == CNP else "ports": st.lists(ports_of(kind), min_size=1, max_size=3)
    }
    return st.lists(single(fields, ports), max_size=3)


def specs_of(kind: str) -> Strategy:
    required: dict[str, Strategy] = {"subject": SUBJECT}
    if kind != BANP:
        required["priority"] = st.integers(0, 1000)
    if kind == CNP:
        required["tier"] = st.sampled_from(["Admin", "Baseline"])
    return single(required, {"ingress": rules_of(kind, "from"), "egress": rules_of(kind, "to")})


POLICIES: Strategy = st.sampled_from(KINDS).flatmap(lambda kind: specs_of(kind).map(lambda spec: policy(kind, spec)))
GARBAGE: Strategy = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(["TCP", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["networks", "tcp", "pods", "key"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(POLICIES)
def test_a_random_legal_policy_has_no_problem(fields: dict[str, Any]) -> None:
    assert check(fields)[0] == []


def paths(value: Any) -> list[tuple[Any, ...]]:
    """Every path inside a nested value, the way to it included."""
    steps: list[Any] = []
    if isinstance(value, Map):
        steps = list(value)
    elif isinstance(value, Seq):
        steps = list(range(len(value)))
    return [(step, *rest) for step in steps for rest in ((), *paths(value[step]))]


@settings(deadline=None, max_examples=150)
@given(st.data(), POLICIES, GARBAGE)
def test_garbage_at_any_path_never_raises(data: st.DataObject, fields: dict[str, Any], garbage: Any) -> None:
    places = [path for path in paths(written(fields)) if path[0] in ("metadata", "spec")]
    path = data.draw(st.sampled_from(places))
    changed = copy.deepcopy(fields)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = garbage
    problems, notices = check(changed)
    assert all(problem.file == "p.yaml" and problem.render() for problem in problems)
    assert all(notice.message for notice in notices)
