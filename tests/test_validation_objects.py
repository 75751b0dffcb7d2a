"""Metadata, Namespaces, Pods and workloads are checked in the fields that are read."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.problems import Problem
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.written import WrittenObject, written

SELECTOR = "`selector` does not match template `labels`"


def check(api_version: str, kind: str, **fields: Any) -> list[Problem]:
    whole = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **fields}
    return list(validate([WrittenObject("x.yaml", 1, api_version, kind, "default", "x", written(whole, 1))])[0])


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in problems]


METADATA: list[tuple[Any, str, str, str]] = [
    (None, "metadata.name", "Required value: name or generateName is required", ""),
    ({}, "metadata.name", "Required value: name or generateName is required", ""),
    ({"name": ""}, "metadata.name", "Required value: name or generateName is required", ""),
    ({"name": "My_Policy"}, "metadata.name", 'Invalid value: "My_Policy": a lowercase RFC 1123 subd', '"my-policy"'),
    ({"name": "a" * 254}, "metadata.name", f'Invalid value: "{"a" * 254}": must be no more than 253', ""),
    ({"name": 7}, "metadata.name", "Invalid value: 7: expected string, got integer", '"7"'),
    ({"generateName": "A-"}, "metadata.generateName", 'Invalid value: "A-": a lowercase RFC 1123', '"a"'),
    ({"name": "x", "namespace": "a.b"}, "metadata.namespace", 'Invalid value: "a.b": must not contain dots', ""),
    ({"name": "x", "namespace": "A"}, "metadata.namespace", 'Invalid value: "A": a lowercase RFC 1123 label', '"a"'),
    ({"name": "x", "labels": {"a b": ""}}, "metadata.labels", 'Invalid value: "a b": name part must consist', ""),
    ({"name": "x", "labels": {"a": "b c"}}, "metadata.labels", 'Invalid value: "b c": a valid label must be', ""),
    ({"name": "x", "labels": {"a": 1}}, "metadata.labels.a", "Invalid value: 1: expected string, got int", '"1"'),
    ({"name": "x", "labels": "a: b"}, "metadata.labels", 'Invalid value: "a: b": expected map, got string', "`a: b`"),
    ({"name": "x", "annotations": {"a b": ""}}, "metadata.annotations", 'Invalid value: "a b": name part must', ""),
    ({"name": "x", "annotations": {"a": 1}}, "metadata.annotations.a", "Invalid value: 1: expected string", '"1"'),
    (
        {"name": "x", "annotations": {"a": "x" * 262144}},
        "metadata.annotations",
        "Too long: may not be more than 262144 bytes",
        "262145 bytes",
    ),
    ({"name": "x", "clusterName": "c"}, "metadata.clusterName", "unknown field", "removed from the API"),
    ({"name": "x", "initializers": {}}, "metadata.initializers", "unknown field", "removed from the API"),
    (["x"], "metadata", "Invalid value: expected map, got list", "remove the `- `"),
    ({"name": "x", "annotations": []}, "metadata.annotations", "Invalid value: expected map, got list", ""),
    ({"name": "x", "ownerReferences": [1]}, "metadata.ownerReferences[0]", "Invalid value: 1: expected map", ""),
    ({"name": "x", "label": {}}, "metadata.label", "unknown field", 'did you mean "labels"?'),
    ({"name": "x", "ownerReferences": {}}, "metadata.ownerReferences", "Invalid value: expected list, got map", "-"),
    ({"name": "x", "finalizers": ["a b"]}, "metadata.finalizers[0]", 'Invalid value: "a b": name part must', ""),
]


@pytest.mark.parametrize(("metadata", "path", "text", "hint"), METADATA, ids=[row[1] for row in METADATA])
def test_mistakes_of_metadata_are_problems(metadata: Any, path: str, text: str, hint: str) -> None:
    problems = check("networking.k8s.io/v1", "NetworkPolicy", metadata=metadata)
    assert [problem.path for problem in problems] == [path]
    assert problems[0].message.startswith(text)
    assert hint in problems[0].hint


def test_legal_metadata_has_no_problem() -> None:
    metadata = {
        "name": "a.b",
        "generateName": "a-",
        "namespace": None,
        "creationTimestamp": None,
        "generation": 2**40,
        "uid": "u",
        "labels": {"example.com/a": ""},
        "annotations": {"Example.com/A": "any text: {{ }}"},
        "finalizers": ["example.com/f"],
        "managedFields": [{"manager": "kubectl"}],
        "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": True}],
    }
    assert check("networking.k8s.io/v1", "NetworkPolicy", metadata=metadata) == []


def test_an_owner_needs_version_kind_name_and_uid() -> None:
    metadata = {"name": "x", "ownerReferences": [{"controller": "yes"}]}
    owner = "metadata.ownerReferences[0]"
    assert told(check("networking.k8s.io/v1", "NetworkPolicy", metadata=metadata)) == [
        (f"{owner}.apiVersion", 'Invalid value: "": version must not be empty'),
        (f"{owner}.kind", 'Invalid value: "": must not be empty'),
        (f"{owner}.name", 'Invalid value: "": must not be empty'),
        (f"{owner}.uid", 'Invalid value: "": must not be empty'),
        (f"{owner}.controller", 'Invalid value: "yes": expected boolean, got string'),
    ]


def test_a_namespace_is_checked_in_full() -> None:
    legal: dict[str, Any] = {
        "metadata": {"name": "shop", "labels": {"kubernetes.io/metadata.name": "shop"}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active", "conditions": []},
    }
    assert check("v1", "Namespace", **legal) == []
    assert [problem.path for problem in check("v1", "Namespace", spec={"x": 1}, status={"y": 1}, labels={})] == [
        "labels",
        "spec.x",
        "status.y",
    ]


def test_a_namespaces_name_is_a_dns_label() -> None:
    assert told(check("v1", "Namespace", metadata={"name": "a.b"})) == [
        ("metadata.name", 'Invalid value: "a.b": must not contain dots')
    ]
    assert told(check("v1", "Namespace", metadata={"name": "a" * 64}))[0][1].endswith("no more than 63 characters")


def test_a_namespaces_name_label_must_be_its_name() -> None:
    labels = {"kubernetes.io/metadata.name": "other"}
    problems = check("v1", "Namespace", metadata={"name": "shop", "labels": labels})
    assert told(problems) == [
        (
            "metadata.labels['kubernetes.io/metadata.name']",
            'Invalid value: "other": must be the namespace\'s name "shop", which the API server puts here itself',
        )
    ]
    assert problems[0].hint


def pod_with_ports(*ports: Any) -> list[Problem]:
    return check("v1", "Pod", spec={"containers": [{"name": "c", "ports": list(ports)}]})


PORT = "spec.containers[0].ports[0]"
CONTAINER_PORTS: list[tuple[Any, str, str]] = [
    ({}, "containerPort", "Required value"),
    ({"containerPort": 0}, "containerPort", "Required value"),
    ({"containerPort": 65536}, "containerPort", "Invalid value: 65536: must be between 1 and 65535, inclusive"),
    ({"containerPort": "80"}, "containerPort", 'Invalid value: "80": expected integer, got string'),
    ({"containerPort": 80, "protocol": "tcp"}, "protocol", 'Unsupported value: "tcp": supported values: "TCP", "UDP"'),
    ({"containerPort": 80, "name": "80"}, "name", 'Invalid value: "80": must contain at least one letter (a-z)'),
    ({"containerPort": 80, "name": "a" * 16}, "name", f'Invalid value: "{"a" * 16}": must be no more than 15'),
    ({"containerPort": 80, "name": "a--b"}, "name", 'Invalid value: "a--b": must not contain consecutive hyphens'),
    ({"containerPort": 80, "name": 80}, "name", "Invalid value: 80: expected string, got integer"),
]


@pytest.mark.parametrize(("port", "field", "text"), CONTAINER_PORTS)
def test_mistakes_of_container_ports_are_problems(port: Any, field: str, text: str) -> None:
    problems = pod_with_ports(port)
    assert [problem.path for problem in problems] == [f"{PORT}.{field}"]
    assert problems[0].message.startswith(text)


def test_legal_container_ports_have_no_problem() -> None:
    assert (
        pod_with_ports(
            {"containerPort": 80},
            {"containerPort": 80, "name": "http", "protocol": "TCP", "hostPort": 80, "unheard": 1},
            {"containerPort": 53, "name": "dns", "protocol": "UDP"},
            {"containerPort": 54, "name": "", "protocol": ""},
            {"containerPort": 55, "name": None, "protocol": None},
        )
        == []
    )


def test_a_port_name_is_unique_in_its_container_only() -> None:
    http = {"containerPort": 80, "name": "http"}
    assert told(pod_with_ports(http, http)) == [("spec.containers[0].ports[1].name", 'Duplicate value: "http"')]
    assert check("v1", "Pod", spec={"containers": [{"ports": [http]}, {"ports": [http]}]}) == []


@pytest.mark.parametrize(
    ("fields", "path", "text"),
    [
        ({"metadata": {"name": "A"}}, "metadata.name", 'Invalid value: "A": a lowercase RFC 1123 subdomain'),
        ({"metadata": {"name": "x", "labels": {"a": 1}}}, "metadata.labels.a", "Invalid value: 1: expected string"),
        ({"spec": []}, "spec", "Invalid value: expected map, got list"),
        ({"status": []}, "status", "Invalid value: expected map, got list"),
        ({"spec": {"containers": [{"ports": [80]}]}}, PORT, "Invalid value: 80: expected map, got integer"),
        ({"spec": {"containers": {}}}, "spec.containers", "Invalid value: expected list, got map"),
        ({"spec": {"containers": [1]}}, "spec.containers[0]", "Invalid value: 1: expected map, got integer"),
        ({"spec": {"hostNetwork": "true"}}, "spec.hostNetwork", 'Invalid value: "true": expected boolean'),
        ({"spec": {"nodeName": 1}}, "spec.nodeName", "Invalid value: 1: expected string, got integer"),
        ({"status": {"phase": "running"}}, "status.phase", 'Unsupported value: "running": supported values:'),
        ({"status": {"podIP": "10.0.0"}}, "status.podIP", 'Invalid value: "10.0.0": must be a valid IP address'),
        ({"status": {"podIPs": [{"ip": "x"}]}}, "status.podIPs[0].ip", 'Invalid value: "x": must be a valid IP'),
        ({"status": {"podIPs": ["10.0.0.1"]}}, "status.podIPs[0]", 'Invalid value: "10.0.0.1": expected map'),
        (
            {"status": {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]}},
            "status.podIPs[1].ip",
            'Invalid value: "10.0.0.2": may specify no more than one IP for each IP family',
        ),
        (
            {"metadata": {"name": "x", "ownerReferences": [{"apiVersion": "v1", "kind": "K"}]}},
            "metadata.ownerReferences[0].name",
            'Invalid value: "": must not be empty',
        ),
    ],
)
def test_mistakes_of_pods_are_problems(fields: Any, path: str, text: str) -> None:
    problems = check("v1", "Pod", **fields)
    assert [problem.path for problem in problems] == [path]
    assert problems[0].message.startswith(text)


def test_a_running_pod_has_no_problem_and_unread_fields_are_left_alone() -> None:
    spec = {"hostNetwork": False, "nodeName": "n", "containers": [{"image": 1}], "unheard": []}
    status = {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}], "x": 1}
    assert check("v1", "Pod", spec=spec, status=status) == []
    assert check("v1", "Pod", spec={}, status={"podIP": "", "phase": ""}) == []


def template(labels: Any, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"labels": labels}, "spec": spec}


APPS = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"]


@pytest.mark.parametrize("kind", APPS)
def test_an_apps_workloads_selector_is_required_and_matches_its_template(kind: str) -> None:
    web = template({"app": "web"})
    assert check("apps/v1", kind, spec={"selector": {"matchLabels": {"app": "web"}}, "template": web}) == []
    assert told(check("apps/v1", kind, spec={"template": web})) == [("spec.selector", "Required value")]
    assert told(check("apps/v1", kind, spec={"selector": {}, "template": web})) == [
        ("spec.selector", f"Invalid value: {{}}: empty selector is invalid for {kind.lower()}")
    ]
    problems = check("apps/v1", kind, spec={"selector": {"matchLabels": {"app": "db"}}, "template": web})
    assert told(problems) == [("spec.template.metadata.labels", f'Invalid value: {{"app":"web"}}: {SELECTOR}')]
    assert problems[0].hint == "the template's labels and the selector differ in: app"


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ({"key": "app", "operator": "In", "values": ["web", "db"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, False),
        ({"key": "tier", "operator": "NotIn", "values": ["web"]}, True),
        ({"key": "tier", "operator": "In", "values": [""]}, False),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "tier", "operator": "Exists"}, False),
        ({"key": "tier", "operator": "DoesNotExist"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
    ],
)
def test_expressions_of_a_workloads_selector_are_evaluated(expression: Any, matches: bool) -> None:
    spec = {"selector": {"matchExpressions": [expression]}, "template": template({"app": "web"})}
    assert bool(check("apps/v1", "Deployment", spec=spec)) is not matches


def test_an_illegal_selector_or_template_label_is_told_once() -> None:
    spec = {"selector": {"matchLabels": {"a": "-"}}, "template": template({"a": "b"})}
    assert [path for path, _ in told(check("apps/v1", "Deployment", spec=spec))] == ["spec.selector.matchLabels"]
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template({"a": 1})}
    assert [path for path, _ in told(check("apps/v1", "Deployment", spec=spec))] == ["spec.template.metadata.labels.a"]


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("apps/v1", "Deployment", ("spec", "template")),
        ("batch/v1", "Job", ("spec", "template")),
        ("batch/v1", "CronJob", ("spec", "jobTemplate", "spec", "template")),
        ("v1", "ReplicationController", ("spec", "template")),
        ("argoproj.io/v1alpha1", "Rollout", ("spec", "template")),
    ],
)
def test_the_pod_template_is_checked_where_its_kind_keeps_it(
    api_version: str, kind: str, path: tuple[str, ...]
) -> None:
    inner: Any = template({"a": "b"}, containers=[{"ports": [{"containerPort": 0}]}])
    for key in reversed(path):
        inner = (
            {key: inner, "selector": {"matchLabels": {"a": "b"}}}
            if (kind, key) == ("Deployment", "template")
            else {key: inner}
        )
    assert told(check(api_version, kind, **inner)) == [
        (".".join(path) + ".spec.containers[0].ports[0].containerPort", "Required value")
    ]


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("apps/v1", "Deployment", "spec.template"),
        ("batch/v1", "Job", "spec.template"),
        ("batch/v1", "CronJob", "spec.jobTemplate.spec.template"),
        ("v1", "ReplicationController", "spec.template"),
    ],
)
def test_a_built_in_workload_without_a_template_is_a_problem(api_version: str, kind: str, path: str) -> None:
    assert told(check(api_version, kind, spec={})) == [(path, "Required value: a workload needs a pod template")]
    assert told(check(api_version, kind)) == [(path, "Required value: a workload needs a pod template")]


def test_a_replication_controllers_selector_is_a_map_and_its_templates_labels_by_default() -> None:
    web = template({"app": "web"})
    assert check("v1", "ReplicationController", spec={"template": web}) == []
    assert check("v1", "ReplicationController", spec={"template": web, "selector": {"app": "web"}}) == []
    assert [
        path for path, _ in told(check("v1", "ReplicationController", spec={"template": web, "selector": {"app": "x"}}))
    ] == ["spec.template.metadata.labels"]


def test_a_jobs_selector_is_generated_and_so_not_compared() -> None:
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template({})}
    assert check("batch/v1", "Job", spec=spec) == []


def test_a_templates_metadata_of_a_wrong_type_is_one_problem() -> None:
    assert told(check("batch/v1", "Job", spec={"template": {"metadata": "x"}})) == [
        ("spec.template.metadata", 'Invalid value: "x": expected map, got string')
    ]


@pytest.mark.parametrize("wrong", [{"spec": 1}, {"spec": {"jobTemplate": []}}, {"spec": {"jobTemplate": {"spec": ""}}}])
def test_wrong_types_above_a_template_are_one_problem(wrong: Any) -> None:
    problems = check("batch/v1", "CronJob", **wrong)
    assert [problem.message.split(": ")[-1] for problem in problems] == [
        f"expected map, got {problems[0].message.rpartition(' ')[2]}"
    ]
