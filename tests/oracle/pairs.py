"""Random pairs of clusters to be compared: one edited into the other, two that have nothing to do with each other, and
one with its names changed throughout. And random properties over them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.properties.loading import LoadedProperty

from .clusters import NAMESPACE_VALUES, NAMESPACES, POD_VALUES, clusters, labels, made, manifests, some, weighted
from .edits import Draft, edit, plain
from .properties import endpoints, exceptions, fitting, loaded, ports
from .raw import Raw, mapping, sequence
from .worlds import worlds

UNRELATED = "two unrelated clusters"
VERBS = ("noNewAccess", "noLostAccess", "equivalent")


@dataclass(frozen=True)
class Pair:
    """Two clusters, and what kinds of edits lead from ``base`` to ``head``."""

    base: Manifests
    head: Manifests
    kinds: tuple[str, ...]

    @property
    def both(self) -> Manifests:
        """All objects of both, for strategies that want to know what is declared somewhere."""
        sides = (self.base, self.head)
        return manifests([o for m in sides for o in m.modelled], [o for m in sides for o in m.unmodelled])


def placed(cluster: Manifests, file: str) -> Manifests:
    """The cluster as read from this file, each object on a line of its own."""

    def at(item: WrittenObject, line: int) -> WrittenObject:
        return replace(item, file=file, line=line, fields=written(plain(item.fields), line))

    return replace(
        cluster,
        modelled=tuple(at(item, 10 + number) for number, item in enumerate(cluster.modelled)),
        unmodelled=tuple(at(item, 1000 + number) for number, item in enumerate(cluster.unmodelled)),
    )


def changed_objects(pair: Pair) -> set[tuple[str, int]]:
    """File and line of each policy or Namespace that does not stand in the other cluster, or says something else."""
    found: set[tuple[str, int]] = set()
    for own, other in ((pair.base, pair.head), (pair.head, pair.base)):
        same = [(item.kind, item.reference, plain(item.fields)) for item in other.modelled]
        found |= {
            (item.file, item.line)
            for item in own.modelled
            if item.kind in ("NetworkPolicy", "Namespace")
            and (item.kind, item.reference, plain(item.fields)) not in same
        }
    return found


def without_pods(pair: Pair) -> Pair:
    """The pair without workloads, which are drawn without fields that only the API server asks for; with a namespace
    more, so that no side is empty."""

    def kept(cluster: Manifests, file: str) -> Manifests:
        objects = [item for item in cluster.modelled if item.kind in ("Namespace", "NetworkPolicy")]
        objects.append(made("Namespace", None, "kept", {}))
        return placed(manifests(objects, cluster.unmodelled), file)

    return Pair(kept(pair.base, "base.yaml"), kept(pair.head, "head.yaml"), pair.kinds)


def in_yaml(cluster: Manifests) -> str:
    """The cluster as a file, its objects in order."""
    objects = (plain(item.fields) for item in (*cluster.modelled, *cluster.unmodelled))
    return "".join(f"---\n{json.dumps(each, indent=2)}\n" for each in objects)


def lines_of_objects(text: str) -> list[range]:
    """The lines of each object of such a file."""
    starts = [number for number, line in enumerate(text.splitlines(), start=1) if line == "---"]
    return [range(first, last) for first, last in zip(starts, [*starts[1:], text.count("\n") + 1], strict=True)]


@st.composite
def pairs(
    draw: st.DrawFn, edits: tuple[tuple[int, int], ...] = ((1, 0), (8, 1), (3, 2), (2, 3)), *, unrelated: bool = True
) -> Pair:
    """A cluster and what some edits make of it, the objects in another order; now and then an unrelated one.

    ``edits``: how many of them, with odds.
    """
    base = draw(clusters())
    form = draw(weighted((7, "edited"), (2, "relabelled"), (1, "unrelated" if unrelated else "edited")))
    if form == "unrelated":
        return Pair(placed(base, "base.yaml"), placed(draw(clusters()), "head.yaml"), (UNRELATED,))
    if form == "relabelled":
        base = draw(_told_by_labels(base))
    draft = Draft([*base.modelled], [*base.unmodelled])
    first = ("namespace relabelled",) if form == "relabelled" else ()
    kinds = tuple(edit(draw, draft, () if number else first) for number in range(draw(weighted(*edits))))
    head = manifests(draw(st.permutations(draft.objects)), draft.unmodelled, _only_named(base))
    return Pair(placed(base, "base.yaml"), placed(head, "head.yaml"), kinds)


@st.composite
def _told_by_labels(draw: st.DrawFn, cluster: Manifests) -> Manifests:
    """The cluster with more declared namespaces, and one policy more: it admits a peer by a label of its namespace."""
    declared = {item.name for item in cluster.modelled if item.kind == "Namespace"}
    more = [
        made("Namespace", None, name, {"metadata": {"labels": draw(labels(("n1",), NAMESPACE_VALUES))}})
        for name in ("a", "b")
        if name not in declared
    ]
    direction, side = draw(st.sampled_from((("ingress", "from"), ("egress", "to"))))
    peer = {"namespaceSelector": {"matchLabels": {"n1": draw(st.sampled_from(NAMESPACE_VALUES))}}}
    more.append(made("NetworkPolicy", "a", "by-label", {"spec": {direction: [{side: [peer]}]}}))
    return manifests([*cluster.modelled, *more], cluster.unmodelled, _only_named(cluster))


def _only_named(cluster: Manifests) -> tuple[str, ...]:
    """Namespaces that only an object that nobody models names."""
    spaces = {item.namespace for item in (*cluster.modelled, *cluster.unmodelled)}
    return tuple(name for name in cluster.named_namespaces if name not in spaces)


@st.composite
def change_properties(draw: st.DrawFn, pair: Pair) -> tuple[LoadedProperty, ...]:
    """Every verb over the pair's changes, mostly within a scope, the same for each."""
    workloads = [i.reference for i in pair.both.modelled if i.kind not in ("Namespace", "NetworkPolicy")]
    body: Raw = draw(exceptions(workloads))
    form = draw(weighted((3, "all"), (3, "scope"), (2, "labels")))
    if form == "scope":
        body["scope"] = {
            part: draw(ports() if part == "ports" else endpoints(workloads, outside=True))
            for part in draw(some(("from", "to", "ports"), 1, 2))
        }
    if form == "labels":  # which namespaces have a label is a matter of sides
        group = {"namespaces": f"n1={draw(st.sampled_from(NAMESPACE_VALUES))}"}
        part: Raw = {draw(st.sampled_from(("from", "to"))): group}
        body |= draw(st.sampled_from(({"scope": part}, {"except": [part]})))
    world = fitting(body, draw(worlds(pair.both)))
    semantics = draw(readings())
    return tuple(comparing(verb, body, world, semantics) for verb in VERBS)


