"""Whatever stands in a manifest, validation answers with problems and never raises; what is legal has none."""

from __future__ import annotations

import copy
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.written import Map, Seq, WrittenObject, written

SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "80", "TCP", "In", "10.0.0.0/8", "10.0.0.1", "a=b", "\ud800", "x" * 300])
)
KEYS = st.text(max_size=8) | st.sampled_from(
    ["matchLabels", "matchExpressions", "key", "values", "cidr", "except", "ports", "from", "to", "labels", "a/b/c"]
)
GARBAGE: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)

SELECTOR = {
    "matchLabels": {"app": "web"},
    "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}],
}
METADATA = {
    "name": "x",
    "namespace": "shop",
    "labels": {"app": "web"},
    "annotations": {"a": "b"},
    "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "n", "uid": "u", "controller": True}],
}
POD_SPEC = {
    "hostNetwork": True,
    "nodeName": "n",
    "containers": [{"ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}],
}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": POD_SPEC}
POLICY_SPEC = {
    "podSelector": SELECTOR,
    "ingress": [
        {
            "from": [{"podSelector": SELECTOR, "namespaceSelector": SELECTOR}],
            "ports": [{"protocol": "UDP", "port": 1, "endPort": 9}, {"port": "http"}],
        }
    ],
    "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}],
    "policyTypes": ["Ingress", "Egress"],
}
OBJECTS: list[tuple[str, str, dict[str, Any]]] = [
    ("networking.k8s.io/v1", "NetworkPolicy", {"metadata": METADATA, "spec": POLICY_SPEC}),
    ("v1", "Namespace", {"metadata": METADATA, "status": {"phase": "Active"}}),
    (
        "v1",
        "Pod",
        {"metadata": METADATA, "spec": POD_SPEC, "status": {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}},
    ),
    (
        "apps/v1",
        "Deployment",
        {"metadata": METADATA, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}},
    ),
    ("v1", "ReplicationController", {"metadata": METADATA, "spec": {"selector": {"app": "web"}, "template": TEMPLATE}}),
    ("batch/v1", "CronJob", {"metadata": METADATA, "spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}}),
]


def subject(api_version: str, kind: str, fields: Any) -> WrittenObject:
    whole = written({"apiVersion": api_version, "kind": kind, **fields}, 1)
    return WrittenObject("x.yaml", 1, api_version, kind, "shop", "x", whole)


def paths(value: Any) -> list[tuple[Any, ...]]:
    """Every path inside a nested value, the way to it included."""
    steps: list[Any] = []
    if isinstance(value, Map):
        steps = list(value)
    elif isinstance(value, Seq):
        steps = list(range(len(value)))
    return [(step, *rest) for step in steps for rest in ((), *paths(value[step]))]


def replaced(value: Any, path: tuple[Any, ...], garbage: Any) -> Any:
    result = copy.deepcopy(value)
    place = result
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = garbage
    return result


def test_the_legal_objects_of_this_file_have_no_problem() -> None:
    for api_version, kind, fields in OBJECTS:
        assert validate([subject(api_version, kind, fields)]) == ((), ())


@settings(deadline=None)
@given(st.data(), st.sampled_from(OBJECTS), GARBAGE)
def test_garbage_at_any_path_never_raises(
    data: st.DataObject, legal: tuple[str, str, dict[str, Any]], garbage: Any
) -> None:
    api_version, kind, fields = legal
    path = data.draw(st.sampled_from(paths(written(fields))))
    problems, notices = validate([subject(api_version, kind, replaced(fields, path, garbage))])
    assert all(problem.file == "x.yaml" and problem.render() for problem in problems)
    assert all(notice.message for notice in notices)


@settings(deadline=None)
@given(st.sampled_from(OBJECTS), st.dictionaries(KEYS | st.sampled_from(["metadata", "spec", "status"]), GARBAGE))
def test_an_object_of_nothing_but_garbage_never_raises(legal: tuple[str, str, Any], fields: dict[str, Any]) -> None:
    validate([subject(legal[0], legal[1], fields)])


Strategy = st.SearchStrategy[Any]


def record(required: dict[str, Strategy], optional: dict[str, Strategy] | None = None) -> Strategy:
    return st.fixed_dictionaries(required, optional=optional or {})


def list_of(elements: Strategy, least: int = 0) -> Strategy:
    return st.lists(elements, min_size=least, max_size=3)


KEY: Strategy = st.from_regex(
    r"(?:[a-z][-a-z0-9]{0,8}[a-z0-9]/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,60}[A-Za-z0-9])?", fullmatch=True
)
VALUE: Strategy = st.from_regex(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", fullmatch=True)
NULL: Strategy = st.none()
TERMS = record({"key": KEY, "operator": st.sampled_from(["In", "NotIn"]), "values": list_of(VALUE, least=1)}) | record(
    {"key": KEY, "operator": st.sampled_from(["Exists", "DoesNotExist"])}, {"values": st.sampled_from([None, []])}
)
SELECTORS = record(
    {},
    {
        "matchLabels": NULL | st.dictionaries(KEY, VALUE, max_size=3),
        "matchExpressions": NULL | list_of(TERMS),
    },
)


def block(address: IPv4Address | IPv6Address) -> dict[str, str]:
    return {"cidr": f"{address}/{address.max_prefixlen}"}


def port_range(one: int, two: int) -> dict[str, int]:
    return {"port": min(one, two), "endPort": max(one, two)}


BLOCKS: Strategy = st.builds(block, st.ip_addresses())
POD_PEERS = record({"podSelector": SELECTORS}, {"namespaceSelector": NULL | SELECTORS})
PEERS = POD_PEERS | record({"namespaceSelector": SELECTORS}) | record({"ipBlock": BLOCKS})
PORT_NUMBER = st.integers(1, 65535)
PORTS: Strategy = (
    NULL
    | record(
        {},
        {
            "protocol": st.sampled_from([None, "TCP", "UDP", "SCTP"]),
            "port": NULL | PORT_NUMBER | st.from_regex("[a-z0-9]{0,7}[a-z]", fullmatch=True),
        },
    )
    | st.builds(port_range, PORT_NUMBER, PORT_NUMBER)
)


def rules(peers: str) -> Strategy:
    return NULL | list_of(NULL | record({}, {peers: NULL | list_of(PEERS), "ports": NULL | list_of(PORTS)}))


SPECS = NULL | record(
    {},
    {
        "podSelector": NULL | SELECTORS,
        "ingress": rules("from"),
        "egress": rules("to"),
        "policyTypes": NULL | st.lists(st.sampled_from(["Ingress", "Egress"]), max_size=2),
    },
)


@settings(deadline=None)
@given(SPECS)
def test_a_random_legal_policy_has_no_problem(spec: Any) -> None:
    policy = subject("networking.k8s.io/v1", "NetworkPolicy", {"metadata": {"name": "p"}, "spec": spec})
    assert validate([policy])[0] == ()
