"""Suites for one's own cluster: what they exercise, which faults they reveal, and every form that they have."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from emit_cells import cells_of
from emit_support import FAMILIES, SCENARIOS, Answering, fake_kubectl, given_at, policy, suite_at, world_of
from fuzzing_faults import FAULTS
from netpol_verify.encodings.reading.programs import locate
from netpol_verify.verify import commands
from netpol_verify.verify.fuzz.emit import Given, Suite, given, suite_files, suite_of
from netpol_verify.verify.fuzz.emit.cyclonus import why_not_cyclonus
from netpol_verify.verify.fuzz.emit.live import Live, why_not_live
from netpol_verify.verify.fuzz.emit.netassert import why_not_netassert
from netpol_verify.verify.fuzz.emit.truth import Truth
from netpol_verify.verify.fuzz.model import Cluster, Flow, Raw
from netpol_verify.verify.fuzz.walk import rules_of
from netpol_verify.verify.run import ManifestsRequest, read_named
from support import manifests_of as manifests_of_text
from test_reproduce import needed
from typer.testing import CliRunner

MOST_CELLS = int(os.environ.get("NETPOL_VERIFY_CELLS", "600"))
"""Cells that faults are looked for in, for each scenario; a run with many takes long."""
READING = "reading: "
"""How boundaries begin that are mistakes made everywhere at once."""
ALLOWING_EVERYTHING = {
    "4-production-namespace: union": {"production/orders-egress egress[0]"},
    "5-fleet: us-east": {"globex-prod/debug-allow-all ingress[0]"},
}
CHANGING = {
    "1-three-tiers": 40,
    "2-frontend-backend: stage-3-admit-frontend": 18,
    "3-pitfalls/1-namespace-without-labels: after": 22,
    "3-pitfalls/3-forgotten-dns: after": 40,
    "3-pitfalls/7-plugins-differ: after": 25,
    "4-production-namespace": 40,
    "5-fleet: eu-west": 45,
    "5-fleet: us-east": 45,
    "5-fleet: ap-south": 35,
}
"""How many faults change some cell, at the least."""
SHOP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a, kubernetes.io/metadata.name: shop}, resourceVersion: "7"}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop, uid: "1"}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}, {port: metrics, protocol: TCP}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {generateName: out-}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{protocol: UDP, port: 53}]
  - to: [{namespaceSelector: {matchLabels: {team: a}}}]
"""


@cache
def shop(reading: bool | None = None) -> Suite:
    return suite_of(given(manifests_of_text(SHOP)), reading=reading)


# What is exercised


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_suite_is_within_twice_the_number_of_boundaries(scenario: str) -> None:
    suite = suite_at(scenario)
    assert 0 < len(suite.probes) <= 2 * len(suite.boundaries)
    if any(rules_of(suite.cluster.of_kind("NetworkPolicy"))):  # else most of it is about readings
        own = [boundary for boundary in suite.boundaries if not boundary.id.startswith(READING)]
        assert len(suite.probes) <= 2 * len(own)
    assert len({probe.flow for probe in suite.probes}) == len(suite.probes)
    ends = {end for probe in suite.probes for end in (probe.flow.source, probe.flow.destination)}
    assert {pod.reference for pod in suite.cluster.pods()} <= ends


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_expected_is_what_the_concrete_evaluator_says_under_every_reading(scenario: str) -> None:
    suite = suite_at(scenario)
    flows = [probe.flow for probe in suite.probes]
    for reading in (True, False):
        assert answers(suite.cluster, flows, reading) == [probe.allowed for probe in suite.probes]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_probe_exercises_something_that_no_other_does_or_was_added_for_a_pair(scenario: str) -> None:
    suite = suite_at(scenario)
    sides = [{(claim.boundary, claim.side) for claim in probe.claims} for probe in suite.probes]
    for number, own in enumerate(sides):
        others = set[tuple[str, str]]().union(*(each for other, each in enumerate(sides) if other != number))
        assert own - others or suite.probes[number].pairs or not suite.cluster.of_kind("NetworkPolicy")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_sides_of_every_boundary_of_a_policy_are_exercised(scenario: str) -> None:
    """Only a rule that allows everything has nothing outside. Readings are boundaries of no policy."""
    own = {name for name, _ in not_exercised(suite_at(scenario)) if not name.startswith(READING)}
    assert own == ALLOWING_EVERYTHING.get(scenario, set())


