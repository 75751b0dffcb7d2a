"""Support for the tests of what other programs run: the steps of action.yml, a checkout to build from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
ACTION = ROOT / "action.yml"
NO_INDEX = re.compile(r"No matching distribution|Could not find a version|Connection|Temporary failure|Max retries")

Step = dict[str, Any]


def tool(name: str) -> str:
    """A program of the environment in which the tests run."""
    return str(Path(sys.executable).parent / name)


def ran(*command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None, stdin: str = "") -> str:
    """What a command prints, both streams together. Raises AssertionError if it fails."""
    done = run(*command, cwd=cwd, env=env, stdin=stdin)
    assert done.returncode == 0, done.stdout
    return done.stdout


def run(
    *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """A command's end, both streams as one."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=without_own_settings() if env is None else dict(env),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def without_own_settings() -> dict[str, str]:
    """The environment, without what says how the program or a runner is to behave; its own programs come first."""
    kept = {key: value for key, value in os.environ.items() if not re.match(r"NETPOL_VERIFY_|GITHUB_|RUNNER_", key)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "COLUMNS": "80", "GIT_CONFIG_GLOBAL": os.devnull}


def skip_without_index(output: str) -> None:
    """Skip the test if pip found no package index, which is no fault of the project; a run under CI must have one."""
    if NO_INDEX.search(output) and not os.environ.get("CI"):
        pytest.skip("it needs a package index")


def steps() -> list[Step]:
    """The steps of action.yml."""
    return yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]


def scripts() -> dict[str, str]:
    """The shell scripts of action.yml by the step's id."""
    return {step["id"]: step["run"] for step in steps() if "run" in step}


def inputs_of(step_id: str, given: Mapping[str, str]) -> dict[str, str]:
    """The environment that a step gets from the action's inputs: those given, else the defaults."""
    defaults = {
        name: about["default"] for name, about in yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"].items()
    }
    assert given.keys() <= defaults.keys()
    env = next(step["env"] for step in steps() if step.get("id") == step_id)
    found = {name: re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value) for name, value in env.items()}
    return {name: {**defaults, **given}[match[1]] for name, match in found.items() if match}


def run_step(step_id: str, workspace: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A step's script run as a runner runs it: in a file, by bash with these options."""
    script = workspace.parent / f"{step_id}.sh"
    script.write_text(scripts()[step_id], encoding="utf-8")
    bash = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
    return run(*bash, cwd=workspace, env={**without_own_settings(), **env})


def outputs(file: Path) -> dict[str, str]:
    """What steps wrote to the file of GITHUB_OUTPUT."""
    return dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())


def copy_of_checkout(folder: Path) -> Path:
    """The files of the checkout, without what lies about in it: building writes beside the sources."""
    names = ("__pycache__", "*.egg-info", "build", "dist", "site")
    shutil.copytree(ROOT, folder, ignore=lambda place, found: _left_out(Path(place), found, names))
    return folder


def _left_out(place: Path, found: list[str], names: tuple[str, ...]) -> set[str]:
    hidden = {name for name in found if name.startswith(".") and (place / name).is_dir()}
    return hidden | set(shutil.ignore_patterns(*names)(str(place), found))


def git(folder: Path, *arguments: str) -> str:
    """git in a folder, as somebody."""
    who = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false")
    return ran("git", *who, *arguments, cwd=folder)


def blocks_with_files(page: str) -> Iterator[tuple[str, str]]:
    """The blocks of a page that say which file they are, with that file's name."""
    from pages.blocks import blocks

    for block in blocks(ROOT / page):
        if "file" in block.options:
            yield block.options["file"], block.text
