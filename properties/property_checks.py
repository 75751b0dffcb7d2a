"""What a property must satisfy beyond its shape: one verb, groups that exist, ends that can be pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..encodings.problems import Problem
from ..encodings.written import Map
from .group_checks import Scope
from .names import label_key_mistake
from .notation import NotationError
from .places import Place
from .ports import parse_port
from .shapes import near
from .suite import (
    VERBS,
    Always,
    Can,
    CannotOverride,
    DefaultDeny,
    Dns,
    Endpoints,
    Equivalent,
    Exception_,
    GroupRef,
    Isolate,
    Model,
    Never,
    NoLostAccess,
    NoNewAccess,
    Only,
    OnlyEntry,
    Ports,
    Property,
    Rename,
    Verb,
)

VERB_MODELS: dict[str, type[Verb]] = {
    "never": Never,
    "always": Always,
    "can": Can,
    "only": Only,
    "isolate": Isolate,
    "defaultDeny": DefaultDeny,
    "dns": Dns,
    "cannotOverride": CannotOverride,
    "noNewAccess": NoNewAccess,
    "noLostAccess": NoLostAccess,
    "equivalent": Equivalent,
}
WRITTEN_VERBS = tuple(VERB_MODELS)
VERB_FIELDS = dict(zip(WRITTEN_VERBS, VERBS, strict=True))
_OTHER_KEYS = sorted((field.alias or name) for name, field in Property.model_fields.items() if name not in VERBS)
_NO_POD = "neither end can be a pod, so no policy decides about it"


def check_keys(place: Place, written: Map) -> Iterator[Problem]:
    """Unknown verbs, and any number of verbs but one. Malformed verbs count too."""
    verbs = [key for key in written if key in WRITTEN_VERBS]
    unknown = unknown_keys(written)
    for key in unknown:
        yield _unknown(place.at(key), key, written[key], a_verb=not verbs)
    if not verbs and not unknown:
        yield place.problem("has no verb", f"write one of {', '.join(WRITTEN_VERBS)}")
    for second in verbs[1:]:
        first = place.at(verbs[0]).line
        yield place.at(second).problem(
            f'a second verb "{second}": "{verbs[0]}" stands on line {first}', "write two properties"
        )


def unknown_keys(written: Map) -> list[str]:
    """The keys of a property that mean nothing."""
    return [key for key in written if key not in _OTHER_KEYS and key not in VERB_MODELS]


def _unknown(place: Place, key: str, value: object, a_verb: bool) -> Problem:
    """An unknown key, called a verb where that is the likely intention."""
    hint = near(key, (*_OTHER_KEYS, *WRITTEN_VERBS))
    meant_verb = bool(near(key, WRITTEN_VERBS)) and hint == near(key, WRITTEN_VERBS)
    if a_verb and (meant_verb or (not hint and isinstance(value, Map))):
        return place.problem(f'unknown verb "{key}"', hint or f"write one of {', '.join(WRITTEN_VERBS)}")
    return place.problem(f'unknown key "{key}"', hint)


def verb_of(written: Property) -> tuple[str, Verb] | None:
    """The property's verb as YAML spells it and its model; None unless there is exactly one."""
    found = [(name, getattr(written, field)) for name, field in VERB_FIELDS.items()]
    given: list[tuple[str, Verb]] = [(name, verb) for name, verb in found if verb is not None]
    return given[0] if len(given) == 1 else None


def check_verb(place: Place, verb: Model, scope: Scope) -> Iterator[Problem]:
    """What is wrong with the verb written at ``place``."""
    match verb:
        case Never() | Always() | Can() | CannotOverride():
            yield from _check_connections(place, verb, scope)
        case Only():
            yield from _check_only(place, verb, scope)
        case Isolate():
            yield from _check_isolate(place, verb, scope)
        case DefaultDeny():
            yield from scope.check_pods(place.at("for"), verb.for_)
            yield from _check_directions(place.at("directions"), verb.directions)
            yield from _check_exceptions(place.at("except"), verb.except_, scope)
        case Dns():
            yield from scope.check_pods(place.at("for"), verb.for_)
            if verb.servers is not None:
                yield from scope.check_pods(place.at("servers"), verb.servers)
        case NoNewAccess() | NoLostAccess() | Equivalent():
            yield from _check_change(place, verb, scope)
        case _:
            raise TypeError(type(verb))


def _check_connections(place: Place, verb: Never | Always | Can | CannotOverride, scope: Scope) -> Iterator[Problem]:
    yield from scope.check_sources(place.at("from"), verb.from_)
    yield from scope.check(place.at("to"), verb.to)
    yield from check_ports(place.at("ports"), verb.ports)
    if not scope.may_hold_pods(verb.from_) and not scope.may_hold_pods(verb.to):
        yield place.problem(_NO_POD, "let from or to be a group of pods")


def check_ports(place: Place, ports: Ports | None) -> Iterator[Problem]:
    """What is wrong with a list of ports. An empty one would mean no connection, hence prove anything."""
    if ports == []:
        yield place.problem("is an empty list, which no port is in", "remove the key to mean every port")
    for index, port in enumerate(ports or ()):
        try:
            parse_port(port)
        except NotationError as error:
            yield place.at(index).notation(error)


def _entries(side: Endpoints | list[OnlyEntry]) -> list[OnlyEntry] | None:
    """The entries of a side of ``only``; None for the protected side."""
    if isinstance(side, list):
        entries = [item for item in side if isinstance(item, OnlyEntry)]
        return entries or None
    return None