def readings() -> st.SearchStrategy[Raw]:
    """What a suite may say of the reading."""
    return st.fixed_dictionaries({"ipBlockMatchesPods": weighted((2, "either"), (1, True), (1, False))})


def comparing(
    verb: str, body: Raw | None = None, world: Raw | None = None, semantics: Raw | None = None
) -> LoadedProperty:
    """A property over changes; the manifests that it compares are given apart."""
    sides: Raw = {"left": "base.yaml", "right": "head.yaml"} if verb == "equivalent" else {"base": "base.yaml"}
    return loaded(verb, {**sides, **(body or {})}, world, semantics)


# Names changed throughout


@dataclass(frozen=True)
class Renames:
    """New names of namespaces, and by key of a label new values; what is not there keeps its name."""

    namespaces: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]

    def namespace(self, name: str | None) -> str | None:
        """A namespace's new name."""
        return None if name is None else self.namespaces.get(name, name)

    def value(self, key: str, value: str) -> str:
        """A label's new value."""
        if key == "kubernetes.io/metadata.name":
            return self.namespaces.get(value, value)
        return self.labels.get(key, {}).get(value, value)


@st.composite
def renames(draw: st.DrawFn) -> Renames:
    """Every name of the vocabulary gets another or keeps it; no two get the same, some swap theirs."""

    def mapped(old: tuple[str, ...], new: tuple[str, ...]) -> dict[str, str]:
        found = dict(zip(old, draw(st.permutations((*old, *new))), strict=False))
        return {key: value for key, value in found.items() if key != value}

    values = {
        "k1": mapped(POD_VALUES, ("w1",)),
        "k2": mapped(POD_VALUES, ("w1", "w2")),
        "n1": mapped(NAMESPACE_VALUES, ("z",)),
    }
    return Renames(mapped((*NAMESPACES, "d"), ("prod-a", "prod-b")), {k: v for k, v in values.items() if v})


def renamed(cluster: Manifests, new: Renames) -> Manifests:
    """The cluster under its new names, written apart from the product's: field by field, as the API defines them."""
    objects = [_renamed(item, new) for item in cluster.modelled]
    unmodelled = [replace(item, namespace=new.namespace(item.namespace)) for item in cluster.unmodelled]
    return manifests(objects, unmodelled, [str(new.namespace(name)) for name in _only_named(cluster)])


def _renamed(item: WrittenObject, new: Renames) -> WrittenObject:
    fields: Raw = plain(item.fields)
    is_space = item.kind == "Namespace"
    metadata = fields["metadata"]
    name = str(new.namespace(item.name)) if is_space else item.name
    metadata |= {"name": name} if is_space else {"namespace": new.namespace(item.namespace)}
    _labels(metadata, new)
    if item.kind == "NetworkPolicy":
        _policy(mapping(fields, "spec"), new)
    elif not is_space and item.kind != "Pod":
        _labels(mapping(fields, "spec", "template", "metadata"), new)
    return replace(item, namespace=new.namespace(item.namespace), name=name, fields=written(fields, item.line))


def _labels(metadata: Raw, new: Renames, key: str = "labels") -> None:
    if metadata.get(key):
        metadata[key] = {name: new.value(name, value) for name, value in metadata[key].items()}


def _selector(selector: Raw, new: Renames) -> None:
    _labels(selector, new, "matchLabels")
    for item in sequence(selector, "matchExpressions"):
        if item.get("values"):
            item["values"] = [new.value(item["key"], value) for value in item["values"]]


def _policy(spec: Raw, new: Renames) -> None:
    _selector(mapping(spec, "podSelector"), new)
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in filter(None, sequence(spec, direction)):
            for peer in sequence(rule, side):
                _selector(mapping(peer, "podSelector"), new)
                _selector(mapping(peer, "namespaceSelector"), new)
