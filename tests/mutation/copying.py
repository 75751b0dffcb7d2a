"""A copy of the repository to put faults into, so that no fault ever touches the original."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .faults import ROOT


def copy_of_the_repository(folder: Path) -> Path:
    """Copies every tracked file, and new ones that are not ignored, to ``folder/netpol_verify``.

    The name is that of the import package: with ``folder`` on the path, ``import netpol_verify`` finds the copy. What
    tests look up beside the repository is linked beside the copy.
    """
    copy = folder / "netpol_verify"
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    shared = ROOT.parent / "shared"
    if shared.exists() and not (folder / "shared").exists():
        (folder / "shared").symlink_to(shared)
    return copy


def environment_for(folder: Path) -> dict[str, str]:
    """The environment in which programs import the copy, and the tests' support from the copy."""
    paths = os.pathsep.join((str(folder), str(folder / "netpol_verify" / "tests")))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("NETPOL_VERIFY_", "PYTHON"))}
    # Without writing: a cached module could otherwise outlive a fault of the same length made in the same second.
    return {**kept, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
