"""Manifests copied to a folder, ``init`` run on them, and the suite that comes of it proved, also without a policy."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from netpol_verify.verify import commands
from netpol_verify.verify.exit_codes import exit_code
from netpol_verify.verify.results import PropertyResult, Report
from netpol_verify.verify.run import ManifestsRequest, ProveRequest, run_prove
from typer.testing import CliRunner, Result

SUITE = "properties.yaml"


def init(*arguments: str) -> Result:
    """``init`` with these arguments."""
    return CliRunner().invoke(commands.app, ["init", *arguments])


def manifests_in(folder: Path, sources: Sequence[Path]) -> Path:
    """Copies of the manifests below ``folder/k8s``."""
    target = folder / "k8s"
    for number, source in enumerate(sources):
        if source.is_dir():
            shutil.copytree(source, target / str(number))
        else:
            (target / str(number)).mkdir(parents=True)
            shutil.copy(source, target / str(number))
    return target


@dataclass(frozen=True)
class Proposed:
    """A suite that ``init`` wrote into ``folder`` and the report of its first proof."""

    folder: Path
    text: str
    report: Report

    @property
    def written(self) -> dict[str, Any]:
        """The suite as data."""
        return yaml.safe_load(self.text)

    def verb(self, name: str) -> Any:
        """The verb of the property with this id, as data."""
        (found,) = [each for each in self.written["properties"] if each["id"] == name]
        return {key: value for key, value in found.items() if key not in ("id", "description", "severity")}


def proposed(folder: Path, *arguments: str, manifests: str = "k8s") -> Proposed:
    """The suite proposed for ``folder/k8s``, which must be the working directory."""
    result = init("-f", manifests, *arguments)
    assert result.exit_code == 0, result.output
    report = run_prove(ProveRequest((SUITE,)))
    return Proposed(folder, (folder / SUITE).read_text(encoding="utf-8"), report)


def needed_policies(results: Sequence[PropertyResult]) -> list[str]:
    """The policies that a proof says it cannot do without."""
    lines = [line for result in results for line in result.because if result.verdict == "proved"]
    return sorted({line.policy for line in lines if line.policy and line.effect == "isolates" and not line.redundant})


def without_policy(folder: Path, reference: str) -> Path:
    """The manifests of ``folder`` in one file, but for the policy ``namespace/name``."""
    target = folder.with_name("without.yaml")
    documents = [
        document
        for path in sorted(folder.rglob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if document
    ]
    kept = [document for document in documents if _policy(document) != reference]
    assert len(kept) < len(documents)
    target.write_text(yaml.safe_dump_all(kept), encoding="utf-8")
    return target


def _policy(document: object) -> str | None:
    written = cast("dict[str, Any]", document)
    if written.get("kind") != "NetworkPolicy":
        return None
    return f"{written['metadata'].get('namespace', 'default')}/{written['metadata']['name']}"


def exit_of(manifests: Path, *only: str) -> int:
    """The exit code of the proposed suite over other manifests."""
    request = ProveRequest((SUITE,), ManifestsRequest((str(manifests),)), only=only)
    return exit_code(run_prove(request))
