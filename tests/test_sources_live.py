"""Live clusters: what the real kubectl reads from a small API server, and what it prints where there is none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from api_server import KINDS, Cluster, Kind, serving
from netpol_verify.encodings.validation import validate
from netpol_verify.verify import commands
from sources_support import hide_programs, places, policy, problems, read, stub, write
from typer.testing import CliRunner

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed here")

Serve = Callable[[Cluster], AbstractContextManager[str]]


def obj(api_version: str, kind: str, name: str, namespace: str | None = "shop", **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, **({} if namespace is None else {"namespace": namespace})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


POLICY = obj("networking.k8s.io/v1", "NetworkPolicy", "db", spec={"podSelector": {}, "policyTypes": ["Ingress"]})
NAMESPACE = obj("v1", "Namespace", "shop", None, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})
POD = obj("v1", "Pod", "web-1", spec={"containers": []}, status={"phase": "Running", "podIP": "10.244.0.7"})
SECRET = obj("v1", "Secret", "token", data={})

SUITE = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [{live: prod}]
properties:
- id: shop-is-closed
  never: {from: {}, to: {namespace: shop}}
"""


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serves a cluster as the contexts prod (the current one) and staging of the kubeconfig."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    return lambda cluster: serving(cluster, tmp_path / "kubeconfig", "prod", "staging")


@needs_kubectl
@pytest.mark.parametrize("aggregated", [True, False])
def test_a_cluster_is_read_through_its_own_discovery(serve: Serve, aggregated: bool) -> None:
    """Everything that matters, and no secret."""
    cluster = Cluster([NAMESPACE, POLICY, POD, SECRET], aggregated=aggregated)
    with serve(cluster):
        manifests = read("live:")
    assert places(manifests) == [
        "live:prod Namespace shop:1 Namespace shop",
        "live:prod Pod shop/web-1:1 Pod shop/web-1",
        "live:prod NetworkPolicy shop/db:1 NetworkPolicy shop/db",
    ]
    assert (manifests.counts, manifests.ignored) == ({"Namespace": 1, "NetworkPolicy": 1, "Pod": 1}, {})
    lists = {path.rpartition("/")[2] for path in cluster.asked if path.startswith(("/api/v1/", "/apis/"))}
    wanted = {kind.resource for kind in KINDS} - {"secrets", "configmaps", "serviceaccounts"}
    assert wanted <= lists
    assert not {"secrets", "configmaps", "serviceaccounts"} & lists


@needs_kubectl
def test_lines_are_those_of_the_object_by_itself(serve: Serve) -> None:
    """So that ``kubectl get`` of the one object shows them, and nothing else in the cluster moves them."""
    with serve(Cluster([NAMESPACE, POD, POLICY])):
        found = [each for each in read("live:").modelled if each.kind == "NetworkPolicy"]
    alone = json.dumps(POLICY, indent=4, sort_keys=True).splitlines()
    assert found[0].origin(("spec", "policyTypes")).line == alone.index('        "policyTypes": [') + 1
    assert found[0].origin(("metadata", "name")).line == alone.index('        "name": "db",') + 1


CALICO = Kind("globalnetworkpolicies", "crd.projectcalico.org/v1", "GlobalNetworkPolicy", False)
UNHEARD = Kind("wallnetworkpolicies", "walls.example.org/v1beta2", "WallNetworkPolicy")
HARMLESS = Kind("ippools", "crd.projectcalico.org/v1", "IPPool", False)
ADMIN = Kind("adminnetworkpolicies", "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", False)


