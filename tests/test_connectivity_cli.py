"""``connectivity`` on the command line: filters, what is wrong with them, worlds, readings, exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from netpol_verify.verify import commands
from test_connectivity_output import CLUSTER
from typer.testing import CliRunner, Result

MORE = """\
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-1
  namespace: shop
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u}]
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}
---
apiVersion: v1
kind: Pod
metadata:
  name: web-1-a
  namespace: shop
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u}]
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.244.0.20}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: old}}
  template: {metadata: {labels: {app: old}}, spec: {containers: [{name: c, image: i}]}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k8s.yaml").write_text(CLUSTER, "utf-8")
    (tmp_path / "more.yaml").write_text(MORE, "utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, ["connectivity", "-q", "-f", "k8s.yaml", *arguments])


def lines(*arguments: str) -> list[str]:
    ran = run(*arguments)
    assert (ran.exit_code, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


EVERYTHING = object()
POD_WORLD = ("--world", "podCIDRs=10.244.0.0/16")


@pytest.mark.parametrize(
    ("option", "filters", "kept"),
    [
        ("--from", ["ops/probe"], r"ops/probe\["),
        ("--from", ["ops/pod/probe"], r"ops/probe\["),
        ("--from", ["shop/web[Deployment]"], r"shop/web\["),
        ("--from", ["10.244.0.9"], r"ops/probe\["),
        ("--from", ["shop:app=web"], r"shop/web"),
        ("--from", ["shop:app=web,track!=canary"], r"shop/web\["),
        ("--from", ["shop:"], r"shop/"),
        ("--from", ["ops/probe", "shop:track"], r"ops/probe\[|shop/web-canary"),
    ],
)
def test_a_filter_keeps_the_lines_of_its_ends_and_no_others(option: str, filters: list[str], kept: str) -> None:
    chosen = [part for each in filters for part in (option, each)]
    assert lines(*chosen) == [line for line in lines() if re.match(kept, line)]


def test_from_and_to_both_count() -> None:
    assert lines("--from", "shop:", "--to", "shop/db") == [
        f"shop/{name}[Deployment] => shop/db[StatefulSet] : SCTP 1-65535,TCP 5432,8080-8081"
        for name in ("web-canary", "web")
    ]


def test_addresses_are_cut_to_the_filter() -> None:
    assert lines("--to", "169.254.0.0/16", "--from", "shop/web") == [
        "shop/web[Deployment] => 169.254.0.0-169.254.169.253 : TCP 443",
        "shop/web[Deployment] => 169.254.169.255-169.254.255.255 : TCP 443",
    ]
    assert lines("--from", "8.8.8.8", "--from", "8.8.8.9") == ["8.8.8.8-8.8.8.9 => ops/probe[Pod] : All Connections"]
    assert lines("--to", "8.8.8.8-8.8.9.0", "--from", "shop/web") == [
        "shop/web[Deployment] => 8.8.8.8-8.8.9.0 : TCP 443"
    ]


@pytest.mark.parametrize(
    ("port", "shown"),
    [
        ("5432", "TCP 5432"),
        ("TCP/5432", "TCP 5432"),
        ("TCP/sql", "TCP 5432"),
        ("TCP/5000-8080", "TCP 5432,8080"),
        ("SCTP/9", "SCTP 9"),
        ("UDP/53", None),
    ],
)
def test_a_port_keeps_what_is_open_on_it(port: str, shown: str | None) -> None:
    expected = [] if shown is None else [f"shop/web[Deployment] => shop/db[StatefulSet] : {shown}"]
    assert lines("--from", "shop/web", "--to", "shop/db", "--port", port) == expected


def test_a_named_port_means_nothing_to_an_address() -> None:
    assert lines("--from", "ops/probe", "--to", "0.0.0.0/0", "--port", "TCP/sql") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "shop/wbe"], '"shop/wbe" is not declared by any manifest\n    hint: did you mean "shop/web"?'),
        (["--to", "shpo:app=web"], 'no workload is declared in namespace "shpo"\n    hint: did you mean "shop"?'),
        (["--to", "shop:app=wbe"], 'matches "app=wbe"\n    hint: did you mean "app=web"?'),
        (["--to", "shop:app in web"], "bad selector"),
        (["--to", "shop:controller-revision-hash=x"], "no workload declared in namespace"),
        (["--to", "web"], '"web" is no filter'),
        (["--to", "shop[env=prod]:app=web"], "describes an undeclared namespace"),
        (["--to", "ops/agent"], "ops/DaemonSet/agent is in the host's network"),
        (["--to", "ops:app=agent"], 'matches "app=agent"'),
        (["--port", "TCP/slq"], 'no workload declares a port TCP/slq\n    hint: did you mean "TCP/sql"?'),
        (["--port", "70000"], "outside 1-65535"),
        (["--port", "sql"], "without its protocol"),
        (["--by", "pod"], "choose from workload, class"),
        (["--from", "8.8.8.8", "--to", "9.9.9.0/24"], "both keep addresses only"),
        ([*POD_WORLD, "--to", "10.244.1.1"], "10.244.1.1 lies in podCIDRs, and no declared pod has it"),
        ([*POD_WORLD, "--to", "10.244.1.0/24"], "10.244.1.0-10.244.1.255 holds no outside address"),
        ([*POD_WORLD, "--to", "2001:db8::1"], "podCIDRs have no IPv6 address"),
        (["--world", "nodeCIDRs=10.0.0.0/16", "--to", "10.0.0.1"], "10.0.0.1 lies in nodeCIDRs"),
        (["-o", "xml"], "the formats are text, json, csv, markdown, dot, mermaid"),
        (["--from", ""], "is no filter"),
    ],
)
def test_a_filter_that_keeps_nothing_is_a_mistake(arguments: list[str], said: str) -> None:
    ran = run(*arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_every_mistake_is_reported_at_once() -> None:
    ran = run("--from", "shop/wbe", "--from", "ops/x", "--to", "shop:app=wbe", "--port", "TCP/slq")
    assert ran.exit_code == 2
    assert len(re.findall("^--(from|to|port): ", ran.stderr, re.MULTILINE)) == 4


def test_a_name_that_fits_several_kinds_is_a_mistake_that_lists_them() -> None:
    ran = run("-f", "more.yaml", "--from", "shop/db")
    assert ran.exit_code == 2
    assert "shop/Deployment/db, shop/StatefulSet/db" in ran.stderr
    assert lines("-f", "more.yaml", "--from", "shop/deployment/db")


@pytest.mark.parametrize("name", ["shop/web-1", "shop/replicaset/web-1", "10.244.0.20"])
def test_what_a_workload_made_stands_for_the_workload(name: str) -> None:
    found = lines("-f", "more.yaml", "--from", name)
    assert found == [line for line in lines("-f", "more.yaml") if line.startswith("shop/web[")]


def test_addresses_of_pods_are_not_outside_also_of_those_that_fold_into_their_owner() -> None:
    shown = lines("-f", "more.yaml", "--to", "10.244.0.0/24", "--from", "shop/deployment/db")
    assert shown == [
        "shop/db[Deployment] => 10.244.0.0-10.244.0.8 : All Connections",
        "shop/db[Deployment] => 10.244.0.10-10.244.0.19 : All Connections",
        "shop/db[Deployment] => 10.244.0.21-10.244.0.255 : All Connections",
    ]


def test_pod_and_node_cidrs_are_cut_out() -> None:
    world = ("--world", "podCIDRs=10.244.0.0/16", "--world", "nodeCIDRs=10.0.0.0/16,11.0.0.0/32")
    assert [line.partition(" => ")[0] for line in lines(*world, "--from", "0.0.0.0/0", "--to", "ops/probe")] == [
        "0.0.0.0-9.255.255.255",
        "10.1.0.0-10.243.255.255",
        "10.245.0.0-10.255.255.255",
        "11.0.0.1-255.255.255.255",
    ]


def test_the_ipv4_mapped_addresses_are_no_hole_in_the_ipv6_ranges() -> None:
    shown = lines("-f", "more.yaml", "--from", "shop/deployment/db", "--to", "::/0")
    assert shown == ["shop/db[Deployment] => ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff : All Connections"]
    mapped = lines("-f", "more.yaml", "--from", "shop/deployment/db", "--to", "::ffff:8.8.8.0/120")
    assert mapped == ["shop/db[Deployment] => 8.8.8.0-8.8.8.255 : All Connections"]


@pytest.mark.parametrize(("value", "expected"), [("true", [": TCP 443"]), ("false", [])])
def test_a_reading_settles_what_depends_on_it(value: str, expected: list[str]) -> None:
    shown = lines("--semantics", f"ipBlockMatchesPods={value}", "--from", "shop/web", "--to", "ops/probe")
    assert [line.partition("]")[2].partition("]")[2].strip() for line in shown] == [each.strip() for each in expected]


def test_an_undetermined_entry_stands_apart_from_what_is_open() -> None:
    (value,) = json.loads(run("--from", "ops/probe", "--to", "shop/db", "-o", "json").stdout)
    assert value["undetermined"] is True
    assert value["dependsOn"] == ["labels of namespace ops", "unmodelled ops/NetworkPolicy/probe (projectcalico.org)"]
    (settled,) = json.loads(run("--from", "shop/web", "--to", "shop/db", "-o", "json").stdout)
    assert list(settled) == ["src", "dst", "connections"]


def test_several_outputs_of_one_run(folder: Path) -> None:
    ran = run("-o", "text", "-o", "json:found.json", "-o", "dot:found.dot")
    assert ran.exit_code == 0
    assert len(json.loads((folder / "found.json").read_text("utf-8"))) == len(ran.stdout.splitlines())
    assert (folder / "found.dot").read_text("utf-8").startswith("digraph")


def test_environment_variables_stand_for_options() -> None:
    environment = {
        "NETPOL_VERIFY_FROM": "shop/web ops/probe",
        "NETPOL_VERIFY_TO": "shop/db",
        "NETPOL_VERIFY_PORT": "5432",
    }
    ran = CliRunner(env=environment).invoke(commands.app, ["connectivity", "-q", "-f", "k8s.yaml"])
    assert ran.stdout.splitlines() == lines(
        "--from", "shop/web", "--from", "ops/probe", "--to", "shop/db", "--port", "5432"
    )


def test_nobody_to_list_is_said(folder: Path) -> None:
    (folder / "empty.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", "utf-8")
    ran = CliRunner().invoke(commands.app, ["connectivity", "-f", "empty.yaml", "-o", "json"])
    assert (ran.exit_code, ran.stdout) == (0, "[]\n")
    assert "nobody to list" in ran.stderr
    ran = CliRunner().invoke(commands.app, ["connectivity", "-f", "k8s.yaml", "--from", "shop/statefulset/db"])
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "no connection of those asked about is allowed" in ran.stderr


def test_two_pods_at_one_address_are_a_mistake(folder: Path) -> None:
    text = CLUSTER[CLUSTER.index("apiVersion: v1\nkind: Pod") :].partition("---")[0]
    (folder / "twin.yaml").write_text(text.replace("name: probe", "name: twin"), "utf-8")
    ran = run("-f", "twin.yaml")
    assert ran.exit_code == 2
    assert "both have the address 10.244.0.9" in ran.stderr


def test_every_option_is_documented() -> None:
    helped = CliRunner(env={"COLUMNS": "80"}).invoke(commands.app, ["connectivity", "--help"]).output
    root = Path(__file__).resolve().parent.parent
    pages = "".join(page.read_text("utf-8") for page in (root / "docs").glob("*.md"))
    options = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", helped, re.MULTILINE))
    assert options
    assert sorted(option for option in options if option not in pages) == []
    assert sorted(value for value in ("csv", "markdown", "dot", "mermaid") if f"`{value}`" not in pages) == []
