"""The documentation says what the program does: every block of code in it is run or checked, page by page.

``tests/pages`` tells the rules; the other tests of the documentation are ``tests/test_docs_*.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pages.blocks import PAGES, block_of, blocks, blocks_in, shown
from pages.console import steps
from pages.scripts import Script


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_block_of_a_page_is_run_or_checked(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page, in one folder, so that a page may build on what it has shown before."""
    monkeypatch.chdir(tmp_path)
    script = Script(tmp_path)
    wrong = [f"{block.place}: {complaint}" for block in blocks(page) for complaint in script.complaints(block)]
    assert not wrong, "\n\n".join(wrong)


def refused(info: str, text: str, folder: Path) -> list[str]:
    return list(Script(folder).complaints(block_of("page.md", 1, info, text)))


@pytest.fixture(autouse=True)
def _beside_the_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("info", "text"),
    [
        ("", "anything\n"),
        ("go", "package main\n"),
        ("yaml", "a: 1\n"),
        ("yaml suite typo", "a: 1\n"),
        ("yaml suite", "apiVersion: netpol-verify/v1\nkind: PropertySuite\nproperties: []\n"),
        ("yaml part", "worlds: {pods: closed}\n"),
        ("yaml part", "never: {from: nobody, to: web}\n"),
        ("yaml manifests", "kind: NetworkPolicy\n"),
        ("yaml manifests refused", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"),
        ("yaml properties", "- id: not-of-the-shop\n  never: {from: web, to: db}\n"),
        ("json", "{}\n"),
        ("json report", '{"report": "netpol-verify/v1"}\n'),
        ("python", "assert False\n"),
        ("python quote=README.md", "not_there()\n"),
        ("sh", "if\n"),
        ("sh", "false\n"),
        ("sh not-run", "if\n"),
        ("sh sometimes", "true\n"),
        ("text", "$ netpol-verify prove\n"),
        ("console", "netpol-verify prove\n"),
        ("console", "$ netpol-verify --version\n0.0.0 of something else\n"),
        ("console", "$ netpol-verify prove nowhere.yaml\n"),
        ("console", "$ false\n"),
        ("console not-run", "$ for\n"),
        ("console needs=bash", "$ echo one\ntwo\n"),
        ("console needs=a-program-that-nobody-has", "$ for\n"),
    ],
)
def test_a_block_that_is_wrong_is_found(info: str, text: str, tmp_path: Path) -> None:
    assert refused(info, text, tmp_path)


@pytest.mark.parametrize(
    ("info", "text"),
    [
        ("yaml part", "world: {pods: closed}\n"),
        ("yaml part", "isolate: {groups: [web, db]}\n"),
        ("yaml manifests", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"),
        ("console not-run", "$ kubectl get pods\n"),
        ("console needs=a-program-that-nobody-has", "$ a-program-that-nobody-has\n"),
        ("console needs=bash", "$ bash -c 'echo a'\na\n"),
        (
            "console installs",
            "$ python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/netpol-verify --version\n",
        ),
        ("console", "$ netpol-verify prove nowhere.yaml\n…\n$ echo $?\n2\n"),
        ("console", "$ echo one; echo two\n…\ntwo\n"),
        ("text", "a → b\n"),
    ],
)
def test_a_block_that_is_right_passes(info: str, text: str, tmp_path: Path) -> None:
    assert refused(info, text, tmp_path) == []


def test_a_file_that_a_page_shows_is_there_for_its_next_command(tmp_path: Path) -> None:
    script = Script(tmp_path)
    shop = block_of(
        "page.md", 1, "yaml manifests file=k8s/shop.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"
    )
    assert list(script.complaints(shop)) == []
    assert list(script.complaints(block_of("page.md", 9, "console", "$ ls k8s\nshop.yaml\n"))) == []


def test_an_exit_code_is_the_one_shown_else_the_one_that_the_summary_means() -> None:
    block = "$ a\n$ echo $?\n3\n$ b \\\n  c\n1 refuted — FAIL\n$ d\n"
    assert [(step.command, step.code) for step in steps(block)] == [("a", 3), ("b    c", 1), ("d", 0)]


@pytest.mark.parametrize("text", ["- item\n  ```sh\n  true\n  ```\n", "~~~sh\ntrue\n~~~\n", "````sh\ntrue\n````\n"])
def test_a_fence_that_github_and_the_site_may_read_differently_is_refused(text: str) -> None:
    with pytest.raises(AssertionError, match="three backticks"):
        blocks_in("page.md", text)


def test_a_fence_that_is_never_closed_is_refused() -> None:
    with pytest.raises(AssertionError, match="not closed"):
        blocks_in("page.md", "```sh\ntrue\n")