@needs_kubectl
def test_every_kind_of_policy_that_the_cluster_serves_is_read(serve: Serve) -> None:
    """Also kinds that nobody has heard of, if they call themselves network policies."""
    objects = [
        NAMESPACE,
        obj("crd.projectcalico.org/v1", "GlobalNetworkPolicy", "g", None, spec={}),
        obj("crd.projectcalico.org/v1", "IPPool", "p", None, spec={}),
        obj("walls.example.org/v1beta2", "WallNetworkPolicy", "w"),
        obj("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "a", None, spec={}),
    ]
    cluster = Cluster(objects, [*KINDS, CALICO, UNHEARD, HARMLESS, ADMIN])
    with serve(cluster):
        manifests = read("live:")
    assert sorted(each.reference for each in manifests.unmodelled) == ["g", "shop/w"]
    assert [each.reference for each in manifests.modelled if each.kind == "AdminNetworkPolicy"] == ["a"]
    assert not any(path.endswith("/ippools") for path in cluster.asked)


@needs_kubectl
@pytest.mark.parametrize("resource", ["networkpolicies", "pods", "globalnetworkpolicies"])
def test_what_may_not_be_read_is_an_error_in_the_servers_words(serve: Serve, resource: str) -> None:
    with serve(Cluster([NAMESPACE, POLICY], [*KINDS, CALICO], forbidden=[resource])):
        [said] = problems("live:")
    assert said.startswith("live:: kubectl get ends with exit code 1: Error from server (Forbidden): ")
    assert f"{resource} is forbidden" in said
    assert "kubectl auth can-i" in said


@needs_kubectl
@pytest.mark.parametrize("aggregated", [True, False])
def test_a_group_that_does_not_answer_is_an_error(serve: Serve, aggregated: bool) -> None:
    """It may hold policies."""
    with serve(Cluster([NAMESPACE], [*KINDS, CALICO], broken=["crd.projectcalico.org"], aggregated=aggregated)):
        [said] = problems("live:")
    if aggregated:
        assert said.startswith("live:: the API group crd.projectcalico.org/v1 does not answer, and it may hold pol")
        assert "kubectl get apiservices" in said
    else:
        assert said.startswith("live:: kubectl api-resources ends with exit code 1: ")
        assert "crd.projectcalico.org/v1" in said


class Odd(Cluster):
    """A server whose discovery is stale for Calico's group, which answers when it is asked itself."""

    def answer(self, path: str, aggregated: bool) -> tuple[int, dict[str, Any]]:
        self.broken = ["crd.projectcalico.org"] if path == "/apis" else []
        return super().answer(path, aggregated)


@needs_kubectl
def test_a_group_whose_kinds_kubectl_does_not_know_is_an_error_unless_it_has_none(serve: Serve) -> None:
    """An adapter of metrics without metrics has none; one with a policy in it must not be passed over."""
    with serve(Odd([NAMESPACE, POLICY], [*KINDS, CALICO])):
        [said] = problems("live:")
    assert 'doesn\'t have a resource type "globalnetworkpolicies"' in said
    with serve(Odd([NAMESPACE, POLICY], [*KINDS, HARMLESS])):
        assert len(read("live:").modelled) == 2


@needs_kubectl
def test_a_server_without_network_policies_is_no_cluster(serve: Serve) -> None:
    kinds = [kind for kind in KINDS if kind.kind != "NetworkPolicy"]
    with serve(Cluster([NAMESPACE], kinds)):
        assert "does not say that it serves NetworkPolicy" in problems("live:prod")[0]


@needs_kubectl
def test_an_empty_cluster_is_an_error(serve: Serve) -> None:
    with serve(Cluster([])):
        assert problems("live:")[0].startswith("live:: contains no Kubernetes object")


@needs_kubectl
def test_a_cluster_that_nobody_reaches_is_an_error(serve: Serve) -> None:
    with serve(Cluster([NAMESPACE])):
        assert "ends with exit code 1" in problems("live:nobody")[0]
        assert "nobody" in problems("live:nobody")[0]
    [said] = problems("live:")
    assert "ends with exit code 1" in said
    assert "refused" in said


@needs_kubectl
def test_a_relative_kubeconfig_is_that_of_the_working_directory(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "../kubeconfig")
    with serve(Cluster([NAMESPACE, POLICY])):
        assert read("live:staging").modelled[0].file == "live:staging Namespace shop"


@needs_kubectl
def test_a_cluster_stands_in_a_suite_on_the_command_line_and_on_one_side_of_a_diff(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "work", {"properties.yaml": SUITE, "k8s/a.yaml": policy("db")})
    run = CliRunner()
    with serve(Cluster([NAMESPACE, POLICY, POD])):
        for arguments in (["prove"], ["prove", "--live"], ["prove", "--live", "--context", "staging"]):
            ran = run.invoke(commands.app, [*arguments, "-o", "json"])
            result = json.loads(ran.stdout)["results"][0]
            context = "staging" if "staging" in arguments else "prod"
            assert (ran.exit_code, result["verdict"]) == (0, "proved")
            assert result["because"][0]["file"] == f"live:{context} NetworkPolicy shop/db"
        merged = run.invoke(
            commands.app, ["connectivity", "--live", "-f", "k8s", "--semantics", "duplicateObjects=last"]
        )
        assert merged.exit_code == 0, merged.output
        ran = run.invoke(commands.app, ["prove", "--context", "staging"])
        assert (ran.exit_code, "add --live" in ran.output) == (2, True)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    hide_programs(monkeypatch, tmp_path / "tools", "sh", "cat")
    return tmp_path / "tools"


RESOURCES = """\
namespaces               ns       v1                     false   Namespace
pods                     po       v1                     true    Pod
bindings                          v1                     true    Binding
networkpolicies          netpol   networking.k8s.io/v1   true    NetworkPolicy
"""
RECORDED = """\
echo "$*" >> "$LOG"
case "$*" in
*current-context*) CURRENT;;
*api-resources*) cat <<'END'
RESOURCESEND
;;
*--raw=/apis) cat <<'END'
{"groups": [{"name": "networking.k8s.io", "preferredVersion": {"groupVersion": "networking.k8s.io/v1"}}]}
END
;;
*) cat <<'END'
{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}]}
END
esac
"""


def recorded(tools: Path, resources: str = RESOURCES, current: str = "echo here") -> None:
    stub(tools, "kubectl", RECORDED.replace("RESOURCES", resources).replace("CURRENT", current))


def test_kubectl_is_asked_for_kinds_in_full_and_for_nothing_else(tools: Path) -> None:
    recorded(tools)
    assert places(read("live:a:b")) == ["live:a:b Namespace a:1 Namespace a"]
    assert places(read("live:")) == ["live:here Namespace a:1 Namespace a"]
    kinds = "namespaces.v1.,pods.v1.,networkpolicies.v1.networking.k8s.io"
    assert (tools.parent / "log").read_text().splitlines() == [
        "--context=a:b api-resources --verbs=list --no-headers",
        "--context=a:b api-resources --no-headers",
        "--context=a:b get --raw=/apis",
        f"--context=a:b get {kinds} --all-namespaces --output=json",
        "config current-context",
        "api-resources --verbs=list --no-headers",
        "api-resources --no-headers",
        "get --raw=/apis",
        f"get {kinds} --all-namespaces --output=json",
    ]


def test_inside_of_a_cluster_there_is_no_context_to_name(tools: Path) -> None:
    recorded(tools, current="exit 1")
    assert places(read("live:")) == ["live: Namespace a:1 Namespace a"]


@pytest.mark.parametrize("line", ["pods v1 Pod", "a b c v1 true Pod", "pods po v1 maybe Pod"])
def test_a_list_of_kinds_that_is_not_understood_is_an_error(tools: Path, line: str) -> None:
    recorded(tools, RESOURCES + line + "\n")
    assert f"prints a line that is not understood: {line}" in problems("live:")[0]


def test_without_kubectl_the_hint_says_where_it_is_to_be_had(tools: Path) -> None:
    assert problems("live:")[0].startswith("live:: kubectl is not on PATH\n    hint: install kubectl")


def test_what_a_cluster_reports_is_validated_with_the_place_that_kubectl_shows(tools: Path) -> None:
    item = '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "A"}}'
    recorded(tools)
    script = (
        (tools / "kubectl")
        .read_text()
        .replace('{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}', item)
    )
    stub(tools, "kubectl", script)
    found, _ = validate(read("live:").modelled)
    assert [(each.file, each.line) for each in found] == [("live:here Namespace A", 1)]