def not_exercised(suite: Suite) -> set[tuple[str, str]]:
    """Boundaries with their sides."""
    exercised = {(claim.boundary, claim.side) for probe in suite.probes for claim in probe.claims}
    return {(boundary.id, side.name) for boundary in suite.boundaries for side in boundary.sides} - exercised


def test_a_reading_is_left_out_where_no_connection_tells_it_from_the_policies() -> None:
    """In this scenario every connection that a rule for egress allows is let in, so such a rule is enough."""
    assert not_exercised(suite_at("1-three-tiers")) == {(f"{READING}a rule for egress is enough", "outside")}
    cells = certain_cells(given_at("1-three-tiers").cluster)
    truth = Truth(cells.cluster, None)
    sides = [truth.sides(flow) for flow in cells.flows]
    let_in = [each.ingress.allowed for each in sides if each.egress.isolated and each.egress.allowed]
    assert len(let_in) > 20
    assert all(let_in)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_suite_reveals_every_fault_that_changes_some_cell(scenario: str) -> None:
    suite = suite_at(scenario)
    probes = Answering(suite.cluster, [probe.flow for probe in suite.probes])
    revealed = {fault.id for fault in FAULTS if probes.first_wrong(fault) is not None}
    cells = certain_cells(given_at(scenario).cluster)
    changing = {fault.id: wrong for fault in FAULTS if (wrong := cells.first_wrong(fault)) is not None}
    assert {name: flow for name, flow in changing.items() if name not in revealed} == {}
    assert len(changing) >= CHANGING.get(scenario, 0)


def certain_cells(cluster: Cluster) -> Answering:
    """Cells of the policies of a cluster, without those whose answer hangs on how ipBlock is read."""
    cells = cells_of(cluster, MOST_CELLS)
    both = (answers(cells.cluster, cells.flows, reading) for reading in (True, False))
    kept = [flow for flow, *own in zip(cells.flows, *both, strict=True) if len(set(own)) == 1]
    return Answering(cells.cluster, kept)


def answers(cluster: Cluster, flows: Sequence[Flow], reading: bool = True) -> list[bool]:
    """What the concrete evaluator says."""
    return Answering(cluster, flows, reading).right


def test_the_same_manifests_give_the_same_suite_to_the_byte() -> None:
    again = suite_of(given(manifests_of_text(SHOP)))
    assert dict(suite_files(again)) == dict(suite_files(shop()))


# What it is made for


def test_objects_that_share_a_file_share_one_again_without_what_a_cluster_adds() -> None:
    found = given(manifests_of_text(SHOP)).cluster
    first = found.layout[0]
    assert [found.objects[at]["metadata"] for at in first] == [
        {"name": "shop", "labels": {"team": "a", "kubernetes.io/metadata.name": "shop"}},
        {"name": "db", "namespace": "shop"},
        {"name": "out-2"},
    ]
    undeclared = found.objects[found.layout[1][0]]
    assert undeclared == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}


def test_the_namespace_of_objects_that_name_none_is_the_one_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "manifests.yaml"
    path.write_text(SHOP)
    read = read_named(ManifestsRequest((str(path),), namespace="shop"), "error")
    found = given(read.manifests, "shop").cluster
    assert [each["metadata"]["namespace"] for each in found.of_kind("NetworkPolicy")] == ["shop", "shop"]


CLUSTER_WIDE = """---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: closed}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
"""


def test_policies_of_other_kinds_are_left_out_and_named() -> None:
    other = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\nspec: {}\n"
    suite = suite_of(given(manifests_of_text(SHOP + other + CLUSTER_WIDE)))
    assert suite.left_out == ("ClusterNetworkPolicy closed", "CiliumNetworkPolicy shop/c")
    assert [probe.flow for probe in suite.probes] == [probe.flow for probe in shop().probes]
    assert "CiliumNetworkPolicy shop/c" in dict(suite_files(suite))["README.md"]


