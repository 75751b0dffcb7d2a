"""``service: ns/name`` where connections arrive: which pods and ports it means, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint, NamedPort
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.encodings.concrete.services import Forwarding, Services
from netpol_verify.properties.concrete_arrivals import on_ports_at
from netpol_verify.properties.concrete_groups import Connection, Groups
from netpol_verify.properties.suite import Group, Ports, World
from netpol_verify.verify import commands
from services_support import API, CALLS_WEB, CLOSED, CLUSTER, WEB, asked, service
from support import manifests_of
from typer.testing import CliRunner, Result


def test_a_named_target_port_means_the_number_under_which_each_backend_has_it() -> None:
    """Port 80 is port 8080 of the pods behind it: that is what policies see, and what the counterexample shows."""
    assert asked({"can": {"from": API, "to": WEB, "ports": [80]}}).verdict == "proved"
    found = asked({"never": {"from": API, "to": WEB, "ports": [80]}})
    assert found.counterexample is not None
    assert (found.counterexample.port, found.counterexample.destination.workload) == (8080, "shop/Deployment/web")
    both = service(selector={"tier": "front"})
    cluster = CLUSTER.replace("labels: {app:", "labels: {tier: front, app:")
    reached = asked({"never": {"from": {"workload": "shop/web"}, "to": WEB}}, both, cluster=cluster)
    assert reached.counterexample is not None
    assert (reached.counterexample.destination.workload, reached.counterexample.port) == ("shop/Deployment/api", 9090)


@pytest.mark.parametrize("target", [{}, {"targetPort": None}, {"targetPort": 0}, {"targetPort": ""}])
def test_without_a_target_port_the_number_is_the_service_s_own(target: dict[str, Any]) -> None:
    """Absent, null, 0 and "" are one to the API."""
    found = asked({"always": {"from": API, "to": WEB, "ports": [80]}}, service(ports=[{"port": 80, **target}]))
    assert found.counterexample is not None
    assert found.counterexample.port == 80


def test_the_protocol_defaults_to_tcp_and_tells_ports_of_one_number_apart() -> None:
    ports = [
        {"name": "http", "port": 53, "targetPort": "http"},
        {"name": "dns", "port": 53, "targetPort": "dns", "protocol": "UDP"},
    ]
    never = {"from": API, "to": WEB}
    assert asked({"never": {**never, "ports": ["TCP/53"]}}, service(ports=ports)).verdict == "refuted"
    assert asked({"never": {**never, "ports": ["UDP/53"]}}, service(ports=ports)).verdict == "proved"
    assert asked({"always": {**never, "ports": ["TCP/http"]}}, service(ports=ports)).verdict == "proved"
    assert asked({"can": {**never, "ports": ["UDP/dns"]}}, service(ports=ports)).verdict == "refuted"


@pytest.mark.parametrize(
    ("forwarding", "reached"),
    [
        (Forwarding("", "TCP", 80, 8080, None), [("TCP", 8080)]),
        (Forwarding("", "TCP", 80, None, "http"), [("TCP", 8000)]),
        (Forwarding("", "UDP", 80, None, "http"), [("UDP", 8001)]),
        (Forwarding("", "TCP", 80, None, "other"), []),
    ],
)
def test_the_concrete_evaluator_sends_a_port_where_it_leads(
    forwarding: Forwarding, reached: list[tuple[str, int]]
) -> None:
    names = (NamedPort("http", "TCP", 8000), NamedPort("http", "UDP", 8001))
    pod = ConcreteEndpoint("pod", "shop", ports=names)
    tried = [(protocol, port) for protocol in ("TCP", "UDP") for port in (80, 8000, 8001, 8080)]
    assert [each for each in tried if forwarding.reaches(pod, *each).value] == reached


@pytest.mark.parametrize(
    ("ports", "reached"),
    [
        (["TCP/web"], [("TCP", 8000)]),
        (["UDP/web"], []),
        ([80], [("TCP", 8000)]),
        (["UDP/50-60"], [("UDP", 5353)]),
        (None, [("TCP", 8000), ("UDP", 5353)]),
    ],
)
def test_the_concrete_evaluator_takes_a_service_s_ports_by_number_and_name(
    ports: Ports | None, reached: list[tuple[str, int]]
) -> None:
    named = [
        {"name": "web", "port": 80, "targetPort": 8000},
        {"name": "dns", "protocol": "UDP", "port": 53, "targetPort": 5353},
    ]
    groups = Groups({}, World(), Services(manifests_of(service(ports=named))))
    api, web = (ConcreteEndpoint("pod", "shop", {"app": name}) for name in ("api", "web"))
    tried = [("TCP", 80), ("TCP", 8000), ("TCP", 5353), ("UDP", 53), ("UDP", 5353), ("UDP", 8000)]
    found = [
        each
        for each in tried
        if on_ports_at(
            Group(service="shop/web"), ports, Connection(api, web, *each, "IPv4", Reading(True)), groups
        ).value
    ]
    assert found == reached


def test_without_ports_all_ports_of_the_service_are_meant_and_no_other_port_of_its_pods() -> None:
    """The policy admits 8080 alone; a Service on it alone is always reached, one with another port besides is not."""
    assert asked({"can": {"from": API, "to": WEB}}).verdict == "proved"
    open_elsewhere = CLUSTER.replace("ports: [{port: 8080}]", "ports: [{port: 9999}]")
    assert asked({"never": {"from": API, "to": WEB}}, cluster=open_elsewhere).verdict == "proved"
    assert asked({"never": {"from": API, "to": {"workload": "shop/web"}}}, cluster=open_elsewhere).verdict == "refuted"


def test_in_a_list_each_element_reads_ports_in_its_own_way() -> None:
    """80 is the Service's port 80, and port 80 of the workload beside it."""
    verb = {"from": {"workload": "shop/api"}, "to": [WEB, {"workload": "shop/web"}], "ports": [80]}
    found = asked({"always": verb})
    assert found.counterexample is not None
    assert found.counterexample.port == 80
    assert asked({"always": {**verb, "to": [WEB]}}).verdict == "proved"


