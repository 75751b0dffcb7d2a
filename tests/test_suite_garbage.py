"""Whatever stands in a suite, loading gives a suite or InputErrors, never another exception."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.properties.loading import load_suite

TOP = ["apiVersion", "kind", "include", "manifests", "defaults", "world", "semantics", "groups", "properties"]
VERBS = ["never", "always", "can", "only", "isolate", "defaultDeny", "dns", "cannotOverride"]
INNER = ["from", "to", "ports", "who", "for", "by", "namespaceLabel", "except", "directions", "strict", "servers"]
PODS = ["namespace", "namespaces", "pods", "workload", "matchLabels", "matchExpressions", "key", "operator", "values"]
GROUP_KEYS = [*PODS, "cidr", "builtin", "clouds", "node", "any"]
OTHER = [
    "id",
    "outcome",
    "severity",
    "tags",
    "external",
    "name",
    "labels",
    "podCIDRs",
    "duplicateObjects",
    "path",
    "from_",
]
KEYS = [*TOP, *VERBS, *INNER, *GROUP_KEYS, *OTHER]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | st.sampled_from(["web", "app=web", "a/b", "10.0.0.0/8", "TCP/80", "In", "open", "netpol-verify/v1", "<text>"])
)
KEY = st.sampled_from(KEYS) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4), max_leaves=12
)
GROUPS = st.dictionaries(st.sampled_from(GROUP_KEYS) | KEY, VALUES, max_size=3)
VERB = st.dictionaries(st.sampled_from(["from", "to", "ports", "for", "groups", "except", "who"]), VALUES | GROUPS)
PROPERTY = st.fixed_dictionaries({"id": SCALARS}, optional=dict.fromkeys(VERBS, VERB | VALUES) | {"world": VALUES})
SUITES = st.fixed_dictionaries(
    {"apiVersion": st.just("netpol-verify/v1"), "kind": st.just("PropertySuite")},
    optional={
        "world": st.dictionaries(KEY, VALUES, max_size=3) | VALUES,
        "groups": st.dictionaries(KEY, GROUPS, max_size=3) | VALUES,
        "properties": st.lists(PROPERTY, max_size=3) | VALUES,
        "include": VALUES,
        "manifests": VALUES,
        "semantics": VALUES,
        "defaults": VALUES,
    },
)


def load(data: bytes, folder: Path) -> None:
    (folder / "s.yaml").write_bytes(data)
    with suppress(InputErrors):
        load_suite("s.yaml")


RUN = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@RUN
@given(value=SUITES | VALUES)
def test_any_json_value(value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    load(json.dumps(value).encode(), tmp_path)


@RUN
@given(data=st.binary(max_size=40) | st.text("abc:{}[]&*-\n #'\"\\u0d8", max_size=60).map(str.encode))
def test_any_bytes(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    load(data, tmp_path)