@pytest.mark.parametrize("feature", ["ipv6", "udp", "sctp", "outside-source", "outside-destination"])
def test_a_feature_that_is_left_out_is_not_used(feature: str) -> None:
    for probe in suite_of(given(manifests_of_text(SHOP)), without=(feature,)).probes:
        used = {
            "ipv6": probe.flow.family == "IPv6",
            "udp": probe.flow.protocol == "UDP",
            "sctp": probe.flow.protocol == "SCTP",
            "outside-source": probe.from_outside,
            "outside-destination": probe.to_outside,
        }
        assert not used[feature]


# Answers that no address of a pod changes


def moved(cluster: Cluster, prefixes: dict[str, str]) -> Cluster:
    """The cluster with all pods' addresses elsewhere."""
    objects: list[Raw] = []
    for number, each in enumerate(cluster.objects):
        if each["kind"] == "Pod":
            ips = [
                {"ip": f"{prefixes[family]}{number:x}" if family == "IPv6" else f"{prefixes[family]}{number}"}
                for family in FAMILIES
            ]
            objects.append({**each, "status": {**each["status"], "podIP": ips[0]["ip"], "podIPs": ips}})
        else:
            objects.append(each)
    return Cluster(tuple(objects), cluster.layout)


@pytest.mark.parametrize("reading", [None, True, False])
def test_steady_answers_hold_wherever_pods_have_their_addresses(reading: bool | None) -> None:
    suite = shop(reading)
    steady = [probe for probe in suite.probes if probe.steady]
    for prefix in ("10.200.0.", "10.1.7.", "192.168.3."):
        cluster = moved(suite.cluster, {"IPv4": prefix, "IPv6": "fd00:77::"})
        for matches in (True, False) if reading is None else (reading,):
            said = answers(cluster, [probe.flow for probe in steady], matches)
            assert said == [probe.allowed for probe in steady]


def test_only_a_fixed_reading_gives_answers_that_hang_on_an_address() -> None:
    assert all(probe.steady for probe in shop().probes)
    hanging = [probe for probe in shop(True).probes if not probe.steady]
    assert hanging
    for probe in hanging:
        assert why_not_live(probe) == "its answer hangs on the address of a pod, which the cluster chooses"
        assert len({moved_answer(probe.flow, prefix) for prefix in ("10.200.0.", "10.1.7.", "192.168.3.")}) == 2


def moved_answer(flow: Flow, prefix: str) -> bool:
    cluster = moved(shop(True).cluster, {"IPv4": prefix, "IPv6": "fd00:77::"})
    return answers(cluster, [flow])[0]


def test_pods_lie_in_every_block_and_exception_that_has_room() -> None:
    addresses = [pod.addresses["IPv4"] for pod in shop().cluster.pods()]
    assert any(each.startswith("10.1.") for each in addresses)
    assert any(each.startswith("10.") and not each.startswith("10.1.") for each in addresses)
    assert any(not each.startswith("10.") for each in addresses)


def test_a_block_that_holds_all_addresses_holds_pods_wherever_they_are() -> None:
    spec: Raw = {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    pods = [pod_object("a", "10.0.0.1"), pod_object("b", "10.0.0.2")]
    cluster = Cluster.of([space, policy(spec), *pods])
    flow = Flow("shop/a", "shop/b", "TCP", 80)
    found = [Truth(cluster, reading).steady(flow) for reading in (None, True, False)]
    assert found == [None, True, False]


def pod_object(name: str, address: str) -> Raw:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
        "status": {"podIPs": [{"ip": address}]},
    }


# On a cluster


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(shop(), tmp_path / "suite")
    return tmp_path / "suite"


