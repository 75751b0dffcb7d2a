"""Two versions of manifests in files, and ``diff`` and ``prove`` run on them, for tests of changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from netpol_verify.verify import commands
from typer.testing import CliRunner, Result

Report = dict[str, Any]
WORKLOAD = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app.kubernetes.io/name: {name}}}}}
  template:
    metadata: {{labels: {{app.kubernetes.io/name: {name}}}}}
    spec: {{containers: [{{name: main, image: main}}]}}
"""


def workload(reference: str) -> str:
    """A Deployment ``namespace/name`` whose pods carry its name as ``app.kubernetes.io/name``."""
    namespace, _, name = reference.partition("/")
    return WORKLOAD.format(namespace=namespace, name=name)


def namespace(called: str, **labels: str) -> str:
    """A Namespace with these labels."""
    metadata = {"name": called, "labels": labels}
    return "---\n" + yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def write(files: Mapping[str, str]) -> None:
    """Files by their paths, below the working directory."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def line_of(file: str, fragment: str) -> str:
    """``file:line`` of the one line of a file that holds a fragment."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, start=1) if fragment in line]
    assert len(found) == 1, f"{fragment} is in {len(found)} lines of {file}"
    return f"{file}:{found[0]}"


def run(*arguments: str, text: str | None = None) -> Result:
    """A command as a user types it; ``text`` is its standard input."""
    return CliRunner(env={"COLUMNS": "80"}).invoke(commands.app, arguments, input=text)


def diff(base: str, head: str, *options: str) -> tuple[int, Report]:
    """The exit code of ``diff`` and its report."""
    done = run("diff", "--base", base, "--head", head, "-q", "-o", "json", *options)
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def prove(properties: Sequence[Mapping[str, Any]], manifests: str, **suite: Any) -> dict[str, Report]:
    """The results of a suite that stands in the working directory, by id."""
    head = {"apiVersion": "netpol-verify/v1", "kind": "PropertySuite", "manifests": [manifests]}
    Path("properties.yaml").write_text(
        yaml.safe_dump({**head, **suite, "properties": [*properties]}, sort_keys=False), encoding="utf-8"
    )
    done = run("prove", "-q", "-o", "json")
    assert done.stdout, done.stderr
    return {result["id"]: result for result in json.loads(done.stdout)["results"]}


def verdict(verb: Mapping[str, Any], manifests: str, **suite: Any) -> Report:
    """The result of one property."""
    return prove([{"id": "it", **verb}], manifests, **suite)["it"]


def places(causes: Iterable[Report]) -> list[str]:
    """``file:line`` of each cause, of the base's with the side."""
    return [f"{each['file']}:{each['line']}{' in base' if each['side'] == 'base' else ''}" for each in causes]


def classes(report: Report, name: str) -> list[str]:
    """The classes gained or lost, in words."""
    return [each["class"] for each in report[name]["classes"]]


def all_places(report: Report, name: str) -> list[str]:
    """The changed lines behind everything gained, or lost."""
    return sorted({place for each in report[name]["classes"] for place in places(each["causes"])})


def pairs(report: Report, name: str) -> list[tuple[str | None, str | None]]:
    """The declared workloads of each witness between what is declared."""
    witnesses = [each["witness"] for each in report["declared"][name]["classes"]]
    return [(each["source"]["workload"], each["destination"]["workload"]) for each in witnesses]
