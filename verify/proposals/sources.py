"""Sources of manifests as a suite in a folder names them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ...encodings.reading.entries import STDIN, Entry, Git, Live

_PREFIXES = ("plain:", "kustomize:", "helm:")


def source_written(entry: Entry, text: str, folder: Path, exclude: Sequence[str]) -> object | None:
    """The source that ``text`` names, seen from ``folder``; None for standard input."""
    if entry.path == STDIN:
        return None
    prefix = next((each for each in _PREFIXES if text.startswith(each)), "")
    kept = list(exclude) if prefix in ("", "plain:") else []  # nothing can be excluded from what is rendered
    match entry.where:
        case Live():
            return text
        case Git(ref, path):
            seen = _beside(path, folder) if path.startswith(("./", "../")) else path
            seen = seen if seen == path or seen.startswith("../") else f"./{seen}"
            if kept and not prefix:
                return {"git": ref, **({"path": seen} if seen else {}), "exclude": kept}
            return f"{prefix}git:{ref}" + (f":{seen}" if seen else "")
        case None:
            named = prefix + _beside(text.removeprefix(prefix), folder)
            return {"path": named, "exclude": kept} if kept else named


def _beside(path: str, folder: Path) -> str:
    """``path``, given from the working directory, as a path from ``folder``."""
    if Path(path).is_absolute():
        return path
    try:
        found = os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return path
    return f"{found}/" if path.endswith("/") else found
