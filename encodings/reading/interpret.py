"""From a document to the Kubernetes objects in it: lists expanded, classes chosen, names checked.

Says what is no object and why. Trusts the values that ``documents`` gives and the table of kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..problems import Problem
from ..written import Map, Seq, WrittenObject
from .ciphers import SOPS_HINT, SOPS_MESSAGE, is_sops
from .documents import Document
from .kinds import MODELLED, Class, classify, group_of, is_namespaced, matters_alone, wrong_version


@dataclass(frozen=True, slots=True)
class Interpreted:
    """One object with its class; ``defaulted``: its namespace is not written but the one for objects without."""

    written: WrittenObject
    kind_class: Class
    defaulted: bool = False


@dataclass(frozen=True, slots=True)
class NoObject:
    """A document that is no Kubernetes object."""

    line: int
    fields: Map | None = None


class Interpreter:
    """Interprets the documents of one file with this ``content``; mistakes are collected in ``problems``."""

    def __init__(self, file: str, namespace: str, problems: list[Problem], content: str | bytes | None = None) -> None:
        self._file = file
        self._content = content
        self._namespace = namespace
        self._problems = problems

    def interpret(self, document: Document) -> Iterator[Interpreted | NoObject]:
        """The objects of a document, those in ``List`` kinds one by one."""
        value = document.value
        if isinstance(value, Map):
            yield from self._object(value, document.line)
            return
        if isinstance(value, Seq) and any(isinstance(item, Map) and "kind" in item for item in value):
            hint = "write the objects as documents of their own, or as items of kind List"
            self._problem(document.line, "", "a list of objects at the top level is not read by kubectl", hint)
        yield NoObject(document.line)

    def _object(self, fields: Map, line: int) -> Iterator[Interpreted | NoObject]:
        api_version, kind = fields.get("apiVersion"), fields.get("kind")
        if not self._is_object(fields, line):
            yield NoObject(line, fields)
        elif not isinstance(api_version, str) or not isinstance(kind, str):
            wrong = "apiVersion" if not isinstance(api_version, str) else "kind"
            self._problem(fields.lines[wrong], wrong, "must be a string", "put the value in quotes")
        elif kind.endswith("List") and "items" in fields:
            yield from self._list(fields, api_version, kind)
        else:
            interpreted = self._interpret(fields, line, api_version, kind)
            if interpreted is not None:
                yield interpreted

    def _is_object(self, fields: Map, line: int) -> bool:
        """Whether a mapping has both apiVersion and kind; a problem if it lacks one and looks as if it mattered."""
        api_version, kind = fields.get("apiVersion"), fields.get("kind")
        if "apiVersion" in fields and "kind" in fields and not (api_version is None and kind is None):
            return True
        if "sops" in fields and set(fields) <= {"data", "sops"} and is_sops(fields):
            self._problem(line, "", SOPS_MESSAGE, SOPS_HINT)
        elif isinstance(kind, str) and matters_alone(None, kind):
            right = next((entry.api_version for (_, known), entry in MODELLED.items() if known == kind), None)
            self._problem(line, "apiVersion", "apiVersion not set", f"write apiVersion: {right}" if right else "")
        elif isinstance(api_version, str) and matters_alone(api_version, None):
            self._problem(line, "kind", "kind not set", "write the object's kind")
        return False

    def _list(self, fields: Map, api_version: str, kind: str) -> Iterator[Interpreted | NoObject]:
        items = fields["items"]
        if items is None:
            return
        if not isinstance(items, Seq):
            self._problem(fields.lines["items"], "items", "must be a list", "")
            return
        for index, item in enumerate(items):
            line = items.lines[index]
            if not isinstance(item, Map):
                self._problem(line, f"items[{index}]", "must be an object", "")
            elif kind == "List":
                yield from self._object(item, line)
            else:
                yield from self._object(_typed(item, line, api_version, kind.removesuffix("List")), line)

    def _interpret(self, fields: Map, line: int, api_version: str, kind: str) -> Interpreted | None:
        right = wrong_version(api_version, kind)
        if right is not None:
            message = f"{kind} of apiVersion {api_version} is not read"
            self._problem(fields.lines["apiVersion"], "apiVersion", message, f"write {right}")
            return None
        if kind.startswith("ENC["):
            self._problem(line, "", SOPS_MESSAGE, SOPS_HINT)
            return None
        kind_class = classify(api_version, kind, fields)
        matters = kind_class in (Class.MODELLED, Class.UNMODELLED, Class.WORKLOAD)
        if matters and is_sops(fields):
            self._problem(line, "", f"{SOPS_MESSAGE}, and so the {kind} in it", SOPS_HINT)
            return None
        metadata = fields.get("metadata")
        if metadata is not None and not isinstance(metadata, Map):
            self._problem(fields.lines["metadata"], "metadata", "must be a mapping", "")
            return None
        named = self._named(fields, metadata, line, required=matters)
        if named is None:
            return None
        namespace, name = named
        group = group_of(api_version)
        # Workloads of kinds nobody listed make pods, and pods live in namespaces.
        namespaced = kind_class is Class.WORKLOAD or is_namespaced(group, kind, namespace)
        defaulted = namespaced and namespace is None and (matters or kind_class is Class.EXPOSING)
        if defaulted:
            namespace = self._namespace
        elif not namespaced:
            namespace = None
        written = WrittenObject(
            self._file, line, api_version, kind, namespace, name, fields, self._content, content_line=line
        )
        return Interpreted(written, kind_class, defaulted)

    def _named(self, fields: Map, metadata: Map | None, line: int, required: bool) -> tuple[str | None, str] | None:
        """Namespace and name as written; None (with a problem) if a field has the wrong type or no name is given."""
        values: dict[str, str] = {}
        for key in ("name", "generateName", "namespace"):
            value = None if metadata is None else metadata.get(key)
            if isinstance(value, str):
                values[key] = value
            elif value is not None and metadata is not None:
                self._problem(metadata.lines[key], f"metadata.{key}", "must be a string", "put the value in quotes")
                return None
        name = values.get("name") or (f"{values['generateName']}*" if values.get("generateName") else "")
        if required and not name:
            line = fields.lines.get("metadata", line)
            self._problem(line, "metadata.name", "name or generateName is required", "")
            return None
        return values.get("namespace") or None, name

    def _problem(self, line: int, path: str, message: str, hint: str) -> None:
        self._problems.append(Problem(self._file, line, path, message, hint))


def _typed(item: Map, line: int, api_version: str, kind: str) -> Map:
    """An item of a typed list, whose apiVersion and kind may be left to the list's."""
    if item.get("apiVersion") is not None and item.get("kind") is not None:
        return item
    filled = Map(item.line)
    filled.update(item)
    filled.lines.update(item.lines)
    for key, value in (("apiVersion", api_version), ("kind", kind)):
        if filled.get(key) is None:
            filled[key] = value
            filled.lines[key] = line
    return filled
