"""Live clusters: everything about policies that a cluster serves, read with kubectl.

Which kinds there are is asked of the cluster, so that no kind of policy is passed over because nobody thought of it.
Trusts kubectl and the kubeconfig for which cluster that is. What may not be read is an error, never left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..problems import InputErrors, Problem
from ..written import Map, Seq, WrittenObject
from .documents import parse_documents
from .entries import Entry, Live
from .kinds import EXPOSING, MODELLED, group_of, is_policy_like
from .programs import Call
from .sources import SourceFile

_NEEDED = (("", "Namespace"), ("", "Pod"), ("networking.k8s.io", "NetworkPolicy"))
"""Kinds that every cluster serves: without them, the answer is not that of a whole cluster."""


@dataclass(frozen=True, slots=True)
class Served:
    """A kind that a cluster serves: ``resource`` is its plural name in URLs."""

    resource: str
    api_version: str
    kind: str

    @property
    def is_wanted(self) -> bool:
        """Whether objects of it are read: what is modelled, what may decide about traffic, what exposes pods."""
        key = (group_of(self.api_version), self.kind)
        return key in MODELLED or key in EXPOSING or is_policy_like(*key)

    @property
    def argument(self) -> str:
        """What kubectl takes for this kind in this version and no other: ``networkpolicies.v1.networking.k8s.io``."""
        group, _, version = self.api_version.rpartition("/")
        return f"{self.resource}.{version}.{group}"


def read_cluster(entry: Entry, live: Live) -> SourceFile:
    """What a cluster reports. Raises InputErrors, in kubectl's words, for all that cannot be read."""
    kubectl = _Kubectl(entry.path, live.context)
    shown = f"live:{kubectl.context()}"
    kinds = [served for served in kubectl.served() if served.is_wanted]
    present = {(group_of(served.api_version), served.kind) for served in kinds}
    for group, kind in _NEEDED:
        if (group, kind) not in present:
            message = f"the cluster does not say that it serves {kind} ({group or 'v1'})"
            raise InputErrors([Problem(entry.path, 0, "", message, "what does kubectl api-resources say?")])
    content = kubectl.run("get", ",".join(served.argument for served in kinds), "--all-namespaces", "--output=json")

    def placed(written: WrittenObject) -> WrittenObject:
        return _alone(written, f"{shown} {written.kind} {written.reference}")

    return SourceFile(None, shown, shown, content, placed=placed)


@dataclass(frozen=True, slots=True)
class _Kubectl:
    """kubectl for one context."""

    shown: str
    chosen: str | None

    def run(self, *arguments: str) -> bytes:
        hint = "kubectl must be able to list all of it: try kubectl auth can-i --list"
        return self._call(*arguments).run(hint)

    def context(self) -> str:
        """The name of the context, "" where there is none, as inside of a cluster."""
        if self.chosen is not None:
            return self.chosen
        done = self._call("config", "current-context").attempt()
        return done.output.decode("utf-8", "replace").strip() if done.code == 0 else ""

    def served(self) -> list[Served]:
        """All kinds whose objects can be listed, in the cluster's preferred version of their group.

        Raises InputErrors for a group that does not answer. ``kubectl api-resources`` leaves such a group out without a
        word, where the API server gives the whole of discovery at once and marks it as stale.
        """
        listable = list(self._rows("--verbs=list"))
        answering = {group_of(each.api_version) for each in self._rows()}
        for name, version in self._groups():
            if name not in answering:
                listable += self._asked(version)
        return listable

    def _rows(self, *options: str) -> Iterator[Served]:
        for line in self.run("api-resources", *options, "--no-headers").decode("utf-8", "replace").splitlines():
            words = line.split()
            if words:
                # Of five columns only the second, short names, may be empty: NAME SHORTNAMES APIVERSION NAMESPACED KIND
                if len(words) not in (4, 5) or words[-2] not in ("true", "false"):
                    raise self._odd(f"kubectl api-resources prints a line that is not understood: {line}")
                yield Served(words[0], words[-3], words[-1])

    def _groups(self) -> Iterator[tuple[str, str]]:
        """The groups that the cluster names, with the version to use."""
        for group in self._items("/apis", "groups", self.run("get", "--raw=/apis")):
            preferred = group.get("preferredVersion")
            version = preferred.get("groupVersion") if isinstance(preferred, Map) else None
            if not isinstance(group.get("name"), str) or not isinstance(version, str):
                raise self._odd("the cluster's list of API groups is not understood")
            yield group["name"], version

    def _asked(self, version: str) -> Iterator[Served]:
        """The kinds of a group and version, asked of itself: it may have none, but it must say so."""
        path = f"/apis/{version}"
        done = self._call("get", f"--raw={path}").attempt()
        if done.code != 0:
            message = f"the API group {version} does not answer, and it may hold policies: {done.said}"
            raise InputErrors([Problem(self.shown, 0, "", message, "what does kubectl get apiservices say?")])
        for resource in self._items(path, "resources", done.output):
            name, kind, verbs = (resource.get(key) for key in ("name", "kind", "verbs"))
            if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(verbs, Seq):
                raise self._odd(f"the cluster's list of kinds of {version} is not understood")
            if "list" in verbs and "/" not in name:
                yield Served(name, version, kind)

    def _items(self, path: str, key: str, content: bytes) -> Iterator[Map]:
        for document in parse_documents(content, f"{self.shown} {path}"):
            items = document.value.get(key) if isinstance(document.value, Map) else None
            for item in items if isinstance(items, Seq) else ():
                if isinstance(item, Map):
                    yield item

    def _odd(self, message: str) -> InputErrors:
        return InputErrors([Problem(self.shown, 0, "", message, "does another version of kubectl say the same?")])

    def _call(self, *arguments: str) -> Call:
        chosen = () if self.chosen is None else (f"--context={self.chosen}",)
        return Call(self.shown, "kubectl", (*chosen, *arguments), environment=_environment())


def _environment() -> dict[str, str]:
    """This process's, with the kubeconfig's path as it is meant: from this working directory, not kubectl's."""
    environment = dict(os.environ)
    files = environment.get("KUBECONFIG")
    if files:
        environment["KUBECONFIG"] = os.pathsep.join(
            os.path.abspath(file)  # noqa: PTH100 - resolve() would replace links
            for file in files.split(os.pathsep)
            if file
        )
    return environment


def _alone(written: WrittenObject, file: str) -> WrittenObject:
    """An object with the lines that it has by itself, as ``kubectl get KIND NAME --output=json`` prints it."""
    before = written.line - 1
    return replace(written, file=file, line=1, fields=_moved(written.fields, before))


def _moved(value: Any, before: int) -> Any:
    """A value whose lines count from the line after ``before``."""
    if isinstance(value, Map):
        fields = Map(value.line - before)
        for key, item in value.items():
            fields[key] = _moved(item, before)
            fields.lines[key] = value.lines[key] - before
        return fields
    if isinstance(value, Seq):
        items = Seq(value.line - before)
        for index, item in enumerate(value):
            items.append(_moved(item, before))
            items.lines.append(value.lines[index] - before)
        return items
    return value
