"""Random edits of a small cluster: what people change between two versions of their manifests, one thing at a time.

Works on ``clusters``' vocabulary, and leaves everything valid for the API server. An edit may turn out to change
nothing that matters; how many do is for the tests to count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from netpol_verify.encodings.written import WrittenObject

from .clusters import (
    ABSENT,
    NAMESPACE_VALUES,
    NAMESPACES,
    POD_VALUES,
    calico,
    labels,
    made,
    peer,
    pod_selector,
    port,
    rule,
    spec,
    weighted,
    workload,
)
from .raw import Raw, mapping, sequence

SIDES = {"ingress": "from", "egress": "to"}
NO_PODS = ("Namespace", "NetworkPolicy")
TYPES: tuple[Any, ...] = (ABSENT, None, [], ["Ingress"], ["Egress"], ["Ingress", "Egress"])
SCOPES = ("a", "b", None)


@dataclass
class Draft:
    """A cluster under edit."""

    objects: list[WrittenObject]
    unmodelled: list[WrittenObject]


def plain(value: Any) -> Any:
    """A copy of written fields as plain dicts and lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return [plain(item) for item in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


def remade(item: WrittenObject, **fields: Any) -> WrittenObject:
    """The object with these top-level fields instead of its own."""
    kept = {key: plain(value) for key, value in item.fields.items() if key not in ("apiVersion", "kind")}
    return made(item.kind, item.namespace, item.name, {**kept, **fields})


def _of_kind(draft: Draft, kind: str) -> list[int]:
    return [i for i, item in enumerate(draft.objects) if item.kind == kind]


def _policies(draft: Draft) -> list[int]:
    return _of_kind(draft, "NetworkPolicy")


def _spaces(draft: Draft) -> list[int]:
    return _of_kind(draft, "Namespace")


def _workloads(draft: Draft) -> list[int]:
    return [i for i, item in enumerate(draft.objects) if item.kind not in NO_PODS]


def _always(draft: Draft) -> list[int]:
    return [0]


def _rules(draft: Draft) -> list[tuple[int, str, int]]:
    """Every rule: its policy's place, its direction, its number."""
    return [
        (index, direction, number)
        for index in _policies(draft)
        for direction in SIDES
        for number, _ in enumerate(sequence(mapping(draft.objects[index].fields, "spec"), direction))
    ]


def _spec(draft: Draft, index: int) -> Raw:
    return plain(mapping(draft.objects[index].fields, "spec"))


def _put(fields: Raw, key: str, value: Any) -> None:
    if value is ABSENT:
        fields.pop(key, None)
    else:
        fields[key] = value


# Policies


def _policy_added(draw: st.DrawFn, draft: Draft, _: int) -> None:
    namespace = draw(weighted((5, "a"), (2, "b"), (1, "c")))
    name = f"policy-new-{len(draft.objects)}"
    draft.objects.append(made("NetworkPolicy", namespace, name, {"spec": draw(spec())}))


def _removed(draw: st.DrawFn, draft: Draft, index: int) -> None:
    del draft.objects[index]


def _rule_added(draw: st.DrawFn, draft: Draft, index: int) -> None:
    direction = draw(st.sampled_from(tuple(SIDES)))
    fields = _spec(draft, index)
    rules = sequence(fields, direction)
    place = draw(st.integers(0, len(rules)))
    fields[direction] = [*rules[:place], draw(rule(SIDES[direction])), *rules[place:]]
    draft.objects[index] = remade(draft.objects[index], spec=fields)


def _rule_removed(draw: st.DrawFn, draft: Draft, where: tuple[int, str, int]) -> None:
    index, direction, number = where
    fields = _spec(draft, index)
    del fields[direction][number]
    draft.objects[index] = remade(draft.objects[index], spec=fields)


def _rule_edited(
    draw: st.DrawFn, draft: Draft, where: tuple[int, str, int], key: str, one: st.SearchStrategy[Any]
) -> None:
    """Another list, one item of the list changed, one more, or none at all."""
    index, direction, number = where
    fields = _spec(draft, index)
    edited: Raw = fields[direction][number] or {}
    items = sequence(edited, key)
    form = draw(weighted((3, "item"), (2, "more"), (1, "list"), (1, "any")))
    if form == "any":
        _put(edited, key, draw(st.sampled_from((ABSENT, None, []))))
    elif form == "list" or not items:
        edited[key] = draw(st.lists(one, min_size=1, max_size=2))
    elif form == "more":
        edited[key] = [*items, draw(one)]
    else:
        edited[key] = [draw(one), *items[1:]]
    fields[direction][number] = edited
    draft.objects[index] = remade(draft.objects[index], spec=fields)


def _port_changed(draw: st.DrawFn, draft: Draft, where: tuple[int, str, int]) -> None:
    _rule_edited(draw, draft, where, "ports", port())


def _peer_changed(draw: st.DrawFn, draft: Draft, where: tuple[int, str, int]) -> None:
    _rule_edited(draw, draft, where, SIDES[where[1]], peer())


def _selector_changed(draw: st.DrawFn, draft: Draft, index: int) -> None:
    fields = _spec(draft, index)
    _put(fields, "podSelector", draw(st.one_of(pod_selector(), st.sampled_from((ABSENT, None)))))
    draft.objects[index] = remade(draft.objects[index], spec=fields)


def _types_changed(draw: st.DrawFn, draft: Draft, index: int) -> None:
    fields = _spec(draft, index)
    _put(fields, "policyTypes", draw(st.sampled_from([t for t in TYPES if t != fields.get("policyTypes", ABSENT)])))
    draft.objects[index] = remade(draft.objects[index], spec=fields)


# What exists


def _space_relabelled(draw: st.DrawFn, draft: Draft, index: int) -> None:
    own = mapping(draft.objects[index].fields, "metadata", "labels").get("n1")
    value = draw(st.sampled_from([v for v in (None, *NAMESPACE_VALUES) if v != own]))
    given: Raw = {} if value is None else {"n1": value}
    draft.objects[index] = remade(draft.objects[index], metadata={"labels": given})


def _space_on_one_side(draw: st.DrawFn, draft: Draft, _: int) -> None:
    name = draw(st.sampled_from(NAMESPACES))
    others = [item for item in draft.objects if item.kind != "Namespace" or item.name != name]
    if len(others) == len(draft.objects):
        others.append(made("Namespace", None, name, {"metadata": {"labels": draw(labels(("n1",), NAMESPACE_VALUES))}}))
    draft.objects[:] = others


def _workload_added(draw: st.DrawFn, draft: Draft, _: int) -> None:
    draft.objects.append(draw(workload(10 + len(draft.objects))))


def _workload_relabelled(draw: st.DrawFn, draft: Draft, index: int) -> None:
    item, given = draft.objects[index], draw(labels(("k1", "k2"), POD_VALUES))
    if item.kind == "Pod":
        draft.objects[index] = remade(item, metadata={"labels": given})
        return
    fields = _spec(draft, index)
    fields["template"]["metadata"] = {"labels": given}
    draft.objects[index] = remade(item, spec=fields)


# What is not modelled


def _unmodelled(draft: Draft) -> list[int]:
    return list(range(len(draft.unmodelled)))


def _free_scopes(draft: Draft) -> list[str | None]:
    return [scope for scope in SCOPES if all(item.namespace != scope for item in draft.unmodelled)]


def _unmodelled_added(draw: st.DrawFn, draft: Draft, scope: str | None) -> None:
    draft.unmodelled.append(calico(scope, draw(_calico_types())))


def _unmodelled_removed(draw: st.DrawFn, draft: Draft, index: int) -> None:
    del draft.unmodelled[index]


def _unmodelled_changed(draw: st.DrawFn, draft: Draft, index: int) -> None:
    own = draft.unmodelled[index]
    changed = calico(own.namespace, draw(_calico_types()))
    if plain(changed.fields) == plain(own.fields):
        changed.fields["spec"]["order"] = 1
    draft.unmodelled[index] = changed


def _calico_types() -> st.SearchStrategy[tuple[str, ...] | None]:
    return st.sampled_from((None, ("Ingress",), ("Egress",), ("Ingress", "Egress")))


@dataclass(frozen=True)
class Kind:
    """A kind of edit, how often it is drawn, where in a draft it can be made, and how."""

    name: str
    weight: int
    places: Callable[[Draft], list[Any]]
    make: Callable[[st.DrawFn, Draft, Any], None]


KINDS = (
    Kind("policy added", 4, _always, _policy_added),
    Kind("policy removed", 3, _policies, _removed),
    Kind("rule added", 3, _policies, _rule_added),
    Kind("rule removed", 3, _rules, _rule_removed),
    Kind("port changed", 4, _rules, _port_changed),
    Kind("peer changed", 4, _rules, _peer_changed),
    Kind("selector changed", 3, _policies, _selector_changed),
    Kind("policyTypes changed", 3, _policies, _types_changed),
    Kind("namespace relabelled", 7, _spaces, _space_relabelled),
    Kind("namespace declared on one side", 2, _always, _space_on_one_side),
    Kind("workload added", 1, _always, _workload_added),
    Kind("workload removed", 1, _workloads, _removed),
    Kind("workload relabelled", 2, _workloads, _workload_relabelled),
    Kind("unmodelled policy added", 2, _free_scopes, _unmodelled_added),
    Kind("unmodelled policy removed", 12, _unmodelled, _unmodelled_removed),
    Kind("unmodelled policy changed", 12, _unmodelled, _unmodelled_changed),
)


def edit(draw: st.DrawFn, draft: Draft, among: Sequence[str] = ()) -> str:
    """Make one random edit in place, and say of what kind it is; ``among`` are the kinds to choose from, if not all."""
    possible = [(kind.weight, kind) for kind in KINDS if kind.places(draft) and (not among or kind.name in among)]
    kind = draw(weighted(*possible))
    kind.make(draw, draft, draw(st.sampled_from(kind.places(draft))))
    return kind.name


EDITS = tuple(kind.name for kind in KINDS)