def _groups(side: Endpoints | list[OnlyEntry]) -> list[GroupRef]:
    """The groups of the protected side of ``only``."""
    items = side if isinstance(side, list) else [side]
    return [item for item in items if not isinstance(item, OnlyEntry)]


def _check_only(place: Place, only: Only, scope: Scope) -> Iterator[Problem]:
    sides = {"from": only.from_, "to": only.to}
    for name in [name for name, side in sides.items() if side == []]:
        yield place.at(name).problem(
            "is an empty list", "list the permitted peers: [{who: …}]; if there is none, use never"
        )
        return
    listed = [name for name, side in sides.items() if _entries(side)]
    if len(listed) != 1:
        what = "both sides list" if listed else "neither side lists"
        yield place.problem(f"{what} permitted peers", "write {to: GROUP, from: [{who: …, ports: […]}]}, or the mirror")
        return
    protected = "to" if listed[0] == "from" else "from"
    side, entries = sides[protected], _entries(sides[listed[0]]) or []
    where = place.at(protected)
    groups = _groups(side)
    check = {"to": scope.check, "from": scope.check_sources}
    yield from check[protected](where, groups if isinstance(side, list) else groups[0])
    for index, entry in enumerate(entries):
        at = place.at(listed[0], index)
        yield from check[listed[0]](at.at("who"), entry.who)
        yield from check_ports(at.at("ports"), entry.ports)
        if not scope.may_hold_pods(groups) and not scope.may_hold_pods(entry.who):
            yield at.problem(_NO_POD, "let who be a group of pods")


def _check_isolate(place: Place, isolate: Isolate, scope: Scope) -> Iterator[Problem]:
    groups = isolate.groups
    if groups is not None and isolate.by is not None:
        yield place.problem('has both "groups" and "by"', "keep one of them")
    if groups is None and isolate.by is None:
        yield place.problem('has neither "groups" nor "by"', "write {groups: [a, b]} or {by: {namespaceLabel: tenant}}")
    if groups is not None:
        yield from scope.check_pods(place.at("groups"), groups) if groups else ()
        if len(groups) < 2:
            yield place.at("groups").problem("needs at least two groups", "name the groups to keep apart")
        yield from _check_twice(place.at("groups"), [item for item in groups if isinstance(item, str)], groups)
    if isolate.by is not None:
        wrong = label_key_mistake(isolate.by.namespace_label)
        if wrong:
            yield place.at("by", "namespaceLabel").problem(wrong)
    yield from _check_exceptions(place.at("except"), isolate.except_, scope)


def _check_twice(place: Place, names: Iterable[str], items: Sequence[object]) -> Iterator[Problem]:
    """Names that stand in ``items`` more than once, at the later places."""
    for name in dict.fromkeys(names):
        for index in [index for index, item in enumerate(items) if item == name][1:]:
            yield place.at(index).problem(f'names "{name}" a second time', "remove it")


def _check_change(place: Place, verb: NoNewAccess | NoLostAccess | Equivalent, scope: Scope) -> Iterator[Problem]:
    if verb.scope is not None:
        yield from check_part(place.at("scope"), verb.scope, scope, "has no part, so it says nothing")
    yield from _check_exceptions(place.at("except"), verb.except_, scope)
    if isinstance(verb, Equivalent) and verb.rename is not None:
        yield from _check_rename(place.at("rename"), verb.rename)


def _check_rename(place: Place, rename: Rename) -> Iterator[Problem]:
    """Renaming must not make two things one."""
    tables = {("namespaces",): rename.namespaces, **{("labels", key): values for key, values in rename.labels.items()}}
    for steps, table in tables.items():
        for twice in sorted({new for new in table.values() if list(table.values()).count(new) > 1}):
            yield place.at(*steps).problem(f'gives two names the one name "{twice}"', "rename each to its own")
    if not rename.namespaces and not rename.labels:
        yield place.problem("renames nothing", "write namespaces: {OLD: NEW} or labels: {KEY: {OLD: NEW}}")


def _check_directions(place: Place, directions: Sequence[str] | None) -> Iterator[Problem]:
    if directions is None:
        return
    if not directions:
        yield place.problem("is an empty list", "write [ingress], [egress], or remove the key to mean both")
    yield from _check_twice(place, directions, directions)


def _check_exceptions(place: Place, exceptions: list[Exception_] | None, scope: Scope) -> Iterator[Problem]:
    for index, item in enumerate(exceptions or ()):
        yield from check_part(place.at(index), item, scope, "excepts every connection")


def check_part(place: Place, item: Exception_, scope: Scope, nothing: str) -> Iterator[Problem]:
    """What is wrong with a mapping of from, to and ports; ``nothing`` says what is wrong with an empty one."""
    if item.from_ is None and item.to is None and item.ports is None:
        yield place.problem(nothing, "write from, to or ports")
    if item.from_ is not None:
        yield from scope.check_sources(place.at("from"), item.from_)
    if item.to is not None:
        yield from scope.check(place.at("to"), item.to)
    yield from check_ports(place.at("ports"), item.ports)
    given = [end for end in (item.from_, item.to) if end is not None]
    if len(given) == 2 and not any(map(scope.may_hold_pods, given)):
        yield place.problem(_NO_POD, "let from or to be a group of pods")
