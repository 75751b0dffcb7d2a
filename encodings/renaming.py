"""Manifests with names changed: what an overlay calls differently, so that it can be compared with another.

Works on the objects as written, before either evaluator sees them: a namespace's name wherever it is a name
(``metadata.namespace``, a Namespace's own, values of ``kubernetes.io/metadata.name``), and values of labels wherever
labels and selectors stand, those of Services included. Lines stay those of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from .cluster import NAME_LABEL
from .manifests import Manifests
from .services import is_service
from .written import Map, Seq, WrittenObject

_LABELS = ("labels", "matchLabels")


@dataclass(frozen=True, slots=True)
class Renaming:
    """``namespaces``: old to new names; ``labels``: by key, old to new values."""

    namespaces: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]

    def apply(self, manifests: Manifests) -> Manifests:
        """The manifests with everything renamed."""
        return replace(
            manifests,
            modelled=tuple(self._object(written) for written in manifests.modelled),
            unmodelled=tuple(self._object(written) for written in manifests.unmodelled),
            exposing=tuple(self._object(written) for written in manifests.exposing),
            named_namespaces=tuple(sorted({self._namespace(name) for name in manifests.named_namespaces})),
        )

    def collisions(self, manifests: Manifests) -> tuple[str, ...]:
        """New names that the manifests use already and that are not renamed themselves: two things would become one,
        and a comparison would take them for the same."""
        namespaces = set(manifests.named_namespaces)
        values: dict[str, set[str]] = {NAME_LABEL: namespaces}
        for written in (*manifests.modelled, *manifests.unmodelled, *manifests.exposing):
            if written.kind == "Namespace" and not written.group:
                namespaces.add(written.name)
            _collect(written.fields, values)
        tables = {NAME_LABEL: self.namespaces, **self.labels}
        return tuple(
            f"namespace {new}" if key == NAME_LABEL else f"{key}={new}"
            for key, table in tables.items()
            for new in dict.fromkeys(table.values())
            if new in values.get(key, ()) and new not in table
        )

    def _namespace(self, name: str) -> str:
        return self.namespaces.get(name, name)

    def _object(self, written: WrittenObject) -> WrittenObject:
        fields = cast(Map, self._walk(written.fields))
        is_namespace = written.kind == "Namespace" and not written.group
        metadata = fields.get("metadata")
        if isinstance(metadata, Map):
            for key in ("namespace", *(("name",) if is_namespace else ())):
                if isinstance(metadata.get(key), str):
                    metadata[key] = self._namespace(metadata[key])
        spec = fields.get("spec")
        if is_service(written) and isinstance(spec, Map) and isinstance(spec.get("selector"), Map):
            spec["selector"] = self._labels(spec["selector"])
        return replace(
            written,
            fields=fields,
            namespace=None if written.namespace is None else self._namespace(written.namespace),
            name=self._namespace(written.name) if is_namespace else written.name,
        )

    def _walk(self, value: Any) -> Any:
        """A copy with labels and selectors renamed."""
        if isinstance(value, Map):
            copy = Map(value.line)
            copy.lines, copy.spellings = value.lines, value.spellings
            for key, item in value.items():
                labels = key in _LABELS and isinstance(item, Map)
                copy[key] = self._labels(cast(Map, item)) if labels else self._walk(item)
            if isinstance(value.get("key"), str) and isinstance(value.get("values"), Seq):
                copy["values"] = self._values(value["key"], value["values"])
            return copy
        if isinstance(value, Seq):
            return self._items(value, [self._walk(item) for item in value])
        return value

    def _labels(self, labels: Map) -> Map:
        copy = Map(labels.line)
        copy.lines, copy.spellings = labels.lines, labels.spellings
        copy.update((key, self._value(key, item)) for key, item in labels.items())
        return copy

    def _values(self, key: str, values: Seq) -> Seq:
        return self._items(values, [self._value(key, item) for item in values])

    def _items(self, like: Seq, items: list[Any]) -> Seq:
        copy = Seq(like.line)
        copy.lines, copy.spellings = like.lines, like.spellings
        copy.extend(items)
        return copy

    def _value(self, key: str, value: Any) -> Any:
        table = self.namespaces if key == NAME_LABEL else self.labels.get(key, {})
        return table.get(value, value) if isinstance(value, str) else value


def _collect(value: Any, values: dict[str, set[str]]) -> None:
    """Add every value that a label or a selector gives a key."""
    if isinstance(value, Map):
        for key, item in value.items():
            if key in _LABELS and isinstance(item, Map):
                for label, text in item.items():
                    values.setdefault(label, set()).add(str(text))
            else:
                _collect(item, values)
        if isinstance(value.get("key"), str) and isinstance(value.get("values"), Seq):
            values.setdefault(value["key"], set()).update(map(str, value["values"]))
    elif isinstance(value, Seq):
        for item in value:
            _collect(item, values)
