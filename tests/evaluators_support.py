"""A small cluster, flows over it, and programs that answer them well or badly."""

from __future__ import annotations

from pathlib import Path

from netpol_verify.encodings.problems import InputErrors
from netpol_verify.verify.fuzz.evaluators import evaluator_from
from netpol_verify.verify.fuzz.model import Answer, Cluster, Evaluator, Flow, Raw, Trouble

LONG = 120.0
"""Seconds for programs that do answer, however slow the machine is."""
SHORT = 1.0
"""Seconds for programs that never do."""


def pod(namespace: str, name: str, address: str, **labels: str) -> Raw:
    """A Pod with an address."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "main", "image": "main"}]},
        "status": {"podIPs": [{"ip": address}]},
    }


CLUSTER = Cluster.of([pod("shop", "web", "10.0.0.1", app="web"), pod("shop", "db", "10.0.0.2", app="db")])
OTHER = Cluster.of([pod("blog", "site", "10.0.0.3")])
FLOWS = tuple(Flow("shop/web", "shop/db", "TCP", port) for port in range(1, 7))
MANY = tuple(Flow("shop/web", "shop/db", "TCP", 1 + number % 65535) for number in range(20_000))
"""More than any pipe holds."""
YES = """awk -F'[:,]' '{ printf "{\\"id\\":%s, \\"allowed\\": true}\\n", $2 }'\n"""
"""A shell's command that allows every flow."""
GREETING = '{"protocol": "netpol-verify-evaluator/v1", "name": "stub", "unsupported": ["sctp"]}'
SERVING = f"""
import json, os, sys
print({GREETING!r}, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    answers = [dict(id=flow["id"], allowed=True) for flow in request["flows"]]
    reply = dict(request=request["request"], answers=answers)
"""
"""The beginning of a serving program in Python: what follows is done with ``reply``."""
REPLY = "    print(json.dumps(reply), flush=True)\n"


def sh(folder: Path, script: str, name: str = "evaluator") -> str:
    """A program in shell, as a command."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def python(folder: Path, script: str, name: str = "evaluator.py") -> str:
    """A program in Python, as a command."""
    path = folder / name
    path.write_text(f"#!/usr/bin/env python3\n{script}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def asked(command: str, flows: tuple[Flow, ...] = FLOWS, limit: float = LONG) -> list[Answer]:
    """What a program answers. Raises Trouble."""
    evaluator = evaluator_from(command, limit)
    try:
        return list(evaluator.answers(CLUSTER, flows))
    finally:
        evaluator.close()


def trouble_of(evaluator: Evaluator, flows: tuple[Flow, ...] = FLOWS) -> Trouble:
    """The Trouble that an evaluator is."""
    try:
        answers = evaluator.answers(CLUSTER, flows)
    except Trouble as trouble:
        return trouble
    raise AssertionError(f"it answers {list(answers)[:3]}")


def trouble(command: str, flows: tuple[Flow, ...] = FLOWS, limit: float = LONG) -> Trouble:
    """The Trouble that a program is."""
    evaluator = evaluator_from(command, limit)
    try:
        return trouble_of(evaluator, flows)
    finally:
        evaluator.close()


def refused(text: str, limit: float = LONG) -> tuple[str, str]:
    """The mistake that a name of an evaluator is, and its hint."""
    try:
        evaluator_from(text, limit)
    except InputErrors as errors:
        [problem] = errors.problems
        assert problem.file == "--evaluator"
        return problem.message, problem.hint
    raise AssertionError(f"{text} is an evaluator")
