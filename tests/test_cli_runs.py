"""Whole runs of ``prove`` with nothing replaced: suites, manifests, engine, report, exit code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.verify import commands
from netpol_verify.verify.run import ManifestsRequest, ProveRequest, list_properties, run_prove
from typer.testing import CliRunner, Result

DENY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
ALLOW = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow, namespace: shop}
spec: {podSelector: {}, ingress: [{}]}
"""


def suite(manifests: str, *ids: str, extra: str = "") -> str:
    properties = "".join(
        f"- id: {name}\n  severity: medium\n  tags: [{name}]\n  never: {{from: anyPod, to: shop}}\n" for name in ids
    )
    listed = f"manifests: [{manifests}]\n" if manifests else ""
    return (
        f"apiVersion: netpol-verify/v1\nkind: PropertySuite\n{listed}{extra}"
        "groups: {anyPod: {}, shop: {namespace: shop}}\n"
        f"properties:\n{properties}"
    )


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "deny.yaml": DENY,
        "allow.yaml": ALLOW,
        "properties.yaml": suite("deny.yaml", "a", "b"),
        "open.yaml": suite("allow.yaml", "c"),
        "again.yaml": suite("deny.yaml", "d"),
        "bare.yaml": suite("", "e"),
        "mistyped.yaml": suite("deny.yaml", "f", extra="wrold: {}\n"),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, ["prove", *arguments])


def test_a_suite_that_holds_exits_zero() -> None:
    ran = run()
    assert ran.exit_code == 0, ran.output
    lines = ran.stdout.splitlines()
    assert lines[0] == "✓ a  proved  properties.yaml:6"
    assert lines[-1] == "2 proved — PASS"


def test_a_suite_that_fails_exits_one_unless_its_severity_does_not_count() -> None:
    ran = run("open.yaml")
    assert ran.exit_code == 1, ran.output
    assert "✗ c  refuted  medium  open.yaml:6" in ran.stdout
    assert "allowed by shop/allow, ingress[0] (allow.yaml:4)" in ran.stdout
    assert run("open.yaml", "--fail-on", "high").exit_code == 0


def test_suites_with_their_own_manifests_give_one_report_in_their_order() -> None:
    seen: list[tuple[int, int, str]] = []
    request = ProveRequest(suites=("properties.yaml", "open.yaml", "again.yaml"))
    report = run_prove(request, lambda done, total, what: seen.append((done, total, what)))
    assert [(each.id, each.suite, each.verdict) for each in report.results] == [
        ("a", "properties.yaml", "proved"),
        ("b", "properties.yaml", "proved"),
        ("c", "open.yaml", "refuted"),
        ("d", "again.yaml", "proved"),
    ]
    assert (report.input.files, report.input.objects) == (2, {"NetworkPolicy": 2})
    assert sorted(done for done, _, _ in seen) == [0, 1, 2, 3]
    assert {total for _, total, _ in seen} == {4}
    assert len(set(report.assumptions)) == len(report.assumptions)


def test_manifests_of_the_command_line_replace_those_of_the_suites() -> None:
    request = ProveRequest(suites=("properties.yaml", "open.yaml"), manifests=ManifestsRequest(("deny.yaml",)))
    report = run_prove(request)
    assert [each.verdict for each in report.results] == ["proved"] * 3
    assert report.input.files == 1


def test_a_suite_without_manifests_needs_them_from_the_command_line() -> None:
    ran = run("bare.yaml", "-o", "json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("bare.yaml: no manifests are named")
    assert run("bare.yaml", "-f", "deny.yaml").exit_code == 0


def test_only_selects_and_a_suite_left_empty_needs_no_manifests() -> None:
    report = run_prove(ProveRequest(suites=("bare.yaml", "properties.yaml"), only=("tag=b",)))
    assert [each.id for each in report.results] == ["b"]
    assert [each.id for each in list_properties(ProveRequest(only=("a",)))] == ["a"]
    ran = run("--only", "nope")
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_the_mistakes_of_all_suites_come_together() -> None:
    with pytest.raises(InputErrors) as caught:
        run_prove(ProveRequest(suites=("mistyped.yaml", "missing.yaml")))
    assert {problem.file for problem in caught.value.problems} == {"mistyped.yaml", "missing.yaml"}


def test_the_mistakes_of_all_manifests_come_together(tmp_path: Path) -> None:
    (tmp_path / "deny.yaml").write_text(DENY.replace("[Ingress]", "[Sideways]"), "utf-8")
    (tmp_path / "allow.yaml").write_text(ALLOW.replace("ingress", "ingres"), "utf-8")
    with pytest.raises(InputErrors) as caught:
        run_prove(ProveRequest(suites=("properties.yaml", "open.yaml")))
    assert {problem.file for problem in caught.value.problems} == {"deny.yaml", "allow.yaml"}


def test_the_json_report_is_the_same_on_every_run() -> None:
    first, second = (run("properties.yaml", "open.yaml", "-o", "json").stdout for _ in range(2))
    assert first == second
    report: dict[str, Any] = json.loads(first)
    assert report["summary"]["verdicts"]["refuted"] == 1


def test_a_counterexample_of_a_report_can_be_evaluated(tmp_path: Path) -> None:
    assert run("open.yaml", "-o", f"json:{tmp_path / 'r.json'}").exit_code == 1
    arguments = ["evaluate", "-f", "allow.yaml", "--counterexample", "r.json#c", "--expect", "allowed"]
    ran = CliRunner().invoke(commands.app, arguments)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("ALLOWED")


def test_a_process_reads_manifests_from_standard_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "netpol_verify", "prove", "bare.yaml", "-f", "-"]
    ran = subprocess.run(command, cwd=tmp_path, input=ALLOW.encode(), capture_output=True, check=False)
    assert ran.returncode == 1, ran.stderr.decode()
    assert ran.stdout.decode().splitlines()[-1] == "1 refuted — FAIL"
