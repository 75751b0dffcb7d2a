"""A cluster for adapters of real evaluators, and programs that print what the real ones were seen to print."""

from __future__ import annotations

import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from evaluators_support import pod
from netpol_verify.verify.fuzz.model import Answer, Cluster, Evaluator, Flow, Raw, Trouble

LONG = 120.0
SHORT = 1.0


def policy(name: str, namespace: str | None = "shop", spec: Raw | None = None, **more: object) -> Raw:
    """A NetworkPolicy; its spec is left out if there is none."""
    metadata = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    written = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, **more}
    return written if spec is None else {**written, "spec": spec}


def namespace(name: str, **labels: str) -> Raw:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def with_ports(written: Raw, *ports: Raw) -> Raw:
    """A Pod whose only container declares ports."""
    return {**written, "spec": {"containers": [{"name": "main", "image": "main", "ports": list(ports)}]}}


WEB = pod("shop", "web", "10.0.0.1", app="web")
DB = with_ports(
    pod("shop", "db", "10.0.0.2", app="db"),
    {"name": "sql", "containerPort": 5432},
    {"name": "dns", "containerPort": 53, "protocol": "UDP"},
    {"containerPort": 80},
)
TWICE = with_ports(
    pod("shop", "twice", "10.0.0.4"),
    {"name": "one", "containerPort": 5432},
    {"name": "other", "containerPort": 5432},
    {"name": "one", "containerPort": 5432, "protocol": "UDP"},
)
SITE = pod("blog", "site", "10.0.0.3")
ONLY_WEB = policy(
    "db",
    spec={
        "podSelector": {"matchLabels": {"app": "db"}},
        "ingress": [
            {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 5432}]},
            {
                "from": [{"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.9/32"]}}],
                "ports": [{"port": 99}],
            },
        ],
    },
)
SHOP = Cluster.of([namespace("shop", team="a"), namespace("blog"), ONLY_WEB, WEB, DB, SITE])
ASKED: dict[Flow, bool] = {
    Flow("shop/web", "shop/db", "TCP", 5432): True,
    Flow("shop/web", "shop/db", "UDP", 5432): False,
    Flow("shop/web", "shop/db", "TCP", 5433): False,
    Flow("blog/site", "shop/db", "TCP", 5432): False,
    Flow("shop/db", "shop/web", "SCTP", 1): True,
    Flow("203.0.113.8", "shop/db", "TCP", 99): True,
    Flow("203.0.113.8", "shop/db", "TCP", 80): False,
    Flow("203.0.113.9", "shop/db", "TCP", 99): False,
    Flow("203.0.113.9", "blog/site", "TCP", 80): True,
    Flow("shop/db", "198.51.100.7", "TCP", 443): True,
}
"""Flows over the shop, and whether it allows them: nothing that any evaluator was seen to get wrong."""
FLOWS = tuple(ASKED)


def program(folder: Path, script: str, name: str = "program") -> str:
    """A program in Python that finds nothing on PATH, as the tools do not."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, time\n{script}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def printing(folder: Path, text: str, *, complaint: str = "", code: int = 0) -> str:
    """A program that prints this, complains of that, and ends."""
    return program(folder, f"sys.stdout.write({text!r}); sys.stderr.write({complaint!r}); sys.exit({code})\n")


def python_of_nca(folder: Path, script: str) -> str:
    """A Python with an nca of our own, whose ``nca_main(arguments)`` is in the script."""
    write_nca(folder, script)
    begin = f"import runpy\nsys.path[1:1] = [{str(folder)!r}]\n"
    return program(folder, f"{begin}runpy.run_path(sys.argv[1], run_name='__main__')\n", "python-of-nca")


def environment_of_nca(folder: Path, script: str) -> Path:
    """The nca of a virtual environment, with an nca of our own as above."""
    venv.create(folder, symlinks=True, with_pip=False)
    [packages] = folder.glob("lib/python*/site-packages")
    write_nca(packages, script)
    started = folder / "bin" / "nca"
    started.write_text(f"#!{folder / 'bin' / 'python'}\nfrom nca.nca_cli import nca_main\n", encoding="utf-8")
    started.chmod(0o755)
    return started


def write_nca(folder: Path, script: str) -> None:
    """A package that looks like nca's, as far as it is used."""
    (folder / "nca").mkdir()
    (folder / "nca" / "__init__.py").touch()
    (folder / "nca" / "nca_cli.py").write_text(f"import os, sys, time\n{script}", encoding="utf-8")


def trouble_of(evaluator: Evaluator, cluster: Cluster = SHOP, flows: tuple[Flow, ...] = FLOWS) -> tuple[str, str]:
    """The kind of Trouble that an evaluator is, and its detail."""
    try:
        answers = evaluator.answers(cluster, flows)
    except Trouble as trouble:
        return trouble.kind, trouble.detail
    raise AssertionError(f"it answers {list(answers)[:3]}")


def yes_or_no(answers: Sequence[Answer]) -> list[bool | None]:
    """The answers without reasons."""
    return [each.allowed for each in answers]
