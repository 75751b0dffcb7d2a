"""A small cluster whose database lets more in than it should, and ``prove`` run on it, for tests of what is let be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from netpol_verify.verify import commands
from typer.testing import CliRunner, Result

CLUSTER = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}, {port: 9187}]
"""
SUITE = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [cluster.yaml]
groups: {web: {namespace: shop, pods: app=web}, db: {namespace: shop, pods: app=db}}
properties:
- id: apart
  never: {from: web, to: db}
- id: reached
  can: {from: web, to: db}
- id: no-udp
  never: {from: web, to: db, ports: [UDP/1-65535]}
"""
WAIVER = """\
- property: apart
  allow: {allow}
  reason: the exporter moves in June
  owner: team-shop
  expires: {expires}
"""


def waiver(allow: str, expires: str = "2026-06-30") -> str:
    """A waiver of the property ``apart``."""
    return WAIVER.format(allow=allow, expires=expires)


def waiver_file(*waivers: str) -> str:
    """A file of waivers."""
    return "apiVersion: netpol-verify/v1\nkind: Waivers\nwaivers:\n" + "".join(waivers)


def suite(*waivers: str) -> str:
    """The suite with these waivers of its own."""
    return SUITE + ("waivers:\n" + "".join(waivers) if waivers else "")


def write(**files: str) -> None:
    """Files of the working directory by their names without ``.yaml``."""
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text, "utf-8")


def prove(*arguments: str, env: dict[str, str] | None = None) -> Result:
    """``prove`` on a day on which no waiver has expired."""
    now = () if "--now" in arguments else ("--now", "2026-01-01")
    return CliRunner(env=env).invoke(commands.app, ["prove", *now, *arguments])


def report(*arguments: str) -> dict[str, Any]:
    """The JSON report of such a run."""
    ran = prove(*arguments, "-o", "json")
    assert ran.exit_code in (0, 1, 3), ran.output
    return json.loads(ran.stdout)


def result(*arguments: str, name: str = "apart") -> dict[str, Any]:
    """One property's part of it."""
    return next(each for each in report(*arguments)["results"] if each["id"] == name)