def written(suite: Suite, folder: Path) -> None:
    for name, text in suite_files(suite):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def tried(folder: Path, world: Raw, **variables: str) -> tuple[int, list[str], list[list[str]], str]:
    """Run the script of a suite: its exit code, what it printed, the calls of kubectl, and what it complained of."""
    tools = folder.parent / f"tools-{len(list(folder.parent.iterdir()))}"
    fake_kubectl(tools, world)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", **variables}
    command = ["sh", str(folder / "run.sh")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    state = tools / "state.json"
    calls: list[list[str]] = json.loads(state.read_text()) if state.exists() else []
    return done.returncode, done.stdout.splitlines(), calls, done.stderr


def live_probes(suite: Suite) -> list[Any]:
    return [probe for probe in suite.probes if why_not_live(probe) is None]


def test_on_a_cluster_that_is_right_every_connection_is_ok(folder: Path) -> None:
    code, lines, calls, complaints = tried(folder, world_of(shop()))
    count = len(live_probes(shop()))
    assert (code, lines[-1]) == (0, f"{count} ok, 0 failed, 0 open")
    note = "note: something is also put into namespaces that every cluster has, and removed at the end: default\n"
    assert complaints == note
    assert [line.split()[:2] for line in lines[:-1]] == [["ok", str(probe.number)] for probe in live_probes(shop())]
    assert [call[:3] for call in calls if call[0] in ("create", "delete")] == [
        *(["create", "-f", f"suite/{name}.yaml"] for name in ("1-namespaces", "2-pods", "3-policies")),
        *(["delete", "-f", f"suite/{name}.yaml"] for name in ("3-policies", "2-pods", "1-namespaces")),
    ]
    assert sum(call[0] == "exec" for call in calls) == 2 * count


@pytest.mark.parametrize("wrong", [True, False])
def test_a_connection_that_is_not_as_expected_fails(folder: Path, wrong: bool) -> None:
    world = world_of(shop())
    probe = next(probe for probe in live_probes(shop()) if probe.allowed is not wrong and not probe.to_outside)
    pods = {pod.reference: pod.addresses for pod in shop().cluster.pods()}
    flow = probe.flow
    key = f"{flow.source} {pods[flow.destination][flow.family]} {flow.protocol}/{flow.port}"
    world["answers"][key][1] = "npv-reached" if wrong else "npv-silent"
    code, lines, _, _ = tried(folder, world)
    failed = [line for line in lines if line.startswith("FAIL")]
    assert (code, len(failed)) == (1, 1)
    assert failed[0].endswith(f": {probe.word}, but it is {'allowed' if wrong else 'blocked'}")


def test_what_cannot_be_reached_without_policies_is_open_and_never_ok(folder: Path) -> None:
    world = world_of(shop())
    for said in world["answers"].values():
        said[0] = "npv-silent"
        said[1] = "npv-silent"
    code, lines, _, _ = tried(folder, world)
    assert (code, lines[-1]) == (3, f"0 ok, 0 failed, {len(live_probes(shop()))} open")


def test_an_address_that_refuses_without_policies_tells_blocked_from_nothing_else(folder: Path) -> None:
    """Some plugins refuse what they block."""
    world = world_of(shop())
    outside = [probe for probe in live_probes(shop()) if probe.to_outside]
    for probe in outside:
        key = f"{probe.flow.source} {probe.flow.destination} {probe.flow.protocol}/{probe.flow.port}"
        world["answers"][key] = ["npv-refused", "npv-refused" if probe.allowed else "npv-silent"]
    code, lines, _, _ = tried(folder, world)
    opened = {line.split()[1] for line in lines if line.startswith("open")}
    assert code == 0
    assert opened == {str(probe.number) for probe in outside if probe.allowed}


def test_a_connection_that_cannot_be_tried_fails(folder: Path) -> None:
    world = world_of(shop())
    world["answers"].pop(next(iter(world["answers"])))
    code, lines, _, _ = tried(folder, world)
    assert code == 1
    assert any("but it cannot be tried: untold" in line for line in lines)


def test_pods_without_an_address_of_the_family_leave_its_connections_open(folder: Path) -> None:
    world = world_of(shop())
    world["pods"] = {pod: addresses[:1] for pod, addresses in world["pods"].items()}
    code, lines, _, _ = tried(folder, world)
    opened = {line.split()[1] for line in lines if line.startswith("open")}
    inside = [probe for probe in live_probes(shop()) if not probe.to_outside]
    assert code == 0
    assert opened == {str(probe.number) for probe in inside if probe.flow.family == "IPv6"}


@pytest.mark.parametrize("existing", ["namespace shop", "networkpolicy out-2"])
def test_nothing_is_touched_where_something_exists_already(folder: Path, existing: str) -> None:
    world = world_of(shop())
    world["existing"].append(existing)
    code, lines, calls, complaints = tried(folder, world)
    assert (code, lines) == (2, [])
    assert "this takes a cluster for tests" in complaints
    assert {call[0] for call in calls} == {"get"}


def test_what_was_created_is_removed_when_something_goes_wrong(folder: Path) -> None:
    world = world_of(shop())
    world["failing"] = ["create -f suite/2-pods.yaml"]
    code, _, calls, _ = tried(folder, world)
    assert code == 2
    assert [call[2] for call in calls if call[0] == "delete"][-1] == "suite/1-namespaces.yaml"


def test_a_suite_can_be_kept_for_other_tools(folder: Path) -> None:
    _, _, calls, _ = tried(folder, world_of(shop()), NPV_KEEP="1")
    assert all(call[0] != "delete" for call in calls)


def test_labels_of_namespaces_that_every_cluster_has_are_given_and_taken_away(tmp_path: Path) -> None:
    text = SHOP.replace("name: shop, labels", "name: kube-system, labels").replace(
        "namespace: shop", "namespace: kube-system"
    )
    suite = suite_of(given(manifests_of_text(text.replace("metadata.name: shop", "metadata.name: kube-system"))))
    written(suite, tmp_path / "suite")
    code, _, calls, _ = tried(tmp_path / "suite", world_of(suite))
    assert code == 0
    labelled = [call[1:] for call in calls if call[0] == "label"]
    assert labelled == [["namespace", "kube-system", "team=a"], ["namespace", "kube-system", "team-"]]
    made = yaml.safe_load_all((tmp_path / "suite" / "suite" / "1-namespaces.yaml").read_text())
    assert "kube-system" not in {each["metadata"]["name"] for each in made}


def test_pods_answer_on_every_port_and_declare_the_names_that_the_suite_needs() -> None:
    suite = shop()
    for pod in Live.of(suite).pods:
        reference = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        command = pod["spec"]["containers"][0]["command"]
        asked = {
            f"{each.flow.protocol}/{each.flow.port}"
            for each in live_probes(suite)
            if each.flow.destination == reference
        }
        assert set(command[4:]) == asked
        own = next(each for each in suite.cluster.of_kind("Pod") if each["metadata"] == pod["metadata"])
        assert ports_of(pod) == ports_of(own)
        assert pod["spec"]["readinessGates"] == [{"conditionType": "netpol-verify/never-ready"}]
        for container in pod["spec"]["containers"]:
            assert re.fullmatch(r"nicolaka/netshoot:v[0-9.]+", container["image"])
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def ports_of(pod: Raw) -> set[tuple[str, str, int]]:
    ports = (port for each in pod["spec"]["containers"] for port in each.get("ports", ()))
    return {(port["name"], port["protocol"], port["containerPort"]) for port in ports}


def test_the_scripts_of_all_scenarios_please_shellcheck(tmp_path: Path) -> None:
    shellcheck = needed("shellcheck", in_ci=True)
    names: list[str] = []
    for number, scenario in enumerate(SCENARIOS):
        names.append(f"{number}.sh")
        (tmp_path / names[-1]).write_text(dict(suite_files(suite_at(scenario)))["run.sh"], encoding="utf-8")
    done = subprocess.run([shellcheck, "-s", "sh", *names], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


CLIENTS = {
    "nc": '#!/bin/sh\ncase "$*" in\n*-u*) read -r line; [ -z "$NPV_OPEN" ] || echo "$line" ;;\n'
    '*) [ -n "$NPV_OPEN" ] || { echo "$NPV_SAID"; exit 1; } ;;\nesac\n',
    "socat": '#!/bin/sh\n[ -z "$NPV_OPEN" ] || cat\n',
}


@pytest.mark.parametrize(
    ("protocol", "open_port", "said", "outcome"),
    [
        ("TCP", True, "", "npv-reached"),
        ("TCP", False, "nc: connect to 10.0.0.1 port 80 (tcp) failed: Connection refused", "npv-refused"),
        ("TCP", False, "nc: connect to 10.0.0.1 port 80 (tcp) timed out: Operation in progress", "npv-silent"),
        ("UDP", True, "", "npv-reached"),
        ("UDP", False, "", "npv-silent"),
        ("SCTP", True, "", "npv-reached"),
        ("SCTP", False, "", "npv-silent"),
    ],
)
def test_the_client_tells_how_a_connection_ended(
    tmp_path: Path, protocol: str, open_port: bool, said: str, outcome: str
) -> None:
    for name, text in CLIENTS.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    script = dict(suite_files(shop()))["run.sh"]
    client = script.partition("npv_client='\n")[2].partition("\n'\n")[0]
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "NPV_OPEN": "1" * open_port, "NPV_SAID": said}
    command = ["sh", "-c", client, "npv", protocol, "10.0.0.1", "80"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == f"{outcome}\n"


# For other tools


def test_netassert_tests_have_the_fields_that_netassert_wants() -> None:
    """``controlplaneio/netassert:internal/data/types.go``: what it refuses, it refuses as a whole."""
    suite = suite_at("5-fleet: ap-south")
    tests: list[Raw] = yaml.safe_load(dict(suite_files(suite))["netassert.yaml"])
    kept = [probe for probe in suite.probes if why_not_netassert(probe) is None]
    assert len(tests) == len(kept) > 10
    assert len({test["name"] for test in tests}) == len(tests)
    for test, probe in zip(tests, kept, strict=True):
        keys = ["name", "type", "protocol", "targetPort", "timeoutSeconds", "attempts", "exitCode", "src", "dst"]
        assert list(test) == keys
        assert (test["type"], test["protocol"]) == ("k8s", probe.flow.protocol.lower())
        assert (test["targetPort"], test["exitCode"]) == (probe.flow.port, 0 if probe.allowed else 1)
        assert test["src"]["k8sResource"] == resource(probe.flow.source)
        if probe.to_outside:
            assert (test["dst"], test["protocol"]) == ({"host": {"name": probe.flow.destination}}, "tcp")
        else:
            assert test["dst"] == {"k8sResource": resource(probe.flow.destination)}


def resource(reference: str) -> Raw:
    namespace, name = reference.split("/")
    return {"kind": "pod", "name": name, "namespace": namespace}


def cyclonus_folder(suite: Suite, folder: Path) -> dict[str, Any]:
    written(suite, folder)
    return json.loads((folder / "cyclonus" / "expected.json").read_text())


def test_cyclonus_is_asked_about_every_probe_once(tmp_path: Path) -> None:
    suite = shop()
    expected = cyclonus_folder(suite, tmp_path)
    asked = sorted(cell["id"] for cells in expected.values() for cell in cells)
    assert asked == [probe.number for probe in suite.probes if why_not_cyclonus(suite, probe) is None]
    for name in expected.keys() - {"traffic.json"}:
        probe: Raw = json.loads((tmp_path / "cyclonus" / name).read_text())
        (way,) = probe["Probes"]
        pods = {f"{pod['Namespace']}/{pod['Name']}" for pod in probe["Resources"]["Pods"]}
        assert pods == {end for cell in expected[name] for end in (cell["from"], cell["to"])}
        for pod in probe["Resources"]["Pods"]:
            assert pod["Namespace"] in probe["Resources"]["Namespaces"]
            (container,) = pod["Containers"]
            assert (container["Protocol"], container["Port"]) == (way["Protocol"], way["Port"])


def test_the_real_cyclonus_fills_the_cells_as_expected(tmp_path: Path) -> None:
    """On manifests without what it is known to get wrong."""
    found = os.environ.get("NETPOL_VERIFY_CYCLONUS") or locate("cyclonus")
    if found is None:
        pytest.skip("cyclonus is not installed")
    suite = suite_at("2-frontend-backend: stage-3-admit-frontend")
    expected = cyclonus_folder(suite, tmp_path)
    traffic = expected.pop("traffic.json")
    for name, cells in expected.items():
        table = combined(analyzed(str(found), tmp_path / "cyclonus", "probe", "--probe-path", name))
        assert [table[cell["from"], cell["to"]] for cell in cells] == [cell["combined"] for cell in cells]
    said = analyzed(str(found), tmp_path / "cyclonus", "query-traffic", "--traffic-path", "traffic.json")
    verdicts = re.findall(r"IS ALLOWED\? \| +(TRUE|FALSE)", said)
    assert [verdict == "TRUE" for verdict in verdicts] == [each["allowed"] for each in traffic]


def analyzed(program: str, folder: Path, mode: str, option: str, name: str) -> str:
    command = [program, "analyze", "--mode", mode, "--policy-path", "policies", option, name]
    environment = {"KUBECONFIG": os.devnull, "PATH": "", "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def combined(output: str) -> dict[tuple[str, str], str]:
    """The cells of the first combined table."""
    table = output.partition("Combined:\n")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    names = [name.lower() for name in rows[0][1:]]
    return {(row[0], name): cell for row in rows[1:] for name, cell in zip(names, row[1:], strict=True)}


def test_evaluate_gives_the_expected_answers_to_the_flows(tmp_path: Path) -> None:
    for suite in (shop(), suite_at("1-three-tiers")):
        folder = tmp_path / str(len(suite.probes))
        written(suite, folder)
        arguments = ["evaluate", "-f", str(folder / "manifests"), "--flows", str(folder / "flows.jsonl"), "-o", "json"]
        lines = CliRunner().invoke(commands.app, arguments).stdout.splitlines()
        said = [{"id": each["id"], "allowed": each["allowed"]} for each in map(json.loads, lines)]
        assert said == [json.loads(line) for line in (folder / "expected.jsonl").read_text().splitlines()]


def test_the_page_names_every_boundary_and_every_probe_that_is_left_out() -> None:
    suite = shop(True)
    page = dict(suite_files(suite))["README.md"]
    for boundary in suite.boundaries:
        assert f"| {boundary.id.replace('|', chr(92) + '|')} |" in page
    section = page.partition("## What is not tried")[2].partition("## ")[0]
    for probe in suite.probes:
        if why_not_live(probe) is not None or why_not_netassert(probe) is not None:
            assert re.search(rf"\b{probe.number}\b", section)


# The command


def emit(folder: Path, *options: str, text: str = SHOP) -> Any:
    source = folder.parent / "manifests.yaml"
    source.write_text(text)
    return CliRunner().invoke(commands.app, ["fuzz", "--emit", str(folder), "-f", str(source), *options])


def test_the_command_writes_the_suite_and_says_what_is_in_it(tmp_path: Path) -> None:
    done = emit(tmp_path / "suite", "-o", "json")
    said: Raw = json.loads(done.stdout)
    assert (done.exit_code, said["policies"], said["connections"]) == (0, 2, len(shop().probes))
    assert said["cluster"] == len(live_probes(shop()))
    files = {
        path.relative_to(tmp_path / "suite").as_posix() for path in (tmp_path / "suite").rglob("*") if path.is_file()
    }
    assert files == {name for name, _ in suite_files(shop())}
    assert os.access(tmp_path / "suite" / "run.sh", os.X_OK)


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "old").touch()
    done = emit(tmp_path / "suite")
    assert done.exit_code == 2
    assert "is not an empty folder" in done.stderr


@pytest.mark.parametrize("option", [["--evaluator", "./program"], ["--replay", "x"], ["--seed", "1"], ["--blind"]])
def test_options_for_other_evaluators_are_refused_beside_it(tmp_path: Path, option: list[str]) -> None:
    done = emit(tmp_path / "suite", *option)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"{option[0]}: ")
    assert not (tmp_path / "suite").exists()


def test_manifests_without_it_are_refused() -> None:
    done = CliRunner().invoke(commands.app, ["fuzz", "-f", "k8s", "--evaluator", "./program"])
    assert done.exit_code == 2
    assert done.stderr.startswith("--manifests: ")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--without", "ipv7"], "is no feature"),
        (["--semantics", "ipBlockMatchesPods=maybe"], "ipBlockMatchesPods"),
        (["--namespace", "No"], "--namespace"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: list[str], complaint: str) -> None:
    done = emit(tmp_path / "suite", *options)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert not (tmp_path / "suite").exists()


def test_manifests_are_needed(tmp_path: Path) -> None:
    done = CliRunner().invoke(commands.app, ["fuzz", "--emit", str(tmp_path / "suite")])
    assert (done.exit_code, "no manifests are named" in done.stderr) == (2, True)


def test_manifests_without_policies_give_a_suite_too() -> None:
    suite = suite_of(Given(Cluster.of([]), ()))
    assert suite.probes
    assert all(probe.allowed for probe in suite.probes)
    assert dict(suite_files(suite))["run.sh"].count("3-policies") == 0
