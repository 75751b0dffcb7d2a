"""The container's recipe: a linter that is not ours accepts it, and it holds what the wheel needs and no root user.

That the image builds, only a machine with a container engine can say: docs/releasing.md has the commands.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib

import pytest
from parts_support import ROOT, ran, tool

LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
ALLOWED = {
    line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
}


def last(instruction: str) -> str:
    return [line for line in LINES if line.startswith(f"{instruction} ")][-1].removeprefix(f"{instruction} ")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no hadolint for it")
def test_hadolint_accepts_it() -> None:
    ran(tool("hadolint"), "--failure-threshold", "style", ROOT / "Dockerfile")


def test_it_runs_as_nobody_in_particular() -> None:
    """By number, so that a cluster which demands a user other than root can see that it is one."""
    user, group = last("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_program_is_started_without_a_shell() -> None:
    assert json.loads(last("ENTRYPOINT")) == ["netpol-verify"]
    assert json.loads(last("CMD")) == ["--help"]


def test_only_a_slim_image_is_built_upon() -> None:
    images = re.findall(r"^FROM (\S+)", "\n".join(LINES), re.MULTILINE)
    assert images == ["python:${PYTHON}-slim"] * 2


def test_what_the_wheel_is_built_from_reaches_the_builder_and_nothing_else() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    rooms = {name.split(".")[1] for name in project["tool"]["setuptools"]["packages"] if "." in name}
    data = set(project["tool"]["setuptools"]["package-data"]["netpol_verify"])
    named = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    in_root = {name for name in data if "/" not in name}
    assert {*rooms, *in_root, *named, "*.py"} == ALLOWED


def test_the_python_is_one_that_the_package_supports() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    version = last("ARG").removeprefix("PYTHON=")
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]
