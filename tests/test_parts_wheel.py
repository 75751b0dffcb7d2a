"""Releases: ``python -m build`` makes a source archive and, from it, a wheel of the package and nothing else."""

from __future__ import annotations

import os
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from email import message_from_bytes
from pathlib import Path

import netpol_verify
import pytest
from parts_support import ROOT, copy_of_checkout, ran, run, skip_without_index, without_own_settings

ROOMS = ("encodings", "properties", "verify")
INFO = f"netpol_verify-{netpol_verify.__version__}.dist-info"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both archives, built from a copy: building writes beside the sources."""
    folder = tmp_path_factory.mktemp("built")
    source = copy_of_checkout(folder / "source")
    done = run(sys.executable, "-m", "build", "--outdir", folder / "dist", source, cwd=folder)
    skip_without_index(done.stdout)
    assert done.returncode == 0, done.stdout
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return built / f"netpol_verify-{netpol_verify.__version__}-py3-none-any.whl"


def sources() -> set[str]:
    """Every file of the package in the checkout."""
    inside = {path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()}
    files = {*inside, *ROOT.glob("*.py"), ROOT / "py.typed"}
    return {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith(INFO)}
    assert {name.removeprefix("netpol_verify/") for name in held} == sources()


def test_the_wheel_says_what_the_project_says(wheel: Path) -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    with zipfile.ZipFile(wheel) as archive:
        about = message_from_bytes(archive.read(f"{INFO}/METADATA"))
        scripts = ConfigParser()
        scripts.read_string(archive.read(f"{INFO}/entry_points.txt").decode())
        assert archive.read(f"{INFO}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert dict(scripts["console_scripts"]) == project["scripts"]
    assert (about["Name"], about["Version"]) == ("netpol-verify", netpol_verify.__version__)
    assert (about["License-Expression"], about["Requires-Python"]) == ("Apache-2.0", ">=3.11")
    needed = [each for each in about.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert len(needed) == len(project["dependencies"])


def test_the_program_of_the_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    ran(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", tmp_path, wheel)
    env = {**without_own_settings(), "PYTHONPATH": str(tmp_path)}
    python = (sys.executable, "-P")
    where = ran(*python, "-c", "import netpol_verify; print(netpol_verify.__file__)", env=env, cwd=tmp_path)
    assert where.strip() == str(tmp_path / "netpol_verify" / "__init__.py")
    suite = ROOT / "examples" / "1-three-tiers" / "properties.yaml"
    proved = run(*python, "-m", "netpol_verify", "prove", os.path.relpath(suite, tmp_path), "-q", env=env, cwd=tmp_path)
    assert (proved.returncode, proved.stdout.splitlines()[-1]) == (1, "7 proved, 1 refuted — FAIL"), proved.stdout


def test_the_source_archive_holds_what_a_wheel_is_built_from(built: Path) -> None:
    root = f"netpol_verify-{netpol_verify.__version__}"
    with tarfile.open(built / f"{root}.tar.gz") as archive:
        held = {name.removeprefix(f"{root}/") for name in archive.getnames()}
    assert {*sources(), "LICENSE", "README.md", "pyproject.toml"} <= held
    assert [name for name in held if name.startswith((".git/", "docs", "examples", ".hypothesis"))] == []
