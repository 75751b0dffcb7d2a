"""Suites from files: read, checked, with defaults applied. Every mistake is reported, with file and line.

Trusts ``encodings/reading`` for the YAML and the models of ``suite`` for the shape; what they leave open is
checked by the ``*_checks`` modules beside this one. Manifests are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..encodings.problems import InputErrors, Notice, Problem, did_you_mean
from ..encodings.reading.entries import Entry
from ..encodings.written import Map, Seq
from .files import read_mapping, relative
from .group_checks import Scope
from .includes import GroupReader, without
from .manifests import entries_at
from .overrides import Overrides, merged_semantics, merged_world
from .places import Place
from .property_checks import VERB_FIELDS, VERB_MODELS, check_keys, check_verb, unknown_keys, verb_of
from .shapes import describe, shaped
from .suite import Exception_, Group, Property, PropertySuite, Semantics, Sources, World
from .waivers import (
    LoadedWaiver,
    WrittenWaiver,
    check_waiver,
    loaded_waiver,
    read_waivers,
    unknown_properties,
    waivers_at,
)
from .world_checks import check_world


@dataclass(frozen=True, slots=True)
class LoadedProperty:
    """One property, ready to be asked: ``verb`` as YAML spells it, ``line`` that of its id, all merged.

    In ``world`` and ``semantics`` every key has a value. ``groups`` are all named groups of the suite. ``base`` and
    ``head`` are what a property over changes compares, ``head`` empty where that is the suite's own manifests.
    ``waivers`` are all that name it; ``carved`` is traffic that is left out of it, as an ``except`` would leave it out.
    """

    written: Property
    verb: str
    file: str
    line: int
    severity: str
    owner: str | None
    tags: tuple[str, ...]
    world: World
    semantics: Semantics
    groups: Mapping[str, Group]
    base: tuple[Entry, ...] = ()
    head: tuple[Entry, ...] = ()
    waivers: tuple[LoadedWaiver, ...] = ()
    carved: tuple[Exception_, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedSuite:
    """One suite; ``manifests`` are its sources, paths from the working directory; ``semantics`` holds for reading them.

    ``unselected`` properties are not asked, but what they mention counts: a counterexample must not depend on them.
    """

    file: str
    properties: tuple[LoadedProperty, ...]
    manifests: tuple[Entry, ...]
    semantics: Semantics
    notices: tuple[Notice, ...] = ()
    unselected: tuple[LoadedProperty, ...] = ()


_NO_OVERRIDES = Overrides()


def load_suite(
    path: str, *, overrides: Overrides = _NO_OVERRIDES, waivers: Sequence[WrittenWaiver] = ()
) -> LoadedSuite:
    """The suite in the file ``path``. Raises InputErrors with every mistake in it and its includes.

    ``waivers``: of other files, of which those that name a property of this suite join its own. One restriction: of a
    group or a verb that lacks the right shape (unknown keys, wrong types) only that is said.
    """
    file = relative(path)
    root = read_mapping(file)
    return _Loader(root, overrides, waivers).load()


def load_suites(
    paths: Sequence[str], *, overrides: Overrides = _NO_OVERRIDES, waivers: Sequence[str] = ()
) -> tuple[LoadedSuite, ...]:
    """Several suites, with files of ``waivers``. Raises InputErrors as ``load_suite``, also for an id that two of them
    use, and for a waiver of a property that none of them has."""
    suites, written, problems = list[LoadedSuite](), list[WrittenWaiver](), list[Problem]()
    for path in waivers:
        try:
            written += read_waivers(path)
        except InputErrors as error:
            problems += error.problems
    for path in paths:
        try:
            suites.append(load_suite(path, overrides=overrides, waivers=written))
        except InputErrors as error:
            problems += error.problems
    if len(suites) == len(paths):  # else a property may be in one that cannot be read
        problems += unknown_properties(written, [each.written.id for suite in suites for each in suite.properties])
    first: dict[str, LoadedProperty] = {}
    for loaded in [each for suite in suites for each in suite.properties]:
        name = loaded.written.id
        if name in first:
            other = first[name]
            message = f'the id "{name}" is used in {other.file} on line {other.line} already'
            problems.append(Problem(loaded.file, loaded.line, "", message, "ids are unique over all suites of a run"))
        first.setdefault(name, loaded)
    if problems:
        raise InputErrors(problems)
    return tuple(suites)


def select(suites: Iterable[LoadedSuite], only: Sequence[str]) -> tuple[LoadedSuite, ...]:
    """The suites with those properties that one of ``only`` names (``ID`` or ``tag=TAG``), all if empty.

    A suite stays even if no property of it does. Raises InputErrors for an id or tag that no property has.
    """
    suites = tuple(suites)
    properties = [each for suite in suites for each in suite.properties]
    ids = {each.written.id for each in properties}
    tags = {tag for each in properties for tag in each.tags}
    problems: list[Problem] = []
    for wanted in only:
        kind, name, known = _wanted(wanted, ids, tags)
        if name not in known:
            hint = did_you_mean(name, sorted(known)) or f"known: {', '.join(sorted(known)) or 'none'}"
            problems.append(Problem("--only", 0, "", f'no property has the {kind} "{name}"', hint))
    if problems:
        raise InputErrors(problems)
    if not only:
        return suites
    return tuple(_selected(suite, set(only)) for suite in suites)


def _selected(suite: LoadedSuite, chosen: set[str]) -> LoadedSuite:
    ids = {
        each.written.id
        for each in suite.properties
        if each.written.id in chosen or any(f"tag={tag}" in chosen for tag in each.tags)
    }
    return replace(
        suite,
        properties=tuple(each for each in suite.properties if each.written.id in ids),
        unselected=tuple(each for each in suite.properties if each.written.id not in ids),
    )


def _wanted(text: str, ids: set[str], tags: set[str]) -> tuple[str, str, set[str]]:
    prefix, equals, name = text.partition("=")
    return ("tag", name, tags) if equals and prefix == "tag" else ("id", text, ids)


class _Loader:
    """Loads one suite: collects problems, gives a result only if there are none."""

    def __init__(self, root: Place, overrides: Overrides, waivers: Sequence[WrittenWaiver]) -> None:
        self.root = root
        self.overrides = overrides
        self.waivers = waivers
        self.problems: list[Problem] = []

    def load(self) -> LoadedSuite:
        """The suite. Raises InputErrors."""
        head = self._head()
        reader = GroupReader()
        reader.visit(self.root)
        self.problems += reader.problems
        loaded = [
            each
            for index, item in enumerate(self._items())
            if (each := self._property(self.root.at("properties", index), item, head, reader)) is not None
        ]
        loaded = self._waived(loaded, reader)
        manifests, problems = entries_at(self.root.at("manifests"), head.manifests)
        self.problems += problems
        if self.problems:
            raise InputErrors(self.problems)
        return LoadedSuite(
            self.root.file,
            tuple(loaded),
            manifests,
            merged_semantics(head.semantics, self.overrides.semantics),
        )

    def _waived(self, loaded: Sequence[LoadedProperty], reader: GroupReader) -> list[LoadedProperty]:
        """The properties with their waivers: the suite's own, then those of other files."""
        own: list[WrittenWaiver] = []
        if "waivers" in self.root.document:
            own, problems = waivers_at(self.root.at("waivers"), self.root.document["waivers"])
            self.problems += problems
            ids = [item.get("id") for item in self._listed() if isinstance(item, Map)]
            self.problems += unknown_properties(own, [name for name in ids if isinstance(name, str)])
        result: list[LoadedProperty] = []
        for each in loaded:
            mine = [waiver for waiver in (*own, *self.waivers) if waiver.waiver.property == each.written.id]
            for waiver in mine:
                self.problems += check_waiver(waiver, each.verb, Scope(reader.groups, each.world))
            result.append(each if self.problems else replace(each, waivers=tuple(map(loaded_waiver, mine))))
        return result

    def _head(self) -> PropertySuite:
        """The suite without its groups, properties and waivers; an empty one to go on with if its shape is wrong."""
        document = without(self.root.document, {"groups", "properties", "world", "waivers"})
        head, problems = shaped(PropertySuite, document, self.root)
        self.problems += problems
        head = head or PropertySuite(api_version="netpol-verify/v1", kind="PropertySuite")
        if "world" in self.root.document:
            place = self.root.at("world")
            world, problems = shaped(World, self.root.document["world"], place)
            self.problems += problems
            if world is not None:
                self.problems += check_world(place, world)
                head = head.model_copy(update={"world": world})
        return head

    def _items(self) -> Sequence[object]:
        """What stands under ``properties``, with a problem unless it is a list of some."""
        place, items = self.root.at("properties"), self.root.document.get("properties")
        if isinstance(items, Seq) and items:
            self._check_ids(place, items)
            return items
        if items is None or isinstance(items, Seq):
            self.problems.append(place.problem("the suite has no property", "add one under properties:"))
        else:
            self.problems.append(place.problem(f"expected a list, got {describe(items)}", "begin each property with -"))
        return ()

    def _listed(self) -> Sequence[object]:
        """What stands under ``properties``, if it is a list."""
        items = self.root.document.get("properties")
        return items if isinstance(items, Seq) else ()

    def _check_ids(self, place: Place, items: Seq) -> None:
        first: dict[str, int] = {}
        for index, item in enumerate(items):
            name = item.get("id") if isinstance(item, Map) else None
            if isinstance(name, str):
                where = place.at(index, "id")
                if name in first:
                    message = f'the id "{name}" is used on line {first[name]} already'
                    self.problems.append(where.problem(message, "rename one of the two properties"))
                first.setdefault(name, where.line)

    def _property(self, place: Place, item: object, head: PropertySuite, reader: GroupReader) -> LoadedProperty | None:
        if not isinstance(item, Map):
            self.problems += shaped(Property, item, place)[1]
            return None
        self.problems += check_keys(place, item)
        verbs = [key for key in item if key in VERB_MODELS]
        frame, problems = shaped(Property, without(item, {*verbs, *unknown_keys(item)}), place)
        self.problems += problems
        world = merged_world(head.world, frame.world if frame else None, self.overrides.world)
        found: dict[str, object] = {}
        for key in verbs:
            verb, problems = shaped(VERB_MODELS[key], item[key], place.at(key))
            self.problems += problems
            if verb is not None:
                self.problems += check_verb(place.at(key), verb, Scope(reader.groups, world))
                found[VERB_FIELDS[key]] = verb
        if frame is None:
            return None
        self._check_frame(place, frame)
        written = frame.model_copy(update=found)
        if verb_of(written) is None:
            return None
        return self._loaded(place, written, head, world, reader)

    def _check_frame(self, place: Place, frame: Property) -> None:
        if frame.world is not None:
            self.problems += check_world(place.at("world"), frame.world)
        if frame.semantics is not None and frame.semantics.duplicate_objects is not None:
            where = place.at("semantics", "duplicateObjects")
            self.problems.append(
                where.problem("is decided once for all properties", "move it to the suite's semantics")
            )

    def _loaded(
        self, place: Place, written: Property, head: PropertySuite, world: World, reader: GroupReader
    ) -> LoadedProperty | None:
        verb = verb_of(written)
        if verb is None:
            return None
        given, defaults = written.model_fields_set, head.defaults
        base, changed = self._compared(place, written)
        return LoadedProperty(
            written=written,
            verb=verb[0],
            file=place.file,
            line=place.at("id").line,
            severity=written.severity or defaults.severity,
            owner=written.owner if written.owner is not None else defaults.owner,
            tags=tuple(written.tags if "tags" in given else defaults.tags),
            world=world,
            semantics=merged_semantics(head.semantics, written.semantics, self.overrides.semantics),
            groups={name: named.group for name, named in reader.groups.items() if named.group is not None},
            base=base,
            head=changed,
        )

    def _compared(self, place: Place, written: Property) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        """The manifests that a property over changes compares; the second empty where they are the suite's own."""
        if written.equivalent is not None:
            at = place.at("equivalent")
            return self._sources(at.at("left"), written.equivalent.left), self._sources(
                at.at("right"), written.equivalent.right
            )
        change = written.no_new_access or written.no_lost_access
        if change is None:
            return (), ()
        name = "noNewAccess" if written.no_new_access is not None else "noLostAccess"
        return self._sources(place.at(name, "base"), change.base), ()

    def _sources(self, place: Place, written: Sources) -> tuple[Entry, ...]:
        """Manifests named in a property, as ``manifests`` names them."""
        items = written if isinstance(written, list) else [written]
        entries, problems = entries_at(place, items, listed=isinstance(written, list))
        if not items:
            problems = [place.problem("names no manifests", "write a path, or git:REF:PATH")]
        self.problems += problems
        return entries
