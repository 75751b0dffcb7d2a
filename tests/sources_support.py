"""Repositories, stub programs and manifests for tests of sources."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.reading import entry_of, read_manifests

PATH = os.environ["PATH"]
"""Where programs are, whatever a test does to it."""


def policy(name: str, namespace: str = "shop") -> str:
    """A NetworkPolicy that denies ingress."""
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {{podSelector: {{}}}}\n"
    )


def write(root: Path, files: Mapping[str, str]) -> None:
    """Files by their paths below ``root``."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read(*texts: str, folder: Path | None = None) -> Manifests:
    """What these sources hold, as the command line names them."""
    return read_manifests([entry_of(text, folder) for text in texts])


def places(manifests: Manifests) -> list[str]:
    """Where the modelled objects are shown to be, and what they are."""
    return [f"{each.file}:{each.line} {each.kind} {each.reference}" for each in manifests.modelled]


def problems(*texts: str, folder: Path | None = None) -> list[str]:
    """What is wrong with these sources, as a user sees it."""
    with pytest.raises(InputErrors) as caught:
        read(*texts, folder=folder)
    return [problem.render() for problem in caught.value.problems]


def stub(folder: Path, name: str, script: str) -> Path:
    """A program that is a small shell script, in a folder of programs."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def only_programs(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """From here on PATH has these folders, and what a shell script needs."""
    monkeypatch.setenv("PATH", os.pathsep.join([*map(str, folders), "/bin"]))


def hide_programs(monkeypatch: pytest.MonkeyPatch, folder: Path, *names: str) -> None:
    """From here on PATH has only these programs, linked in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))


class Repo:
    """A repository that knows nothing of the user's own configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Runs git in the repository and gives what it prints."""
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        done = subprocess.run(
            ["git", *who, "-c", "protocol.file.allow=always", *arguments],
            cwd=self.root,
            env={**own, "PATH": PATH, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, files: Mapping[str, str] | None = None) -> str:
        """Commits everything, with these files written first, and gives the commit's name."""
        write(self.root, files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD").strip()
