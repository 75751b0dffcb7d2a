"""``evaluate`` on the command line, over real manifests and the real evaluator."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.verify import commands
from typer.testing import CliRunner, Result

MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: x, ports: [{name: pg, containerPort: 5432}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: x}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-allow, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: pg}]
  - from: [{ipBlock: {cidr: 10.0.0.0/8}}]
    ports: [{port: 9090}]
"""
FLOWS = [
    {"from": "shop/web", "to": "shop/db", "port": "TCP/5432", "id": 7},
    {"from": "shop/web", "to": "shop/db", "port": 80},
    {"from": "shop:app=other", "to": "shop/db", "port": 9090},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k8s.yaml").write_text(MANIFESTS, "utf-8")
    (tmp_path / "flows.jsonl").write_text("".join(json.dumps(flow) + "\n" for flow in FLOWS), "utf-8")
    return tmp_path


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(commands.app, ["evaluate", "-f", "k8s.yaml", *arguments], input=given)


def ask(source: str, destination: str, port: str, *more: str) -> Result:
    return run("--from", source, "--to", destination, "--port", port, *more)


@pytest.mark.usefixtures("folder")
def test_text_is_a_sentence_and_the_rules_that_decide() -> None:
    ran = ask("shop/web", "shop/db", "TCP/pg")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "ALLOWED  shop/web → shop/db on TCP/pg",
        "    egress: no policy isolates the source",
        "    ingress: allowed by shop/db-allow, ingress[0] (k8s.yaml:21)",
    ]


@pytest.mark.usefixtures("folder")
def test_json_is_the_flow_with_the_answer() -> None:
    ran = ask("shop/web", "shop/db", "80", "-o", "json")
    answer: dict[str, Any] = json.loads(ran.stdout)
    assert list(answer) == ["from", "to", "port", "allowed", "because"]
    assert (answer["from"], answer["port"], answer["allowed"]) == ("shop/web", "80", False)
    assert answer["because"][0]["policy"] == "shop/db-allow"


@pytest.mark.usefixtures("folder")
def test_an_answer_that_hangs_on_a_reading_is_undetermined_until_it_is_given() -> None:
    flow = ("shop:app=other", "shop/db", "9090")
    ran = ask(*flow)
    assert ran.stdout.splitlines()[0].startswith("UNDETERMINED")
    assert "depends on" in ran.stdout
    assert ask(*flow, "--semantics", "ipBlockMatchesPods=false").stdout.startswith("BLOCKED")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("flow", "expected", "code"),
    [
        (("shop/web", "shop/db", "5432"), "allowed", 0),
        (("shop/web", "shop/db", "5432"), "blocked", 1),
        (("shop/web", "shop/db", "80"), "blocked", 0),
        (("shop/web", "shop/db", "80"), "allowed", 1),
        (("shop:app=other", "shop/db", "9090"), "allowed", 3),
        (("shop:app=other", "shop/db", "9090"), "blocked", 3),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_expect_decides_the_exit_code(flow: tuple[str, str, str], expected: str, code: int, output: str) -> None:
    assert ask(*flow, "--expect", expected, "-o", output).exit_code == code


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("from_stdin", [False, True])
def test_flows_are_answered_one_object_a_line(from_stdin: bool) -> None:
    given = Path("flows.jsonl").read_text("utf-8") if from_stdin else None
    ran = run("--flows", "-" if from_stdin else "flows.jsonl", "-o", "json", given=given)
    assert ran.exit_code == 0, ran.stderr
    answers: Sequence[dict[str, Any]] = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(answer.get("allowed"), answer.get("undetermined")) for answer in answers] == [
        (True, None),
        (False, None),
        (None, True),
    ]
    for flow, answer in zip(FLOWS, answers, strict=True):
        assert flow.items() <= answer.items()


@pytest.mark.usefixtures("folder")
def test_flows_as_text_end_in_a_count() -> None:
    ran = run("--flows", "flows.jsonl", "-q")
    assert ran.stdout.splitlines() == [
        "ALLOWED  shop/web → shop/db on TCP/5432",
        "BLOCKED  shop/web → shop/db on TCP/80",
        "UNDETERMINED  shop:app=other → shop/db on TCP/9090",
        "",
        "1 allowed, 1 blocked, 1 undetermined",
    ]


def test_every_mistake_in_a_flows_file_is_reported_with_its_line(folder: Path) -> None:
    lines = ['{"from": "shop/ghost", "to": "shop/db", "port": 80}', "", '{"from": "shop/web", "to": "shop/db"}']
    (folder / "bad.jsonl").write_text("\n".join(lines), "utf-8")
    ran = run("--flows", "bad.jsonl")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "bad.jsonl:1: " in ran.stderr
    assert "bad.jsonl:3: " in ran.stderr


