"""A gate over a branch under review: red at the line that opens, waived until a day, red after it, green once mended.

One repository with a commit on ``main`` and a branch that adds a rule. Each run writes all formats at once, and all of
them have to tell the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from parts_support import git, run, tool

FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "markdown", "tap")

APPS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: db, ports: [{containerPort: 5432}]}]}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: api}}}]
    ports: [{port: 5432}]
"""
OPENED = """\
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
"""
WHERE = f"k8s/db.yaml:{POLICY.count(chr(10)) + 1}"
SUITE = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [k8s]
groups:
  web: {namespace: shop, pods: app=web}
  api: {namespace: shop, pods: app=api}
  db: {namespace: shop, pods: app=db}
properties:
- id: web-never-reaches-db
  severity: critical
  never: {from: web, to: db}
- id: nothing-new
  noNewAccess: {base: "git:main:k8s"}
- id: api-reaches-db
  always: {from: api, to: db, ports: [TCP/5432]}
"""
WAIVERS = """\
apiVersion: netpol-verify/v1
kind: Waivers
waivers:
- property: web-never-reaches-db
  allow: {from: web, to: db, ports: [TCP/5432]}
  reason: The report of the year reads the database.
  owner: team-shop
  expires: "2031-01-31"
- property: nothing-new
  allow: {from: web, to: db, ports: [TCP/5432]}
  reason: The same.
  owner: team-shop
  expires: "2031-01-31"
"""
BROKEN = ("web-never-reaches-db", "nothing-new")
KEPT = "api-reaches-db"
RED = {each: {(name, WHERE) for name in BROKEN} for each in FORMATS}
GREEN = {each: set[tuple[str, str]]() for each in FORMATS}


@dataclass(frozen=True)
class Ran:
    """A run's exit code and what it wrote, by format."""

    code: int
    written: Mapping[str, str]
    said: str

    @property
    def statuses(self) -> dict[str, str]:
        """By property, as the JSON report has them."""
        return {result["id"]: result["status"] for result in json.loads(self.written["json"])["results"]}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """``main`` keeps the suite; the branch that is checked out adds a rule."""
    folder = tmp_path / "repository"
    (folder / "k8s").mkdir(parents=True)
    for name, text in {"k8s/apps.yaml": APPS, "k8s/db.yaml": POLICY, "properties.yaml": SUITE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "The suite holds")
    git(folder, "checkout", "--quiet", "-b", "report")
    write_policy(folder, POLICY + OPENED)
    return folder


def write_policy(folder: Path, text: str) -> None:
    """A commit that changes the policy."""
    (folder / "k8s" / "db.yaml").write_text(text, encoding="utf-8")
    git(folder, "commit", "--quiet", "--all", "--message", "A change")


def gate(folder: Path, *arguments: str) -> Ran:
    """The gate as a pipeline runs it, with every format to a file beside the repository."""
    files = {name: folder.parent / f"report.{name}" for name in FORMATS}
    outputs = [word for name, file in files.items() for word in ("-o", f"{name}:{file}")]
    done = run(tool("netpol-verify"), "prove", *arguments, *outputs, cwd=folder)
    assert all(file.is_file() for file in files.values()), done.stdout
    return Ran(done.returncode, {name: file.read_text(encoding="utf-8") for name, file in files.items()}, done.stdout)


def _of_text(text: str) -> set[tuple[str, str]]:
    """The first line named in a paragraph that begins with a cross."""
    return {(part.split()[1], _place(part)) for part in re.split(r"^(?=[✓✗?~])", text, flags=re.M) if part[:1] == "✗"}


def _place(text: str) -> str:
    """The first place that is named in the manifests of the working tree."""
    found = re.search(r"(?<![\w:])k8s/[\w.]+:\d+", text)
    return found[0] if found else ""


def _of_json(text: str) -> set[tuple[str, str]]:
    failed = [result for result in json.loads(text)["results"] if result["status"] == "fail"]
    return {(result["id"], _line_of(result)) for result in failed}


def _line_of(result: dict[str, Any]) -> str:
    """The first line that made a difference, else the first that a rule or policy stands on."""
    named = [each for each in [*result["causes"], *result["because"]] if each["file"]]
    return f"{named[0]['file']}:{named[0]['line']}"


def _of_sarif(text: str) -> set[tuple[str, str]]:
    errors = [result for result in json.loads(text)["runs"][0]["results"] if result["level"] == "error"]
    places = {result["ruleId"]: result["locations"][0]["physicalLocation"] for result in errors}
    return {(name, f"{at['artifactLocation']['uri']}:{at['region']['startLine']}") for name, at in places.items()}


