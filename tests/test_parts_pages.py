"""What docs/ci.md offers for copying is valid for programs that are not ours, and fits what it uses."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from netpol_verify.verify import commands
from parts_support import ACTION, ROOT, blocks_with_files, git, ran, run, tool
from typer.testing import CliRunner

PAGE = "docs/ci.md"
WORKFLOW = ".github/workflows/network-policies.yaml"
GITLAB = ".gitlab-ci.yml"
PRE_COMMIT = ".pre-commit-config.yaml"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A repository with the files of the page, its placeholders filled in."""
    for name, text in blocks_with_files(PAGE):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("OWNER", "owner").replace("COMMIT", "c0ffee" * 6 + "cafe"), encoding="utf-8")
    return tmp_path


def loaded(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "schema"), [(WORKFLOW, "vendor.github-workflows"), (GITLAB, "vendor.gitlab-ci")])
def test_the_schema_accepts_it(name: str, schema: str, files: Path) -> None:
    ran(sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, files / name)


def test_an_audit_for_security_finds_nothing_in_the_workflow(files: Path) -> None:
    ran(tool("zizmor"), "--offline", "--persona", "auditor", "--no-progress", files / WORKFLOW)


def test_the_workflow_uses_inputs_and_outputs_that_the_action_has(files: Path) -> None:
    action = loaded(ACTION)
    step = next(step for step in loaded(files / WORKFLOW)["jobs"]["prove"]["steps"] if step.get("id") == "netpol")
    assert step["with"].keys() <= action["inputs"].keys()
    named = re.findall(r"steps\.netpol\.outputs\.([a-z-]+)", (ROOT / PAGE).read_text(encoding="utf-8"))
    assert set(named) <= action["outputs"].keys()


def test_the_page_explains_every_input_and_output_of_the_action() -> None:
    action, page = loaded(ACTION), (ROOT / PAGE).read_text(encoding="utf-8")
    assert [name for name in action["inputs"] if f"| `{name}` |" not in page] == []
    assert [name for name in action["outputs"] if f"`{name}`" not in page] == []


def test_pre_commit_accepts_its_configuration(files: Path) -> None:
    ran(sys.executable, "-m", "pre_commit", "validate-config", files / PRE_COMMIT)
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["id"] for hook in loaded(files / PRE_COMMIT)["repos"][0]["hooks"]} == hooks


def jobs(files: Path) -> list[list[str]]:
    """The words of each command that the jobs for GitLab run, as far as they are the program's."""
    lines = [line for job in loaded(files / GITLAB).values() for line in job["script"]]
    return [shlex.split(line) for line in lines]


def test_the_jobs_for_gitlab_use_options_that_there_are(files: Path) -> None:
    for program, command, *words in jobs(files):
        helped = CliRunner(env={"COLUMNS": "80"}).invoke(commands.app, [command, "--help"]).output
        assert program == "netpol-verify"
        assert [word for word in words if word.startswith("-") and f" {word}" not in helped] == []


def test_the_jobs_for_gitlab_write_the_artifacts_that_they_name(files: Path) -> None:
    """Run as they stand, in a repository whose working tree opens what its commit closed."""
    closed = (ROOT / "examples/1-three-tiers/policies/db.yaml").read_text(encoding="utf-8")
    (files / "k8s").mkdir()
    (files / "k8s/db.yaml").write_text(closed, encoding="utf-8")
    suite = "apiVersion: netpol-verify/v1\nkind: PropertySuite\nmanifests: [k8s]\nproperties:\n- id: closed\n"
    (files / "properties.yaml").write_text(suite + "  never: {from: {any: true}, to: {}}\n", encoding="utf-8")
    git(files, "init", "--quiet")
    git(files, "add", ".")
    git(files, "commit", "--quiet", "--message", "Closed")
    (files / "k8s/db.yaml").write_text(closed.replace("3306", "3307"), encoding="utf-8")
    for name, job in loaded(files / GITLAB).items():
        (line,) = job["script"]
        base = git(files, "rev-parse", "HEAD").strip()
        done = run("bash", "-euo", "pipefail", "-c", f"CI_MERGE_REQUEST_DIFF_BASE_SHA={base}; {line}", cwd=files)
        assert done.returncode == 1, f"{name}: {done.stdout}"
        named = [*job["artifacts"].get("paths", []), *job["artifacts"].get("reports", {}).values()]
        assert [file for file in named if not (files / file).is_file()] == []


def test_the_page_names_the_version_that_there_is() -> None:
    from netpol_verify import __version__

    assert set(re.findall(r"netpol-verify:(\d[\d.]*)", (ROOT / PAGE).read_text(encoding="utf-8"))) == {__version__}
