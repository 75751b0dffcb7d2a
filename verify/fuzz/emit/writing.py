"""The folder of a suite: every form of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ....encodings.problems import InputErrors, Problem
from .cyclonus import cyclonus_files
from .flows import expected_text, flows_text
from .live import Live
from .netassert import netassert_tests
from .overview import page
from .script import FOLDER, script
from .suite import Suite

SCRIPT = "run.sh"


def suite_files(suite: Suite) -> Iterator[tuple[str, str]]:
    """Name and text of every file."""
    live = Live.of(suite)
    yield "README.md", page(suite, live)
    yield SCRIPT, script(live)
    yield from ((f"{FOLDER}/{name}", text) for name, text in live.files().items())
    yield "netassert.yaml", netassert_tests(suite.probes)
    yield from ((f"cyclonus/{name}", text) for name, text in cyclonus_files(suite))
    yield "flows.jsonl", flows_text(suite.probes)
    yield "expected.jsonl", expected_text(suite.probes)
    yield from ((f"manifests/{name}", text) for name, text in suite.cluster.files().items())


def check_folder(folder: Path) -> None:
    """Raises InputErrors unless the folder is empty or not there: what an older suite left would be tried, too."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "name a folder that does not exist yet"
        raise InputErrors([Problem("--emit", 0, "", f'"{folder.as_posix()}" is not an empty folder', hint)])


def write_suite(suite: Suite, folder: Path) -> None:
    """Write everything into a folder, which is made. Raises InputErrors if that is not possible."""
    check_folder(folder)
    for name, text in suite_files(suite):
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if name == SCRIPT:
                path.chmod(0o755)
        except OSError as error:
            message = f"cannot be written: {(error.strerror or 'error').lower()}"
            raise InputErrors([Problem(path.as_posix(), 0, "", message)]) from None
