"""The formats from the command line: several in one run, one exit code, and GitHub's step summary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from netpol_verify.verify import commands
from netpol_verify.verify.reports import FORMATS
from typer.testing import CliRunner, Result

SHOP = Path(__file__).parent.parent / "docs" / "shop"
ONE_THAT_FAILS = ("--only", "only-api-reaches-db")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    (tmp_path / "shop").symlink_to(SHOP)


def prove(*arguments: str, **env: str) -> Result:
    return CliRunner(env=env).invoke(commands.app, ["prove", "shop/properties.yaml", *ONE_THAT_FAILS, *arguments])


def test_one_run_writes_every_format_and_ends_with_one_code() -> None:
    done = prove(*(f"--output={each}:out.{each}" for each in FORMATS))
    assert done.exit_code == 1
    assert done.stdout == ""
    assert sorted(path.name for path in Path().glob("out.*")) == sorted(f"out.{each}" for each in FORMATS)
    sarif = json.loads(Path("out.sarif").read_text())
    assert sarif["runs"][0]["invocations"][0]["exitCode"] == 1
    assert len(json.loads(Path("out.gitlab").read_text())) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_the_exit_code_is_the_same_for_every_format(name: str) -> None:
    assert [prove("-o", name, *more).exit_code for more in ((), ("--fail-on=critical",))] == [1, 0]


def test_the_github_format_appends_markdown_to_the_step_summary() -> None:
    Path("summary.md").write_text("before\n")
    done = prove("-o", "github", GITHUB_STEP_SUMMARY="summary.md")
    assert done.stdout.startswith("::error file=shop/manifests/policies.yaml,line=")
    assert Path("summary.md").read_text().startswith("before\n<!-- netpol-verify -->\n\n### ❌ netpol-verify: FAIL\n")


@pytest.mark.parametrize("name", [each for each in FORMATS if each != "github"])
def test_no_other_format_writes_the_step_summary(name: str) -> None:
    prove("-o", name, GITHUB_STEP_SUMMARY="summary.md")
    assert not Path("summary.md").exists()


def test_a_step_summary_that_cannot_be_written_is_said_after_everything_else_is_written() -> None:
    done = prove("-o", "github", "-o", "json:report.json", GITHUB_STEP_SUMMARY="nowhere/summary.md")
    assert done.exit_code == 2
    assert "GITHUB_STEP_SUMMARY" in done.stderr
    assert "::error" in done.stdout
    assert Path("report.json").exists()


def test_help_names_every_format() -> None:
    text = CliRunner().invoke(commands.app, ["prove", "--help"]).output
    assert [each for each in FORMATS if each not in text] == []
