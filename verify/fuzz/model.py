"""What is fuzzed with: a cluster as manifests in files, flows over it, and what an evaluator answers.

Plain data; it trusts nobody and decides nothing. A cluster's objects are as a user would write them, without the API's
defaults, so that an evaluator's own defaults are tested too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import yaml

Raw = dict[str, Any]
Family = Literal["IPv4", "IPv6"]
Kind = Literal["crash", "hang", "silent", "garbled", "refused", "unstable"]


@dataclass(frozen=True, slots=True)
class Pod:
    """A concrete pod of a cluster: every pod has one address a family that it speaks, and no two share one."""

    namespace: str
    name: str
    labels: dict[str, str]
    addresses: dict[Family, str]

    @property
    def reference(self) -> str:
        """``namespace/name``, as flows name it."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Flow:
    """A connection asked about. ``source`` and ``destination``: ``namespace/name`` of a Pod, or an address outside."""

    source: str
    destination: str
    protocol: str
    port: int
    family: Family = "IPv4"

    def as_json(self) -> Raw:
        """A line of a flows file."""
        return {
            "from": self.source,
            "to": self.destination,
            "port": f"{self.protocol}/{self.port}",
            "family": self.family,
        }


@dataclass(frozen=True, slots=True)
class Cluster:
    """Manifests: ``objects`` as plain data, and which of them (by position) share a file, file by file.

    Every Pod names its namespace, its addresses (``status.podIPs``) and its container ports.
    """

    objects: tuple[Raw, ...]
    layout: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, objects: Sequence[Raw]) -> Cluster:
        """A cluster with each object in a file of its own."""
        return cls(tuple(objects), tuple((position,) for position in range(len(objects))))

    def of_kind(self, kind: str) -> tuple[Raw, ...]:
        """The objects of one kind, in order."""
        return tuple(each for each in self.objects if each["kind"] == kind)

    def pods(self) -> tuple[Pod, ...]:
        """The Pods, in order."""
        return tuple(pod_of(each) for each in self.of_kind("Pod"))

    def files(self) -> dict[str, str]:
        """The text of each file by its name; several objects in a file are several documents."""
        names = (f"{number:02}.yaml" for number in range(len(self.layout)))
        texts = ([_yaml(self.objects[at]) for at in positions] for positions in self.layout)
        return {name: "---\n".join(documents) for name, documents in zip(names, texts, strict=True)}

    def write(self, folder: Path) -> None:
        """Write the files into a folder, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files().items():
            (folder / name).write_text(text, encoding="utf-8")

    def with_objects(self, more: Sequence[Raw]) -> Cluster:
        """The same with further objects, each in a file of its own."""
        added = range(len(self.objects), len(self.objects) + len(more))
        return Cluster((*self.objects, *more), (*self.layout, *((position,) for position in added)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an evaluator says of one flow: allowed or not, or None where it does not decide, with the reason.

    ``unsupported``: the flow or the manifests are beyond what it can express, in its own words or by the name of a
    feature (``features.FEATURES``).
    """

    allowed: bool | None
    unsupported: str | None = None


class Trouble(Exception):
    """An evaluator did not answer as it should: it crashed, hung, stayed silent, or said something else,
    or not the same twice.

    ``kind`` names which; ``detail`` is what it printed, shortened. Trouble is a finding, never agreement.
    """

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind: Kind = kind
        self.detail = detail


class Evaluator(Protocol):
    """Any program that says which flows a cluster allows.

    ``name`` is for people. ``unsupported`` names features (``features.FEATURES``) that no cluster or flow may use.
    """

    name: str
    unsupported: frozenset[str]

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> Sequence[Answer]:
        """One answer for each flow, in order. Raises Trouble if there are none."""
        ...

    def close(self) -> None:
        """End what was started; nothing is asked afterwards."""
        ...


def pod_of(written: Raw) -> Pod:
    """A Pod object as a pod."""
    metadata: Raw = written["metadata"]
    addresses: dict[Family, str] = {}
    status: Raw = written.get("status") or {}
    listed: list[Raw] = status.get("podIPs") or []
    for entry in listed:
        addresses["IPv6" if ":" in entry["ip"] else "IPv4"] = entry["ip"]
    return Pod(metadata.get("namespace", "default"), metadata["name"], dict(metadata.get("labels") or {}), addresses)


class _Dumper(yaml.SafeDumper):
    """YAML that YAML 1.1 and 1.2 read alike: texts that either takes for something else are quoted; no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Nothing is an alias."""
        del data
        return True


def _text(dumper: Any, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9./_-]+")
_WORDS = ("true", "false", "yes", "no", "on", "off", "null")
_Dumper.add_representer(str, _text)


def _yaml(written: Raw) -> str:
    return yaml.dump(written, Dumper=_Dumper, sort_keys=False)