def endpoint(name: str) -> dict[str, Any]:
    return {
        "kind": "pod",
        "namespace": "shop",
        "labels": {"app": name},
        "namespaceLabels": {"env": "prod"},
        "namespaceDeclared": True,
        "workload": f"shop/Pod/{name}" if name == "db" else None,
        "ports": [{"name": "pg", "protocol": "TCP", "containerPort": 5432}] if name == "db" else [],
        "ips": [],
        "hostNetwork": False,
        "node": None,
    }


def report(allowed: bool) -> str:
    example: dict[str, object] = {
        "source": endpoint("web"),
        "destination": endpoint("db"),
        "protocol": "TCP",
        "port": 5432,
        "portName": None,
        "family": "IPv4",
        "allowed": allowed,
        "reading": {"ipBlockMatchesPods": True, "order": []},
        "dependsOn": [],
        "subject": None,
        "direction": None,
    }
    results: list[dict[str, object]] = [{"id": "p", "verdict": "refuted", "counterexample": example}]
    return json.dumps({"report": "netpol-verify/v1", "results": results})


@pytest.mark.parametrize("allowed", [True, False])
def test_a_counterexample_is_asked_again_and_a_difference_is_said(folder: Path, allowed: bool) -> None:
    (folder / "report.json").write_text(report(allowed), "utf-8")
    ran = run("--counterexample", "report.json#p")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "ALLOWED  shop:app=web → shop/Pod/db on TCP/5432"
    assert ("these manifests differ" in ran.stderr) is not allowed
    answer: dict[str, Any] = json.loads(run("--counterexample", "report.json#p", "-o", "json").stdout)
    assert list(answer) == ["from", "to", "port", "family", "allowed", "because"]
    assert answer["to"]["workload"] == "shop/Pod/db"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no connection is asked about"),
        (("--from", "shop/web"), "--to and --port is missing"),
        (("--from", "shop/web", "--flows", "flows.jsonl"), "exclude each other"),
        (("--flows", "flows.jsonl", "--counterexample", "r.json#x"), "exclude each other"),
        (("--flows", "-", "-f", "-"), "standard input"),
        (("--flows", "nowhere.jsonl"), "nowhere.jsonl: "),
        (("--counterexample", "r.json"), "is not REPORT.json#ID"),
        (("--counterexample", "r.json#x"), "r.json: cannot be read"),
        (("--counterexample", "k8s.yaml#x"), "k8s.yaml:1: is not JSON"),
        (("--flows", "flows.jsonl", "--expect", "alowed"), 'did you mean "allowed"?'),
        (("--flows", "flows.jsonl", "--world", "podCDIRs=10.0.0.0/8"), "podCIDRs"),
        (("--flows", "flows.jsonl", "--semantics", "ipBlockMatchesPods=maybe"), "ipBlockMatchesPods"),
        (("--flows", "flows.jsonl", "--timeout", "-1"), "--timeout"),
    ],
)
def test_wrong_use_exits_two_and_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    ran = run(*arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


@pytest.mark.usefixtures("folder")
def test_manifests_must_be_named() -> None:
    ran = CliRunner().invoke(commands.app, ["evaluate", "--flows", "flows.jsonl"])
    assert ran.exit_code == 2
    assert "no manifests are named" in ran.stderr


@pytest.mark.usefixtures("folder")
def test_an_address_among_the_pods_must_be_described_as_a_pod() -> None:
    """Policies see labels there, and nobody said which."""
    flow = ("10.1.2.3", "shop/db", "9090")
    assert ask(*flow).stdout.startswith("ALLOWED")
    ran = ask(*flow, "--world", "podCIDRs=10.0.0.0/8")
    assert ran.exit_code == 2
    assert "lies in podCIDRs" in ran.stderr


@pytest.mark.usefixtures("folder")
def test_a_cluster_of_one_ip_family_has_no_connection_of_the_other() -> None:
    ran = ask("2001:db8::1", "shop/db", "9090", "--world", "podCIDRs=10.0.0.0/8")
    assert ran.exit_code == 2
    assert "IP family" in ran.stderr


def test_invalid_manifests_are_refused(folder: Path) -> None:
    (folder / "k8s.yaml").write_text(MANIFESTS.replace("{podSelector: {matchLabels: {app: web}}}", "{}"), "utf-8")
    ran = ask("shop/web", "shop/db", "80")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "k8s.yaml:" in ran.stderr