def _of_junit(text: str) -> set[tuple[str, str]]:
    cases = ElementTree.fromstring(text).iter("testcase")
    failures = {case.attrib["name"]: case.find("failure") for case in cases}
    return {(name, _place(failure.text or "")) for name, failure in failures.items() if failure is not None}


def _of_github(text: str) -> set[tuple[str, str]]:
    found = re.findall(r"^::error file=([^,]+),line=(\d+),title=([\w-]+)", text, re.MULTILINE)
    return {(name, f"{file}:{line}") for file, line, name in found}


def _of_gitlab(text: str) -> set[tuple[str, str]]:
    counted = [each for each in json.loads(text) if each["severity"] != "info"]
    places = {each["check_name"]: each["location"] for each in counted}
    return {(name, f"{at['path']}:{at['lines']['begin']}") for name, at in places.items()}


def _of_markdown(text: str) -> set[tuple[str, str]]:
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines() if row.startswith("| ❌")]
    return {(row[1], row[-1]) for row in rows}


def _of_tap(text: str) -> set[tuple[str, str]]:
    points = re.findall(r"^not ok \d+ - ([\w-]+)$(.*?)^  \.\.\.$", text, re.MULTILINE | re.DOTALL)
    return {(name, _place(block)) for name, block in points}


READERS = {
    "text": _of_text,
    "json": _of_json,
    "sarif": _of_sarif,
    "junit": _of_junit,
    "github": _of_github,
    "gitlab": _of_gitlab,
    "markdown": _of_markdown,
    "tap": _of_tap,
}


def shown_as_failing(ran: Ran) -> dict[str, set[tuple[str, str]]]:
    """By format: the properties that it shows as failing, and the line to which it points for each."""
    return {name: READERS[name](ran.written[name]) for name in FORMATS}


def test_the_gate_is_red_at_the_line_that_opens_in_every_format(repository: Path) -> None:
    ran = gate(repository)
    assert (ran.code, ran.statuses) == (1, {**dict.fromkeys(BROKEN, "fail"), KEPT: "pass"}), ran.said
    assert shown_as_failing(ran) == RED


def test_a_waiver_lasts_through_its_last_day_and_no_longer(repository: Path) -> None:
    (repository / "waivers.yaml").write_text(WAIVERS, encoding="utf-8")
    waived = gate(repository, "--waivers", "waivers.yaml", "--now", "2031-01-31")
    assert (waived.code, waived.statuses) == (0, {**dict.fromkeys(BROKEN, "waived"), KEPT: "pass"}), waived.said
    assert shown_as_failing(waived) == GREEN
    assert [name for name in FORMATS if "The report of the year" not in waived.written[name]] == []
    late = gate(repository, "--waivers", "waivers.yaml", "--now", "2031-02-01")
    assert (late.code, late.statuses) == (1, {**dict.fromkeys(BROKEN, "fail"), KEPT: "pass"}), late.said
    assert shown_as_failing(late) == RED


def test_a_waiver_covers_no_traffic_but_its_own(repository: Path) -> None:
    """The branch opens one more port."""
    (repository / "waivers.yaml").write_text(WAIVERS, encoding="utf-8")
    write_policy(repository, POLICY + OPENED.replace("{port: 5432}", "{port: 5432}, {port: 5433}"))
    ran = gate(repository, "--waivers", "waivers.yaml", "--now", "2031-01-31")
    assert (ran.code, ran.statuses) == (1, {**dict.fromkeys(BROKEN, "fail"), KEPT: "pass"}), ran.said
    assert "TCP/5433" in ran.written["text"]


def test_the_gate_is_green_once_the_branch_is_mended(repository: Path) -> None:
    """Also if it differs from its base, as long as it allows no more."""
    write_policy(repository, "# Nobody but the api.\n" + POLICY)
    ran = gate(repository)
    assert (ran.code, set(ran.statuses.values())) == (0, {"pass"}), ran.said
    assert shown_as_failing(ran) == GREEN


def test_a_clone_without_the_base_is_no_green_gate(repository: Path) -> None:
    """As a shallow checkout leaves it: bad input, and a hint at what to fetch."""
    clone = repository.parent / "clone"
    git(repository, "clone", "--quiet", "--depth=1", "--branch=report", f"file://{repository}", str(clone))
    done = run(tool("netpol-verify"), "prove", cwd=clone)
    assert done.returncode == 2
    assert "fetch-depth: 0" in done.stdout
