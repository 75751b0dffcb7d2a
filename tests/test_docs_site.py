"""The documentation as a site: it builds without a warning, needs no network, and holds every page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from pages.blocks import PAGES, ROOT, shown

EXTERNAL = re.compile(
    r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. Without the extra ``docs`` there is none, but a run under CI must build it."""
    if find_spec("properdocs") is None:
        if os.environ.get("CI"):
            pytest.fail("the extra `docs` is not installed, and a run under CI must build the site")
        pytest.skip("the site needs the extra `docs`")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "-f", "mkdocs.yml", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_the_site_builds_without_a_broken_link_or_anchor(site: Path) -> None:
    """``--strict`` makes an error of every warning that mkdocs.yml asks for."""
    validation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["validation"]
    assert {level for part in validation.values() for level in part.values()} == {"warn"}
    assert (site / "index.html").is_file()


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_page_is_part_of_the_site(page: Path, site: Path) -> None:
    name = re.sub(r"(README|index)\.md$", "index.html", shown(page)).replace(".md", ".html")
    html = (site / name).read_text(encoding="utf-8")
    assert "```" not in html


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert files
    found = {path.name: EXTERNAL.findall(path.read_text(encoding="utf-8")) for path in files}
    assert {name: where for name, where in found.items() if where} == {}


def test_the_site_holds_what_its_pages_link_to(site: Path) -> None:
    assert (site / "examples" / "1-three-tiers" / "fixed" / "db.yaml").is_file()
    assert (site / "LICENSE").is_file()
    assert not list(site.rglob("*.py"))