def test_only_protects_a_service_on_its_ports_and_reads_the_entries_as_them() -> None:
    entries = [{"who": API, "ports": [80]}]
    assert asked({"only": {"to": WEB, "from": entries}}).verdict == "proved"
    more = service(ports=[{"name": "http", "port": 80, "targetPort": "http"}, {"name": "more", "port": 81}])
    opened = CLUSTER.replace("ports: [{port: 8080}]", "ports: [{port: 8080}, {port: 81}]")
    found = asked({"only": {"to": WEB, "from": entries}}, more, cluster=opened)
    assert found.counterexample is not None
    assert found.counterexample.port == 81
    mixed = {"only": {"to": [WEB, {"workload": "shop/web"}], "from": entries}}
    assert asked(mixed).verdict == "refuted", "port 8080 of the workload is not its port 80"
    calls = {"only": {"from": API, "to": [{"who": WEB, "ports": [80]}]}}
    assert asked(calls, cluster=CLUSTER + CALLS_WEB).verdict == "proved"
    assert asked(calls, cluster=CLUSTER.replace("port: 8080}", "port: 81}") + CALLS_WEB).verdict == "proved"
    elsewhere = CALLS_WEB.replace("8080", "8081")
    assert asked(calls, cluster=CLUSTER.replace("port: 8080}", "port: 8081}") + elsewhere).verdict == "refuted"


def test_an_exception_for_a_service_leaves_out_its_ports_alone() -> None:
    deny = {"for": {"workload": "shop/web"}, "directions": ["ingress"]}
    opened = CLUSTER.replace("ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 8080}]}]", "")
    opened = opened.replace("kind: NetworkPolicy", "kind: NetworkPolicy")
    groups = {"groups": [API, {"workload": "shop/web"}], "except": [{"to": WEB, "ports": [80]}]}
    answering = CLUSTER + "  egress: [{}]\n  policyTypes: [Ingress, Egress]\n"
    assert asked(
        {"isolate": {**groups, "except": [*groups["except"], {"from": {"workload": "shop/web"}}]}}
    ).verdict == ("proved")
    assert asked({"isolate": groups}, cluster=answering).verdict == "refuted"
    assert asked({"defaultDeny": {**deny, "except": [{"to": WEB}]}}, cluster=opened).verdict == "proved"


def test_pods_that_nobody_declared_are_behind_a_service_too() -> None:
    """In an open world a pod with the selector's labels, and the port's name at any number, is a backend."""
    found = asked(
        {"never": {"from": {"any": True}, "to": {"service": "shop/db"}}},
        service("db", selector={"app": "db"}),
        world={},
    )
    assert found.counterexample is not None
    end = found.counterexample.destination
    assert (end.workload, end.namespace, end.labels) == (None, "shop", {"app": "db"})
    assert [port.name for port in end.ports] == ["http"]
    assert [notice.message for notice in found.notices if "selects" in notice.message]


def test_a_group_may_be_named_and_counts_its_declared_backends() -> None:
    found = asked({"can": {"from": API, "to": "front"}}, groups={"front": WEB})
    assert (found.verdict, found.members) == ("proved", {"from": 1, "to": 1})


