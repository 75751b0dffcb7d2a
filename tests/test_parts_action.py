"""action.yml: valid for programs that are not ours, and its scripts do what they say, run as a runner runs them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from parts_support import (
    ACTION,
    ROOT,
    copy_of_checkout,
    inputs_of,
    outputs,
    ran,
    run,
    run_step,
    scripts,
    skip_without_index,
    steps,
    tool,
)

PROVE = "run"
FILES = {
    "report": "report.json",
    "sarif": "report.sarif",
    "junit": "report.xml",
    "markdown": "report.md",
    "comparison": "diff.md",
}

STUB = """\
#!/usr/bin/env bash
printf '%s\\0' "$@" > "$LOG/$1"
echo "::error::$1 says so"  >&2
for each in "$@"; do
  case $each in
    *:/*) printf '::error::%s' "$each" > "${each#*:}" ;;
  esac
done
code="CODE_$1"
exit "${!code:-0}"
"""


class Runner:
    """A runner's folders and files, and in them a stand-in for the program that writes down its arguments."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = root / "a workspace"
        self.folder = root / "temp"
        self.bin = root / "bin"
        for folder in (self.workspace, self.folder, self.bin):
            folder.mkdir()
        self.output = root / "output"
        self.summary = root / "summary"
        program = self.bin / "netpol-verify"
        program.write_text(STUB, encoding="utf-8")
        program.chmod(0o755)

    def run(self, codes: dict[str, int] | None = None, **inputs: str) -> tuple[int, str]:
        """The exit code and the log of the step that proves, with inputs named with ``_`` for ``-``."""
        self.output.write_text("", encoding="utf-8")
        self.summary.write_text("", encoding="utf-8")
        env = {
            **inputs_of(PROVE, {name.replace("_", "-"): value for name, value in inputs.items()}),
            **{f"CODE_{command}": str(code) for command, code in (codes or {}).items()},
            "BIN": str(self.bin),
            "FOLDER": str(self.folder),
            "LOG": str(self.root),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        done = run_step(PROVE, self.workspace, env)
        return done.returncode, done.stdout

    def arguments(self, command: str) -> list[str]:
        """What the program was given, without what says where output goes; None was called: no such file."""
        words = (self.root / command).read_text(encoding="utf-8").split("\0")[1:-1]
        outputs_at = {at for at, word in enumerate(words) if word == "-o"}
        return [word for at, word in enumerate(words) if not {at, at - 1} & outputs_at]

    def outputs(self) -> dict[str, str]:
        return outputs(self.output)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_the_schema_of_actions_accepts_it() -> None:
    ran(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", ACTION)


def test_an_audit_for_security_finds_nothing() -> None:
    """Script injection, actions that are not pinned, credentials that stay: what zizmor looks for without a network."""
    ran(tool("zizmor"), "--offline", "--persona", "auditor", "--no-progress", ACTION)


def test_no_script_has_text_put_into_it() -> None:
    assert scripts()
    assert [name for name, script in scripts().items() if "${{" in script] == []


def test_shellcheck_accepts_every_script() -> None:
    for script in scripts().values():
        ran(tool("shellcheck"), "--shell=bash", "--severity=style", "-", stdin=script)


def test_an_action_that_is_used_is_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []


def test_without_inputs_the_working_directory_decides_and_nothing_is_compared(runner: Runner) -> None:
    code, _ = runner.run()
    assert (code, runner.arguments("prove")) == (0, ["--"])
    assert not (runner.root / "diff").exists()


def test_each_line_of_an_input_is_one_argument(runner: Runner) -> None:
    """Blanks, quotes and signs of the shell are part of it; blank lines and blanks around it are not."""
    odd = "a b/$(touch pwned);`id` \"q\" 'r' * \\ && x"
    code, _ = runner.run(
        suites=f"one.yaml\n\n  {odd}\r\n-two.yaml",
        manifests=f"{odd}\n-k8s\n",
        args="--world=pods=closed\n--only=tag=pci",
        base=f"git:main:k8s\n{odd}",
        fail_on="high; exit 0",
        fail_on_change="$(id)",
    )
    assert code == 0
    assert runner.arguments("prove") == [
        "--fail-on=high; exit 0",
        f"--manifests={odd}",
        "--manifests=-k8s",
        "--world=pods=closed",
        "--only=tag=pci",
        *("--", "one.yaml", f"{odd}", "-two.yaml"),
    ]
    heads = [f"--head={odd}", "--head=-k8s"]
    assert runner.arguments("diff") == ["--fail-on-change=$(id)", "--base=git:main:k8s", f"--base={odd}", *heads]
    assert list(runner.workspace.iterdir()) == []


@pytest.mark.parametrize(
    ("proved", "compared", "code"),
    [
        *((0, 0, 0), (1, 0, 1), (0, 1, 1), (3, 1, 1), (1, 3, 1), (3, 0, 3), (4, 1, 4), (1, 4, 4), (2, 4, 2), (0, 2, 2)),
        *((0, 137, 137), (130, 0, 130), (127, 1, 1)),
    ],
)
def test_the_step_ends_with_the_worse_code_of_both(runner: Runner, proved: int, compared: int, code: int) -> None:
    ended, log = runner.run({"prove": proved, "diff": compared}, base="git:main")
    assert (ended, runner.outputs()["exit-code"]) == (code, str(code))
    assert ("::error title=netpol-verify::" in log) == (code not in (0, 1))


def test_outputs_name_the_files_that_were_written(runner: Runner) -> None:
    runner.run(base="git:main")
    assert runner.outputs() == {**{name: f"{runner.folder}/{file}" for name, file in FILES.items()}, "exit-code": "0"}
    declared = set(re.findall(r"steps\.run\.outputs\.([a-z-]+)", ACTION.read_text(encoding="utf-8")))
    assert declared == {*FILES, "exit-code"}


def test_nothing_that_was_not_written_is_named(runner: Runner) -> None:
    runner.bin.joinpath("netpol-verify").write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    assert runner.run(base="git:main")[0] == 2
    assert runner.outputs() == {"exit-code": "2"}


def test_text_of_others_is_printed_where_the_runner_takes_no_commands(runner: Runner) -> None:
    """A name in a manifest must not set an output or an annotation; only what was made for the runner may."""
    _, log = runner.run(base="git:main")
    lines = log.splitlines()
    tokens = re.findall(r"^::stop-commands::([0-9a-f]{32})$", log, re.MULTILINE)
    assert len(tokens) == len(set(tokens)) == 3
    heard: list[str] = []
    waiting = ""
    for line in lines:
        if waiting:
            waiting = "" if line == f"::{waiting}::" else waiting
        elif line.startswith("::stop-commands::"):
            waiting = line.rpartition("::")[2]
        else:
            heard.append(line)
    assert heard == [f"::error::github:{runner.folder}/annotations"]


def test_a_real_run_annotates_summarises_and_leaves_reports(runner: Runner) -> None:
    runner.workspace.rmdir()
    runner.workspace.symlink_to(ROOT)
    runner.bin = Path(sys.executable).parent
    code, log = runner.run(
        suites="examples/6-changes/properties.yaml\n",
        manifests="examples/6-changes/head",
        base="examples/6-changes/base",
        fail_on_change="added",
    )
    assert code == 1, log
    assert "**Gained**" in runner.summary.read_text(encoding="utf-8")
    code, log = runner.run(suites="examples/1-three-tiers/properties.yaml")
    assert code == 1, log
    assert re.search(r"^::error file=examples/1-three-tiers/policies/db\.yaml,line=13,.*only-app-reaches-db", log, re.M)
    named = runner.outputs()
    assert json.loads(Path(named["report"]).read_text(encoding="utf-8"))["summary"]["status"]["fail"] == 1
    assert json.loads(Path(named["sarif"]).read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert "only-app-reaches-db" in runner.summary.read_text(encoding="utf-8")


def test_the_package_is_installed_from_the_actions_own_checkout_and_works(tmp_path: Path) -> None:
    """In a fresh environment, with all that a user gets: the program, the plugin of kubectl and its completion."""
    workspace, output = tmp_path / "workspace", tmp_path / "output"
    workspace.mkdir()
    env = {
        **inputs_of("install", {}),
        "PYTHON": sys.executable,
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_ACTION_PATH": str(copy_of_checkout(tmp_path / "check out")),
    }
    done = run_step("install", workspace, env)
    skip_without_index(done.stdout)
    assert done.returncode == 0, done.stdout
    assert re.match(r"netpol-verify \d", done.stdout)
    folder = Path(outputs(output)["bin"])
    clean = {"PATH": "/usr/bin:/bin", "COLUMNS": "80"}
    assert "usage: kubectl netpol-verify" in ran(folder / "kubectl-netpol_verify", "--help", env=clean).lower()
    assert ran(folder / "kubectl_complete-netpol_verify", "pro", env=clean) == "prove\n:0\n"
    proved = run(folder / "netpol-verify", "prove", "examples/1-three-tiers/properties.yaml", "-q", env=clean)
    assert (proved.returncode, proved.stdout.splitlines()[-1]) == (1, "7 proved, 1 refuted — FAIL"), proved.stdout
