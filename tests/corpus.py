"""The shared corpus, which lies beside the repository: a run under CI fails without it, any other skips the test."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
CELLS = 123_669
"""Cells of the truth tables: (step, source, destination, protocol/port)."""


def corpus_file(name: str) -> Path:
    """A file of the corpus."""
    path = CORPUS / name
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing, and a run under CI must compare with it")
        pytest.skip(f"{name} is not here: nothing to compare with")
    return path


def truth_cases() -> list[Any]:
    """The 230 published cases with the truth table of each step."""
    return json.loads(gzip.decompress(corpus_file("cyclonus_truth.json.gz").read_bytes()))


def live_manifests(folder: Path) -> Path:
    """The manifests of a real platform, unpacked below ``folder``."""
    with tarfile.open(corpus_file("moj-live.tar.xz")) as archive:
        archive.extractall(folder, filter="data")
    return folder / "live"
