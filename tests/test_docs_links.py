"""Links of the documentation lead somewhere, on GitHub; tests/test_docs_site.py says so of the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages.blocks import PAGES, ROOT, prose, shown, text_of


def titles(page: Path) -> list[str]:
    """The anchors of a page's headings in order, as GitHub makes them."""
    found = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found]


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", prose(page)):
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), target
        assert not anchor or anchor in titles(linked), target


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_no_heading_occurs_twice(page: Path) -> None:
    """GitHub and the site number the second one differently."""
    found = titles(page)
    assert sorted(found) == sorted(set(found))


def test_the_map_names_every_page() -> None:
    index = text_of(ROOT / "docs" / "index.md")
    assert [page.name for page in PAGES if page.parent.name == "docs" and f"({page.name})" not in index] == ["index.md"]


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_a_path_in_the_prose_exists(page: Path) -> None:
    """Paths of the repository in code spans; ``*`` stands for any name."""
    paths = re.findall(
        r"`((?:encodings|properties|verify|tests|docs|examples|benchmarks|\.ci)/[\w./*-]+)`", prose(page)
    )
    assert [path for path in paths if not list(ROOT.glob(path.rstrip("/")))] == []


def listed_modules(room: str) -> list[str]:
    """What the table of a room in the page of the architecture names: modules, patterns and folders."""
    table = text_of(ROOT / "docs" / "architecture.md").split(f"### {room}\n")[1].split("\n#")[0]
    return re.findall(r"`([\w*/]+(?:\.py|/))`", table)


@pytest.mark.parametrize("room", ["encodings", "properties", "verify"])
def test_the_architecture_names_every_module_and_no_other(room: str) -> None:
    found = [path.relative_to(ROOT / room) for path in (ROOT / room).rglob("*.py") if path.name != "__init__.py"]
    names = listed_modules(room)
    lost = [path for path in found if not any(path.match(name) or f"{path.parts[0]}/" == name for name in names)]
    assert sorted(map(str, lost)) == []
    gone = [name for name in names if not list((ROOT / room).glob(name.rstrip("/")))]
    assert gone == []
