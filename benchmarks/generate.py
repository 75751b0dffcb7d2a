"""Writes realistic clusters of any size for the benchmarks: manifests, and a suite with properties of several kinds.

Deterministic: the same number of policies and the same seed give the same bytes. N policies stand in N/10 tenant
namespaces (at least two), three workloads each, beside the platform's namespaces, which carry no policy. The order of
``POLICIES`` decides which kinds a small cluster has; the first kind keeps tenants apart, the others admit within a
tenant, the platform and outside addresses, so that isolation between tenants holds at every size.

Run as a program: ``python benchmarks/generate.py --policies 1000 --out FOLDER``.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import yaml
from policies import POLICIES
from tenants import Object, Space, namespace, platform, spaces_of, tenant_workload


def _properties(spaces: list[Space], rng: random.Random) -> list[Object]:
    tenants = {"namespaces": "tenant"}
    properties: list[Object] = [
        {
            "id": "every-namespace-isolated",
            "isolate": {
                "by": {"namespaceLabel": "tenant"},
                "except": [
                    {"from": tenants, "to": {"namespace": "kube-system"}, "ports": ["UDP/53", "TCP/53"]},
                    {"from": {"namespace": "monitoring"}, "to": tenants, "ports": ["TCP/metrics"]},
                    {"from": {"namespace": "ingress-nginx"}, "to": tenants, "ports": ["TCP/1-65535"]},
                ],
            },
        },
        {"id": "every-namespace-default-deny", "defaultDeny": {"for": tenants}},
        {"id": "every-namespace-dns", "dns": {"for": tenants}},
        {"id": "monitoring-locked-out", "never": {"from": {"namespace": "monitoring"}, "to": tenants}},
        {"id": "metadata-unreachable", "never": {"from": tenants, "to": {"builtin": "cloud-metadata"}}},
    ]
    for number in range(5):
        source = rng.choice(spaces)
        target = rng.choice([space for space in spaces if space.tenant != source.tenant])
        ends = {"from": {"namespace": source.name}, "to": {"namespace": target.name}}
        properties.append({"id": f"two-known-{number}", "never": ends})
    for number, space in enumerate(rng.sample(spaces, min(3, len(spaces)))):
        others = {"namespaces": f"tenant,tenant!={space.tenant}"}
        properties.append({"id": f"one-known-{number}", "never": {"from": others, "to": {"namespace": space.name}}})
    for number, space in enumerate(rng.sample(spaces, min(10, len(spaces)))):
        pods = {"namespace": space.name}
        front, store = ({**pods, "pods": f"app={each.app}"} for each in (space.front, space.store))
        properties.append({"id": f"default-deny-{number}", "defaultDeny": {"for": pods}})
        properties.append({"id": f"dns-{number}", "dns": {"for": pods}})
        properties.append(
            {"id": f"can-{number}", "can": {"from": front, "to": store, "ports": [f"TCP/{space.store.port}"]}}
        )
    return properties


def _suite(spaces: list[Space], rng: random.Random) -> Object:
    return {
        "apiVersion": "netpol-verify/v1",
        "kind": "PropertySuite",
        "manifests": ["manifests"],
        "world": {"namespaces": "closed", "podCIDRs": ["10.128.0.0/9"], "nodeCIDRs": ["10.0.0.0/16"]},
        "properties": _properties(spaces, rng),
    }


def generate(policies: int, seed: int = 0) -> dict[str, str]:
    """The files of a cluster with so many policies, by path: ``properties.yaml`` and one manifest a namespace.

    Raises ValueError for fewer than two policies: two namespaces need one each.
    """
    if policies < 2:
        raise ValueError(f"a cluster needs two policies at least, got {policies}")
    rng = random.Random(seed)
    spaces = spaces_of(max(2, policies // 10), rng)
    objects = [
        [namespace(space.name, tenant=space.tenant, team=space.team, stage=space.stage)]
        + [tenant_workload(space, workload) for workload in space.workloads]
        for space in spaces
    ]
    for number in range(policies):
        kind, index = divmod(number, len(spaces))
        build = POLICIES[kind % len(POLICIES)]
        name = build.__name__.strip("_").replace("_", "-") + (f"-{kind}" if kind >= len(POLICIES) else "")
        objects[index].append(build(spaces[index], name, rng))
    files = {f"manifests/{space.name}.yaml": _yaml(parts) for space, parts in zip(spaces, objects, strict=True)}
    files["manifests/platform.yaml"] = _yaml(platform())
    files["properties.yaml"] = _yaml([_suite(spaces, rng)])
    return files


class _Dumper(yaml.CSafeDumper):
    """Writes every object in full: anchors are not how people write manifests."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _yaml(objects: list[Object]) -> str:
    return yaml.dump_all(objects, Dumper=_Dumper, sort_keys=False, width=110)


def write(files: dict[str, str], folder: Path) -> Path:
    """Write the files below ``folder`` and return the path of the suite."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "properties.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a cluster of network policies and a suite for it.")
    parser.add_argument("--policies", type=int, required=True, metavar="N", help="how many NetworkPolicy objects")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another cluster (default: 0)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to write")
    options = parser.parse_args()
    try:
        files = generate(options.policies, options.seed)
    except ValueError as error:
        parser.error(str(error))
    print(write(files, options.out))


if __name__ == "__main__":
    main()