def test_a_selector_that_no_workload_matches_is_said_and_vacuous_in_a_closed_world() -> None:
    found = asked({"never": {"from": API, "to": WEB}}, service(selector={"app": "nobody"}))
    assert (found.verdict, found.reason) == (
        "vacuous",
        "nothing matches {service: shop/web} with a container port named http (TCP)",
    )
    assert "the Service shop/web (" in found.notices[0].message
    assert found.notices[0].message.endswith(") selects no declared workload")


def test_a_target_port_that_no_backend_names_is_said_and_vacuous_in_a_closed_world() -> None:
    lost = service(ports=[{"port": 80, "targetPort": "htpp"}])
    found = asked({"never": {"from": API, "to": WEB}}, lost)
    assert (found.verdict, found.reason) == (
        "vacuous",
        "nothing matches {service: shop/web} with a container port named htpp (TCP)",
    )
    (notice,) = found.notices
    assert 'leads to the container port "htpp" (TCP), which no declared pod behind it has (' in notice.message
    assert asked({"never": {"from": API, "to": WEB}}, lost, world={}).verdict == "refuted", "one may come that has it"


def test_a_name_of_another_protocol_is_another_name() -> None:
    """The pods name UDP/5353 dns, so TCP/dns leads nowhere."""
    assert (
        asked({"can": {"from": API, "to": WEB}}, service(ports=[{"port": 53, "targetPort": "dns"}])).verdict
        == "vacuous"
    )


def test_services_that_no_property_names_are_not_looked_at() -> None:
    """An object that nobody names decides nothing, so its mistakes end no run; it still counts as read."""
    odd = service("odd", selector={"app": 1}, ports=[{"port": "80"}])
    assert asked({"can": {"from": API, "to": WEB}}, service(), odd).verdict == "proved"
    read = manifests_of(CLUSTER + service() + odd)
    assert (read.ignored, [each.name for each in read.exposing]) == ({"Service": 2}, ["web", "odd"])


def test_the_same_service_twice_is_one_and_the_last_of_two_counts_where_asked() -> None:
    assert asked({"can": {"from": API, "to": WEB}}, service(), service()).verdict == "proved"
    moved = service(ports=[{"port": 80, "targetPort": 81}])
    never = {"never": {"from": API, "to": WEB}}
    assert asked(never, service(), moved, semantics={"duplicateObjects": "last"}).verdict == "proved"
    assert asked(never, moved, service(), semantics={"duplicateObjects": "last"}).verdict == "refuted"


