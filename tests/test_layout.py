"""The repository root is the package: what that needs to keep working."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ("netpol_verify", "verify", "reports", "html")
"""Where the HTML report's template, style and scripts lie, the only data that the package holds."""
NOT_PACKAGES = {"tests", "docs", "examples", "benchmarks", "build", "dist"}


def test_the_interpreter_starts_with_the_repository_on_its_path() -> None:
    """With an ``encodings/__init__.py`` it would not: the standard library's package would be hidden."""
    assert not (ROOT / "encodings" / "__init__.py").exists()
    code = "import encodings, sys; sys.exit(0 if hasattr(encodings, 'search_function') else 1)"
    environment = {**os.environ, "PYTHONPATH": "."}
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()


def folders_with_code() -> set[str]:
    """Every folder below the root that holds Python modules of the package, as a dotted name."""
    found = {
        path.parent.relative_to(ROOT)
        for path in ROOT.rglob("*.py")
        if not any(part.startswith(".") or part in NOT_PACKAGES for part in path.relative_to(ROOT).parts)
    }
    return {".".join(("netpol_verify", *folder.parts)) for folder in found}


def test_every_folder_with_code_is_listed_for_the_build() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["setuptools"]["packages"]
    assert sorted(folders_with_code()) == sorted(listed)


def test_an_installed_package_holds_code_and_nothing_of_the_documentation() -> None:
    """The root is the package, and pages, examples and the site's configuration lie in it."""
    held = [file for file in distribution("netpol-verify").files or () if file.parts[0] == "netpol_verify"]
    others = [file for file in held if file.suffix not in (".py", ".pyc", ".typed")]
    assert [str(file) for file in others if file.parts[:-1] != PAGE] == []
    assert [str(file) for file in held if file.parts[1] in NOT_PACKAGES] == []


def test_every_listed_folder_but_encodings_is_a_regular_package() -> None:
    """So that type checkers and importers agree on what it is."""
    for name in folders_with_code() - {"netpol_verify.encodings"}:
        assert ROOT.joinpath(*name.split(".")[1:], "__init__.py").is_file(), name


def test_the_data_of_the_html_report_is_listed_for_the_build() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        patterns = tomllib.load(file)["tool"]["setuptools"]["package-data"][".".join(PAGE)]
    folder = ROOT.joinpath(*PAGE[1:])
    lying = {path for path in folder.iterdir() if path.is_file() and path.suffix != ".py"}
    assert lying
    assert {path for pattern in patterns for path in folder.glob(pattern)} == lying
