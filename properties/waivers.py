"""Waivers: traffic that a property lets be for a time. Read from a suite or a file of their own, and checked.

Trusts the models of ``suite`` for the shape and ``group_checks`` for groups. Whether a waiver is still in force is not
decided here: nothing in this room knows what day it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..encodings.problems import InputErrors, Problem, did_you_mean
from ..encodings.written import Map, Seq
from .files import read_mapping, relative
from .group_checks import Scope
from .includes import without
from .places import Place
from .property_checks import check_part
from .shapes import describe, shaped
from .suite import Exception_, Waiver, WaiverFile

_FORM = "write the last day as YYYY-MM-DD, such as 2026-12-31"
_NO_CAN = "a waiver leaves traffic out of a property, and a `can` asks for one connection that is allowed"


@dataclass(frozen=True, slots=True)
class LoadedWaiver:
    """A waiver ready to be used: ``expires`` is its last day; ``line`` that of the property it names."""

    property: str
    allow: tuple[Exception_, ...]
    reason: str
    owner: str
    expires: date
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class WrittenWaiver:
    """A waiver of the right shape, and where it stands."""

    waiver: Waiver
    place: Place


def parse_day(text: str) -> date | None:
    """The day that ``YYYY-MM-DD`` names; None for another form, and for a day that no calendar has."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_waivers(path: str) -> list[WrittenWaiver]:
    """The waivers of a file of its own. Raises InputErrors with every problem with their shape."""
    root = read_mapping(relative(path), "a file of waivers")
    _, problems = shaped(WaiverFile, _with_list(without(root.document, {"waivers"})), root)
    found: list[WrittenWaiver] = []
    if "waivers" in root.document:
        found, more = waivers_at(root.at("waivers"), root.document["waivers"])
        problems += more
    else:
        problems.append(root.problem('the key "waivers" is missing'))
    if problems:
        raise InputErrors(problems)
    return found


def _with_list(document: Map) -> Map:
    """The document with an empty list of waivers in place of its own, whose items are looked at one by one."""
    document["waivers"], document.lines["waivers"] = Seq(document.line), document.line
    return document


def waivers_at(place: Place, items: object) -> tuple[list[WrittenWaiver], list[Problem]]:
    """The waivers of the list at ``place``, and what is wrong with their shapes and their dates."""
    if not isinstance(items, Seq):
        wrong = "has no value" if items is None else f"expected a list of waivers, got {describe(items)}"
        return [], [place.problem(wrong, "begin each waiver with -")]
    found: list[WrittenWaiver] = []
    problems: list[Problem] = []
    for index, item in enumerate(items):
        at = place.at(index)
        waiver, wrong = shaped(Waiver, item, at)
        problems += wrong
        if waiver is not None:
            problems += _check_texts(at, waiver)
            found.append(WrittenWaiver(waiver, at))
    return found, problems


def _check_texts(place: Place, waiver: Waiver) -> Iterator[Problem]:
    if parse_day(waiver.expires) is None:
        yield place.at("expires").problem(f'"{waiver.expires}" is no day', _FORM)
    for key, text in (("reason", waiver.reason), ("owner", waiver.owner)):
        if not text.strip():
            yield place.at(key).problem("says nothing", "a waiver needs a reason and somebody who answers for it")


def _parts(waiver: Waiver) -> tuple[Exception_, ...]:
    return tuple(waiver.allow) if isinstance(waiver.allow, list) else (waiver.allow,)


def check_waiver(written: WrittenWaiver, verb: str, scope: Scope) -> Iterator[Problem]:
    """What is wrong with a waiver of a property with this verb, whose groups are those of ``scope``."""
    place, waiver = written.place, written.waiver
    if verb == "can":
        yield place.at("property").problem(f'"{waiver.property}" is a `can`, which nothing can be left out of', _NO_CAN)
        return
    listed = isinstance(waiver.allow, list)
    if listed and not waiver.allow:
        yield place.at("allow").problem("is an empty list, which allows nothing", "write {from, to, ports}")
    for index, part in enumerate(_parts(waiver)):
        at = place.at("allow", index) if listed else place.at("allow")
        yield from check_part(at, part, scope, "would allow everything: that is no carve-out")


def loaded_waiver(written: WrittenWaiver) -> LoadedWaiver:
    """The waiver, which has been checked."""
    waiver, place = written.waiver, written.place
    expires = parse_day(waiver.expires)
    if expires is None:
        raise ValueError(waiver.expires)
    line = place.at("property").line
    return LoadedWaiver(waiver.property, _parts(waiver), waiver.reason, waiver.owner, expires, place.file, line)


def unknown_properties(
    written: Sequence[WrittenWaiver], known: Mapping[str, object] | Sequence[str]
) -> Iterator[Problem]:
    """A waiver for a property that nobody wrote waives nothing, which its author would not notice."""
    for each in written:
        name = each.waiver.property
        if name not in known:
            ids = sorted(known)
            hint = did_you_mean(name, ids) or f"known: {', '.join(ids) or 'none'}"
            yield each.place.at("property").problem(f'no property has the id "{name}"', hint)