def run(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(commands.app, ["prove", *arguments])


SUITE = """
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [k8s.yaml]
properties:
- id: api-reaches-web
  can: {from: {workload: shop/api}, to: {service: shop/web}, ports: [80]}
- id: nobody-reaches-web
  never: {from: {any: true}, to: {service: shop/web}, ports: [TCP/80]}
"""


def test_every_format_shows_a_property_with_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("k8s.yaml").write_text(CLUSTER + service(type="NodePort"), encoding="utf-8")
    Path("suite.yaml").write_text(SUITE, encoding="utf-8")
    formats = ("json", "html", "sarif", "junit", "markdown", "gitlab", "tap")
    done = run("suite.yaml", *(part for each in formats for part in ("-o", f"{each}:out.{each}")), "-o", "text")
    assert done.exit_code == 1, done.output
    assert "shop/Deployment/api reaches shop/Deployment/web on TCP/8080" in done.stdout
    report = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert report["input"]["ignored"] == {"Service": 1}
    (_, refuted) = report["results"]
    assert refuted["counterexample"]["port"] == 8080
    assert all(Path(f"out.{each}").stat().st_size for each in formats)


def test_mistakes_name_the_suite_and_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("k8s.yaml").write_text(CLUSTER + service(selector=None), encoding="utf-8")
    Path("suite.yaml").write_text(SUITE, encoding="utf-8")
    done = run("suite.yaml")
    line = CLUSTER.count("\n") + 2
    assert done.exit_code == 2
    assert (
        f'suite.yaml:6: can.to: the Service "shop/web" (k8s.yaml:{line}) has no selector, '
        "so nothing says which pods are behind it\n    hint: name the pods or addresses that its endpoints are\n"
    ) in done.stderr


def test_properties_that_are_not_selected_are_checked_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they mention counts for the counterexamples of the others, so it must mean something."""
    monkeypatch.chdir(tmp_path)
    Path("k8s.yaml").write_text(CLUSTER, encoding="utf-8")
    Path("suite.yaml").write_text(SUITE + "- {id: more, never: {from: {}, to: {}}}\n", encoding="utf-8")
    done = run("suite.yaml", "--only", "more")
    assert (done.exit_code, 'no manifest declares the Service "shop/web"' in done.stderr) == (2, True)


def test_a_waiver_may_let_a_service_be() -> None:
    waiver = {"property": "it", "reason": "later", "owner": "me", "expires": "2999-01-01"}
    never = {"never": {"from": {"any": True}, "to": {"workload": "shop/web"}}}
    allowed = {**waiver, "allow": {"to": WEB, "ports": [80]}}
    assert asked(never, waivers=[allowed]).status == "waived"
    elsewhere = service(ports=[{"port": 80, "targetPort": 81}])
    assert asked(never, elsewhere, waivers=[allowed]).status == "fail"


def compare(base: str, head: str, scope: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The result of ``noNewAccess`` within a scope."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(base, encoding="utf-8")
    Path("head.yaml").write_text(head, encoding="utf-8")
    suite = {
        "apiVersion": "netpol-verify/v1",
        "kind": "PropertySuite",
        "manifests": ["head.yaml"],
        "world": CLOSED,
        "properties": [{"id": "it", "noNewAccess": {"base": "base.yaml", "scope": scope}}],
    }
    Path("suite.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    done = run("suite.yaml", "-o", "json")
    return json.loads(done.stdout)["results"][0] if done.stdout else done.stderr


def test_a_comparison_may_be_about_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is new at its ports counts, what is new at others does not; each side has its own Service."""
    more = CLUSTER.replace("ports: [{port: 8080}]", "ports: [{port: 8080}, {port: 81}]")
    scope = {"to": WEB, "ports": [80]}
    assert compare(CLUSTER + service(), more + service(), scope, tmp_path, monkeypatch)["verdict"] == "proved"
    moved = service(ports=[{"port": 80, "targetPort": 81}])
    found = compare(CLUSTER + service(), more + moved, scope, tmp_path, monkeypatch)
    assert (found["verdict"], found["counterexample"]["port"]) == ("refuted", 81)
    found = compare(CLUSTER + moved, more, scope, tmp_path, monkeypatch)
    assert (found["verdict"], found["counterexample"]["port"]) == ("refuted", 81), "one that base alone declares"
    assert 'no manifest declares the Service "shop/web"' in compare(CLUSTER, more, scope, tmp_path, monkeypatch)


def test_an_equivalence_renames_what_a_service_selects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The left side's Service is that of the right side, under other names: it selects pods under their new labels."""
    monkeypatch.chdir(tmp_path)
    left = (CLUSTER + service()).replace("app: web", "app: front")
    Path("left.yaml").write_text(left, encoding="utf-8")
    Path("right.yaml").write_text(CLUSTER + service(), encoding="utf-8")
    equivalent = {"left": "left.yaml", "right": "right.yaml", "scope": {"to": WEB}}
    for rename, verdict in (({"labels": {"app": {"front": "web"}}}, "proved"), (None, "refuted")):
        verb = {**equivalent, **({} if rename is None else {"rename": rename})}
        suite = {
            "apiVersion": "netpol-verify/v1",
            "kind": "PropertySuite",
            "manifests": ["right.yaml"],
            "world": CLOSED,
            "properties": [{"id": "it", "equivalent": verb}],
        }
        Path("suite.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
        done = run("suite.yaml", "-o", "json")
        assert done.stdout, done.stderr
        assert json.loads(done.stdout)["results"][0]["verdict"] == verdict


def test_cannot_override_may_be_about_a_service() -> None:
    """An Admin rule on the pods' port closes the Service's; one on the Service's own number does not."""
    rule: dict[str, Any] = {"name": "no", "action": "Deny", "from": [{"pods": {"podSelector": {}}}]}
    never = {"from": API, "to": WEB, "ports": [80], "outcome": "closed"}
    for number, verdict in ((8080, "proved"), (80, "refuted")):
        ports = [{"tcp": {"destinationPort": {"number": number}}}]
        spec: dict[str, Any] = {
            "tier": "Admin",
            "priority": 1,
            "subject": {"namespaces": {}},
            "ingress": [{**rule, "protocols": ports}],
        }
        policy: dict[str, Any] = {
            "apiVersion": "policy.networking.k8s.io/v1alpha2",
            "kind": "ClusterNetworkPolicy",
            "metadata": {"name": "closed"},
            "spec": spec,
        }
        assert asked({"cannotOverride": never}, service(), "---\n" + yaml.safe_dump(policy)).verdict == verdict
